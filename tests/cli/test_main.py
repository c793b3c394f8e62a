"""The commands, as a user types them."""

import csv
import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Mnist
from tests.helpers import noise, npz_file


def test_train_leaves_a_run_that_can_be_evaluated_and_used(mnist: Mnist) -> None:
    trained = mnist("train", "--config", "smoke")
    assert trained.status == 0
    assert "accuracy" in trained.out

    evaluated = mnist("evaluate", "--format", "json")
    assert evaluated.json["samples"] == 200
    assert evaluated.json["accuracy"] > 0.3

    predicted = mnist("predict", "--format", "json")
    assert [prediction["label"] for prediction in predicted.json] == [0, 1, 2, 3, 4]


def test_predictions_are_csv_for_programs(mnist: Mnist, trained: Path) -> None:
    result = mnist("predict", "--run", trained, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [(row["image"], row["label"]) for row in rows] == [(f"test image {each}", str(each)) for each in range(5)]
    assert [float(row[f"p{row['digit']}"]) for row in rows] == [float(row["confidence"]) for row in rows]


def test_top_is_the_number_of_digits_in_a_row(mnist: Mnist, trained: Path) -> None:
    heads = {top: mnist("predict", "--run", trained, "--top", top).out.split("\n")[1].split() for top in (1, 4)}
    assert heads == {1: ["image", "digit", "confidence", "label"], 4: ["image", "digit", "confidence", "2.", "3.", "4.",
                                                                       "label"]}  # fmt: skip


def test_evaluate_takes_other_data(mnist: Mnist, trained: Path, tmp_path: Path) -> None:
    npz_file(tmp_path / "mine.npz", test=noise(200))
    metrics = mnist("evaluate", trained, "--data", "mine.npz", "--format", "json").json
    assert metrics["dataset"] == "mine.npz"
    assert metrics["accuracy"] < 0.5


def test_predict_takes_the_first_test_images_of_other_data(mnist: Mnist, trained: Path, tmp_path: Path) -> None:
    images = noise(200)
    npz_file(tmp_path / "mine.npz", test=replace(images, labels=images.labels[::-1]))
    predictions = mnist("predict", "--run", trained, "--data", "mine.npz", "--format", "json").json
    assert [prediction["label"] for prediction in predictions] == [9, 8, 7, 6, 5]


def test_other_data_of_a_training_are_in_the_config_of_its_run(mnist: Mnist, tmp_path: Path) -> None:
    npz_file(tmp_path / "mine.npz", train=noise(500))
    result = mnist("train", "--config", "smoke", "--data", "mine.npz", "--run-dir", "run")
    assert (result.status, result.out) == (0, "")
    assert result.err.endswith("mine.npz has no test images, so run was not evaluated.\n")
    assert "mine.npz" in (tmp_path / "run" / "config.yaml").read_text("utf-8")


def test_a_run_folder_is_never_overwritten(mnist: Mnist, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("work")
    again = mnist("train", "--config", "smoke", "--run-dir", tmp_path)
    assert again.status == 1
    assert "already" in again.err


@pytest.mark.parametrize(("command", "example"), [
    ("train", "mnist train --config quickstart"), ("check", "--config quickstart"),
])  # fmt: skip
def test_a_command_without_its_config_shows_one(mnist: Mnist, command: str, example: str) -> None:
    result = mnist(command)
    assert result.status == 2
    assert example in result.err


def test_python_collects_no_garbage_when_a_command_ends() -> None:
    program = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "from mnist_pipeline.cli.main import main; main(['--version'])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[1:] == ["True"]


@pytest.mark.parametrize("command", ["check", "train"])
def test_a_config_as_an_argument_is_answered_with_its_option(mnist: Mnist, command: str) -> None:
    result = mnist(command, "my.yaml")
    assert result.status == 2
    assert result.err.endswith("Got unexpected extra argument (my.yaml). Did you mean --config my.yaml?\n")
