"""The run that a command works on."""

from typing import TYPE_CHECKING

from mnist_pipeline.terminal import log

if TYPE_CHECKING:
    from mnist_pipeline.run.folder import Run


def find_run(name: str | None) -> "Run":
    """The run called `name`; without a name, the newest finished one.

    The latter is named on stderr. Raises RunError if there is no such run.
    """
    from mnist_pipeline.run import store

    run = store.find(name)
    if name is None:
        log(f"Run: {run.name}")
    return run
