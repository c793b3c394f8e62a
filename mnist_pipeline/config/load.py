"""A file or preset, and overrides -> a config that is known to be sound, or everything that is wrong with it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from mnist_pipeline.config import presets
from mnist_pipeline.config.document import Document, Path, Problem
from mnist_pipeline.config.overrides import override
from mnist_pipeline.config.rules import findings
from mnist_pipeline.config.schema import Config, section_keys
from mnist_pipeline.config.source import read
from mnist_pipeline.config.wording import TAGS, likely, without_echoes, word
from mnist_pipeline.errors import ConfigError


@dataclass(frozen=True)
class LoadedConfig:
    """A sound config, its name, what is unwise in it, and where each part of it was written."""

    name: str
    config: Config
    warnings: list[Problem]
    document: Document

    def with_data(self, source: str) -> "LoadedConfig":
        """The same with `source` in the place of its dataset."""
        data = self.config.data.model_copy(update={"dataset": source})
        return replace(self, config=self.config.model_copy(update={"data": data}))

    def problem(self, path: Path, message: str) -> Problem:
        """`message`, about what was written at `path`."""
        return Problem(self.document.place(path), message)


def load(file_or_preset: str, overrides: Sequence[str] = ()) -> LoadedConfig:
    """The config in a file, or of a preset, with `overrides` (KEY=VALUE) set in it.

    Raises ConfigError that lists everything that is wrong.
    """
    file = _find(file_or_preset)
    document = read(file)
    _require_mapping(document, str(file))
    refused: list[str] = []
    for number, assignment in enumerate(overrides, 1):
        try:
            override(document, assignment, number)
        except ConfigError as error:
            refused.append(str(error))
    config, errors, warnings = check(document)
    if config is None or errors or refused:
        found = [*map(str, errors), *refused]
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        raise ConfigError("\n".join([*found, f"{count} in {file}; nothing was started."]))
    return LoadedConfig(file.stem, config, warnings, document)


def check(document: Document) -> tuple[Config | None, list[Problem], list[Problem]]:
    """The config in `document` (None if it has no sound shape), its errors and its warnings, in the order of lines."""
    try:
        config, faults = Config.model_validate(document.data), []
    except ValidationError as error:
        config, faults = None, [*_worded(error, document)]
    sound = {name: getattr(config, name) for name in Config.model_fields} if config else _sound_sections(document.data)
    found = findings(sound)
    places = {level: [f for f in found if f.level == level] for level in ("error", "warning")}
    errors = document.problems + faults + [Problem(document.place(f.path), f.message) for f in places["error"]]
    warnings = [Problem(document.place(f.path), f"warning: {f.message}") for f in places["warning"]]
    return config, sorted(errors, key=_order), sorted(warnings, key=_order)


def _order(problem: Problem) -> tuple[bool, int, int]:
    return (problem.place.source == "--set", problem.place.line, problem.place.column)


def _find(file_or_preset: str) -> FilePath:
    file = FilePath(file_or_preset)
    if os.path.isfile(file):  # noqa: PTH113, pathlib's raises for a name that is too long
        return file
    names = presets.names()
    if file_or_preset in names:
        return presets.folder() / f"{file_or_preset}.yaml"
    if os.path.isdir(file):  # noqa: PTH112
        raise ConfigError(f"{file}: this is a folder. Name a YAML file in it")
    meant = likely(file_or_preset, names)
    rest = f"Did you mean the preset '{meant}'? " if meant else ""
    raise ConfigError(f"{file_or_preset}: there is no such file or preset. {rest}Presets: {', '.join(names)}")


def _require_mapping(document: Document, name: str) -> None:
    if document.data is None:
        raise ConfigError(f"{name}: this file is empty. A config has at least a model and a loss; see configs/")
    if not isinstance(document.data, dict):
        problem = Problem(document.place(()), "expected sections such as model: and loss: at the top of a config")
        raise ConfigError(str(problem))


def _worded(error: ValidationError, document: Document) -> Iterator[Problem]:
    details = [each for each in error.errors() if each["type"] != "default_factory_not_called"]
    for each in without_echoes(details, section_keys):
        above = each["loc"][:-1]
        owner = ".".join(str(part) for part in above if part not in TAGS) or "a config"
        known = section_keys(above)
        place = document.place(each["loc"], key=each["type"] in ("extra_forbidden", "unknown_key"))
        yield Problem(place, word(each, owner, known))


def _sound_sections(data: dict[str, Any]) -> dict[str, Any]:
    """The sections that are sound on their own, by name; those left out have their defaults."""
    sound: dict[str, Any] = {}
    for name, field in Config.model_fields.items():
        if name in data:
            value = data[name]
        elif field.is_required():
            continue
        else:
            value = field.get_default(call_default_factory=True, validated_data=sound)
        sound_type: Any = Annotated[field.annotation, *field.metadata, name]
        with suppress(ValidationError):
            sound[name] = TypeAdapter(sound_type).validate_python(value)
    return sound
