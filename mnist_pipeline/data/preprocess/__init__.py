"""Anyone's picture -> 28 x 28 pixels: which files, their brightness, and how it is fitted."""
