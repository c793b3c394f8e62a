"""A model from a stranger is looked at before it is loaded."""

import contextlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_pipeline.config import presets
from mnist_pipeline.config.load import load
from mnist_pipeline.errors import RunError
from mnist_pipeline.framework import keras
from mnist_pipeline.models.untrusted import keras_layers
from mnist_pipeline.models.untrusted.keras_layers import check_layers
from mnist_pipeline.training.build import build
from tests.helpers import mutated


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("model") / "model.keras"
    build(load("smoke").config, 1).save(file)
    return file


def packed(file: Path, **members: Any) -> Path:
    """An archive with `members`, named with two underscores for the point."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content if isinstance(content, bytes) else json.dumps(content))
    return file


def described(file: Path, *layers: dict[str, Any]) -> Path:
    config = {"class_name": "Functional", "module": "keras.src.models.functional", "config": {"layers": layers}}
    return packed(file, metadata__json={}, config__json=config, model__weights__h5=b"")


@pytest.mark.parametrize("name", presets.names())
def test_the_model_of_every_preset_passes(name: str, tmp_path: Path) -> None:
    file = tmp_path / "model.keras"
    build(load(name).config, 1).save(file)
    assert check_layers(file)["class_name"] == "Functional"


def test_a_layer_that_runs_code_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.keras"
    keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x)]).save(file)
    with pytest.raises(RunError, match="Lambda"):
        check_layers(file)


@pytest.mark.parametrize("layer", [
    {"class_name": "TorchModuleWrapper", "module": "keras.layers"},
    {"class_name": "Dense", "module": "evil"},
    {"class_name": "Dense", "module": "keras.layers", "registered_name": "evil>Dense"},
    {"class_name": "function", "module": "builtins", "config": "eval"},
    {"class_name": "Dense", "module": "keras.layers", "config": {"kernel_initializer": {"class_name": "Evil"}}},
], ids=str)  # fmt: skip
def test_a_class_that_no_config_can_name_is_refused(tmp_path: Path, layer: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="no config can name"):
        check_layers(described(tmp_path / "model.keras", layer))


@pytest.mark.parametrize("scale", [[0.5] * 200_000, [[0.5] * 200_000], {"value": [0] * 200_000}], ids=["a", "b", "c"])
def test_a_long_list_of_numbers_is_refused(tmp_path: Path, scale: Any) -> None:
    layer = {"class_name": "Rescaling", "module": "keras.layers", "config": {"scale": scale}}
    with pytest.raises(RunError, match="a list of more than 100 numbers, which no layer needs"):
        check_layers(described(tmp_path / "model.keras", layer))


def node(count: int = 1) -> dict[str, Any]:
    return {"class_name": "Dense", "module": "keras.layers", "config": {}, "inbound_nodes": [{"args": []}] * count}


@pytest.mark.parametrize(("layer", "reason"), [
    ({"class_name": "Functional", "module": "keras.src.models.functional", "config": {"layers": [node()]}},
     "a model inside a model"),
    (node(2), "a layer that is called more than once"),
    (node() | {"inbound_nodes": {"a": 1, "b": 2}}, "a layer that is called more than once"),
    (node() | {"shared_object_id": 7}, "a layer that is called more than once"),
], ids=["nested", "two calls", "a mapping of calls", "one layer under two names"])  # fmt: skip
def test_a_layer_whose_values_would_not_be_counted_is_refused(
    layer: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=f"{reason}, which no config makes. It was not loaded"):
        check_layers(described(tmp_path / "model.keras", node(), layer))


@pytest.mark.parametrize("depth", [900, 100_000])
def test_a_very_deep_description_is_refused_or_passes(tmp_path: Path, depth: int) -> None:
    text = b'{"a": ' * depth + b"1" + b"}" * depth
    with contextlib.suppress(RunError):
        check_layers(packed(tmp_path / "model.keras", metadata__json={}, config__json=text, model__weights__h5=b""))


def test_a_description_that_unpacks_to_gigabytes_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras_layers, "MAX_ARCHITECTURE_BYTES", 1000)
    with pytest.raises(RunError, match="more than any model needs"):
        check_layers(
            packed(tmp_path / "model.keras", metadata__json={}, config__json=b"0" * 2000, model__weights__h5=b"")
        )


@pytest.mark.parametrize("members", [
    {}, {"config__json": {}}, {"metadata__json": {}, "config__json": {}, "model__weights__h5": b"", "../evil": b"x"},
])  # fmt: skip
def test_an_archive_with_other_members_is_refused(tmp_path: Path, members: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="is not a Keras model"):
        check_layers(packed(tmp_path / "model.keras", **members))


@pytest.mark.parametrize("spoil", [
    lambda content: content[:0],
    lambda content: content[:100], lambda content: content[::2], lambda content: content[:-30],
])  # fmt: skip
def test_a_file_that_is_no_model_is_reported_as_none(
    model: Path, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / "model.keras"
    file.write_bytes(spoil(model.read_bytes()))
    with pytest.raises(RunError, match="is not a Keras model"):
        check_layers(file)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(data=st.data())
def test_a_mutated_model_raises_run_error_or_passes(model: Path, tmp_path: Path, data: st.DataObject) -> None:
    file = tmp_path / "model.keras"
    file.write_bytes(mutated(model.read_bytes(), data))
    with contextlib.suppress(RunError):
        check_layers(file)


@given(config=st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["class_name", "module", "config", "registered_name", "layers"]), inner)))  # fmt: skip
def test_any_description_raises_run_error_or_passes(config: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("any") / "model.keras"
    with contextlib.suppress(RunError):
        check_layers(packed(file, metadata__json={}, config__json=config, model__weights__h5=b""))
