"""Versions and machines."""

import sys
from importlib import metadata
from types import SimpleNamespace
from typing import Any

import pytest

import mnist_pipeline
from mnist_pipeline import environment
from tests.helpers import without_metadata


def tensorflow(versions: dict[str, str]) -> dict[str, str]:
    return {name: version for name, version in versions.items() if name in environment.TENSORFLOW_BUILDS}


def test_a_checkout_that_is_not_installed_has_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    without_metadata(monkeypatch, "mnist-pipeline")
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("mnist-pipeline")
    assert environment.versions()["mnist-pipeline"] == mnist_pipeline.__version__


def test_python_and_all_that_bits_depend_on_have_versions() -> None:
    versions = environment.versions()
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert versions.keys() - tensorflow(versions).keys() == {
        "python", "mnist-pipeline", *environment.PACKAGES.keys() - {"tensorflow"},
    }  # fmt: skip
    assert len(tensorflow(versions)) == 1


@pytest.mark.parametrize("build", environment.TENSORFLOW_BUILDS)
def test_tensorflow_has_the_name_of_the_build_that_is_installed(monkeypatch: pytest.MonkeyPatch, build: str) -> None:
    find = metadata.Distribution.from_name

    def from_name(name: str) -> Any:
        if name not in environment.TENSORFLOW_BUILDS:
            return find(name)
        if name != build:
            raise metadata.PackageNotFoundError(name)
        return SimpleNamespace(version="2.22.0")

    monkeypatch.setattr(metadata.Distribution, "from_name", from_name)
    assert tensorflow(environment.versions()) == {build: "2.22.0"}


@pytest.mark.parametrize(
    ("modules", "versions"),
    [({"tensorflow": SimpleNamespace(__version__="2.21.0")}, {"tensorflow": "2.21.0"}), ({}, {})],
    ids=["imported", "absent"],
)
def test_a_tensorflow_without_metadata_has_the_version_of_its_module_once_it_is_imported(
    monkeypatch: pytest.MonkeyPatch, modules: dict[str, Any], versions: dict[str, str]
) -> None:
    without_metadata(monkeypatch, *environment.TENSORFLOW_BUILDS)
    monkeypatch.setattr(environment, "sys", SimpleNamespace(modules=modules))
    assert tensorflow(environment.versions()) == versions


def test_changes_name_each_version_that_differs_and_another_build_of_tensorflow() -> None:
    before = {"versions": {"keras": "3.15.0", "numpy": "2.4", "tensorflow": "2.21.0"}, "threads": {"intra_op": 2}}
    now = {"versions": {"keras": "3.15.1", "numpy": "2.4", "tensorflow-cpu": "2.21.0"}, "threads": {"intra_op": 4}}
    assert environment.changes(before, now) == [
        "keras 3.15.0, now 3.15.1", "tensorflow 2.21.0, now tensorflow-cpu 2.21.0", "intra_op 2, now 4",
    ]  # fmt: skip
    assert environment.changes(now, now) == []
    assert environment.changes({}, now) == []
    record = {**now, "resumptions": [before, before]}
    assert environment.changes_since(record, now) == environment.changes(before, now)
