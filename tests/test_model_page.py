"""docs/model.md describes the model files as they are, and its program runs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from mnist_pipeline.data.images import Images
from mnist_pipeline.data.sources import load
from mnist_pipeline.framework import keras
from mnist_pipeline.models.predict import predict
from mnist_pipeline.run.folder import Run

PAGE = (Path(__file__).parents[1] / "docs" / "model.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def digits() -> Images:
    return load("mnist_sample").splits["test"][:3]


def test_the_program_prints_what_predict_prints(trained: Path, digits: Images, tmp_path: Path) -> None:
    program, *others = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert others == []
    assert len([line for line in program.splitlines() if line and " import " not in f" {line}"]) <= 10
    shutil.copy(trained / "model.tflite", tmp_path)
    for image in digits.images:
        Image.fromarray(image).save(tmp_path / "digit.png")
        result = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        digit, probability = result.stdout.split()
        [prediction] = predict(Run(trained), [image], ["digit.png"])
        assert int(digit) == prediction["digit"]
        assert float(probability) == pytest.approx(prediction["confidence"], abs=1e-6)


def test_the_page_names_the_runs_that_the_program_is_for(trained: Path) -> None:
    task, below = Run(trained).task, PAGE.split("```python")[1].split("```")[1]
    assert all(f"`{key}: {value}`" in below for key, value in task.items())


def test_input_and_output_of_litert_are_those_of_the_table(trained: Path) -> None:
    interpreter = Interpreter(str(trained / "model.tflite"))
    [first_input], [first_output] = interpreter.get_input_details(), interpreter.get_output_details()
    assert (first_input["dtype"], first_input["shape"].tolist()) == (np.float32, [1, 28, 28])
    assert first_input["shape_signature"].tolist() == [-1, 28, 28]
    assert (first_output["dtype"], first_output["shape_signature"].tolist()) == (np.float32, [-1, 10])
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["pixels"], "outputs": ["output_0"]}}
    assert all(f"`{name}`" in PAGE for name in ("serving_default", "pixels", "output_0"))


def test_keras_takes_raw_pixels_too(trained: Path, digits: Images) -> None:
    outputs = keras.models.load_model(trained / "model.keras").predict(digits.images, verbose=0)
    predictions = predict(Run(trained), list(digits.images), ["a", "b", "c"])
    np.testing.assert_allclose(outputs, [prediction["probabilities"] for prediction in predictions], atol=1e-5)


def test_the_keys_of_a_task_are_those_of_a_run(trained: Path) -> None:
    task = json.loads((trained / "run.json").read_text())["task"]
    assert all(f"`{key}`" in PAGE for key in task)
    assert f"| `{task['kind']}` | multiclass |" in PAGE
