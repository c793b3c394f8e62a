"""Output shapes of the layers that merge branches."""

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.shapes.shape import Shape, ShapeError, axis_positions, format_shape

# Number of axes of branches whose shapes differ -> what to change.
SIZE_FIXES = {
    1: "Give them the same number of units",
    2: "Use padding: same and the same number of filters in them",
    3: "Use padding: same and the same number of filters in them",
}
OTHER_FIX = "Reshape them to one shape"
RANK_FIX = "End one of them with Flatten or Reshape"


def broadcast(layer: KerasSpec, shapes: list[Shape]) -> Shape:
    """Elementwise over branches of one rank; axes of size 1 are repeated."""
    _require_one_rank(layer, shapes)
    sizes = [set(axis) - {1} for axis in zip(*shapes, strict=True)]
    if any(len(different) > 1 for different in sizes):
        raise _mismatch(layer, shapes)
    return tuple(max(axis) for axis in zip(*shapes, strict=True))


def difference(layer: KerasSpec, shapes: list[Shape]) -> Shape:
    """Elementwise over two branches."""
    if len(shapes) != 2:
        raise ShapeError(
            f"{layer.class_name} expects two branches, received {len(shapes)}. Write {layer.class_name}: [[…], […]]"
        )
    return broadcast(layer, shapes)


def concatenation(layer: KerasSpec, shapes: list[Shape]) -> Shape:
    """The branches side by side along one axis; all other axes have to be equal."""
    _require_one_rank(layer, shapes)
    (axis,) = axis_positions(layer, shapes[0])
    joined = sum(shape[axis] for shape in shapes)
    outputs = {(*shape[:axis], joined, *shape[axis + 1 :]) for shape in shapes}
    if len(outputs) > 1:
        raise _mismatch(layer, shapes)
    return outputs.pop()


def _require_one_rank(layer: KerasSpec, shapes: list[Shape]) -> None:
    if len({len(shape) for shape in shapes}) > 1:
        raise _mismatch(layer, shapes)


def _mismatch(layer: KerasSpec, shapes: list[Shape]) -> ShapeError:
    """The error of branches that do not fit, with what usually makes them fit."""
    received = ", ".join(map(format_shape, shapes))
    ranks = {len(shape) for shape in shapes}
    fix = SIZE_FIXES.get(max(ranks), OTHER_FIX) if len(ranks) == 1 else RANK_FIX
    return ShapeError(f"{layer.class_name} expects branches of one shape, received {received}. {fix}")
