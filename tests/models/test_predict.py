"""Each picture gets an answer that says what, how surely, and what else it might be."""

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
def part() -> Images:
    return load("mnist_sample").splits["test"][: len(NAMES)]


def made(tmp_path_factory: pytest.TempPathFactory, plain: dict[str, Any]) -> Run:
    data = {"dataset": "mnist_sample"} | plain.get("data", {})
    return untrained(tmp_path_factory.mktemp("asked") / "run", config(plain | {"data": data}))


@pytest.fixture(scope="module")
def logits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    loss = {"SparseCategoricalCrossentropy": {"from_logits": True}}
    return made(tmp_path_factory, {"model": head(10), "loss": loss})


@pytest.fixture(scope="module", params=["sigmoid", "logits"])
def yes_or_no(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    logits = request.param == "logits"
    loss = {"BinaryCrossentropy": {"from_logits": logits}}
    return made(
        tmp_path_factory, {"data": {"target": ODD}, "model": head(1, None if logits else "sigmoid"), "loss": loss}
    )


@pytest.fixture(scope="module")
def value(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return made(tmp_path_factory, {"data": {"target": "value"}, "model": head(1), "loss": "mse"})


def plain_keras(run: Run, part: Images) -> Any:
    from mnist_pipeline.framework import keras

    return keras.models.load_model(run.folder / "model.keras").predict(part.images, verbose=0)


def test_a_digit_has_its_confidence_and_ten_probabilities(trained: Path, part: Images) -> None:
    answers = predict(Run(trained), list(part.images), NAMES)
    assert [list(answer) for answer in answers] == [["image", "digit", "confidence", "probabilities"]] * len(NAMES)
    given = plain_keras(Run(trained), part)
    for answer, name, row in zip(answers, NAMES, given, strict=True):
        assert answer["image"] == name
        assert answer["digit"] == row.argmax()
        assert answer["confidence"] == max(answer["probabilities"])
        assert answer["probabilities"] == pytest.approx(row.tolist(), abs=1e-6)
        assert sum(answer["probabilities"]) == pytest.approx(1)


def test_logits_become_probabilities(logits: Run, part: Images) -> None:
    given = plain_keras(logits, part).astype(float)
    shares = np.exp(given) / np.exp(given).sum(axis=1, keepdims=True)
    for answer, row in zip(predict(logits, list(part.images), NAMES), shares, strict=True):
        assert answer["probabilities"] == pytest.approx(row.tolist(), abs=1e-6)
        assert answer["digit"] == row.argmax()


def test_yes_or_no_has_its_confidence_and_two_probabilities(yes_or_no: Run, part: Images) -> None:
    answers = predict(yes_or_no, list(part.images), NAMES)
    assert [list(answer) for answer in answers] == [["image", "answer", "confidence", "probabilities"]] * len(NAMES)
    for answer in answers:
        no, yes = answer["probabilities"]
        assert answer["answer"] == ("yes" if yes > 0.5 else "no")
        assert answer["confidence"] == max(no, yes)
        assert no + yes == pytest.approx(1)


@pytest.fixture(scope="module")
def ten_sigmoids(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Two runs of the same weights: ten sigmoid outputs, in the last layer and in the loss."""
    plain: dict[str, Any] = {"model": head(10, "sigmoid"), "loss": "binary_crossentropy"}
    logits = {"model": head(10), "loss": {"BinaryCrossentropy": {"from_logits": True}}}
    return [made(tmp_path_factory, each) for each in (plain, logits)]


def test_ten_sigmoid_outputs_are_as_sure_with_the_sigmoid_in_the_loss(ten_sigmoids: list[Run], part: Images) -> None:
    inside, in_loss = (predict(run, list(part.images), NAMES) for run in ten_sigmoids)
    for one, other in zip(inside, in_loss, strict=True):
        assert one["digit"] == other["digit"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)
    inside, in_loss = (evaluate(run) for run in ten_sigmoids)
    assert {name: inside[name] for name in inside if name not in ("run", "loss", "ece")} == {
        name: in_loss[name] for name in in_loss if name not in ("run", "loss", "ece")
    }
    assert (inside["ece"], inside["loss"]) == pytest.approx((in_loss["ece"], in_loss["loss"]), rel=1e-4)


def test_a_value_has_the_digit_nearest_to_it(value: Run, part: Images) -> None:
    answers = predict(value, list(part.images), NAMES)
    assert [list(answer) for answer in answers] == [["image", "value", "digit"]] * len(NAMES)
    given = plain_keras(value, part)[:, 0]
    assert [answer["value"] for answer in answers] == pytest.approx(given.tolist(), abs=1e-6)
    assert [answer["digit"] for answer in answers] == np.clip(np.rint(given), 0, 9).tolist()


def test_the_first_test_images_are_answered_with_their_labels(trained: Path, value: Run, part: Images) -> None:
    names = [f"test image {number}" for number in range(len(NAMES))]
    for run in (Run(trained), value):
        first, plain = predict_test_images(run, len(NAMES)), predict(run, list(part.images), names)
        assert [answer | {"label": label} for answer, label in zip(plain, part.labels.tolist(), strict=True)] == first


def test_the_truth_of_yes_or_no_is_said_as_the_answer_is(yes_or_no: Run, part: Images) -> None:
    answers = predict_test_images(yes_or_no, len(NAMES))
    assert [answer["label"] for answer in answers] == ["yes" if label % 2 else "no" for label in part.labels]


def test_answers_are_plain_json(trained: Path, yes_or_no: Run, value: Run) -> None:
    for run in (Run(trained), yes_or_no, value):
        answers = predict_test_images(run, 3)
        assert json.loads(json.dumps(answers, allow_nan=False)) == answers


def test_no_image_has_no_answer(trained: Path) -> None:
    assert predict(Run(trained), [], []) == []


def test_each_image_needs_one_name(trained: Path, part: Images) -> None:
    with pytest.raises(ValueError, match="zip"):
        predict(Run(trained), list(part.images), NAMES[:-1])
