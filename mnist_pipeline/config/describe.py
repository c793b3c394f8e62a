"""Summary of a config: its layers with shapes and parameters, and its training."""

from typing import Any

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.spec import KerasSpec, to_plain_data
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.shapes.infer import INPUT_SHAPE, LayerShape, infer_shapes
from mnist_pipeline.config.shapes.shape import format_shape
from mnist_pipeline.tasks import BINARY

REGISTRY_OF = {registry.module: registry for registry in REGISTRIES}


def describe_layers(config: Config) -> list[dict[str, Any]]:
    """Rows of layer, output shape and parameters, as in Keras' `model.summary`.

    The first row is the input, the last the total. Layers of a branch are indented, and come before the layer that
    merges them.
    """
    rows = list(infer_shapes(config.model.layers))
    first = {"layer": "pixels, scaled to 0 - 1", "output": format_shape(INPUT_SHAPE), "params": ""}
    total = sum(row.params for row in rows)
    return [first, *map(_row, rows), {"layer": "total", "output": "", "params": f"{total:,}"}]


def describe_training(config: Config) -> dict[str, Any]:
    """Data, optimizer, loss, metrics, callbacks, length and seed of the training."""
    data, training = config.data, config.training
    return {
        "data": data.dataset,
        "target": f"is it one of {', '.join(map(str, data.positive))}?" if data.kind == BINARY else data.kind,
        "optimizer": format_spec(config.optimizer),
        "loss": format_spec(config.loss),
        "metrics": ", ".join(map(format_spec, config.metrics)) or "none",
        "callbacks": ", ".join(map(format_spec, config.callbacks)) or "none",
        "training": f"{training.epochs} epochs in batches of {training.batch_size}",
        "seed": config.seed,
    }


def format_spec(spec: KerasSpec) -> str:
    """The name with its arguments other than defaults: `Dense(units=10)`."""
    fields = REGISTRY_OF[spec.module].model(spec.class_name).model_fields
    arguments = [
        f"{name}={_format_value(value)}"
        for name, value in spec.config.items()
        if name not in ("branches", "name") and not _is_default(value, fields[name].default)
    ]
    return f"{spec.class_name}({', '.join(arguments)})" if arguments else spec.class_name


def _row(row: LayerShape) -> dict[str, Any]:
    depth = row.path.count("branches")
    return {
        "layer": "  " * depth + format_spec(row.layer),
        "output": format_shape(row.shape),
        "params": f"{row.params:,}" if row.params else "",
    }


def _is_default(value: Any, default: Any) -> bool:
    """Whether `value` equals `default`, which may be a name such as glorot_uniform."""
    if isinstance(value, KerasSpec) and isinstance(default, str):
        return REGISTRY_OF[value.module].read(default) == value
    return bool(to_plain_data(value) == default)


def _format_value(value: Any) -> str:
    return format_spec(value) if isinstance(value, KerasSpec) else str(value)
