"""The whole way of one experiment: data, a run, training, judging. Stages meet here through the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_pipeline import runs
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import Dataset, load_dataset
from mnist_pipeline.errors import ConfigError
from mnist_pipeline.run import Run

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
def start(loaded: LoadedConfig, folder: Path | None = None, **origin: str) -> Iterator[Experiment]:
    """A new experiment. The data are read and the network is built first, so that no folder is left if that fails.

    Inside, no other process works on its run. `origin`: `made_by`, the command, if it is not train, and the name of
    the `parent` run. Raises DataError, what `prepare` raises, or RunError if there is something in `folder` already.
    """
    if folder:
        runs.refuse_taken(folder)
    dataset = load_dataset(loaded.config.data)
    dataset.split("train")
    from mnist_pipeline.training.train import prepare

    prepared = prepare(loaded, dataset)
    source = dataset.source
    facts = {"name": source.name, "origin": source.origin, "sha256": source.sha256}
    with runs.begun(loaded, folder, data=facts, **origin) as run:
        yield Experiment(loaded, dataset, run, prepared)


@contextmanager
def resume(name: str) -> Iterator[Experiment]:
    """The experiment of a run that was interrupted; inside, no other process works on it.

    Raises RunError if one does, if the run is finished, or if its data have changed.
    """
    run = runs.find(name)
    with run.claimed():
        loaded = run.config()
        dataset = load_dataset(loaded.config.data)
        run.resume(dataset.source.sha256)
        yield Experiment(loaded, dataset, run)


def carry_out(experiment: Experiment) -> dict[str, Any] | None:
    """Train and judge; the figures on the test images, None if there are none. The run records how it ended."""
    with _none_left_if_refused(experiment), experiment.run.recording():
        from mnist_pipeline.inference.classifier import compare_runtimes
        from mnist_pipeline.inference.evaluate import assess
        from mnist_pipeline.training.train import prepare, train

        run, dataset = experiment.run, experiment.dataset
        train(experiment.prepared or prepare(experiment.loaded, dataset, run), run)
        if run.tflite:
            images = (dataset.validation or dataset.split("train")[:CHECKED_IMAGES]).images
            agreement = compare_runtimes(run, images)
            run.update(litert=agreement)
            if not agreement["used"]:
                run.remove_tflite()
        figures = assess(run, dataset, "test") if dataset.test else None
        if figures:
            run.write_metrics(figures)
        run.remove_checkpoint()
        return figures


@contextmanager
def _none_left_if_refused(experiment: Experiment) -> Iterator[None]:
    """A new run of which Keras refuses the first step is taken away: nothing was trained."""
    try:
        yield
    except ConfigError:
        if experiment.prepared:
            experiment.run.discard()
        raise
