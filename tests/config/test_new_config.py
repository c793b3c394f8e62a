"""`mnist new` writes a config to start from, and never over a file."""

import os
import re
from pathlib import Path

import pytest

from mnist_pipeline.config import presets
from mnist_pipeline.config.load import load, load_text
from mnist_pipeline.config.new_config import TEMPLATE, new_config, shell_word, write_new_config
from mnist_pipeline.errors import ConfigError
from tests.conftest import Mnist

CHOICES = [None, *presets.names()]
OPTIONAL = [line.strip()[2:] for line in TEMPLATE.read_text().splitlines() if re.match(r"\s*# (- )?\w+: \S", line)]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def with_line(text: str, line: str) -> str:
    """`text` with a commented-out line made active, in place of the same key."""
    key = line.partition(":")[0]
    others = [each for each in text.splitlines() if not re.match(rf"\s*{re.escape(key)}:", each)]
    return "\n".join(each.replace(f"# {line}", line) for each in others)


@pytest.mark.parametrize("preset", CHOICES)
def test_a_new_config_is_valid_and_has_no_warnings(preset: str | None) -> None:
    write_new_config(Path("my.yaml"), preset)
    loaded = load("my.yaml")
    assert loaded.warnings == []
    assert preset is None or loaded.config == load(preset).config


@pytest.mark.parametrize("preset", CHOICES)
def test_the_first_line_of_a_new_config_is_the_command_that_trains_it(preset: str | None) -> None:
    first, *rest = new_config(Path("my configs/new.yaml"), preset).splitlines()
    assert first.startswith("# ")
    assert first.endswith(f"mnist train --config {shell_word('my configs/new.yaml')}")
    assert preset is None or rest == presets.find(preset).read_text(encoding="utf-8").splitlines()


def test_a_new_config_needs_no_download() -> None:
    assert load_text(new_config(Path("my.yaml")), "my.yaml").config.data.dataset == "mnist_sample"


def test_every_line_with_a_value_in_the_template_is_explained_but_for_repeated_layers() -> None:
    layers = r"\s*- (Dense|Dropout): "
    lines = [line for line in TEMPLATE.read_text().splitlines() if re.match(r"\s*(- )?\w+: \S", line)]
    plain = [line for line in lines if " # " not in line and not re.match(layers, line)]
    assert len(lines) > 10
    assert plain == []


@pytest.mark.parametrize("line", OPTIONAL)
def test_what_is_commented_out_in_the_template_may_be_used(line: str) -> None:
    text = with_line(TEMPLATE.read_text(), line)
    loaded = load_text(text, "my.yaml")
    assert loaded.config != load_text(TEMPLATE.read_text(), "my.yaml").config or line.startswith("device")
    assert loaded.warnings == []


def test_the_template_offers_a_schedule_and_a_callback_that_are_commented_out() -> None:
    assert {line.partition(":")[0] for line in OPTIONAL} >= {"learning_rate", "- ReduceLROnPlateau", "train_samples"}


@pytest.mark.parametrize("content", ["seed: 1\n", None], ids=["file", "folder"])
def test_what_exists_is_not_overwritten(content: str | None) -> None:
    file = Path("my.yaml")
    file.mkdir() if content is None else file.write_text(content)
    with pytest.raises(ConfigError, match=r"^my\.yaml already exists and is not overwritten\. Choose another name"):
        write_new_config(file)
    assert file.is_dir() if content is None else file.read_text() == content


def test_a_link_that_leads_nowhere_is_not_overwritten_either() -> None:
    try:
        Path("my.yaml").symlink_to("nowhere.yaml")
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(ConfigError, match="already exists"):
        write_new_config(Path("my.yaml"))
    assert not Path("nowhere.yaml").exists()


@pytest.mark.parametrize("name", ["baseline", "my.txt", "my.yaml.bak"])
def test_a_name_without_the_ending_of_yaml_is_refused_with_one_that_has_it(name: str) -> None:
    with pytest.raises(ConfigError) as error:
        write_new_config(Path(name))
    assert str(error.value) == f"{name}: expected a name that ends in .yaml. Write: mnist new {name}.yaml"
    assert list(Path().iterdir()) == []


def test_folders_on_the_way_are_created_and_nothing_else_is_left() -> None:
    write_new_config(Path("a/b/my.yml"))
    assert sorted(path.as_posix() for path in Path().rglob("*")) == ["a", "a/b", "a/b/my.yml"]


def test_a_file_in_place_of_a_folder_is_an_error_that_names_it() -> None:
    Path("a").touch()
    with pytest.raises(ConfigError, match=r"my\.yaml: cannot write the file: "):
        write_new_config(Path("a/my.yaml"))


def test_an_unknown_preset_is_an_error_with_the_likely_one_before_anything_is_written() -> None:
    with pytest.raises(ConfigError, match=r"^basline: no such preset\. Did you mean the preset 'baseline'"):
        write_new_config(Path("a/my.yaml"), "basline")
    assert list(Path().iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["a\nseed: 1.yaml", "a\x07.yaml", "a\u2028b.yaml", "-x.yaml", "it's.yaml"], ids=ascii)
def test_no_name_breaks_the_config(name: str) -> None:
    write_new_config(Path(name))
    assert load(name).config == load_text(TEMPLATE.read_text(), "template").config


@pytest.mark.parametrize(
    ("name", "windows", "word"),
    [
        ("my.yaml", False, "my.yaml"),
        ("my config.yaml", False, "'my config.yaml'"),
        ("$HOME.yaml", False, "'$HOME.yaml'"),
        ("my.yaml", True, "my.yaml"),
        ("my config.yaml", True, '"my config.yaml"'),
        ("configs\\my.yaml", True, "configs\\my.yaml"),
    ],
)
def test_a_name_is_quoted_as_the_shell_needs_it(name: str, windows: bool, word: str) -> None:
    assert shell_word(name, windows) == word


# The command


def test_the_command_prints_what_to_do_next_and_it_works(mnist: Mnist) -> None:
    result = mnist("new", "my.yaml", "--from", "smoke")
    assert result.status == 0
    assert result.out.splitlines() == [
        "Wrote my.yaml. Edit it, then check it and train it:",
        "  mnist check --config my.yaml",
        "  mnist train --config my.yaml",
    ]
    checked = mnist("check", "--config", "my.yaml")
    assert (checked.status, checked.err) == (0, "")


def test_the_command_refuses_a_file_that_exists_with_status_1(mnist: Mnist) -> None:
    mnist("new", "my.yaml")
    result = mnist("new", "my.yaml")
    assert result.status == 1
    assert (
        result.err == "Error: my.yaml already exists and is not overwritten. Choose another name, or delete it first\n"
    )


def test_a_name_is_needed(mnist: Mnist) -> None:
    assert mnist("new").status == 2
    assert mnist("new", "").status == 2
