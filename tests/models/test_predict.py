"""Each image gets a prediction: a label, its confidence and all probabilities."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_pipeline.data.images import Images
from mnist_pipeline.data.sources import load
from mnist_pipeline.metrics.evaluate import evaluate
from mnist_pipeline.models.predict import predict, predict_test_images
from mnist_pipeline.run.folder import Run
from tests.helpers import config, head, untrained

ODD = {"positive": [1, 3, 5, 7, 9]}
NAMES = [f"{letter}.png" for letter in "abcdefgh"]


@pytest.fixture(scope="module")
def digits() -> Images:
    return load("mnist_sample").splits["test"][: len(NAMES)]


def made(tmp_path_factory: pytest.TempPathFactory, plain: dict[str, Any]) -> Run:
    data = {"dataset": "mnist_sample"} | plain.get("data", {})
    return untrained(tmp_path_factory.mktemp("predictions") / "run", config(plain | {"data": data}))


@pytest.fixture(scope="module")
def logits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    loss = {"SparseCategoricalCrossentropy": {"from_logits": True}}
    return made(tmp_path_factory, {"model": head(10), "loss": loss})


@pytest.fixture(scope="module", params=["sigmoid", "logits"])
def binary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    logits = request.param == "logits"
    loss = {"BinaryCrossentropy": {"from_logits": logits}}
    return made(
        tmp_path_factory, {"data": {"target": ODD}, "model": head(1, None if logits else "sigmoid"), "loss": loss}
    )


@pytest.fixture(scope="module")
def regression(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return made(tmp_path_factory, {"data": {"target": "value"}, "model": head(1), "loss": "mse"})


def plain_keras(run: Run, digits: Images) -> Any:
    from mnist_pipeline.framework import keras

    return keras.models.load_model(run.folder / "model.keras").predict(digits.images, verbose=0)


def test_a_digit_has_its_confidence_and_ten_probabilities(trained: Path, digits: Images) -> None:
    predictions = predict(Run(trained), list(digits.images), NAMES)
    assert [list(prediction) for prediction in predictions] == [
        ["image", "digit", "confidence", "probabilities"]
    ] * len(NAMES)
    outputs = plain_keras(Run(trained), digits)
    for prediction, name, row in zip(predictions, NAMES, outputs, strict=True):
        assert prediction["image"] == name
        assert prediction["digit"] == row.argmax()
        assert prediction["confidence"] == max(prediction["probabilities"])
        assert prediction["probabilities"] == pytest.approx(row.tolist(), abs=1e-6)
        assert sum(prediction["probabilities"]) == pytest.approx(1)


def test_logits_become_probabilities(logits: Run, digits: Images) -> None:
    outputs = plain_keras(logits, digits).astype(float)
    shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    for prediction, row in zip(predict(logits, list(digits.images), NAMES), shares, strict=True):
        assert prediction["probabilities"] == pytest.approx(row.tolist(), abs=1e-6)
        assert prediction["digit"] == row.argmax()


def test_a_binary_prediction_has_its_confidence_and_two_probabilities(binary: Run, digits: Images) -> None:
    predictions = predict(binary, list(digits.images), NAMES)
    assert [list(prediction) for prediction in predictions] == [
        ["image", "answer", "confidence", "probabilities"]
    ] * len(NAMES)
    for prediction in predictions:
        no, yes = prediction["probabilities"]
        assert prediction["answer"] == ("yes" if yes > 0.5 else "no")
        assert prediction["confidence"] == max(no, yes)
        assert no + yes == pytest.approx(1)


@pytest.fixture(scope="module")
def ten_sigmoids(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Two runs of the same weights: sigmoid in the last layer, and in the loss."""
    plain: dict[str, Any] = {"model": head(10, "sigmoid"), "loss": "binary_crossentropy"}
    logits = {"model": head(10), "loss": {"BinaryCrossentropy": {"from_logits": True}}}
    return [made(tmp_path_factory, each) for each in (plain, logits)]


def test_ten_sigmoid_outputs_are_as_sure_with_the_sigmoid_in_the_loss(ten_sigmoids: list[Run], digits: Images) -> None:
    inside, in_loss = (predict(run, list(digits.images), NAMES) for run in ten_sigmoids)
    for one, other in zip(inside, in_loss, strict=True):
        assert one["digit"] == other["digit"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)
    inside, in_loss = (evaluate(run) for run in ten_sigmoids)
    assert {name: inside[name] for name in inside if name not in ("run", "loss", "ece")} == {
        name: in_loss[name] for name in in_loss if name not in ("run", "loss", "ece")
    }
    assert (inside["ece"], inside["loss"]) == pytest.approx((in_loss["ece"], in_loss["loss"]), rel=1e-4)


def test_a_value_has_the_digit_nearest_to_it(regression: Run, digits: Images) -> None:
    predictions = predict(regression, list(digits.images), NAMES)
    assert [list(prediction) for prediction in predictions] == [["image", "value", "digit"]] * len(NAMES)
    outputs = plain_keras(regression, digits)[:, 0]
    assert [prediction["value"] for prediction in predictions] == pytest.approx(outputs.tolist(), abs=1e-6)
    assert [prediction["digit"] for prediction in predictions] == np.clip(np.rint(outputs), 0, 9).tolist()


def test_the_first_test_images_are_predicted_with_their_labels(trained: Path, regression: Run, digits: Images) -> None:
    names = [f"test image {number}" for number in range(len(NAMES))]
    for run in (Run(trained), regression):
        first, plain = predict_test_images(run, len(NAMES)), predict(run, list(digits.images), names)
        assert [
            prediction | {"label": label} for prediction, label in zip(plain, digits.labels.tolist(), strict=True)
        ] == first


def test_binary_labels_are_shown_as_yes_and_no(binary: Run, digits: Images) -> None:
    predictions = predict_test_images(binary, len(NAMES))
    assert [prediction["label"] for prediction in predictions] == [
        "yes" if label % 2 else "no" for label in digits.labels
    ]


def test_predictions_are_plain_json(trained: Path, binary: Run, regression: Run) -> None:
    for run in (Run(trained), binary, regression):
        predictions = predict_test_images(run, 3)
        assert json.loads(json.dumps(predictions, allow_nan=False)) == predictions


def test_no_image_has_no_prediction(trained: Path) -> None:
    assert predict(Run(trained), [], []) == []


def test_each_image_needs_one_name(trained: Path, digits: Images) -> None:
    with pytest.raises(ValueError, match="zip"):
        predict(Run(trained), list(digits.images), NAMES[:-1])
