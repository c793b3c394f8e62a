"""What a config would build, said without building it."""

from typing import Any

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.spec import KerasSpec, Registry, to_plain_data
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.shapes.infer import INPUT_SHAPE, LayerShape, infer_shapes
from mnist_pipeline.config.shapes.shape import format_shape

SECTIONS = {table.module: table for table in REGISTRIES}


def describe_layers(config: Config) -> list[dict[str, Any]]:
    """A row for each layer: how it was written, the shape that comes out, how many parameters it has."""
    rows = list(infer_shapes(config.model.layers))
    first = {"layer": "pixels, scaled to 0 - 1", "output": format_shape(INPUT_SHAPE), "params": ""}
    total = sum(row.params for row in rows)
    return [first, *map(_row, rows), {"layer": "total", "output": "", "params": f"{total:,}"}]


def describe_training(config: Config) -> dict[str, Any]:
    """How the network would be trained."""
    data, training = config.data, config.training
    target = f"is it one of {', '.join(map(str, data.positive))}?" if data.kind == "positive" else data.kind
    return {
        "data": data.dataset,
        "target": target,
        "optimizer": format_spec(config.optimizer),
        "loss": format_spec(config.loss),
        "metrics": ", ".join(format_spec(metric) for metric in config.metrics),
        "callbacks": ", ".join(format_spec(callback) for callback in config.callbacks) or "none",
        "training": f"{training.epochs} epochs in batches of {training.batch_size}",
        "seed": config.seed,
    }


def format_spec(thing: KerasSpec) -> str:
    """An object with the arguments that differ from Keras' defaults: `Dense(units=10, activation=softmax)`."""
    fields = _table(thing).model(thing.class_name).model_fields
    defaults = {name: field.default for name, field in fields.items()}
    written = [
        f"{name}={_short(value)}"
        for name, value in thing.config.items()
        if name not in ("branches", "name")
        and to_plain_data(value) != defaults[name]
        and not _usual(value, defaults[name])
    ]
    return f"{thing.class_name}({', '.join(written)})" if written else thing.class_name


def _row(row: LayerShape) -> dict[str, Any]:
    depth = row.path.count("branches")
    return {
        "layer": "  " * depth + format_spec(row.layer),
        "output": format_shape(row.shape),
        "params": f"{row.params:,}" if row.params else "",
    }


def _table(thing: KerasSpec) -> Registry:
    return SECTIONS[thing.module]


def _usual(value: Any, default: Any) -> bool:
    """Whether `value` is the object that a default names: GlorotUniform for glorot_uniform."""
    return isinstance(value, KerasSpec) and isinstance(default, str) and _table(value).read(default) == value


def _short(value: Any) -> str:
    return format_spec(value) if isinstance(value, KerasSpec) else str(value)
