"""Whether this process is `mnist`, or imports the package as a notebook does.

In a process of others the package changes nothing that they could notice. In its own it does, for speed and quiet, in
the modules that call `is_owned`: `framework` (imports, malloc, logs), `native_stderr`, `data.preprocess.read` (Pillow),
`training.signals`, and in `cli.main` (garbage collection).
"""

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Python, Keras and Pillow keep some settings per process. Hold this while one is changed and restored; otherwise two
# threads could restore each other's values.
SETTINGS_LOCK = threading.RLock()

# Read by libraries when they are imported.
OWNERS_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # NumPy multiplies nothing large here; its threads start slowly
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # to look for plugins takes as long as to import all of pydantic
}

_owned = False


def own() -> None:
    """Mark the process as our own, before heavy imports; for the command line only."""
    global _owned  # noqa: PLW0603, one process, one flag
    _owned = True
    for name, value in OWNERS_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def is_owned() -> bool:
    """Whether this process was started as `mnist`."""
    return _owned


@contextmanager
def ignore_warnings(message: str = "") -> Iterator[None]:
    """Ignore Python's warnings whose text begins with `message`, a regular expression.

    One thread at a time.
    """
    with SETTINGS_LOCK, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=message)
        yield
