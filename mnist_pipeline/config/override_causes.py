"""Which --set causes an error or warning that the file alone does not have."""

import functools
from collections.abc import Sequence
from pathlib import Path

from mnist_pipeline.config import presets
from mnist_pipeline.config.validate import validate
from mnist_pipeline.config.yaml.document import SET, Diagnostic, Document
from mnist_pipeline.config.yaml.overrides import location_of, override_all


def locate_causes(
    diagnostics: list[Diagnostic], original: Document, overrides: Sequence[str], file: Path
) -> list[Diagnostic]:
    """`diagnostics`; those that an override causes are located at that override.

    `original` is the document of `file` without `overrides`.
    """

    @functools.cache
    def with_first(count: int) -> frozenset[Diagnostic]:
        """Diagnostics of the document with only the first `count` overrides."""
        return frozenset(validate(override_all(original, overrides[:count])[0])[1])

    def at_its_override(diagnostic: Diagnostic) -> Diagnostic:
        if diagnostic.location.is_set or diagnostic in with_first(0):
            return diagnostic
        number = next(n for n in range(len(overrides), 0, -1) if diagnostic not in with_first(n - 1))
        message = _with_key(diagnostic, override_all(original, overrides)[0], file)
        return Diagnostic(location_of(overrides[number - 1], number), message, diagnostic.level)

    return [at_its_override(each) for each in diagnostics] if overrides else diagnostics


def _with_key(diagnostic: Diagnostic, document: Document, file: Path) -> str:
    """The message, and how to set the value that no longer fits too."""
    key = document.key_at(diagnostic.location)
    if not key:
        return diagnostic.message
    where = f"line {diagnostic.location.line} of {presets.display_name(file)}"
    return f"{diagnostic.message.rstrip('.')}. To change that as well ({where}): {SET} {key}=…"
