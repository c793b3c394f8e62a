"""Plain data -> YAML text that YAML 1.1 and 1.2 read alike."""

from typing import Any

import yaml

from mnist_pipeline.config.yaml.composer import Yaml12
from mnist_pipeline.config.yaml.scalars import TEXT
from mnist_pipeline.config.yaml.scanner import invisible


class _Dumper(yaml.SafeDumper):
    """Quotes strings that either version would read as something else."""

    yaml_implicit_resolvers = {  # noqa: RUF012, PyYAML's own name
        first: yaml.SafeDumper.yaml_implicit_resolvers.get(first, []) + Yaml12.yaml_implicit_resolvers.get(first, [])
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *Yaml12.yaml_implicit_resolvers}
    }


def _quoted_if_invisible(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Double quotes around text with invisible characters, such as no-break spaces."""
    return dumper.represent_scalar(TEXT, text, style=None if invisible(text) is None else '"')


_Dumper.add_representer(str, _quoted_if_invisible)


def dump(data: Any, in_line: bool = False) -> str:
    """Plain data as YAML, in blocks or on one line; `reader.parse` gives equal data."""
    style: dict[str, Any] = {"default_flow_style": True, "width": 10**6} if in_line else {}
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, **style)
    return text
