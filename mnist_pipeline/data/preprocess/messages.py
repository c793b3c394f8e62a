"""Pillow's errors in words that help."""

import re

from PIL import UnidentifiedImageError

# Texts of Pillow, C libraries and Python -> what is wrong. Anything else means a damaged file.
REASONS = (
    (r"truncat|not enough|but only got", "the file ends before the image does. Copy or download it again"),
    (
        r"not supported|unsupported|not implemented|unknown",
        "this variant of its format is not supported. Save it as PNG",
    ),
    (r"", "the file is damaged. Copy or download it again"),
)


def explain(error: Exception) -> str:
    """Why a file could not be opened or decoded."""
    if isinstance(error, UnidentifiedImageError):
        return "this is not an image that can be read (PNG, JPEG and the like)"
    reason = next(reason for pattern, reason in REASONS if re.search(pattern, str(error), re.IGNORECASE))
    return f"cannot read this image: {reason}"
