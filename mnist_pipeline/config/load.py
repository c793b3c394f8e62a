"""Load a config: read the YAML, apply --set, validate every key, lint the whole."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mnist_pipeline.config import presets
from mnist_pipeline.config.messages import MAX_DIAGNOSTICS
from mnist_pipeline.config.override_causes import locate_causes
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.validate import validate
from mnist_pipeline.config.yaml.document import SET, Diagnostic, Document, KeyPath, in_order
from mnist_pipeline.config.yaml.overrides import override_all
from mnist_pipeline.config.yaml.reader import parse, read
from mnist_pipeline.errors import ConfigError, DiagnosticsError


@dataclass(frozen=True)
class LoadedConfig:
    """A valid config with its name, its warnings, and the location of each part."""

    name: str
    config: Config
    warnings: list[Diagnostic]
    document: Document

    def with_data(self, source: str) -> "LoadedConfig":
        """The same config on another dataset."""
        data = self.config.data.model_copy(update={"dataset": source})
        return replace(self, config=self.config.model_copy(update={"data": data}))

    def diagnostic(self, path: KeyPath, message: str) -> Diagnostic:
        """`message` at the location of `path`."""
        return Diagnostic(self.document.locate(path), message)


def load(file_or_preset: str, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Config of a YAML file or preset, with `overrides` (KEY=VALUE) applied.

    Raises ConfigError, whose message has every error with its location; of very many the first 20 and their number.
    """
    file = _find(file_or_preset)
    return _load(read(file), file, overrides)


def load_text(text: str, name: str, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Config in YAML `text`, called `name` in messages. Raises ConfigError as `load`."""
    return _load(parse(text, name), Path(name), overrides)


def _load(original: Document, file: Path, overrides: Sequence[str]) -> LoadedConfig:
    _require_sections(original, file)
    document, rejected = override_all(original, overrides)
    config, diagnostics = validate(document)

    errors = [each for each in diagnostics if each.level == "error"]
    warnings = [each for each in diagnostics if each.level == "warning"]
    count = len(errors) + len(rejected)
    errors = in_order(locate_causes(errors[:MAX_DIAGNOSTICS], original, overrides, file))
    if config is None or count:
        raise DiagnosticsError(_error_message(errors, rejected, count, file))
    return LoadedConfig(file.stem, config, in_order(locate_causes(warnings, original, overrides, file)), document)


def _find(file_or_preset: str) -> Path:
    """Path of the file, or of the preset. Raises ConfigError."""
    file = Path(file_or_preset)
    if os.path.isfile(file):  # noqa: PTH113, pathlib raises if the name is too long
        return file
    if file_or_preset in presets.names():
        return presets.find(file_or_preset)
    if os.path.isdir(file):  # noqa: PTH112
        raise ConfigError(f"{file}: expected a YAML file, received a folder. Name a file in it")
    raise ConfigError(f"{file_or_preset}: no such file or preset. {presets.suggestion(file_or_preset)}")


def _require_sections(document: Document, file: Path) -> None:
    """Raise ConfigError if the document is no mapping."""
    if document.data is None:
        advice = "A config needs at least 'model' and 'loss'. To write one to start from: mnist new FILE"
        raise ConfigError(f"{file}: the file is empty. {advice}")
    if not isinstance(document.data, dict):
        message = "expected sections such as 'model:' and 'loss:' at the top level. See docs/config.md"
        raise DiagnosticsError(str(Diagnostic(document.locate(()), message)))


def _error_message(errors: list[Diagnostic], rejected: list[str], count: int, file: Path) -> str:
    """The errors, how many more there are, and a line with the total."""
    messages = [*map(str, errors), *rejected]
    if count > len(messages):
        messages.append(f"and {count - len(messages):,} more")
    in_file = any(not error.location.is_set for error in errors)
    total = "1 error" if count == 1 else f"{count:,} errors"
    return "\n".join([*messages, f"{total} in {presets.display_name(file) if in_file else SET}; nothing was started."])
