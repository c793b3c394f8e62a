"""Whether a run holds what it says, and comes out again."""

import json
import re
import shutil
from pathlib import Path

import pytest

from mnist_pipeline import repeat, runs
from mnist_pipeline.errors import RunError
from mnist_pipeline.run import Run
from mnist_pipeline.whole import sha256
from tests.conftest import Mnist


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Run:
    """A copy of a finished run, to be spoilt."""
    return Run(Path(shutil.copytree(trained, tmp_path / "runs" / "smoke")))


def disagreeing(run: Run) -> list[str]:
    return [check.what for check in repeat.verify(run) if not check.agrees]


def test_a_run_that_nobody_touched_agrees_with_itself(run: Run) -> None:
    checks = repeat.verify(run)
    assert {check.what for check in checks} >= {"model.keras", "model.tflite", "config.yaml", "data", "figures"}
    assert all(check.agrees for check in checks)


@pytest.mark.parametrize("name", ["model.keras", "model.tflite", "history.csv", "metrics.json"])
def test_a_changed_file_is_named(run: Run, name: str) -> None:
    file = run.folder / name
    file.write_bytes(file.read_bytes() + b" ")
    assert disagreeing(run) == [name]


def test_a_missing_file_is_named(run: Run) -> None:
    (run.folder / "history.csv").unlink()
    assert disagreeing(run) == ["history.csv"]


def test_other_data_are_noticed(run: Run) -> None:
    run.update(data={**run.record["data"], "sha256": "0" * 64})
    assert disagreeing(run) == ["data"]


def test_figures_that_do_not_come_out_again_are_noticed(run: Run) -> None:
    figures = json.loads((run.folder / "metrics.json").read_text())
    run.write_metrics(figures | {"accuracy": figures["accuracy"] + 0.01})
    hashes = run.record["sha256"]
    run.update(sha256=hashes | {"metrics.json": sha256(run.folder / "metrics.json")})
    assert disagreeing(run) == ["figures"]


def test_verify_ends_with_1_and_says_what_is_wrong(run: Run, mnist: Mnist) -> None:
    assert mnist("verify", run.folder).status == 0
    (run.folder / "history.csv").unlink()
    result = mnist("verify", run.folder)
    assert result.status == 1
    assert "history.csv" in result.err


def test_a_run_comes_out_again_bit_for_bit(run: Run, mnist: Mnist) -> None:
    result = mnist("reproduce", run.folder)
    assert result.status == 0
    assert result.out.count("identical") == 4


def test_a_run_that_does_not_come_out_again_is_said_to_differ_and_by_how_much(run: Run, mnist: Mnist) -> None:
    config = run.folder / "config.yaml"
    config.write_text(config.read_text().replace("seed: 0", "seed: 1"))
    run.update(versions={**run.record["versions"], "keras": "3.0"})
    result = mnist("reproduce", run.folder)
    assert result.status == 1
    assert "differ by up to" in result.out
    assert "keras 3.0, now" in result.err


def test_a_run_that_reproduce_made_says_so_and_is_never_the_default(run: Run, mnist: Mnist) -> None:
    assert mnist("reproduce", "smoke").status == 0
    again = next(each for each in runs.all_runs() if each.name != "smoke")
    assert re.fullmatch(r"smoke-reproduce-\d{8}-\d{6}", again.name)
    record = again.record
    assert (record["made_by"], record["parent"], record["config"]) == ("reproduce", "smoke", "smoke")
    assert runs.find(None).name == "smoke"


def with_history(folder: Path, rows: list[dict[str, float]]) -> Run:
    folder.mkdir()
    Run(folder).write_history(rows)
    return Run(folder)


FIRST = {"epoch": 1, "loss": 0.5, "val_loss": 0.25}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ([FIRST, FIRST | {"epoch": 2}], "identical"),
        ([FIRST], "2 epochs, now 1"),
        ([FIRST | {"loss": 0.51}], "2 epochs, now 1; from epoch 1 on: loss 0.5, now 0.51"),
        ([FIRST, {"epoch": 2, "loss": 1, "val_loss": 2}], "from epoch 2 on: loss 0.5, now 1; val_loss 0.25, now 2"),
        ([FIRST | {"loss": 0.51}, FIRST | {"epoch": 2}], "from epoch 1 on: loss 0.5, now 0.51"),
        ([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.5}], "from epoch 1 on: val_loss 0.25, now none"),
        ([FIRST | {"auc": 1.0}, FIRST | {"epoch": 2, "auc": 1.0}], "from epoch 1 on: auc none, now 1.0"),
    ],
)  # fmt: skip
def test_it_is_said_where_two_histories_part(tmp_path: Path, now: list[dict[str, float]], told: str) -> None:
    before = with_history(tmp_path / "before", [FIRST, FIRST | {"epoch": 2}])
    check = repeat._history(before, with_history(tmp_path / "now", now))
    assert (check.agrees, check.detail) == (told == "identical", told)


def test_an_unfinished_run_cannot_be_held_to_anything(run: Run, mnist: Mnist) -> None:
    run.update(status="interrupted")
    assert "not finished" in mnist("verify", run.folder).err
    assert "not finished" in mnist("reproduce", run.folder).err


def test_a_run_that_is_training_is_to_be_waited_for(run: Run) -> None:
    run.update(status="training")
    with run.claimed(), pytest.raises(RunError, match=r"smoke is still training\. Wait until it is finished"):
        repeat.verify(run)
