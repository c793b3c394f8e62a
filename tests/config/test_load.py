"""A file or preset becomes a sound config, or everything that is wrong with it is told at once."""

import difflib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_pipeline.config import presets
from mnist_pipeline.config.lint.rules import lint
from mnist_pipeline.config.load import LoadedConfig, load
from mnist_pipeline.config.messages import MAX_DIAGNOSTICS
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.validate import validate
from mnist_pipeline.config.yaml import reader
from mnist_pipeline.config.yaml.document import Diagnostic
from mnist_pipeline.config.yaml.reader import parse
from mnist_pipeline.errors import ConfigError
from mnist_pipeline.run.folder import Run
from tests.strategies import configs

SOUND = """\
model:
  layers:
    - Flatten
    - Dense: {units: 10, activation: softmax}
loss: categorical_crossentropy
"""

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


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)


def loaded(text: str, *overrides: str) -> LoadedConfig:
    """The config in a file `config.yaml` that holds `text`."""
    Path("config.yaml").write_text(text, encoding="utf-8")
    return load("config.yaml", overrides)


def refused(text: str, *overrides: str) -> str:
    """What is said about such a file."""
    with pytest.raises(ConfigError) as error:
        loaded(text, *overrides)
    return str(error.value)


def validated(text: str) -> tuple[Config | None, list[Diagnostic], list[Diagnostic]]:
    """The config in `text`, its errors and its warnings."""
    config, diagnostics = validate(parse(text, "c.yaml"))
    errors, warnings = ([each for each in diagnostics if each.level == level] for level in ("error", "warning"))
    return config, errors, warnings


def places(message: str) -> list[str]:
    """`line:column` of each problem, or `--set` and both."""
    starts = [line.split(": ")[0] for line in message.splitlines() if line.startswith(("config.yaml:", "--set:"))]
    return [start.removeprefix("config.yaml:") for start in starts]


# What is sound


def test_a_sound_file_is_a_config_with_the_name_of_the_file() -> None:
    found = loaded(SOUND)
    assert found.name == "config"
    assert found.config == Config.model_validate(yaml.safe_load(SOUND))
    assert found.warnings == []


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_is_loaded_by_its_name(name: str) -> None:
    found = load(name)
    assert found.name == name
    assert found.document.locate(("loss",)).source == str(presets.folder() / f"{name}.yaml")


@pytest.mark.parametrize("name", ["baseline", "baseline.yaml"])
def test_a_file_beats_a_preset_of_the_same_name(name: str) -> None:
    Path(name).write_text(SOUND.replace("units: 10", "units: 10, use_bias: false"), encoding="utf-8")
    assert load(name).config.model.layers[1].config["use_bias"] is False


def test_a_folder_does_not_hide_a_preset_of_the_same_name() -> None:
    Path("baseline").mkdir()
    assert load("baseline").name == "baseline"


@pytest.mark.parametrize("name", ["my config.yaml", "my.new.config.yml", "config", "\u00e9t\u00e9.yaml"])
def test_a_config_may_be_called_anything(name: str) -> None:
    Path(name).write_text(SOUND, encoding="utf-8")
    assert load(name).name == Path(name).stem


def test_values_are_set_in_a_preset() -> None:
    config = load("baseline", ["training.epochs=3", "optimizer.Adam.learning_rate=0.5", "seed=7"]).config
    assert (config.training.epochs, config.optimizer.config["learning_rate"], config.seed) == (3, 0.5, 7)


def test_a_value_can_be_set_where_the_file_has_a_wrong_one() -> None:
    assert loaded(SOUND + "seed: x\n", "seed=3").config.seed == 3


def test_a_problem_can_be_told_about_any_part_of_a_loaded_config() -> None:
    problem = loaded(SOUND).diagnostic(("model", "layers", 1, "Dense", "units"), "too many")
    assert str(problem).splitlines()[0] == "config.yaml:4:22: too many"


# What is wrong


def test_five_mistakes_are_told_at_once_each_with_its_line_and_the_likely_name() -> None:
    assert refused(FIVE_MISTAKES) == FIVE_MESSAGES


def test_one_mistake_is_counted_as_one() -> None:
    assert refused(SOUND + "seed: -1\n").splitlines()[-1] == "1 error in config.yaml; nothing was started."


def test_mistakes_come_in_the_order_of_the_lines_whatever_found_them() -> None:
    text = """\
callbacks: [{EarlyStopping: {monitor: val_los}}]
seed: 1
loss: mse
seed: 2
metrics: [SparseCategoricalAccuracy]
trainning: {}
model: {layers: [Flatten, {Dense: 9}]}
"""
    assert places(refused(text)) == ["1:39", "4:1", "5:11", "6:1", "7:35"]


def test_what_was_set_comes_after_what_the_file_says() -> None:
    message = refused(SOUND + "seed: -1\n", "training.epochs=0", "training.batch_size=0")
    assert places(message) == ["6:7", "--set:1:23", "--set:2:27"]


def test_a_mistake_in_one_section_does_not_hide_what_does_not_fit_in_others() -> None:
    text = (
        SOUND.replace("units: 10", "units: 9") + "optimizer: Adamm\ncallbacks: [{EarlyStopping: {monitor: val_acc}}]\n"
    )
    assert places(refused(text)) == ["4:14", "6:12", "7:39"]


@pytest.mark.parametrize(
    ("wrong", "lines"),
    [("training: {epochs: 0}", [6, 7]), ("metrics: [acc]", [7]), ("data: {target: odd}", [7])],
)
def test_a_rule_that_looks_at_a_section_that_is_wrong_keeps_quiet(wrong: str, lines: list[int]) -> None:
    text = f"{SOUND}callbacks: [{{EarlyStopping: {{patience: 99, monitor: zzz}}}}]\n{wrong}\n"
    _, errors, warnings = validated(text)
    assert [problem.location.line for problem in errors] == lines
    assert len(warnings) == (not wrong.startswith("training"))


def test_a_missing_section_is_told_at_the_top() -> None:
    message = refused("seed: 1\n")
    assert places(message) == ["1:1", "1:1"]
    assert "config: missing required key 'model'" in message
    assert "config: missing required key 'loss'" in message


def test_a_misspelt_section_is_not_also_missing() -> None:
    assert places(refused(SOUND.replace("loss:", "los:"))) == ["5:1"]


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
def test_a_key_is_told_with_the_name_of_its_section(line: str, place: str, words: str) -> None:
    message = refused(SOUND + line + "\n")
    assert places(message)[-1] == place
    assert words in message
    assert "mapping" not in message


def test_an_equal_key_is_told_among_the_others() -> None:
    assert places(refused(SOUND + "seed: 1\nseed: 2\ntraining: {epochs: 0}\n")) == ["7:1", "8:20"]


def test_the_caret_stands_under_the_key_for_a_key_and_under_the_value_for_a_value() -> None:
    lines = refused(SOUND.replace("units: 10", "unit: 10") + "seed: x\n").splitlines()
    assert lines[1][lines[2].index("^") :].startswith("unit")
    assert lines[4][lines[5].index("^") :] == "x"


@pytest.mark.parametrize("written", ["0x" + "f" * 5000, "[0x" + "f" * 5000 + "]"], ids=["a number", "in a list"])
@pytest.mark.parametrize("key", ["seed", "optimizer", "metrics"])
def test_an_endless_number_is_a_mistake_like_any_other(key: str, written: str) -> None:
    assert places(refused(f"{SOUND}{key}: {written}\n"))


# What is unwise


def test_a_warning_does_not_fail_and_has_the_form_of_an_error() -> None:
    (warning,) = loaded(
        SOUND.replace("    - Dense", "    - Dense: {units: 8, activation: softmax}\n    - Dense")
    ).warnings
    assert str(warning) == (
        "config.yaml:4:14: warning: softmax in a hidden layer makes all its values sum to 1. Use relu\n"
        "        - Dense: {units: 8, activation: softmax}\n"
        "                 ^"
    )


def test_warnings_come_in_the_order_of_the_lines() -> None:
    layers = "    - Dense: {units: 8, activation: softmax}\n    - Dense"
    text = "callbacks: [{EarlyStopping: {patience: 99}}]\n" + SOUND.replace("    - Dense", layers)
    assert [warning.location.line for warning in loaded(text).warnings] == [1, 5]


def test_an_error_leaves_warnings_for_later() -> None:
    text = SOUND.replace("    - Dense", "    - Dense: {units: 8, activation: softmax}\n    - Dense") + "seed: x\n"
    assert "warning" not in refused(text)


def test_errors_and_warnings_are_told_apart() -> None:
    text = SOUND + "callbacks: [{EarlyStopping: {patience: 99}}]\nseed: -1\n"
    config, errors, warnings = validated(text)
    assert config is None
    assert [problem.location.line for problem in errors] == [7]
    assert [problem.location.line for problem in warnings] == [6]


# One mistake, one problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("layers: [Flatten, {Dense: 10}]\nloss: mse\n", "config.yaml:1:1: 'layers' belongs under 'model'"),
        (SOUND + "training: {}\nmodel.layers: 3\n", "config.yaml:7:1: config: unknown key 'model.layers'."),
        (SOUND + 'data: {dataset: "\\ud83d"}\n', "config.yaml:6:17: half a character"),
        (SOUND.replace("10", "9" * 200), "config.yaml:4:22: a number of 200 digits; at most 100 are read"),
        (SOUND.replace("{units: 10, activation: softmax}", "!mine 3"), "config.yaml:4:14: the tag '!mine'"),
        (SOUND.replace("softmax", '"\\ud83d"'), "config.yaml:4:38: half a character"),
        (SOUND.replace("categorical_crossentropy", "!mine mse"), "config.yaml:5:7: the tag '!mine'"),
    ],
    ids=["misplaced", "dotted", "text", "digits", "argument", "rule", "section"],
)
def test_one_mistake_is_one_problem(text: str, words: str) -> None:
    message = refused(text)
    assert message.startswith(words)
    assert message.endswith("\n1 error in config.yaml; nothing was started.")


def test_a_section_that_is_missing_beside_what_belongs_elsewhere_is_told() -> None:
    assert "config: missing required key 'model'" in refused("epochs: 3\nloss: mse\n")


# What is wrong very often


def layers(count: int, name: str = "Laier") -> str:
    """A config with that many unknown layers."""
    return "model:\n  layers:\n" + "".join(f"    - {name}{n}\n" for n in range(count)) + "loss: mse\n"


def test_of_very_many_problems_the_first_are_told_and_the_others_counted() -> None:
    lines = refused("seed: x\n" + layers(300)).splitlines()
    assert places("\n".join(lines)) == ["1:7", *(f"{line}:7" for line in range(4, 3 + MAX_DIAGNOSTICS))]
    assert lines[-2:] == ["and 281 more", "301 errors in config.yaml; nothing was started."]


def test_as_many_problems_as_are_told_are_told_without_a_rest() -> None:
    assert "more" not in refused(layers(MAX_DIAGNOSTICS)).splitlines()[-2]


@pytest.mark.parametrize(
    "text",
    [
        layers(300),
        SOUND + "".join(f"epoch{n}: 1\n" for n in range(300)),
        SOUND.replace("units: 10", "units: 10, " + ", ".join(f"unit{n}: 1" for n in range(300))),
        SOUND.replace("- Flatten", "- Add: [[" + ", ".join(f"Laier{n}" for n in range(300)) + "], []]"),
        "seed: 1\n" + "".join(f"mode{n}: 1\n" for n in range(300)),
    ],
    ids=["names", "keys", "arguments", "branches", "keys beside a missing one"],
)
def test_what_is_meant_is_searched_for_the_problems_alone_that_are_told(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[str] = []

    def search(name: str, *arguments: Any, **keywords: Any) -> list[str]:
        searches.append(name)
        return difflib.get_close_matches(name, *arguments, **keywords)

    monkeypatch.setattr("mnist_pipeline.config.suggestions.difflib", SimpleNamespace(get_close_matches=search))
    refused(text, "seed=1", "training.epochs=3", "training.batch_size=32")
    assert 0 < len(set(searches)) <= 2 * MAX_DIAGNOSTICS
    assert len(searches) <= 10 * MAX_DIAGNOSTICS


def test_what_overrides_bring_about_is_found_without_reading_the_file_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read, checked = [], []
    monkeypatch.setattr("mnist_pipeline.config.load.read", lambda file: read.append(file) or reader.read(file))
    monkeypatch.setattr("mnist_pipeline.config.validate.lint", lambda each: checked.append(each) or lint(each))
    waiting = SOUND + "callbacks: [{EarlyStopping: {patience: 14}}]\n"
    loaded(waiting, "seed=1", "loss=categorical_crossentropy", "seed=2")
    assert len(read) == 1
    assert len(checked) == 2  # with all overrides, and with none


# No config at all


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
def test_a_file_that_holds_no_sections_is_refused(text: str, words: str) -> None:
    assert refused(text).startswith(words)


def test_a_file_that_holds_no_sections_cannot_be_set_anything_in() -> None:
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
    ids=["misspelt", "far from all", "a file", "too long for a file", "impossible for a file"],
)
def test_an_unknown_config_is_answered_with_the_likely_or_all_presets(name: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(name)
    assert str(error.value).startswith(words)


def test_a_folder_is_not_a_config() -> None:
    Path("mine").mkdir()
    with pytest.raises(ConfigError, match="mine: expected a YAML file, received a folder"):
        load("mine")


# Whatever is written


WORDS = st.sampled_from(["Flatten", "Dense", "Adam", "mse", "relu", "10 epochs", "val_loss", "digit", "x", ""])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats(allow_nan=True) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*Config.model_fields, "other"]), ANYTHING), st.data())
def test_any_mapping_is_a_config_or_a_list_of_placed_problems(sections: dict[str, Any], data: st.DataObject) -> None:
    drawn = data.draw(configs()) if data.draw(st.booleans()) else {}
    config, errors, warnings = validated(yaml.safe_dump(drawn | sections, allow_unicode=True))
    assert (config is None) <= bool(errors)
    assert all(problem.location.source == "c.yaml" and problem.message for problem in [*errors, *warnings])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs())
def test_a_config_without_errors_stays_without_when_it_is_written_out(data: dict[str, Any]) -> None:
    config, errors, _ = validated(yaml.safe_dump(data))
    assert config is not None
    again, errors_again, _ = validated(yaml.safe_dump(config.to_dict()))
    assert again == config
    assert sorted(problem.message for problem in errors_again) == sorted(problem.message for problem in errors)


@pytest.mark.parametrize("dataset", ["1e3", "0o17", "012", "1e3.npz", "on", "null", "\u00e9", "a: b", "09", "08"])
def test_the_config_that_a_run_keeps_is_the_one_it_was_trained_with(dataset: str) -> None:
    config = loaded(SOUND, f"data.dataset='{dataset}'").config
    Path("run").mkdir()
    run = Run(Path("run"))
    run.write_record({"status": "training"})
    run.write_config(config)
    assert run.config().config == config


def test_mistakes_in_overrides_and_in_the_file_are_told_together() -> None:
    message = refused(SOUND + "training: {epochs: 0}\n", "seed", "model.layers.9=Flatten")
    assert "epochs: expected a number greater than 0" in message
    assert "--set:1:7: expected KEY=VALUE" in message
    assert "--set:2:20: 'model.layers' is a list" in message
    assert "3 errors in" in message


# What `--set` brings about elsewhere


def told_of(preset: str, *overrides: str) -> str:
    """What is said about a preset with overrides, errors or warnings."""
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
def test_what_an_override_brings_about_is_told_at_the_override(overrides: list[str]) -> None:
    message = told_of("leaky_relu", *overrides)
    assert f"    --set {overrides[-1]}\n" in message + "\n"
    assert str(presets.folder()) not in message
    assert "leaky_relu.yaml" not in message


def test_what_does_not_go_with_an_override_is_named_with_its_line_and_its_key() -> None:
    message = told_of("leaky_relu", "seed=1", "data.target=value", "training.epochs=3")
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


def test_a_warning_that_an_override_brings_about_stands_at_the_override() -> None:
    (warning,) = loaded(SOUND + "callbacks: [{EarlyStopping: {patience: 4}}]\n", "training.epochs=3").warnings
    assert str(warning).startswith(
        "--set:1:7: warning: EarlyStopping never acts: patience is 4, and training has 3 epochs"
    )
    assert "(line 6 of config.yaml): --set callbacks.0.EarlyStopping.patience=…" in str(warning)


def test_what_the_file_itself_has_wrong_stays_there() -> None:
    text = SOUND + "callbacks: [{EarlyStopping: {patience: 4}}]\n"
    (warning,) = loaded(text + "training: {epochs: 4}\n", "seed=3").warnings
    assert str(warning).startswith("config.yaml:6:40: warning: ")
    assert places(refused(text.replace("10", "9"), "training.epochs=3")) == ["4:14"]


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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PATHS), PARTS, st.lists(st.sampled_from(VALUES), min_size=1, max_size=2))
def test_whatever_is_set_in_a_preset_nothing_is_said_of_its_file(
    where: tuple[str, str], part: str, values: list[str]
) -> None:
    preset, key = where
    message = told_of(preset, *(f"{key}{part}={value}" for value in values))
    assert "presets" not in message
    assert "configs" not in message
    assert all(line.startswith(("--set:", "    ")) for line in message.splitlines()[:-1]), message
