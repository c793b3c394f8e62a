"""The config of a stranger's run can name data in the cache, and nothing else."""

import builtins
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.data import download, sources
from mnist_pipeline.files import sha256
from mnist_pipeline.run import ownership, store
from mnist_pipeline.run.folder import Run
from mnist_pipeline.verify import verify
from tests.conftest import Mnist
from tests.helpers import noise, npz_file

UNC = "\\\\evil.example\\share\\data.npz"
COMMANDS: dict[str, Callable[[Path], list[str]]] = {
    "evaluate": lambda run: ["evaluate", "--run", str(run)],
    "predict": lambda run: ["predict", "--run", str(run)],
    "verify": lambda run: ["verify", str(run)],
    "reproduce": lambda run: ["reproduce", str(run)],
}


@pytest.fixture
def strangers(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Run]:
    """A finished run from elsewhere whose config names these data; its hashes fit."""
    monkeypatch.setattr(ownership, "is_own", lambda _: False)

    def make(dataset: str) -> Run:
        run = Run(Path(shutil.copytree(trained, tmp_path / "stranger")))
        config = run.folder / "config.yaml"
        text = config.read_text(encoding="utf-8")
        assert "dataset: mnist_sample" in text
        config.write_text(text.replace("dataset: mnist_sample", f"dataset: '{dataset}'"), encoding="utf-8")
        run.update(config_sha256=sha256(config), sha256=run.hashes | {"config.yaml": sha256(config)})
        return run

    return make


@pytest.fixture
def touched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of all files that are looked for or opened, from now on."""
    names: list[str] = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def noting(name: Any, *arguments: Any, **options: Any) -> Any:
            names.append(str(name))
            return function(name, *arguments, **options)

        return noting

    for owner, function in [
        (os, "stat"),
        (os, "lstat"),
        (os, "listdir"),
        (os, "scandir"),
        (io, "open"),
        (builtins, "open"),
    ]:
        monkeypatch.setattr(owner, function, watched(getattr(owner, function)))
    return names


@pytest.fixture
def no_download(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was to be downloaded; nothing is."""
    urls: list[str] = []
    monkeypatch.setattr(download, "download", lambda url, *_: urls.append(url))
    return urls


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("dataset", [UNC, "secret.npz", "~/secret.npz"])
def test_a_path_in_its_config_is_not_even_looked_for(
    command: str, dataset: str, strangers: Callable[[str], Run], mnist: Mnist, touched: list[str]
) -> None:
    npz_file(Path("secret.npz"), noise(20), noise(20))
    run = strangers(dataset)
    touched.clear()
    result = mnist(*COMMANDS[command](run.folder))
    assert result.status == 1
    output = result.err + result.out  # verify checks the rest
    assert f"{dataset}: not read" in output
    assert "--data SOURCE" in output
    assert any(name.endswith("config.yaml") for name in touched)
    assert [name for name in touched if name.endswith(Path(dataset).name)] == []


def test_a_relative_path_of_a_run_of_mine_is_reported_as_one(
    strangers: Callable[[str], Run], mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "is_own", lambda _: True)
    result = mnist("evaluate", "--run", strangers("data/mine.npz").folder)
    assert result.status == 1
    assert "data/mine.npz: file or folder not found" in result.err
    assert "relative to the folder in which the run was trained" in result.err
    assert "--data PATH" in result.err


@pytest.mark.parametrize(("dataset", "options"), [("data/mine.npz", ["--data", "data/mine.npz"]), ("~/mine.npz", [])])
def test_no_other_path_that_does_not_exist_is_reported_as_relative(
    dataset: str, options: list[str], strangers: Callable[[str], Run], mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "is_own", lambda _: True)
    result = mnist("evaluate", "--run", strangers(dataset).folder, *options)
    assert f"{dataset}: file, folder or dataset not found" in result.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist"])
def test_a_name_in_its_config_starts_no_download(
    command: str, dataset: str, strangers: Callable[[str], Run], mnist: Mnist, no_download: list[str]
) -> None:
    result = mnist(*COMMANDS[command](strangers(dataset).folder))
    assert result.status == 1
    output = result.err + result.out  # verify checks the rest
    assert f"{dataset}: not found at " in output
    assert f"download it: --data {dataset}" in output
    assert no_download == []


@pytest.mark.parametrize("command", ["evaluate", "predict", "verify"])
def test_data_that_are_here_under_a_known_name_are_used(
    command: str, strangers: Callable[[str], Run], mnist: Mnist
) -> None:
    assert mnist(*COMMANDS[command](strangers("mnist_sample").folder)).status == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_data_that_the_user_names_are_used_in_the_place_of_its_own(
    command: str, strangers: Callable[[str], Run], mnist: Mnist
) -> None:
    result = mnist(*COMMANDS[command](strangers(UNC).folder), "--data", "mnist_sample")
    assert (result.status, result.err.count("Error")) == (0, 0)
    assert [repetition.config().config.data.dataset for repetition in store.all_runs()] == (
        ["mnist_sample"] if command == "reproduce" else []
    )


def test_a_download_that_the_user_asks_for_begins(
    strangers: Callable[[str], Run], mnist: Mnist, no_download: list[str]
) -> None:
    mnist("evaluate", "--run", strangers(UNC).folder, "--data", "mnist")
    assert no_download == [f"{sources.HOST}/mnist.npz"]


def test_a_run_of_mine_starts_no_download_either(
    strangers: Callable[[str], Run], mnist: Mnist, no_download: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "is_own", lambda _: True)
    assert "mnist: not found at " in mnist("evaluate", "--run", strangers("mnist").folder).err
    assert no_download == []


def test_verify_compares_the_data_that_the_user_names(strangers: Callable[[str], Run], tmp_path: Path) -> None:
    file = npz_file(tmp_path / "others.npz", noise(500), noise(500))
    checks = verify(strangers("mnist_sample"), str(file))
    assert [check.what for check in checks if check.agrees is False] == ["data"]


def test_data_beside_images_are_wrong_usage(mnist: Mnist) -> None:
    assert mnist("predict", "digit.png", "--data", "mnist_sample").status == 2


@pytest.mark.parametrize(
    "arguments",
    [["data", ""], ["predict", ""], ["predict", "digit.png", ""],
     *([*command, "--data", ""] for command in (["evaluate"], ["predict"], ["verify"], ["reproduce"],
                                                ["train", "--config", "smoke"]))],
    ids=" ".join,
)  # fmt: skip
def test_an_empty_name_is_wrong_usage_and_never_the_folder_one_is_in(arguments: list[str], mnist: Mnist) -> None:
    result = mnist(*arguments)
    assert (result.status, result.out) == (2, "")
    assert "expected a value, received an empty one" in result.err
