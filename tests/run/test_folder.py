"""The files of a run are complete, and are refused if they were changed."""

import contextlib
import csv
import errno
import json
import math
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.errors import RunError
from mnist_pipeline.files import sha256
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.lifecycle import resume
from mnist_pipeline.tasks import Task
from tests.helpers import writes

pytestmark = pytest.mark.usefixtures("empty_folder")


def test_each_file_is_read_as_it_was_written(run: Run) -> None:
    run.write("model.keras", writes(b"model"))
    run.write("checkpoint.npz", writes(b"checkpoint"))
    run.write_metrics({"accuracy": 0.5, "loss": 1.5})
    run.write_history([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    assert run.model.read_bytes() == b"model"
    assert run.checkpoint is not None
    assert run.checkpoint.read_bytes() == b"checkpoint"
    assert run.metrics == {"accuracy": 0.5, "loss": 1.5}
    with (run.folder / "history.csv").open(newline="") as opened:
        assert list(csv.DictReader(opened)) == [{"epoch": "1", "loss": "0.5"}, {"epoch": "2", "loss": "0.25"}]
    names = ["checkpoint.npz", "config.yaml", "history.csv", "metrics.json", "model.keras", "run.json"]
    assert sorted(file.name for file in run.folder.iterdir()) == names


def test_a_history_without_epochs_is_its_header(run: Run) -> None:
    run.write_history([])
    assert (run.folder / "history.csv").read_text() == "epoch\n"


def test_a_checkpoint_can_be_removed_even_twice(run: Run) -> None:
    run.write("checkpoint.npz", writes(b"checkpoint"))
    run.remove("checkpoint.npz")
    run.remove("checkpoint.npz")
    assert run.checkpoint is None


def breaks(error: BaseException) -> Callable[[Path], None]:
    def save(file: Path) -> None:
        file.write_bytes(b"half")
        raise error

    return save


def forgets(file: Path) -> None:
    """Writes nothing."""


@pytest.mark.parametrize(
    ("save", "error"),
    [
        (breaks(OSError(28, "No space left on device")), RunError),
        (breaks(KeyboardInterrupt()), KeyboardInterrupt),
        (forgets, RunError),
    ],
    ids=["a full disk", "Ctrl-C", "nothing written"],
)
@pytest.mark.parametrize("older", [None, b"older"], ids=["the first", "over an older one"])
def test_an_unfinished_file_leaves_nothing(
    run: Run, save: Callable[[Path], None], error: type[BaseException], older: bytes | None
) -> None:
    if older:
        run.write("model.keras", writes(older))
    before = {file.name: sha256(file) for file in run.folder.iterdir()}
    with pytest.raises(error):
        run.write("model.keras", save)
    assert {file.name: sha256(file) for file in run.folder.iterdir()} == before


def test_a_file_is_complete_the_moment_it_has_its_name(run: Run) -> None:
    def save(file: Path) -> None:
        file.write_bytes(b"first")
        assert not (run.folder / "model.keras").exists()
        file.write_bytes(b"first and last")

    run.write("model.keras", save)
    assert (run.folder / "model.keras").read_bytes() == b"first and last"


@pytest.mark.skipif(os.name != "posix", reason="the rights of a file are those of POSIX")
def test_files_may_be_read_by_whoever_may_read_a_new_file(run: Run) -> None:
    Path("new").touch()
    run.write("model.keras", writes(b"model"))
    rights = {file.stat().st_mode for file in run.folder.iterdir()}
    assert rights == {Path("new").stat().st_mode}


def test_fields_are_added_to_the_record(run: Run) -> None:
    run.update(epochs=2)
    run.update(epochs=3, weights=10)
    assert (run.record["epochs"], run.record["weights"], run.record["seed"]) == (3, 10, 7)


def test_the_record_is_json_whatever_the_numbers(run: Run) -> None:
    run.update(rates=[1.5, math.inf], notes={"worst": math.nan, "best": -math.inf})
    record = json.loads((run.folder / "run.json").read_text(), parse_constant=pytest.fail)
    assert (record["rates"], record["notes"]) == ([1.5, None], {"worst": None, "best": None})


@pytest.mark.parametrize("earlier", [{}, {"task": {"kind": "digit", "from_logits": False}}])
def test_the_task_of_a_run_of_an_earlier_version_is_that_of_its_config(run: Run, earlier: dict[str, Any]) -> None:
    recorded = run.task
    run.write_record({"status": "finished", "sha256": {"config.yaml": run.config_sha256}, **earlier})
    assert run.task == recorded == Task(kind="digit", scale="probabilities")


def test_a_run_that_was_not_evaluated_has_no_metrics(run: Run) -> None:
    assert run.metrics is None


def test_a_link_in_the_place_of_a_file_is_not_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (run.folder / "model.keras").symlink_to(tmp_path / "secret")
    with pytest.raises(RunError, match="is a link"):
        _ = run.model
    run.write("model.keras", writes(b"ours"))
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert run.model.read_bytes() == b"ours"


def test_a_folder_that_vanishes_is_reported(run: Run) -> None:
    shutil.rmtree(run.folder)
    with pytest.raises(RunError, match="cannot write this file"), run.record_outcome():
        run.write("model.keras", writes(b"too late"))


@pytest.mark.parametrize("change", [b"another", b""], ids=["another", "empty"])
def test_a_model_that_was_changed_after_training_is_refused(run: Run, change: bytes) -> None:
    with run.record_outcome():
        run.write("model.keras", writes(b"model"))
    assert run.model.read_bytes() == b"model"
    (run.folder / "model.keras").write_bytes(change)
    with pytest.raises(RunError, match=r"model\.keras: this file was changed after training"):
        _ = run.model


USES: dict[str, Callable[[Run], object]] = {
    "model.keras": lambda run: run.model,
    "model.tflite": lambda run: run.tflite,
    "config.yaml": lambda run: run.config(),
    "history.csv": lambda run: run.history,
    "metrics.json": lambda run: run.metrics,
}


@pytest.mark.parametrize("error", [None, KeyboardInterrupt()], ids=["finished", "interrupted"])
@pytest.mark.parametrize("name", USES)
def test_a_file_that_was_added_after_training_is_refused(run: Run, name: str, error: BaseException | None) -> None:
    (run.folder / "config.yaml").rename("config.yaml")
    with contextlib.suppress(KeyboardInterrupt), run.record_outcome():
        if error:
            raise error
    assert run.changed_files() == {}
    shutil.copy("config.yaml", run.folder / name)
    with pytest.raises(RunError, match=rf"{re.escape(name)}: run\.json has no SHA-256 of this file"):
        USES[name](Run(run.folder))
    assert run.changed_files() == {name: "not recorded: added after training"}


@pytest.mark.parametrize("use", [lambda run: run.model, lambda run: run.config_sha256])
def test_a_file_without_read_permission_is_reported(
    run: Run, monkeypatch: pytest.MonkeyPatch, use: Callable[[Run], object]
) -> None:
    with run.record_outcome():
        run.write("model.keras", writes(b"model"))

    def refuse(_: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("mnist_pipeline.run.files.sha256", refuse)
    with pytest.raises(RunError, match=r"run/.*: cannot read this file: Permission denied"):
        use(run)
    assert run.changed_files() == {"config.yaml": "cannot be read", "model.keras": "cannot be read"}


def test_a_model_that_was_added_to_a_killed_run_is_refused(run: Run) -> None:
    with contextlib.suppress(KeyboardInterrupt), run.record_outcome():
        raise KeyboardInterrupt
    run.update(data={"sha256": "abc"})
    resume(run, "abc")
    for name in ("model.keras", "model.tflite"):
        (run.folder / name).write_bytes(b"a stranger's")
        with pytest.raises(RunError, match=rf"{re.escape(name)}: run\.json has no SHA-256 of this file"):
            USES[name](run)


def test_a_model_of_a_finished_run_without_hashes_is_refused(run: Run) -> None:
    run.write("model.keras", writes(b"model"))
    record = {name: value for name, value in run.record.items() if name != "sha256"}
    run.write_record(record | {"status": "finished"})
    with pytest.raises(RunError, match=r"model\.keras: run\.json has no SHA-256 of this file"):
        _ = run.model
    assert run.changed_files()["model.keras"] == "not recorded: added after training"


def test_a_file_of_the_system_is_not_part_of_a_run(run: Run) -> None:
    with run.record_outcome():
        pass
    (run.folder / ".DS_Store").touch()
    assert run.changed_files() == {}


@pytest.mark.parametrize(
    "name",
    ["x" * 300, "nul\0byte", "", "..", "../run/config.yaml"],
    ids=["too long", "a zero byte", "empty", "the folder above", "leads out"],
)
def test_a_name_among_the_hashes_that_no_file_of_a_run_can_have_is_missing(run: Run, name: str) -> None:
    with run.record_outcome():
        pass
    run.update(sha256=run.hashes | {name: sha256(run.folder / "config.yaml")})
    assert run.changed_files() == {name: "missing"}


def test_a_missing_record_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"this is not a run: it has no run\.json"):
        _ = Run(tmp_path).record


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"cannot read this file: .*\. Copy the run again, or train a new one"),
        (b'{"status": "fin', "cannot read this file"),
        (b"\xff\xfe", "cannot read this file"),
        (b"[]", r"its content: expected a mapping, received \[\]"),
        (b"{}", "status is missing"),
        (b'"finished"', 'its content: expected a mapping, received "finished"'),
        (b'{"status": "done"}', 'status: expected one of training, finished, .* received "done"'),
        (
            b'{"status": "failed", "data": {"sha256": 3}}',
            r"data\.sha256: expected a string, received 3\. .* Copy the run again",
        ),
        (b"[" * 100_000, "cannot read this file"),
        (b'{"status": "finished", "training_seconds": 1' + b"0" * 400 + b"}", "an integer of 401 digits"),
    ],
    ids=[
        "empty",
        "cut off",
        "no text",
        "a list",
        "no status",
        "a word",
        "another status",
        "a number",
        "very deep",
        "a number beyond all",
    ],
)
def test_a_damaged_record_is_reported(run: Run, content: bytes, message: str) -> None:
    (run.folder / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=message):
        _ = Run(run.folder).status


def test_damaged_metrics_are_reported(run: Run) -> None:
    (run.folder / "metrics.json").write_text("{")
    with pytest.raises(RunError, match=r"metrics\.json: cannot read this file"):
        _ = run.metrics


def test_metrics_that_are_not_numbers_are_reported(run: Run) -> None:
    (run.folder / "metrics.json").write_text('{"accuracy": "high", "loss": 0}')
    with pytest.raises(RunError, match=r"metrics\.json: accuracy: expected a number, received .high."):
        _ = run.metrics


def test_a_file_larger_than_any_run_writes_is_not_read(run: Run) -> None:
    with (run.folder / "history.csv").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(RunError, match=r"larger than 64 MiB.*Copy the run again"):
        _ = run.history


def test_a_history_that_is_not_text_is_reported(run: Run) -> None:
    (run.folder / "history.csv").write_bytes(b"epoch\n\xff")
    with pytest.raises(RunError, match=r"history\.csv: cannot read this file"):
        _ = run.history


def test_a_trained_run_has_every_file_and_its_hash(trained: Path) -> None:
    run = Run(trained)
    assert run.status == "finished"
    assert {"config.yaml", "model.keras", "history.csv", "metrics.json"} <= run.record["sha256"].keys()
    assert not (trained / "checkpoint.npz").exists()
    with (trained / "history.csv").open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [int(row["epoch"]) for row in rows] == list(range(1, run.record["epochs"] + 1))
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"} <= rows[0].keys()
    assert run.record["training_seconds"] > 0
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in run.record["sha256"].values())


def test_the_config_of_a_run_has_the_name_that_it_had(loaded: LoadedConfig, run: Run) -> None:
    assert Run(run.folder).config().name == loaded.name == "mine"
