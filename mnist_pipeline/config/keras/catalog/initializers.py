"""How weights begin: Keras' initializers."""

from typing import Annotated, Literal

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import NonNegative, Positive


def Zeros() -> None:
    """All zeros."""


def Ones() -> None:
    """All ones."""


def Constant(value: float = 0.0) -> None:
    """One value everywhere."""


def RandomNormal(mean: float = 0.0, stddev: NonNegative = 0.05) -> None:
    """Drawn from a normal distribution."""


def RandomUniform(minval: float = -0.05, maxval: float = 0.05) -> None:
    """Drawn evenly between two values."""


def TruncatedNormal(mean: float = 0.0, stddev: NonNegative = 0.05) -> None:
    """Drawn from a normal distribution without its tails."""


def GlorotNormal() -> None:
    """Normal, scaled by inputs and outputs: for sigmoid and tanh (Glorot and Bengio 2010)."""


def GlorotUniform() -> None:
    """Uniform, scaled by inputs and outputs: Keras' default (Glorot and Bengio 2010)."""


def HeNormal() -> None:
    """Normal, scaled by inputs: for ReLU (He et al. 2015)."""


def HeUniform() -> None:
    """Uniform, scaled by inputs: for ReLU (He et al. 2015)."""


def LecunNormal() -> None:
    """Normal, scaled by inputs: for SELU (LeCun et al. 1998)."""


def LecunUniform() -> None:
    """Uniform, scaled by inputs (LeCun et al. 1998)."""


def Orthogonal(gain: float = 1.0) -> None:
    """A random orthogonal matrix (Saxe et al. 2013)."""


def VarianceScaling(
    scale: Positive = 1.0,
    mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = "truncated_normal",
) -> None:
    """The general form of Glorot, He and LeCun."""


INITIALIZERS = Registry("initializer", "initializers", dict(vars()), {
    "normal": "RandomNormal", "uniform": "RandomUniform", "zero": "Zeros", "one": "Ones",
    "OrthogonalInitializer": "Orthogonal",
})  # fmt: skip
Initializer = Annotated[KerasSpec | str, INITIALIZERS]
