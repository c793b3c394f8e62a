"""Run one experiment: load the data, create the run, train, convert, evaluate."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import Dataset, load_dataset
from mnist_pipeline.data.sources import Access
from mnist_pipeline.errors import FirstStepRefusedError, TrainingError
from mnist_pipeline.run import lifecycle, store
from mnist_pipeline.run.create import create, require_free
from mnist_pipeline.run.files import TFLITE
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.record import DataRecord, Provenance

if TYPE_CHECKING:
    from mnist_pipeline.training.train import TrainingSetup

# Training images on which LiteRT is compared with Keras where there are no validation images.
COMPARED_IMAGES = 1_000


@dataclass(frozen=True)
class Experiment:
    """A config, its data and its run.

    `setup`: of the training of a new run, made before its folder; None for a resumed run.
    """

    loaded: LoadedConfig
    dataset: Dataset
    run: Run
    setup: "TrainingSetup | None" = None


@contextmanager
def prepare(
    loaded: LoadedConfig, folder: Path | None = None, dataset: Dataset | None = None, **origin: Unpack[Provenance]
) -> Iterator[Experiment]:
    """A new experiment, whose run is locked inside.

    `dataset`: the data of the config, if they are loaded already. No folder is left if the data cannot be loaded or the
    network cannot be built. Raises DataError, ConfigError, TrainingError, or RunError if `folder` is not free.
    """
    if folder:
        require_free(folder)
    dataset = dataset or load_dataset(loaded.config.data)
    dataset.split("train")
    from mnist_pipeline.training.train import prepare_training

    setup = prepare_training(loaded, dataset)
    source = dataset.source
    data = DataRecord(name=source.name, origin=source.origin, sha256=source.sha256)
    with create(loaded, folder, data=data, **origin) as run:
        try:
            yield Experiment(loaded, dataset, run, setup)
        except FirstStepRefusedError:
            lifecycle.discard(run)
            raise


@contextmanager
def resume(name: str) -> Iterator[Experiment]:
    """The experiment of an interrupted run, which is locked inside.

    Raises RunError if another process trains into it, if it is finished, or if its config or data have changed.
    """
    run = store.find(name)
    lifecycle.require_unfinished(run)
    with run.locked():
        loaded = run.config()
        dataset = load_dataset(loaded.config.data, access=Access(source_option=None))  # --resume takes no other option
        lifecycle.resume(run, dataset.source.sha256)
        restore_threads(run)
        yield Experiment(loaded, dataset, run)


def restore_threads(run: Run) -> None:
    """Compute with as many threads as `run` was trained with, on which bits depend.

    If that is no longer possible, training and `reproduce.environment_changes` report how many there were.
    """
    from mnist_pipeline.training.devices import use_threads

    threads = run.record.get("threads") or {}
    with suppress(TrainingError):
        use_threads(threads.get("intra_op"), threads.get("inter_op"))


def execute(experiment: Experiment, *, verbose: bool = True) -> dict[str, Any] | None:
    """Train, convert and evaluate; return metrics.json, or None without test images.

    The run records how that ended. `verbose`: print a line for each epoch to stderr.
    """
    run, dataset = experiment.run, experiment.dataset
    with run.record_outcome():
        from mnist_pipeline.metrics.run_metrics import final_metrics
        from mnist_pipeline.training.train import prepare_training, train

        if dataset.source.class_names:
            run.update(class_names=list(dataset.source.class_names))
        train(experiment.setup or prepare_training(experiment.loaded, dataset, run), run, verbose=verbose)
        if run.tflite:
            _check_litert(run, dataset)
        metrics = final_metrics(run, dataset)
        if metrics:
            run.write_metrics(metrics)
    return metrics if dataset.test else None


def _check_litert(run: Run, dataset: Dataset) -> None:
    """Record how LiteRT differs from Keras; remove its model if that is too much."""
    from mnist_pipeline.models.runtime import compare_runtimes

    images = (dataset.validation or dataset.split("train")[:COMPARED_IMAGES]).images
    comparison = compare_runtimes(run, images)
    run.update(litert=comparison)
    if not comparison["used"]:
        run.remove(TFLITE)
