"""Delete runs: find reasons not to; then rename each folder, and remove it."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from mnist_pipeline.errors import RunError
from mnist_pipeline.files import PARTIAL
from mnist_pipeline.run.files import CHECKPOINT, CONFIG, HISTORY, LOCK, METRICS, MODEL, RECORD, TFLITE
from mnist_pipeline.run.folder import Run, runs_folder
from mnist_pipeline.run.lock import is_locked
from mnist_pipeline.run.store import HIDDEN, all_runs, find

DELETED = f"{HIDDEN}deleted-"  # a folder of this name is no longer listed
# Files that a run writes, and those that file managers leave in any folder.
EXPECTED = {RECORD, CONFIG, CHECKPOINT, MODEL, TFLITE, HISTORY, METRICS, LOCK, ".DS_Store", "Thumbs.db", "desktop.ini"}
MAX_NAMES = 3  # of files in a message


def find_deletable(names: Sequence[str]) -> tuple[list[Run], list[str]]:
    """The runs of these names, each once, and reasons not to delete them, a line each."""
    runs: dict[Path, Run] = {}
    problems = []
    for name in names:
        try:
            run = find(name)
            _require_no_link(run)
            runs.setdefault(run.folder.resolve(), run)
        except RunError as error:
            problems.append(str(error))
    listed = all_runs() if runs else []
    for folder, run in runs.items():
        reasons = (*_problems(folder), *_dependents(folder, listed, set(runs)))
        problems += [f"{run.name}: {reason}" for reason in reasons]
    return list(runs.values()), problems


def delete(run: Run) -> None:
    """Remove the folder of a run; links in it are not followed. Raises RunError.

    The folder is renamed first, so that a run is listed as a whole or not at all, even if this process is killed.
    """
    _require_no_link(run)
    folder = run.folder.resolve()
    aside = folder.with_name(f"{DELETED}{os.urandom(8).hex()}")
    try:
        folder.rename(aside)
    except OSError as error:
        raise RunError(f"{run.name}: cannot delete this run: {error.strerror}") from error
    if is_locked(aside):  # a training that began after `find_deletable`
        aside.rename(folder)
        raise RunError(f"{run.name}: not deleted, as a process has begun to train into it")
    try:
        shutil.rmtree(aside)
    except OSError as error:
        raise RunError(f"{run.name}: cannot delete all of it: {error.strerror}. What is left: {aside}") from error


def size(run: Run) -> int:
    """Bytes of all files of a run."""
    total = 0
    with suppress(OSError):  # a file that was removed meanwhile
        for file in run.folder.iterdir():
            total += file.lstat().st_size
    return total


def _require_no_link(run: Run) -> None:
    if run.folder.is_symlink():
        raise RunError(f"{run.name}: this is a link to {run.folder.readlink()}. Name the run there, or remove the link")


def _problems(folder: Path) -> Iterator[str]:
    """Reasons within `folder` not to delete its run."""
    if is_locked(folder):
        yield "a process is training into this run. Stop it first, with Ctrl-C where it runs"
    try:
        unexpected = sorted(file.name for file in folder.iterdir() if not _is_expected(file))
    except OSError as error:
        yield f"cannot look into this folder: {error.strerror}"
        return
    if unexpected:
        rest = f" and {len(unexpected) - MAX_NAMES} more" if len(unexpected) > MAX_NAMES else ""
        names = ", ".join(unexpected[:MAX_NAMES]) + rest
        were, them = ("was", "it") if len(unexpected) == 1 else ("were", "them")
        yield f"{names} {were} not written by training. Move {them} out of the run folder, then delete the run"


def _is_expected(file: Path) -> bool:
    return file.name.startswith(PARTIAL) or (file.name in EXPECTED and (file.is_symlink() or file.is_file()))


def _dependents(folder: Path, listed: Sequence[Run], deleted: set[Path]) -> Iterator[str]:
    """A line for each of the `listed` runs that started from the weights of the run in `folder`.

    Not for those among the `deleted`, nor for a run that reproduced it, which needs nothing of it.
    """
    for other in listed:
        with suppress(RunError, OSError, ValueError):  # a damaged record
            parent = other.record.get("parent")
            if parent is None or other.made_by == "reproduce" or other.folder.resolve() in deleted:
                continue
            if folder in (Path(parent).resolve(), (runs_folder() / parent).resolve()):
                yield f"{other.name} started from its weights. Delete that run as well, or keep both"
