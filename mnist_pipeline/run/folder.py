"""`Run`: the folder with all that it takes to use and reproduce a trained model."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mnist_pipeline.errors import ConfigError, RunError
from mnist_pipeline.run import integrity, lifecycle, status
from mnist_pipeline.run.files import (
    CHECKPOINT,
    CONFIG,
    HISTORY,
    METRICS,
    MODEL,
    RECORD,
    TFLITE,
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


def runs_folder() -> Path:
    """The folder of runs that are named without a path: MNIST_RUNS, or `runs/`."""
    return Path(os.path.expanduser(os.environ.get("MNIST_RUNS") or "runs"))  # noqa: PTH111, pathlib's can raise


def _absolute(folder: Path) -> Path:
    """`folder`, absolute unless the current folder was deleted."""
    try:
        return folder.absolute()
    except OSError:
        return folder


@dataclass
class Run:
    """A run folder that exists; record and config are read once, when needed."""

    folder: Path
    _config: "LoadedConfig | None" = field(default=None, repr=False, compare=False)
    _record: Record | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What `--run` takes: the folder's name under `runs_folder()`, or its path."""
        return self.folder.name if _absolute(self.folder.parent) == _absolute(runs_folder()) else str(self.folder)

    # The record

    @property
    def record(self) -> Record:
        """The content of run.json. Raises RunError if it cannot be read."""
        if self._record is None:
            record: Record = read_json(self._existing(RECORD, f"this is not a run: it has no {RECORD}"), Record)
            self._record = record
        return self._record

    def refresh(self) -> None:
        """Read run.json again when it is needed next: another process may have written it."""
        self._record = None

    @property
    def status(self) -> Status:
        """Status now: a training whose process died is interrupted."""
        return status.current(self)

    @property
    def made_by(self) -> str:
        """The command that made it: train, or reproduce."""
        return self.record.get("made_by", "train")  # runs made before 0.1.0 did not record it

    @property
    def task(self) -> Task:
        """How to read the outputs of its model.

        From the record, as to read the config takes longer than to predict an image.
        """
        task = self.record.get("task")
        if task is None or "scale" not in task:  # runs made before 0.1.0 recorded less
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

    # Other files

    def config(self) -> "LoadedConfig":
        """The config it was trained with, with the name it had then.

        Raises RunError or ConfigError.
        """
        if self._config is None:
            from mnist_pipeline.config.load import load

            file = integrity.require_recorded(self, self._existing(CONFIG, "its config is missing"))
            try:
                loaded = load(str(file))
            except ConfigError:
                integrity.require_same_hash(self, file)
                raise
            self._config = replace(loaded, name=self.record.get("config", loaded.name))
        return self._config

    @property
    def config_sha256(self) -> str:
        """The SHA-256 of the config file as it is now."""
        return file_sha256(self._existing(CONFIG, "its config is missing"))

    @property
    def metrics(self) -> dict[str, Any] | None:
        """Metrics on the test set, and under `validation` on the validation set, or None."""
        file = own_file(self.folder, METRICS)
        metrics: dict[str, Any] | None = read_json(integrity.require_recorded(self, file), Metrics) if file else None
        return metrics

    @property
    def history(self) -> list[dict[str, str]]:
        """A row for each epoch, with values as text; empty before the first."""
        from mnist_pipeline.run.history import read_history

        file = own_file(self.folder, HISTORY)
        return read_history(integrity.require_recorded(self, file)) if file else []

    @property
    def model(self) -> Path:
        """The file of the Keras model. Raises RunError if it is missing or was changed."""
        file = own_file(self.folder, MODEL)
        if file is None:
            raise RunError(f"{self.name} {status.why_no_model(self)}")
        return integrity.require_unchanged(self, file)

    @property
    def tflite(self) -> Path | None:
        """The file of the LiteRT model, or None. Raises RunError if it was changed."""
        file = own_file(self.folder, TFLITE)
        return integrity.require_unchanged(self, file) if file else None

    @property
    def checkpoint(self) -> Path | None:
        """The file to resume from, if there is one."""
        return own_file(self.folder, CHECKPOINT)

    def changed_files(self) -> dict[str, str]:
        """Name -> how a file differs from what training left: `missing`, `changed`, ..."""
        return integrity.changed_files(self)

    # Writing

    def update(self, **fields: Unpack[RecordFields]) -> None:
        """Add to the record."""
        self.write_record({**self.record, **fields})

    def write_record(self, record: Record) -> None:
        """Write the whole of run.json."""
        self._write_text(RECORD, json_text(record))
        self.refresh()

    def record_environment(self, machine: TrainingEnvironment) -> None:
        """Record the machine that trains from now on; earlier ones stay."""
        resumptions = self.record.get("resumptions")
        if resumptions:
            self.update(resumptions=[*resumptions[:-1], {**resumptions[-1], **machine}])
        else:
            self.update(**machine)

    def write(self, name: str, save: Callable[[Path], object]) -> None:
        """Write the file `name` atomically: `save` writes to the temporary path.

        Raises RunError.
        """
        try:
            write_file(self.folder / name, save)
        except RunError as error:
            if not (self.folder / RECORD).exists():
                raise
            resume = f"What was complete before is still there. Once that is fixed: mnist train --resume {self.name}"
            raise RunError(f"{error}. {resume}") from error
        if name in integrity.HASHED_AT_ONCE:
            self.update(sha256={**self.hashes, name: file_sha256(self.folder / name)})

    def remove(self, name: str) -> None:
        """Remove the file `name` if it exists. Raises RunError."""
        remove_file(self.folder / name)

    def write_config(self, config: "Config") -> None:
        """Write the whole config, defaults and overrides included."""
        from mnist_pipeline.config.yaml.writer import dump

        self._write_text(CONFIG, dump(config.to_dict()))

    def write_history(self, rows: Sequence[dict[str, float]]) -> None:
        """Write a row for each epoch; the columns are those of the first row."""
        from mnist_pipeline.run.history import history_text

        self._write_text(HISTORY, history_text(rows))

    def write_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Write metrics on the test set, and under `validation` on the validation set."""
        self._write_text(METRICS, json_text(metrics))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from training into this run. Raises RunError if one does."""
        with locked(self.folder, self.name):
            self.refresh()
            yield

    def record_outcome(self) -> AbstractContextManager[None]:
        """Record how the block ends (see `lifecycle.record_outcome`)."""
        return lifecycle.record_outcome(self)

    def _existing(self, name: str, problem: str) -> Path:
        file = own_file(self.folder, name)
        if file is None:
            raise RunError(f"{self.folder}: {problem}")
        return file

    def _write_text(self, name: str, text: str) -> None:
        # bytes, as Windows would end lines otherwise; a name that is no text gets JSON's escape
        content = text.encode(errors="backslashreplace")
        self.write(name, lambda file: file.write_bytes(content))
