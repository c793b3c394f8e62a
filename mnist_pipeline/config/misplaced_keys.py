"""What to say of a key that its section does not have: where it belongs, or why no config has it."""

from mnist_pipeline.config.keras.catalog.callbacks import CALLBACKS
from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.schema import section_keys
from mnist_pipeline.config.suggestions import SYNONYMS, suggest
from mnist_pipeline.config.yaml.document import KeyPath

SECTIONS: tuple[KeyPath, ...] = ((), ("data",), ("model",), ("training",))
ARGUMENTS = (
    (OPTIMIZERS, "the optimizer: optimizer: {NAME: {KEY: …}}"),
    (CALLBACKS, "a callback: callbacks: [NAME: {KEY: …}]"),
)

# What scripts give to Keras' fit and compile, and a config does not.
REFUSED = {
    **dict.fromkeys(
        ("validation_data", "validation", "validation_set", "val_data", "val_set", "test_data", "test_set"),
        "data.validation_split keeps a part of the training images for validation. The test images are never used for "
        "it: a model that is chosen by them looks better than it is",
    ),
    "shuffle": "the images are shuffled anew in every epoch",
    "verbose": "a run shows its own progress",
    "steps_per_epoch": "an epoch is all training images once; data.train_samples makes it shorter",
    "input_shape": "the first layer is given the pixels, (28, 28, 1), by itself",
}


ELSEWHERE = 0.8  # how similar a key of another section has to be


def sentence(key: str, here: KeyPath) -> str | None:
    """Where `key` belongs, which the section `here` does not have; None where only `here` may have what is meant."""
    if key in REFUSED:
        return f"a config has no '{key}': {REFUSED[key]}"
    path, name = home(key, here), named(key)
    if path is not None:
        return f"'{key}' belongs {_place(path)}" + (f", as '{name}'" if name != key else "")
    for table, written in ARGUMENTS:
        owner = _owner(table, name)
        if owner:
            return f"'{key}' belongs to {written.replace('NAME', owner).replace('KEY', name)}"
    near = _near(key, here)
    return f"'{key}' is not known here. Did you mean '{near[1]}', {_place(near[0])}?" if near else None


def meant(key: str, here: KeyPath) -> KeyPath | None:
    """The path at which `key` was probably meant to stand, which the section `here` does not have."""
    path, name = home(key, here), named(key)
    if path is not None:
        return (*path, name)
    near = None if any(_owner(table, name) for table, _ in ARGUMENTS) else _near(key, here)
    return (*near[0], near[1]) if near else None


def _near(key: str, here: KeyPath) -> tuple[KeyPath, str] | None:
    """Another section, and the key of it that is as good as `key`; None where `here` has one that is like it."""
    if suggest(key, section_keys(here)):
        return None
    near = ((path, suggest(key, section_keys(path), ELSEWHERE)) for path in SECTIONS if path != here)
    return next(((path, name) for path, name in near if name), None)


def home(key: str, here: KeyPath) -> KeyPath | None:
    """The section that `key`, or what is commonly called so, belongs to; None where it is this one or none."""
    name = named(key)
    if name in section_keys(here) or here[-1:] == (key,):
        return None
    return next((path for path in SECTIONS if name in section_keys(path)), None)


def named(key: str) -> str:
    """How a config calls what is commonly called `key`."""
    return key if any(key in section_keys(path) for path in SECTIONS) else SYNONYMS.get(key, key)


def _owner(table: Registry, argument: str) -> str | None:
    """An object of `table` with this argument; Adam of the many optimizers that share one."""
    owners = table.owners(argument)
    return "Adam" if "Adam" in owners else next(iter(owners), None)


def _place(path: KeyPath) -> str:
    return f"under '{path[0]}'" if path else "at the top of the config"
