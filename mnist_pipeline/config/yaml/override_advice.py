"""What to write in place of a `--set` that cannot be applied, ready to copy.

Where something is missing for the reader to fill in, it has an ellipsis.
"""

from mnist_pipeline.config.formatting import with_article
from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.catalog.schedules import SCHEDULES
from mnist_pipeline.config.keras.notation import PLACEHOLDER, suggest_argument, to_flow_yaml, with_placeholders
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.schema import accepts, section_keys
from mnist_pipeline.config.suggestions import suggest
from mnist_pipeline.config.yaml.assignment import Assignment, dotted
from mnist_pipeline.config.yaml.document import SET, KeyPath
from mnist_pipeline.config.yaml.reader import parse

# The keys whose values name Keras objects.
OBJECTS = {"layers", "optimizer", "loss", "metrics", "callbacks"}


def for_other_object(path: KeyPath, current: str, assignment: Assignment, index: int) -> str:
    """Message for a key with the name of another object than `current`, at `path`."""
    part, key = assignment.parts[index], dotted(path)
    registries = [registry for registry in REGISTRIES if current in registry] or [*REGISTRIES]
    replace = f"To replace {key}, write {SET} {key}={PLACEHOLDER}"
    registry = next((each for each in [*registries, *REGISTRIES] if part in each), None)
    if registry in registries:
        return f"{key} is {current}. To use {part} instead, write {_object(path, registry, part, assignment, index)}"
    if registry:
        return f"{part} is {with_article(registry.kind)}, not {with_article(registries[0].kind)}. {replace}"
    suggestion = suggest(part, [current, *arguments_of(current)])
    if suggestion:
        return _longer_key(path, current, suggestion, assignment, index)
    by_name = {name: each for each in registries for name in (*each.signatures, *each.aliases)}
    suggestion = suggest(part, by_name)
    if suggestion:
        option = _object(path, by_name[suggestion], suggestion, assignment, index)
        return f"{key} is {current}. Did you mean {suggestion}? Write {option}"
    return f"{current} has no argument '{part}'. {replace}"


def for_no_position(path: KeyPath, items: list[object], assignment: Assignment, index: int) -> str:
    """Message for a part of the key that is no position in the list at `path`."""
    part, key = assignment.parts[index], dotted(path)
    positions = [str(position) for position, name in enumerate(object_names(items)) if is_same_name(name, part)]
    if positions:
        longer = f"{key}.{positions[0]}.{'.'.join(assignment.parts[index:])}={assignment.value}"
        return f"'{key}' is a list, with {part} at {', '.join(positions)}. Write {set_option(longer)}"
    append = f"To add to it, write the whole list: {set_option(f'{key}=[…]')}"
    content = f"a list with the positions 0 to {len(items) - 1}" if items else "an empty list"
    return f"'{key}' is {content}; it has no '{part}'. {append}"


def for_plain_value(path: KeyPath, value: object, assignment: Assignment, index: int) -> str:
    """Message for a key below `value`, which has none."""
    part = assignment.parts[index]
    what = "a single value" if value is None else repr(value)
    if path[-1] == "learning_rate" and part in SCHEDULES:
        option = _object(path, SCHEDULES, part, assignment, index)
    else:
        option = _whole_value(path, assignment, index)
    return f"'{dotted(path)}' is {what} and has no keys. Write {option}"


def object_names(items: list[object]) -> list[str]:
    """Names of `items`, which are written as `Name` or `Name: {argument: value}`."""
    return [str(next(iter(item), "")) if isinstance(item, dict) else str(item) for item in items]


def names_an_object(path: KeyPath) -> bool:
    """Whether `path` holds `Name` or `Name: {argument: value}`."""
    keys = [part for part in path if isinstance(part, str) and part != "model"]
    return len(keys) % 2 == 1 and keys[0] in OBJECTS


def is_plain_value(path: KeyPath) -> bool:
    """Whether `path` is a key of a section that holds neither a section nor objects."""
    return path[-1] in section_keys(path[:-1]) and path[-1] not in {*OBJECTS, "target"} and not section_keys(path)


def is_same_name(name: object, part: str) -> bool:
    """Whether both are one name, such as MeanSquaredError and mean_squared_error."""
    return str(name).replace("_", "").lower() == part.replace("_", "").lower()


def arguments_of(name: str) -> list[str]:
    """Arguments of the Keras objects called `name`."""
    return [argument for registry in REGISTRIES for argument in registry.arguments(name)]


def set_option(assignment: str) -> str:
    """`--set` with `assignment`, quoted for a shell where it has to be."""
    if not set(assignment) & set(" {}[]'\"*#&$…"):
        return f"{SET} {assignment}"
    return f"{SET} '{assignment}'" if '"' in assignment else f'{SET} "{assignment}"'


def _longer_key(path: KeyPath, current: str, suggestion: str, assignment: Assignment, index: int) -> str:
    """Message for a key that omits or misspells the name of the object at `path`."""
    part, rest = assignment.parts[index], assignment.parts[index + 1 :]
    misspelled = suggestion == current
    names = [current] if misspelled else [current, suggestion]
    reason = f"{dotted(path)} is {current}, not {part}" if misspelled else f"{suggestion} belongs to {current}"
    return f"{reason}. Write {set_option(f'{dotted((*path, *names, *rest))}={assignment.value}')}"


def _object(path: KeyPath, registry: Registry, name: str, assignment: Assignment, index: int) -> str:
    """The option that puts `name` at `path`, with the argument and value of the key."""
    below, arguments = assignment.parts[index + 1 :], registry.arguments(name)
    if any(part.isdecimal() for part in below):
        return set_option(f"{dotted(path)}={{{name}: {PLACEHOLDER}}}")
    config = value = parse(assignment.value, SET).data
    for part in reversed(below[1:]):
        value = {part: value}
    argument = suggest_argument(below[0], arguments) if below else next(iter(arguments), None)
    if below or not isinstance(config, dict):
        config = {argument: value} if argument and (below or value is not None) else {}
    spec = with_placeholders(registry, name, config)
    text = to_flow_yaml(spec) if isinstance(spec, str) else f"{{{to_flow_yaml(spec)}}}"
    remark = f". {name} has no argument '{below[0]}'" if below and not argument else ""
    return f"{set_option(f'{dotted(path)}={text}')}{remark}"


def _whole_value(path: KeyPath, assignment: Assignment, index: int) -> str:
    """The option that sets the whole value or section at `path`."""
    below, value = assignment.parts[index:], assignment.value.strip()
    if below[0] in section_keys(path):
        return set_option(f"{dotted(path)}={{{below[0]}: {value if len(below) == 1 else PLACEHOLDER}}}")
    if is_plain_value(path) and value and accepts(path, parse(value, SET).data):
        return set_option(f"{dotted(path)}={value}")
    return f"{SET} {dotted(path)}={PLACEHOLDER}"
