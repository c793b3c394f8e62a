"""Train, evaluate and use Keras models of handwritten digits, defined in YAML.

The command line is `mnist`; the same in Python, for notebooks and scripts:

>>> import mnist_pipeline as mp
>>> run = mp.train("quickstart", {"training.epochs": 3})
>>> run.metrics["accuracy"]
>>> run.predict("digit.png")
>>> mp.load().model().summary()

Importing it changes nothing in the process. See `mp.train` for what a training changes and restores.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnist_pipeline.errors import MnistError
    from mnist_pipeline.python_interface import Run, load, load_data, runs, train

__version__ = "0.1.0"
__all__ = ["MnistError", "Run", "load", "load_data", "runs", "train"]


def __getattr__(name: str) -> Any:
    """Import the interface at its first use, so that the package imports in no time."""
    if name not in __all__:
        raise AttributeError(f"module 'mnist_pipeline' has no attribute '{name}'. It has: {', '.join(__all__)}")
    from importlib import import_module

    module = import_module(f"mnist_pipeline.{'errors' if name == 'MnistError' else 'python_interface'}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
