"""The life of a run after it was created: it is resumed, ends, or is discarded."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mnist_pipeline.errors import MnistError, RunError
from mnist_pipeline.run.files import CHECKPOINT, CONFIG, HISTORY, LOCK, MODEL, RECORD, hash_files
from mnist_pipeline.run.record import Record, RecordFields, Status

if TYPE_CHECKING:
    from mnist_pipeline.run.folder import Run


def require_unfinished(run: "Run") -> None:
    """Raises RunError for a finished run."""
    if run.record["status"] == "finished":
        raise RunError(
            f"{run.name} is already finished. To train longer, train again with more epochs: "
            f"mnist train --config {run.folder / CONFIG} --set training.epochs=N"
        )


def resume(run: "Run", data_sha256: str) -> None:
    """Set the status of a run back to training.

    Raises RunError if it is finished, or its config or data have changed.
    """
    require_unfinished(run)
    if run.record.get("config_sha256") != run.config_sha256:
        config = run.folder / CONFIG
        raise RunError(
            f"{config} has changed since this run began, and a run keeps to one config. "
            f"To train with the changes: mnist train --config {config}"
        )
    if run.data_sha256 != data_sha256:
        raise RunError(
            f"{run.name}: the data have changed since this run began: SHA-256 {run.data_sha256}, now {data_sha256}. "
            "Put the former data back, or train a new run"
        )
    record = run.record.copy()
    record.pop("error", None)
    record.pop("ended", None)
    record["status"] = "training"
    record["resumptions"] = [*record.get("resumptions", []), {"at": _now()}]
    run.write_record(record)


@contextmanager
def record_outcome(run: "Run") -> Iterator[None]:
    """Record how the block ends, and then the SHA-256 of all files.

    Status: finished; interrupted after KeyboardInterrupt; failed, with the error, after any other exception.
    """
    try:
        yield
    except KeyboardInterrupt:
        _end(run, "interrupted")
        raise
    except BaseException as error:
        with suppress(RunError, OSError):  # on a full disk, for one, nothing can be recorded
            reason = str(error) if isinstance(error, MnistError) else f"{type(error).__name__}: {error}"
            _end(run, "failed", {"error": reason})
        raise
    _end(run, "finished")
    run.remove(CHECKPOINT)  # not before: until now, a run that was interrupted resumes from it


def _end(run: "Run", status: Status, fields: RecordFields | None = None) -> None:
    unhashed = {RECORD, LOCK} | ({CHECKPOINT} if status == "finished" else set())
    hashes = hash_files(run.folder, without=unhashed)
    record: Record = {**run.record, **(fields or {}), "status": status, "ended": _now(), "sha256": hashes}
    run.write_record(record)


def discard(run: "Run") -> None:
    """Remove the folder of a new run, unless it has a model, history or checkpoint."""
    if any((run.folder / name).exists() for name in (MODEL, HISTORY, CHECKPOINT)):
        return
    with suppress(OSError):
        for name in (RECORD, CONFIG, LOCK):
            (run.folder / name).unlink(missing_ok=True)
        run.folder.rmdir()


def _now() -> str:
    return datetime.now(UTC).isoformat()
