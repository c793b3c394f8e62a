"""Prints docs/config.md, the reference of the config, made from the schema. Run it with `make docs`."""

import inspect
from collections.abc import Iterator

from pydantic import BaseModel

from mnist_pipeline.config.keras.arguments import ARGUMENTS, argument_key
from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.left_out import CLASSES
from mnist_pipeline.config.keras.spec import Registry, to_plain_data
from mnist_pipeline.config.schema import Config, Data, Model, Training

HEAD = """# The config

A config is a YAML file. `model` and `loss` are needed; all else has a default. `mnist check --config FILE` says what
a config would build, or what is wrong with it; `mnist schema` prints the same rules as a JSON Schema for editors.
This page is made from that schema (`make docs`).

## How things are written

A layer, an optimizer, a loss, a metric, a callback, a learning-rate schedule, an initializer: every object of Keras is
written in one of three ways, with Keras' own names and arguments, and they nest.

```yaml
layers:
  - Flatten                                    # the name alone
  - Dense: 128                                 # the name and its first argument
  - Dense: {units: 10, activation: softmax}    # the name and its arguments
optimizer:
  Adam:
    learning_rate:
      CosineDecay: {initial_learning_rate: 0.001, decay_steps: 10 epochs}
```

Names may also be written as Keras writes them in lower case: `adam`, `categorical_crossentropy`, `mse`, `he_normal`.
Where Keras counts steps, a length such as `10 epochs` is understood too. A config is YAML 1.2: `1e-3` is a number,
`on` and `no` are text, `true` and `false` are the only truth values, and there are no merge keys (`<<`).

The network is given pixels that are already scaled to 0 – 1, with a channel axis: (28, 28, 1). Both steps are part of
the saved model, which therefore takes raw images: (28, 28) with values 0 – 255. A network that is meant for raw values,
such as one taken over from a script that does not divide by 255, begins with `Rescaling: 255`; one that is meant for
-1 – 1, with `Rescaling: {scale: 2, offset: -1}`.

Validation uses the last part of the training images (`data.validation_split`), never the test images: a model that is
chosen by them, by early stopping for example, looks better than it is. `validation_data=(x_test, y_test)` of a script
therefore has no counterpart.

Layers that merge (`Add`, `Concatenate`, ...) take branches: lists of layers that start from the same input. An empty
branch passes its input on, so this is a residual block:

```yaml
- Add:
    - []
    - - Conv2D: {filters: 32, kernel_size: 3, padding: same, activation: relu}
      - Conv2D: {filters: 32, kernel_size: 3, padding: same}
```

`--set KEY=VALUE` puts another value at a dotted key, read as YAML; numbers are positions in a list, counted from 0:
`--set training.epochs=3 --set model.layers.3.Dropout=0.5 --set optimizer.Adam.learning_rate=0.01`.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## Sections\n", *section("At the top", Config)]
    for name, model in (("data", Data), ("model", Model), ("training", Training)):
        parts += section(f"`{name}`", model)
    for table in REGISTRIES:
        parts += objects(table)
    parts += arguments()
    return "\n".join(parts) + "\n"


def section(title: str, model: type[BaseModel]) -> Iterator[str]:
    """A table of the keys of a section."""
    yield f"### {title}\n"
    yield "| key | default | meaning |\n|---|---|---|"
    for name, field in model.model_fields.items():
        if field.is_required():
            default = "needed"
        elif field.default_factory is not None:
            default = "see below" if name != "metrics" else "`[accuracy]`, for a value `[mae]`"
        else:
            default = f"`{shown(field.default)}`"
        yield f"| `{name}` | {default} | {field.description} |"
    yield ""


def objects(table: Registry) -> Iterator[str]:
    """A list of the objects of one kind, each with its signature."""
    kind = table.kind[0].upper() + table.kind[1:]
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}es" if kind.endswith("s") else f"{kind}s"
    yield f"## {plural}\n"
    for name, signature in table.signatures.items():
        arguments = ", ".join(
            parameter.name if parameter.default is parameter.empty else f"{parameter.name}={shown(parameter.default)}"
            for parameter in inspect.signature(signature).parameters.values()
        )
        yield f"- **{name}**({arguments})  \n  {inspect.getdoc(signature)}"
    yield ""
    yield "Keras' others, which a config does not take:\n"
    for group in CLASSES[table.module]:
        instead = f" Instead: {', '.join(group.instead.split())}." if group.instead else ""
        yield f"- {', '.join(group.names.split())}: {group.reason}.{instead}"
    yield ""


def arguments() -> Iterator[str]:
    """A list of what the arguments mean, each once; with its object where the meaning is the object's own."""
    signatures = [(name, signature) for table in REGISTRIES for name, signature in table.signatures.items()]
    named = {
        argument_key(name, argument)
        for name, signature in signatures
        for argument in inspect.signature(signature).parameters
    }
    yield "## Arguments\n"
    yield from (f"- `{name}`: {ARGUMENTS[name]}" for name in sorted(named, key=str.lower))


def shown(value: object) -> str:
    """A value as YAML writes it."""
    names = {None: "null", True: "true", False: "false"}
    return names[value] if value is None or isinstance(value, bool) else str(to_plain_data(value))


if __name__ == "__main__":
    print(page(), end="")
