"""Compare the files of a run with the SHA-256 of each that training recorded."""

from pathlib import Path
from typing import TYPE_CHECKING

from mnist_pipeline.errors import RunError
from mnist_pipeline.run.files import CHECKPOINT, COPY_OR_TRAIN, MODEL, RECORD, TFLITE, file_names, file_sha256, own_file

if TYPE_CHECKING:
    from mnist_pipeline.run.folder import Run

HASHED_AT_ONCE = {MODEL, TFLITE}  # a model without a SHA-256 is never used


def require_recorded(run: "Run", file: Path) -> Path:
    """`file`. Raises RunError if it was added after training.

    During training only models are checked, as other files have no SHA-256 yet.
    """
    hashed = file.name in HASHED_AT_ONCE or run.record["status"] != "training"
    if hashed and file.name not in run.hashes:
        raise RunError(
            f"{file}: {RECORD} has no SHA-256 of this file, so it was added after training and is not used. "
            "Remove it, or copy the run again"
        )
    return file


def require_unchanged(run: "Run", file: Path) -> Path:
    """`file`. Raises RunError if it was added or changed after training."""
    require_same_hash(run, require_recorded(run, file))
    return file


def require_same_hash(run: "Run", file: Path) -> None:
    """Raises RunError if the SHA-256 of `file` is recorded and is another."""
    if file.name in run.hashes and run.hashes[file.name] != file_sha256(file):
        raise RunError(
            f"{file}: this file was changed after training: its SHA-256 is not the one in {RECORD}. {COPY_OR_TRAIN}"
        )


def changed_files(run: "Run") -> dict[str, str]:
    """Name -> how a file differs from the recorded one: `missing`, `changed`, ...

    Hidden files, such as `.DS_Store`, belong to the system and are never read.
    """
    changes = {name: change for name, sha256 in run.hashes.items() if (change := _change(run, name, sha256))}
    if run.record["status"] != "training":
        names = file_names(run.folder)
        recorded = {RECORD, CHECKPOINT, *run.hashes}  # a kill may leave a checkpoint, which is no longer read
        added = [name for name in names if name not in recorded and not name.startswith(".")]
        changes |= dict.fromkeys(added, "not recorded: added after training")
    return changes


def _change(run: "Run", name: str, sha256: str) -> str | None:
    """How the file `name` differs from the one with this SHA-256; None if it does not."""
    file = own_file(run.folder, name)
    if file is None:
        return "missing"
    try:
        return None if file_sha256(file) == sha256 else "changed"
    except RunError:
        return "cannot be read"
