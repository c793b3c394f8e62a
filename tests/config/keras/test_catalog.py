"""The tables of the catalog, held against the Keras that is installed."""

import importlib
import inspect
import math
import re
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mnist_pipeline.config.keras.catalog import REGISTRIES, Layer
from mnist_pipeline.config.keras.catalog.constraints import CONSTRAINTS
from mnist_pipeline.config.keras.catalog.initializers import INITIALIZERS
from mnist_pipeline.config.keras.catalog.layers import LAYERS
from mnist_pipeline.config.keras.catalog.losses import LOSSES, SPARSE_LOSSES
from mnist_pipeline.config.keras.catalog.metrics import METRICS
from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.catalog.regularizers import REGULARIZERS
from mnist_pipeline.config.keras.left_out import CLASSES, class_message
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.keras.types import ActivationName
from mnist_pipeline.config.schema import Config
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.tasks import FROM_LOGITS_METRICS
from mnist_pipeline.training.build import build, build_metrics
from mnist_pipeline.training.keras_errors import REFUSALS
from tests.configs import TARGETS, fits, metric
from tests.keras_objects import made
from tests.strategies import thing

# Arguments of Keras that no config can give, and why; then those of single classes.
LEFT_OUT_ARGUMENTS = {
    "name": "Keras names what a config does not",
    "dtype": "all is float32",
    "data_format": "channels come last",
    "seed": "one seed fixes all",
    "noise_shape": "it depends on the batch",
    "axis": "the classes come last",
    "reduction": "the mean over the batch",
    "verbose": "the run shows its own progress",
    "loss_scale_factor": "all is float32",
    "ignore_class": "every digit counts",
    "input_axes": "Keras knows the axes",
    "output_axes": "Keras knows the axes",
}
LEFT_OUT_OF = {
    "Dense": {"lora_rank", "lora_alpha", "quantization_config"},  # for large language models
    "Conv2DTranspose": {"output_padding"},  # it only resolves a shape that strides leave open
    "BatchNormalization": {"renorm", "renorm_clipping", "renorm_momentum"},  # for tiny batches
    "Resizing": {"crop_to_aspect_ratio", "pad_to_aspect_ratio", "fill_mode", "fill_value"},  # pictures are square
    "Muon": {"exclude_layers"},  # regular expressions over names that a config does not give
    "AUC": {"thresholds", "num_labels", "label_weights"},  # num_thresholds is enough; the rest is for many labels
    "SparseTopKCategoricalAccuracy": {"from_sorted_ids"},  # probabilities are not sorted
    "R2Score": {"class_aggregation", "num_regressors"},  # one output
}

# Arguments whose default differs from Keras' on purpose, or that Keras does not have.
OURS = {
    ("F1Score", "average"): "Keras' default gives a number for each class, which no history can hold",
    ("FBetaScore", "average"): "Keras' default gives a number for each class, which no history can hold",
}
# Arguments of metrics that are those of the loss where a config leaves them out (see tasks.py).
AS_THE_LOSS = {("BinaryAccuracy", "threshold"), *((name, "from_logits") for name in FROM_LOGITS_METRICS)}
MERGING = {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"}

# What Keras alone checks: the objects that it may refuse although the tables take them.
KERAS_MAY_REFUSE = {
    "strides and dilation_rate, or groups": {"Conv1D", "Conv2D", "Conv2DTranspose"},
    "more than one -1, which the shapes find": {"Reshape"},
    "factors and scales outside their range": {
        "GaussianNoise", "RandomTranslation", "RandomRotation", "RandomZoom", "RandomShear", "RandomPerspective",
        "RandomErasing", "RandomBrightness", "RandomContrast", "RandomGaussianBlur", "RandomInvert",
    },
    "axes that are not 1, 2, ...": {"Permute"},
    "two kinds of clipping, or a schedule that it refuses": set(OPTIMIZERS.signatures),
    "as many values as boundaries": {"PiecewiseConstantDecay"},
    "the ends of an interval": {"CategoricalGeneralizedCrossEntropy", "AUC", "F1Score", "FBetaScore"},
}  # fmt: skip

SLOW = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def module(table: Registry) -> Any:
    """The module of Keras that a table speaks of."""
    return attrgetter(table.module)(keras)


def covered(*, needing_arguments: bool = True) -> Iterator[Any]:
    """Every entry of every table as a parameter, but for `accuracy`, which is no class."""
    for table in REGISTRIES:
        for name in table.signatures:
            needs = any(field.is_required() for field in table.model(name).model_fields.values())
            if name != "accuracy" and (needing_arguments or not needs):
                yield pytest.param(table, name, id=f"{table.definition}.{name}")


EACH = pytest.mark.parametrize(("table", "name"), [*covered()])


def ours(table: Registry, name: str) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(table.signatures[name]).parameters)


def theirs(table: Registry, name: str) -> dict[str, inspect.Parameter]:
    """The parameters of a Keras class, less *args and **kwargs."""
    parameters = inspect.signature(getattr(module(table), name)).parameters
    return {
        key: each
        for key, each in parameters.items()
        if each.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    }


def same(default: Any, keras_default: Any) -> bool:
    """Whether two defaults mean the same: Keras writes (2, 2) for 2, and tuples for lists."""
    if isinstance(keras_default, tuple):
        listed = [list(each) if isinstance(each, tuple) else each for each in keras_default]
        flat = [each for item in listed for each in (item if isinstance(item, list) else [item])]
        return default == listed or (not isinstance(default, list) and all(each == default for each in flat))
    return type(default) is type(keras_default) and bool(default == keras_default)


# Names


@EACH
def test_an_entry_of_a_table_is_a_public_class_of_keras(table: Registry, name: str) -> None:
    assert inspect.isclass(getattr(module(table), name))


@pytest.mark.parametrize("table", REGISTRIES, ids=lambda table: table.definition)
def test_every_public_class_of_keras_is_in_the_table_or_left_out_for_a_reason(table: Registry) -> None:
    names: dict[type, set[str]] = {}
    for name, value in vars(module(table)).items():
        if inspect.isclass(value):
            names.setdefault(value, set()).add(name)
    left_out = {name for group in CLASSES[table.module] for name in group.names.split()}
    unaccounted = [
        each
        for each in names.values()
        if not each & set(table.signatures) and not all(class_message(table.module, name) for name in each)
    ]
    assert unaccounted == []
    assert left_out <= set(vars(module(table)))
    assert not left_out & set(table.signatures)


@pytest.mark.parametrize("table", REGISTRIES, ids=lambda table: table.definition)
def test_every_public_name_of_a_class_in_the_table_is_understood(table: Registry) -> None:
    for name, value in vars(module(table)).items():
        if inspect.isclass(value) and value.__name__ in table.signatures:
            assert table.aliases.get(name, name) in table.signatures, name


GET = {"initializers", "losses", "metrics", "optimizers", "regularizers", "constraints"}


@pytest.mark.parametrize(
    "table", [each for each in REGISTRIES if each.module in GET], ids=lambda table: table.definition
)
def test_every_name_that_keras_looks_up_is_understood_as_the_same_class_or_left_out(table: Registry) -> None:
    known = importlib.import_module(f"keras.src.{table.module}").ALL_OBJECTS_DICT
    of_classes = {value: name for name, value in known.items() if inspect.isclass(value)}
    assert len(of_classes) > len(table.signatures) / 2
    for name, value in known.items():
        written = table.aliases.get(name, name)
        if written in table.signatures:
            assert written == "accuracy" or not inspect.isclass(value) or value.__name__ == written, name
        else:
            assert class_message(table.module, name) or name in INTERNAL, name


INTERNAL = {"LossFunctionWrapper"}  # in the dictionary, and not public


@pytest.mark.parametrize("table", REGISTRIES, ids=lambda table: table.definition)
def test_an_alias_that_keras_knows_too_means_the_same_class(table: Registry) -> None:
    keras_module = module(table)
    for alias, name in table.aliases.items():
        known = getattr(keras_module, alias, None)
        if inspect.isclass(known):
            assert known is getattr(keras_module, name), alias


@pytest.mark.parametrize("table", [INITIALIZERS, REGULARIZERS, CONSTRAINTS], ids=lambda table: table.definition)
def test_keras_knows_every_alias_as_the_same_class(table: Registry) -> None:
    for alias, name in table.aliases.items():
        known = getattr(module(table), alias, None) or type(module(table).get(alias))
        assert known is getattr(module(table), name), alias


@pytest.mark.parametrize("name", OPTIMIZERS.signatures)
def test_an_optimizer_is_written_in_lower_case_as_in_keras(name: str) -> None:
    assert OPTIMIZERS.read(name.lower()).class_name == name


@pytest.mark.parametrize("alias", sorted(set(OPTIMIZERS.aliases) - {"lamb"}))  # keras.optimizers.get forgot Lamb
def test_keras_understands_every_alias_of_an_optimizer(alias: str) -> None:
    assert type(keras.optimizers.get(alias)).__name__ == OPTIMIZERS.aliases[alias]


@pytest.mark.parametrize("alias", LOSSES.aliases)
def test_keras_computes_the_same_loss_under_an_alias(alias: str) -> None:
    rows, guess = tf.constant([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), tf.constant([[0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])
    loss = LOSSES.read(alias)
    truth = tf.argmax(rows, axis=1) if loss.class_name in SPARSE_LOSSES else rows
    function = getattr(keras.losses, alias, None) or keras.losses.get(alias)
    needed = {"q": 0.5} if "q" in loss.config else {}
    assert float(made(loss)(truth, guess)) == pytest.approx(float(tf.reduce_mean(function(truth, guess, **needed))))


@pytest.mark.parametrize("name", sorted(set(METRICS.signatures) - {"accuracy"}))
def test_a_metric_is_called_what_keras_calls_it(name: str) -> None:
    by_keras = getattr(keras.metrics, name)(**metric(name)[name]).name
    assert METRICS.read(metric(name)).config["name"] == re.sub(r"_\d+$", "", by_keras)


# Arguments


@EACH
def test_every_argument_is_one_of_keras_with_the_same_default(table: Registry, name: str) -> None:
    known = theirs(table, name)
    for key, parameter in ours(table, name).items():
        if key == "branches":
            assert name in MERGING
        elif (name, key) in OURS:
            assert parameter.default is parameter.empty
            assert known[key].default is None
        elif table is METRICS and (name, key) in AS_THE_LOSS:
            assert parameter.default is None
        elif table is METRICS and key == "name":
            assert known[key].default in (parameter.default, None)
        else:
            assert same(parameter.default, known[key].default), key


@EACH
def test_every_argument_of_keras_is_in_the_table_or_left_out_for_a_reason(table: Registry, name: str) -> None:
    missing = set(theirs(table, name)) - set(ours(table, name))
    assert missing <= set(LEFT_OUT_ARGUMENTS) | LEFT_OUT_OF.get(name, set())
    assert missing >= LEFT_OUT_OF.get(name, set())


@EACH
def test_the_arguments_stand_in_the_order_of_keras(table: Registry, name: str) -> None:
    mine = [key for key in ours(table, name) if key != "branches"]
    assert mine == [key for key in theirs(table, name) if key in mine]


@EACH
def test_the_first_argument_is_the_first_of_keras(table: Registry, name: str) -> None:
    mine = [key for key in ours(table, name) if key != "branches"]
    left_out = set(LEFT_OUT_ARGUMENTS) | LEFT_OUT_OF.get(name, set())
    wanted = [key for key in theirs(table, name) if key in mine or key not in left_out]
    assert mine[:1] == wanted[:1]


@EACH
def test_an_entry_says_in_a_line_what_it_does(table: Registry, name: str) -> None:
    words = table.signatures[name].__doc__ or ""
    assert words.endswith((".", ")."))
    assert "\n" not in words


@pytest.mark.parametrize(("table", "name"), [*covered(needing_arguments=False)])
def test_an_object_of_defaults_alone_is_made_by_keras(table: Registry, name: str) -> None:
    assert type(made(table.read(name))) is getattr(module(table), name)


@EACH
@SLOW
@given(data=st.data())
def test_keras_makes_what_the_tables_take_or_refuses_it_in_a_way_that_is_caught(
    table: Registry, name: str, data: st.DataObject
) -> None:
    written = table.read(data.draw(thing(table.definition, name)))
    try:
        assert type(made(written)) is getattr(module(table), name)
    except REFUSALS:
        assert name in set.union(*KERAS_MAY_REFUSE.values())


@pytest.mark.parametrize("factor", [0.15, [0.1, 0.2]])
def test_a_slanting_layer_that_keras_saved_can_be_loaded(factor: Any) -> None:
    layer = made(LAYERS.read({"RandomShear": {"x_factor": factor, "y_factor": factor}}))
    assert type(layer).from_config(layer.get_config()).x_factor == layer.x_factor


# Activations


NO_ACTIVATIONS = {"deserialize", "serialize", "get"}


def test_the_activations_are_those_of_keras() -> None:
    public = {name for name, value in vars(keras.activations).items() if callable(value)} - NO_ACTIVATIONS
    left_out = {"glu", "threshold"}  # one halves the channels, the other needs arguments
    assert set(get_args(ActivationName)) == public - left_out


@pytest.mark.parametrize("name", get_args(ActivationName))
def test_an_activation_keeps_the_shape(name: str) -> None:
    assert keras.activations.get(name)(tf.zeros((2, 3, 4, 5))).shape == (2, 3, 4, 5)


# No code


@pytest.mark.parametrize(
    "value",
    [
        "Lambda",
        {"Lambda": "lambda x: x"},
        {"Lambda": {"function": "gASV"}},
        "TorchModuleWrapper",
        "TFSMLayer",
        {"TFSMLayer": {"filepath": "model.pb"}},
        "JaxLayer",
        "FlaxLayer",
        "StringLookup",
        "keras.layers.Dense",
        "keras.layers>Dense",
        "os.system",
        "builtins.print",
        "__import__",
        "__class__",
        "Table",
        "KerasObject",
        "Annotated",
        {"class_name": "Lambda", "config": {}},
        {"module": "builtins", "class_name": "print", "config": {}, "registered_name": None},
        {"Activation": "os.system"},
        {"Activation": "builtins>print"},
        {"Activation": {"activation": {"class_name": "function", "config": "print"}}},
        {"Dense": {"units": 1, "kernel_initializer": "os.system"}},
        {"Dense": {"units": 1, "kernel_initializer": {"class_name": "function"}}},
        {"Dense": {"units": 1, "kernel_regularizer": "builtins.print"}},
        {"Dense": {"units": 1, "name": "x"}},
        {"Dense": {"units": 1, "dtype": "float16"}},
        {"Dense": {"units": 1, "trainable": False}},
        {"Dense": {"units": 1, "quantization_config": {}}},
    ],
    ids=str,
)
def test_a_layer_cannot_name_code(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Layer).validate_python(value)


@pytest.mark.parametrize("table", REGISTRIES, ids=lambda table: table.definition)
def test_a_table_holds_nothing_but_its_own_entries(table: Registry) -> None:
    assert all(
        value.__module__.startswith("mnist_pipeline.config.keras.catalog.") for value in table.signatures.values()
    )
    assert not any(name.startswith("_") for name in [*table.signatures, *table.aliases])


# Metrics and losses that the rules let through


# Four labels of each kind, and what a network might answer.
ANSWERS: dict[str, tuple[Any, Any]] = {
    "digit": (tf.one_hot([1, 3, 0, 7], 10), tf.fill((4, 10), 0.1)),
    "number": (tf.constant([1, 3, 0, 7]), tf.fill((4, 10), 0.1)),
    "yes or no": (tf.constant([[1.0], [1.0], [0.0], [0.0]]), tf.constant([[0.9], [0.2], [0.3], [0.6]])),
    "value": (tf.constant([[1.0], [3.0], [0.0], [7.0]]), tf.constant([[2.0], [2.5], [0.5], [9.0]])),
}


@pytest.mark.parametrize("name", sorted(set(METRICS.signatures) - {"accuracy"}))
@pytest.mark.parametrize("target", TARGETS)
def test_a_metric_that_the_rules_let_through_can_be_computed(target: str, name: str) -> None:
    if fits(target, metrics=[metric(name)]):
        (built,) = build_metrics(Config.model_validate(TARGETS[target] | {"metrics": [metric(name)]}))
        figure = built(*ANSWERS[target])
        assert figure.shape == ()
        assert math.isfinite(float(figure))


@pytest.mark.parametrize("name", LOSSES.signatures)
@pytest.mark.parametrize("target", TARGETS)
def test_a_loss_that_the_rules_let_through_can_be_computed(target: str, name: str) -> None:
    if fits(target, loss=name):
        assert math.isfinite(float(made(LOSSES.read(name))(*ANSWERS[target])))


def figures(metrics: list[Any]) -> set[str]:
    """What Keras calls the figures of a network that is judged by `metrics`."""
    model = build(Config.model_validate(TARGETS["digit"] | {"metrics": metrics}), 1)
    return set(model.evaluate(tf.zeros((4, 28, 28)), ANSWERS["digit"][0], verbose=0, return_dict=True))


def test_a_metric_has_the_name_in_the_history_that_the_config_gives_it() -> None:
    metrics = ["accuracy", "mse", "AUC", {"Precision": {"name": "pointed"}}]
    assert figures(metrics) == {"loss", "accuracy", "mse", "auc", "pointed"}


def test_accuracy_is_called_accuracy_or_what_the_config_says() -> None:
    renamed = {"accuracy": {"name": "right"}}
    try:
        METRICS.read(renamed)
    except ValidationError:
        assert figures(["accuracy"]) == {"loss", "accuracy"}
    else:
        assert figures([renamed]) == {"loss", "right"}
