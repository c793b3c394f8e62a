"""Initializers; draw the weights that training starts from."""

from typing import Annotated, Literal

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import NonNegative, Positive


def Zeros() -> None:
    """Zeros."""


def Ones() -> None:
    """Ones."""


def Constant(value: float = 0.0) -> None:
    """One value everywhere."""


def RandomNormal(mean: float = 0.0, stddev: NonNegative = 0.05) -> None:
    """Normal distribution."""


def RandomUniform(minval: float = -0.05, maxval: float = 0.05) -> None:
    """Uniform distribution."""


def TruncatedNormal(mean: float = 0.0, stddev: NonNegative = 0.05) -> None:
    """Normal distribution; values beyond two standard deviations are drawn again."""


def GlorotNormal() -> None:
    """Truncated normal, variance 2 / (fan_in + fan_out); for tanh (Glorot and Bengio 2010)."""


def GlorotUniform() -> None:
    """Uniform, variance 2 / (fan_in + fan_out); Keras' default (Glorot and Bengio 2010)."""


def HeNormal() -> None:
    """Truncated normal, variance 2 / fan_in; for ReLU (He et al. 2015)."""


def HeUniform() -> None:
    """Uniform, variance 2 / fan_in; for ReLU (He et al. 2015)."""


def LecunNormal() -> None:
    """Truncated normal, variance 1 / fan_in; for SELU (LeCun et al. 1998)."""


def LecunUniform() -> None:
    """Uniform, variance 1 / fan_in (LeCun et al. 1998)."""


def Orthogonal(gain: float = 1.0) -> None:
    """Random orthogonal matrix (Saxe et al. 2013)."""


def VarianceScaling(
    scale: Positive = 1.0,
    mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = "truncated_normal",
) -> None:
    """Variance scale / fan; the general form of Glorot, He and LeCun initializers."""


INITIALIZERS = Registry("initializer", "initializers", dict(vars()), {
    "normal": "RandomNormal", "uniform": "RandomUniform", "zero": "Zeros", "one": "Ones",
    "OrthogonalInitializer": "Orthogonal",
})  # fmt: skip
Initializer = Annotated[KerasSpec | str, INITIALIZERS]
