"""`Run`: the folder that holds everything needed to use, evaluate, repeat and explain one trained model."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mnist_pipeline.errors import ConfigError, RunError
from mnist_pipeline.run import lifecycle, status
from mnist_pipeline.run.files import (
    CHECKPOINT,
    CONFIG,
    HISTORY,
    METRICS,
    MODEL,
    RECORD,
    TFLITE,
    file_names,
    file_sha256,
    own_file,
    remove_file,
    write_file,
)
from mnist_pipeline.run.json_file import json_text, read_json
from mnist_pipeline.run.lock import locked
from mnist_pipeline.run.record import Metrics, Record, RecordFields, Status, TrainingEnvironment
from mnist_pipeline.tasks import Task

if TYPE_CHECKING:
    from mnist_pipeline.config.load import LoadedConfig
    from mnist_pipeline.config.schema import Config

HASHED_AT_ONCE = {MODEL, TFLITE}  # a model without a SHA-256 is never used


def runs_folder() -> Path:
    """The folder of runs that are named without a path: MNIST_RUNS, or `runs/`."""
    return Path(os.path.expanduser(os.environ.get("MNIST_RUNS") or "runs"))  # noqa: PTH111, pathlib's can raise


@dataclass
class Run:
    """A run folder that exists. Its record and its config are read when first needed, and kept."""

    folder: Path
    _config: "LoadedConfig | None" = field(default=None, repr=False, compare=False)
    _record: Record | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What `--run` takes: the folder's name under `runs_folder()`, or its path."""
        return self.folder.name if self.folder.parent == runs_folder() else str(self.folder)

    # What it says of itself

    @property
    def record(self) -> Record:
        """The content of run.json. Raises RunError if it cannot be read."""
        if self._record is None:
            record: Record = read_json(self._existing(RECORD, f"this is not a run: it has no {RECORD}"), Record)
            self._record = record
        return self._record

    def refresh(self) -> None:
        """Read run.json anew when it is needed next: another process may have written it."""
        self._record = None

    @property
    def status(self) -> Status:
        """Status now: a training whose process died is interrupted."""
        return status.current(self)

    @property
    def made_by(self) -> str:
        """The command that made it: train, or reproduce."""
        return self.record.get("made_by", "train")  # the first versions did not record it

    @property
    def task(self) -> Task:
        """How to read the outputs of its model. From the record: its config takes longer to read than a prediction."""
        task = self.record.get("task")
        if task is None or "scale" not in task:  # the first versions recorded less
            return self.config().config.task
        return Task(kind=task["kind"], scale=task["scale"])

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file when training ended; before, those of models only."""
        return self.record.get("sha256") or {}

    @property
    def data_sha256(self) -> str | None:
        """The SHA-256 of the data it was trained on; None if that was not recorded."""
        data = self.record.get("data")
        return data["sha256"] if data else None

    # Its files

    def config(self) -> "LoadedConfig":
        """The config it was trained with, under the name it had then. Raises RunError or ConfigError."""
        if self._config is None:
            from mnist_pipeline.config.load import load

            file = self._recorded(self._existing(CONFIG, "its config is missing"))
            try:
                loaded = load(str(file))
            except ConfigError:
                self._require_unchanged(file)
                raise
            self._config = replace(loaded, name=self.record.get("config", loaded.name))
        return self._config

    @property
    def config_sha256(self) -> str:
        """The SHA-256 of the config file as it is now."""
        return file_sha256(self._existing(CONFIG, "its config is missing"))

    @property
    def metrics(self) -> dict[str, Any] | None:
        """Metrics on the test set, with those on the validation set under `validation`; None before there are any."""
        file = own_file(self.folder, METRICS)
        metrics: dict[str, Any] | None = read_json(self._recorded(file), Metrics) if file else None
        return metrics

    @property
    def history(self) -> list[dict[str, str]]:
        """A row an epoch, as written; none before the first."""
        from mnist_pipeline.run.history import read_history

        file = own_file(self.folder, HISTORY)
        return read_history(self._recorded(file)) if file else []

    @property
    def model(self) -> Path:
        """The file of the Keras model. Raises RunError, with the reason, if there is none or it was changed."""
        file = own_file(self.folder, MODEL)
        if file is None:
            raise RunError(f"{self.name} {status.why_no_model(self)}")
        return self._unchanged(file)

    @property
    def tflite(self) -> Path | None:
        """The file of the same model for LiteRT, if there is one. Raises RunError if it was changed."""
        file = own_file(self.folder, TFLITE)
        return self._unchanged(file) if file else None

    @property
    def checkpoint(self) -> Path | None:
        """The file to resume from, if there is one."""
        return own_file(self.folder, CHECKPOINT)

    def changed_files(self) -> dict[str, str]:
        """Files that differ from what training left: `missing`, `changed`, `not recorded` ...

        Hidden files, such as `.DS_Store`, are those of the system; nothing here reads them.
        """
        changes = {name: change for name, sha256 in self.hashes.items() if (change := self._change(name, sha256))}
        if self.record["status"] != "training":
            names = file_names(self.folder)
            recorded = {RECORD, CHECKPOINT, *self.hashes}  # a kill may leave a checkpoint, which is no longer read
            added = [name for name in names if name not in recorded and not name.startswith(".")]
            changes |= dict.fromkeys(added, "not recorded: added after training")
        return changes

    # Writing

    def update(self, **facts: Unpack[RecordFields]) -> None:
        """Add to the record."""
        self.write_record({**self.record, **facts})

    def write_record(self, record: Record) -> None:
        """Write the whole of run.json."""
        self._write_text(RECORD, json_text(record))
        self.refresh()

    def record_environment(self, machine: TrainingEnvironment) -> None:
        """Record the machine that trains from now on; those recorded before stay."""
        resumptions = self.record.get("resumptions")
        if resumptions:
            self.update(resumptions=[*resumptions[:-1], {**resumptions[-1], **machine}])
        else:
            self.update(**machine)

    def write(self, name: str, save: Callable[[Path], object]) -> None:
        """Let `save` write to a temporary path that becomes the file `name` when it is complete. Raises RunError."""
        try:
            write_file(self.folder / name, save)
        except RunError as error:
            if not (self.folder / RECORD).exists():
                raise
            resume = f"What was complete before is still there. Once that is fixed: mnist train --resume {self.name}"
            raise RunError(f"{error}. {resume}") from error
        if name in HASHED_AT_ONCE:
            self.update(sha256={**self.hashes, name: file_sha256(self.folder / name)})

    def remove(self, name: str) -> None:
        """Remove the file `name` if it exists. Raises RunError."""
        remove_file(self.folder / name)

    def write_config(self, config: "Config") -> None:
        """Write the whole config, defaults and overrides included."""
        from mnist_pipeline.config.yaml.writer import dump

        self._write_text(CONFIG, dump(config.to_dict()))

    def write_history(self, rows: Sequence[dict[str, float]]) -> None:
        """Write a row an epoch; the columns are those of the first row."""
        from mnist_pipeline.run.history import history_text

        self._write_text(HISTORY, history_text(rows))

    def write_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Write the metrics on the test set, with those on the validation set under `validation`."""
        self._write_text(METRICS, json_text(metrics))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from training into this run. Raises RunError if one does; a dead one holds nothing."""
        with locked(self.folder, self.name):
            self.refresh()
            yield

    def record_outcome(self) -> AbstractContextManager[None]:
        """Record how the work inside ends: finished, interrupted, or failed and why; then the hashes of all files."""
        return lifecycle.record_outcome(self)

    # Checks

    def _existing(self, name: str, problem: str) -> Path:
        file = own_file(self.folder, name)
        if file is None:
            raise RunError(f"{self.folder}: {problem}")
        return file

    def _recorded(self, file: Path) -> Path:
        """`file`. Raises RunError if it was added after training; during training only models are checked."""
        hashed = file.name in HASHED_AT_ONCE or self.record["status"] != "training"
        if hashed and file.name not in self.hashes:
            raise RunError(
                f"{file}: {RECORD} has no SHA-256 of this file, so it was added after training and is not used. "
                "Remove it, or copy the run again"
            )
        return file

    def _unchanged(self, file: Path) -> Path:
        self._require_unchanged(self._recorded(file))
        return file

    def _require_unchanged(self, file: Path) -> None:
        if file.name in self.hashes and self.hashes[file.name] != file_sha256(file):
            raise RunError(
                f"{file}: this file was changed after training: its SHA-256 is not the one in {RECORD}. "
                "Copy the run again, or train a new one"
            )

    def _change(self, name: str, sha256: str) -> str | None:
        """How the file `name` differs from the one with this SHA-256; None if it does not."""
        file = own_file(self.folder, name)
        if file is None:
            return "missing"
        try:
            return None if file_sha256(file) == sha256 else "changed"
        except RunError:
            return "cannot be read"

    def _write_text(self, name: str, text: str) -> None:
        # bytes, as Windows would end lines otherwise; a name that is no text gets JSON's escape
        content = text.encode(errors="backslashreplace")
        self.write(name, lambda file: file.write_bytes(content))
