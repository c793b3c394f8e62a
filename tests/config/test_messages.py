"""pydantic's errors become messages that a beginner understands."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, create_model

from mnist_pipeline.config.formatting import MAX_VALUE_LENGTH, format_value
from mnist_pipeline.config.keras.explain import explain_error
from mnist_pipeline.config.keras.spec import STRICT
from mnist_pipeline.config.keras.types import Axes, Size, Steps
from mnist_pipeline.config.messages import drop_implied_errors, format_error
from mnist_pipeline.config.schema import Config, Data, section_keys


def message_for(annotation: Any, value: Any) -> str:
    """The message for `value` as the argument `size` of Thing."""
    model = create_model("Thing", __config__=STRICT, size=(annotation, ...))
    return error_message(model, {"size": value})


def error_message(model: type[BaseModel], value: Any) -> str:
    """The message of the one error in `value`."""
    with pytest.raises(ValidationError) as raised:
        model.model_validate(value)
    (error,) = drop_implied_errors(raised.value.errors(), lambda _: list(model.model_fields))
    return format_error(error, "Thing", list(model.model_fields))


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (int, "x", "size: expected an integer, received 'x'"),
        (int, "3", "size: expected an integer, received '3'. Remove the quotes"),
        (float, "1e-3", "size: expected a number, received '1e-3'. Remove the quotes"),
        (bool, "true", "size: expected true or false, received 'true'. Remove the quotes"),
        (bool, "1", "size: expected true or false, received '1'"),
        (Size, "(3", "size: expected a number or a list, received '(3'. Write a list as [3, 3]"),
        (list[int], "(3)", "size: expected a list, received '(3)'. Write [3]"),
        (list[int], "(3, x)", "size: expected a list, received '(3, x)'. Write a list as [3, 3]"),
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
def test_the_message_says_what_is_expected_and_what_was_received(annotation: Any, value: Any, message: str) -> None:
    assert message_for(annotation, value) == message


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
def test_the_message_for_a_list_of_the_wrong_length_is_plain(annotation: Any, value: Any) -> None:
    message = message_for(annotation, value)
    assert message.startswith("size: expected at ")
    assert "validation" not in message


def test_a_long_value_is_shortened() -> None:
    message = message_for(int, "x" * 1000)
    assert len(message) < 120
    assert message.endswith("xxx...'")


@pytest.mark.parametrize(
    ("value", "ending"),
    [(["x"] * 1000, "...]"), ({"x": ["y"] * 1000}, "...}"), ("\"'" * 1000, "...'"), ("\x1b" * 1000, "...'")],
    ids=["list", "mapping", "quotes", "escapes"],
)
def test_a_value_that_is_cut_keeps_what_closes_it(value: Any, ending: str) -> None:
    message = format_value(value)
    assert len(message) <= MAX_VALUE_LENGTH
    assert message.endswith(ending)


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
    with pytest.raises(ValidationError) as raised:
        Config.model_validate({"model": {"layers": ["Flatten"]}, "loss": "mse"} | sections)
    error = raised.value.errors()[0]
    assert received in explain_error(error, "config", [])


def test_an_integer_written_with_a_point_is_an_integer() -> None:
    config = Config.model_validate({"model": {"layers": [{"Dense": 3.0}]}, "loss": "mse", "seed": 4.0})
    assert (type(config.seed), type(config.model.layers[0].config["units"])) == (int, int)


def test_a_number_too_long_to_be_printed_has_a_message_too() -> None:
    assert message_for(Annotated[int, Field(lt=10)], 16**5000).startswith("size: expected a number less than 10")


def test_a_missing_key_is_named_with_its_owner() -> None:
    assert (
        error_message(create_model("Thing", __config__=STRICT, size=(int, ...)), {})
        == "Thing: missing required argument 'size'"
    )


@pytest.mark.parametrize(
    ("value", "message"),
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
def test_the_message_for_one_object_in_place_of_a_list_shows_the_list(value: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = dict.fromkeys(value, (list[str], ...))
    assert error_message(create_model("Thing", __config__=STRICT, **fields), value).endswith(message)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["size", "name"], "Thing: unknown argument 'zzz'. Expected one of: size, name"),
        (["zzzz"], "Thing: unknown argument 'zzz'. Did you mean 'zzzz'?"),
        ([], "Thing: unknown argument 'zzz'. Thing takes none"),
    ],
)
def test_the_message_for_an_unknown_key_suggests_the_likely_or_lists_all(keys: list[str], message: str) -> None:
    fields: dict[str, Any] = dict.fromkeys(keys, (int, 1))
    assert error_message(create_model("Thing", __config__=STRICT, **fields), {"zzz": 1}) == message


def test_the_end_of_a_tuple_which_yaml_reads_as_a_key_has_a_message_of_its_own() -> None:
    assert error_message(create_model("Thing", __config__=STRICT, size=(int, 1)), {"3)": None}) == (
        "'3)' is left over from Python's parentheses. Write [3, 3] for a list, Name: {argument: value} for a call"
    )


def test_the_message_for_an_unknown_target_lists_the_mapping_too() -> None:
    with pytest.raises(ValidationError) as raised:
        Data.model_validate({"target": "odd"})
    (error,) = raised.value.errors()
    expected = "Expected one of: digit, value, {positive: [1, 3]}"
    assert format_error(error, "data", section_keys(("data",))) == f"target: unknown value 'odd'. {expected}"


def test_a_missing_key_that_was_misspelled_is_one_error() -> None:
    assert error_message(create_model("Thing", __config__=STRICT, units=(int, ...)), {"unit": 1}) == (
        "Thing: unknown argument 'unit'. Did you mean 'units'?"
    )


def test_a_missing_key_beside_an_unrelated_one_is_an_error_too() -> None:
    model = create_model("Thing", __config__=STRICT, units=(int, ...))
    with pytest.raises(ValidationError) as raised:
        model.model_validate({"zzz": 1})
    assert len(drop_implied_errors(raised.value.errors(), lambda _: ["units"])) == 2


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab"),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
        max_leaves=6,
    )
)
def test_no_message_has_the_terms_of_the_library(value: Any) -> None:
    try:
        Config.model_validate({"model": value, "loss": value, "seed": value, "data": value, "metrics": value})
    except ValidationError as error:
        message = " ".join(explain_error(each, "config", section_keys(())) for each in error.errors())
        assert not any(foreign in message for foreign in ("Input should", "pydantic", "instance of", "a valid ")), (
            message
        )
