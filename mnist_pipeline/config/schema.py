"""The shape of a config. Every section is a pydantic model; `json_schema` has the same for editors."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, Tag, ValidationError, model_validator

from mnist_pipeline.config.keras.catalog import Callback, Layer, Loss, Metric, Optimizer
from mnist_pipeline.config.keras.catalog.losses import SPARSE_LOSSES
from mnist_pipeline.config.keras.spec import STRICT, to_plain_data
from mnist_pipeline.config.keras.types import Count, Either, with_integers
from mnist_pipeline.config.network import PROBABILITIES, output_activation
from mnist_pipeline.tasks import Kind, Task, scale_of


class Section(BaseModel):
    """A mapping with known keys, each checked strictly."""

    model_config = STRICT
    _whole = model_validator(mode="before")(with_integers)


class Positive(Section):
    """A yes-or-no target: whether the digit is one of these."""

    positive: Annotated[list[Annotated[int, Field(ge=0, le=9)]], Field(min_length=1, max_length=9)] = Field(
        description="The digits for which the answer is yes."
    )


Target = Annotated[Annotated[Literal["digit", "value"], Tag("text")] | Annotated[Positive, Tag("mapping")], Either]


class Data(Section):
    """What to learn from."""

    dataset: str = Field(
        "mnist",
        description="mnist, mnist_sample (5,000 of MNIST's training images, which come with this package), "
        "fashion_mnist, or a path: .npz, a folder of IDX files.",
    )
    validation_split: float = Field(
        0.2, ge=0, lt=1, description="The share of the training set, its last part, that is kept for validation."
    )
    target: Target = Field(
        "digit", description="digit: 10 classes. {positive: [1, 3]}: yes or no. value: the digit as a number."
    )
    train_samples: Count | None = Field(None, description="Use only the first so many training images.")
    test_samples: Count | None = Field(None, description="Use only the first so many test images.")

    @property
    def kind(self) -> Kind:
        """What the answer is: one of 10 digits, yes or no, or a number."""
        return "positive" if isinstance(self.target, Positive) else self.target

    @property
    def positive(self) -> list[int]:
        """The digits for which a yes-or-no target is yes; none for another target."""
        return self.target.positive if isinstance(self.target, Positive) else []


class Model(Section):
    """The network. It is given 28 x 28 pixels, already scaled to 0 - 1, with a channel axis: (28, 28, 1)."""

    layers: Annotated[list[Layer], Field(min_length=1)] = Field(description="The layers, from the input to the output.")


class Training(Section):
    """How long, in which portions, and where."""

    epochs: Count = Field(10, description="Passes over the training images.")
    batch_size: Count = Field(128, description="Images in one step.")
    device: Literal["auto", "cpu", "gpu"] = Field("auto", description="auto: a GPU if there is one.")
    engine: Literal["auto", "fast", "keras"] = Field(
        "auto",
        description="fast: images stay on the device, many steps in one call. keras: stock fit; in float32 the same "
        "result, up to rounding.",
    )
    jit_compile: Literal["auto", True, False] = Field(
        "auto", description="Whether XLA compiles the step. auto: where that is known to be faster."
    )
    precision: Literal["auto", "float32", "mixed_bfloat16"] = Field(
        "auto",
        description="mixed_bfloat16: compute in 16 bits, weights in 32; what is saved is float32. auto: where that is "
        "known to be faster.",
    )


def default_metrics(validated: dict[str, Any]) -> list[Any]:
    """Accuracy for classes and for yes or no, the mean absolute error for a value."""
    data = validated.get("data")
    return ["mae" if data is not None and data.target == "value" else "accuracy"]


class Config(Section):
    """A whole experiment."""

    seed: int = Field(0, ge=0, lt=2**32, description="Fixes everything random.")
    data: Data = Field(default_factory=Data, description="What to learn from.")
    model: Model = Field(description="The network.")
    optimizer: Optimizer = Field("Adam", description="What turns gradients into steps.")  # type: ignore[assignment]
    loss: Loss = Field(description="What training makes small.")
    metrics: list[Metric] = Field(default_factory=default_metrics, description="What is watched while training.")
    training: Training = Field(default_factory=Training, description="How long, in which portions, and where.")
    callbacks: list[Callback] = Field([], description="What acts between the epochs.")

    @property
    def sparse_labels(self) -> bool:
        """Whether the loss wants digits as numbers, not as one-hot rows."""
        return self.loss.class_name in SPARSE_LOSSES

    @property
    def task(self) -> Task:
        """How to read the outputs of the network."""
        _, activation = output_activation(self.model.layers)
        from_logits = self.loss.config.get("from_logits", False)
        scale = scale_of(self.loss.class_name, from_logits=from_logits, bounded=activation in PROBABILITIES)
        return Task(kind=self.data.kind, scale=scale)

    def to_dict(self) -> dict[str, Any]:
        """The whole config in plain data, defaults written out; reading it gives an equal config."""
        written: dict[str, Any] = to_plain_data(self)
        return written


def section_keys(path: tuple[str | int, ...]) -> list[str]:
    """The keys of the section at `path`, of the config for the empty path, none where no section is."""
    return list(getattr(_section(path), "model_fields", {}))


def accepts(path: tuple[str | int, ...], value: object) -> bool:
    """Whether `value` may stand at the key of a section to which `path` leads."""
    try:
        _section(path[:-1]).model_validate({path[-1]: value})
    except ValidationError as error:
        return all(each["loc"][0] != path[-1] for each in error.errors())
    return True


def _section(path: tuple[str | int, ...]) -> Any:
    """The section at `path`, None where none is."""
    section: Any = Config
    for part in path:
        if part == "target":
            return Positive
        if part not in getattr(section, "model_fields", {}):
            return None
        section = section.model_fields[part].annotation
    return section
