"""A file or preset becomes a config, or all its errors are reported at once."""

import difflib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_pipeline.config import presets
from mnist_pipeline.config.load import load, load_text
from mnist_pipeline.config.messages import MAX_DIAGNOSTICS
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.validate import validate
from mnist_pipeline.config.yaml.document import Diagnostic
from mnist_pipeline.config.yaml.reader import parse
from mnist_pipeline.errors import ConfigError
from mnist_pipeline.run.folder import Run
from tests.config.config_files import VALID, loaded, locations, refused
from tests.strategies import configs

pytestmark = pytest.mark.usefixtures("empty_folder")

FIVE_MISTAKES = """\
data:
  val_split: 0.2
model:
  layers:
    - Flatten
    - Dense: {units: ten}
    - Droput: 0.3
    - Dense: {units: 10, activation: softmx}
optimizer:
  Adam: {learning_rate: -1}
loss: categorical_crossentropy
"""

FIVE_MESSAGES = """\
config.yaml:2:3: data: unknown key 'val_split'. Did you mean 'validation_split'?
      val_split: 0.2
      ^
config.yaml:6:22: units: expected an integer, received 'ten'
        - Dense: {units: ten}
                         ^
config.yaml:7:7: 'Droput' is not a layer. Did you mean 'Dropout'?
        - Droput: 0.3
          ^
config.yaml:8:38: activation: unknown value 'softmx'. Did you mean 'softmax'?
        - Dense: {units: 10, activation: softmx}
                                         ^
config.yaml:10:25: learning_rate: expected a number greater than 0, received -1
      Adam: {learning_rate: -1}
                            ^
5 errors in config.yaml; nothing was started."""


def validated(text: str) -> tuple[Config | None, list[Diagnostic], list[Diagnostic]]:
    """The config in `text`, its errors and its warnings."""
    config, diagnostics = validate(parse(text, "c.yaml"))
    errors, warnings = ([each for each in diagnostics if each.level == level] for level in ("error", "warning"))
    return config, errors, warnings


# Valid configs


def test_a_valid_file_is_a_config_with_the_name_of_the_file() -> None:
    result = loaded(VALID)
    assert result.name == "config"
    assert result.config == Config.model_validate(yaml.safe_load(VALID))
    assert result.warnings == []


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_is_loaded_by_its_name(name: str) -> None:
    result = load(name)
    assert result.name == name
    assert result.document.locate(("loss",)).source == str(presets.folder() / f"{name}.yaml")


@pytest.mark.parametrize("name", ["baseline", "baseline.yaml"])
def test_a_file_takes_precedence_over_a_preset_of_the_same_name(name: str) -> None:
    Path(name).write_text(VALID.replace("units: 10", "units: 10, use_bias: false"), encoding="utf-8")
    assert load(name).config.model.layers[1].config["use_bias"] is False


def test_a_folder_does_not_hide_a_preset_of_the_same_name() -> None:
    Path("baseline").mkdir()
    assert load("baseline").name == "baseline"


@pytest.mark.parametrize("name", ["my config.yaml", "my.new.config.yml", "config", "\u00e9t\u00e9.yaml"])
def test_a_config_may_have_any_file_name(name: str) -> None:
    Path(name).write_text(VALID, encoding="utf-8")
    assert load(name).name == Path(name).stem


def test_values_are_set_in_a_preset() -> None:
    config = load("baseline", ["training.epochs=3", "optimizer.Adam.learning_rate=0.5", "seed=7"]).config
    assert (config.training.epochs, config.optimizer.config["learning_rate"], config.seed) == (3, 0.5, 7)


def test_a_value_can_be_set_where_the_file_has_a_wrong_one() -> None:
    assert loaded(VALID + "seed: x\n", "seed=3").config.seed == 3


def test_a_diagnostic_can_be_made_for_any_part_of_a_loaded_config() -> None:
    diagnostic = loaded(VALID).diagnostic(("model", "layers", 1, "Dense", "units"), "too many")
    assert str(diagnostic).splitlines()[0] == "config.yaml:4:22: too many"


# Errors


def test_five_mistakes_are_reported_at_once_each_with_its_line_and_the_likely_name() -> None:
    assert refused(FIVE_MISTAKES) == FIVE_MESSAGES


def test_one_error_is_counted_in_the_singular() -> None:
    assert refused(VALID + "seed: -1\n").splitlines()[-1] == "1 error in config.yaml; nothing was started."


def test_errors_are_in_the_order_of_lines_whatever_check_reports_them() -> None:
    text = """\
callbacks: [{EarlyStopping: {monitor: val_los}}]
seed: 1
loss: mse
seed: 2
metrics: [SparseCategoricalAccuracy]
trainning: {}
model: {layers: [Flatten, {Dense: 9}]}
"""
    assert locations(refused(text)) == ["1:39", "4:1", "5:11", "6:1", "7:35"]


def test_errors_of_overrides_come_after_those_of_the_file() -> None:
    message = refused(VALID + "seed: -1\n", "training.epochs=0", "training.batch_size=0")
    assert locations(message) == ["6:7", "--set:1:23", "--set:2:27"]


def test_an_error_in_one_section_does_not_hide_errors_in_others() -> None:
    text = (
        VALID.replace("units: 10", "units: 9") + "optimizer: Adamm\ncallbacks: [{EarlyStopping: {monitor: val_acc}}]\n"
    )
    assert locations(refused(text)) == ["4:14", "6:12", "7:39"]


@pytest.mark.parametrize(
    ("wrong", "lines"),
    [("training: {epochs: 0}", [6, 7]), ("metrics: [acc]", [7]), ("data: {target: odd}", [7])],
)
def test_a_lint_rule_is_skipped_if_a_section_it_needs_is_invalid(wrong: str, lines: list[int]) -> None:
    text = f"{VALID}callbacks: [{{EarlyStopping: {{patience: 99, monitor: zzz}}}}]\n{wrong}\n"
    _, errors, warnings = validated(text)
    assert [error.location.line for error in errors] == lines
    assert len(warnings) == (not wrong.startswith("training"))


def test_a_missing_section_is_located_at_the_first_line() -> None:
    message = refused("seed: 1\n")
    assert locations(message) == ["1:1", "1:1"]
    assert "config: missing required key 'model'" in message
    assert "config: missing required key 'loss'" in message


def test_a_misspelled_section_is_not_also_missing() -> None:
    assert locations(refused(VALID.replace("loss:", "los:"))) == ["5:1"]


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("data: {target: {pos: [1]}}", "6:17", "data.target: unknown key 'pos'. Expected one of: positive"),
        ("data: {target: {}}", "6:16", "data.target: missing required key 'positive'"),
        ("training: {batch: 32}", "6:12", "training: unknown key 'batch'. Did you mean 'batch_size'?"),
        ("data: mnist", "6:7", "data: expected key: value pairs, received 'mnist'"),
        ("training:", "6:10", "training: expected key: value pairs, received nothing"),
    ],
)
def test_an_error_names_the_section_of_the_key(line: str, place: str, words: str) -> None:
    message = refused(VALID + line + "\n")
    assert locations(message)[-1] == place
    assert words in message
    assert "mapping" not in message


def test_a_duplicate_key_is_reported_among_the_other_errors() -> None:
    assert locations(refused(VALID + "seed: 1\nseed: 2\ntraining: {epochs: 0}\n")) == ["7:1", "8:20"]


def test_the_caret_is_under_the_key_for_a_wrong_key_and_under_the_value_for_a_wrong_value() -> None:
    lines = refused(VALID.replace("units: 10", "unit: 10") + "seed: x\n").splitlines()
    assert lines[1][lines[2].index("^") :].startswith("unit")
    assert lines[4][lines[5].index("^") :] == "x"


@pytest.mark.parametrize("number", ["0x" + "f" * 5000, "[0x" + "f" * 5000 + "]"], ids=["a number", "in a list"])
@pytest.mark.parametrize("key", ["seed", "optimizer", "metrics"])
def test_a_number_of_thousands_of_digits_is_an_error_like_any_other(key: str, number: str) -> None:
    assert locations(refused(f"{VALID}{key}: {number}\n"))


def test_text_is_loaded_under_the_name_that_messages_use() -> None:
    result = load_text(VALID, "my config", ["seed=3"])
    assert (result.name, result.config.seed) == ("my config", 3)
    with pytest.raises(ConfigError, match=r"^my config:6:7: seed: expected an integer, received 'x'"):
        load_text(VALID + "seed: x\n", "my config")


# Warnings


def test_a_warning_does_not_fail_and_has_the_form_of_an_error() -> None:
    (warning,) = loaded(
        VALID.replace("    - Dense", "    - Dense: {units: 8, activation: softmax}\n    - Dense")
    ).warnings
    assert str(warning) == (
        "config.yaml:4:14: warning: softmax in a hidden layer makes all its values sum to 1. Use relu\n"
        "        - Dense: {units: 8, activation: softmax}\n"
        "                 ^"
    )


def test_warnings_come_in_the_order_of_the_lines() -> None:
    layers = "    - Dense: {units: 8, activation: softmax}\n    - Dense"
    text = "callbacks: [{EarlyStopping: {patience: 99}}]\n" + VALID.replace("    - Dense", layers)
    assert [warning.location.line for warning in loaded(text).warnings] == [1, 5]


def test_warnings_are_not_shown_beside_errors() -> None:
    text = VALID.replace("    - Dense", "    - Dense: {units: 8, activation: softmax}\n    - Dense") + "seed: x\n"
    assert "warning" not in refused(text)


def test_errors_and_warnings_have_levels() -> None:
    text = VALID + "callbacks: [{EarlyStopping: {patience: 99}}]\nseed: -1\n"
    config, errors, warnings = validated(text)
    assert config is None
    assert [error.location.line for error in errors] == [7]
    assert [error.location.line for error in warnings] == [6]


# One mistake, one error


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("layers: [Flatten, {Dense: 10}]\nloss: mse\n", "config.yaml:1:1: 'layers' belongs under 'model'"),
        (VALID + "training: {}\nmodel.layers: 3\n", "config.yaml:7:1: config: unknown key 'model.layers'."),
        (VALID + 'data: {dataset: "\\ud83d"}\n', "config.yaml:6:17: half a character"),
        (VALID.replace("10", "9" * 200), "config.yaml:4:22: a number of 200 digits; at most 100 are read"),
        (VALID.replace("{units: 10, activation: softmax}", "!mine 3"), "config.yaml:4:14: the tag '!mine'"),
        (VALID.replace("softmax", '"\\ud83d"'), "config.yaml:4:38: half a character"),
        (VALID.replace("categorical_crossentropy", "!mine mse"), "config.yaml:5:7: the tag '!mine'"),
    ],
    ids=["misplaced", "dotted", "text", "digits", "argument", "rule", "section"],
)
def test_one_mistake_is_one_error(text: str, words: str) -> None:
    message = refused(text)
    assert message.startswith(words)
    assert message.endswith("\n1 error in config.yaml; nothing was started.")


def test_a_section_is_missing_although_a_misplaced_key_belongs_to_another() -> None:
    assert "config: missing required key 'model'" in refused("epochs: 3\nloss: mse\n")


# Very many errors


def layers(count: int, name: str = "Laier") -> str:
    """A config with that many unknown layers."""
    return "model:\n  layers:\n" + "".join(f"    - {name}{n}\n" for n in range(count)) + "loss: mse\n"


def test_of_very_many_errors_the_first_are_shown_and_the_others_counted() -> None:
    lines = refused("seed: x\n" + layers(300)).splitlines()
    assert locations("\n".join(lines)) == ["1:7", *(f"{line}:7" for line in range(4, 3 + MAX_DIAGNOSTICS))]
    assert lines[-2:] == ["and 281 more", "301 errors in config.yaml; nothing was started."]


def test_as_many_errors_as_can_be_shown_leave_none_to_count() -> None:
    assert "more" not in refused(layers(MAX_DIAGNOSTICS)).splitlines()[-2]


@pytest.mark.parametrize(
    "text",
    [
        layers(300),
        VALID + "".join(f"epoch{n}: 1\n" for n in range(300)),
        VALID.replace("units: 10", "units: 10, " + ", ".join(f"unit{n}: 1" for n in range(300))),
        VALID.replace("- Flatten", "- Add: [[" + ", ".join(f"Laier{n}" for n in range(300)) + "], []]"),
        "seed: 1\n" + "".join(f"mode{n}: 1\n" for n in range(300)),
    ],
    ids=["names", "keys", "arguments", "branches", "keys beside a missing one"],
)
def test_suggestions_are_computed_only_for_errors_that_are_shown(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[str] = []

    def search(name: str, *arguments: Any, **keywords: Any) -> list[str]:
        searches.append(name)
        return difflib.get_close_matches(name, *arguments, **keywords)

    monkeypatch.setattr("mnist_pipeline.config.suggestions.difflib", SimpleNamespace(get_close_matches=search))
    refused(text, "seed=1", "training.epochs=3", "training.batch_size=32")
    assert 0 < len(set(searches)) <= 2 * MAX_DIAGNOSTICS
    assert len(searches) <= 10 * MAX_DIAGNOSTICS


# Not a config


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "config.yaml: the file is empty. A config needs at least 'model' and 'loss'."),
        ("# nothing yet\n", "config.yaml: the file is empty."),
        ("- Flatten\n", "config.yaml:1:1: expected sections such as 'model:' and 'loss:' at the top level."),
        ("hello\n", "config.yaml:1:1: expected sections such as 'model:' and 'loss:' at the top level."),
        ("3", "config.yaml:1:1: expected sections"),
    ],
    ids=["empty", "a remark", "a list", "a word", "a number"],
)
def test_a_file_without_sections_is_refused(text: str, words: str) -> None:
    assert refused(text).startswith(words)


def test_nothing_can_be_set_in_an_empty_file() -> None:
    assert refused("", "seed=1").startswith("config.yaml: the file is empty")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("basline", "basline: no such file or preset. Did you mean the preset 'baseline'? Presets: "),
        ("zzzzzz", "zzzzzz: no such file or preset. Presets: accurate, "),
        ("configs/mine.yaml", "configs/mine.yaml: no such file or preset. "),
        ("x" * 5000, "x"),
        ("a\0b", "a"),
    ],
    ids=["misspelled", "far from all", "a file", "too long for a file", "impossible for a file"],
)
def test_the_error_for_an_unknown_config_suggests_a_preset_and_lists_all(name: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(name)
    assert str(error.value).startswith(words)


def test_a_folder_is_not_a_config() -> None:
    Path("mine").mkdir()
    with pytest.raises(ConfigError, match="mine: expected a YAML file, received a folder"):
        load("mine")


# Any data


WORDS = st.sampled_from(["Flatten", "Dense", "Adam", "mse", "relu", "10 epochs", "val_loss", "digit", "x", ""])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats(allow_nan=True) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*Config.model_fields, "other"]), ANYTHING), st.data())
def test_any_mapping_is_a_config_or_has_located_errors(sections: dict[str, Any], data: st.DataObject) -> None:
    drawn = data.draw(configs()) if data.draw(st.booleans()) else {}
    config, errors, warnings = validated(yaml.safe_dump(drawn | sections, allow_unicode=True))
    assert (config is None) <= bool(errors)
    assert all(error.location.source == "c.yaml" and error.message for error in [*errors, *warnings])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs())
def test_a_valid_config_is_valid_with_its_defaults_written_out(data: dict[str, Any]) -> None:
    config, errors, _ = validated(yaml.safe_dump(data))
    assert config is not None
    again, errors_again, _ = validated(yaml.safe_dump(config.to_dict()))
    assert again == config
    assert sorted(error.message for error in errors_again) == sorted(error.message for error in errors)


@pytest.mark.parametrize("dataset", ["1e3", "0o17", "012", "1e3.npz", "on", "null", "\u00e9", "a: b", "09", "08"])
def test_a_run_stores_the_config_it_was_trained_with(dataset: str) -> None:
    config = loaded(VALID, f"data.dataset='{dataset}'").config
    Path("run").mkdir()
    run = Run(Path("run"))
    run.write_record({"status": "training"})
    run.write_config(config)
    assert run.config().config == config


def test_errors_in_overrides_and_in_the_file_are_reported_together() -> None:
    message = refused(VALID + "training: {epochs: 0}\n", "seed", "model.layers.9=Flatten")
    assert "epochs: expected a number greater than 0" in message
    assert "--set:1:7: expected KEY=VALUE" in message
    assert "--set:2:20: 'model.layers' is a list" in message
    assert "3 errors in" in message
