"""What Pillow says of a file that it cannot read, in words that help."""

import re

from PIL import UnidentifiedImageError

# Pillow's own texts, C libraries' and Python's -> what is wrong. Whatever is not among them comes of damage.
REASONS = (
    (r"truncat|not enough|but only got", "the file ends before the picture does. Copy or download it again"),
    (
        r"not supported|unsupported|not implemented|unknown",
        "this variant of its format is not supported. Save it as PNG",
    ),
    (r"", "the file is damaged. Copy or download it again"),
)


def in_words(error: Exception) -> str:
    """Why a file could not be opened or decoded."""
    if isinstance(error, UnidentifiedImageError):
        return "this is not a picture that can be read (PNG, JPEG and the like)"
    reason = next(reason for pattern, reason in REASONS if re.search(pattern, str(error), re.IGNORECASE))
    return f"cannot read this picture: {reason}"
