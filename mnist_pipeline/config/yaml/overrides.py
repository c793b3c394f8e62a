"""`--set KEY=VALUE`: another value at a dotted key, read as YAML."""

from dataclasses import dataclass
from itertools import accumulate

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.catalog.schedules import SCHEDULES
from mnist_pipeline.config.keras.notation import ANYTHING, argument_of, flow, with_gaps
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.misplaced_keys import home, named, sentence
from mnist_pipeline.config.schema import accepts, section_keys
from mnist_pipeline.config.suggestions import suggest
from mnist_pipeline.config.values import with_article
from mnist_pipeline.config.yaml.document import Diagnostic, Document, KeyPath, Location
from mnist_pipeline.config.yaml.reader import parse
from mnist_pipeline.errors import PlacedError

NAME = "--set"

# The keys whose values name Keras objects.
OBJECTS = {"layers", "optimizer", "loss", "metrics", "callbacks"}


@dataclass(frozen=True)
class _Assignment:
    """KEY=VALUE, the `number`th of a command."""

    text: str
    number: int

    @property
    def key(self) -> str:
        return self.text.partition("=")[0]

    @property
    def value(self) -> str:
        return self.text.partition("=")[2]

    @property
    def parts(self) -> list[str]:
        return self.key.strip().split(".")

    def location(self, index: int = 0) -> Location:
        """Where part `index` of the key stands in the command line."""
        before = len(NAME) + 1 + len(self.key) - len(self.key.lstrip())
        starts = [*accumulate((len(part) + 1 for part in self.parts), initial=before + 1)]
        return Location(NAME, self.number, starts[index], f"{NAME} {self.text}")

    def refusal(self, index: int, message: str) -> PlacedError:
        return PlacedError(str(Diagnostic(self.location(index), message)))


def override(document: Document, assignment: str, number: int) -> None:
    """Set one value in `document`; `number` counts the assignments of a command from 1, for messages.

    Raises ConfigError if `assignment` is not KEY=VALUE, its value is not YAML, or its key leads nowhere.
    """
    written = _Assignment(assignment, number)
    if "=" not in assignment or not written.key.strip():
        raise written.refusal(0, "expected KEY=VALUE, such as training.epochs=3")
    branch = parse(written.value, NAME, before=f"{NAME} {written.key}=", line=number)
    path = _path(document, written)
    document.replace(path, branch)
    document.keys[path] = written.location(len(written.parts) - 1)


def location(assignment: str, number: int) -> Location:
    """Where `assignment` stands in the command line."""
    return _Assignment(assignment, number).location()


def _path(document: Document, written: _Assignment) -> KeyPath:
    """The path of the dotted key; what is missing on the way is made."""
    path: KeyPath = ()
    for index, part in enumerate(written.parts):
        if path:
            _open(document, path, part, written.location(index - 1))
        path = (*path, _step(document, path, written, index))
    return path


def _open(document: Document, path: KeyPath, following: str, start: Location) -> None:
    """Let something stand below `path`: where there is nothing yet, or a bare name (`optimizer: Adam`)."""
    value = document.get(path)
    if value is None and not _is_value(path):
        document.replace(path, Document([] if following.isdecimal() else {}, {(): start}))
    elif isinstance(value, str) and _same(value, following):
        document.replace(path, Document({value: {}}, {(): start, (value,): start}))


def _step(document: Document, path: KeyPath, written: _Assignment, index: int) -> str | int:
    part = written.parts[index]
    match document.get(path):
        case dict() as there if len(there) == 1 and _names_an_object(path):
            (name,) = there
            if _same(name, part):
                return str(name)
            message = _other_object(path, name, written, index)
        case dict():
            belongs = _home(document, path, part)
            if belongs is None:
                return part
            key = _dotted((*belongs, *written.parts[index + 1 :]))
            message = (
                f"{str(sentence(part, path)).partition(': ')[0]}. Write {NAME} {_quoted(f'{key}={written.value}')}"
            )
        case list() as items if part.isascii() and part.isdecimal() and int(part) < len(items):
            return int(part)
        case list() as items:
            message = _no_position(path, items, written, index)
        case str() as name if _names_an_object(path):
            message = _other_object(path, name, written, index)
        case value:
            what = "one value" if value is None else repr(value)
            schedule = path[-1] == "learning_rate" and part in SCHEDULES
            instead = _instead(path, SCHEDULES, part, written, index) if schedule else _whole(path, written, index)
            message = f"'{_dotted(path)}' is {what}, so nothing stands below it. Write {instead}"
    raise written.refusal(index, message)


def _home(document: Document, here: KeyPath, part: str) -> KeyPath | None:
    """The key that `part` belongs to, which the section at `here` does not have; None where nothing is known of it."""
    if not section_keys(here):
        return None
    section, name = home(part, here), named(part)
    if section is not None:
        return (*section, name)
    there = next(iter(_names([document.get(("optimizer",)) or "Adam"])))
    if name not in section_keys(here) and name in _arguments(there):
        return ("optimizer", there, name)
    return None


def _names(items: list[object]) -> list[str]:
    """The name of each of `items`, which are written as `Name` or `Name: {argument: value}`."""
    return [str(next(iter(item), "")) if isinstance(item, dict) else str(item) for item in items]


def _names_an_object(path: KeyPath) -> bool:
    """Whether what stands at `path` is `Name` or `Name: {argument: value}`, not a section and not arguments."""
    keys = [part for part in path if isinstance(part, str) and part != "model"]
    return len(keys) % 2 == 1 and keys[0] in OBJECTS


def _other_object(path: KeyPath, there: str, written: _Assignment, index: int) -> str:
    """What to write where another object stands at `path` than the key says."""
    part, dotted, rest = written.parts[index], _dotted(path), ".".join(written.parts[index + 1 :])
    tables = [table for table in REGISTRIES if there in table] or [*REGISTRIES]
    something = f"To use something else at {dotted}, write {NAME} {dotted}={ANYTHING}"
    known = next((table for table in [*tables, *REGISTRIES] if part in table), None)
    if known in tables:
        return f"{dotted} is {there} here. To use {part} instead, write {_instead(path, known, part, written, index)}"
    if known:
        return f"{part} is {with_article(known.kind)}, not {with_article(tables[0].kind)}. {something}"
    meant = suggest(part, [there, *_arguments(there)])
    if meant:
        below = f"{dotted}.{there}" + (f".{meant}" if meant != there else "") + (f".{rest}" if rest else "")
        why = f"{dotted} is {there}, not {part}" if meant == there else f"{meant} belongs to {there}"
        return f"{why}. Write {NAME} {_quoted(f'{below}={written.value}')}"
    names = {name: table for table in tables for name in (*table.signatures, *table.aliases)}
    meant = suggest(part, names)
    if meant:
        instead = _instead(path, names[meant], meant, written, index)
        return f"{dotted} is {there} here. Did you mean {meant}? Write {instead}"
    return f"{there} has no '{part}'. {something}"


def _instead(path: KeyPath, table: Registry, name: str, written: _Assignment, index: int) -> str:
    """The assignment that puts `name` at `path`, with what the key and the value say of its arguments."""
    below, fields = written.parts[index + 1 :], table.arguments(name)
    if any(part.isdecimal() for part in below):
        return f"{NAME} {_quoted(f'{_dotted(path)}={{{name}: {ANYTHING}}}')}"
    config = value = parse(written.value, NAME).data
    for part in reversed(below[1:]):
        value = {part: value}
    meant = argument_of(below[0], fields) if below else next(iter(fields), None)
    if below or not isinstance(config, dict):
        config = {meant: value} if meant and (below or value is not None) else {}
    thing = with_gaps(table, name, config)
    text = flow(thing) if isinstance(thing, str) else f"{{{flow(thing)}}}"
    remark = f". {name} has no '{below[0]}'" if below and not meant else ""
    return f"{NAME} {_quoted(f'{_dotted(path)}={text}')}{remark}"


def _no_position(path: KeyPath, items: list[object], written: _Assignment, index: int) -> str:
    part, dotted = written.parts[index], _dotted(path)
    found = [str(position) for position, name in enumerate(_names(items)) if _same(name, part)]
    if found:
        written_out = f"{dotted}.{found[0]}.{'.'.join(written.parts[index:])}={written.value}"
        return f"'{dotted}' is a list; {part} stands at {', '.join(found)}. Write {NAME} {_quoted(written_out)}"
    there = f"the positions 0 to {len(items) - 1}" if items else "nothing in it"
    add = f"To add to it, write the whole list: {NAME} {_quoted(f'{dotted}=[…]')}"
    return f"'{dotted}' is a list with {there}; '{part}' is none of them. {add}"


def _whole(path: KeyPath, written: _Assignment, index: int) -> str:
    """The assignment that sets what stands at `path`, a value or a section, as a whole."""
    below, value = written.parts[index:], written.value.strip()
    if below[0] in section_keys(path):
        return f"{NAME} {_quoted(f'{_dotted(path)}={{{below[0]}: {value if len(below) == 1 else ANYTHING}}}')}"
    fits = _is_value(path) and value and accepts(path, parse(value, NAME).data)
    return f"{NAME} {_quoted(f'{_dotted(path)}={value}') if fits else f'{_dotted(path)}={ANYTHING}'}"


def _is_value(path: KeyPath) -> bool:
    """Whether a key of a section stands at `path`, and no section and no objects."""
    return path[-1] in section_keys(path[:-1]) and path[-1] not in {*OBJECTS, "target"} and not section_keys(path)


def _quoted(assignment: str) -> str:
    """`assignment` as one word for a shell."""
    if not set(assignment) & set(" {}[]'\"*#&$…"):
        return assignment
    return f"'{assignment}'" if '"' in assignment else f'"{assignment}"'


def _arguments(name: str) -> list[str]:
    """The arguments of the Keras objects called `name`."""
    return [argument for table in REGISTRIES for argument in table.arguments(name)]


def _same(name: object, part: str) -> bool:
    """Whether both spell one name: Adam and adam, MeanSquaredError and mean_squared_error."""
    return str(name).replace("_", "").lower() == part.replace("_", "").lower()


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))
