"""For a misspelled name, the likely one is suggested, or all are listed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.schema import section_keys
from mnist_pipeline.config.suggestions import SYNONYMS, list_names, suggest

SECTIONS = [(), ("data",), ("model",), ("training",)]
ENTRIES = [(table, name) for table in REGISTRIES for name in table.signatures]
NAMES = {
    *(key for path in SECTIONS for key in section_keys(path)),
    *(name for _, name in ENTRIES),
    *(alias for table in REGISTRIES for alias in table.aliases),
    *(argument for table, name in ENTRIES for argument in table.model(name).model_fields),
}


@pytest.mark.parametrize(
    ("name", "names", "suggestion"),
    [
        ("unit", ["units", "rate"], "units"),
        ("UNITS", ["units", "rate"], "units"),
        ("softmx", ["softmax", "softplus"], "softmax"),
        ("optimiser", ["optimizer", "loss"], "optimizer"),
        ("epoch", ["batch_size", "epochs"], "epochs"),
        ("conv2d", ["Conv2D", "Conv1D"], "Conv2D"),
        ("Relu", ["ReLU", "relu"], "ReLU"),
        ("relus", ["ReLU", "relu"], "relu"),
        ("lr", ["learning_rate", "momentum"], "learning_rate"),
        ("Linear", ["Dense", "linear"], "Dense"),
        ("zzz", ["Dense", "Dropout"], None),
        ("lr", ["units"], None),
        ("", ["units"], None),
        ("units", [], None),
    ],
)
def test_the_suggestion_is_a_synonym_or_the_nearest_name(name: str, names: list[str], suggestion: str | None) -> None:
    assert suggest(name, names) == suggestion


@pytest.mark.parametrize("synonym", SYNONYMS)
def test_every_synonym_leads_to_a_name_that_exists(synonym: str) -> None:
    assert SYNONYMS[synonym] in NAMES | {"val_accuracy"}
    assert synonym not in {*section_keys(()), *section_keys(("data",)), *section_keys(("training",))}


@settings(deadline=None)
@given(st.text(max_size=12), st.lists(st.text(max_size=8), max_size=6))
def test_the_suggestion_is_always_one_of_the_names(name: str, names: list[str]) -> None:
    assert suggest(name, names) in {None, *names}


def test_a_few_names_are_all_listed_in_their_order() -> None:
    assert list_names("zzz", ["units", "activation"]) == "Expected one of: units, activation"


def test_of_many_names_the_nearest_are_listed_and_where_all_are() -> None:
    many = ["swish", "softplus", "Softmax", "softsign", "elu", "relu", "gelu", "selu", "tanh", "mish", "linear", "silu"]
    assert list_names("soft", many) == (
        "Similar names: Softmax, softplus, softsign. All names: docs/config.md, or mnist schema"
    )


def test_without_a_similar_name_only_the_place_of_all_names_is_shown() -> None:
    assert list_names("!!!!", [f"name_{n}" for n in range(20)]) == "All names: docs/config.md, or mnist schema"
