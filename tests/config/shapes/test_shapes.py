"""Output shapes and numbers of parameters are those of Keras."""

import itertools
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_pipeline.config.keras.catalog.layers import LAYER_TRAITS, LAYERS
from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.shapes.infer import INPUT_SHAPE, infer_shapes
from mnist_pipeline.config.shapes.shape import Shape, ShapeError, format_shape
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.training.keras_errors import REFUSALS
from tests.keras_objects import made
from tests.pairwise import pairwise

MERGING = sorted(LAYER_TRAITS.where(lambda traits: traits.merge))

# The output shape and the number of parameters of each layer, or the error.
Rows = list[tuple[Shape, int]] | str

IMAGES = [(7, 9, 4), (8, 8, 1), (1, 1, 3)]
SEQUENCES = [(9, 4), (1, 2)]
ROWS = [(12,), (1,)]
ANY = [*IMAGES[:2], SEQUENCES[0], ROWS[0]]

AXES = [-4, -3, -2, -1, 1, 2, 3, 4]
AXES_LISTS = [[1], [1, 2], [3, 1], [1, 1], [3, -1], [4], [1, 2, 3]]
INNER_AXES = [-1, 1, 2, 3, 4]
SIZES = [1, 3, [2, 5]]
STRIDES = [1, 2, [1, 2], [3, 3]]
PADDING = ["valid", "same"]
CAUSAL = [*PADDING, "causal"]
YES_NO = [True, False]
STRIDED = {"kernel_size": SIZES, "strides": STRIDES, "padding": PADDING}
DILATED = {"kernel_size": SIZES, "dilation_rate": [1, 2, [2, 1]], "padding": PADDING}
REFUSED = {"kernel_size": [2], "strides": [2, [1, 2]], "dilation_rate": [2, [2, 1]]}

# Layer, shapes, and values of its arguments; every two values meet (pairwise). Where one value has Keras refuse the
# others, it has a row of its own, so that it hides none.
CASES: list[tuple[str, list[Shape], dict[str, list[Any]]]] = [
    ("Dense", [*IMAGES, *SEQUENCES, *ROWS], {"units": [1, 3], "use_bias": YES_NO}),
    ("Activation", ANY, {"activation": ["relu", "softmax"]}),
    ("ReLU", ANY, {}),
    ("LeakyReLU", ANY, {}),
    ("PReLU", ANY, {"shared_axes": [None, 1, 2, 3, 4, [1], [1, 2], [3, 1], [1, 1], [4], [1, 2, 3]]}),
    ("ELU", ANY, {}),
    ("Softmax", ANY, {"axis": INNER_AXES}),
    ("Identity", ANY, {}),
    *[("Conv2D", [(9, 8, 2)], {"filters": [4], **options}) for options in (STRIDED, DILATED, REFUSED)],
    ("Conv2D", [(9, 8, 4)], {"filters": [8], "kernel_size": [3], "groups": [1, 2, 3, 4, 8], "use_bias": YES_NO}),
    ("Conv2D", ANY, {"filters": [2], "kernel_size": [7, 8, 9], "padding": PADDING}),
    ("Conv2DTranspose", [(5, 4, 2)], {"filters": [3], **STRIDED, "use_bias": YES_NO}),
    ("Conv2DTranspose", [(5, 4, 2)], {"filters": [3], **DILATED, "dilation_rate": [2, [1, 3]]}),
    ("Conv2DTranspose", [(5, 4, 2)], {"filters": [3], **REFUSED}),
    ("Conv2DTranspose", ANY, {"filters": [2], "kernel_size": [3]}),
    *[("SeparableConv2D", [(9, 8, 2)], {"filters": [4], **options}) for options in (STRIDED, DILATED, REFUSED)],
    ("SeparableConv2D", ANY, {"filters": [5], "kernel_size": [3], "depth_multiplier": [1, 3], "use_bias": YES_NO}),
    *[("DepthwiseConv2D", [(9, 8, 2)], options) for options in (STRIDED, DILATED, REFUSED)],
    ("DepthwiseConv2D", ANY, {"kernel_size": [3], "depth_multiplier": [1, 3], "use_bias": YES_NO}),
    ("Conv1D", [(9, 4)], {"filters": [6], "kernel_size": [1, 3, 9], "strides": [1, 2, 20], "padding": CAUSAL}),
    ("Conv1D", [(9, 4)], {"filters": [6], "kernel_size": [1, 3, 10], "dilation_rate": [1, 2], "padding": CAUSAL}),
    ("Conv1D", [(9, 4)], {"filters": [6], "kernel_size": [2], "strides": [2], "dilation_rate": [2]}),
    ("Conv1D", ANY, {"filters": [6], "kernel_size": [3], "groups": [1, 2, 3], "use_bias": YES_NO}),
    ("MaxPooling2D", IMAGES, {"pool_size": SIZES, "strides": [None, [1, 2], 20], "padding": PADDING}),
    ("AveragePooling2D", IMAGES, {"pool_size": SIZES, "strides": [None, [1, 2], 20], "padding": PADDING}),
    ("MaxPooling1D", SEQUENCES, {"pool_size": [1, 3, 20], "strides": [None, 3, 20], "padding": PADDING}),
    ("AveragePooling1D", SEQUENCES, {"pool_size": [1, 3, 20], "strides": [None, 3, 20], "padding": PADDING}),
    ("GlobalMaxPooling2D", ANY, {"keepdims": YES_NO}),
    ("GlobalAveragePooling2D", ANY, {"keepdims": YES_NO}),
    ("GlobalMaxPooling1D", ANY, {"keepdims": YES_NO}),
    ("GlobalAveragePooling1D", ANY, {"keepdims": YES_NO}),
    ("AdaptiveMaxPooling2D", [*IMAGES, *SEQUENCES], {"output_size": [1, 2, 7, 20, [3, 1], [4, 9]]}),
    ("AdaptiveAveragePooling2D", [*IMAGES, *SEQUENCES], {"output_size": [1, 2, 7, 20, [3, 1], [4, 9]]}),
    ("BatchNormalization", ANY, {"axis": AXES}),
    ("BatchNormalization", ANY[:1], {"center": YES_NO, "scale": YES_NO}),
    ("LayerNormalization", ANY, {"axis": [*AXES, *AXES_LISTS]}),
    ("LayerNormalization", ANY[:1], {"center": YES_NO, "scale": YES_NO}),
    ("GroupNormalization", ANY, {"groups": [1, 3, 4], "axis": AXES}),
    ("GroupNormalization", ANY[:1], {"groups": [2], "center": YES_NO, "scale": YES_NO}),
    ("RMSNormalization", ANY, {"axis": [-1, 4, [-1], [4]]}),
    ("UnitNormalization", ANY, {"axis": [*INNER_AXES, *AXES_LISTS]}),
    ("Dropout", ANY, {"rate": [0.5]}),
    ("SpatialDropout2D", ANY, {"rate": [0.5]}),
    ("SpatialDropout1D", ANY, {"rate": [0.5]}),
    ("AlphaDropout", ANY, {"rate": [0.5]}),
    ("GaussianDropout", ANY, {"rate": [0.5]}),
    ("GaussianNoise", ANY, {"stddev": [0.5]}),
    ("ActivityRegularization", ANY, {}),
    ("RandomTranslation", IMAGES, {"height_factor": [0.2], "width_factor": [[-0.1, 0.3]]}),
    ("RandomRotation", IMAGES, {"factor": [0.2], "fill_mode": ["constant", "nearest", "reflect", "wrap"]}),
    ("RandomZoom", IMAGES, {"height_factor": [0.2], "width_factor": [None, 0.3]}),
    ("RandomShear", IMAGES, {"x_factor": [0.2]}),
    ("RandomPerspective", IMAGES, {}),
    ("RandomErasing", IMAGES, {"value_range": [[0, 1]]}),
    ("RandomBrightness", IMAGES, {"factor": [0.2], "value_range": [[0, 1]]}),
    ("RandomContrast", IMAGES, {"factor": [0.2], "value_range": [[0, 1]]}),
    ("RandomGaussianBlur", IMAGES, {"kernel_size": [3, [1, 5]], "value_range": [[0, 1]]}),
    ("RandomInvert", IMAGES, {"value_range": [[0, 1]]}),
    ("RandomFlip", IMAGES, {"mode": ["horizontal", "vertical"]}),
    ("Flatten", [*IMAGES, *SEQUENCES, *ROWS], {}),
    (
        "Reshape",
        [(2, 6, 1), (12,)],
        {"target_shape": [[-1], [12], [2, -1], [3, 4], [2, 2, 3], [7], [7, -1], [-1, -1], [0], [0, -1], [2, 2, 2, -1]]},
    ),
    ("Permute", ANY, {"dims": [[1], [2, 1], [1, 2], [1, 1, 2], [3, 1, 2], [1, 2, 3], [2, 3, 4], [1, 2, 3, 4]]}),
    ("ZeroPadding2D", ANY, {"padding": [0, 1, [1, 2], [[1, 2], [0, 3]], [[1, 2], 3], [1, [2, 3]]]}),
    ("Cropping2D", ANY, {"cropping": [0, 1, [1, 2], [[1, 2], [0, 3]], [[1, 2], 3], 4, [3, 4], [[7, 0], [0, 0]]]}),
    ("CenterCrop", IMAGES, {"height": [1, 3, 20], "width": [1, 8, 30]}),
    ("UpSampling2D", ANY, {"size": [1, 2, [2, 3]], "interpolation": ["nearest", "bilinear", "bicubic"]}),
    ("Resizing", IMAGES, {"height": [1, 20], "width": [3], "antialias": YES_NO}),
    ("Rescaling", ANY, {"scale": [2.0]}),
]

# What Keras accepts by accident: the batch as an axis, axes from 0 or from the end where it counts from 1, a scale
# along one axis that it applies along another.
ACCIDENTS: list[tuple[str, list[Shape], dict[str, list[Any]]]] = [
    ("Softmax", ANY, {"axis": [-4, -3, -2, 0]}),
    ("UnitNormalization", ANY, {"axis": [-4, -3, -2, 0, [0], [0, 1], [-1, -2]]}),
    ("BatchNormalization", ANY, {"axis": [0]}),
    ("LayerNormalization", ANY, {"axis": [0, [0], [0, 1], [-1, -2]]}),
    ("GroupNormalization", ANY, {"groups": [1], "axis": [0]}),
    ("PReLU", ANY, {"shared_axes": [-4, -3, -2, -1, 0, [0], [0, 1], [-1, -2], [3, -1]]}),
    ("RMSNormalization", ANY, {"axis": [-4, -3, -2, 0, 1, 2, 3, *AXES_LISTS, [0], [-1, -2], [2, 3], [1, 3]]}),
    ("RandomFlip", SEQUENCES, {}),
    ("RandomBrightness", SEQUENCES, {"factor": [0.2], "value_range": [[0, 1]]}),
    ("AdaptiveAveragePooling2D", SEQUENCES, {"output_size": [2]}),
]

# Branches for the merging layers, on an image of (6, 8, 4).
BRANCHES: dict[str, list[Any]] = {
    "the same": [[], []],
    "three": [[], [], ["Identity"]],
    "flat": [["Flatten"], ["Flatten"]],
    "flat and not": [[], ["Flatten"]],
    "other channels": [[{"Dense": 3}], []],
    "a smaller image": [["MaxPooling2D"], []],
    "turned": [[{"Reshape": [8, 6, 4]}], []],
    "pooled": [["GlobalAveragePooling2D"], ["GlobalMaxPooling2D"]],
    "weights in both": [[{"Dense": 4}], [{"Dense": 4}, "BatchNormalization"]],
    "nested": [[{"Add": [[], [{"Dense": 4}]]}], []],
    "one channel": [[{"Dense": 1}], []],
    "a number a channel": [[{"GlobalAveragePooling2D": True}], []],
}


def stricter(message: str) -> bool:
    """Whether the error is meant although Keras accepts the layer.

    Keras would take a sequence for one image, and the examples of a batch for its rows, or merge a row with an image.
    """
    ranks = {len(re.findall(r"\d+", shape)) for shape in re.findall(r"\([\d, ]+\)", message)}
    as_one_image = re.search(r"(Random\w+|CenterCrop|Resizing|Adaptive\w+) expects an image", message)
    return bool(as_one_image) or ("expects branches" in message and len(ranks) > 1)


def kills_the_process(layer: KerasSpec, shape: Shape) -> bool:
    """Whether TensorFlow would end the process.

    It divides by zero if a pooling window is larger than the image.
    """
    size = layer.config.get("output_size")
    sides = size if isinstance(size, list) else [size]
    return layer.class_name == "AdaptiveMaxPooling2D" and 1 in (*sides, *shape[:2])


def by_keras(layers: list[KerasSpec], shape: Shape) -> Rows:
    """A row per layer, in training on two examples; or Keras' error."""
    rows: list[tuple[Shape, int]] = []
    try:
        stacked(layers, keras.Input(shape), tf.fill((2, *shape), 0.5), rows)
    except (*REFUSALS, IndexError) as error:
        return f"{type(error).__name__}: {error}"
    return rows


def stacked(layers: list[KerasSpec], symbolic: Any, values: Any, rows: list[tuple[Shape, int]]) -> tuple[Any, Any]:
    """Outputs of `layers` for a symbolic tensor and for values.

    A row per layer is appended to `rows`.
    """
    for layer in layers:
        if kills_the_process(layer, tuple(symbolic.shape[1:])):
            raise ValueError("a division by zero in TensorFlow")
        keras_layer = made(layer)
        if layer.class_name in MERGING:
            branches = [stacked(branch, symbolic, values, rows) for branch in layer.config["branches"]]
            symbolic, values = ([*each] for each in zip(*branches, strict=True))
        symbolic, values = keras_layer(symbolic), keras_layer(values, training=True)
        if values.shape != (2, *symbolic.shape[1:]):
            raise ValueError(f"another shape than Keras inferred: {values.shape}")
        rows.append((tuple(symbolic.shape[1:]), keras_layer.count_params()))
    return symbolic, values


def by_us(layers: list[KerasSpec], shape: Shape) -> Rows:
    """A row per layer, of `infer_shapes`; or its error."""
    try:
        return [(row.shape, row.params) for row in infer_shapes(layers, shape)]
    except ShapeError as error:
        return f"ShapeError: {error}"


def mismatch(notation: list[Any], shape: Shape) -> str | None:
    """How the two differ on layers, as a config writes them; None if they agree."""
    layers = [LAYERS.read(each) for each in notation]
    ours, theirs = by_us(layers, shape), by_keras(layers, shape)
    if ours == theirs or (isinstance(ours, str) and (isinstance(theirs, str) or stricter(ours))):
        return None
    keras_says = theirs[:120] if isinstance(theirs, str) else theirs
    return f"{notation} on {format_shape(shape)}: here {ours}, in Keras {keras_says}"


def cases(name: str, shapes: list[Shape], options: dict[str, list[Any]]) -> Iterator[tuple[dict[str, Any], Shape]]:
    """A layer in the notation of configs, and a shape; pairwise combinations."""
    for shape, *values in pairwise([shapes, *options.values()]):
        yield {name: dict(zip(options, values, strict=True))}, shape


# Every layer


def test_every_layer_of_the_catalog_is_compared_with_keras() -> None:
    assert {name for name, *_ in CASES} | set(MERGING) == set(LAYERS.signatures)


@pytest.mark.parametrize("name", dict.fromkeys(name for name, *_ in CASES))
def test_a_layer_has_the_shape_and_parameters_that_it_has_in_keras(name: str) -> None:
    rows = [case for row in CASES if row[0] == name for case in cases(*row)]
    assert [difference for layer, shape in rows if (difference := mismatch([layer], shape))] == []


@pytest.mark.parametrize(("name", "shapes", "options"), ACCIDENTS, ids=[name for name, *_ in ACCIDENTS])
def test_what_keras_accepts_by_accident_is_an_error_or_has_its_shape(
    name: str, shapes: list[Shape], options: dict[str, list[Any]]
) -> None:
    for notation, shape in cases(name, shapes, options):
        layers = [LAYERS.read(notation)]
        ours = by_us(layers, shape)
        assert isinstance(ours, str) or ours == by_keras(layers, shape), (notation, shape)


@pytest.mark.parametrize("name", MERGING)
def test_branches_are_merged_as_in_keras(name: str) -> None:
    merged = {each: mismatch([{name: branches}], (6, 8, 4)) for each, branches in BRANCHES.items()}
    assert {each: difference for each, difference in merged.items() if difference} == {}


def test_branches_are_concatenated_along_the_axis_that_keras_takes() -> None:
    names = ["the same", "flat", "flat and not", "other channels", "a smaller image", "turned"]
    rows = [{"branches": BRANCHES[name], "axis": axis} for name, axis in itertools.product(names, AXES)]
    assert [difference for row in rows if (difference := mismatch([{"Concatenate": row}], (6, 8, 4)))] == []


def plainest(name: str) -> dict[str, Any]:
    """A layer with the arguments that it needs, and no others."""
    options = next(options for case, _, options in CASES if case == name)
    fields = LAYERS.model(name).model_fields
    return {name: {key: values[0] for key, values in options.items() if fields[key].is_required() or "range" in key}}


def test_a_gradient_passes_through_every_layer() -> None:
    names = {name for name, *_ in CASES} - {"AdaptiveMaxPooling2D", "Permute"}  # these need another shape
    assert {name for name in names if not has_gradient(name)} == set()


def has_gradient(name: str) -> bool:
    inputs = tf.fill((2, 8, 32) if name.endswith("1D") else (2, 8, 8, 32), 0.5)
    layer = made(LAYERS.read(plainest(name)))
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(tf.square(layer(inputs, training=True)))
    return tape.gradient(loss, inputs) is not None


# Layers that would end the process


@pytest.mark.parametrize("size", [1, [1, 3], [3, 1]], ids=str)
def test_adaptive_max_pooling_to_one_is_an_error_because_tensorflow_divides_by_zero(size: Any) -> None:
    with pytest.raises(ShapeError, match="AdaptiveMaxPooling2D"):
        list(infer_shapes([LAYERS.read({"AdaptiveMaxPooling2D": size})]))


# Stacks


@st.composite
def one_layer(draw: st.DrawFn, depth: int = 0) -> dict[str, Any]:
    """A layer with arguments from CASES, or one with branches of such layers."""
    if depth < 2 and draw(st.integers(0, 9)) == 0:
        branches = draw(st.lists(st.lists(one_layer(depth=depth + 1), max_size=2), min_size=2, max_size=3))
        return {draw(st.sampled_from(MERGING)): branches}
    name, _, options = draw(st.sampled_from(CASES))
    return {name: {key: draw(st.sampled_from(values)) for key, values in options.items()}}


@st.composite
def stacks(draw: st.DrawFn) -> tuple[list[dict[str, Any]], Shape]:
    """Layers, most of which fit the layers before them, and an input shape."""
    shape = draw(st.sampled_from([(6, 5, 2), (8, 8, 1), (5, 4), (6,)]))
    stack: list[dict[str, Any]] = []
    for layer in draw(st.lists(one_layer(), min_size=1, max_size=7)):
        rows = by_us([LAYERS.read(each) for each in [*stack, layer]], shape)
        small = isinstance(rows, str) or max(math.prod(size) for size, _ in rows) < 3000
        if small and (isinstance(rows, list) or draw(st.integers(0, 4)) == 0):
            stack.append(layer)
    return stack or [{"Flatten": {}}], shape


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stacks())
def test_any_stack_of_layers_has_the_shapes_and_parameters_of_keras(stack: tuple[list[dict[str, Any]], Shape]) -> None:
    layers, shape = stack
    assert mismatch(layers, shape) is None


# Paths and messages


def test_a_network_starts_from_an_image_with_one_channel() -> None:
    (row,) = infer_shapes([LAYERS.read("Flatten")])
    assert (INPUT_SHAPE, row.shape, row.path) == ((28, 28, 1), (784,), (0, "Flatten"))


def test_the_layers_of_a_branch_have_rows_with_paths_of_their_own() -> None:
    layers = [LAYERS.read(each) for each in [{"Dense": 2}, {"Add": [[], [{"Dense": 2}, "Identity"]]}]]
    assert [(row.path, row.params) for row in infer_shapes(layers)] == [
        ((0, "Dense"), 4),
        ((1, "Add", "branches", 1, 0, "Dense"), 6),
        ((1, "Add", "branches", 1, 1, "Identity"), 0),
        ((1, "Add"), 0),
    ]


@pytest.mark.parametrize(
    ("notation", "path", "words"),
    [
        (
            ["Flatten", {"Conv2D": {"filters": 1, "kernel_size": 3}}],
            (1, "Conv2D"),
            (
                "Conv2D expects an image (height, width, channels), received (784,). "
                "Put it before Flatten, or a Reshape before it"
            ),
        ),
        (
            [{"Conv1D": {"filters": 1, "kernel_size": 3}}],
            (0, "Conv1D"),
            "Conv1D expects a sequence (steps, channels), received (28, 28, 1). Put a Reshape before it",
        ),
        (
            [{"MaxPooling2D": 29}],
            (0, "MaxPooling2D"),
            "MaxPooling2D: its output would be empty, received (28, 28, 1). Use a smaller window, or padding: same",
        ),
        (
            [{"Conv2D": {"filters": 3, "kernel_size": 3, "groups": 2}}],
            (0, "Conv2D"),
            (
                "Conv2D: groups: 2 has to divide the input channels (1) and the filters (3). "
                "The largest possible is groups: 1"
            ),
        ),
        (
            [{"Conv2D": {"filters": 3, "kernel_size": 3, "strides": 2, "dilation_rate": 2}}],
            (0, "Conv2D"),
            "Conv2D: strides: 2 with dilation_rate: 2 is not supported. Set one of them to 1",
        ),
        (
            [{"Reshape": [27, 28]}],
            (0, "Reshape"),
            (
                "Reshape: target_shape: [27, 28] does not fit (28, 28, 1). The product of its sizes has to be 784; "
                "one of them may be -1, which is then inferred"
            ),
        ),
        (
            [{"Permute": [2, 1]}],
            (0, "Permute"),
            "Permute: dims: [2, 1]: expected each axis from 1 to 3 of (28, 28, 1) once",
        ),
        (
            [{"BatchNormalization": 4}],
            (0, "BatchNormalization"),
            "BatchNormalization: axis: 4: expected axes from 1 to 3 of (28, 28, 1), each once",
        ),
        (
            ["GroupNormalization"],
            (0, "GroupNormalization"),
            "GroupNormalization: groups: 32 does not divide the 1 channels. The largest possible is groups: 1",
        ),
        (
            [{"Add": [[], ["Flatten"]]}],
            (0, "Add"),
            "Add expects branches of one shape, received (28, 28, 1), (784,). End one of them with Flatten or Reshape",
        ),
        (
            [{"Add": [["Flatten"], ["Flatten", {"Dense": 10}]]}],
            (0, "Add"),
            "Add expects branches of one shape, received (784,), (10,). Give them the same number of units",
        ),
        (
            [{"Concatenate": [[], [{"Conv2D": {"filters": 1, "kernel_size": 3}}]]}],
            (0, "Concatenate"),
            (
                "Concatenate expects branches of one shape, received (28, 28, 1), (26, 26, 1). "
                "Use padding: same and the same number of filters in them"
            ),
        ),
        (
            [{"Subtract": [[], [], []]}],
            (0, "Subtract"),
            "Subtract expects two branches, received 3. Write Subtract: [[…], […]]",
        ),
        (
            [{"Cropping2D": 14}],
            (0, "Cropping2D"),
            "Cropping2D: its output would be empty, received (28, 28, 1). Crop less",
        ),
        (
            [{"MaxPooling2D": 28}, "RandomPerspective"],
            (1, "RandomPerspective"),
            (
                "RandomPerspective expects at least 2 x 2 pixels, received (1, 1, 1). "
                "Put it before the layers that make the image smaller"
            ),
        ),
        (
            [{"Add": [[], [{"Average": [[], ["Flatten", "MaxPooling2D"]]}]]}],
            (0, "Add", "branches", 1, 0, "Average", "branches", 1, 1, "MaxPooling2D"),
            (
                "MaxPooling2D expects an image (height, width, channels), received (784,). "
                "Put it before Flatten, or a Reshape before it"
            ),
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_the_error_of_a_layer_that_does_not_fit_has_its_path(
    notation: list[Any], path: tuple[Any, ...], words: str
) -> None:
    with pytest.raises(ShapeError) as error:
        list(infer_shapes([LAYERS.read(each) for each in notation]))
    assert (error.value.path, str(error.value)) == (path, words)


@pytest.mark.parametrize(("shape", "text"), [((28, 28, 1), "(28, 28, 1)"), ((10,), "(10,)"), ((), "()")])
def test_a_shape_is_written_as_keras_prints_it(shape: Shape, text: str) -> None:
    assert format_shape(shape) == text
