"""Config files for tests, and the errors in them."""

from pathlib import Path

import pytest

from mnist_pipeline.config.load import LoadedConfig, load
from mnist_pipeline.errors import ConfigError

VALID = """\
model:
  layers:
    - Flatten
    - Dense: {units: 10, activation: softmax}
loss: categorical_crossentropy
"""


def loaded(text: str, *overrides: str) -> LoadedConfig:
    """The config in a file `config.yaml` that holds `text`."""
    Path("config.yaml").write_text(text, encoding="utf-8")
    return load("config.yaml", overrides)


def refused(text: str, *overrides: str) -> str:
    """The error message for such a file."""
    with pytest.raises(ConfigError) as error:
        loaded(text, *overrides)
    return str(error.value)


def locations(message: str) -> list[str]:
    """`line:column` of each error, preceded by `--set` for an override."""
    starts = [line.split(": ")[0] for line in message.splitlines() if line.startswith(("config.yaml:", "--set:"))]
    return [start.removeprefix("config.yaml:") for start in starts]
