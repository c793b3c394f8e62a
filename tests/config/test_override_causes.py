"""An error or warning that a `--set` causes is located at that `--set`."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_pipeline.config import presets
from mnist_pipeline.config.lint.rules import lint
from mnist_pipeline.config.load import load
from mnist_pipeline.config.yaml import reader
from mnist_pipeline.errors import ConfigError
from tests.config.config_files import VALID, loaded, locations, refused

pytestmark = pytest.mark.usefixtures("empty_folder")


def message_of(preset: str, *overrides: str) -> str:
    """The error message for a preset with overrides, or its warnings."""
    try:
        return "\n".join(map(str, load(preset, overrides).warnings))
    except ConfigError as error:
        return str(error)


@pytest.mark.parametrize(
    "overrides",
    [
        ["optimizer.Adam.learning_rate=0.01"],
        ["data.target=value"],
        ["data.target={positive: [1, 3]}"],
        ["loss=mse", "metrics=[SparseCategoricalAccuracy]"],
        ["loss=sparse_categorical_crossentropy", "metrics=[AUC]"],
        ["model.layers.5.Dense=9"],
        ["model.layers.0=Identity"],
        ["callbacks=[EarlyStopping]", "data.validation_split=0", "callbacks=[{EarlyStopping: {monitor: val_loss}}]"],
        ["training.epochs=2", "callbacks=[{EarlyStopping: {patience: 3}}]"],
        ["optimizer={RMSprop: {clipnorm: 1, clipvalue: 1}}"],
    ],
    ids=" ".join,
)
def test_what_an_override_causes_is_located_at_the_override(overrides: list[str]) -> None:
    message = message_of("leaky_relu", *overrides)
    assert f"    --set {overrides[-1]}\n" in message + "\n"
    assert str(presets.folder()) not in message
    assert "leaky_relu.yaml" not in message


def test_the_value_that_an_override_contradicts_is_named_with_its_line_and_key() -> None:
    message = message_of("leaky_relu", "seed=1", "data.target=value", "training.epochs=3")
    line = next(
        n for n, text in enumerate((presets.folder() / "leaky_relu.yaml").read_text().splitlines(), 1) if "loss" in text
    )
    assert (
        "--set:2:7: CategoricalCrossentropy does not fit data.target: value. The usual loss for it is "
        f"mean_squared_error. To change that as well (line {line} of the preset leaky_relu): --set loss=…\n"
        "    --set data.target=value\n"
        "          ^\n"
    ) in message
    assert message.endswith("2 errors in --set; nothing was started.")


def test_a_warning_that_an_override_causes_is_located_at_the_override() -> None:
    (warning,) = loaded(VALID + "callbacks: [{EarlyStopping: {patience: 4}}]\n", "training.epochs=3").warnings
    assert str(warning).startswith(
        "--set:1:7: warning: EarlyStopping never acts: patience is 4, and training has 3 epochs"
    )
    assert "(line 6 of config.yaml): --set callbacks.0.EarlyStopping.patience=…" in str(warning)


def test_what_is_wrong_in_the_file_alone_is_located_there() -> None:
    text = VALID + "callbacks: [{EarlyStopping: {patience: 4}}]\n"
    (warning,) = loaded(text + "training: {epochs: 4}\n", "seed=3").warnings
    assert str(warning).startswith("config.yaml:6:40: warning: ")
    assert locations(refused(text.replace("10", "9"), "training.epochs=3")) == ["4:14"]


PATHS = [
    (preset, ".".join(map(str, path)))
    for preset in ("leaky_relu", "complete", "residual", "binary")
    for path in load(preset).document.values
    if path
]
VALUES = [
    "1",
    "-1",
    "x",
    "[]",
    "{}",
    "",
    "mse",
    "Adam",
    "value",
    "true",
    "'3'",
    "0.5",
    "{Dense: 3}",
    "[Flatten]",
    "1e9",
]
PARTS = st.sampled_from(["", "", ".x", ".0", ".Dense", ".learning_rate", ".positive", ".epochs"])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PATHS), PARTS, st.lists(st.sampled_from(VALUES), min_size=1, max_size=2))
def test_whatever_is_set_in_a_preset_no_message_is_about_its_file(
    where: tuple[str, str], part: str, values: list[str]
) -> None:
    preset, key = where
    message = message_of(preset, *(f"{key}{part}={value}" for value in values))
    assert "presets" not in message
    assert "configs" not in message
    assert all(line.startswith(("--set:", "    ")) for line in message.splitlines()[:-1]), message


def test_causes_are_found_without_reading_the_file_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read, checked = [], []
    monkeypatch.setattr("mnist_pipeline.config.load.read", lambda file: read.append(file) or reader.read(file))
    monkeypatch.setattr("mnist_pipeline.config.validate.lint", lambda each: checked.append(each) or lint(each))
    waiting = VALID + "callbacks: [{EarlyStopping: {patience: 14}}]\n"
    loaded(waiting, "seed=1", "loss=categorical_crossentropy", "seed=2")
    assert len(read) == 1
    assert len(checked) == 2  # with all overrides, and with none
