"""The sections of a config and their keys, as pydantic models."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, Tag, ValidationError, model_validator

from mnist_pipeline.config.keras.catalog import Callback, Layer, Loss, Metric, Optimizer
from mnist_pipeline.config.keras.catalog.losses import SPARSE_LOSSES
from mnist_pipeline.config.keras.spec import STRICT, to_plain_data
from mnist_pipeline.config.keras.types import Count, Either, with_integers
from mnist_pipeline.config.network import PROBABILITIES, output_activation
from mnist_pipeline.tasks import BINARY, REGRESSION, Kind, Task, scale_of


class Section(BaseModel):
    """A mapping with fixed keys. Values are not converted, except 30.0 to 30."""

    model_config = STRICT
    _with_integers = model_validator(mode="before")(with_integers)


class BinaryTarget(Section):
    """A binary target: whether the digit is one of these."""

    positive: Annotated[list[Annotated[int, Field(ge=0, le=9)]], Field(min_length=1, max_length=9)] = Field(
        description="The digits of the positive class (yes)."
    )


Target = Annotated[Annotated[Literal["digit", "value"], Tag("text")] | Annotated[BinaryTarget, Tag("mapping")], Either]


class Data(Section):
    """The dataset, how it is split, and what to predict."""

    dataset: str = Field(
        "mnist",
        description="mnist, mnist_sample (5,000 of MNIST's training images, which come with this package), "
        "fashion_mnist, or a path: a .npz file or a folder of IDX files.",
    )
    validation_split: float = Field(
        0.2,
        ge=0,
        lt=1,
        description="Fraction of the training images used for validation: the last ones, before any shuffling.",
    )
    target: Target = Field(
        "digit",
        description="What to predict. digit: one of 10 classes. {positive: [1, 3]}: yes or no. value: the digit as a "
        "number.",
    )
    train_samples: Count | None = Field(None, description="Use only the first train_samples training images.")
    test_samples: Count | None = Field(None, description="Use only the first test_samples test images.")

    @property
    def kind(self) -> Kind:
        """The task: multiclass, binary or regression."""
        return BINARY if isinstance(self.target, BinaryTarget) else self.target

    @property
    def positive(self) -> list[int]:
        """Digits of the positive class; empty unless the task is binary."""
        return self.target.positive if isinstance(self.target, BinaryTarget) else []


class Model(Section):
    """The model. Its input is (28, 28, 1): pixels scaled to 0 - 1."""

    layers: Annotated[list[Layer], Field(min_length=1)] = Field(description="Layers, from the input to the output.")


class Training(Section):
    """Epochs, batch size, and how the training is computed."""

    epochs: Count = Field(10, description="Number of passes over the training images.")
    batch_size: Count = Field(128, description="Number of images per step.")
    device: Literal["auto", "cpu", "gpu"] = Field(
        "auto", description="auto: the GPU if there is one, otherwise the CPU."
    )
    engine: Literal["auto", "fast", "keras"] = Field(
        "auto",
        description="fast: images stay on the device, and one call runs many steps. keras: plain model.fit; in float32 "
        "the result is the same up to rounding. auto: fast on one device, keras on several.",
    )
    jit_compile: Literal["auto", True, False] = Field(
        "auto",
        description="Compile the training step with XLA. auto: dense networks on a CPU; on a GPU, Keras decides.",
    )
    precision: Literal["auto", "float32", "mixed_bfloat16"] = Field(
        "auto",
        description="mixed_bfloat16: compute in 16 bits, with float32 weights; the saved model is float32. auto: where "
        "that was measured to be faster.",
    )


def default_metrics(validated: dict[str, Any]) -> list[Any]:
    """Accuracy, or the mean absolute error for regression.

    `validated`: the sections before `metrics`, by name.
    """
    data = validated.get("data")
    return ["mae" if data is not None and data.kind == REGRESSION else "accuracy"]


class Config(Section):
    """A whole experiment."""

    seed: int = Field(
        0, ge=0, lt=2**32, description="Seed of all random numbers: weights, shuffling, dropout and augmentation."
    )
    data: Data = Field(default_factory=Data, description="Dataset, its split, and what to predict.")
    model: Model = Field(description="Layers of the model.")
    optimizer: Optimizer = Field(  # type: ignore[assignment]
        "Adam", description="Optimizer; updates the weights from the gradients."
    )
    loss: Loss = Field(description="Loss function, minimized during training.")
    metrics: list[Metric] = Field(default_factory=default_metrics, description="Metrics computed during training.")
    training: Training = Field(default_factory=Training, description="Epochs, batch size, device and precision.")
    callbacks: list[Callback] = Field([], description="Callbacks, which act after each epoch.")

    @property
    def sparse_labels(self) -> bool:
        """Whether the loss takes labels as integers (n,), not one-hot (n, 10)."""
        return self.loss.class_name in SPARSE_LOSSES

    @property
    def task(self) -> Task:
        """Task and scale of the outputs, with which predictions are read."""
        _, activation = output_activation(self.model.layers)
        from_logits = self.loss.config.get("from_logits", False)
        scale = scale_of(self.loss.class_name, from_logits=from_logits, bounded=activation in PROBABILITIES)
        return Task(kind=self.data.kind, scale=scale)

    def to_dict(self) -> dict[str, Any]:
        """Plain data with all defaults; validating it gives an equal config."""
        data: dict[str, Any] = to_plain_data(self)
        return data


def section_keys(path: tuple[str | int, ...]) -> list[str]:
    """Keys of the section at `path`, () for the top level; empty if there is none."""
    return list(getattr(_section(path), "model_fields", {}))


def accepts(path: tuple[str | int, ...], value: object) -> bool:
    """Whether `value` is valid for the key of a section at `path`."""
    try:
        _section(path[:-1]).model_validate({path[-1]: value})
    except ValidationError as error:
        return all(each["loc"][0] != path[-1] for each in error.errors())
    return True


def _section(path: tuple[str | int, ...]) -> Any:
    """Class of the section at `path`; None if there is none."""
    section: Any = Config
    for part in path:
        if part == "target":
            return BinaryTarget
        if part not in getattr(section, "model_fields", {}):
            return None
        section = section.model_fields[part].annotation
    return section
