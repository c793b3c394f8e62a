"""Metrics of a run are those that plain Keras and scikit-learn compute."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image
from sklearn import metrics

from mnist_pipeline.config.lint.targets import FITTING_LOSSES
from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.data.images import Images
from mnist_pipeline.errors import DataError, RunError
from mnist_pipeline.metrics.evaluate import compute_metrics, evaluate
from mnist_pipeline.metrics.run_metrics import final_metrics
from mnist_pipeline.run.folder import Run
from mnist_pipeline.tasks import predicted_labels, targets
from tests.conftest import Mnist
from tests.helpers import config, head, noise, npz_file, untrained

ODD = {"positive": [1, 3, 5, 7, 9]}
TASKS: dict[str, dict[str, Any]] = {
    "multiclass": {},
    "multiclass, sparse": {"loss": "sparse_categorical_crossentropy"},
    "multiclass, logits": {"model": head(10), "loss": {"CategoricalCrossentropy": {"from_logits": True}}},
    "multiclass, sparse logits": {"model": head(10), "loss": {"SparseCategoricalCrossentropy": {"from_logits": True}}},
    "multiclass, ten sigmoids": {"model": head(10, "sigmoid"), "loss": "binary_crossentropy"},
    "multiclass, rows that do not sum to 1": {"model": head(10, "sigmoid")},
    "multiclass, squared error": {"model": head(10), "loss": "mse"},
    "multiclass, margins": {"model": head(10, "tanh"), "loss": "categorical_hinge"},
    "binary": {"data": {"target": ODD}, "model": head(1, "sigmoid"), "loss": "binary_crossentropy"},
    "binary, logits": {
        "data": {"target": ODD}, "model": head(1), "loss": {"BinaryCrossentropy": {"from_logits": True}},
    },
    "binary, margins": {"data": {"target": ODD}, "model": head(1, "tanh"), "loss": "hinge"},
    "regression": {"data": {"target": "value"}, "model": head(1), "loss": "mse"},
    "regression, Huber": {"data": {"target": "value"}, "model": head(1), "loss": {"Huber": {"delta": 2.0}}},
}  # fmt: skip
DATA = {"dataset": "mnist_sample", "train_samples": 50, "test_samples": 300}


@dataclass(frozen=True)
class Evaluated:
    """A run of one task and loss with its metrics, and the same model in plain Keras."""

    run: Run
    metrics: dict[str, Any]
    keras_loss: float
    keras_outputs: NDArray[np.float32]
    config: Config
    test: Images


def in_keras(run: Run) -> tuple[float, NDArray[np.float32]]:
    """Loss and outputs of the model of `run` on its test images, in plain Keras."""
    from mnist_pipeline.framework import keras

    config = run.config().config
    data, test = config.data, load_dataset(config.data).split("test")
    model = keras.models.load_model(run.folder / "model.keras")
    model.compile(loss=getattr(keras.losses, config.loss.class_name)(**config.loss.config))
    expected = targets(test.labels, data.kind, data.positive, sparse=config.sparse_labels)
    loss = model.evaluate(test.images, expected, batch_size=300, verbose=0, return_dict=True)["loss"]
    return float(loss), model(test.images, training=False).numpy()


@pytest.fixture(scope="module", params=TASKS)
def evaluated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    plain = TASKS[request.param]
    plain = plain | {"data": DATA | plain.get("data", {})}
    run = untrained(tmp_path_factory.mktemp("evaluated") / "run", config(plain))
    loss, outputs = in_keras(run)
    read = run.config().config
    return Evaluated(run, evaluate(run), loss, outputs, read, load_dataset(read.data).split("test"))


@pytest.fixture(scope="module")
def multiclass_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return untrained(tmp_path_factory.mktemp("evaluated") / "run", config({"data": DATA}))


def evaluate_again(run: Run) -> dict[str, Any]:
    return final_metrics(run, load_dataset(run.config().config.data))


def test_the_loss_is_that_of_keras_evaluate(evaluated: Evaluated) -> None:
    assert evaluated.metrics["loss"] == pytest.approx(evaluated.keras_loss, rel=1e-4)


@pytest.mark.parametrize("task", ["multiclass", "multiclass, sparse", "binary", "multiclass, logits"])
def test_the_loss_of_a_model_that_is_sure_and_wrong_is_that_of_keras_evaluate(tmp_path: Path, task: str) -> None:
    """Keras uses the logits behind softmax and sigmoid, so nothing is clipped at 1e-7.

    Near 1, outputs of sigmoid in float32 determine the logits only so far.
    """
    plain = TASKS[task]
    sure = untrained(tmp_path / "run", config(plain | {"data": DATA | plain.get("data", {})}), sharpness=30)
    loss, _ = in_keras(sure)
    assert evaluate(sure)["loss"] == pytest.approx(loss, rel=1e-3 if task == "binary" else 1e-4)


def test_accuracy_is_that_of_the_labels_that_keras_predicts(evaluated: Evaluated) -> None:
    outputs, config, labels = evaluated.keras_outputs, evaluated.config, evaluated.test.labels
    match config.data.kind:
        case "digit":
            correct = outputs.argmax(axis=1) == labels
        case "value":
            correct = np.clip(np.rint(outputs[:, 0]), 0, 9) == labels
        case _:
            margins = config.loss.config.get("from_logits") or config.loss.class_name == "Hinge"
            correct = (outputs[:, 0] > (0 if margins else 0.5)) == (labels % 2 == 1)
    assert evaluated.metrics["accuracy"] == correct.mean()


def test_metrics_agree_with_each_other_and_are_plain_json(evaluated: Evaluated) -> None:
    result = evaluated.metrics
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    matrix = np.array(result["confusion_matrix"])
    assert (result["split"], result["samples"], result["dataset"]) == ("test", 300, "mnist_sample")
    assert matrix.sum() == 300
    assert np.trace(matrix) / 300 == result["accuracy"]
    assert [row["support"] for row in result["per_class"]] == matrix.sum(axis=1).tolist()
    low, high = result["accuracy_ci95"]
    assert 0 <= low <= result["accuracy"] <= high <= 1


CONTRACT = [
    "run", "dataset", "split", "samples", "loss", "accuracy", "accuracy_ci95", "per_class", "confusion_matrix", "ece",
]  # fmt: skip


def test_every_promised_metric_is_there(evaluated: Evaluated) -> None:
    kind, result = evaluated.config.data.kind, evaluated.metrics
    extra_metrics = {"digit": [], "positive": ["auc"], "value": ["mse", "mae"]}[kind]
    assert result.keys() == {*CONTRACT, *extra_metrics, "trained_on", "validated_on", "trained_on_unknown"}
    key = "answer" if kind == "positive" else "digit"
    names = ["no", "yes"] if kind == "positive" else list(range(10))
    assert [list(row) for row in result["per_class"]] == [[key, "precision", "recall", "f1", "support"]] * len(names)
    assert [row[key] for row in result["per_class"]] == names


def test_a_trained_run_is_evaluated_as_keras_and_scikit_learn_evaluate_it(trained: Path) -> None:
    from mnist_pipeline.framework import keras

    run = Run(trained)
    result, test = evaluate(run), load_dataset(run.config().config.data).split("test")
    predicted = keras.models.load_model(run.model).predict(test.images, verbose=0).argmax(axis=1)
    expected = metrics.classification_report(test.labels, predicted, output_dict=True, zero_division=0)
    assert result["accuracy"] == pytest.approx(expected["accuracy"])
    for row in result["per_class"]:
        theirs = expected[str(row["digit"])]
        assert (row["precision"], row["recall"], row["f1"], row["support"]) == pytest.approx(
            (theirs["precision"], theirs["recall"], theirs["f1-score"], theirs["support"])
        )
    assert result["confusion_matrix"] == metrics.confusion_matrix(test.labels, predicted).tolist()


def test_a_trained_run_keeps_the_metrics_that_evaluating_it_again_computes(trained: Path) -> None:
    assert Run(trained).metrics == evaluate_again(Run(trained))


@pytest.mark.parametrize(("split", "samples"), [("train", 40), ("validation", 10), ("test", 300)])
def test_each_split_can_be_evaluated(multiclass_run: Run, split: str, samples: int) -> None:
    result = evaluate(multiclass_run, split)
    assert (result["split"], result["samples"]) == (split, samples)


def test_a_run_can_be_evaluated_on_another_source(multiclass_run: Run, tmp_path: Path) -> None:
    file = npz_file(tmp_path / "mine.npz", test=noise(400))
    result = evaluate(multiclass_run, source=str(file))
    assert (result["dataset"], result["samples"]) == (str(file), 300)


def test_a_missing_split_is_reported(multiclass_run: Run, tmp_path: Path) -> None:
    file = npz_file(tmp_path / "mine.npz", test=noise(400))
    with pytest.raises(DataError, match="has no validation images"):
        evaluate(multiclass_run, "validation", str(file))


@pytest.fixture(scope="module")
def diverged(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose weights are not numbers."""
    return untrained(tmp_path_factory.mktemp("evaluated") / "run", config({"data": DATA}), sharpness=float("nan"))


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
    plain = config(
        {"data": small, "optimizer": {"SGD": {"learning_rate": 1e38}}, "training": {"epochs": 1, "jit_compile": False}}
    ).to_dict()
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


def test_a_run_without_a_config_is_reported(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"status": "failed"}')
    with pytest.raises(RunError, match="its config is missing"):
        evaluate(Run(tmp_path))


BINARY = config(TASKS["binary"])
REGRESSION = config(TASKS["regression"])


def test_a_binary_task_by_hand() -> None:
    outputs = np.array([[0.9], [0.51], [0.4], [0.2]], np.float32)
    result = compute_metrics(outputs, np.array([1, 3, 2, 5], np.uint8), BINARY)
    assert result["accuracy"] == 0.75
    assert result["confusion_matrix"] == [[1, 0], [1, 2]]
    assert result["auc"] == pytest.approx(2 / 3)
    assert result["ece"] == pytest.approx((0.1 + 0.49 + 0.4 + 0.8) / 4)


def test_the_area_under_roc_is_unknown_where_all_labels_are_the_same() -> None:
    assert compute_metrics(np.array([[0.9]], np.float32), np.array([1], np.uint8), BINARY)["auc"] is None


def test_a_regression_task_by_hand() -> None:
    outputs = np.array([[3.4], [3.6], [-2.0], [12.0]], np.float32)
    result = compute_metrics(outputs, np.array([3, 3, 0, 8], np.uint8), REGRESSION)
    assert result["accuracy"] == 0.5
    assert result["mae"] == pytest.approx((0.4 + 0.6 + 2 + 4) / 4, rel=1e-6)
    assert result["mse"] == pytest.approx((0.16 + 0.36 + 4 + 16) / 4, rel=1e-6)
    assert result["ece"] is None


@pytest.mark.parametrize(("preset", "extra_metrics"), [("binary", ["auc"]), ("regression", ["mse", "mae"])])
def test_a_trained_run_of_another_task_is_evaluated_by_the_command(
    mnist: Mnist, preset: str, extra_metrics: list[str]
) -> None:
    small = ["data.dataset=mnist_sample", "data.train_samples=200", "data.test_samples=100", "training.epochs=1"]
    small.append("training.jit_compile=false")
    overrides = [word for each in small for word in ("--set", each)]
    assert mnist("train", "--config", preset, *overrides).status == 0
    result = mnist("evaluate", "--format", "json")
    assert result.json.keys() == {*CONTRACT, *extra_metrics, "trained_on", "validated_on"}
    assert result.json["samples"] == 100


def binary_losses() -> list[tuple[str, dict[str, Any], str | None]]:
    """Every loss of a binary task, with the activation that suits it."""
    ends = {"Hinge": "tanh", "SquaredHinge": None, "Poisson": "softplus", "MeanSquaredError": None}
    named = [(name, {}, ends.get(name, "sigmoid")) for name in sorted(FITTING_LOSSES["positive"])]
    logits = [(name, {"from_logits": True}, None) for name in ("BinaryCrossentropy", "BinaryFocalCrossentropy")]
    return [*named, *logits]


def binary_config(loss: str, arguments: dict[str, Any], activation: str | None) -> Config:
    data = {"dataset": "mnist_sample", "train_samples": 200, "target": {"positive": [1, 3, 5]}}
    plain = {"data": data, "model": head(1, activation), "loss": {loss: arguments}}
    training = {"epochs": 1, "batch_size": 20, "jit_compile": False}
    optimizer = {"SGD": {"learning_rate": 0.05}}
    watched = ["accuracy", "Precision", "Recall", "AUC"]
    return config(plain | {"training": training, "optimizer": optimizer, "metrics": watched})


def assert_same(keras_metrics: dict[str, float], result: dict[str, Any]) -> None:
    yes = result["per_class"][1]
    assert keras_metrics["accuracy"] == pytest.approx(result["accuracy"])
    assert keras_metrics["precision"] == pytest.approx(yes["precision"])
    assert keras_metrics["recall"] == pytest.approx(yes["recall"])
    assert keras_metrics["auc"] == pytest.approx(result["auc"], abs=0.03)  # Keras counts in 200 steps


@pytest.mark.parametrize(("loss", "arguments", "activation"), binary_losses())
def test_metrics_of_training_and_evaluate_agree_on_every_binary_loss(
    loss: str, arguments: dict[str, Any], activation: str | None
) -> None:
    from mnist_pipeline.framework import keras
    from mnist_pipeline.training.build import build_metrics

    made, draw = binary_config(loss, arguments, activation), np.random.default_rng(0)
    digits = draw.integers(0, 10, 200).astype(np.uint8)
    logits = draw.normal(0, 2, (200, 1)).astype(np.float32)
    outputs = keras.ops.convert_to_numpy(keras.activations.get(activation)(logits))
    labels = targets(digits, made.data.kind, made.data.positive)
    computed = {}
    for metric in build_metrics(made):
        metric.update_state(labels, outputs)
        computed[metric.name] = float(metric.result())
    assert 0 < predicted_labels(outputs, made.task).sum() < 200
    assert_same(computed, compute_metrics(outputs, digits, made))


# One for each scale of outputs: probabilities, logits, margins.
@pytest.mark.parametrize(
    ("loss", "arguments", "activation"),
    [("BinaryCrossentropy", {}, "sigmoid"), ("BinaryCrossentropy", {"from_logits": True}, None), ("Hinge", {}, "tanh")],
)
def test_the_history_of_a_training_has_the_metrics_that_evaluate_computes(
    loss: str, arguments: dict[str, Any], activation: str | None
) -> None:
    from mnist_pipeline.framework import keras
    from mnist_pipeline.training import fit
    from mnist_pipeline.training.build import build

    made = binary_config(loss, arguments, activation)
    dataset = load_dataset(made.data)
    keras.utils.set_random_seed(1)
    history = keras.callbacks.History()
    plan = fit.make_plan(build(made, 8), made, dataset)
    fit.fit(plan, [history], 0, 1)
    validation = dataset.split("validation")
    outputs = plan.sync_weights().predict(validation.images, verbose=0)
    last = {name.removeprefix("val_"): values[-1] for name, values in history.history.items() if "val_" in name}
    assert_same(last, compute_metrics(outputs, validation.labels, made))
