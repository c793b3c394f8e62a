"""A run is judged as plain Keras and scikit-learn would judge it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from sklearn import metrics

from mnist_pipeline.config.lint.targets import FITTING_LOSSES
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.errors import DataError, RunError
from mnist_pipeline.metrics.evaluate import compute_metrics, evaluate, evaluate_dataset
from mnist_pipeline.run.folder import Run
from mnist_pipeline.tasks import targets
from tests.conftest import Mnist
from tests.helpers import config, head, noise, npz_file, untrained

ODD = {"positive": [1, 3, 5, 7, 9]}
KINDS: dict[str, dict[str, Any]] = {
    "digits": {},
    "digits, labels as numbers": {"loss": "sparse_categorical_crossentropy"},
    "digits, logits": {"model": head(10), "loss": {"CategoricalCrossentropy": {"from_logits": True}}},
    "digits, numbers and logits": {"model": head(10), "loss": {"SparseCategoricalCrossentropy": {"from_logits": True}}},
    "digits, each yes or no": {"model": head(10, "sigmoid"), "loss": "binary_crossentropy"},
    "digits, shares that do not sum to 1": {"model": head(10, "sigmoid")},
    "digits, squared distance": {"model": head(10), "loss": "mse"},
    "digits, margin": {"model": head(10, "tanh"), "loss": "categorical_hinge"},
    "yes or no": {"data": {"target": ODD}, "model": head(1, "sigmoid"), "loss": "binary_crossentropy"},
    "yes or no, logits": {
        "data": {"target": ODD}, "model": head(1), "loss": {"BinaryCrossentropy": {"from_logits": True}},
    },
    "yes or no, margin": {"data": {"target": ODD}, "model": head(1, "tanh"), "loss": "hinge"},
    "value": {"data": {"target": "value"}, "model": head(1), "loss": "mse"},
    "value, Huber": {"data": {"target": "value"}, "model": head(1), "loss": {"Huber": {"delta": 2.0}}},
}  # fmt: skip
DATA = {"dataset": "mnist_sample", "train_samples": 50, "test_samples": 300}


@pytest.fixture(scope="module", params=KINDS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of each kind of target and loss."""
    plain = KINDS[request.param]
    plain = plain | {"data": DATA | plain.get("data", {})}
    return untrained(tmp_path_factory.mktemp("judged") / "run", config(plain))


@pytest.fixture(scope="module")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return untrained(tmp_path_factory.mktemp("judged") / "run", config({"data": DATA}))


def compiled(run: Run) -> Any:
    """The model of `run` in plain Keras, with its loss."""
    from mnist_pipeline.framework import keras

    loss = run.config().config.loss
    model = keras.models.load_model(run.folder / "model.keras")
    model.compile(loss=getattr(keras.losses, loss.class_name)(**loss.config))
    return model


def evaluate_again(run: Run) -> dict[str, Any]:
    return evaluate_dataset(run, load_dataset(run.config().config.data), "test")


def keras_loss(run: Run) -> float:
    config = run.config().config
    data, test = config.data, load_dataset(config.data).split("test")
    expected = targets(test.labels, data.kind, data.positive, sparse=config.sparse_labels)
    return float(compiled(run).evaluate(test.images, expected, verbose=0, return_dict=True)["loss"])


def test_the_loss_is_that_of_keras_evaluate(run: Run) -> None:
    assert evaluate(run)["loss"] == pytest.approx(keras_loss(run), rel=1e-4)


@pytest.mark.parametrize("kind", ["digits", "digits, labels as numbers", "yes or no", "digits, logits"])
def test_the_loss_of_a_model_that_is_sure_and_wrong_is_that_of_keras_evaluate(tmp_path: Path, kind: str) -> None:
    """Keras goes back to the logits behind softmax and sigmoid, so that a wrong certainty is not cut at 1e-7.

    Near 1, outputs of sigmoid in float32 tell the logits only so far.
    """
    plain = KINDS[kind]
    sure = untrained(tmp_path / "run", config(plain | {"data": DATA | plain.get("data", {})}), sharpness=30)
    assert evaluate(sure)["loss"] == pytest.approx(keras_loss(sure), rel=1e-3 if kind == "yes or no" else 1e-4)


def test_accuracy_is_that_of_the_answers_of_keras(run: Run) -> None:
    config, test = run.config().config, load_dataset(run.config().config.data).split("test")
    given = compiled(run).predict(test.images, verbose=0)
    match config.data.kind:
        case "digit":
            right = given.argmax(axis=1) == test.labels
        case "value":
            right = np.clip(np.rint(given[:, 0]), 0, 9) == test.labels
        case _:
            margins = config.loss.config.get("from_logits") or config.loss.class_name == "Hinge"
            right = (given[:, 0] > (0 if margins else 0.5)) == (test.labels % 2 == 1)
    assert evaluate(run)["accuracy"] == right.mean()


def test_the_figures_agree_with_each_other_and_are_plain_json(run: Run) -> None:
    figures = evaluate(run)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    matrix = np.array(figures["confusion_matrix"])
    assert (figures["split"], figures["samples"], figures["dataset"]) == ("test", 300, "mnist_sample")
    assert matrix.sum() == 300
    assert np.trace(matrix) / 300 == figures["accuracy"]
    assert [row["support"] for row in figures["per_class"]] == matrix.sum(axis=1).tolist()
    low, high = figures["accuracy_ci95"]
    assert 0 <= low <= figures["accuracy"] <= high <= 1


CONTRACT = [
    "run", "dataset", "split", "samples", "loss", "accuracy", "accuracy_ci95", "per_class", "confusion_matrix", "ece",
]  # fmt: skip


def test_every_promised_figure_is_there(run: Run) -> None:
    kind = run.config().config.data.kind
    more = {"digit": [], "positive": ["auc"], "value": ["mse", "mae"]}[kind]
    figures = evaluate(run)
    assert figures.keys() == {*CONTRACT, *more, "trained_on", "validated_on", "trained_on_unknown"}
    name = "answer" if kind == "positive" else "digit"
    names = ["no", "yes"] if kind == "positive" else list(range(10))
    assert [list(row) for row in figures["per_class"]] == [[name, "precision", "recall", "f1", "support"]] * len(names)
    assert [row[name] for row in figures["per_class"]] == names


def test_a_trained_run_is_judged_as_keras_and_scikit_learn_judge_it(trained: Path) -> None:
    from mnist_pipeline.framework import keras

    run = Run(trained)
    figures, test = evaluate(run), load_dataset(run.config().config.data).split("test")
    answers = keras.models.load_model(run.model).predict(test.images, verbose=0).argmax(axis=1)
    expected = metrics.classification_report(test.labels, answers, output_dict=True, zero_division=0)
    assert figures["accuracy"] == pytest.approx(expected["accuracy"])
    for row in figures["per_class"]:
        theirs = expected[str(row["digit"])]
        assert (row["precision"], row["recall"], row["f1"], row["support"]) == pytest.approx(
            (theirs["precision"], theirs["recall"], theirs["f1-score"], theirs["support"])
        )
    assert figures["confusion_matrix"] == metrics.confusion_matrix(test.labels, answers).tolist()


def test_a_trained_run_keeps_the_figures_that_judging_it_again_gives(trained: Path) -> None:
    assert Run(trained).metrics == evaluate_again(Run(trained))


@pytest.mark.parametrize(("split", "samples"), [("train", 40), ("validation", 10), ("test", 300)])
def test_each_part_can_be_judged(digits_run: Run, split: str, samples: int) -> None:
    figures = evaluate(digits_run, split)
    assert (figures["split"], figures["samples"]) == (split, samples)


def test_another_source_can_be_judged(digits_run: Run, tmp_path: Path) -> None:
    file = npz_file(tmp_path / "mine.npz", test=noise(400))
    figures = evaluate(digits_run, source=str(file))
    assert (figures["dataset"], figures["samples"]) == (str(file), 300)


def test_a_part_that_is_not_there_is_said(digits_run: Run, tmp_path: Path) -> None:
    file = npz_file(tmp_path / "mine.npz", test=noise(400))
    with pytest.raises(DataError, match="has no validation images"):
        evaluate(digits_run, "validation", str(file))


@pytest.fixture(scope="module")
def diverged(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose weights are not numbers."""
    return untrained(tmp_path_factory.mktemp("judged") / "run", config({"data": DATA}), sharpness=float("nan"))


@pytest.mark.parametrize("command", [["evaluate"], ["evaluate", "--format", "json"], ["predict"], ["predict", "1.png"]])
def test_a_model_whose_outputs_are_not_finite_is_an_error(mnist: Mnist, diverged: Run, command: list[str]) -> None:
    one = Image.new("L", (28, 28))
    one.paste(255, (13, 4, 16, 24))
    one.save("1.png")
    result = mnist(*command, "--run", diverged.folder)
    assert result.status == 1
    assert result.out == ""
    assert "outputs are not finite" in result.err
    assert "lower learning rate" in result.err


def test_a_training_that_diverges_in_its_last_step_fails_and_says_so(mnist: Mnist, tmp_path: Path) -> None:
    small = {"dataset": "mnist_sample", "train_samples": 20, "test_samples": 20, "validation_split": 0}
    plain = config({"data": small, "optimizer": {"SGD": {"learning_rate": 1e38}}, "training": {"epochs": 1}}).to_dict()
    (tmp_path / "steep.yaml").write_text(yaml.safe_dump(plain))
    result = mnist("train", "--config", "steep.yaml", "--run-dir", "run")
    assert result.status == 1
    assert "outputs are not finite" in result.err
    record = json.loads((tmp_path / "run" / "run.json").read_text(), parse_constant=pytest.fail)
    assert record["status"] == "failed"
    assert "not finite" in record["error"]


def test_a_loss_that_is_not_finite_is_null_and_shown_as_such(mnist: Mnist, tmp_path: Path) -> None:
    """Poisson takes the logarithm of the output; a linear one goes below 0."""
    plain = {"data": DATA | {"target": "value"}, "model": head(1), "loss": "poisson"}
    below = untrained(tmp_path / "run", config(plain), sharpness=100)
    result = mnist("evaluate", "--run", below.folder, "--format", "json")
    assert json.loads(result.out, parse_constant=pytest.fail)["loss"] is None
    assert "loss not finite" in mnist("evaluate", "--run", below.folder).out
    with below.record_outcome():
        below.write_metrics(evaluate_again(below))
    assert below.metrics == evaluate_again(below)


def test_a_run_without_a_config_is_said(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"status": "failed"}')
    with pytest.raises(RunError, match="its config is missing"):
        evaluate(Run(tmp_path))


YES_OR_NO = config(KINDS["yes or no"])
VALUE = config(KINDS["value"])


def test_yes_or_no_by_hand() -> None:
    given = np.array([[0.9], [0.51], [0.4], [0.2]], np.float32)
    figures = compute_metrics(given, np.array([1, 3, 2, 5], np.uint8), YES_OR_NO)
    assert figures["accuracy"] == 0.75
    assert figures["confusion_matrix"] == [[1, 0], [1, 2]]
    assert figures["auc"] == pytest.approx(2 / 3)
    assert figures["ece"] == pytest.approx((0.1 + 0.49 + 0.4 + 0.8) / 4)


def test_the_area_under_roc_is_unknown_where_all_answers_are_yes() -> None:
    assert compute_metrics(np.array([[0.9]], np.float32), np.array([1], np.uint8), YES_OR_NO)["auc"] is None


def test_a_value_by_hand() -> None:
    given = np.array([[3.4], [3.6], [-2.0], [12.0]], np.float32)
    figures = compute_metrics(given, np.array([3, 3, 0, 8], np.uint8), VALUE)
    assert figures["accuracy"] == 0.5
    assert figures["mae"] == pytest.approx((0.4 + 0.6 + 2 + 4) / 4, rel=1e-6)
    assert figures["mse"] == pytest.approx((0.16 + 0.36 + 4 + 16) / 4, rel=1e-6)
    assert figures["ece"] is None


@pytest.mark.parametrize(
    ("preset", "more"), [("binary", ["auc"]), ("regression", ["mse", "mae"])], ids=["yes or no", "value"]
)
def test_a_trained_run_of_another_target_is_judged_by_the_command(mnist: Mnist, preset: str, more: list[str]) -> None:
    small = ["data.dataset=mnist_sample", "data.train_samples=200", "data.test_samples=100", "training.epochs=1"]
    trained = mnist("train", "--config", preset, *(word for each in small for word in ("--set", each)))
    assert trained.status == 0
    judged = mnist("evaluate", "--format", "json")
    assert judged.json.keys() == {*CONTRACT, *more, "trained_on", "validated_on"}
    assert judged.json["samples"] == 100


def binary_losses() -> list[Any]:
    """Every loss of a yes-or-no target, with each activation that suits it."""
    ends = {"Hinge": "tanh", "SquaredHinge": None, "Poisson": "softplus", "MeanSquaredError": None}
    named = [(name, {}, ends.get(name, "sigmoid")) for name in sorted(FITTING_LOSSES["positive"])]
    logits = [(name, {"from_logits": True}, None) for name in ("BinaryCrossentropy", "BinaryFocalCrossentropy")]
    return [*named, *logits]


@pytest.mark.parametrize(("loss", "arguments", "activation"), binary_losses())
def test_history_and_evaluate_agree_on_every_loss_of_yes_or_no(
    loss: str, arguments: dict[str, Any], activation: str | None, tmp_path: Path
) -> None:
    from mnist_pipeline.framework import keras
    from mnist_pipeline.training import fit
    from mnist_pipeline.training.build import build

    watched = ["accuracy", "Precision", "Recall", "AUC"]
    data = {"dataset": "mnist_sample", "train_samples": 200, "target": {"positive": [1, 3, 5]}}
    plain = {"data": data, "model": head(1, activation), "loss": {loss: arguments}, "metrics": watched}
    training = {"epochs": 1, "batch_size": 20, "jit_compile": False}
    made = config(plain | {"training": training, "optimizer": {"SGD": {"learning_rate": 0.05}}})
    parts = load_dataset(made.data)
    keras.utils.set_random_seed(1)
    history = keras.callbacks.History()
    plan = fit.make_plan(build(made, 8), made, parts)
    fit.fit(plan, [history], 0, 1)
    validation = parts.split("validation")
    figures = compute_metrics(plan.sync_weights().predict(validation.images, verbose=0), validation.labels, made)
    last = {name: values[-1] for name, values in history.history.items()}
    yes = figures["per_class"][1]
    assert 0 < yes["support"] < len(validation)
    assert last["val_accuracy"] == pytest.approx(figures["accuracy"])
    assert last["val_precision"] == pytest.approx(yes["precision"])
    assert last["val_recall"] == pytest.approx(yes["recall"])
    assert last["val_auc"] == pytest.approx(figures["auc"], abs=0.03)  # Keras counts in 200 steps
