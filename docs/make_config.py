"""Print docs/config.md, the reference of configs, from the schema.

Run by `make docs`.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mnist_pipeline.config.keras.arguments import ARGUMENT_DESCRIPTIONS, argument_key
from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.spec import Registry, to_plain_data
from mnist_pipeline.config.keras.unsupported import UNSUPPORTED_CLASSES
from mnist_pipeline.config.schema import Config, Data, Model, Training

HEAD = """# Config reference

A config is a YAML file. Only `model` and `loss` are required; every other key has a default. `mnist new FILE` writes a
config to start from, `mnist check --config FILE` checks one and shows the model it defines, and `mnist schema` prints
the JSON Schema for editors. This page is generated from that schema (`make docs`).

## Notation

Layers, optimizers, losses, metrics, callbacks, learning-rate schedules, initializers, regularizers and constraints have
Keras' own names and arguments. Each is written in one of three ways, and they nest:

```yaml
layers:
  - Flatten                                    # name
  - Dense: 128                                 # name: first argument
  - Dense: {units: 10, activation: softmax}    # name: {argument: value}
optimizer:
  Adam:
    learning_rate:
      CosineDecay: {initial_learning_rate: 0.001, decay_steps: 10 epochs}
```

Keras' lower-case names work too: `adam`, `categorical_crossentropy`, `mse`, `he_normal`. Where Keras counts steps, a
length such as `10 epochs` works too.

Configs are YAML 1.2: `1e-3` is a number, `on` and `no` are strings, `true` and `false` are the only booleans, and there
are no merge keys (`<<`).

## Input

The input of the first layer is (28, 28, 1): pixels scaled to 0 – 1, with a channel axis. Scaling and channel axis are
part of the saved model, whose own input is raw images: (28, 28) with values 0 – 255. For a model designed for raw
values, such as one from a script that does not divide by 255, begin with `Rescaling: 255`; for one designed for -1 – 1,
with `Rescaling: {scale: 2, offset: -1}`.

## Validation

Validation uses the last part of the training images (`data.validation_split`), never the test images: a model selected
on the test images, for example by early stopping, looks better than it is. A script's
`validation_data=(x_test, y_test)` therefore has no equivalent.

## Branches

Layers that merge (`Add`, `Concatenate`, ...) have branches: lists of layers that all start from the same input. An
empty branch passes the input on, which makes a residual block:

```yaml
- Add:
    - []
    - - Conv2D: {filters: 32, kernel_size: 3, padding: same, activation: relu}
      - Conv2D: {filters: 32, kernel_size: 3, padding: same}
```

## Changing a value on the command line

`--set KEY=VALUE` replaces the value at a dotted key; the value is YAML. Positions in a list count from 0:
`--set training.epochs=3 --set model.layers.3.Dropout=0.5 --set optimizer.Adam.learning_rate=0.01`.
"""


def page() -> str:
    """Markdown of the whole page."""
    parts = [HEAD, "## Sections\n", *section("Top level", Config)]
    for name, model in (("data", Data), ("model", Model), ("training", Training)):
        parts += section(f"`{name}`", model)
    for registry in REGISTRIES:
        parts += classes(registry)
    parts += arguments()
    return "\n".join(parts) + "\n"


def section(title: str, model: type[BaseModel]) -> Iterator[str]:
    """Table of the keys of a section."""
    yield f"### {title}\n"
    yield "| key | default | description |\n|---|---|---|"
    for name, field in model.model_fields.items():
        yield f"| `{name}` | {default(name, field)} | {field.description} |"
    yield ""


def default(name: str, field: FieldInfo) -> str:
    """Default of a key, in Markdown."""
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "`[accuracy]`; with `target: value`, `[mae]`" if name == "metrics" else "see below"
    return f"`{as_yaml(field.default)}`"


def classes(registry: Registry) -> Iterator[str]:
    """Lists of the classes of one kind: supported with signature, then unsupported."""
    yield f"## {plural(registry.kind[0].upper() + registry.kind[1:])}\n"
    for name, signature in registry.signatures.items():
        yield f"- **{name}**({', '.join(map(parameter, parameters(signature)))})  \n  {inspect.getdoc(signature)}"
    yield ""
    yield "Classes of Keras that are not supported:\n"
    for group in UNSUPPORTED_CLASSES[registry.module]:
        instead = f" Instead: {', '.join(group.instead.split())}." if group.instead else ""
        yield f"- {', '.join(group.names.split())}: {group.reason}.{instead}"
    yield ""


def arguments() -> Iterator[str]:
    """List of all arguments; with a class where the meaning is particular to it."""
    signatures = [(name, signature) for registry in REGISTRIES for name, signature in registry.signatures.items()]
    keys = {argument_key(name, argument.name) for name, signature in signatures for argument in parameters(signature)}
    yield "## Arguments\n"
    yield from (f"- `{key}`: {ARGUMENT_DESCRIPTIONS[key]}" for key in sorted(keys, key=str.lower))


def parameters(signature: Callable[..., None]) -> Iterable[inspect.Parameter]:
    """Parameters of a signature of the catalog."""
    return inspect.signature(signature).parameters.values()


def parameter(argument: inspect.Parameter) -> str:
    """`name`, or `name=default`."""
    return argument.name if argument.default is argument.empty else f"{argument.name}={as_yaml(argument.default)}"


def plural(noun: str) -> str:
    """Loss -> Losses, Layer -> Layers."""
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def as_yaml(value: object) -> str:
    """`value` as YAML writes it."""
    names = {None: "null", True: "true", False: "false"}
    return names[value] if value is None or isinstance(value, bool) else str(to_plain_data(value))


if __name__ == "__main__":
    print(page(), end="")
