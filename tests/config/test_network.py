"""What follows from a network's list of layers alone."""

from typing import Any

import pytest

from mnist_pipeline.config.keras.catalog.layers import LAYERS
from mnist_pipeline.config.keras.catalog.losses import LOSSES
from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.network import activation, all_layers, logits_advice, output_activation, unwise_layers

SOFTMAX = {"Dense": {"units": 10, "activation": "softmax"}}


def dense(name: str | None) -> dict[str, Any]:
    """A Dense layer with an activation."""
    return {"Dense": {"units": 8, "activation": name}}


def network(*notation: Any) -> list[KerasSpec]:
    """Layers as a config writes them."""
    return [LAYERS.read(each) for each in notation]


def unwise(*notation: Any) -> list[tuple[int, str]]:
    """Position and first word of each warning."""
    return [(index, message.split(" ", 1)[0]) for index, message in unwise_layers(network(*notation))]


def test_layers_are_found_inside_branches_too() -> None:
    layers = network("Flatten", {"Add": [[], ["Identity", {"Average": [[], ["Softmax"]]}]]}, {"Dense": 1})
    assert [(placed.path, placed.layer.class_name) for placed in all_layers(layers)] == [
        ((0, "Flatten"), "Flatten"),
        ((1, "Add"), "Add"),
        ((1, "Add", "branches", 1, 0, "Identity"), "Identity"),
        ((1, "Add", "branches", 1, 1, "Average"), "Average"),
        ((1, "Add", "branches", 1, 1, "Average", "branches", 1, 0, "Softmax"), "Softmax"),
        ((2, "Dense"), "Dense"),
    ]


@pytest.mark.parametrize(
    ("notation", "name"),
    [
        (SOFTMAX, "softmax"),
        ({"Dense": 10}, "linear"),
        (dense("linear"), "linear"),
        ({"Activation": "tanh"}, "tanh"),
        ("ReLU", "relu"),
        ("LeakyReLU", "leaky_relu"),
        ("PReLU", "prelu"),
        ("Softmax", "softmax"),
        ("Flatten", "linear"),
        ({"Dropout": 0.5}, "linear"),
        ({"Add": [[], []]}, None),
        ({"Concatenate": [[], []]}, None),
    ],
    ids=str,
)
def test_a_layer_ends_in_an_activation(notation: Any, name: str | None) -> None:
    assert activation(LAYERS.read(notation)) == name


@pytest.mark.parametrize(
    ("layers", "name"),
    [
        (["Flatten", SOFTMAX], "softmax"),
        (["Flatten", SOFTMAX, {"Dropout": 0.1}], "softmax"),
        ([{"Dense": 10}, {"Activation": "sigmoid"}], "sigmoid"),
        ([{"Dense": 10}, "Softmax", {"Reshape": [10]}], "softmax"),
        ([dense("relu"), {"Dense": 10}], "linear"),
        ([dense("relu"), {"Dense": 10}, "BatchNormalization"], "linear"),
        (["Flatten"], "linear"),
        ([SOFTMAX, {"Average": [[], []]}], None),
    ],
    ids=str,
)
def test_the_output_activation_is_that_of_the_last_layer_with_a_kernel_or_an_activation(
    layers: list[Any], name: str | None
) -> None:
    assert output_activation(network(*layers))[1] == name


@pytest.mark.parametrize(
    ("loss", "advice"),
    [
        ("categorical_crossentropy", ", or CategoricalCrossentropy: {from_logits: true}"),
        ("binary_crossentropy", ", or BinaryCrossentropy: {from_logits: true}"),
        ("kl_divergence", ""),
        ("CategoricalGeneralizedCrossEntropy", ""),
    ],
)
def test_logits_are_suggested_if_the_loss_takes_them(loss: str, advice: str) -> None:
    assert logits_advice(LOSSES.read(loss)) == advice


@pytest.mark.parametrize(
    ("layers", "warnings"),
    [
        # dropout after the output
        (["Flatten", SOFTMAX, {"Dropout": 0.5}], [(2, "Dropout")]),
        (["Flatten", {"Dense": 10}, "Softmax", {"GaussianDropout": 0.5}], [(3, "GaussianDropout")]),
        (["Flatten", {"Dropout": 0.5}, SOFTMAX], []),
        (["Flatten", dense("relu"), {"Dropout": 0.5}, {"Average": [[SOFTMAX], [SOFTMAX]]}], []),
        (["Flatten", {"Average": [[SOFTMAX], [SOFTMAX]]}, {"Dropout": 0.5}], [(2, "Dropout")]),
        # softmax inside the network
        (["Flatten", dense("softmax"), SOFTMAX], [(1, "softmax")]),
        (["Flatten", dense("softmax"), dense("softmax"), SOFTMAX], [(1, "softmax"), (2, "softmax")]),
        (["Flatten", {"Dense": 8}, {"Activation": "softmax"}, SOFTMAX], [(2, "softmax")]),
        (["Flatten", {"Dense": 8}, "Softmax", SOFTMAX], [(2, "softmax")]),
        (["Flatten", dense("softmax"), {"Average": [[SOFTMAX], [SOFTMAX]]}], [(1, "softmax")]),
        (["Flatten", {"Dense": 10}, {"Activation": "softmax"}], []),
        (["Flatten", {"Dense": 10}, "Softmax"], []),
        # sigmoid in a deep network
        (["Flatten", *[dense("sigmoid")] * 3, SOFTMAX], [(1, "sigmoid")]),
        (["Flatten", *[dense("hard_sigmoid")] * 3, SOFTMAX], [(1, "sigmoid")]),
        (["Flatten", *[{"Dense": 8}, {"Activation": "sigmoid"}] * 3, SOFTMAX], [(2, "sigmoid")]),
        (["Flatten", *[dense("sigmoid")] * 2, SOFTMAX], []),
        (["Flatten", *[dense("tanh")] * 3, SOFTMAX], []),
        # two linear layers in a row
        (["Flatten", {"Dense": 8}, SOFTMAX], [(1, "no")]),
        (["Flatten", {"Dense": 8}, {"Dense": 8}, SOFTMAX], [(1, "no"), (2, "no")]),
        (["Flatten", {"Dense": 8}, {"Dropout": 0.5}, "BatchNormalization", SOFTMAX], [(1, "no")]),
        ([{"Conv2D": {"filters": 2, "kernel_size": 3}}, "Flatten", SOFTMAX], [(0, "no")]),
        (["Flatten", {"Dense": 8}, {"Activation": "relu"}, SOFTMAX], []),
        (["Flatten", {"Dense": 8}, "BatchNormalization", "LeakyReLU", SOFTMAX], []),
        ([{"Conv2D": {"filters": 2, "kernel_size": 3}}, "MaxPooling2D", "Flatten", SOFTMAX], []),
        (["Flatten", {"Dense": 8}, "LayerNormalization", SOFTMAX], []),
        (["Flatten", {"Dense": 8}, {"Maximum": [[], ["Identity"]]}, SOFTMAX], []),
        # nothing
        (["Flatten", dense("relu"), SOFTMAX], []),
        (["Flatten"], []),
    ],
    ids=str,
)
def test_what_hinders_training_is_found_at_its_position(layers: list[Any], warnings: list[tuple[int, str]]) -> None:
    assert unwise(*layers) == warnings


def test_the_warning_about_sigmoids_has_their_number() -> None:
    ((_, message),) = unwise_layers(network("Flatten", *[dense("sigmoid")] * 4, SOFTMAX))
    assert message == "sigmoid in 4 hidden layers makes the gradients vanish. Use relu"
