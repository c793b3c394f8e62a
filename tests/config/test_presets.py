"""The configs that come with the package."""

from pathlib import Path

import pytest

from mnist_pipeline.config import presets
from mnist_pipeline.config.load import load
from mnist_pipeline.config.shapes.infer import infer_shapes

# Presets that the README promises.
NAMED = {"quickstart", "smoke", "baseline", "complete", "batchnorm", "dropout", "cnn", "binary", "regression", "sparse"}


def test_the_names_are_sorted_and_those_of_files() -> None:
    assert presets.names() == sorted(presets.names())
    assert set(presets.names()) >= NAMED
    assert all((presets.folder() / f"{name}.yaml").is_file() for name in presets.names())


def test_a_checkout_has_its_presets_in_configs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(presets, "_PACKAGE", tmp_path / "mnist_pipeline")
    assert presets.folder() == tmp_path / "configs"


def test_an_installed_package_has_its_presets_within(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mnist_pipeline" / "presets").mkdir(parents=True)
    (tmp_path / "mnist_pipeline" / "presets" / "mine.yaml").touch()
    monkeypatch.setattr(presets, "_PACKAGE", tmp_path / "mnist_pipeline")
    assert presets.folder() == tmp_path / "mnist_pipeline" / "presets"
    assert presets.names() == ["mine"]


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_is_valid_and_has_no_warnings(name: str) -> None:
    loaded = load(name)
    assert loaded.name == name
    assert [str(warning) for warning in loaded.warnings] == []


@pytest.mark.parametrize("name", presets.names())
def test_the_output_of_a_preset_has_the_shape_that_its_target_needs(name: str) -> None:
    config = load(name).config
    *_, end = infer_shapes(config.model.layers)
    assert end.shape == ((10,) if config.data.kind == "digit" else (1,))


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_begins_with_a_comment_that_says_what_it_is(name: str) -> None:
    first = (presets.folder() / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > len("# ")


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_has_no_tabs_and_lines_that_end_in_one_way(name: str) -> None:
    content = (presets.folder() / f"{name}.yaml").read_bytes()
    assert content.endswith(b"\n")
    assert b"\t" not in content
    assert b"\r" not in content


@pytest.mark.parametrize("name", ["quickstart", "smoke"])
def test_the_first_run_needs_no_download(name: str) -> None:
    assert load(name).config.data.dataset == "mnist_sample"


def test_the_preset_complete_has_all_that_its_name_says() -> None:
    config = load("complete").config
    layers = {layer.class_name for layer in config.model.layers}
    assert {"BatchNormalization", "Dropout"} <= layers
    assert {callback.class_name for callback in config.callbacks} == {"ReduceLROnPlateau", "EarlyStopping"}
