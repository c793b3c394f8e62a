"""The runs under `runs/`, or the folder that MNIST_RUNS names: made, found, listed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_pipeline.errors import RunError
from mnist_pipeline.files import PARTIAL
from mnist_pipeline.run.folder import RECORD, Run, runs_folder
from mnist_pipeline.run.lock import LOCK, explain_folder_error

if TYPE_CHECKING:
    from mnist_pipeline.config.load import LoadedConfig

# Windows takes none of these in a name of a file, and a name that begins with one of these and a point for a device.
FORBIDDEN = '<>:"/\\|?*'
DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³")}
MAX_NAME_BYTES = 200  # bytes; file systems take 255, and the time comes after it


@contextmanager
def create(
    loaded: "LoadedConfig", folder: Path | None = None, *, made_by: str = "train", **facts: Any
) -> Iterator[Run]:
    """A new run for a config, with its config and its record written; by default under `runs/`.

    Inside, no other process works on it. `made_by`: the command it is for, of which the default name tells.
    Raises RunError if `folder` holds a run or anything else, or cannot be made.
    """
    from mnist_pipeline.run import ownership

    started = datetime.now(UTC)
    stem = folder_name(loaded.name if made_by == "train" else f"{loaded.name}-{made_by}")
    run = Run(_made(folder) if folder else _made_new(f"{stem}-{started:%Y%m%d-%H%M%S}"))
    with run.locked():
        _require_empty(run.folder)  # again, as another process may have been as fast
        with _nothing_left_of(run):
            _write_beginning(run, loaded, started, made_by, facts)
        ownership.remember(run.config_sha256)
        yield run


@contextmanager
def _nothing_left_of(run: Run) -> Iterator[None]:
    """Take the folder away if not even the beginning of a run can be written to it, as on a full disk."""
    try:
        yield
    except RunError:
        run.discard()
        raise


def _write_beginning(run: Run, loaded: "LoadedConfig", started: datetime, made_by: str, facts: dict[str, Any]) -> None:
    from mnist_pipeline import environment, process

    run.write_config(loaded.config)
    run.update(
        status="training",
        config=loaded.name,
        made_by=made_by,
        seed=loaded.config.seed,
        task=loaded.config.task,
        command=["mnist", *sys.argv[1:]] if process.is_owned() else ["mnist_pipeline.train"],
        started=started.isoformat(),
        versions=environment.versions(),
        hardware=environment.hardware(),
        git_commit=environment.git_commit(),
        config_sha256=run.config_sha256,
        **facts,
    )


def find(name: str | None) -> Run:
    """The run at a path or of a name under `runs/`; without a name, the newest finished one that `train` made.

    Raises RunError that says which runs there are.
    """
    if name is None:
        return _newest_finished()
    for folder in (Path(name), runs_folder() / name):
        if _is_run(folder):
            return Run(folder)
    if os.path.isdir(name):  # noqa: PTH112
        raise RunError(f"{name}: this folder is not a run: it has no {RECORD}")
    known = [run.folder.name for run in all_runs()][:5]
    rest = f"The newest: {', '.join(known)}" if known else f"There are no runs under {runs_folder()}/ yet"
    raise RunError(f"{name}: there is no such run. {rest}")


def _is_run(folder: Path) -> bool:
    """Whether `folder` has a record. Raises RunError for a folder that this user may not look into."""
    try:
        return (folder / RECORD).is_file()
    except PermissionError as error:
        raise RunError(f"{folder}: cannot look into this folder: {error.strerror}") from error
    except OSError:  # a name that is too long
        return False


def _newest_finished() -> Run:
    finished = _newest("finished")
    if finished:
        return finished
    broken = _newest("interrupted")
    rest = f". Or finish {broken.name}, which was interrupted: mnist train --resume {broken.name}" if broken else ""
    where = f"there is no finished run under {runs_folder()}/"
    raise RunError(f"{where}. Train one: mnist train --config quickstart{rest}")


def _newest(status: str) -> Run | None:
    """The newest run of that status that `train` made."""
    return next((run for run in all_runs() if _status(run) == status and run.made_by == "train"), None)


def all_runs() -> list[Run]:
    """The runs under `runs_folder()`, newest first; those whose record cannot be read last."""
    folder = runs_folder()
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{folder}: cannot look into this folder: {error.strerror}") from error
    found = [Run(file.parent) for file in folder.glob(f"*/{RECORD}")]
    return sorted(found, key=_started, reverse=True)


def _started(run: Run) -> str:
    with suppress(RunError):
        return str(run.record.get("started", ""))
    return ""


def _status(run: Run) -> str:
    """The status of a run; damaged or unreadable, if its record is."""
    try:
        return run.status
    except RunError as error:
        return "unreadable" if isinstance(error.__cause__, OSError) else "damaged"


def overview(run: Run) -> dict[str, Any]:
    """One line about a run: name, status, epochs, seconds of training, accuracy and loss on the test set."""
    record, figures = {}, {}
    with suppress(RunError):
        record = run.record
        figures = run.metrics or {}
    return {
        "run": run.name,
        "status": _status(run),
        "epochs": record.get("epochs", _epochs_in_history(run)),
        "seconds": record.get("training_seconds"),
        "weights": record.get("weights"),
        "accuracy": _rounded(figures.get("accuracy")),
        "loss": _rounded(figures.get("loss")),
    }


def _epochs_in_history(run: Run) -> int | None:
    """How many epochs a training that was killed had finished when it last wrote; None for none."""
    with suppress(RunError):
        return len(run.history) or None
    return None


def folder_name(config: str) -> str:
    """The name of a config as the beginning of a folder's name that every system, and the command line, takes."""
    sound = "".join("_" if letter in FORBIDDEN or not letter.isprintable() else letter for letter in config)
    sound = sound.replace(" ", "-")
    sound = sound.encode()[:MAX_NAME_BYTES].decode(errors="ignore").lstrip("-. ") or "run"
    device = sound.partition(".")[0].rstrip().upper() in DEVICES and "." in sound
    return f"_{sound}" if device else sound


def _rounded(figure: float | None) -> str | None:
    return None if figure is None else f"{figure:.4f}"


def require_free(folder: Path) -> None:
    """Raises RunError if `folder` holds a run or anything else, or cannot be looked into."""
    try:
        if folder.exists():
            _require_empty(folder)
    except OSError as error:
        raise RunError(f"{folder}: cannot make this folder: {explain_folder_error(error)}") from error


def _made(folder: Path) -> Path:
    require_free(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder}: cannot make this folder: {explain_folder_error(error)}") from error
    return folder


def _require_empty(folder: Path) -> None:
    names = {file.name for file in folder.iterdir() if file.name != LOCK and not file.name.startswith(PARTIAL)}
    if RECORD in names:
        raise RunError(f"{folder}: {_state(Run(folder))}")
    if names:
        raise RunError(f"{folder}: there is something in this folder already. Name another with --run-dir")


def _state(run: Run) -> str:
    """Of a run that is in the way: what it is, and what can be done."""
    status = _status(run)
    if status == "training":
        return "a process is training into this folder. Name another with --run-dir"
    there = f"there is {'an' if status[0] in 'iu' else 'a'} {status} run in this folder already"
    if status in ("interrupted", "failed"):
        finish = f"To finish it: mnist train --resume {run.name}"
        return f"{there}. {finish}. For a new run, name another folder with --run-dir"
    return f"{there}. Name another with --run-dir"


def _made_new(name: str) -> Path:
    """A new folder under `runs_folder()`; two runs that start in one second get different ones."""
    for number in range(1, 1000):
        folder = runs_folder() / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunError(f"{folder}: cannot make this folder: {explain_folder_error(error)}") from error
        return folder
    raise RunError(f"{runs_folder() / name}: too many runs of this name")
