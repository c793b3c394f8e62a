"""Messages for a key in the wrong section, or that no config has."""

from mnist_pipeline.config.keras.catalog.callbacks import CALLBACKS
from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.keras.unsupported import UNSUPPORTED_FIT_ARGUMENTS
from mnist_pipeline.config.schema import section_keys
from mnist_pipeline.config.suggestions import SYNONYMS, suggest
from mnist_pipeline.config.yaml.document import KeyPath

SECTIONS: tuple[KeyPath, ...] = ((), ("data",), ("model",), ("training",))
MIN_SIMILARITY = 0.8  # of a key of another section; higher than within one, where it is the likelier meaning

# Where arguments of optimizers and callbacks belong.
ARGUMENT_OWNERS = (
    (OPTIMIZERS, "the optimizer: optimizer: {NAME: {KEY: …}}"),
    (CALLBACKS, "a callback: callbacks: [NAME: {KEY: …}]"),
)


def explain(key: str, section: KeyPath) -> str | None:
    """Where `key` belongs, or why no config has it; None if neither is certain.

    `section` is the one in which it is written, which does not have it.
    """
    if key in UNSUPPORTED_FIT_ARGUMENTS:
        return f"'{key}' is not needed: {UNSUPPORTED_FIT_ARGUMENTS[key]}"
    home, name = section_of(key, section), canonical_name(key)
    if home is not None:
        return f"'{key}' belongs {_under(home)}" + (f", as '{name}'" if name != key else "")
    for registry, notation in ARGUMENT_OWNERS:
        owner = _owner(registry, name)
        if owner:
            return f"'{key}' belongs to {notation.replace('NAME', owner).replace('KEY', name)}"
    similar = _similar_elsewhere(key, section)
    return f"unknown key '{key}'. Did you mean '{similar[-1]}', {_under(similar[:-1])}?" if similar else None


def intended_path(key: str, section: KeyPath) -> KeyPath | None:
    """Path of the key of another section that `key` of `section` probably means."""
    home, name = section_of(key, section), canonical_name(key)
    if home is not None:
        return (*home, name)
    if any(_owner(registry, name) for registry, _ in ARGUMENT_OWNERS):
        return None
    return _similar_elsewhere(key, section)


def section_of(key: str, section: KeyPath) -> KeyPath | None:
    """Another section than `section` that has `key`, or what it is a synonym of."""
    name = canonical_name(key)
    if name in section_keys(section) or section[-1:] == (key,):
        return None
    return next((path for path in SECTIONS if name in section_keys(path)), None)


def canonical_name(key: str) -> str:
    """The name in a config of `key`, which may be a synonym."""
    return key if any(key in section_keys(path) for path in SECTIONS) else SYNONYMS.get(key, key)


def _similar_elsewhere(key: str, section: KeyPath) -> KeyPath | None:
    """Path of a key of another section that is spelled much like `key`.

    None if a key of `section` itself is spelled like it.
    """
    if suggest(key, section_keys(section)):
        return None
    for path in SECTIONS:
        similar = suggest(key, section_keys(path), MIN_SIMILARITY) if path != section else None
        if similar:
            return (*path, similar)
    return None


def _owner(registry: Registry, argument: str) -> str | None:
    """A class of `registry` with `argument`; Adam if it is one of several."""
    owners = registry.with_argument(argument)
    return "Adam" if "Adam" in owners else next(iter(owners), None)


def _under(section: KeyPath) -> str:
    return f"under '{section[0]}'" if section else "at the top level of the config"
