"""The whole way of one experiment: data, a run, training, judging. Stages meet here through the run."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import Dataset, load_dataset
from mnist_pipeline.data.sources import FULL_ACCESS, Access
from mnist_pipeline.errors import FirstStepRefusedError, TrainingError
from mnist_pipeline.run import lifecycle, store
from mnist_pipeline.run.create import create, require_free
from mnist_pipeline.run.files import TFLITE
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.record import Data, Origin

if TYPE_CHECKING:
    from mnist_pipeline.training.train import Prepared

# Without validation images, LiteRT is checked on so many of the training images.
CHECKED_IMAGES = 1_000


@dataclass(frozen=True)
class Experiment:
    """A config, its data, the run that it leaves, and, where that is new, what was made before its folder."""

    loaded: LoadedConfig
    dataset: Dataset
    run: Run
    prepared: "Prepared | None" = None


@contextmanager
def prepare(
    loaded: LoadedConfig, folder: Path | None = None, access: Access = FULL_ACCESS, **origin: Unpack[Origin]
) -> Iterator[Experiment]:
    """A new experiment. The data are read and the network is built first, so that no folder is left if that fails.

    Inside, no other process works on its run. `origin`: `made_by`, the command, if it is not train, and the name of
    the `parent` run. Raises DataError, what `prepare` raises, or RunError if there is something in `folder` already.
    """
    if folder:
        require_free(folder)
    dataset = load_dataset(loaded.config.data, access=access)
    dataset.split("train")
    from mnist_pipeline.training.train import prepare

    prepared = prepare(loaded, dataset)
    source = dataset.source
    facts = Data(name=source.name, origin=source.origin, sha256=source.sha256)
    with create(loaded, folder, data=facts, **origin) as run:
        try:
            yield Experiment(loaded, dataset, run, prepared)
        except FirstStepRefusedError:
            lifecycle.discard(run)
            raise


@contextmanager
def resume(name: str) -> Iterator[Experiment]:
    """The experiment of a run that was interrupted; inside, no other process works on it.

    Raises RunError if one does, if the run is finished, or if its data have changed.
    """
    run = store.find(name)
    lifecycle.require_unfinished(run)
    with run.locked():
        loaded = run.config()
        dataset = load_dataset(loaded.config.data, access=Access(advice=None))  # it takes no other option
        lifecycle.resume(run, dataset.source.sha256)
        restore_threads(run)
        yield Experiment(loaded, dataset, run)


def restore_threads(run: Run) -> None:
    """Compute with as many threads as `run` was trained with, on which bits depend.

    Where that cannot be, training and `reproduce.environment_changes` say how many there were.
    """
    from mnist_pipeline.training.devices import use_threads

    noted = run.record.get("threads") or {}
    with suppress(TrainingError):
        use_threads(noted.get("intra_op"), noted.get("inter_op"))


def execute(experiment: Experiment, *, verbose: bool = True) -> dict[str, Any] | None:
    """Train and judge; the figures on the test images, None if there are none. The run records how it ended."""
    with experiment.run.record_outcome():
        from mnist_pipeline.metrics.evaluate import evaluate_dataset
        from mnist_pipeline.models.runtime import compare_runtimes
        from mnist_pipeline.training.train import prepare, train

        run, dataset = experiment.run, experiment.dataset
        if dataset.source.class_names:
            run.update(class_names=list(dataset.source.class_names))
        train(experiment.prepared or prepare(experiment.loaded, dataset, run), run, verbose=verbose)
        if run.tflite:
            images = (dataset.validation or dataset.split("train")[:CHECKED_IMAGES]).images
            agreement = compare_runtimes(run, images)
            run.update(litert=agreement)
            if not agreement["used"]:
                run.remove(TFLITE)
        figures = evaluate_dataset(run, dataset, "test") if dataset.test else None
        if figures:
            run.write_metrics(figures)
        return figures
