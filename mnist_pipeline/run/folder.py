"""The run folder: everything needed to use, judge, repeat and explain one trained model.

This is the only place that knows the names of its files. Each is written beside its place and then moved there, so
it is whole or absent.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_pipeline.errors import MnistError, RunError
from mnist_pipeline.files import atomic_write, sha256
from mnist_pipeline.run.lock import LOCK, is_locked, locked
from mnist_pipeline.run.record import Metrics, Record, file_sha256, history_text, json_text, read_history, read_json
from mnist_pipeline.tasks import Task

if TYPE_CHECKING:
    from mnist_pipeline.config.load import LoadedConfig
    from mnist_pipeline.config.schema import Config

RECORD, CONFIG, MODEL = "run.json", "config.yaml", "model.keras"
TFLITE = "model.tflite"
HISTORY, METRICS, CHECKPOINT = "history.csv", "metrics.json", "checkpoint.npz"


def runs_folder() -> Path:
    """Where runs lie that are not named by a path: the folder that MNIST_RUNS names, or `runs/`."""
    return Path(os.path.expanduser(os.environ.get("MNIST_RUNS") or "runs"))  # noqa: PTH111, pathlib's can raise


@dataclass(frozen=True)
class Run:
    """A run folder that exists."""

    folder: Path

    @property
    def name(self) -> str:
        """What `--run` takes: the folder's name under `runs_folder()`, or its path."""
        return self.folder.name if self.folder.parent == runs_folder() else str(self.folder)

    @property
    def record(self) -> dict[str, Any]:
        """What is known of the run. Raises RunError if it cannot be read."""
        return read_json(self._existing(RECORD, f"this is not a run: it has no {RECORD}"), Record)

    @property
    def status(self) -> str:
        """One of training, finished, interrupted, failed; a training whose process died is interrupted."""
        status = str(self.record["status"])
        if status == "training" and not is_locked(self.folder):
            status = str(self.record["status"])  # it may have ended since
            return "interrupted" if status == "training" else status
        return status

    @property
    def made_by(self) -> str:
        """The command that made it: train, or reproduce."""
        return str(self.record.get("made_by", "train"))  # the first versions did not note it

    @property
    def task(self) -> Task:
        """How to read what its model gives. Its config says so too, but takes longer to read than a model to answer."""
        recorded: dict[str, Any] = self.record.get("task") or {}
        if "scale" not in recorded:  # the first versions recorded less
            return self.config().config.task
        return Task(kind=recorded["kind"], scale=recorded["scale"])

    @property
    def metrics(self) -> dict[str, Any] | None:
        """The figures on the test set, if there are any yet."""
        file = self._own(METRICS)
        return read_json(self._recorded(file), Metrics) if file else None

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file as it was written at the end; none before."""
        return self.record.get("sha256") or {}

    @property
    def data_sha256(self) -> str | None:
        """The SHA-256 of the data that it was trained on, if it says so."""
        return (self.record.get("data") or {}).get("sha256")

    @property
    def model(self) -> Path:
        """The file of the Keras model. Raises RunError, with the reason, if there is none or it has changed."""
        file = self._own(MODEL)
        if file is None:
            raise RunError(f"{self.name} {self._why_no_model()}")
        return self._unchanged(file)

    @property
    def tflite(self) -> Path | None:
        """The file of the same model for LiteRT, if there is one. Raises RunError if it is not the one written."""
        file = self._own(TFLITE)
        return self._unchanged(file) if file else None

    @property
    def checkpoint(self) -> Path | None:
        """The file to go on from, if there is one."""
        return self._own(CHECKPOINT)

    @property
    def history(self) -> list[dict[str, str]]:
        """A row an epoch, as written; none before the first."""
        file = self._own(HISTORY)
        return read_history(self._recorded(file)) if file else []

    def changed_files(self) -> dict[str, str]:
        """The files that are not what was written at the end: `missing`, `changed`, or `not recorded`.

        Hidden files, such as `.DS_Store`, are those of the system; nothing here reads them.
        """
        found = {}
        for name, written in self.hashes.items():
            file = self._own(name)
            if file is None:
                found[name] = "missing"
            else:
                found |= self._changed(file, written)
        if self.record["status"] != "training":
            there = sorted(file.name for file in self.folder.iterdir() if file.is_symlink() or file.is_file())
            known = {RECORD, CHECKPOINT, *self.hashes}  # a kill may leave a checkpoint, which nothing reads any more
            others = [name for name in there if name not in known and not name.startswith(".")]
            found |= dict.fromkeys(others, "not recorded: added after training")
        return found

    def _changed(self, file: Path, written: str) -> dict[str, str]:
        try:
            return {} if file_sha256(file) == written else {file.name: "changed"}
        except RunError:
            return {file.name: "cannot be read"}

    def config(self) -> "LoadedConfig":
        """The config that the run was trained with, under the name it had then. Raises RunError or ConfigError."""
        from mnist_pipeline.config.load import load

        loaded = load(str(self._recorded(self._existing(CONFIG, "its config is missing"))))
        return replace(loaded, name=self.record.get("config", loaded.name))

    @property
    def config_sha256(self) -> str:
        """The SHA-256 of the config as it is now."""
        return file_sha256(self._existing(CONFIG, "its config is missing"))

    def update(self, **facts: Any) -> None:
        """Add to what is known of the run."""
        record = self.record if (self.folder / RECORD).exists() else {}
        self._write_json(RECORD, record | facts)

    def require_unfinished(self) -> None:
        """Raises RunError for a finished run."""
        if self.record["status"] == "finished":
            raise RunError(
                f"{self.name} is already finished. To train longer, train anew with more epochs: "
                f"mnist train --config {self.folder / CONFIG} --set training.epochs=N"
            )

    def resume(self, data_sha256: str) -> None:
        """Take the training up again. Raises RunError if it is over, or config or data are not those it began with."""
        self.require_unfinished()
        config = self._existing(CONFIG, "its config is missing")
        if self.record.get("config_sha256") != file_sha256(config):
            raise RunError(
                f"{config} has changed since this run began, and a run keeps to one config. "
                f"To train with the changes: mnist train --config {config}"
            )
        if self.data_sha256 != data_sha256:
            raise RunError(f"{self.name}: the data are not those that this run began with (SHA-256 {data_sha256})")
        record = {name: fact for name, fact in self.record.items() if name not in ("error", "ended")}
        resumptions = [*record.get("resumptions", []), {"at": _now().isoformat()}]
        self._write_json(RECORD, record | {"status": "training", "resumptions": resumptions})

    def note_machine(self, machine: dict[str, Any]) -> None:
        """Note what the run is trained on from now; what was noted of the machines before stays."""
        *earlier, last = self.record.get("resumptions") or [None]
        self.update(**machine if last is None else {"resumptions": [*earlier, last | machine]})

    def discard(self) -> None:
        """Take the folder of a run away that has only just been made; one with more than its beginning stays."""
        if any((self.folder / name).exists() for name in (MODEL, HISTORY, CHECKPOINT)):
            return
        with suppress(OSError):
            for name in (RECORD, CONFIG, LOCK):
                (self.folder / name).unlink(missing_ok=True)
            self.folder.rmdir()

    def write_model(self, save: Callable[[Path], None]) -> None:
        """Let `save` write the Keras model to the path that it is given."""
        self._write_model(MODEL, save)

    def write_tflite(self, save: Callable[[Path], None]) -> None:
        """Let `save` write the LiteRT model to the path that it is given."""
        self._write_model(TFLITE, save)

    def remove_tflite(self) -> None:
        """It does not say what the Keras model says, so it is not used."""
        self._remove(TFLITE)

    def write_checkpoint(self, save: Callable[[Path], None]) -> None:
        """Let `save` write the checkpoint to the path that it is given."""
        with self._whole(CHECKPOINT) as file:
            save(file)

    def remove_checkpoint(self) -> None:
        """Training is over, so there is nothing to go on from."""
        self._remove(CHECKPOINT)

    def write_config(self, config: "Config") -> None:
        """The whole config, defaults and overrides written out."""
        from mnist_pipeline.config.yaml.writer import dump

        self._write_text(CONFIG, dump(config.to_dict()))

    def _write_model(self, name: str, save: Callable[[Path], None]) -> None:
        with self._whole(name) as file:
            save(file)
        self.update(sha256=self.hashes | {name: file_sha256(self.folder / name)})  # a model without one is never used

    def write_history(self, rows: Sequence[dict[str, float]]) -> None:
        """A row an epoch; the columns are those of the first row."""
        self._write_text(HISTORY, history_text(rows))

    def write_metrics(self, figures: dict[str, Any]) -> None:
        """The figures on the test set."""
        self._write_json(METRICS, figures)

    def locked(self) -> AbstractContextManager[None]:
        """Inside, no other process works on this run. Raises RunError if one does; a dead one holds nothing."""
        return locked(self.folder, self.name)

    @contextmanager
    def record_outcome(self) -> Iterator[None]:
        """Note how the work inside ends: finished, interrupted, or failed and why; then the hashes of all files."""
        try:
            yield
        except KeyboardInterrupt:
            self._end("interrupted")
            raise
        except BaseException as error:
            with suppress(RunError, OSError):  # where nothing can be written any more, neither can this
                said = str(error) if isinstance(error, MnistError) else f"{type(error).__name__}: {error}"
                self._end("failed", error=said)
            raise
        self._end("finished", CHECKPOINT)
        self.remove_checkpoint()  # not before: a Ctrl-C until now goes on from it

    def _end(self, status: str, *unneeded: str, **facts: Any) -> None:
        try:
            files = [file for file in sorted(self.folder.iterdir()) if file.is_file()]
            hashes = {file.name: sha256(file) for file in files if file.name not in (RECORD, LOCK, *unneeded)}
        except OSError as error:
            raise RunError(f"{error.filename}: cannot read what this run has written: {error.strerror}") from error
        self.update(status=status, ended=_now().isoformat(), **facts, sha256=hashes)

    def _why_no_model(self) -> str:
        resume = f"mnist train --resume {self.name}"
        match self.status:
            case "training":
                return "has no model yet: it is training, and saves its model at the end"
            case "finished":
                return f"is not as it was written: its {MODEL} is missing. For all that is: mnist verify {self.name}"
            case "failed":
                why = self.record.get("error", "for a reason unknown").partition("\n")[0]
                return f"has no model: its training failed ({why})" + (
                    "" if resume in why else f". Once that is fixed: {resume}"
                )
        told = "has no model: its training was interrupted"
        if not self.checkpoint:
            return f"{told} before anything of it was saved. To train it from the start: {resume}"
        return f"{told}{self._saved()}. To finish it: {resume}"

    def _saved(self) -> str:
        with suppress(RunError):  # a damaged history
            epochs = len(self.history)
            return {0: " in its first epoch", 1: "; 1 epoch of it is saved"}.get(
                epochs, f"; {epochs} epochs of it are saved"
            )
        return ""

    def _recorded(self, file: Path) -> Path:
        """`file`. Raises RunError if training did not write it; other files than models may come while it goes on."""
        record = self.record
        hashed = file.name in (MODEL, TFLITE) or record["status"] != "training"
        if hashed and file.name not in record.get("sha256", {}):
            raise RunError(
                f"{file}: {RECORD} has no SHA-256 of this file, so it was added after training and is not used. "
                "Remove it, or copy the run anew"
            )
        return file

    def _unchanged(self, file: Path) -> Path:
        if self.hashes[self._recorded(file).name] != file_sha256(file):
            raise RunError(f"{file}: this is not the model that training wrote; the SHA-256 in {RECORD} differs")
        return file

    def _existing(self, name: str, problem: str) -> Path:
        file = self._own(name)
        if file is None:
            raise RunError(f"{self.folder}: {problem}")
        return file

    def _own(self, name: str) -> Path | None:
        """The file of the run that is called so, if there is one. Raises RunError for a link: it may lead elsewhere."""
        file = self.folder / name
        if os.path.islink(file):  # noqa: PTH114, pathlib's raises for a name that is too long
            raise RunError(f"{file} is a link, and a run holds its files itself. Put the file in its place")
        return file if file.name == name and os.path.isfile(file) else None  # noqa: PTH113

    def _write_json(self, name: str, content: dict[str, Any]) -> None:
        self._write_text(name, json_text(content))

    def _write_text(self, name: str, text: str) -> None:
        with self._whole(name) as file:
            # bytes, as Windows would end lines otherwise; a name that is no text gets JSON's escape
            file.write_bytes(text.encode(errors="backslashreplace"))

    def _remove(self, name: str) -> None:
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise RunError(f"{self.folder / name}: cannot remove this file: {error.strerror}") from error

    @contextmanager
    def _whole(self, name: str) -> Iterator[Path]:
        """A path to write to that becomes `name` when it is complete. Raises RunError where it cannot be written."""
        try:
            with atomic_write(self.folder / name) as file:
                yield file
        except OSError as error:
            said = f"{self.folder / name}: cannot write this file: {error.strerror or error}"
            if (self.folder / RECORD).exists():
                said += (
                    f". What was complete before is still there. Once that is fixed: mnist train --resume {self.name}"
                )
            raise RunError(said) from error


def _now() -> datetime:
    return datetime.now(UTC)
