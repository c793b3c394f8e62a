"""Validate a document: each key and value, then whether they fit together."""

import functools
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from mnist_pipeline.config import misplaced_keys
from mnist_pipeline.config.keras.explain import explain_error
from mnist_pipeline.config.lint.rules import lint
from mnist_pipeline.config.messages import MAX_DIAGNOSTICS, TAGS, drop_implied_errors
from mnist_pipeline.config.schema import Config, section_keys
from mnist_pipeline.config.yaml.document import Diagnostic, Document, in_order


def validate(document: Document) -> tuple[Config | None, list[Diagnostic]]:
    """The config, None if it is invalid, and all diagnostics in order of lines."""
    try:
        config, invalid = Config.model_validate(document.data), []
    except ValidationError as error:
        config, invalid = None, list(_schema_diagnostics(error, document))
    sections = {name: getattr(config, name) for name in Config.model_fields} if config else _valid(document.data)

    # YAML errors leave None behind: what the schema and the rules find there is a consequence.
    yaml_error_locations = {each.location for each in document.diagnostics} - {document.locate(())}
    paths = (path for path, location in document.values.items() if location in yaml_error_locations)
    sections_with_yaml_errors = {path[0] for path in paths if path}
    findings = lint({name: section for name, section in sections.items() if name not in sections_with_yaml_errors})
    diagnostics = [
        *document.diagnostics,
        *(each for each in invalid if each.location not in yaml_error_locations),
        *(Diagnostic(document.locate(each.path), each.message, each.level) for each in findings),
    ]
    return config, in_order(diagnostics)


def _valid(data: dict[str, Any]) -> dict[str, Any]:
    """The sections that are valid on their own; missing ones have their defaults."""
    valid: dict[str, Any] = {}
    for name, field in Config.model_fields.items():
        if name in data:
            value = data[name]
        elif field.is_required():
            continue
        else:
            value = field.get_default(call_default_factory=True, validated_data=valid)
        annotation: Any = Annotated[field.annotation, *field.metadata, name]
        with suppress(ValidationError):
            valid[name] = TypeAdapter(annotation).validate_python(value)
    return valid


def _schema_diagnostics(error: ValidationError, document: Document) -> Iterator[Diagnostic]:
    """Pydantic's errors at their locations; each message is made when it is shown."""
    errors = [each for each in error.errors() if each["type"] != "default_factory_not_called"]
    for each in _drop_misplaced(drop_implied_errors(errors, section_keys)):
        location = document.locate(each["loc"], key=each["type"] in ("extra_forbidden", "unknown_key"))
        yield Diagnostic(location, functools.partial(_message, each))


def _drop_misplaced(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """`errors` without a missing `model` beside a misplaced `layers`, and the like."""
    if all(error["type"] != "missing" for error in errors):
        return errors
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"][:MAX_DIAGNOSTICS]
    intended = [path for loc in unknown if (path := misplaced_keys.intended_path(str(loc[-1]), loc[:-1]))]
    misplaced_targets = {*intended, *(path[:-1] for path in intended)}
    return [error for error in errors if not (error["type"] == "missing" and error["loc"] in misplaced_targets)]


def _message(error: ErrorDetails) -> str:
    section = error["loc"][:-1]
    owner = ".".join(str(part) for part in section if part not in TAGS) or "config"
    misplaced = error["type"] == "extra_forbidden" and misplaced_keys.explain(str(error["loc"][-1]), section)
    return misplaced or explain_error(error, owner, section_keys(section))
