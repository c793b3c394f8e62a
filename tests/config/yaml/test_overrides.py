"""`--set KEY=VALUE` replaces one value, or says what to write instead."""

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.yaml.document import Document
from mnist_pipeline.config.yaml.overrides import override
from mnist_pipeline.config.yaml.reader import parse
from mnist_pipeline.errors import ConfigError

CONFIG = """\
model:
  layers:
    - Flatten
    - Dense: {units: 10}
optimizer: Adam
training: {epochs: 3}
callbacks: []
"""


def overridden(*assignments: str, config: str = CONFIG) -> Document:
    """`config` after `assignments`."""
    document = parse(config, "c.yaml")
    for number, assignment in enumerate(assignments, 1):
        override(document, assignment, number)
    return document


def refused(assignment: str, config: str = CONFIG) -> str:
    """The error message for `assignment`."""
    with pytest.raises(ConfigError) as error:
        overridden(assignment, config=config)
    return str(error.value)


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("seed=7", ("seed",), 7),
        ("loss=mse", ("loss",), "mse"),
        ("training.epochs=5", ("training", "epochs"), 5),
        (" training.epochs =5", ("training", "epochs"), 5),
        ("training.batch_size=64", ("training", "batch_size"), 64),
        ("model.layers.0=Identity", ("model", "layers", 0), "Identity"),
        ("model.layers.1.Dense.units=20", ("model", "layers", 1, "Dense", "units"), 20),
        ("model.layers.1.Dense={units: 20}", ("model", "layers", 1), {"Dense": {"units": 20}}),
        ("data.target.positive=[1, 3]", ("data", "target"), {"positive": [1, 3]}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_dotted_key_leads_to_the_value_that_changes(assignment: str, path: tuple[str | int, ...], value: Any) -> None:
    assert overridden(assignment).get(path) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("on", "on"),
        ("", None),
        ("[1, 2]", [1, 2]),
        ("{a: 1}", {"a": 1}),
        ("10 epochs", "10 epochs"),
        ("a=b", "a=b"),
        ("'7'", "7"),
        ("3 # a remark", 3),
    ],
)
def test_the_value_is_read_as_yaml(text: str, value: object) -> None:
    assert overridden(f"seed={text}").data["seed"] == value


@given(st.recursive(st.integers() | st.booleans() | st.text("abc", min_size=1), st.lists, max_leaves=5))
def test_any_value_can_be_set_on_one_line(value: Any) -> None:
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6).removesuffix("...\n").strip()
    assert overridden(f"data.dataset={text}").data["data"] == {"dataset": value}


def test_the_rest_of_the_config_stays() -> None:
    before = parse(CONFIG, "c.yaml").data
    assert overridden("training.epochs=5").data == before | {"training": {"epochs": 5}}


def test_of_two_assignments_to_one_key_the_last_wins() -> None:
    assert overridden("seed=1", "seed=2").data["seed"] == 2


def test_an_assignment_can_build_on_the_one_before() -> None:
    document = overridden("model.layers=[Flatten, Dense]", "model.layers.1.Dense.units=4")
    assert document.data["model"]["layers"] == ["Flatten", {"Dense": {"units": 4}}]


@pytest.mark.parametrize("config", ["optimizer: Adam", "optimizer: {Adam: }", "optimizer:", "seed: 1"])
def test_an_argument_can_be_set_for_a_name_without_arguments(config: str) -> None:
    document = overridden("optimizer.Adam.learning_rate=0.01", config=config)
    assert document.data["optimizer"] == {"Adam": {"learning_rate": 0.01}}


def test_an_argument_can_be_set_for_a_name_in_a_list() -> None:
    document = overridden("model.layers.1.Dense.units=7", config="model: {layers: [Flatten, Dense]}")
    assert document.data["model"]["layers"] == ["Flatten", {"Dense": {"units": 7}}]


@pytest.mark.parametrize("assignment", ["training.epochs", "=3", " =3", "training.epochs: 3", ""])
def test_the_error_for_anything_but_an_assignment_has_an_example(assignment: str) -> None:
    assert re.match("--set:1:[78]: expected KEY=VALUE, such as training.epochs=3", refused(assignment))


@pytest.mark.parametrize("position", ["2", "-1", "x", "", "\u00b2"])
def test_the_error_for_a_position_outside_the_list_gives_the_range(position: str) -> None:
    assert "'model.layers' is a list with the positions 0 to 1; " in refused(f"model.layers.{position}=Flatten")


def test_the_error_for_a_position_in_an_empty_list_has_no_range() -> None:
    message = refused("callbacks.0=EarlyStopping")
    assert "callbacks" in message
    assert "-1" not in message


@pytest.mark.parametrize(
    ("assignment", "message_part"),
    [
        ("training.epochs.x=1", "'training.epochs' is 3 and has no keys"),
        ("data.target.zzz=1", "'data.target' is 'digit' and has no keys. Write --set data.target=…"),
        (
            "data.target.positive=[1]",
            "'data.target' is 'digit' and has no keys. Write --set \"data.target={positive: [1]}\"",
        ),
    ],
)
def test_nothing_is_set_below_a_value(assignment: str, message_part: str) -> None:
    assert message_part in refused(assignment, CONFIG + "data: {target: digit}\n")


@pytest.mark.parametrize(
    ("assignment", "column", "message_part"),
    [
        (
            "optimizer.RMSprop.rho=0.8",
            17,
            'optimizer is Adam. To use RMSprop instead, write --set "optimizer={RMSprop: {rho: 0.8}}"',
        ),
        ("optimizer.SGD=", 17, "optimizer is Adam. To use SGD instead, write --set optimizer=SGD"),
        (
            "model.layers.0.Reshape.target_shape.0=4",
            22,
            'model.layers.0 is Flatten. To use Reshape instead, write --set "model.layers.0={Reshape: …}"',
        ),
        (
            "model.layers.1.Conv2D.filters=9",
            22,
            'model.layers.1 is Dense. To use Conv2D instead, write --set "model.layers.1={Conv2D: {filters: 9, k',
        ),
        (
            "optimizer.learning_rate=0.1",
            17,
            "learning_rate belongs to Adam. Write --set optimizer.Adam.learning_rate=0.1",
        ),
        ("optimizer.lr=0.1", 17, "learning_rate belongs to Adam. Write --set optimizer.Adam.learning_rate=0.1"),
        ("model.layers.1.units=9", 22, "units belongs to Dense. Write --set model.layers.1.Dense.units=9"),
        ("model.layers.1.Dens.units=9", 22, "model.layers.1 is Dense, not Dens. Write --set model.layers.1.Dense.unit"),
        ("model.layers.Dense.units=9", 20, "'model.layers' is a list, with Dense at 1. Write --set model.layers.1.D"),
        ("optimizer.zzz=9", 17, "Adam has no argument 'zzz'. To replace optimizer, write --set optimizer=…"),
        ("callbacks.0=EarlyStopping", 17, "'callbacks' is an empty list; it has no '0'. To add"),
    ],
)
@pytest.mark.parametrize("optimizer", ["Adam", "{Adam: {learning_rate: 0.5}}"])
def test_the_error_for_a_key_that_does_not_exist_says_what_to_write(
    assignment: str, column: int, message_part: str, optimizer: str
) -> None:
    message, line, caret = refused(assignment, CONFIG.replace("Adam", optimizer)).splitlines()
    assert message.startswith(f"--set:1:{column}: {message_part}")
    assert line == f"    --set {assignment}"
    assert caret == " " * (column + 3) + "^"


ADVICE = [
    ("optimizer.Adamm.learning_rate=3", 'Did you mean Adam? Write --set "optimizer={Adam: {learning_rate: 3}}"'),
    ("optimizer.SGD.lr=0.1", 'To use SGD instead, write --set "optimizer={SGD: {learning_rate: 0.1}}"'),
    ("optimizer.SGD.learning_rate=-1", 'To use SGD instead, write --set "optimizer={SGD: {learning_rate: …}}"'),
    ("optimizer.SGD=0.1", 'To use SGD instead, write --set "optimizer={SGD: {learning_rate: 0.1}}"'),
    ("optimizer.SGD.zzz=1", "To use SGD instead, write --set optimizer=SGD. SGD has no argument 'zzz'"),
    (
        "optimizer.Dense.units=3",
        "Dense is a layer, not an optimizer. To replace optimizer, write --set o",
    ),
    ("model.layers.0.Dense.activation=relu", 'write --set "model.layers.0={Dense: {activation: relu, units: …}}"'),
    ("model.layers.0.Dense=", 'write --set "model.layers.0={Dense: {units: …}}"'),
    ("model.layers.0.Denze.units=3", 'Did you mean Dense? Write --set "model.layers.0={Dense: {units: 3}}"'),
    (
        "training.epochs.x=3",
        "'training.epochs' is a single value and has no keys. Write --set training.epochs=3",
    ),
    ("training.epochs.x=y", "and has no keys. Write --set training.epochs=…"),
    ("seed.x.y=3", "'seed' is a single value and has no keys. Write --set seed=3"),
]


@pytest.mark.parametrize(("assignment", "message_part"), ADVICE, ids=[assignment for assignment, _ in ADVICE])
def test_what_to_write_instead_is_valid_or_has_a_placeholder(assignment: str, message_part: str) -> None:
    config = "model: {layers: [Flatten]}\noptimizer: {RMSprop: {learning_rate: 1}}\nloss: mse\n"
    message = refused(assignment, config).splitlines()[0]
    assert message_part in message
    advice = re.search('rite --set ("?)(.*?)\\1(?:\\. |$)', message)
    assert advice
    if "…" not in advice[2]:
        Config.model_validate(overridden(advice[2], config=config).data)


@pytest.mark.parametrize("text", ["adam", "Adam", "ADAM"])
def test_a_name_matches_in_any_spelling(text: str) -> None:
    document = overridden("optimizer.Adam.learning_rate=0.1", config=f"optimizer: {text}")
    assert document.data == {"optimizer": {text: {"learning_rate": 0.1}}}


def test_what_to_write_instead_works() -> None:
    advice = re.search('--set "(.*?)"', refused("optimizer.SGD.learning_rate=0.1"))
    assert advice
    assert overridden(advice[1]).data["optimizer"] == {"SGD": {"learning_rate": 0.1}}


def test_an_error_shows_the_assignment_with_a_caret_under_the_part() -> None:
    assert refused("seed.x=1", "seed: 2") == (
        "--set:1:12: 'seed' is 2 and has no keys. Write --set seed=1\n    --set seed.x=1\n               ^"
    )


def test_the_location_has_the_number_of_the_assignment() -> None:
    with pytest.raises(ConfigError) as error:
        overridden("seed=1", "nonsense")
    assert str(error.value).startswith("--set:2:7: ")


@pytest.mark.parametrize(
    ("assignment", "column"),
    [("training.epochs=[", 24), ("seed=*a", 12), ("seed=a: b: c", 16), ("seed=x\x07", 13)],
)
def test_a_value_that_is_not_yaml_is_shown_within_the_assignment(assignment: str, column: int) -> None:
    place, line, caret = refused(assignment).splitlines()
    assert place.startswith(f"--set:1:{column}: ")
    assert line.startswith("    --set " + assignment[: column - 7])
    assert caret == " " * (column + 3) + "^"


def test_the_error_for_a_value_that_is_not_yaml_has_the_number_of_the_assignment() -> None:
    with pytest.raises(ConfigError) as error:
        overridden("seed=1", "seed=[")
    assert str(error.value).startswith("--set:2:")


def test_a_duplicate_key_in_a_value_is_located_within_the_assignment() -> None:
    (diagnostic,) = overridden("training={epochs: 1, epochs: 2}").diagnostics
    assert (diagnostic.location.source, diagnostic.location.column) == ("--set", 28)
    assert diagnostic.location.text == "--set training={epochs: 1, epochs: 2}"


@pytest.mark.parametrize("path", [("training", "epochs"), ("training",), ("training", "epochs", "x")], ids=str)
def test_the_location_of_a_set_value_is_its_assignment(path: tuple[str, ...]) -> None:
    place = overridden("seed=1", "training={epochs: 5}").locate(path)
    assert (place.source, place.line, place.text) == ("--set", 2, "--set training={epochs: 5}")


def test_the_location_of_a_set_key_is_the_last_part_of_the_key() -> None:
    place = overridden(" training.epochs =5").locate(("training", "epochs"), key=True)
    assert place.text[place.column - 1 :] == "epochs =5"


def test_the_location_of_a_created_key_is_its_part_of_the_key() -> None:
    place = overridden("traning.x.epochs=5").locate(("traning", "x"))
    assert place.text[place.column - 1 :] == "x.epochs=5"


def test_the_location_of_other_values_stays() -> None:
    assert str(overridden("training.epochs=5").locate(("optimizer",))) == "c.yaml:5:12"


def test_an_assignment_with_a_line_break_is_shown_on_one_line() -> None:
    _, line, caret = refused("a\nb").split("\n")
    assert line == "    --set a\\nb"
    assert caret.index("^") == line.index("a")


@given(st.text(max_size=30))
def test_any_assignment_is_applied_or_refused(assignment: str) -> None:
    document = parse(CONFIG, "c.yaml")
    try:
        override(document, assignment, 1)
    except ConfigError as error:
        assert str(error).startswith("--set:")  # noqa: PT017, both outcomes are right
    else:
        assert "=" in assignment
