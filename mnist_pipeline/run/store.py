"""Find runs by name, and list those under `runs/`, or the folder in MNIST_RUNS."""

import os
from contextlib import suppress
from pathlib import Path

from mnist_pipeline.errors import RunError
from mnist_pipeline.run.files import RECORD
from mnist_pipeline.run.folder import Run, runs_folder

HIDDEN = "."  # as begin the names of folders that are being deleted
MAX_NAMES = 5  # in a message


def find(name: str | None) -> Run:
    """The run at a path, or of a name under `runs/`.

    Without a name: the newest finished run that `train` made. Raises RunError that names the newest runs.
    """
    if name is None:
        return _newest_finished()
    for folder in (Path(name), runs_folder() / name):
        if _is_run(folder):
            return Run(folder)
    if os.path.isdir(name):  # noqa: PTH112
        raise RunError(f"{name}: this folder is not a run: it has no {RECORD}. For the runs there are: mnist runs")
    names = [run.folder.name for run in all_runs()][:MAX_NAMES]
    newest = f"The newest: {', '.join(names)}" if names else f"There are no runs under {runs_folder()}/ yet"
    raise RunError(f"{name}: run not found. {newest}")


def all_runs() -> list[Run]:
    """The runs under `runs_folder()`, newest first; unreadable ones last."""
    folder = runs_folder()
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _cannot_look_into(folder, error) from error
    runs = [Run(file.parent) for file in folder.glob(f"*/{RECORD}") if not file.parent.name.startswith(HIDDEN)]
    return sorted(runs, key=_started, reverse=True)


def status_or_damage(run: Run) -> str:
    """The status of a run; damaged or unreadable, if its record is."""
    try:
        return run.status
    except RunError as error:
        return "unreadable" if isinstance(error.__cause__, OSError) else "damaged"


def _is_run(folder: Path) -> bool:
    """Whether `folder` has a record. Raises RunError without permission to read it."""
    try:
        return (folder / RECORD).is_file()
    except PermissionError as error:
        raise _cannot_look_into(folder, error) from error
    except OSError:  # a name that is too long
        return False


def _cannot_look_into(folder: Path, error: OSError) -> RunError:
    return RunError(f"{folder}: cannot look into this folder: {error.strerror}")


def _newest_finished() -> Run:
    runs = all_runs()
    finished = _newest(runs, "finished")
    if finished:
        return finished
    interrupted = _newest(runs, "interrupted")
    rest = (
        f". Or finish {interrupted.name}, which was interrupted: mnist train --resume {interrupted.name}"
        if interrupted
        else ""
    )
    raise RunError(f"there is no finished run under {runs_folder()}/. Train one: mnist train --config quickstart{rest}")


def _newest(runs: list[Run], status: str) -> Run | None:
    """The newest run of that status that `train` made."""
    return next((run for run in runs if status_or_damage(run) == status and run.made_by == "train"), None)


def _started(run: Run) -> str:
    with suppress(RunError):
        return run.record.get("started", "")
    return ""
