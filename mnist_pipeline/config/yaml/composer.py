"""YAML 1.2 text -> PyYAML's nodes."""

from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.scanner import ScannerError

from mnist_pipeline.config.yaml.scalars import PATTERNS
from mnist_pipeline.config.yaml.scanner import TAB, Scanner12


class Yaml12(Scanner12):
    """PyYAML's loader with the syntax and the scalars of YAML 1.2."""

    yaml_implicit_resolvers = {}  # noqa: RUF012, PyYAML's own name, emptied

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node. An anchor may be redefined; an alias means the last definition."""
        if not self.check_event(AliasEvent):
            self.anchors.pop(self.peek_event().anchor, None)
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        """A scalar; the tag '!' alone makes it a string."""
        event = self.peek_event()
        if event.tag == "!":
            event.implicit = (False, True)
        return super().compose_scalar_node(anchor)


for _tag, _pattern, _first in PATTERNS:
    Yaml12.add_implicit_resolver(_tag, _pattern, _first)


def compose(text: str) -> yaml.Node | None:
    """Root node of the one document in `text`; None if it is empty. Raises YAMLError."""
    loader = Yaml12(text)
    try:
        return loader.get_single_node()
    except ScannerError as error:
        if loader.tab and "not allowed here" in str(error.problem):
            raise ScannerError(None, None, TAB, loader.tab) from error
        raise
