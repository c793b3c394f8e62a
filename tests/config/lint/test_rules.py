"""What cannot work together in a config, and what is unwise."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from mnist_pipeline.config import presets
from mnist_pipeline.config.keras.catalog.callbacks import CALLBACKS
from mnist_pipeline.config.keras.catalog.losses import LOSSES
from mnist_pipeline.config.keras.catalog.metrics import METRICS
from mnist_pipeline.config.lint import rules, targets
from mnist_pipeline.config.lint.finding import Finding
from mnist_pipeline.config.lint.optimizer import MAX_LEARNING_RATES
from mnist_pipeline.config.lint.rules import LINT_RULES, lint
from mnist_pipeline.config.load import load
from mnist_pipeline.config.schema import Config
from tests.configs import ending
from tests.strategies import configs

LAYERS = ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
ONE = ["Flatten", {"Dense": 1}]
SIGMOID = ["Flatten", {"Dense": {"units": 1, "activation": "sigmoid"}}]
DIGIT = {"model": {"layers": LAYERS}, "loss": "categorical_crossentropy"}
ODD = {
    "data": {"target": {"positive": [1, 3, 5, 7, 9]}},
    "model": {"layers": SIGMOID},
    "loss": "binary_crossentropy",
}
VALUE = {"data": {"target": "value"}, "model": {"layers": ONE}, "loss": "mse"}


def findings(data: Mapping[str, Any]) -> list[Finding]:
    """Findings of the rules in a config."""
    config = Config.model_validate(data)
    return lint({name: getattr(config, name) for name in Config.model_fields})


def reported(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Level, path and message of each finding."""
    return [(each.level, ".".join(map(str, each.path)), each.message) for each in findings(data)]


def schedule(name: str, **arguments: Any) -> dict[str, Any]:
    """An optimizer with a learning-rate schedule."""
    return {"Adam": {"learning_rate": {name: arguments}}}


def cosine(length: int | str, **arguments: Any) -> dict[str, Any]:
    """An optimizer with cosine decay."""
    return schedule("CosineDecay", initial_learning_rate=0.1, decay_steps=length, **arguments)


# No finding


@pytest.mark.parametrize("name", presets.names())
def test_the_rules_find_nothing_in_the_presets(name: str) -> None:
    assert findings(load(name).config.to_dict()) == []


@pytest.mark.parametrize(
    "data",
    [
        DIGIT,
        ODD,
        VALUE,
        DIGIT | {"loss": "sparse_categorical_crossentropy"},
        DIGIT | {"loss": "kl_divergence"},
        DIGIT | {"loss": "CategoricalGeneralizedCrossEntropy"},
        DIGIT | {"loss": "mse"} | ending(10, None),
        DIGIT | {"loss": "poisson"},
        DIGIT | {"optimizer": {"SGD": 0.5}},
        DIGIT | {"optimizer": {"Adadelta": 1.0}},
        DIGIT | {"loss": {"CategoricalCrossentropy": {"from_logits": True}}} | ending(10, None),
        DIGIT | {"loss": "binary_crossentropy"} | ending(10, "sigmoid"),
        DIGIT | {"loss": "categorical_hinge"} | ending(10, None),
        DIGIT | {"model": {"layers": [*LAYERS, {"Average": [[], []]}]}},
        ODD | {"loss": {"BinaryCrossentropy": {"from_logits": True}}} | ending(1, None),
        ODD | {"loss": "hinge"} | ending(1, "tanh"),
        ODD | {"metrics": ["accuracy", "AUC", "Precision", "Recall", "BinaryAccuracy"]},
        VALUE | {"metrics": ["mae", "RootMeanSquaredError", "R2Score"], "loss": "huber"},
        VALUE | ending(1, "relu") | {"loss": "poisson"},
        DIGIT | {"callbacks": [{"EarlyStopping": {"monitor": "loss"}}], "data": {"validation_split": 0}},
        DIGIT | {"callbacks": ["SwapEMAWeights"], "optimizer": {"Adam": {"use_ema": True}}},
        DIGIT | {"optimizer": cosine("10 epochs")},
        DIGIT | {"optimizer": cosine(100)},
        DIGIT | {"optimizer": cosine("5 epochs", alpha=0.1)},
        DIGIT | {"optimizer": schedule("PiecewiseConstantDecay", boundaries=[10, 20], values=[0.03, 0.02, 0.01])},
        DIGIT | {"data": {"dataset": "fashion_mnist"}, "model": {"layers": ["RandomFlip", *LAYERS]}},
        DIGIT | {"model": {"layers": [{"RandomBrightness": {"factor": 0.1, "value_range": [0, 1]}}, *LAYERS]}},
        DIGIT | {"model": {"layers": [{"Rescaling": 255}, {"RandomBrightness": 0.1}, *LAYERS]}},
    ],
    ids=lambda data: str({key: value for key, value in data.items() if DIGIT.get(key) != value})[:60],
)
def test_a_config_that_works_and_is_reasonable_has_no_finding(data: dict[str, Any]) -> None:
    assert reported(data) == []


# One mistake, one finding


@pytest.mark.parametrize(
    ("data", "rule", "level", "path", "words"),
    [
        # shapes_fit
        (
            DIGIT | {"model": {"layers": [LAYERS[1]]}},
            "shapes_fit",
            "error",
            "model.layers.0.Dense",
            (
                "Dense receives an image here and outputs (28, 28, 10), but the last layer has to "
                "output (10,). Put Flatten before it"
            ),
        ),
        (
            DIGIT | {"model": {"layers": [{"Dense": {"units": 64, "activation": "relu"}}, LAYERS[1]]}},
            "shapes_fit",
            "error",
            "model.layers.0.Dense",
            (
                "Dense receives an image here and outputs (28, 28, 64), but the last layer has to "
                "output (10,). Put Flatten before it"
            ),
        ),
        (
            DIGIT
            | {
                "model": {
                    "layers": [
                        {"Conv2D": {"filters": 2, "kernel_size": 3, "activation": "relu"}},
                        "MaxPooling2D",
                        {"Dense": {"units": 64, "activation": "relu"}},
                        LAYERS[1],
                    ]
                }
            },
            "shapes_fit",
            "error",
            "model.layers.2.Dense",
            (
                "Dense receives an image here and outputs (13, 13, 64), but the last layer has to "
                "output (10,). Put Flatten or GlobalAveragePooling2D before it"
            ),
        ),
        (
            DIGIT | {"model": {"layers": [{"Conv2D": {"filters": 10, "kernel_size": 3, "activation": "softmax"}}]}},
            "shapes_fit",
            "error",
            "model.layers.0.Conv2D",
            (
                "the last layer outputs (26, 26, 10), but data.target: digit needs (10,). "
                "Put Flatten or GlobalAveragePooling2D before the last Dense: 10"
            ),
        ),
        (
            DIGIT | ending(9, "softmax"),
            "shapes_fit",
            "error",
            "model.layers.1.Dense",
            "the last layer outputs (9,), but data.target: digit needs (10,). End with Dense: 10",
        ),
        (
            ODD | ending(2, "sigmoid"),
            "shapes_fit",
            "error",
            "model.layers.1.Dense",
            "the last layer outputs (2,), but data.target: {positive: …} needs (1,). End with Dense: 1",
        ),
        (
            VALUE | ending(10, None),
            "shapes_fit",
            "error",
            "model.layers.1.Dense",
            "the last layer outputs (10,), but data.target: value needs (1,). End with Dense: 1",
        ),
        (
            DIGIT | {"model": {"layers": ["Flatten", "MaxPooling2D", LAYERS[1]]}},
            "shapes_fit",
            "error",
            "model.layers.1.MaxPooling2D",
            (
                "MaxPooling2D expects an image (height, width, channels), received (784,). "
                "Put it before Flatten, or a Reshape before it"
            ),
        ),
        (
            DIGIT | {"model": {"layers": [{"Add": [[], [{"Conv2D": {"filters": 2, "kernel_size": 30}}]]}, *LAYERS]}},
            "shapes_fit",
            "error",
            "model.layers.0.Add.branches.1.0.Conv2D",
            "Conv2D: its output would be empty, received (28, 28, 1). Use a smaller window, or padding: same",
        ),
        (
            DIGIT
            | {"model": {"layers": ["Flatten", {"Dense": {"units": 1_000_000, "activation": "relu"}}, LAYERS[1]]}},
            "shapes_fit",
            "error",
            "model.layers",
            (
                "795,000,010 parameters would need about 12 GiB to train; the maximum is 500,000,000. "
                "Use fewer units or filters"
            ),
        ),
        # loss_fits_target
        (
            ODD | {"loss": "MeanAbsolutePercentageError"},
            "loss_fits_target",
            "error",
            "loss",
            (
                "MeanAbsolutePercentageError does not fit data.target: {positive: …}. "
                "The usual loss for it is binary_crossentropy"
            ),
        ),
        (
            VALUE | {"loss": "hinge"},
            "loss_fits_target",
            "error",
            "loss",
            "Hinge does not fit data.target: value. The usual loss for it is mean_squared_error",
        ),
        (
            DIGIT | {"loss": "mape"},
            "loss_fits_target",
            "error",
            "loss",
            (
                "MeanAbsolutePercentageError does not fit data.target: digit. "
                "The usual loss for it is categorical_crossentropy"
            ),
        ),
        # output_fits_loss
        (
            DIGIT | ending(10, None),
            "output_fits_loss",
            "error",
            "model.layers.1.Dense.activation",
            (
                "CategoricalCrossentropy expects probabilities, but linear outputs any number. "
                "Use activation: softmax, or CategoricalCrossentropy: {from_logits: true}"
            ),
        ),
        (
            DIGIT | ending(10, "relu") | {"loss": "kl_divergence"},
            "output_fits_loss",
            "error",
            "model.layers.1.Dense.activation",
            "KLDivergence expects probabilities, but relu outputs any number. Use activation: softmax",
        ),
        (
            ODD | ending(1, "tanh"),
            "output_fits_loss",
            "error",
            "model.layers.1.Dense.activation",
            (
                "BinaryCrossentropy expects probabilities, but tanh outputs any number. "
                "Use activation: sigmoid, or BinaryCrossentropy: {from_logits: true}"
            ),
        ),
        (
            ODD | ending(1, "softmax"),
            "output_fits_loss",
            "error",
            "model.layers.1.Dense.activation",
            "softmax of a single output is always 1. Use sigmoid for yes or no, none for a value",
        ),
        (
            VALUE | ending(1, "sigmoid"),
            "output_fits_loss",
            "warning",
            "model.layers.1.Dense.activation",
            "sigmoid never exceeds 1, but the digits go up to 9. Remove the activation",
        ),
        (
            DIGIT | {"loss": {"CategoricalCrossentropy": {"from_logits": True}}},
            "output_fits_loss",
            "warning",
            "model.layers.1.Dense.activation",
            "softmax here and from_logits: true in the loss apply it twice. Remove one of them",
        ),
        (
            DIGIT | ending(10, "sigmoid"),
            "output_fits_loss",
            "warning",
            "model.layers.1.Dense.activation",
            "CategoricalCrossentropy expects softmax outputs, received sigmoid. Use activation: softmax",
        ),
        (
            DIGIT | {"loss": "binary_crossentropy"},
            "output_fits_loss",
            "warning",
            "model.layers.1.Dense.activation",
            "BinaryCrossentropy expects sigmoid outputs, received softmax. Use activation: sigmoid",
        ),
        (
            DIGIT | {"loss": "mse"},
            "output_fits_loss",
            "warning",
            "model.layers.1.Dense.activation",
            (
                "softmax with MeanSquaredError learns slowly: the gradient nearly vanishes for confident wrong "
                "outputs. Use categorical_crossentropy"
            ),
        ),
        (
            ODD | {"loss": "mae"},
            "output_fits_loss",
            "warning",
            "model.layers.1.Dense.activation",
            (
                "sigmoid with MeanAbsoluteError learns slowly: the gradient nearly vanishes for confident wrong "
                "outputs. Use binary_crossentropy"
            ),
        ),
        # metrics_fit_target
        (
            VALUE | {"metrics": ["mae", "accuracy"]},
            "metrics_fit_target",
            "error",
            "metrics.1",
            "accuracy is for classes. With data.target: value, use mae",
        ),
        (
            ODD | {"metrics": ["CategoricalAccuracy"]},
            "metrics_fit_target",
            "error",
            "metrics.0",
            "CategoricalAccuracy is for more than two classes. With data.target: {positive: …}, use accuracy",
        ),
        (
            DIGIT | {"metrics": ["CategoricalAccuracy"], "loss": "sparse_categorical_crossentropy"},
            "metrics_fit_target",
            "error",
            "metrics.0",
            (
                "CategoricalAccuracy needs one-hot labels, but SparseCategoricalCrossentropy uses integer labels. "
                "Use categorical_crossentropy"
            ),
        ),
        (
            DIGIT | {"metrics": ["SparseCategoricalAccuracy"]},
            "metrics_fit_target",
            "error",
            "metrics.0",
            (
                "SparseCategoricalAccuracy needs integer labels, but CategoricalCrossentropy uses one-hot labels. "
                "Use sparse_categorical_crossentropy"
            ),
        ),
        # monitored_metrics_exist
        (
            DIGIT | {"callbacks": [{"EarlyStopping": {"monitor": "val_acc"}}]},
            "monitored_metrics_exist",
            "error",
            "callbacks.0.EarlyStopping.monitor",
            "'val_acc' is not a metric of this config. Did you mean 'val_accuracy'?",
        ),
        (
            DIGIT | {"callbacks": [{"EarlyStopping": {"monitor": "zzz"}}]},
            "monitored_metrics_exist",
            "error",
            "callbacks.0.EarlyStopping.monitor",
            "'zzz' is not a metric of this config. Expected one of: loss, accuracy, val_loss, val_accuracy",
        ),
        (
            DIGIT
            | {
                "callbacks": [{"EarlyStopping": {"monitor": "val_hits"}}],
                "metrics": [{"TruePositives": {"name": "hits"}}],
            },
            "monitored_metrics_exist",
            "error",
            "callbacks.0.EarlyStopping",
            "mode: auto does not know whether a larger val_hits is better. Write mode: max or mode: min",
        ),
        (
            DIGIT | {"callbacks": ["EarlyStopping"], "data": {"validation_split": 0}},
            "monitored_metrics_exist",
            "error",
            "callbacks.0.EarlyStopping.monitor",
            "val_loss is not computed with validation_split: 0. Monitor loss, or set validation_split",
        ),
        (
            DIGIT | {"callbacks": [{"EarlyStopping": {"monitor": "val_auc"}}], "metrics": ["accuracy"]},
            "monitored_metrics_exist",
            "error",
            "callbacks.0.EarlyStopping.monitor",
            "'val_auc' is not a metric of this config. Did you mean 'val_accuracy'?",
        ),
        # callbacks_fit_optimizer
        (
            DIGIT | {"callbacks": [{"ReduceLROnPlateau": {"patience": 2}}], "optimizer": cosine("10 epochs")},
            "callbacks_fit_optimizer",
            "error",
            "callbacks.0.ReduceLROnPlateau",
            "ReduceLROnPlateau does not work with a learning-rate schedule. Remove one of them",
        ),
        (
            DIGIT | {"callbacks": ["SwapEMAWeights"], "optimizer": "SGD"},
            "callbacks_fit_optimizer",
            "error",
            "callbacks.0.SwapEMAWeights",
            "SwapEMAWeights needs a moving average. Write SGD: {use_ema: true}",
        ),
        # patience_is_reachable
        (
            DIGIT | {"callbacks": [{"EarlyStopping": {"patience": 10}}]},
            "patience_is_reachable",
            "warning",
            "callbacks.0.EarlyStopping.patience",
            "EarlyStopping never acts: patience is 10, and training has 10 epochs. Use a smaller patience",
        ),
        (
            DIGIT | {"callbacks": [{"ReduceLROnPlateau": {"patience": 3}}, {"EarlyStopping": {"patience": 3}}]},
            "patience_is_reachable",
            "warning",
            "callbacks.0.ReduceLROnPlateau.patience",
            "EarlyStopping, with patience: 3, stops before this. Use a smaller patience here",
        ),
        # metric_names_are_unique
        (
            DIGIT | {"metrics": ["accuracy", {"TopKCategoricalAccuracy": {"name": "accuracy"}}]},
            "metric_names_are_unique",
            "error",
            "metrics.1",
            "the name 'accuracy' is taken. Give this metric another one, with name: …",
        ),
        (
            DIGIT | {"metrics": [{"AUC": {"name": "val_area"}}]},
            "metric_names_are_unique",
            "error",
            "metrics.0",
            "'val_area': names that begin with val_ are those of validation. Choose another name",
        ),
        (
            DIGIT | {"model": {"layers": [{"UpSampling2D": 1000}, "GlobalAveragePooling2D", *LAYERS]}},
            "shapes_fit",
            "error",
            "model.layers.0.UpSampling2D",
            (
                "the output of this layer would be 784,000,000 values for each image; the maximum is 10,000,000. "
                "Use fewer units or filters, or a smaller image"
            ),
        ),
        # gradients_are_clipped_once
        (
            DIGIT | {"optimizer": {"Adam": {"clipnorm": 1, "clipvalue": 2}}},
            "gradients_are_clipped_once",
            "error",
            "optimizer.Adam.clipvalue",
            "Keras clips gradients in one way, received clipnorm and clipvalue. Keep one of them",
        ),
        # schedule_fits
        (
            DIGIT | {"optimizer": schedule("PiecewiseConstantDecay", boundaries=[20, 10], values=[0.03, 0.02, 0.01])},
            "schedule_fits",
            "error",
            "optimizer.Adam.learning_rate.PiecewiseConstantDecay.boundaries",
            "expected increasing boundaries, received [20, 10]",
        ),
        (
            DIGIT | {"optimizer": schedule("PiecewiseConstantDecay", boundaries=[10], values=[0.03, 0.02, 0.01])},
            "schedule_fits",
            "error",
            "optimizer.Adam.learning_rate.PiecewiseConstantDecay.values",
            "expected 2 values, one more than boundaries, received 3",
        ),
        (
            DIGIT
            | {"optimizer": schedule("PiecewiseConstantDecay", boundaries=[10, "2 epochs"], values=[0.03, 0.02, 0.01])},
            "schedule_fits",
            "error",
            "optimizer.Adam.learning_rate.PiecewiseConstantDecay.boundaries",
            "expected all boundaries in steps, or all in epochs, received both",
        ),
        (
            DIGIT | {"optimizer": cosine("5 epochs")},
            "schedule_fits",
            "warning",
            "optimizer.Adam.learning_rate.CosineDecay.decay_steps",
            "the learning rate is 0 after 5 epochs, but training has 10 epochs. Write decay_steps: 10 epochs",
        ),
        (
            DIGIT | {"optimizer": cosine("10 epochs", warmup_steps=10)},
            "schedule_fits",
            "error",
            "optimizer.Adam.learning_rate.CosineDecay.warmup_steps",
            "a warmup needs warmup_target: the learning rate to rise to",
        ),
        # network_can_learn
        (
            DIGIT | {"model": {"layers": [*LAYERS, {"Dropout": 0.5}]}},
            "network_can_learn",
            "warning",
            "model.layers.2.Dropout",
            "Dropout after the output layer drops predictions. Move it before the last Dense",
        ),
        (
            DIGIT | {"model": {"layers": ["Flatten", {"Dense": {"units": 8, "activation": "softmax"}}, LAYERS[1]]}},
            "network_can_learn",
            "warning",
            "model.layers.1.Dense",
            "softmax in a hidden layer makes all its values sum to 1. Use relu",
        ),
        (
            DIGIT
            | {"model": {"layers": ["Flatten", *[{"Dense": {"units": 8, "activation": "sigmoid"}}] * 3, LAYERS[1]]}},
            "network_can_learn",
            "warning",
            "model.layers.1.Dense",
            "sigmoid in 3 hidden layers makes the gradients vanish. Use relu",
        ),
        (
            DIGIT | {"model": {"layers": ["Flatten", {"Dense": 8}, LAYERS[1]]}},
            "network_can_learn",
            "warning",
            "model.layers.1.Dense",
            "no activation before the next layer with a kernel, so the two are one linear layer. Use relu",
        ),
        # augmentation_fits
        (
            DIGIT | {"model": {"layers": [{"RandomBrightness": 0.1}, *LAYERS]}},
            "augmentation_fits",
            "error",
            "model.layers.0.RandomBrightness.value_range",
            "RandomBrightness receives pixels from 0 to 1. Write value_range: [0, 1]",
        ),
        (
            DIGIT | {"model": {"layers": [{"Rescaling": 255}, {"RandomInvert": {"value_range": [0, 1]}}, *LAYERS]}},
            "augmentation_fits",
            "error",
            "model.layers.1.RandomInvert.value_range",
            "RandomInvert receives pixels from 0 to 255. Write value_range: [0, 255]",
        ),
        (
            DIGIT | {"model": {"layers": ["RandomFlip", *LAYERS]}},
            "augmentation_fits",
            "warning",
            "model.layers.0.RandomFlip",
            "a flipped 2 is not a 2. RandomFlip is for clothes (fashion_mnist), not for digits",
        ),
        # learning_rate_is_reasonable
        (
            DIGIT | {"optimizer": {"Adam": 10}},
            "learning_rate_is_reasonable",
            "warning",
            "optimizer.Adam.learning_rate",
            (
                "a learning rate of 10 is too high for Adam: each step changes every weight by about the learning "
                "rate, and the weights start at about 0.05. Keras' default is 0.001"
            ),
        ),
        (
            DIGIT | {"optimizer": {"SGD": 10}},
            "learning_rate_is_reasonable",
            "warning",
            "optimizer.SGD.learning_rate",
            (
                "a learning rate of 10 is too high for SGD: each step is the learning rate times the gradient, and "
                "overshoots the minimum. Keras' default is 0.01"
            ),
        ),
        (
            DIGIT
            | {
                "optimizer": schedule(
                    "CosineDecay", initial_learning_rate=0, decay_steps=100, warmup_target=2.0, warmup_steps=10
                )
            },
            "learning_rate_is_reasonable",
            "warning",
            "optimizer.Adam.learning_rate",
            (
                "a learning rate of 2 is too high for Adam: each step changes every weight by about the learning "
                "rate, and the weights start at about 0.05. Keras' default is 0.001"
            ),
        ),
        (
            DIGIT | {"model": {"layers": [{"Add": [[], ["RandomInvert"]]}, *LAYERS]}},
            "augmentation_fits",
            "error",
            "model.layers.0.Add.branches.1.0.RandomInvert.value_range",
            "RandomInvert receives pixels from 0 to 1. Write value_range: [0, 1]",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_one_mistake_is_found_once(data: dict[str, Any], rule: str, level: str, path: str, words: str) -> None:
    assert reported(data) == [(level, path, words)]
    config = Config.model_validate(data)
    sections = {name: getattr(config, name) for name in Config.model_fields}
    names = getattr(rules, rule).__annotations__
    assert list(getattr(rules, rule)(**{name: sections[name] for name in names if name != "return"})) == findings(data)


def test_every_rule_has_a_config_that_breaks_it() -> None:
    cases = test_one_mistake_is_found_once.pytestmark[0].args[1]
    assert {rule for _, rule, *_ in cases} == {rule.__name__ for rule in LINT_RULES}


# One mistake does not hide, or cause, another finding


def test_a_loss_for_another_target_has_no_finding_about_the_last_activation() -> None:
    ((_, path, _),) = reported(VALUE | {"loss": "categorical_crossentropy"})
    assert path == "loss"


def test_each_of_two_callbacks_of_a_kind_has_its_own_patience() -> None:
    callbacks = [{"EarlyStopping": {"patience": 2}}, {"EarlyStopping": {"patience": 20, "monitor": "loss"}}]
    assert [path for _, path, _ in reported(DIGIT | {"callbacks": callbacks})] == ["callbacks.1.EarlyStopping.patience"]


def test_the_finding_about_the_last_activation_has_its_path() -> None:
    layers = [*LAYERS, {"Reshape": [10]}]
    loss = {"CategoricalCrossentropy": {"from_logits": True}}
    ((_, path, _),) = reported(DIGIT | {"model": {"layers": layers}, "loss": loss})
    assert path == "model.layers.1.Dense.activation"


@pytest.mark.parametrize("activation", ["sparsemax", "hard_sigmoid", "sparse_sigmoid"])
def test_an_unusual_function_that_gives_probabilities_is_no_error(activation: str) -> None:
    data = DIGIT | ending(10, activation) if activation == "sparsemax" else ODD | ending(1, activation)
    assert [level for level, *_ in reported(data) if level == "error"] == []


def test_two_metrics_of_one_name_are_an_error_because_the_history_has_one_column_for_both() -> None:
    data = DIGIT | {"metrics": ["accuracy", "AUC", {"AUC": {"curve": "PR"}}]}
    assert [(level, path) for level, path, _ in reported(data)] == [("error", "metrics.2")]


@pytest.mark.parametrize("name", ["loss", "val_accuracy"])
def test_a_metric_named_like_another_column_of_the_history_is_an_error(name: str) -> None:
    data = DIGIT | {"metrics": ["accuracy", {"AUC": {"name": name}}]}
    assert [(level, path.split(".")[0]) for level, path, _ in reported(data)] == [("error", "metrics")]


@pytest.mark.parametrize(
    ("data", "arguments"),
    [(DIGIT, {"class_id": 10}), (DIGIT, {"top_k": 11}), (ODD, {"class_id": 1}), (ODD, {"top_k": 2})],
    ids=["the eleventh digit", "more than all digits", "the second of one output", "two of one output"],
)
@pytest.mark.parametrize("metric", ["Precision", "Recall"])
def test_a_metric_of_a_class_that_does_not_exist_is_an_error(
    data: dict[str, Any], metric: str, arguments: dict[str, int]
) -> None:
    paths = [(level, path.split(".")[:2]) for level, path, _ in reported(data | {"metrics": [{metric: arguments}]})]
    assert paths == [("error", ["metrics", "0"])]


@pytest.mark.parametrize("arguments", [{"class_id": 9}, {"top_k": 10}], ids=str)
def test_a_metric_of_a_class_that_exists_is_valid(arguments: dict[str, int]) -> None:
    assert reported(DIGIT | {"metrics": [{"Precision": arguments}]}) == []


@pytest.mark.parametrize("activation", [None, "tanh"])
@pytest.mark.parametrize("data", [DIGIT, ODD, VALUE], ids=["digit", "yes or no", "value"])
def test_poisson_needs_positive_outputs_because_it_takes_their_logarithm(data: dict[str, Any], activation: str) -> None:
    units = 10 if data is DIGIT else 1
    assert reported(data | {"loss": "poisson"} | ending(units, activation))


# The sections of a rule


@pytest.mark.parametrize(("missing", "skipped"), [("data", 6), ("model", 4), ("loss", 3), ("callbacks", 3)])
def test_a_rule_runs_only_if_all_its_sections_are_valid(missing: str, skipped: int) -> None:
    config = Config.model_validate(DIGIT)
    sections = {name: getattr(config, name) for name in Config.model_fields if name != missing}
    needing = [rule for rule in LINT_RULES if missing in rule.__annotations__]
    assert len(needing) == skipped
    assert lint(sections) == []


def test_without_sections_there_are_no_findings() -> None:
    assert lint({}) == []


def test_every_name_in_a_rule_is_in_the_catalog() -> None:
    losses = set.union(*targets.FITTING_LOSSES.values(), targets.PROBABILITY_LOSSES)
    assert losses == set(LOSSES.signatures)
    assert set(METRICS.signatures) >= targets.CLASS_METRICS
    assert set(targets.USUAL_LOSS.values()) <= set(LOSSES.aliases)
    assert set(CALLBACKS.signatures) == {"EarlyStopping", "ReduceLROnPlateau", "SwapEMAWeights"}


@pytest.mark.parametrize("loss", sorted(LOSSES.signatures))
def test_every_loss_fits_some_target(loss: str) -> None:
    assert any(loss in fitting for fitting in targets.FITTING_LOSSES.values())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs())
def test_every_valid_config_can_be_linted_and_each_finding_has_a_level_a_path_and_a_message(
    data: dict[str, Any],
) -> None:
    for each in findings(data):
        assert each.level in ("error", "warning")
        assert each.path[0] in Config.model_fields
        assert each.message


@pytest.mark.parametrize("name", MAX_LEARNING_RATES)
def test_keras_default_learning_rate_gives_no_warning_and_10_does(name: str) -> None:
    assert findings(DIGIT | {"optimizer": name}) == []
    assert [each.level for each in findings(DIGIT | {"optimizer": {name: 10}})] == ["warning"]
