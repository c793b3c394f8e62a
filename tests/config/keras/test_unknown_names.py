"""Messages about names and keys that do not exist."""

import os
import re
import subprocess
import sys
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.catalog.callbacks import CALLBACKS
from mnist_pipeline.config.keras.catalog.layers import LAYERS
from mnist_pipeline.config.keras.catalog.losses import LOSSES
from mnist_pipeline.config.keras.catalog.metrics import METRICS
from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.explain import explain_error
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.keras.types import ActivationName
from mnist_pipeline.config.keras.unknown_names import explain_unknown_name
from mnist_pipeline.config.keras.unsupported import UNSUPPORTED_ARGUMENTS, UNSUPPORTED_CLASSES
from mnist_pipeline.config.misplaced_keys import explain
from mnist_pipeline.config.suggestions import SYNONYMS
from mnist_pipeline.config.yaml.document import KeyPath
from mnist_pipeline.config.yaml.reader import parse

MAX_LENGTH = 300
PIXELS = "the first layer receives the pixels, (28, 28, 1), by itself"
EACH_REGISTRY = pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.definition)


# A name


@pytest.mark.parametrize(
    ("registry", "text", "words"),
    [
        (LAYERS, "Denze", "'Denze' is not a layer. Did you mean 'Dense'?"),
        (OPTIMIZERS, "Quick", "'Quick' is not an optimizer. All names: docs/config.md, or mnist schema"),
        (
            CALLBACKS,
            "zzz",
            "'zzz' is not a callback. Expected one of: EarlyStopping, ReduceLROnPlateau, SwapEMAWeights",
        ),
        (LAYERS, "sigmoid", "'sigmoid' is not a layer. Write Activation: sigmoid"),
        (LAYERS, "Adam", "'Adam' is not a layer, but an optimizer"),
        (OPTIMIZERS, "mse", "'mse' is not an optimizer, but a loss"),
        (
            LAYERS,
            "Norm",
            (
                "'Norm' is not a layer. Similar names: BatchNormalization, GroupNormalization, LayerNormalization, "
                "RMSNormalization, UnitNormalization. All names: docs/config.md, or mnist schema"
            ),
        ),
    ],
)
def test_the_message_about_an_unknown_name_suggests_what_is_meant_or_the_nearest(
    registry: Registry, text: str, words: str
) -> None:
    assert explain_unknown_name(registry, text) == words


@pytest.mark.parametrize(
    ("registry", "text", "instead"),
    [
        (LAYERS, "Dense(128, activation='relu')", "Dense: {units: 128, activation: relu}"),
        (LAYERS, "Dense(128)", "Dense: {units: 128}"),
        (LAYERS, "Dense( units = 128 )", "Dense: {units: 128}"),
        (LAYERS, "Flatten()", "Flatten"),
        (LAYERS, "keras.layers.Dense(10, 'softmax')", "Dense: {units: 10, activation: softmax}"),
        (LAYERS, "keras.layers.Dense", "Dense"),
        (LAYERS, "Conv2D(32, (3, 3), padding='same')", "Conv2D: {filters: 32, kernel_size: [3, 3], padding: same}"),
        (LAYERS, "Dense(128, activation=tf.nn.relu)", "Dense: {units: 128, activation: relu}"),
        (LAYERS, "Dense(9, use_bias=False)", "Dense: {units: 9, use_bias: false}"),
        (LAYERS, "RandomZoom(-0.1)", "RandomZoom: {height_factor: -0.1}"),
        (LAYERS, "Dense(10)(x)", "Dense: {units: 10}"),
        (
            LAYERS,
            "Dense(9, kernel_regularizer=regularizers.L2(0.01))",
            "Dense: {units: 9, kernel_regularizer: {L2: {l2: 0.01}}}",
        ),
        (LAYERS, "Dense(2 * n)", "Dense: {units: …}"),
        (LAYERS, r"Dense('\d')", "Dense: {units: …}"),
        (LAYERS, "Dense(128", "Dense: {units: 128}"),
        (LAYERS, "Conv2D(32, (3", "Conv2D: {filters: 32, kernel_size: 3}"),
        (LAYERS, "Dense(lambda:)", "Dense: {…: …}"),
        (LAYERS, "Dense(" + "(" * 600, "Dense: {…: …}"),
        (OPTIMIZERS, "Adam(learning_rate=1e-2)", "Adam: {learning_rate: 0.01}"),
        (
            OPTIMIZERS,
            "SGD(CosineDecay(0.1, 1000))",
            "SGD: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 1000}}}",
        ),
        (
            LOSSES,
            "tf.keras.losses.CategoricalCrossentropy(from_logits=True)",
            "CategoricalCrossentropy: {from_logits: true}",
        ),
        (METRICS, "MeanSquaredError(name='error')", "MeanSquaredError: {name: error}"),
        (CALLBACKS, "EarlyStopping(patience=3)", "EarlyStopping: {patience: 3}"),
        (LAYERS, "model.add(Dense(10))", "Dense: {units: 10}"),
        (LAYERS, "layers.append(keras.layers.Dense(10)", "Dense: {units: 10}"),
        (LAYERS, "model.add(Dense(lambda:))", "Dense: {…: …}"),
        (LAYERS, "layers.add([a, b])", "add: {branches: …}"),
        (LAYERS, "x.Add()([a, b])", "Add: {branches: …}"),
        (LAYERS, "Dense(3).foo(4)", "Dense: {units: 3}"),
        (LAYERS, "Dense()", "Dense: {units: …}"),
        (LAYERS, "Dense(-3, 'relu')", "Dense: {units: …, activation: relu}"),
        (LAYERS, "Dense(3, activation='1e3')", "Dense: {units: 3, activation: …}"),
        (LAYERS, "Dense(3, kernel_regularizer=L2('x'))", "Dense: {units: 3, kernel_regularizer: {L2: {l2: …}}}"),
        (OPTIMIZERS, "Adam(lr=0.1)", "Adam: {learning_rate: 0.1}"),
        (LAYERS, "LeakyReLU(alpha=0.3)", "LeakyReLU: {negative_slope: 0.3}"),
        (LAYERS, "Denze(10)", "Dense: {units: 10}"),
        (LAYERS, "nn.Dropout(p=0.5)", "Dropout: {rate: 0.5}"),
        (LAYERS, "nn.MaxPool2d(2)", "MaxPooling2D: {pool_size: 2}"),
        (LOSSES, "nn.CrossEntropyLoss()", "CategoricalCrossentropy"),
        (METRICS, "MeanSquaredError(name='1e3')", "MeanSquaredError: {name: '1e3'}"),
    ],
)
def test_the_message_about_a_call_in_python_shows_how_a_config_writes_it(
    registry: Registry, text: str, instead: str
) -> None:
    words = explain_unknown_name(registry, text)
    assert words.endswith(f" is Python. In a config, write {instead}")


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("nn.Linear(784, 10)", "Dense: {units: 10}. in_features is not needed: every layer knows its input"),
        ("nn.Conv2d(1, 32, 3)", "Conv2D: {filters: 32, kernel_size: 3}. in_channels is not needed: every layer knows"),
        ("nn.BatchNorm2d(32)", "BatchNormalization. num_features is not needed: every layer knows its input"),
        ("Dense(3, bogus=4)", "Dense: {units: 3}. Dense has no argument 'bogus'"),
    ],
)
def test_arguments_that_a_config_does_not_take_are_named_after_what_to_write(text: str, instead: str) -> None:
    assert explain_unknown_name(LAYERS, text).partition("In a config, write ")[2].startswith(instead)


def test_of_very_many_arguments_that_a_config_does_not_take_the_first_are_named() -> None:
    words = explain_unknown_name(LAYERS, f"Dense(3, {', '.join(f'x{n}=1' for n in range(60))})")
    assert "In a config, write Dense: {units: 3}. Dense has no argument 'x0'. Dense has no argument 'x1'" in words
    assert len(words) <= MAX_LENGTH


@pytest.mark.parametrize("text", ["Sequential([Flatten(), Dense(10)])", "keras.Model(x, y)", "Sequential"])
def test_the_message_about_a_network_in_python_names_the_key_of_its_layers(text: str) -> None:
    assert explain_unknown_name(LAYERS, text) == f"'{text}' is a whole network. List its layers under model.layers"


def test_the_message_about_an_unknown_call_shows_how_a_config_writes_calls() -> None:
    assert explain_unknown_name(LAYERS, "frobnicate(3)") == (
        "'frobnicate(3)' is not a layer. Write a call as Name: {argument: value}"
    )


SCALARS = st.none() | st.booleans() | st.integers(-3, 300) | st.floats(-1, 1) | st.sampled_from(["relu", "1e3", "on"])
WRITTEN = st.recursive(SCALARS.map(repr), lambda inner: st.lists(inner, max_size=3).map(", ".join).map("[{}]".format))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_is_suggested_without_a_placeholder_is_valid(data: st.DataObject) -> None:
    registry = data.draw(st.sampled_from(REGISTRIES))
    name = data.draw(st.sampled_from([*registry.signatures, *registry.aliases, *SYNONYMS]))
    keys = [*registry.arguments(name), *SYNONYMS, *UNSUPPORTED_ARGUMENTS, "bogus"]
    keywords = data.draw(st.dictionaries(st.sampled_from(keys), WRITTEN, max_size=4))
    positional = data.draw(st.lists(WRITTEN, max_size=3))
    arguments = [*positional, *(f"{key}={value}" for key, value in keywords.items())]
    template = data.draw(st.sampled_from(["{}", "model.add({})", "{}(x)", "keras.{}"]))
    words = explain_unknown_name(registry, template.format(f"{name}({', '.join(arguments)})"))
    suggestion = re.search(r"In a config, write (.*?)(?:\. \w+ (?:is not needed|has no).*)?$", words)
    if suggestion and "…" not in suggestion[1]:
        read = parse(suggestion[1], "suggestion").data
        name = read if isinstance(read, str) else next(iter(read))
        next(each for each in [registry, *REGISTRIES] if name in each).read(read)


def test_parsing_a_call_gives_no_warnings_of_python(recwarn: pytest.WarningsRecorder) -> None:
    explain_unknown_name(LAYERS, r"Dense('\d')")
    assert not recwarn.list


def test_a_suggestion_leaves_out_an_argument_that_is_not_needed_with_the_reason() -> None:
    assert explain_unknown_name(LAYERS, "Flatten(input_shape=(28, 28))") == (
        f"'Flatten(input_shape=(28, 28))' is Python. In a config, write Flatten. input_shape is not needed: {PIXELS}"
    )


def test_the_rest_of_a_call_that_yaml_has_cut_at_its_comma_is_recognized() -> None:
    assert explain_unknown_name(LAYERS, "activation='relu')").startswith(
        "\"activation='relu')\" is the rest of a call in Python."
    )


@pytest.mark.parametrize("text", ["os.system", "builtins.print", "f(3)", "__import__('os')", "a.b(", "(", ".", ""])
def test_what_only_looks_like_python_is_an_unknown_name(text: str) -> None:
    assert " is not a layer" in explain_unknown_name(LAYERS, text)


@pytest.mark.usefixtures("empty_folder")
@pytest.mark.parametrize(
    "text", ["Dense(open('x', 'w'))", "Dense(__import__('os').mkdir('x'))", "Dense((lambda: open('x', 'w'))())"]
)
def test_python_in_a_config_is_never_run(text: str) -> None:
    assert explain_unknown_name(LAYERS, text).endswith("write Dense: {units: …}")
    assert not os.path.exists("x")  # noqa: PTH110, a name in the folder of the test


@pytest.mark.parametrize(
    "text",
    [
        "Dense(" + "-" * 490 + "1)",
        "Dense(" + "lambda:" * 68 + "1)",
        "Dense(" + "[" * 240 + "]" * 240 + ")",
        "Dense" + "()" * 240,
        "Dense(" + "9" * 480 + ")",
        "Dense(\0)",
        "Dense(\ud800)",
        "Dense(*a, **b)",
        "Dense(units=1, units=2)",
        "Dense(b'x', 3j, ...)",
    ],
    ids=repr,
)
def test_the_message_about_hostile_python_is_short(text: str) -> None:
    assert "In a config, write Dense" in explain_unknown_name(LAYERS, text)
    assert len(explain_unknown_name(LAYERS, text)) <= MAX_LENGTH


@pytest.mark.parametrize("name", ["Input", "InputLayer", "keras.Input", "Input(shape=(28, 28))"])
def test_an_input_is_not_needed(name: str) -> None:
    assert explain_unknown_name(LAYERS, name).endswith(f": {PIXELS}. Leave it out")


def message(registry: Registry, value: object) -> str:
    """The message of the only error in `value`."""
    with pytest.raises(ValidationError) as error:
        registry.read(value)
    (only,) = error.value.errors()
    return explain_error(only, "", [])


@pytest.mark.parametrize("key", ["input_shape", "seed", "data_format", "dtype", "lora_rank"])
def test_the_message_about_an_argument_that_a_config_does_not_set_has_the_reason(key: str) -> None:
    words = message(LAYERS, {"Dense": {"units": 3, key: 1}})
    assert words == f"Dense: unknown argument '{key}'. Leave it out: {UNSUPPORTED_ARGUMENTS[key]}"


def test_a_reason_may_be_that_of_one_class_alone() -> None:
    assert message(LOSSES, {"CategoricalCrossentropy": {"axis": 0}}).endswith("the classes are always the last axis")
    assert "the classes" not in message(LAYERS, {"Dense": {"units": 3, "axis": 0}})


@pytest.mark.parametrize(
    ("callback", "words"),
    [
        ("ModelCheckpoint", "a run saves its model"),
        ("ModelCheckpoint", "EarlyStopping: {restore_best_weights: true}"),
        ("OrbaxCheckpoint", "a run saves its model"),
        ("BackupAndRestore", "mnist train --resume RUN continues from the last"),
        ("CSVLogger", "a run writes history.csv"),
        ("History", "a run writes history.csv"),
        ("TensorBoard", "a run writes history.csv"),
        ("RemoteMonitor", "a run sends nothing over the network"),
        ("TerminateOnNaN", "training stops by itself when the loss is nan"),
        ("ProgbarLogger", "a run shows its own progress"),
        ("LearningRateScheduler", "learning_rate: {ExponentialDecay: "),
        ("LambdaCallback", "it runs code"),
        ("keras.callbacks.ModelCheckpoint('best.keras', save_best_only=True)", "a run saves its model"),
        ("modelcheckpoint", "a run saves its model"),
        ("model_checkpoint", "a run saves its model"),
    ],
)
def test_the_message_about_a_callback_that_is_not_needed_says_what_a_run_does_instead(
    callback: str, words: str
) -> None:
    text = explain_unknown_name(CALLBACKS, callback)
    assert " cannot be used in a config: " in text
    assert words in text


def test_the_suggested_schedule_is_valid() -> None:
    suggestion = explain_unknown_name(CALLBACKS, "LearningRateScheduler").partition("such as learning_rate: ")[2]
    assert OPTIMIZERS.read({"SGD": {"learning_rate": parse(suggestion, "suggestion").data}}).class_name == "SGD"


NAMES = st.text(max_size=400) | st.sampled_from(
    ["x" * 400, "Dense(" + "1, " * 300, "units=" + "a" * 400 + ")", *get_args(ActivationName)]
)


@given(st.sampled_from(REGISTRIES), NAMES)
def test_the_message_about_any_name_is_at_most_a_few_lines_long(registry: Registry, name: str) -> None:
    assert len(explain_unknown_name(registry, name)) <= MAX_LENGTH


@EACH_REGISTRY
def test_so_is_the_message_about_an_unsupported_class(registry: Registry) -> None:
    names = [name for group in UNSUPPORTED_CLASSES[registry.module] for name in group.names.split()]
    assert max((len(explain_unknown_name(registry, name)) for name in names), default=0) <= MAX_LENGTH


@EACH_REGISTRY
def test_the_classes_to_use_instead_are_in_the_catalog(registry: Registry) -> None:
    instead = {name for group in UNSUPPORTED_CLASSES[registry.module] for name in group.instead.split()}
    assert instead <= set(registry.signatures)


def test_messages_are_the_same_in_every_process() -> None:
    code = (
        "from mnist_pipeline.config.keras.unknown_names import explain_unknown_name\n"
        "from mnist_pipeline.config.keras.catalog import REGISTRIES\n"
        "for registry in REGISTRIES:\n"
        "    for name in ('zzz', 'mea', 'Norm', 'random', 'MSX', 'adamx'):\n"
        "        print(explain_unknown_name(registry, name))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in "123"
    }
    assert len(outputs) == 1


# A key


@pytest.mark.parametrize(
    ("key", "here", "words"),
    [
        ("epochs", (), "'epochs' belongs under 'training'"),
        ("batch_size", (), "'batch_size' belongs under 'training'"),
        ("layers", (), "'layers' belongs under 'model'"),
        ("dataset", (), "'dataset' belongs under 'data'"),
        ("validation_split", ("training",), "'validation_split' belongs under 'data'"),
        ("batch_size", ("data",), "'batch_size' belongs under 'training'"),
        ("optimizer", ("training",), "'optimizer' belongs at the top level of the config"),
        ("bs", (), "'bs' belongs under 'training', as 'batch_size'"),
        ("learning_rate", (), "'learning_rate' belongs to the optimizer: optimizer: {Adam: {learning_rate: …}}"),
        ("lr", ("training",), "'lr' belongs to the optimizer: optimizer: {Adam: {learning_rate: …}}"),
        ("momentum", (), "'momentum' belongs to the optimizer: optimizer: {SGD: {momentum: …}}"),
        ("patience", (), "'patience' belongs to a callback: callbacks: [EarlyStopping: {patience: …}]"),
        ("epoch", (), "unknown key 'epoch'. Did you mean 'epochs', under 'training'?"),
        ("shuffle", ("training",), "'shuffle' is not needed: the images are shuffled in every epoch"),
        ("data", ("data",), None),
        ("los", (), None),
        ("zzz", (), None),
    ],
)
def test_the_message_about_a_key_of_another_section_names_that_section(
    key: str, here: KeyPath, words: str | None
) -> None:
    assert explain(key, here) == words


@pytest.mark.parametrize("key", ["validation_data", "validation_set", "test_data"])
@pytest.mark.parametrize("here", [(), ("data",), ("training",)])
def test_the_test_images_are_no_validation_set(key: str, here: KeyPath) -> None:
    words = explain(key, here)
    assert words is not None
    assert "data.validation_split" in words
    assert words.endswith("a model that is chosen by them looks better than it is")
