"""A run keeps what it is given, whole, and says what it knows and what is wrong with it."""

import contextlib
import csv
import errno
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline import environment
from mnist_pipeline.errors import RunError
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.store import find
from mnist_pipeline.tasks import Task
from tests.conftest import Mnist

pytestmark = pytest.mark.usefixtures("empty_folder")


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def writes(content: bytes) -> Callable[[Path], None]:
    def save(file: Path) -> None:
        file.write_bytes(content)

    return save


# Files


def test_what_is_written_is_there_under_its_name(run: Run) -> None:
    run.write_model(writes(b"model"))
    run.write_checkpoint(writes(b"checkpoint"))
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


def test_a_history_without_epochs_is_its_head(run: Run) -> None:
    run.write_history([])
    assert (run.folder / "history.csv").read_text() == "epoch\n"


def test_a_checkpoint_can_be_taken_away_even_twice(run: Run) -> None:
    run.write_checkpoint(writes(b"checkpoint"))
    run.remove_checkpoint()
    run.remove_checkpoint()
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
def test_a_file_that_is_not_finished_leaves_nothing(
    run: Run, save: Callable[[Path], None], error: type[BaseException], older: bytes | None
) -> None:
    if older:
        run.write_model(writes(older))
    before = {file.name: sha256(file) for file in run.folder.iterdir()}
    with pytest.raises(error):
        run.write_model(save)
    assert {file.name: sha256(file) for file in run.folder.iterdir()} == before


def test_a_file_is_whole_the_moment_it_has_its_name(run: Run) -> None:
    def save(file: Path) -> None:
        file.write_bytes(b"first")
        assert not (run.folder / "model.keras").exists()
        file.write_bytes(b"first and last")

    run.write_model(save)
    assert (run.folder / "model.keras").read_bytes() == b"first and last"


@pytest.mark.skipif(os.name != "posix", reason="the rights of a file are those of POSIX")
def test_files_may_be_read_by_whoever_may_read_a_new_file(run: Run) -> None:
    Path("new").touch()
    run.write_model(writes(b"model"))
    rights = {file.stat().st_mode for file in run.folder.iterdir()}
    assert rights == {Path("new").stat().st_mode}


def test_facts_are_added_to_what_is_known(run: Run) -> None:
    run.update(epochs=2)
    run.update(epochs=3, weights=10)
    assert (run.record["epochs"], run.record["weights"], run.record["seed"]) == (3, 10, 7)


# How it ends


def test_work_that_is_done_is_finished(run: Run) -> None:
    with run.locked(), run.record_outcome():
        assert run.status == "training"
    assert run.status == "finished"
    assert datetime.fromisoformat(run.record["ended"]) >= datetime.fromisoformat(run.record["started"])


def test_ctrl_c_interrupts(run: Run) -> None:
    with pytest.raises(KeyboardInterrupt), run.record_outcome():
        raise KeyboardInterrupt
    assert run.status == "interrupted"
    assert "error" not in run.record


@pytest.mark.parametrize("error", [ValueError("too hot"), SystemExit("too hot"), MemoryError("too hot")], ids=repr)
def test_an_error_is_a_failure_with_its_reason(run: Run, error: BaseException) -> None:
    with pytest.raises(type(error)), run.record_outcome():
        raise error
    assert run.status == "failed"
    assert run.record["error"] == f"{type(error).__name__}: too hot"


@pytest.mark.parametrize("error", [None, KeyboardInterrupt(), ValueError()], ids=["finished", "interrupted", "failed"])
def test_every_file_is_hashed_however_it_ends(run: Run, error: BaseException | None) -> None:
    def work() -> None:
        with run.record_outcome():
            run.write_model(writes(b"model"))
            run.write_history([{"epoch": 1}])
            if error:
                raise error

    if error:
        with pytest.raises(type(error)):
            work()
    else:
        work()
    files = [file for file in run.folder.iterdir() if file.name != "run.json"]
    assert run.record["sha256"] == {file.name: sha256(file) for file in files}
    assert len(files) == 3


@pytest.mark.parametrize("change", [b"another", b""], ids=["another", "empty"])
def test_a_model_that_was_changed_afterwards_is_refused(run: Run, change: bytes) -> None:
    with run.record_outcome():
        run.write_model(writes(b"model"))
    assert run.model.read_bytes() == b"model"
    (run.folder / "model.keras").write_bytes(change)
    with pytest.raises(RunError, match=r"model\.keras: this is not the model that training wrote"):
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
def test_a_file_that_came_after_training_is_refused(run: Run, name: str, error: BaseException | None) -> None:
    (run.folder / "config.yaml").rename("config.yaml")
    with contextlib.suppress(KeyboardInterrupt), run.record_outcome():
        if error:
            raise error
    assert run.changed_files() == {}
    shutil.copy("config.yaml", run.folder / name)
    with pytest.raises(RunError, match=rf"{re.escape(name)}: run\.json has no SHA-256 of this file"):
        USES[name](run)
    assert run.changed_files() == {name: "not recorded: added after training"}


@pytest.mark.parametrize("use", [lambda run: run.model, lambda run: run.config_sha256])
def test_a_file_that_may_not_be_read_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, use: Callable[[Run], object]
) -> None:
    with run.record_outcome():
        run.write_model(writes(b"model"))

    def refuse(_: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("mnist_pipeline.run.record.sha256", refuse)
    with pytest.raises(RunError, match=r"run/.*: cannot read this file: Permission denied"):
        use(run)
    assert run.changed_files() == {"config.yaml": "cannot be read", "model.keras": "cannot be read"}


def test_a_model_that_came_into_a_run_that_was_killed_is_refused(run: Run) -> None:
    with contextlib.suppress(KeyboardInterrupt), run.record_outcome():
        raise KeyboardInterrupt
    run.update(data={"sha256": "abc"})
    run.resume("abc")
    for name in ("model.keras", "model.tflite"):
        (run.folder / name).write_bytes(b"a stranger's")
        with pytest.raises(RunError, match=rf"{re.escape(name)}: run\.json has no SHA-256 of this file"):
            USES[name](run)


def test_a_model_of_a_finished_run_without_hashes_is_refused(run: Run) -> None:
    run.write_model(writes(b"model"))
    record = {name: value for name, value in run.record.items() if name != "sha256"}
    (run.folder / "run.json").write_text(json.dumps(record | {"status": "finished"}))
    with pytest.raises(RunError, match=r"model\.keras: run\.json has no SHA-256 of this file"):
        _ = run.model
    assert run.changed_files()["model.keras"] == "not recorded: added after training"


def test_a_ctrl_c_while_the_end_is_recorded_loses_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.write_checkpoint(writes(b"checkpoint"))

    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), run.record_outcome():
        patch.setattr(Run, "update", interrupt)
    assert (run.status, run.checkpoint is None) == ("interrupted", False)
    with run.record_outcome():
        pass
    assert (run.status, run.checkpoint, "checkpoint.npz" in run.hashes) == ("finished", None, False)


def test_a_file_of_the_system_in_a_run_is_none_of_the_run(run: Run) -> None:
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


KILLED = "run has no model: its training was interrupted"


@pytest.mark.parametrize(
    ("epochs", "saved", "told"),
    [
        (0, False, f"{KILLED} before anything of it was saved. To train it from the start: mnist train --resume run"),
        (0, True, f"{KILLED} in its first epoch. To finish it: mnist train --resume run"),
        (1, True, f"{KILLED}; 1 epoch of it is saved. To finish it: mnist train --resume run"),
        (3, True, f"{KILLED}; 3 epochs of it are saved. To finish it: mnist train --resume run"),
    ],
)
def test_a_run_that_was_killed_says_what_is_saved_and_how_to_finish_it(
    run: Run, mnist: Mnist, epochs: int, saved: bool, told: str
) -> None:
    if saved:
        run.write_checkpoint(writes(b"checkpoint"))
        run.write_history([{"epoch": epoch} for epoch in range(epochs)])
    result = mnist("evaluate", "--run", "run", "--data", "mnist_sample")
    assert (result.status, result.err) == (1, f"Error: {told}\n")


def test_a_run_that_was_killed_and_damaged_still_says_how_to_finish_it(run: Run) -> None:
    run.write_checkpoint(writes(b"checkpoint"))
    (run.folder / "history.csv").write_bytes(b"\xff")
    with pytest.raises(RunError, match=r"interrupted\. To finish it: mnist train --resume run"):
        _ = run.model


def test_a_run_that_is_training_says_that_its_model_is_to_come(run: Run) -> None:
    with run.locked(), pytest.raises(RunError, match="run has no model yet: it is training"):
        _ = run.model


def test_a_run_that_failed_says_why_it_has_no_model(run: Run) -> None:
    with pytest.raises(ValueError, match="hot"), run.record_outcome():
        raise ValueError("too hot\nand more")
    with pytest.raises(RunError, match=r"its training failed \(ValueError: too hot\)\..*mnist train --resume run"):
        _ = run.model


def test_a_finished_run_whose_model_is_gone_is_said_to_be_changed(run: Run) -> None:
    with run.record_outcome():
        run.write_model(writes(b"model"))
    (run.folder / "model.keras").unlink()
    with pytest.raises(RunError, match=r"its model\.keras is missing.*mnist verify run"):
        _ = run.model


# Going on


def interrupted(run: Run, save: Callable[[Path], None] | None = None) -> None:
    def work() -> None:
        with run.record_outcome():
            if save:
                run.write_model(save)
            raise KeyboardInterrupt

    run.update(data={"sha256": "abc"})
    with pytest.raises(KeyboardInterrupt):
        work()


def test_an_interrupted_run_goes_on_with_the_data_it_began_with(run: Run) -> None:
    interrupted(run)
    with run.locked():
        run.resume("abc")
        assert run.status == "training"


def machine(keras: str, cpus: int, device: str) -> dict[str, Any]:
    return {"versions": {"keras": keras}, "hardware": {"cpus": cpus}, "device": device, "threads": {"intra_op": cpus}}


HERE, THERE = machine("3.15", 2, "cpu"), machine("3.16", 64, "gpu")


def test_going_on_elsewhere_adds_to_what_is_known_of_the_first_machine(run: Run) -> None:
    run.note_machine(HERE)
    interrupted(run)
    for place in (THERE, HERE):
        run.resume("abc")
        run.note_machine(place)
    record = run.record
    assert {part: record[part] for part in HERE} == HERE
    assert [{part: each[part] for part in HERE} for each in record["resumptions"]] == [THERE, HERE]
    times = [datetime.fromisoformat(at) for at in (record["started"], *(each["at"] for each in record["resumptions"]))]
    assert times == sorted(times)


def test_it_is_told_how_a_machine_differs_from_all_before_it(run: Run) -> None:
    run.note_machine(HERE)
    assert environment.changes_since(run.record, HERE) == []
    interrupted(run)
    run.resume("abc")
    run.note_machine(THERE)
    expected = ["keras 3.16, now 3.15", "cpus 64, now 2", "device gpu, now cpu", "intra_op 64, now 2"]
    assert environment.changes_since(run.record, HERE) == expected


def test_a_run_that_was_resumed_before_machines_were_kept_is_read(run: Run) -> None:
    run.update(resumed="2026-11-22T09:30:00+00:00", data={"sha256": "abc"}, status="interrupted")
    run.resume("abc")
    run.note_machine(THERE)
    assert len(run.record["resumptions"]) == 1


def test_other_data_are_refused(run: Run) -> None:
    interrupted(run)
    with pytest.raises(RunError, match=r"the data are not those that this run began with \(SHA-256 xyz\)"):
        run.resume("xyz")
    assert run.status == "interrupted"


def test_a_config_that_was_edited_is_refused(run: Run) -> None:
    interrupted(run)
    with (run.folder / "config.yaml").open("a") as config:
        config.write("# longer\n")
    with pytest.raises(RunError, match=r"config.yaml has changed since this run began.*mnist train --config"):
        run.resume("abc")


def test_a_run_that_a_process_works_on_is_not_given_to_another(run: Run) -> None:
    with run.locked(), pytest.raises(RunError, match="another process is training into this run"), run.locked():
        pass
    with run.locked():
        assert (run.folder / ".lock").exists()
    assert not (run.folder / ".lock").exists()


def test_a_dead_process_holds_no_run_and_leaves_it_interrupted(run: Run) -> None:
    program = (
        "import os; from pathlib import Path; from mnist_pipeline.run.folder import Run\n"
        "with Run(Path('run')).locked(): os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    before = {file.name: (sha256(file), file.stat().st_mtime_ns) for file in run.folder.iterdir()}
    assert before.keys() == {".lock", "config.yaml", "run.json"}
    assert (run.status, run.record["status"]) == ("interrupted", "training")
    assert {file.name: (sha256(file), file.stat().st_mtime_ns) for file in run.folder.iterdir()} == before
    with run.locked():
        assert run.status == "training"


def test_a_run_that_ends_while_it_is_looked_at_is_not_taken_for_dead(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(folder: Path) -> bool:
        run.update(status="finished")
        return False

    monkeypatch.setattr("mnist_pipeline.run.folder.is_locked", ends)
    assert run.status == "finished"


def test_a_lock_that_is_a_link_is_not_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (run.folder / ".lock").symlink_to(tmp_path / "secret")
    assert run.status == "interrupted"
    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_a_finished_run_is_not_taken_up_again(run: Run) -> None:
    run.update(data={"sha256": "abc"})
    with run.record_outcome():
        pass
    with pytest.raises(RunError, match=r"run is already finished\. To train longer, .* mnist train --config"):
        run.resume("abc")


def test_a_model_written_after_going_on_can_be_used_at_once(run: Run) -> None:
    interrupted(run, writes(b"half trained"))
    run.resume("abc")
    with run.record_outcome():
        run.write_model(writes(b"trained"))
        assert run.model.read_bytes() == b"trained"


def test_a_run_that_failed_and_was_finished_later_has_no_error(run: Run) -> None:
    run.update(data={"sha256": "abc"})
    with pytest.raises(ValueError, match="too hot"), run.record_outcome():
        raise ValueError("too hot")
    run.resume("abc")
    with run.record_outcome():
        pass
    assert run.status == "finished"
    assert "error" not in run.record


# Damage


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot read this file"),
        (b'{"status": "fin', "cannot read this file"),
        (b"\xff\xfe", "cannot read this file"),
        (b"[]", "this is not what a run writes"),
        (b"{}", "this is not what a run writes"),
        (b'"finished"', "this is not what a run writes"),
        (b'{"status": "done"}', "status: it should be one of training, finished"),
        (b'{"status": "failed", "data": {"sha256": 3}}', r"data\.sha256: it should be text"),
        (b"[" * 100_000, "cannot read this file"),
        (b'{"status": "finished", "training_seconds": 1' + b"0" * 400 + b"}", "a number of 401 digits"),
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
def test_a_damaged_record_is_said(run: Run, content: bytes, message: str) -> None:
    (run.folder / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=message):
        _ = run.status


def test_what_is_recorded_is_json_whatever_the_numbers(run: Run) -> None:
    run.update(rates=[1.5, math.inf], notes={"worst": math.nan, "best": -math.inf})
    record = json.loads((run.folder / "run.json").read_text(), parse_constant=pytest.fail)
    assert (record["rates"], record["notes"]) == ([1.5, None], {"worst": None, "best": None})


@pytest.mark.parametrize("earlier", [{}, {"task": {"kind": "digit", "from_logits": False}}])
def test_a_run_of_an_earlier_version_is_read_as_its_config_says(run: Run, earlier: dict[str, Any]) -> None:
    noted = run.task
    hashes = {"config.yaml": run.config_sha256}
    (run.folder / "run.json").write_text(json.dumps({"status": "finished", "sha256": hashes, **earlier}))
    assert run.task == noted == Task(kind="digit", scale="probabilities")


def test_a_missing_record_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"this is not a run: it has no run\.json"):
        _ = Run(tmp_path).record


def test_damaged_figures_are_said(run: Run) -> None:
    (run.folder / "metrics.json").write_text("{")
    with pytest.raises(RunError, match=r"metrics\.json: cannot read this file"):
        _ = run.metrics


def test_figures_that_are_no_numbers_are_said(run: Run) -> None:
    (run.folder / "metrics.json").write_text('{"accuracy": "high", "loss": 0}')
    with pytest.raises(RunError, match=r"metrics\.json: this is not what a run writes: accuracy"):
        _ = run.metrics


def test_a_file_larger_than_any_run_writes_is_not_read(run: Run) -> None:
    with (run.folder / "history.csv").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(RunError, match="larger than 64 MiB"):
        _ = run.history


def test_a_history_that_is_no_text_is_said(run: Run) -> None:
    (run.folder / "history.csv").write_bytes(b"epoch\n\xff")
    with pytest.raises(RunError, match=r"history\.csv: cannot read this file"):
        _ = run.history


def test_a_run_that_is_not_judged_has_no_figures(run: Run) -> None:
    assert run.metrics is None


def test_a_link_in_the_place_of_a_file_is_not_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (run.folder / "model.keras").symlink_to(tmp_path / "secret")
    with pytest.raises(RunError, match="is a link"):
        _ = run.model
    run.write_model(writes(b"ours"))
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert run.model.read_bytes() == b"ours"


def test_a_folder_that_vanishes_is_said(run: Run) -> None:
    shutil.rmtree(run.folder)
    with pytest.raises(RunError, match="cannot write this file"), run.record_outcome():
        run.write_model(writes(b"too late"))


def test_a_folder_that_vanishes_at_the_end_is_said(run: Run) -> None:
    with pytest.raises(RunError, match="cannot read what this run has written: No such file"), run.record_outcome():
        shutil.rmtree(run.folder)


# A real one


def test_a_training_that_ctrl_c_stopped_is_finished_and_judged(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_pipeline.training.progress import ProgressReporter

    def stop(self: ProgressReporter, epoch: int, logs: object = None) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    small = ["--set", "callbacks=[]", "--set", "data.train_samples=100", "--set", "data.test_samples=50"]
    with monkeypatch.context() as patch:
        patch.setattr(ProgressReporter, "on_epoch_end", stop)
        assert mnist("train", "--config", "smoke", "--run-dir", "stopped", *small).status == 130
    assert find("stopped").status == "interrupted"
    assert mnist("train", "--resume", "stopped").status == 0
    assert (find("stopped").status, find("stopped").record["epochs"]) == ("finished", 3)
    assert find("stopped").metrics is not None


def test_a_trained_run_holds_what_it_promises(trained: Path) -> None:
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


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
@pytest.mark.parametrize("size", [20_000, 60_000])
def test_a_training_that_runs_out_of_space_says_so_and_leaves_whole_files(size: int) -> None:
    program = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        "from mnist_pipeline.cli.main import main; main(['train', '--config', 'smoke', '--run-dir', 'small'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot write this file" in done.stderr
    assert "Traceback" not in done.stderr
    assert not [file for file in Path("small").iterdir() if file.name.startswith(".partial")]
    assert find("small").changed_files() == {}
