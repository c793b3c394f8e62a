"""Which runs this user created; the config of any other run is not trusted.

The list is a text file in the user's state folder, a line a run: the SHA-256 of its config.yaml. So a run stays one's
own wherever it is moved, and a stranger who copies its config can name no file that its owner had not named.
"""

from contextlib import suppress
from pathlib import Path

from mnist_pipeline.environment import state_folder


def add(config_sha256: str) -> None:
    """Add a run to the list; if the list cannot be written, it counts as a stranger's."""
    with suppress(OSError, RuntimeError):  # RuntimeError: no home folder
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        if not is_own(config_sha256):
            with file.open("ab", buffering=0) as opened:  # a single write, so that two processes lose no line
                opened.write(f"\n{config_sha256}\n".encode())  # the line before may be cut off


def is_own(config_sha256: str) -> bool:
    """Whether this user created a run with a config of this SHA-256."""
    try:
        return config_sha256.encode() in _file().read_bytes().split()
    except (OSError, RuntimeError):
        return False


def _file() -> Path:
    return state_folder() / "created-runs"
