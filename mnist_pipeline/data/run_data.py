"""The data that a run is evaluated on: those of its own config, as far as that may be trusted, or others."""

from mnist_pipeline.data.dataset import Dataset, load_dataset
from mnist_pipeline.data.sources import ASKED, Access
from mnist_pipeline.run import ownership
from mnist_pipeline.run.folder import Run


def access_of(run: Run, source: str | None = None) -> Access:
    """What may be done to load the data of `run`: everything for a `source` that the user names.

    The config of a run starts no download, and a path in it is read only if this user created the run.
    """
    return ASKED if source is not None else Access(paths=ownership.is_own(run.config_sha256), download=False)


def load_run_dataset(run: Run, source: str | None = None) -> Dataset:
    """The parts of the data of `run`, or of `source` as its config wants them. Raises DataError."""
    return load_dataset(run.config().config.data, source, access_of(run, source))
