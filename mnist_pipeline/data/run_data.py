"""The data of a run: those of its config, or others."""

from mnist_pipeline.data.dataset import Dataset, load_dataset
from mnist_pipeline.data.sources import FULL_ACCESS, Access
from mnist_pipeline.run import ownership
from mnist_pipeline.run.folder import Run


def load_run_dataset(run: Run, source: str | None = None) -> Dataset:
    """The splits that the config of `run` describes, of its data or of `source`.

    Raises DataError.
    """
    return load_dataset(run.config().config.data, source, access_of(run, source))


def access_of(run: Run, source: str | None = None) -> Access:
    """What may be done to load the data of `run`.

    Everything for a `source` that the user names. The config of a run starts no download, and a path in it is read only
    if this user created the run.
    """
    return FULL_ACCESS if source is not None else Access(paths=ownership.is_own(run.config_sha256), download=False)
