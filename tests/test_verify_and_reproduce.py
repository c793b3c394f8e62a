"""`verify` and `reproduce`: a run agrees with itself and its reproduction."""

import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_pipeline.comparison import Comparison, compare_history, compare_metrics, compare_weights
from mnist_pipeline.errors import RunError
from mnist_pipeline.files import sha256
from mnist_pipeline.models import litert
from mnist_pipeline.run import store
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.record import Record
from mnist_pipeline.verify import verify
from tests.conftest import Mnist
from tests.helpers import noise, npz_file, unknown_keys


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Run:
    """A copy of a finished run, to be spoilt."""
    return Run(Path(shutil.copytree(trained, tmp_path / "runs" / "smoke")))


def disagreeing(run: Run) -> list[str]:
    return [check.what for check in verify(run) if check.agrees is False]


def test_data_that_cannot_be_read_are_not_taken_for_other_data(run: Run, mnist: Mnist) -> None:
    result = mnist("verify", run.folder, "--data", "nowhere.npz")
    assert result.status == 1
    assert "NO" not in result.out
    assert "not checked: nowhere.npz" in result.out
    assert result.err.endswith("are unchanged; its data and metrics could not be checked\n")


def test_a_broken_config_is_a_changed_file(run: Run, mnist: Mnist) -> None:
    (run.folder / "config.yaml").write_text("model: [")
    assert disagreeing(run) == ["config.yaml"]
    assert "this file was changed after training" in mnist("evaluate", run.folder).err


def test_a_run_is_not_reproduced_with_other_data(run: Run, mnist: Mnist) -> None:
    npz_file(Path("other.npz"), noise(20), noise(20))
    result = mnist("reproduce", run.folder, "--data", "other.npz")
    assert result.status == 1
    assert "was trained on other data, so it was not trained again" in result.err
    assert not Path("runs").exists() or not list(Path("runs").glob("*reproduce*"))


def test_an_unchanged_run_agrees_with_itself(run: Run) -> None:
    checks = verify(run)
    assert {check.what for check in checks} >= {"model.keras", "model.tflite", "config.yaml", "data", "metrics"}
    assert all(check.agrees for check in checks)


@pytest.mark.parametrize("name", ["model.keras", "model.tflite", "history.csv", "metrics.json"])
def test_a_changed_file_is_named(run: Run, name: str) -> None:
    file = run.folder / name
    file.write_bytes(file.read_bytes() + b" ")
    assert disagreeing(run) == [name]


def test_a_missing_file_is_named(run: Run) -> None:
    (run.folder / "history.csv").unlink()
    assert disagreeing(run) == ["history.csv"]


@pytest.mark.parametrize("name", ["model.tflite", "notes.txt"])
def test_a_file_that_was_added_after_training_is_named_and_a_model_is_not_used(
    run: Run, mnist: Mnist, name: str
) -> None:
    hashes = run.hashes
    hashes.pop(name, None)
    run.update(sha256=hashes)
    (run.folder / name).touch()
    assert disagreeing(run) == [name]
    verified = mnist("verify", run.folder)
    assert verified.status == 1
    assert "not recorded: added after training" in verified.out
    evaluated = mnist("evaluate", "--run", run.folder)
    assert evaluated.status == (name == "model.tflite")
    assert "Traceback" not in evaluated.err


def test_other_data_are_reported(run: Run) -> None:
    run.update(data={**run.record["data"], "sha256": "0" * 64})
    assert disagreeing(run) == ["data"]


def rewritten(run: Run, metrics: dict[str, Any]) -> Run:
    """`run` with other metrics, and their hash as if training had written them."""
    run.write_metrics(metrics)
    run.update(sha256=run.hashes | {"metrics.json": sha256(run.folder / "metrics.json")})
    return run


def test_metrics_are_those_on_the_test_set_and_below_them_those_on_the_validation_set(run: Run, mnist: Mnist) -> None:
    metrics = run.metrics or {}
    validation = metrics.pop("validation")
    for part, expected in (("test", metrics), ("validation", validation)):
        evaluated = mnist("evaluate", "--run", run.folder, "--split", part, "--format", "json").json
        assert {key: evaluated[key] for key in expected} == expected | {"run": run.name}
    assert (metrics["split"], validation["split"]) == ("test", "validation")


def test_metrics_on_the_validation_set_that_differ_are_reported(run: Run) -> None:
    metrics = run.metrics or {}
    metrics["validation"]["accuracy"] += 0.01
    checks = verify(rewritten(run, metrics))
    (difference,) = [check for check in checks if not check.agrees]
    assert (difference.what, "; validation.accuracy: " in difference.detail) == ("metrics", True)


def test_a_run_of_an_earlier_version_is_compared_by_its_metrics_on_the_test_set(run: Run) -> None:
    metrics = run.metrics or {}
    earlier = {key: value for key, value in metrics.items() if key != "validation"}
    assert disagreeing(rewritten(run, earlier)) == []
    for pair in ((earlier, metrics), (metrics, earlier)):
        assert compare_metrics(*pair) == Comparison("metrics", True, f"accuracy {metrics['accuracy']:.4f}, identical")


NOT_NUMBERS = [math.nan, math.inf]


@pytest.mark.parametrize("value", NOT_NUMBERS)
@pytest.mark.parametrize("name", ["accuracy", "loss", "ece"])
def test_a_metric_that_is_not_finite_never_agrees(run: Run, name: str, value: float) -> None:
    metrics = run.folder / "metrics.json"
    metrics.write_text(json.dumps(json.loads(metrics.read_text()) | {name: value}))
    run.update(sha256=run.hashes | {"metrics.json": sha256(metrics)})
    assert disagreeing(run) == ["metrics"]
    first = Run(Path(shutil.copytree(run.folder, run.folder.with_name("again"))))
    assert not compare_metrics(run.metrics or {}, first.metrics or {}).agrees


@pytest.mark.parametrize("damaged", [{"accuracy": 0.5}, {"loss": 0.1}, {"samples": 200}])
def test_metrics_without_accuracy_or_loss_do_not_agree(damaged: dict[str, Any]) -> None:
    metrics = {"accuracy": 0.5, "loss": 0.1, "samples": 200}
    assert not compare_metrics(damaged, metrics).agrees
    assert not compare_metrics(metrics, damaged).agrees


@pytest.mark.parametrize("part", [{}, {"validation": {"accuracy": 0.5, "loss": None}}], ids=["test", "validation"])
def test_a_loss_that_is_null_never_agrees(part: dict[str, Any]) -> None:
    metrics = {"accuracy": 0.5, "loss": 0.5 if part else None, **part}
    check = compare_metrics(metrics, metrics)
    assert not check.agrees
    assert "the loss is not finite" in check.detail


@pytest.mark.parametrize("number", NOT_NUMBERS)
def test_weights_and_histories_that_are_not_finite_are_not_identical(
    run: Run, number: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mnist_pipeline.models import keras_model

    model = keras_model.load(run.model)
    model.set_weights([each * np.float32(number) for each in model.get_weights()])
    monkeypatch.setattr(keras_model, "load", lambda _: model)
    assert compare_weights(run, run) == Comparison("weights", False, "not finite, so nothing can be compared")
    rows = [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": number}]
    run.write_history(rows[:1])
    assert compare_history(run, run).agrees
    run.write_history(rows)
    assert not compare_history(run, run).agrees


def test_a_run_whose_outputs_are_not_finite_does_not_agree(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litert, "compute_outputs", lambda _, images: np.full((len(images), 10), np.nan, np.float32))
    wrong = [check for check in verify(run) if not check.agrees]
    assert [check.what for check in wrong] == ["metrics"]
    assert "not finite" in wrong[0].detail


def test_verify_exits_with_1_and_names_what_differs(run: Run, mnist: Mnist) -> None:
    assert mnist("verify", run.folder).status == 0
    (run.folder / "history.csv").unlink()
    result = mnist("verify", run.folder)
    assert result.status == 1
    assert "history.csv" in result.err


def test_a_run_is_reproduced_bit_for_bit_and_its_reproduction_is_never_the_default(run: Run, mnist: Mnist) -> None:
    result = mnist("reproduce", "smoke")
    assert result.status == 0
    assert result.out.count("identical") == 4
    repetition = next(each for each in store.all_runs() if each.name != "smoke")
    assert re.fullmatch(r"smoke-reproduce-\d{8}-\d{6}", repetition.name)
    record = repetition.record
    assert (record["made_by"], record["parent"], record["config"]) == ("reproduce", "smoke", "smoke")
    assert unknown_keys(record, Record) == []
    assert store.find(None).name == "smoke"


def test_a_reproduction_that_differs_is_reported_with_the_difference(run: Run, mnist: Mnist) -> None:
    config = run.folder / "config.yaml"
    config.write_text(config.read_text().replace("seed: 0", "seed: 1"))
    hashes = run.hashes | {"config.yaml": sha256(config)}
    run.update(versions={**run.record["versions"], "keras": "3.0"}, sha256=hashes)
    result = mnist("reproduce", run.folder)
    assert result.status == 1
    assert "differ by up to" in result.out
    assert "keras 3.0, now" in result.err


def test_a_run_that_was_changed_is_not_reproduced(run: Run, mnist: Mnist) -> None:
    config = run.folder / "config.yaml"
    config.write_text(config.read_text().replace("seed: 0", "seed: 1"))
    result = mnist("reproduce", run.folder)
    assert (result.status, result.out) == (1, "")
    assert "was changed after training, so it cannot be reproduced: config.yaml: changed" in result.err


def with_history(folder: Path, rows: list[dict[str, float]]) -> Run:
    folder.mkdir()
    run = Run(folder)
    run.write_record({"status": "training"})
    run.write_history(rows)
    return run


FIRST = {"epoch": 1, "loss": 0.5, "val_loss": 0.25}


@pytest.mark.parametrize(
    ("now", "detail"),
    [
        ([FIRST, FIRST | {"epoch": 2}], "identical"),
        ([FIRST], "2 epochs, now 1"),
        ([FIRST | {"loss": 0.51}], "2 epochs, now 1; from epoch 1 on: loss 0.5, now 0.51"),
        ([FIRST, {"epoch": 2, "loss": 1, "val_loss": 2}], "from epoch 2 on: loss 0.5, now 1; val_loss 0.25, now 2"),
        ([FIRST | {"loss": 0.51}, FIRST | {"epoch": 2}], "from epoch 1 on: loss 0.5, now 0.51"),
        ([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.5}], "from epoch 1 on: val_loss 0.25, now none"),
        ([FIRST | {"auc": 1.0}, FIRST | {"epoch": 2, "auc": 1.0}], "from epoch 1 on: auc none, now 1"),
        ([FIRST | {"loss": 0.51234567890123456}], "2 epochs, now 1; from epoch 1 on: loss 0.5, now 0.51235"),
        ([FIRST | {"loss": 0.5000000298}], "2 epochs, now 1; from epoch 1 on: loss 0.5, now 0.50000003"),
    ],
)  # fmt: skip
def test_the_first_epoch_that_differs_is_named(tmp_path: Path, now: list[dict[str, float]], detail: str) -> None:
    before = with_history(tmp_path / "before", [FIRST, FIRST | {"epoch": 2}])
    check = compare_history(before, with_history(tmp_path / "now", now))
    assert (check.agrees, check.detail) == (detail == "identical", detail)


MEASURED = {"run": "a", "accuracy": 0.5, "loss": 0.25, "confusion_matrix": [[5, 0], [1, 4]], "per_class": [{"f1": 0.5}]}


@pytest.mark.parametrize(("now", "agrees", "detail"), [
    ({"run": "b"}, True, "accuracy 0.5000, identical"),
    ({"confusion_matrix": [[5, 0], [20, 4]]}, False, "confusion_matrix[1][0]: 1, now 20"),
    ({"per_class": [{"f1": 0.4}], "loss": 0.26}, False, "per_class[0].f1: 0.5, now 0.4"),
    ({"loss": 0.250000002}, True, "loss: 0.25, now 0.250000002"),
    ({"confusion_matrix": [[5, 0]]}, False, "confusion_matrix: other numbers of values"),
    ({"auc": 0.5}, False, "metrics: other numbers of values"),
])  # fmt: skip
def test_the_metric_that_differs_most_is_named(now: dict[str, Any], agrees: bool, detail: str) -> None:
    check = compare_metrics(MEASURED, MEASURED | now)
    assert check.agrees is agrees
    assert check.detail.endswith(detail)


def test_an_unfinished_run_is_neither_verified_nor_reproduced(run: Run, mnist: Mnist) -> None:
    run.update(status="interrupted")
    assert "not finished" in mnist("verify", run.folder).err
    assert "not finished" in mnist("reproduce", run.folder).err


def test_a_run_that_is_training_is_not_verified(run: Run) -> None:
    run.update(status="training")
    with run.locked(), pytest.raises(RunError, match=r"smoke is still training\. Wait until it is finished"):
        verify(run)
