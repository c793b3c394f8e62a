"""A commented config to start from: the template, or a copy of a preset."""

import os
import shlex
from pathlib import Path

from mnist_pipeline.config import presets
from mnist_pipeline.errors import ConfigError
from mnist_pipeline.files import atomic_write
from mnist_pipeline.terminal import in_one_line

TEMPLATE = Path(__file__).with_name("template.yaml")
ENDINGS = (".yaml", ".yml")


def write_new_config(file: Path, preset: str | None = None) -> None:
    """Write the template, or a copy of `preset`, to `file`; its folder is created.

    Raises ConfigError if `file` exists, has no ending of YAML, or cannot be written, or if there is no such preset.
    """
    if file.suffix.lower() not in ENDINGS:  # a file `baseline` would hide the preset of that name
        raise ConfigError(f"{file}: expected a name that ends in .yaml. Write: mnist new {shell_word(f'{file}.yaml')}")
    text = new_config(file, preset)
    if os.path.lexists(file):
        raise ConfigError(f"{file} already exists and is not overwritten. Choose another name, or delete it first")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(file) as partial:
            partial.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"{file}: cannot write the file: {error.strerror}") from error


def new_config(file: Path, preset: str | None = None) -> str:
    """Text of a config for `file`, whose first line is the command that trains it.

    Raises ConfigError if there is no such preset.
    """
    train = in_one_line(f"mnist train --config {shell_word(str(file))}")
    if preset is None:
        return f"# {train}\n{TEMPLATE.read_text(encoding='utf-8')}"
    return f"# A copy of the preset {preset}. To train it: {train}\n{presets.find(preset).read_text(encoding='utf-8')}"


def shell_word(name: str, windows: bool = os.name == "nt") -> str:
    """`name` as one word of a command line."""
    if windows:
        return f'"{name}"' if " " in name else name
    return shlex.quote(name)
