"""The status of a run, its lock, and the messages about an unfinished one."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.errors import RunError
from mnist_pipeline.files import sha256
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.status import unfinished_message
from tests.conftest import Mnist
from tests.helpers import writes

pytestmark = pytest.mark.usefixtures("empty_folder")


KILLED = "run has no model: its training was interrupted"


@pytest.mark.parametrize(
    ("epochs", "saved", "message"),
    [
        (0, False, f"{KILLED} before anything of it was saved. To train it from the start: mnist train --resume run"),
        (0, True, f"{KILLED} in its first epoch. To finish it: mnist train --resume run"),
        (1, True, f"{KILLED} after 1 epoch, which is saved. To finish it: mnist train --resume run"),
        (3, True, f"{KILLED} after 3 epochs, which are saved. To finish it: mnist train --resume run"),
    ],
)
def test_a_killed_run_reports_what_is_saved_and_how_to_finish_it(
    run: Run, mnist: Mnist, epochs: int, saved: bool, message: str
) -> None:
    if saved:
        run.write("checkpoint.npz", writes(b"checkpoint"))
        run.write_history([{"epoch": epoch} for epoch in range(epochs)])
    result = mnist("evaluate", "--run", "run", "--data", "mnist_sample")
    assert (result.status, result.err) == (1, f"Error: {message}\n")


def test_a_killed_and_damaged_run_still_reports_how_to_finish_it(run: Run) -> None:
    run.write("checkpoint.npz", writes(b"checkpoint"))
    (run.folder / "history.csv").write_bytes(b"\xff")
    with pytest.raises(RunError, match=r"interrupted and can be resumed\. To finish it: mnist train --resume run"):
        _ = run.model


def test_a_run_that_is_training_has_no_model_yet(run: Run) -> None:
    with run.locked(), pytest.raises(RunError, match="run has no model yet: it is training"):
        _ = run.model


def test_a_failed_run_reports_why_it_has_no_model(run: Run) -> None:
    with pytest.raises(ValueError, match="hot"), run.record_outcome():
        raise ValueError("too hot\nand more")
    with pytest.raises(RunError, match=r"its training failed \(ValueError: too hot\)\..*mnist train --resume run"):
        _ = run.model


def test_a_finished_run_without_its_model_was_changed(run: Run) -> None:
    with run.record_outcome():
        run.write("model.keras", writes(b"model"))
    (run.folder / "model.keras").unlink()
    with pytest.raises(RunError, match=r"its model\.keras is missing.*mnist verify run"):
        _ = run.model


def test_a_run_is_locked_by_one_process_at_a_time(run: Run) -> None:
    message = r"another process is training into this run\. Wait until it ends"
    with run.locked(), pytest.raises(RunError, match=message), run.locked():
        pass
    with run.locked():
        assert (run.folder / ".lock").exists()
    assert not (run.folder / ".lock").exists()


def test_a_dead_process_locks_no_run_and_leaves_it_interrupted(run: Run) -> None:
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


def test_a_run_that_ends_while_its_status_is_read_is_not_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(folder: Path) -> bool:
        run.update(status="finished")
        return False

    monkeypatch.setattr("mnist_pipeline.run.status.is_locked", ends)
    assert run.status == "finished"


def test_a_lock_that_is_a_link_is_not_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (run.folder / ".lock").symlink_to(tmp_path / "secret")
    assert run.status == "interrupted"
    assert (tmp_path / "secret").read_bytes() == b"secret"


@pytest.mark.parametrize("command", ["evaluate", "predict"])
@pytest.mark.parametrize(("fields", "state"), [
    ({"status": "interrupted"}, "was interrupted: its model was saved after 3 epochs."),
    ({"status": "interrupted", "epochs": 1}, "was interrupted: its model was saved after 1 epoch."),
    ({"status": "failed", "error": "OSError: no\nspace"}, "failed (OSError: no): its model was saved after 3 epochs."),
    ({"status": "finished"}, None),
])  # fmt: skip
def test_a_model_of_a_training_that_is_not_finished_is_used_with_a_message(
    trained: Path, mnist: Mnist, command: str, fields: dict[str, Any], state: str | None
) -> None:
    Run(Path(shutil.copytree(trained, "runs/a"))).update(**fields)
    result = mnist(command, "--run", "a")
    assert (result.status, result.err) == (0, f"a {state} To finish it: mnist train --resume a\n" if state else "")


def test_a_run_that_is_resumed_and_has_a_model_is_used_with_a_message(trained: Path) -> None:
    run = Run(Path(shutil.copytree(trained, "runs/a")))
    run.update(status="training")
    with run.locked():
        assert unfinished_message(run) == "a is still training: its model was saved after 3 epochs"
    assert (unfinished_message(run) or "").startswith("a was interrupted: ")
