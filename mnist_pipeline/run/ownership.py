"""Which runs this user created: the config of any other run may come from a stranger.

A text file in the user's state folder, a line a run: the SHA-256 of its config.yaml. A stranger who copies the config
of a run of mine can name no file that I had not named, and a run that I move is still mine.
"""

from contextlib import suppress
from pathlib import Path

from mnist_pipeline.environment import state_folder


def remember(config_sha256: str) -> None:
    """Note a run of this user; where nothing can be written, it is a stranger's later."""
    with suppress(OSError, RuntimeError):  # RuntimeError: no home folder
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        if not is_own(config_sha256):
            with file.open("ab", buffering=0) as opened:  # one write at the end: two processes lose no line
                opened.write(f"\n{config_sha256}\n".encode())  # a line of its own, though the one before be cut off


def is_own(config_sha256: str) -> bool:
    """Whether this user created a run with a config of this SHA-256."""
    try:
        return config_sha256.encode() in _file().read_bytes().split()
    except (OSError, RuntimeError):
        return False


def _file() -> Path:
    return state_folder() / "created-runs"
