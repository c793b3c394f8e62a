"""A file or preset, and overrides -> a config that is known to be sound, or everything that is wrong with it."""

import functools
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from mnist_pipeline.config import misplaced_keys, presets
from mnist_pipeline.config.lint.rules import lint
from mnist_pipeline.config.messages import MAX_DIAGNOSTICS, TAGS, drop_implied_errors, format_error
from mnist_pipeline.config.schema import Config, section_keys
from mnist_pipeline.config.suggestions import suggest
from mnist_pipeline.config.yaml.document import Diagnostic, Document, KeyPath
from mnist_pipeline.config.yaml.overrides import NAME, location, override
from mnist_pipeline.config.yaml.reader import read
from mnist_pipeline.errors import ConfigError, PlacedError
from mnist_pipeline.terminal import in_one_line


@dataclass(frozen=True)
class LoadedConfig:
    """A sound config, its name, what is unwise in it, and where each part of it was written."""

    name: str
    config: Config
    warnings: list[Diagnostic]
    document: Document

    def with_data(self, source: str) -> "LoadedConfig":
        """The same with `source` in the place of its dataset."""
        data = self.config.data.model_copy(update={"dataset": source})
        return replace(self, config=self.config.model_copy(update={"data": data}))

    def diagnostic(self, path: KeyPath, message: str) -> Diagnostic:
        """`message`, about what was written at `path`."""
        return Diagnostic(self.document.locate(path), message)


def load(file_or_preset: str, overrides: Sequence[str] = ()) -> LoadedConfig:
    """The config in a file, or of a preset, with `overrides` (KEY=VALUE) set in it.

    Raises ConfigError that lists what is wrong: everything, or the first of very many and how many there are more.
    """
    file = _find(file_or_preset)
    unset = read(file)
    _require_mapping(unset, str(file))
    document, refused = _overridden(unset, overrides)
    config, errors, warnings = check(document)
    count = len(errors) + len(refused)
    errors, warnings = _traced(errors[:MAX_DIAGNOSTICS], warnings, file, unset, overrides)
    if config is None or errors or refused:
        found = [*map(str, errors), *refused]
        found += [f"and {count - len(found):,} more"] if count > len(found) else []
        own = any(problem.location.source != NAME for problem in errors)
        problems = "1 problem" if count == 1 else f"{count:,} problems"
        raise PlacedError("\n".join([*found, f"{problems} in {_shown(file) if own else NAME}; nothing was started."]))
    return LoadedConfig(file.stem, config, warnings, document)


def _overridden(unset: Document, overrides: Sequence[str]) -> tuple[Document, list[str]]:
    """`unset` with `overrides` in it, and what was refused of them."""
    document, refused = unset.copy(), []
    for number, assignment in enumerate(overrides, 1):
        try:
            override(document, assignment, number)
        except ConfigError as error:
            refused.append(str(error))
    return document, refused


def _traced(
    errors: list[Diagnostic], warnings: list[Diagnostic], file: FilePath, unset: Document, overrides: Sequence[str]
) -> list[list[Diagnostic]]:
    """Both; a problem in `file` that there is only since an override stands at that override."""

    @functools.cache
    def before(number: int) -> frozenset[Diagnostic]:
        """The problems that there are with as many overrides."""
        _, *found = check(_overridden(unset, overrides[:number])[0])
        return frozenset(chain(*found))

    def traced(problem: Diagnostic) -> Diagnostic:
        if problem.location.source == NAME or problem in before(0):
            return problem
        cause = next(number for number in range(len(overrides), 0, -1) if problem not in before(number - 1))
        return _at_override(problem, document, file, overrides, cause)

    if not overrides:
        return [errors, warnings]
    document, _ = _overridden(unset, overrides)
    return [sorted(map(traced, problems), key=_order) for problems in (errors, warnings)]


def _at_override(
    problem: Diagnostic, document: Document, file: FilePath, overrides: Sequence[str], number: int
) -> Diagnostic:
    key, where = document.key_at(problem.location), f"line {problem.location.line} of {_shown(file)}"
    rest = f". To change that too ({where}): {NAME} {key}=…" if key else ""
    return Diagnostic(location(overrides[number - 1], number), problem.message.rstrip(".") + rest)


def _shown(file: FilePath) -> str:
    """How a message calls `file`: a preset by its name, as it lies inside this package."""
    return f"the preset {file.stem}" if file.parent == presets.folder() else in_one_line(str(file))


def check(document: Document) -> tuple[Config | None, list[Diagnostic], list[Diagnostic]]:
    """The config in `document` (None if it has no sound shape), its errors and its warnings, in the order of lines."""
    try:
        config, faults = Config.model_validate(document.data), []
    except ValidationError as error:
        config, faults = None, [*_found(error, document)]
    sound = {name: getattr(config, name) for name in Config.model_fields} if config else _sound_sections(document.data)
    broken = {problem.location for problem in document.diagnostics} - {document.locate(())}
    unread = {path[0] for path, place in document.values.items() if broken and path and place in broken}
    faults = [problem for problem in faults if problem.location not in broken]
    found = lint({name: section for name, section in sound.items() if name not in unread})
    places = {level: [f for f in found if f.level == level] for level in ("error", "warning")}
    errors = document.diagnostics + faults + [Diagnostic(document.locate(f.path), f.message) for f in places["error"]]
    warnings = [Diagnostic(document.locate(f.path), f"warning: {f.message}") for f in places["warning"]]
    return config, sorted(errors, key=_order), sorted(warnings, key=_order)


def _order(problem: Diagnostic) -> tuple[bool, int, int]:
    return (problem.location.source == NAME, problem.location.line, problem.location.column)


def _find(file_or_preset: str) -> FilePath:
    file = FilePath(file_or_preset)
    if os.path.isfile(file):  # noqa: PTH113, pathlib's raises for a name that is too long
        return file
    names = presets.names()
    if file_or_preset in names:
        return presets.folder() / f"{file_or_preset}.yaml"
    if os.path.isdir(file):  # noqa: PTH112
        raise ConfigError(f"{file}: this is a folder. Name a YAML file in it")
    meant = suggest(file_or_preset, names)
    rest = f"Did you mean the preset '{meant}'? " if meant else ""
    raise ConfigError(f"{file_or_preset}: there is no such file or preset. {rest}Presets: {', '.join(names)}")


def _require_mapping(document: Document, name: str) -> None:
    if document.data is None:
        raise ConfigError(f"{name}: this file is empty. A config has at least a model and a loss; see configs/")
    if not isinstance(document.data, dict):
        problem = Diagnostic(document.locate(()), "expected sections such as model: and loss: at the top of a config")
        raise PlacedError(str(problem))


def _found(error: ValidationError, document: Document) -> Iterator[Diagnostic]:
    """What pydantic found, at its places; the words are found where they are told."""
    details = [each for each in error.errors() if each["type"] != "default_factory_not_called"]
    for each in _without_displaced(drop_implied_errors(details, section_keys)):
        place = document.locate(each["loc"], key=each["type"] in ("extra_forbidden", "unknown_key"))
        yield Diagnostic(place, functools.partial(_words, each))


def _without_displaced(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """`errors` less those of a missing section or key that stands elsewhere: a missing `model` beside `layers`."""
    if all(error["type"] != "missing" for error in errors):
        return errors
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    meant = [path for loc in unknown[:MAX_DIAGNOSTICS] if (path := misplaced_keys.meant(str(loc[-1]), loc[:-1]))]
    explained = {*meant, *(path[:-1] for path in meant)}
    return [error for error in errors if not (error["type"] == "missing" and error["loc"] in explained)]


def _words(error: ErrorDetails) -> str:
    above = error["loc"][:-1]
    owner = ".".join(str(part) for part in above if part not in TAGS) or "a config"
    unknown_key = error["type"] == "extra_forbidden" and misplaced_keys.sentence(str(error["loc"][-1]), above)
    return unknown_key or format_error(error, owner, section_keys(above))


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
