"""A run records how it ends, and is resumed with the same config and data."""

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
from mnist_pipeline.files import sha256
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.lifecycle import resume
from mnist_pipeline.run.record import Record
from mnist_pipeline.run.store import find
from tests.conftest import Mnist
from tests.helpers import unknown_keys, writes

pytestmark = pytest.mark.usefixtures("empty_folder")


def test_a_run_whose_work_is_done_is_finished(run: Run) -> None:
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
    assert unknown_keys(run.record, Record) == []


@pytest.mark.parametrize("error", [None, KeyboardInterrupt(), ValueError()], ids=["finished", "interrupted", "failed"])
def test_every_file_is_hashed_however_it_ends(run: Run, error: BaseException | None) -> None:
    def work() -> None:
        with run.record_outcome():
            run.write("model.keras", writes(b"model"))
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


def test_a_ctrl_c_while_the_end_is_recorded_loses_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.write("checkpoint.npz", writes(b"checkpoint"))

    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), run.record_outcome():
        patch.setattr(Run, "write_record", interrupt)
    assert (run.status, run.checkpoint is None) == ("interrupted", False)
    with run.record_outcome():
        pass
    assert (run.status, run.checkpoint, "checkpoint.npz" in run.hashes) == ("finished", None, False)


def test_a_folder_that_vanishes_at_the_end_is_reported(run: Run) -> None:
    with pytest.raises(RunError, match="run: cannot read this folder: No such file"), run.record_outcome():
        shutil.rmtree(run.folder)


def interrupted(run: Run, save: Callable[[Path], None] | None = None) -> None:
    def work() -> None:
        with run.record_outcome():
            if save:
                run.write("model.keras", save)
            raise KeyboardInterrupt

    run.update(data={"sha256": "abc"})
    with pytest.raises(KeyboardInterrupt):
        work()


def test_an_interrupted_run_is_resumed_with_the_data_it_began_with(run: Run) -> None:
    interrupted(run)
    with run.locked():
        resume(run, "abc")
        assert run.status == "training"


def machine(keras: str, cpus: int, device: str) -> dict[str, Any]:
    return {"versions": {"keras": keras}, "hardware": {"cpus": cpus}, "device": device, "threads": {"intra_op": cpus}}


HERE, THERE = machine("3.15", 2, "cpu"), machine("3.16", 64, "gpu")


def test_each_machine_that_resumes_a_run_is_recorded_beside_the_first(run: Run) -> None:
    run.record_environment(HERE)
    interrupted(run)
    for place in (THERE, HERE):
        resume(run, "abc")
        run.record_environment(place)
    record = run.record
    assert {part: record[part] for part in HERE} == HERE
    assert [{part: each[part] for part in HERE} for each in record["resumptions"]] == [THERE, HERE]
    times = [datetime.fromisoformat(at) for at in (record["started"], *(each["at"] for each in record["resumptions"]))]
    assert times == sorted(times)


def test_a_machine_is_compared_with_all_before_it(run: Run) -> None:
    run.record_environment(HERE)
    assert environment.changes_since(run.record, HERE) == []
    interrupted(run)
    resume(run, "abc")
    run.record_environment(THERE)
    expected = ["keras 3.16, now 3.15", "cpus 64, now 2", "device gpu, now cpu", "intra_op 64, now 2"]
    assert environment.changes_since(run.record, HERE) == expected


def test_a_run_that_an_earlier_version_resumed_is_read(run: Run) -> None:
    run.update(resumed="2026-11-22T09:30:00+00:00", data={"sha256": "abc"}, status="interrupted")
    resume(run, "abc")
    run.record_environment(THERE)
    assert len(run.record["resumptions"]) == 1


def test_other_data_are_refused(run: Run) -> None:
    interrupted(run)
    with pytest.raises(RunError, match=r"the data have changed since this run began: SHA-256 abc, now xyz\. Put"):
        resume(run, "xyz")
    assert run.status == "interrupted"


def test_a_config_that_was_edited_is_refused(run: Run) -> None:
    interrupted(run)
    with (run.folder / "config.yaml").open("a") as config:
        config.write("# longer\n")
    with pytest.raises(RunError, match=r"config.yaml has changed since this run began.*mnist train --config"):
        resume(run, "abc")


def test_a_finished_run_is_not_resumed(run: Run) -> None:
    run.update(data={"sha256": "abc"})
    with run.record_outcome():
        pass
    with pytest.raises(RunError, match=r"run is already finished\. To train longer, .* mnist train --config"):
        resume(run, "abc")


def test_a_model_that_a_resumed_run_writes_can_be_used_at_once(run: Run) -> None:
    interrupted(run, writes(b"half trained"))
    resume(run, "abc")
    with run.record_outcome():
        run.write("model.keras", writes(b"trained"))
        assert run.model.read_bytes() == b"trained"


def test_a_run_that_failed_and_was_finished_later_has_no_error(run: Run) -> None:
    run.update(data={"sha256": "abc"})
    with pytest.raises(ValueError, match="too hot"), run.record_outcome():
        raise ValueError("too hot")
    resume(run, "abc")
    with run.record_outcome():
        pass
    assert run.status == "finished"
    assert "error" not in run.record


def test_a_training_that_ctrl_c_stopped_can_be_finished(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert unknown_keys(find("stopped").record, Record) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_training_that_runs_out_of_space_reports_it_and_leaves_complete_files() -> None:
    """Where the checkpoint is too large, and where the model is."""
    program = (
        "import resource; from mnist_pipeline.cli.main import main\n"
        "for size in (20_000, 60_000):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (size, -1))\n"
        "    try: main(['train', '--config', 'smoke', '--run-dir', str(size)])\n"
        "    except SystemExit as ended: assert ended.code == 1\n"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    for folder in ("20000", "60000"):
        assert f"Error: {folder}/" in process.stderr
        assert not [file for file in Path(folder).iterdir() if file.name.startswith(".partial")]
        assert (find(folder).status, find(folder).changed_files()) == ("failed", {})
    assert process.stderr.count("cannot write this file") == 2
    assert "Traceback" not in process.stderr
