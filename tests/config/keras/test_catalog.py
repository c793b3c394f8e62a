"""The catalog, compared with the installed Keras."""

import importlib
import inspect
import math
import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mnist_pipeline.config.keras.catalog import REGISTRIES, Layer
from mnist_pipeline.config.keras.catalog.constraints import CONSTRAINTS
from mnist_pipeline.config.keras.catalog.initializers import INITIALIZERS
from mnist_pipeline.config.keras.catalog.layers import LAYER_TRAITS, LAYERS
from mnist_pipeline.config.keras.catalog.losses import LOSSES, SPARSE_LOSSES
from mnist_pipeline.config.keras.catalog.metrics import METRICS
from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.catalog.regularizers import REGULARIZERS
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.keras.types import ActivationName
from mnist_pipeline.config.keras.unsupported import (
    UNSUPPORTED_ARGUMENTS,
    UNSUPPORTED_CLASSES,
    argument_reason,
    class_message,
)
from mnist_pipeline.config.schema import Config
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.tasks import FROM_LOGITS_METRICS
from mnist_pipeline.training.build import build, build_metrics
from mnist_pipeline.training.keras_errors import REFUSALS
from tests.configs import TARGETS, fits, metric
from tests.keras_objects import made
from tests.strategies import thing

# Arguments whose default differs from Keras' on purpose.
OURS = {
    ("F1Score", "average"): "Keras' default gives a number for each class, which no history can hold",
    ("FBetaScore", "average"): "Keras' default gives a number for each class, which no history can hold",
}
# Arguments of metrics that follow the loss where a config leaves them out (see tasks.py).
AS_THE_LOSS = {("BinaryAccuracy", "threshold"), *((name, "from_logits") for name in FROM_LOGITS_METRICS)}

# What only Keras checks: the classes that it may refuse although the catalog takes them.
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

SLOW = settings(max_examples=5, deadline=None, suppress_health_check=[*HealthCheck])
EACH_REGISTRY = pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.definition)


def module(registry: Registry) -> Any:
    """Keras' module of the classes in `registry`."""
    return attrgetter(registry.module)(keras)


def classes(registry: Registry) -> list[str]:
    """Names of the classes in `registry`, except `accuracy`, which is several."""
    return [name for name in registry.signatures if name != "accuracy"]


def ours(registry: Registry, name: str) -> dict[str, inspect.Parameter]:
    """The parameters of a signature, less `branches`."""
    parameters = inspect.signature(registry.signatures[name]).parameters
    return {key: each for key, each in parameters.items() if key != "branches"}


def theirs(registry: Registry, name: str) -> dict[str, inspect.Parameter]:
    """The parameters of a Keras class, less *args and **kwargs."""
    parameters = inspect.signature(getattr(module(registry), name)).parameters
    return {
        key: each
        for key, each in parameters.items()
        if each.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    }


def failing(registry: Registry, holds: Callable[[Registry, str], bool]) -> list[str]:
    """Names of the classes of `registry` for which something does not hold."""
    return [name for name in classes(registry) if not holds(registry, name)]


def same(default: Any, keras_default: Any) -> bool:
    """Whether two defaults are equal; Keras has (2, 2) for 2, and tuples for lists."""
    if isinstance(keras_default, tuple):
        listed = [list(each) if isinstance(each, tuple) else each for each in keras_default]
        flat = [each for item in listed for each in (item if isinstance(item, list) else [item])]
        return default == listed or (not isinstance(default, list) and all(each == default for each in flat))
    return type(default) is type(keras_default) and bool(default == keras_default)


# Names


@EACH_REGISTRY
def test_a_name_of_the_catalog_is_a_public_class_of_keras(registry: Registry) -> None:
    assert failing(registry, lambda registry, name: inspect.isclass(getattr(module(registry), name, None))) == []


@EACH_REGISTRY
def test_every_public_class_of_keras_is_in_the_catalog_or_unsupported_for_a_reason(registry: Registry) -> None:
    names: dict[type, set[str]] = {}
    for name, value in vars(module(registry)).items():
        if inspect.isclass(value):
            names.setdefault(value, set()).add(name)
    unsupported = {name for group in UNSUPPORTED_CLASSES[registry.module] for name in group.names.split()}
    unaccounted = [
        each
        for each in names.values()
        if not each & set(registry.signatures) and not all(class_message(registry.module, name) for name in each)
    ]
    assert unaccounted == []
    assert unsupported <= set(vars(module(registry)))
    assert not unsupported & set(registry.signatures)


@EACH_REGISTRY
def test_every_public_name_of_a_class_in_the_catalog_is_understood(registry: Registry) -> None:
    for name, value in vars(module(registry)).items():
        if inspect.isclass(value) and value.__name__ in registry.signatures:
            assert registry.aliases.get(name, name) in registry.signatures, name


GET = {"initializers", "losses", "metrics", "optimizers", "regularizers", "constraints"}
INTERNAL = {"LossFunctionWrapper"}  # in Keras' dictionary, and not public


@pytest.mark.parametrize(
    "registry", [each for each in REGISTRIES if each.module in GET], ids=lambda registry: registry.definition
)
def test_every_name_that_keras_looks_up_is_understood_as_the_same_class_or_unsupported(registry: Registry) -> None:
    objects = importlib.import_module(f"keras.src.{registry.module}").ALL_OBJECTS_DICT
    assert sum(map(inspect.isclass, objects.values())) > len(registry.signatures) / 2
    for name, value in objects.items():
        target = registry.aliases.get(name, name)
        if target in registry.signatures:
            assert target == "accuracy" or not inspect.isclass(value) or value.__name__ == target, name
        else:
            assert class_message(registry.module, name) or name in INTERNAL, name


@EACH_REGISTRY
def test_an_alias_that_keras_has_too_means_the_same_class(registry: Registry) -> None:
    for alias, name in registry.aliases.items():
        value = getattr(module(registry), alias, None)
        if inspect.isclass(value):
            assert value is getattr(module(registry), name), alias


@pytest.mark.parametrize(
    "registry", [INITIALIZERS, REGULARIZERS, CONSTRAINTS], ids=lambda registry: registry.definition
)
def test_keras_understands_every_alias_as_the_same_class(registry: Registry) -> None:
    for alias, name in registry.aliases.items():
        value = getattr(module(registry), alias, None) or type(module(registry).get(alias))
        assert value is getattr(module(registry), name), alias


def test_an_optimizer_is_written_in_lower_case_as_in_keras() -> None:
    for name in OPTIMIZERS.signatures:
        assert OPTIMIZERS.read(name.lower()).class_name == name
    for alias in set(OPTIMIZERS.aliases) - {"lamb"}:  # keras.optimizers.get does not know Lamb
        assert type(keras.optimizers.get(alias)).__name__ == OPTIMIZERS.aliases[alias]


def test_keras_computes_the_same_loss_under_an_alias() -> None:
    one_hot, outputs = tf.constant([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), tf.constant([[0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])
    for alias in LOSSES.aliases:
        loss = LOSSES.read(alias)
        labels = tf.argmax(one_hot, axis=1) if loss.class_name in SPARSE_LOSSES else one_hot
        function = getattr(keras.losses, alias, None) or keras.losses.get(alias)
        needed = {"q": 0.5} if "q" in loss.config else {}
        expected = float(tf.reduce_mean(function(labels, outputs, **needed)))
        assert float(made(loss)(labels, outputs)) == pytest.approx(expected), alias


def test_a_metric_has_the_name_that_keras_gives_it() -> None:
    for name in classes(METRICS):
        by_keras = getattr(keras.metrics, name)(**metric(name)[name]).name
        assert METRICS.read(metric(name)).config["name"] == re.sub(r"_\d+$", "", by_keras)


# Arguments


@EACH_REGISTRY
def test_every_argument_is_one_of_keras_with_the_same_default(registry: Registry) -> None:
    for name in classes(registry):
        keras_parameters = theirs(registry, name)
        for key, parameter in ours(registry, name).items():
            if (name, key) in OURS:
                assert parameter.default is parameter.empty
                assert keras_parameters[key].default is None
            elif registry is METRICS and (name, key) in AS_THE_LOSS:
                assert parameter.default is None
            elif registry is METRICS and key == "name":
                assert keras_parameters[key].default in (parameter.default, None)
            else:
                assert same(parameter.default, keras_parameters[key].default), (name, key)


def test_branches_are_an_argument_of_the_layers_that_merge() -> None:
    with_branches = {name for name in LAYERS.signatures if "branches" in LAYERS.arguments(name)}
    assert with_branches == LAYER_TRAITS.where(lambda traits: traits.merge)


@EACH_REGISTRY
def test_every_argument_of_keras_is_in_the_catalog_or_unsupported_for_a_reason(registry: Registry) -> None:
    for name in classes(registry):
        missing = [key for key in theirs(registry, name) if key not in ours(registry, name)]
        assert [key for key in missing if not argument_reason(name, key)] == [], name


# Not arguments of the classes of the catalog, but of earlier versions of Keras, or of PyTorch.
ELSEWHERE = {
    "input_shape", "batch_input_shape", "input_dim", "in_features", "in_channels", "num_features", "normalized_shape",
}  # fmt: skip


def test_every_unsupported_argument_is_one_that_keras_has_and_the_catalog_has_not() -> None:
    missing: dict[str, set[str]] = {}
    taken: set[str] = set()
    for registry in REGISTRIES:
        for name in classes(registry):
            missing.setdefault(name, set()).update(set(theirs(registry, name)) - set(ours(registry, name)))
            taken |= {*ours(registry, name), *(f"{name}.{key}" for key in ours(registry, name))}
    named = {key for name, keys in missing.items() for argument in keys for key in (argument, f"{name}.{argument}")}
    assert set(UNSUPPORTED_ARGUMENTS) <= named | ELSEWHERE
    assert taken & set(UNSUPPORTED_ARGUMENTS) <= {"name"}  # which metrics alone have


@EACH_REGISTRY
def test_the_arguments_stand_in_the_order_of_keras(registry: Registry) -> None:
    def in_order(registry: Registry, name: str) -> bool:
        mine = list(ours(registry, name))
        return mine == [key for key in theirs(registry, name) if key in mine]

    assert failing(registry, in_order) == []


@EACH_REGISTRY
def test_the_first_argument_is_the_first_of_keras(registry: Registry) -> None:
    def first(registry: Registry, name: str) -> bool:
        mine = list(ours(registry, name))
        expected = [key for key in theirs(registry, name) if key in mine or not argument_reason(name, key)]
        return mine[:1] == expected[:1]

    assert failing(registry, first) == []


@EACH_REGISTRY
def test_a_class_is_described_in_one_sentence(registry: Registry) -> None:
    def described(registry: Registry, name: str) -> bool:
        words = registry.signatures[name].__doc__ or ""
        return words.endswith(".") and "\n" not in words and not words[0].islower()

    assert failing(registry, described) == []


@EACH_REGISTRY
@SLOW
@given(data=st.data())
def test_keras_makes_what_the_catalog_takes_or_refuses_it_in_a_way_that_is_caught(
    registry: Registry, data: st.DataObject
) -> None:
    for name in classes(registry):
        spec = registry.read(data.draw(thing(registry.definition, name)))
        try:
            assert type(made(spec)) is getattr(module(registry), name)
        except REFUSALS:
            assert name in set.union(*KERAS_MAY_REFUSE.values()), spec


@EACH_REGISTRY
def test_keras_makes_a_class_that_needs_no_arguments(registry: Registry) -> None:
    for name in classes(registry):
        if not any(field.is_required() for field in registry.model(name).model_fields.values()):
            assert type(made(registry.read(name))) is getattr(module(registry), name)


@pytest.mark.parametrize("factor", [0.15, [0.1, 0.2]])
def test_a_shear_that_keras_saved_can_be_loaded(factor: Any) -> None:
    layer = made(LAYERS.read({"RandomShear": {"x_factor": factor, "y_factor": factor}}))
    assert type(layer).from_config(layer.get_config()).x_factor == layer.x_factor


# Activations


NO_ACTIVATIONS = {"deserialize", "serialize", "get"}


def test_the_activations_are_those_of_keras() -> None:
    public = {name for name, value in vars(keras.activations).items() if callable(value)} - NO_ACTIVATIONS
    excluded = {"glu", "threshold"}  # one halves the channels, the other needs arguments
    assert set(get_args(ActivationName)) == public - excluded


def test_an_activation_keeps_the_shape() -> None:
    for name in get_args(ActivationName):
        assert keras.activations.get(name)(tf.zeros((2, 3, 4, 5))).shape == (2, 3, 4, 5), name


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
        "Registry",
        "KerasSpec",
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


@EACH_REGISTRY
def test_a_registry_contains_nothing_but_the_signatures_of_its_module(registry: Registry) -> None:
    modules = {value.__module__ for value in registry.signatures.values()}
    assert len(modules) == 1
    assert modules.pop().startswith("mnist_pipeline.config.keras.catalog.")
    assert not any(name.startswith("_") for name in [*registry.signatures, *registry.aliases])


# Metrics and losses that the rules accept


# Four labels of each kind, and outputs.
LABELS_AND_OUTPUTS: dict[str, tuple[Any, Any]] = {
    "digit": (tf.one_hot([1, 3, 0, 7], 10), tf.fill((4, 10), 0.1)),
    "number": (tf.constant([1, 3, 0, 7]), tf.fill((4, 10), 0.1)),
    "yes or no": (tf.constant([[1.0], [1.0], [0.0], [0.0]]), tf.constant([[0.9], [0.2], [0.3], [0.6]])),
    "value": (tf.constant([[1.0], [3.0], [0.0], [7.0]]), tf.constant([[2.0], [2.5], [0.5], [9.0]])),
}


@pytest.mark.parametrize("target", TARGETS)
def test_a_metric_that_the_rules_accept_can_be_computed(target: str) -> None:
    for name in classes(METRICS):
        if fits(target, metrics=[metric(name)]):
            (keras_metric,) = build_metrics(Config.model_validate(TARGETS[target] | {"metrics": [metric(name)]}))
            value = keras_metric(*LABELS_AND_OUTPUTS[target])
            assert value.shape == (), name
            assert math.isfinite(float(value)), name


@pytest.mark.parametrize("target", TARGETS)
def test_a_loss_that_the_rules_accept_can_be_computed(target: str) -> None:
    for name in LOSSES.signatures:
        if fits(target, loss=name):
            assert math.isfinite(float(made(LOSSES.read(name))(*LABELS_AND_OUTPUTS[target]))), name


def test_a_metric_has_the_name_in_the_history_that_the_config_gives_it() -> None:
    metrics = [{"accuracy": {"name": "correct"}}, "mse", "AUC", {"Precision": {"name": "pointed"}}]
    model = build(Config.model_validate(TARGETS["digit"] | {"metrics": metrics}), 1)
    labels, _ = LABELS_AND_OUTPUTS["digit"]
    computed = model.evaluate(tf.zeros((4, 28, 28)), labels, verbose=0, return_dict=True)
    assert set(computed) == {"loss", "correct", "mse", "auc", "pointed"}
