"""`mnist runs`: a row a run, selected and sorted, as a table or JSON."""

import re
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.files import sha256
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.overview import overview
from mnist_pipeline.run.sorting import SORT_ORDER
from tests.conftest import Mnist
from tests.helpers import recorded

pytestmark = pytest.mark.usefixtures("empty_folder")


def evaluated(name: str, metrics: dict[str, Any], **fields: Any) -> Run:
    """A run under runs/ with a record and these metrics."""
    run = recorded(name, **fields)
    run.write_metrics(metrics)
    run.update(sha256={"metrics.json": sha256(run.folder / "metrics.json")})
    return run


def names(mnist: Mnist, *arguments: str) -> list[str]:
    return [row["run"] for row in mnist("runs", "--format", "json", *arguments).json]


def test_the_overview_of_an_evaluated_run_has_its_metrics() -> None:
    metrics = {"accuracy": 0.97125, "loss": 1 / 3, "validation": {"accuracy": 0.5, "loss": 2}}
    run = evaluated("a", metrics, epochs=3, training_seconds=1.5, weights=7850)
    assert overview(run) == {
        "run": "a", "status": "finished", "started": "2026-11-22T09:30:00+00:00", "epochs": 3, "seconds": 1.5,
        "params": 7850, "val_accuracy": 0.5, "val_loss": 2, "accuracy": 0.97125, "loss": 1 / 3,
    }  # fmt: skip


def test_the_overview_of_a_run_that_has_just_begun_is_mostly_empty(run: Run) -> None:
    with run.locked():
        row = overview(run)
    assert row.keys() == SORT_ORDER.keys()
    assert {name for name, value in row.items() if value is not None} == {"run", "status", "started"}
    assert (row["run"], row["status"]) == ("run", "training")


def test_a_run_whose_process_died_is_listed_as_interrupted(run: Run) -> None:
    assert run.record["status"] == "training"
    assert overview(run)["status"] == "interrupted"


def test_a_damaged_run_is_listed_as_damaged(mnist: Mnist) -> None:
    recorded("whole")
    (recorded("broken").folder / "run.json").write_text("{")
    result = mnist("runs")
    assert result.status == 0
    assert re.search(r"broken +damaged", result.out)
    assert re.search(r"whole +finished", result.out)


def test_a_run_that_may_not_be_read_is_listed_as_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    run = recorded("a")
    monkeypatch.setattr(Path, "open", refuse)
    assert overview(run)["status"] == "unreadable"


def test_a_killed_run_is_listed_with_the_epochs_that_it_wrote(run: Run) -> None:
    run.write_history([{"epoch": 1}, {"epoch": 2}])
    assert overview(run)["epochs"] == 2


def test_a_run_with_damaged_metrics_is_listed_without_them() -> None:
    run = recorded("a", epochs=3)
    (run.folder / "metrics.json").write_text("{")
    assert (overview(run)["run"], overview(run)["accuracy"]) == ("a", None)


def test_a_run_with_a_metric_that_is_not_json_does_not_hide_the_others(mnist: Mnist) -> None:
    run = evaluated("a", {"accuracy": 0.5, "loss": 1.0})
    (run.folder / "metrics.json").write_text('{"accuracy": NaN, "loss": 1.0}')
    run.update(sha256={"metrics.json": sha256(run.folder / "metrics.json")})
    recorded("b")
    assert {row["run"]: row["accuracy"] for row in mnist("runs", "--format", "json").json} == {"a": None, "b": None}


@pytest.fixture
def three(empty_folder: None) -> None:
    """The oldest is the best by accuracy, the newest by loss; one has no metrics."""
    evaluated("cnn-old", {"accuracy": 0.99, "loss": 0.3}, started="2026-11-22T09:00:00+00:00", epochs=3)
    evaluated("mlp-new", {"accuracy": 0.97, "loss": 0.1}, started="2026-11-22T11:00:00+00:00", epochs=10)
    recorded("cnn-none", started="2026-11-22T10:00:00+00:00", status="failed", epochs=3)


NEWEST = ["mlp-new", "cnn-none", "cnn-old"]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("key", "order"), [
    ("accuracy", ["cnn-old", "mlp-new", "cnn-none"]), ("loss", ["mlp-new", "cnn-old", "cnn-none"]),
    ("started", NEWEST), ("val_accuracy", NEWEST), ("epochs", ["cnn-none", "cnn-old", "mlp-new"]),
    ("run", ["cnn-none", "cnn-old", "mlp-new"]), ("status", ["cnn-none", "mlp-new", "cnn-old"]),
])  # fmt: skip
def test_runs_are_sorted_best_first_then_newest_and_without_a_value_last(
    mnist: Mnist, key: str, order: list[str]
) -> None:
    assert names(mnist, "--sort", key) == order


@pytest.mark.usefixtures("three")
def test_without_a_key_runs_are_sorted_newest_first(mnist: Mnist) -> None:
    assert names(mnist) == NEWEST


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("pattern", "selected"), [
    ("cnn*", ["cnn-none", "cnn-old"]), ("*n?w", ["mlp-new"]), ("[cm]*-n*", ["mlp-new", "cnn-none"]),
    ("new", ["mlp-new"]), ("n-", ["cnn-none", "cnn-old"]), ("new*", []),
])  # fmt: skip
def test_a_pattern_selects_by_the_whole_name_and_a_word_by_a_part_of_it(
    mnist: Mnist, pattern: str, selected: list[str]
) -> None:
    assert names(mnist, pattern) == selected


@pytest.mark.usefixtures("three")
def test_the_json_has_the_same_keys_for_every_run_and_plain_numbers(mnist: Mnist) -> None:
    rows = mnist("runs", "--format", "json").json
    assert all(list(row) == list(SORT_ORDER) for row in rows)
    assert [row["accuracy"] for row in rows] == [0.97, None, 0.99]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("style", "out"), [("table", ""), ("json", "[]\n")])
def test_a_pattern_without_a_match_is_reported(mnist: Mnist, style: str, out: str) -> None:
    result = mnist("runs", "resnet", "--format", style)
    assert (result.status, result.out) == (0, out)
    assert result.err == "No run under runs/ matches 'resnet'. To list all of them: mnist runs\n"


def test_without_runs_json_is_an_empty_list(mnist: Mnist) -> None:
    result = mnist("runs", "--format", "json")
    assert (result.status, result.json) == (0, [])
    assert "There are no runs under runs/ yet" in result.err


def test_an_unknown_key_is_refused_with_the_names_of_all(mnist: Mnist) -> None:
    result = mnist("runs", "--sort", "speed")
    assert result.status == 2
    assert all(key in result.err for key in ("'speed'", *SORT_ORDER))
