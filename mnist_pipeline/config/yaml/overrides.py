"""`--set KEY=VALUE`: put a value, read as YAML, at a dotted key of a document."""

from collections.abc import Sequence

from mnist_pipeline.config.misplaced_keys import canonical_name, explain, section_of
from mnist_pipeline.config.schema import section_keys
from mnist_pipeline.config.yaml import override_advice as advice
from mnist_pipeline.config.yaml.assignment import Assignment, dotted
from mnist_pipeline.config.yaml.document import SET, Document, KeyPath, Location
from mnist_pipeline.config.yaml.reader import parse
from mnist_pipeline.errors import ConfigError


def override_all(document: Document, assignments: Sequence[str]) -> tuple[Document, list[str]]:
    """Copy of `document` with all assignments, and the messages of invalid ones."""
    document, rejected = document.copy(), []
    for number, assignment in enumerate(assignments, 1):
        try:
            override(document, assignment, number)
        except ConfigError as error:
            rejected.append(str(error))
    return document, rejected


def override(document: Document, text: str, number: int) -> None:
    """Apply one assignment to `document`.

    `number` counts those of a command from 1, for messages. Raises ConfigError if `text` is not KEY=VALUE, its value is
    not YAML, or nothing can be set at its key.
    """
    assignment = Assignment(text, number)
    if "=" not in text or not assignment.key.strip():
        raise assignment.error(0, "expected KEY=VALUE, such as training.epochs=3")
    branch = parse(assignment.value, SET, before=f"{SET} {assignment.key}=", line=number)
    path = _path(document, assignment)
    document.replace(path, branch)
    document.keys[path] = assignment.locate(len(assignment.parts) - 1)


def location_of(text: str, number: int) -> Location:
    """Location of an assignment in the command line."""
    return Assignment(text, number).locate()


def _path(document: Document, assignment: Assignment) -> KeyPath:
    """Path of the dotted key; mappings and lists missing on the way are created."""
    path: KeyPath = ()
    for index, part in enumerate(assignment.parts):
        if path:
            _make_container(document, path, part, assignment.locate(index - 1))
        path = (*path, _next_key(document, path, assignment, index))
    return path


def _make_container(document: Document, path: KeyPath, part: str, start: Location) -> None:
    """Make `path` hold keys if it is empty, or a name: `Adam` becomes `Adam: {}`."""
    value = document.get(path)
    if value is None and not advice.is_plain_value(path):
        document.replace(path, Document([] if part.isdecimal() else {}, {(): start}))
    elif isinstance(value, str) and advice.is_same_name(value, part):
        document.replace(path, Document({value: {}}, {(): start, (value,): start}))


def _next_key(document: Document, path: KeyPath, assignment: Assignment, index: int) -> str | int:
    """The key or position below `path` that part `index` of the key means.

    Raises ConfigError with what to write instead.
    """
    part = assignment.parts[index]
    match document.get(path):
        case dict() as mapping if len(mapping) == 1 and advice.names_an_object(path):
            (name,) = mapping
            if advice.is_same_name(name, part):
                return str(name)
            message = advice.for_other_object(path, name, assignment, index)
        case dict():
            elsewhere = _path_elsewhere(document, path, part)
            if elsewhere is None:
                return part
            key = dotted((*elsewhere, *assignment.parts[index + 1 :]))
            reason = str(explain(part, path)).partition(": ")[0]
            message = f"{reason}. Write {advice.set_option(f'{key}={assignment.value}')}"
        case list() as items if part.isascii() and part.isdecimal() and int(part) < len(items):
            return int(part)
        case list() as items:
            message = advice.for_no_position(path, items, assignment, index)
        case str() as name if advice.names_an_object(path):
            message = advice.for_other_object(path, name, assignment, index)
        case value:
            message = advice.for_plain_value(path, value, assignment, index)
    raise assignment.error(index, message)


def _path_elsewhere(document: Document, section: KeyPath, part: str) -> KeyPath | None:
    """Path of `part` in another section or in the optimizer, if `section` lacks it."""
    if not section_keys(section):
        return None
    home, name = section_of(part, section), canonical_name(part)
    if home is not None:
        return (*home, name)
    optimizer = next(iter(advice.object_names([document.get(("optimizer",)) or "Adam"])))
    if name not in section_keys(section) and name in advice.arguments_of(optimizer):
        return ("optimizer", optimizer, name)
    return None
