"""What pydantic finds is said in the words of someone who is learning."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, create_model

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.explain import explain_error
from mnist_pipeline.config.keras.spec import STRICT
from mnist_pipeline.config.keras.types import Axes, Size, Steps
from mnist_pipeline.config.messages import drop_implied_errors, format_error
from mnist_pipeline.config.schema import Config, section_keys
from mnist_pipeline.config.suggestions import SYNONYMS, list_names, suggest
from mnist_pipeline.config.values import MAX_VALUE_LENGTH, format_value

SECTIONS = [(), ("data",), ("model",), ("training",)]
ENTRIES = [(table, name) for table in REGISTRIES for name in table.signatures]
KNOWN = {
    *(key for path in SECTIONS for key in section_keys(path)),
    *(name for _, name in ENTRIES),
    *(alias for table in REGISTRIES for alias in table.aliases),
    *(argument for table, name in ENTRIES for argument in table.model(name).model_fields),
}


def said(annotation: Any, value: Any) -> str:
    """The sentence for `value` as the key `size` of a thing called Thing."""
    model = create_model("Thing", __config__=STRICT, size=(annotation, ...))
    return sentence(model, {"size": value})


def sentence(model: type[BaseModel], value: Any) -> str:
    """The one sentence about `value`."""
    with pytest.raises(ValidationError) as error:
        model.model_validate(value)
    (found,) = drop_implied_errors(error.value.errors(), lambda _: list(model.model_fields))
    return format_error(found, "Thing", list(model.model_fields))


# The likely name


@pytest.mark.parametrize(
    ("name", "known", "meant"),
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
def test_the_likely_name_is_a_habit_or_the_nearest(name: str, known: list[str], meant: str | None) -> None:
    assert suggest(name, known) == meant


@pytest.mark.parametrize("habit", SYNONYMS)
def test_every_habit_leads_to_a_name_that_there_is(habit: str) -> None:
    assert SYNONYMS[habit] in KNOWN | {"val_accuracy"}
    assert habit not in {*section_keys(()), *section_keys(("data",)), *section_keys(("training",))}


@settings(deadline=None)
@given(st.text(max_size=12), st.lists(st.text(max_size=8), max_size=6))
def test_the_likely_name_is_always_a_known_one(name: str, known: list[str]) -> None:
    assert suggest(name, known) in {None, *known}


def test_a_few_names_are_all_told_in_their_order() -> None:
    assert list_names("zzz", ["units", "activation"]) == "Expected one of: units, activation"


def test_of_many_names_the_nearest_are_told_in_order_and_where_all_stand() -> None:
    many = ["swish", "softplus", "Softmax", "softsign", "elu", "relu", "gelu", "selu", "tanh", "mish", "linear", "silu"]
    assert list_names("soft", many) == (
        "Similar names: Softmax, softplus, softsign. All names: docs/config.md, or mnist schema"
    )


def test_where_no_name_is_near_only_the_place_of_the_whole_list_is_told() -> None:
    assert list_names("!!!!", [f"name_{n}" for n in range(20)]) == "All names: docs/config.md, or mnist schema"


# One finding, one sentence


@pytest.mark.parametrize(
    ("annotation", "value", "words"),
    [
        (int, "x", "size: expected an integer, received 'x'"),
        (int, "3", "size: expected an integer, received '3'. Remove the quotes"),
        (float, "1e-3", "size: expected a number, received '1e-3'. Remove the quotes"),
        (bool, "true", "size: expected true or false, received 'true'. Remove the quotes"),
        (bool, "1", "size: expected true or false, received '1'"),
        (Size, "(3", "size: expected a number or a list, received '(3'. Write a list as [3, 3]"),
        (list[int], "(3, 3)", "size: expected a list, received '(3, 3)'. Write [3, 3]"),
        (int, "None", "size: expected an integer, received 'None'. Write null, or leave it out"),
        (Literal["relu", "tanh"], "None", "size: unknown value 'None'. Write null, or leave it out"),
        (int, "3 epochs", "size: expected an integer, received '3 epochs'"),
        (Size, "3", "size: expected a number or a list, received '3'. Remove the quotes"),
        (
            Literal["auto", True, False],
            "true",
            "size: unknown value 'true'. Remove the quotes",
        ),
        (
            Steps,
            "300",
            "size: expected a number of steps, or a length such as '10 epochs', received '300'. Remove the quotes",
        ),
        (int, 1.5, "size: expected an integer, received 1.5"),
        (int, None, "size: expected an integer, received nothing"),
        (int, False, "size: expected an integer, received false"),
        (float, "x", "size: expected a number, received 'x'"),
        (float, float("inf"), "size: expected a finite number, received inf"),
        (bool, 1, "size: expected true or false, received 1"),
        (str, 1, "size: expected a string, received 1. Put it in quotes"),
        (str, None, "size: expected a string, received nothing"),
        (list[int], 3, "size: expected a list, received 3"),
        (dict[str, int], 3, "size: expected key: value pairs, received 3"),
        (Annotated[int, Field(gt=0)], 0, "size: expected a number greater than 0, received 0"),
        (Annotated[int, Field(ge=2)], 1, "size: expected a number of at least 2, received 1"),
        (Annotated[float, Field(lt=1)], 1.0, "size: expected a number less than 1, received 1.0"),
        (Literal["valid", "same"], "sam", "size: unknown value 'sam'. Did you mean 'same'?"),
        (Literal["valid", "same"], "zzz", "size: unknown value 'zzz'. Expected one of: valid, same"),
        (Literal["auto", True, False], "maybe", "size: unknown value 'maybe'. Expected one of: auto, true, false"),
        (Axes, "x", "size: expected a number or a list, received 'x'"),
        (Axes, [1, "x"], "size: expected an integer, received 'x'"),
        (Size, 0, "size: expected a number greater than 0, received 0"),
    ],
)
def test_a_wrong_value_is_told_what_is_expected_and_what_was_received(annotation: Any, value: Any, words: str) -> None:
    assert said(annotation, value) == words


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Annotated[list[int], Field(min_length=1)], []),
        (Annotated[list[int], Field(max_length=1)], [1, 2]),
        (Size, [1]),
        (Size, [1, 2, 3]),
    ],
    ids=["none", "too many", "one of two", "three of two"],
)
def test_a_list_of_the_wrong_length_is_told_without_the_words_of_the_library(annotation: Any, value: Any) -> None:
    words = said(annotation, value)
    assert words.startswith("size: expected at ")
    assert "validation" not in words


def test_a_long_value_is_shortened() -> None:
    words = said(int, "x" * 1000)
    assert len(words) < 120
    assert words.endswith("xxx...'")


@pytest.mark.parametrize(
    ("value", "ending"),
    [(["x"] * 1000, "...]"), ({"x": ["y"] * 1000}, "...}"), ("\"'" * 1000, "...'"), ("\x1b" * 1000, "...'")],
    ids=["list", "mapping", "quotes", "escapes"],
)
def test_a_value_that_is_cut_keeps_what_closes_it(value: Any, ending: str) -> None:
    words = format_value(value)
    assert len(words) <= MAX_VALUE_LENGTH
    assert words.endswith(ending)


@pytest.mark.parametrize(
    ("sections", "received"),
    [
        ({"training": {"epochs": 1e300}}, "received 1e+300"),
        ({"training": {"epochs": 0.0}}, "received 0.0"),
        ({"data": {"dataset": 3.0}}, "received 3.0. Put it in quotes"),
        ({"metrics": [{"mse": {"name": 3.0}}]}, "received 3.0. Put it in quotes"),
        ({"model": {"layers": [{"Dense": {"units": -2.0}}]}}, "received -2.0"),
        ({"model": {"layers": [{"MaxPooling2D": [2.0, -2.0]}]}}, "received -2.0"),
        ({"training": {"jit_compile": 2.0}}, "unknown value 2.0"),
    ],
    ids=str,
)
def test_a_number_is_shown_as_it_was_written(sections: dict[str, Any], received: str) -> None:
    with pytest.raises(ValidationError) as error:
        Config.model_validate({"model": {"layers": ["Flatten"]}, "loss": "mse"} | sections)
    found = error.value.errors()[0]
    assert received in explain_error(found, "a config", [])


def test_a_whole_number_with_a_point_is_a_whole_number_and_nothing_else() -> None:
    config = Config.model_validate({"model": {"layers": [{"Dense": 3.0}]}, "loss": "mse", "seed": 4.0})
    assert (type(config.seed), type(config.model.layers[0].config["units"])) == (int, int)


def test_a_number_too_long_to_be_printed_is_worded_all_the_same() -> None:
    assert said(Annotated[int, Field(lt=10)], 16**5000).startswith("size: expected a number less than 10")


def test_a_missing_key_is_named_with_its_owner() -> None:
    assert (
        sentence(create_model("Thing", __config__=STRICT, size=(int, ...)), {})
        == "Thing: missing required argument 'size'"
    )


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"metrics": "accuracy"}, "metrics: expected a list, received 'accuracy'. Write [accuracy]"),
        ({"layers": "Flatten"}, "layers: expected a list, received 'Flatten'. Write [Flatten]"),
        ({"callbacks": {"EarlyStopping": {}}}, ". Begin each item with '- ', such as '- EarlyStopping'"),
        (
            {"callbacks": {"EarlyStopping": {"patience": 3}}},
            ", such as '- EarlyStopping: …'",
        ),
        ({"layers": "a: b"}, "layers: expected a list, received 'a: b'"),
        ({"layers": {}}, "layers: expected a list, received {}"),
    ],
    ids=str,
)
def test_one_object_in_place_of_a_list_is_answered_with_the_list(written: dict[str, Any], words: str) -> None:
    fields: dict[str, Any] = dict.fromkeys(written, (list[str], ...))
    assert sentence(create_model("Thing", __config__=STRICT, **fields), written).endswith(words)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["size", "name"], "Thing: unknown argument 'zzz'. Expected one of: size, name"),
        (["zzzz"], "Thing: unknown argument 'zzz'. Did you mean 'zzzz'?"),
        ([], "Thing: unknown argument 'zzz'. Thing takes none"),
    ],
)
def test_an_unknown_key_is_answered_with_the_likely_or_the_known_ones(keys: list[str], words: str) -> None:
    fields: dict[str, Any] = dict.fromkeys(keys, (int, 1))
    assert sentence(create_model("Thing", __config__=STRICT, **fields), {"zzz": 1}) == words


def test_the_end_of_a_list_in_parentheses_which_yaml_takes_for_a_key_is_told_as_such() -> None:
    assert sentence(create_model("Thing", __config__=STRICT, size=(int, 1)), {"3)": None}) == (
        "'3)' is left over from Python's parentheses. Write [3, 3] for a list, Name: {argument: value} for a call"
    )


def test_a_missing_key_that_was_misspelt_is_told_once() -> None:
    assert sentence(create_model("Thing", __config__=STRICT, units=(int, ...)), {"unit": 1}) == (
        "Thing: unknown argument 'unit'. Did you mean 'units'?"
    )


def test_a_missing_key_beside_an_unrelated_one_is_told_too() -> None:
    model = create_model("Thing", __config__=STRICT, units=(int, ...))
    with pytest.raises(ValidationError) as error:
        model.model_validate({"zzz": 1})
    assert len(drop_implied_errors(error.value.errors(), lambda _: ["units"])) == 2


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab"),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
        max_leaves=6,
    )
)
def test_no_value_is_answered_in_the_words_of_the_library(value: Any) -> None:
    try:
        Config.model_validate({"model": value, "loss": value, "seed": value, "data": value, "metrics": value})
    except ValidationError as error:
        words = " ".join(explain_error(each, "a config", section_keys(())) for each in error.errors())
        assert not any(foreign in words for foreign in ("Input should", "pydantic", "instance of", "a valid ")), words
