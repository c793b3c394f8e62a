"""Keys of `run.json` and their types; keys of `metrics.json` that are read.

Comments name the modules that write a key. A run writes only keys of `run.json` that are typed here (`Run.update`,
checked by mypy). Keys of later versions are kept when read.
"""

from typing import Any, Literal, NotRequired, Required, TypedDict

from mnist_pipeline.tasks import Kind, Scale

Status = Literal["training", "finished", "interrupted", "failed"]


class DataRecord(TypedDict):
    """The source of the data; `sha256`: of all images and labels."""

    sha256: str
    name: NotRequired[str]
    origin: NotRequired[str]


class TaskRecord(TypedDict, total=False):
    """How to read the outputs of the model; runs made before 0.1.0 have no `scale`."""

    kind: Required[Kind]
    scale: Scale


class TrainingEnvironment(TypedDict, total=False):
    """What the last bits of the weights depend on besides the config."""

    versions: dict[str, str]
    hardware: dict[str, Any]  # system, processor, cpus
    device: str
    gpus: list[str]
    threads: dict[str, Any]  # intra_op, inter_op
    precision: str


class Resumption(TrainingEnvironment, total=False):
    """When a run was resumed, and on which machine."""

    at: str


class Reduction(TypedDict):
    """A learning rate that ReduceLROnPlateau changed at the end of an epoch."""

    epoch: int
    before: float
    after: float
    monitor: str
    patience: int


class Ending(TypedDict, total=False):
    """Why training ended, and after which epoch.

    `because`: epochs, if all of them are done, or the name of the callback that stopped training; `weights_of_epoch`:
    the epoch whose weights the model has; `best_epoch`: the one in which `monitor` was best.
    """

    because: Required[str]
    epoch: Required[int]
    weights_of_epoch: Required[int]
    monitor: str
    patience: int
    best_epoch: int


class LiteRT(TypedDict, total=False):
    """LiteRT compared with Keras. `used`: whether model.tflite is, or `reason`."""

    used: bool
    reason: str
    images: int
    answers_differ: int
    largest_difference: float
    largest_probability_difference: float


class Provenance(TypedDict, total=False):
    """Which command made a run, and from which other run.

    `parent`: the run that it reproduces, or whose weights it started from.
    """

    made_by: str
    parent: str


class RecordFields(Provenance, TrainingEnvironment, total=False):
    """`run.json` without its status: what `Run.update` adds to."""

    # run/create.py
    config: str
    seed: int
    task: TaskRecord
    command: list[str]
    started: str
    git_commit: str | None
    config_sha256: str
    # pipeline.py
    data: DataRecord
    class_names: list[str]
    # pipeline.py and, for a model that cannot be converted, training/convert.py
    litert: LiteRT
    # training/train.py, which writes the machine too (Run.record_environment)
    epochs: int
    training_seconds: float
    weights: int  # how many parameters the model has
    learning_rate_changes: list[Reduction]
    training_ended: Ending
    # run/lifecycle.py
    resumptions: list[Resumption]
    ended: str
    error: str
    # run/lifecycle.py and, for a model, run/folder.py
    sha256: dict[str, str]


class Record(RecordFields):
    """`run.json`; its status is written by run/create.py and run/lifecycle.py."""

    status: Status


class Metrics(TypedDict, total=False):
    """Keys of `metrics.json` that are read: metrics on the test set.

    `validation`: the same on the validation set.
    """

    accuracy: float
    loss: float | None
    validation: "SplitMetrics"


class SplitMetrics(TypedDict):
    """Metrics on one split of the data that are read."""

    accuracy: float
    loss: float | None
