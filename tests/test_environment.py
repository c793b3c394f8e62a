"""What is told of versions and machines."""

import sys
from importlib import metadata
from types import SimpleNamespace
from typing import Any

import pytest

import mnist_pipeline
from mnist_pipeline import environment
from tests.helpers import without_metadata


def test_a_checkout_that_is_not_installed_knows_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    without_metadata(monkeypatch, "mnist-pipeline")
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("mnist-pipeline")
    assert environment.versions()["mnist-pipeline"] == mnist_pipeline.__version__


@pytest.mark.parametrize(
    ("modules", "known"), [({"tensorflow": SimpleNamespace(__version__="2.21.0")}, {"tensorflow": "2.21.0"}), ({}, {})],
    ids=["imported", "absent"],
)  # fmt: skip
def test_a_tensorflow_of_another_name_is_known_once_it_is_imported(
    monkeypatch: pytest.MonkeyPatch, modules: dict[str, Any], known: dict[str, str]
) -> None:
    without_metadata(monkeypatch, "tensorflow")
    monkeypatch.setattr(environment, "sys", SimpleNamespace(modules=modules))
    assert {name: version for name, version in environment.versions().items() if name == "tensorflow"} == known


def test_python_and_what_bits_depend_on_are_told() -> None:
    told = environment.versions()
    assert told["python"] == ".".join(map(str, sys.version_info[:3]))
    assert told.keys() == {"python", "mnist-pipeline", *environment.PACKAGES}
