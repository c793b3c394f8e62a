"""Create a run: a new folder with the config and the beginning of its record."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from mnist_pipeline.errors import RunError
from mnist_pipeline.files import PARTIAL
from mnist_pipeline.run.files import LOCK, RECORD
from mnist_pipeline.run.folder import Run, runs_folder
from mnist_pipeline.run.lifecycle import discard
from mnist_pipeline.run.lock import explain_folder_error
from mnist_pipeline.run.record import Record, RecordFields
from mnist_pipeline.run.store import status_or_damage

if TYPE_CHECKING:
    from mnist_pipeline.config.load import LoadedConfig

# Windows takes none of these in a name of a file, and a name that begins with one of these and a point for a device.
FORBIDDEN = '<>:"/\\|?*'
DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³")}
MAX_NAME_BYTES = 200  # file systems take 255, and the time comes after it


@contextmanager
def create(loaded: "LoadedConfig", folder: Path | None = None, **fields: Unpack[RecordFields]) -> Iterator[Run]:
    """A new run for a config, locked inside; by default under `runs/`.

    `fields`: more for its record; `made_by`, if not train, becomes part of its default name. Raises RunError if
    `folder` holds a run or anything else, or cannot be made.
    """
    from mnist_pipeline.run import ownership

    started = datetime.now(UTC)
    made_by = fields.setdefault("made_by", "train")
    stem = folder_name(loaded.name if made_by == "train" else f"{loaded.name}-{made_by}")
    run = Run(_make(folder) if folder else _make_new(f"{stem}-{started:%Y%m%d-%H%M%S}"), loaded)
    with run.locked():
        _require_empty(run.folder)  # again, as another process may have been as fast
        with _discard_on_failure(run):
            run.write_config(loaded.config)
            run.write_record(_first_record(run, loaded, started, fields))
        ownership.add(run.config_sha256)
        yield run


def _first_record(run: Run, loaded: "LoadedConfig", started: datetime, fields: RecordFields) -> Record:
    from mnist_pipeline import environment, process

    return {
        "status": "training",
        "config": loaded.name,
        "seed": loaded.config.seed,
        "task": {"kind": loaded.config.task["kind"], "scale": loaded.config.task["scale"]},
        "command": ["mnist", *sys.argv[1:]] if process.is_owned() else ["mnist_pipeline.train"],
        "started": started.isoformat(),
        "versions": environment.versions(),
        "hardware": environment.hardware(),
        "git_commit": environment.git_commit(),
        "config_sha256": run.config_sha256,
        **fields,
    }


@contextmanager
def _discard_on_failure(run: Run) -> Iterator[None]:
    """Remove the folder if the first files cannot be written to it, as on a full disk."""
    try:
        yield
    except RunError:
        discard(run)
        raise


def folder_name(config: str) -> str:
    """The name of a config as a folder name that is valid on every system.

    It has no spaces, does not begin with `-` or `.`, and leaves room for the time.
    """
    name = "".join("_" if letter in FORBIDDEN or not letter.isprintable() else letter for letter in config)
    name = name.replace(" ", "-")
    name = name.encode()[:MAX_NAME_BYTES].decode(errors="ignore").lstrip("-. ") or "run"
    is_device = name.partition(".")[0].rstrip().upper() in DEVICES and "." in name
    return f"_{name}" if is_device else name


def require_free(folder: Path) -> None:
    """Raises RunError if `folder` holds a run or anything else, or cannot be read."""
    try:
        if folder.exists():
            _require_empty(folder)
    except OSError as error:
        raise _cannot_make(folder, error) from error


def _make(folder: Path) -> Path:
    require_free(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_make(folder, error) from error
    return folder


def _make_new(name: str) -> Path:
    """A new folder under `runs_folder()`; a number follows `name` if it is taken."""
    for number in range(1, 1000):
        folder = runs_folder() / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise _cannot_make(folder, error) from error
        return folder
    raise RunError(f"{runs_folder() / name}: too many runs of this name. Name a folder with --run-dir")


def _cannot_make(folder: Path, error: OSError) -> RunError:
    return RunError(f"{folder}: cannot make this folder: {explain_folder_error(error)}")


def _require_empty(folder: Path) -> None:
    names = {file.name for file in folder.iterdir() if file.name != LOCK and not file.name.startswith(PARTIAL)}
    if RECORD in names:
        raise RunError(f"{folder}: {_why_taken(Run(folder))}")
    if names:
        raise RunError(f"{folder}: this folder already holds files. Name another with --run-dir")


def _why_taken(run: Run) -> str:
    """What the folder already holds, and what to do."""
    status = status_or_damage(run)
    if status == "training":
        return "a process is training into this folder. Name another with --run-dir"
    reason = f"this folder already holds {'an' if status[0] in 'iu' else 'a'} {status} run"
    if status in ("interrupted", "failed"):
        finish = f"To finish it: mnist train --resume {run.name}"
        return f"{reason}. {finish}. For a new run, name another folder with --run-dir"
    return f"{reason}. Name another with --run-dir"
