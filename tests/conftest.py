"""What several tests share."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings

from mnist_pipeline import process
from mnist_pipeline.cli.main import main
from mnist_pipeline.config.load import LoadedConfig, load
from mnist_pipeline.run.folder import Run
from tests.helpers import DIGITS, new_run

# The same examples every time, so that a change is compared by what it changed; `searching` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("searching", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

process.own()  # as `mnist` does, whichever test comes first; tests of guests start a process of their own

if "PYTEST_XDIST_WORKER" in os.environ:  # a process a processor: more threads would only wait for each other
    for pool in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(pool, "1")


@dataclass(frozen=True)
class Result:
    """Exit status of a command, stdout and stderr."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Mnist = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's cache, runs, or list of runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
        for variable in ("XDG_STATE_HOME", "LOCALAPPDATA"):
            patch.setenv(variable, str(tmp_path_factory.mktemp("state")))
        patch.delenv("MNIST_DATA", raising=False)
        patch.delenv("MNIST_RUNS", raising=False)
        yield


@pytest.fixture
def mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Mnist:
    """`mnist("train", "--config", "smoke")` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Result:
        capfd.readouterr()
        with pytest.raises(SystemExit) as raised:
            main([str(argument) for argument in arguments])
        streams = capfd.readouterr()
        return Result(int(raised.value.code or 0), streams.out, streams.err)

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of the preset `smoke`; not to be changed."""
    folder = tmp_path_factory.mktemp("trained") / "smoke"
    with pytest.raises(SystemExit) as raised:
        main(["train", "--config", "smoke", "--run-dir", str(folder)])
    assert not raised.value.code
    return folder


@pytest.fixture
def without_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the GPU from TensorFlow."""
    from mnist_pipeline.framework import tf  # which most tests can do without

    monkeypatch.setattr(tf.config, "get_visible_devices", lambda _: [])


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, where `runs/` is made."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedConfig:
    file = tmp_path_factory.mktemp("config") / "mine.yaml"
    file.write_text(yaml.safe_dump(DIGITS))
    return load(str(file), ["seed=7", "training.epochs=3"])


@pytest.fixture
def run(loaded: LoadedConfig, empty_folder: None) -> Run:
    """A run that has just begun."""
    return new_run(loaded, Path("run"))
