"""The YAML of configs: scalars follow the core schema of YAML 1.2.

PyYAML's 1.1 rules surprise: here `1e-3` is a number, `on` and `no` are text, `012` is 12.
"""

import re
from collections.abc import Callable
from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.scanner import ScannerError

from mnist_pipeline.config.yaml.scanner import TAB, Scanner12, invisible

MAX_DIGITS = 100


class Yaml12(Scanner12):
    """PyYAML's reader with this syntax and these scalars."""

    yaml_implicit_resolvers = {}  # noqa: RUF012, PyYAML's own name, emptied

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node; an anchor may be given again, and then stands for what came last."""
        if not self.check_event(AliasEvent):
            self.anchors.pop(self.peek_event().anchor, None)
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        """A scalar; '!' alone makes it text."""
        event = self.peek_event()
        if event.tag == "!":
            event.implicit = (False, True)
        return super().compose_scalar_node(anchor)


def compose(text: str) -> yaml.Node | None:
    """The nodes of the one document in `text`, None for an empty one. Raises YAMLError."""
    reader = Yaml12(text)
    try:
        return reader.get_single_node()
    except ScannerError as error:
        if reader.tab and "not allowed here" in str(error.problem):
            raise ScannerError(None, None, TAB, reader.tab) from error
        raise


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+."),
):
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), [*_first])
Yaml12.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"\Z"), [""])


def is_broken(text: str) -> bool:
    """Whether `text` holds half a character, which cannot be written to any file or terminal."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def _text(text: str) -> str:
    if is_broken(text):
        raise ValueError("half a character, which cannot be written")
    return text


def _nothing(text: str) -> None:
    if text not in ("", "~", "null", "Null", "NULL"):
        raise ValueError("expected nothing here")


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("expected true or false")
    return text.lower() == "true"


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError("this number has too many digits")
    try:
        return int(text, 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10)
    except ValueError:
        raise ValueError("expected a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        raise ValueError("expected a number") from None


MAP, SEQUENCE, TEXT = (f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str"))
SCALARS: dict[str, Callable[[str], Any]] = {
    TEXT: _text,
    "tag:yaml.org,2002:null": _nothing,
    "tag:yaml.org,2002:bool": _truth,
    "tag:yaml.org,2002:int": _integer,
    "tag:yaml.org,2002:float": _number,
}


class _Dumper(yaml.SafeDumper):
    """Writes so that both YAML 1.1 and 1.2 read the same."""

    yaml_implicit_resolvers = {  # noqa: RUF012, PyYAML's own name
        first: yaml.SafeDumper.yaml_implicit_resolvers.get(first, []) + Yaml12.yaml_implicit_resolvers.get(first, [])
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *Yaml12.yaml_implicit_resolvers}
    }


def _quoted_if_invisible(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quotes keep a no-break space and its like, which plain text may not hold."""
    return dumper.represent_scalar(TEXT, text, style=None if invisible(text) is None else '"')


_Dumper.add_representer(str, _quoted_if_invisible)


def dump(data: Any, in_line: bool = False) -> str:
    """Plain data as YAML, as one line or in blocks; `parse` reads it back as it was."""
    form: dict[str, Any] = {"default_flow_style": True, "width": 10**6} if in_line else {}
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, **form)
    return text
