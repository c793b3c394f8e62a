"""The Python interface: the commands for notebooks, scripts and servers."""

import json
import os
import signal
import subprocess
import sys
import threading
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

import mnist_pipeline as mp
from mnist_pipeline import pipeline, process
from mnist_pipeline.python_arguments import load_config
from mnist_pipeline.run.folder import runs_folder
from tests import guest
from tests.configs import TINY, tiny
from tests.conftest import Mnist
from tests.trainings import fingerprint
from tests.trainings import trained as train_directly


@pytest.fixture
def run(trained: Path) -> mp.Run:
    return mp.load(trained)


@pytest.fixture(scope="session")
def images() -> Any:
    return mp.load_data("mnist_sample")[1][0]


def png(file: Path) -> Path:
    """A PNG of a one, dark on light."""
    page = Image.new("L", (60, 60), 255)
    page.paste(0, (27, 10, 33, 50))
    page.save(file)
    return file


# What it costs


def test_the_import_loads_nothing_heavy() -> None:
    program = "import sys, mnist_pipeline; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    names = result.stdout.split()
    assert {name.split(".")[0] for name in names}.isdisjoint({"numpy", "click", "pydantic", "yaml", "rich", "PIL"})
    assert [name for name in names if name.startswith("mnist_pipeline")] == ["mnist_pipeline"]


def test_every_name_of_the_interface_is_there_documented_and_typed() -> None:
    assert [name for name in dir(mp) if not name.startswith("__")] == sorted(mp.__all__)
    assert all(getattr(mp, name).__doc__ for name in mp.__all__)
    assert resources.files(mp).joinpath("py.typed").is_file()


def test_another_name_is_an_attribute_error_that_lists_the_names() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'fit'. It has: MnistError, Run, load"):
        mp.fit  # noqa: B018


# A run


def test_predictions_for_arrays_are_those_of_the_command(run: mp.Run, images: Any, mnist: Mnist) -> None:
    printed = mnist("predict", "--run", run.folder, "--format", "json").json
    expected = [{**each, "image": f"image {index}"} for index, each in enumerate(printed)]
    predictions = run.predict(images[:5])
    assert [{**each, "label": row["label"]} for each, row in zip(predictions, expected, strict=True)] == expected
    assert run.predict(images[1])[0] == {**run.predict(images[1:2])[0], "image": "image 0"}
    assert run.predict(images[:5, ..., None].astype(int)) == predictions
    assert run.predict(images[:5].astype("float32")) == predictions
    assert run.predict(images[:0]) == run.predict(images[:0] / 255) == []


def test_predictions_for_files_are_those_of_the_command(run: mp.Run, mnist: Mnist, tmp_path: Path) -> None:
    file = png(tmp_path / "one.png")
    printed = mnist("predict", file, "--run", run.folder, "--format", "json").json
    assert run.predict(file) == run.predict(str(file)) == run.predict([file]) == run.predict(tmp_path) == printed
    assert run.predict([]) == []


def test_files_that_cannot_be_read_are_named_in_one_error(run: mp.Run, tmp_path: Path) -> None:
    file = png(tmp_path / "one.png")
    with pytest.raises(mp.MnistError, match=r"(?s)no\.png: .*nor\.png: "):
        run.predict([file, tmp_path / "no.png", tmp_path / "nor.png"])
    with pytest.raises(mp.MnistError, match="Standard input is for the command line only"):
        run.predict("-")


@pytest.mark.parametrize(("array", "message"), [
    (np.zeros((2, 28, 28)), r"images: expected pixels .* \(uint8\), received float64 from 0 to 0"),
    (np.eye(28) / 2, r"received float64 from 0 to 0\.5\. Do not divide them by 255\. If they were: \(255 \* images\)"),
    (np.eye(28) * 256.0, "received float64 from 0 to 256"),
    (np.full((28, 28), np.nan), "received float64 from nan to nan"),
    (np.zeros((2, 32, 32), np.uint8), r"images: expected images of shape \(n, 28, 28\), received \(2, 32, 32\)"),
    (np.full((2, 28, 28), 256), "images: expected pixels .*, received 256 to 256"),
], ids=["type", "fractions", "float range", "nan", "shape", "range"])  # fmt: skip
def test_arrays_that_are_not_images_are_an_error(run: mp.Run, array: Any, message: str) -> None:
    with pytest.raises(mp.MnistError, match=message):
        run.predict(array)


def test_arrays_in_a_list_and_pillow_images_are_predicted(run: mp.Run, images: Any) -> None:
    predictions = run.predict(images[:2])
    assert run.predict([images[0], images[1]]) == predictions
    assert run.predict(map(Image.fromarray, images[:2])) == predictions  # type: ignore[arg-type]
    assert run.predict(Image.fromarray(images[0])) == predictions[:1]  # type: ignore[arg-type]
    with pytest.raises(mp.MnistError, match=r"images: expected arrays of one shape, received \(2, 2\) and \(28, 28\)"):
        run.predict([images[0], np.zeros((2, 2), np.uint8)])


@pytest.mark.parametrize(("call", "message"), [
    (lambda run: run.predict(None), "images: expected an array, or files and folders, received None (NoneType)"),
    (lambda run: run.predict([[1]]), "images: expected an array, or files and folders, received [[1]] (list)"),
    (lambda run: run.predict(b"png"), "images: expected an array, or files and folders, received b'png' (bytes)"),
    (lambda run: run.predict(["", "a"]), "images: expected files and folders, received an empty string"),
    (lambda run: run.predict(np.int64(3)), "images: expected images of shape (n, 28, 28), received ()"),
    (lambda run: run.evaluate(data=(1, 2)), "data: expected the name or file of a dataset, received (1, 2) (tuple)"),
    (lambda run: run.evaluate([]), "split: expected test, validation or train, received []"),
    (lambda _: mp.load(3), "run: expected the name or folder of a run, received 3 (int)"),
    (lambda _: mp.load(""), "run: expected the name or folder of a run, received an empty string"),
    (lambda _: mp.runs(""), "pattern: expected a shell pattern or a part of a name, received an empty string"),
    (lambda _: mp.load_data(None), "dataset: expected the name or file of a dataset, received None (NoneType)"),
    (lambda _: mp.train(3), "config: expected a preset, a YAML file or a dict, received 3 (int)"),
    (lambda _: mp.train(""), "config: expected a preset, a YAML file or a dict, received an empty string"),
    (lambda _: mp.train("smoke", ["seed=1"]),
     "overrides: expected a dict, such as {\"training.epochs\": 3}, received ['seed=1'] (list)"),
    (lambda _: mp.train("smoke", data=""), "data: expected the name or file of a dataset, received an empty string"),
    (lambda _: mp.train("smoke", run_dir=""), "run_dir: expected a folder, received an empty string"),
])  # fmt: skip
def test_another_argument_is_an_error_with_what_was_expected(run: mp.Run, call: Any, message: str) -> None:
    with pytest.raises(mp.MnistError) as error:
        call(run)
    assert str(error.value) == message


def test_an_evaluation_is_that_of_the_command(run: mp.Run, mnist: Mnist) -> None:
    for split in ("test", "validation"):
        printed = mnist("evaluate", "--run", run.folder, "--split", split, "--format", "json").json
        assert run.evaluate(split) == printed  # type: ignore[arg-type]
    assert run.evaluate(data="mnist_sample")["samples"] == 200


def test_another_split_is_an_error(run: mp.Run) -> None:
    with pytest.raises(mp.MnistError, match=r"^split: expected test, validation or train, received 'val'$"):
        run.evaluate("val")  # type: ignore[arg-type]


def test_history_metrics_and_config_are_plain_data(run: mp.Run) -> None:
    assert [row["epoch"] for row in run.history] == list(range(1, len(run.history) + 1))
    assert all(isinstance(value, int | float) for row in run.history for value in row.values())
    assert run.metrics == json.loads((run.folder / "metrics.json").read_text())
    assert run.config == yaml.safe_load((run.folder / "config.yaml").read_text())


@pytest.mark.parametrize("row", ["2,", "2", "2,much", "2,0.5,0.5", "two,0.5"])
def test_a_history_with_a_cell_that_is_no_number_is_an_error(row: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"status": "training"}')
    (tmp_path / "history.csv").write_text(f"epoch,loss\n1,0.5\n{row}\n")
    with pytest.raises(mp.MnistError, match=r"history\.csv: expected a number in every cell"):
        _ = mp.Run(tmp_path).history


def test_the_model_is_the_keras_model_of_the_run(run: mp.Run, images: Any) -> None:
    outputs = run.model().predict(images[:20], verbose=0)
    confidences = [max(each["probabilities"]) for each in run.predict(images[:20])]
    assert outputs.max(axis=1) == pytest.approx(confidences, abs=1e-5)


def test_a_run_shows_its_name_status_and_accuracy(run: mp.Run, tmp_path: Path) -> None:
    assert repr(run) == f"<Run {run.name}: finished, accuracy {run.metrics['accuracy']:.4f}>"
    assert repr(mp.Run(tmp_path)) == f"<Run {tmp_path}: cannot be read>"


def test_load_takes_a_path_or_a_name_and_runs_lists_the_newest_first(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_RUNS", str(trained.parent))
    assert mp.load(trained.name) == mp.load() == mp.load(str(trained)) == mp.Run(runs_folder() / trained.name)
    assert mp.load(mp.Run(trained)) == mp.Run(trained)
    assert mp.Run(trained) in mp.runs()
    assert mp.runs(trained.name) == mp.runs(f"{trained.name[:-1]}?") == [mp.Run(trained)]
    assert mp.runs("none") == []
    with pytest.raises(mp.MnistError, match="none: run not found"):
        mp.load("none")


def test_a_run_is_the_same_after_the_current_folder_changes(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_RUNS", trained.parent.name)
    monkeypatch.chdir(trained.parent.parent)
    run = mp.load(trained.name)
    assert (run.folder, run.name, mp.runs()[0].folder.parent) == (trained, trained.name, trained.parent)
    metrics = run.metrics
    monkeypatch.chdir(tmp_path)
    assert run.metrics == metrics
    assert mp.load(run.name) == run


def test_load_data_returns_the_arrays_as_keras_does(tmp_path: Path) -> None:
    (x_train, y_train), (x_test, y_test) = mp.load_data("mnist_sample")
    assert (x_train.shape, y_train.shape) == ((4000, 28, 28), (4000,))
    assert (x_test.shape, y_test.shape) == ((1000, 28, 28), (1000,))
    np.savez(tmp_path / "test.npz", x_test=x_test, y_test=y_test)
    (x_train, y_train), (again, _) = mp.load_data(tmp_path / "test.npz")
    assert (x_train.shape, y_train.shape) == ((0, 28, 28), (0,))
    assert (again == x_test).all()


# Training


def test_a_dict_trains_to_the_weights_that_its_file_trains_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(process, "_owned", False)
    run = mp.train(TINY, {"seed": 3, "training.epochs": 1}, run_dir=tmp_path / "run", data="mnist_sample", threads=None)
    err = capfd.readouterr().err
    assert err.startswith(f"Run: {tmp_path / 'run'}\n")
    assert "epoch 1/1" in err
    assert (run.folder, len(run.history), run.config["seed"]) == (tmp_path / "run", 1, 3)
    record = json.loads((run.folder / "run.json").read_text())
    assert (record["config"], record["command"]) == ("config", ["mnist_pipeline.train"])
    directly = train_directly(tiny(tmp_path, "seed=3", "training.epochs=1"), tmp_path / "directly")
    assert fingerprint(mp.load(run.folder)._run) == fingerprint(directly)


@pytest.mark.parametrize("verbose", [True, False])
def test_ctrl_c_tells_how_to_resume(
    verbose: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "_owned", False)
    monkeypatch.setattr(pipeline, "execute", interrupt)
    with pytest.raises(KeyboardInterrupt):
        mp.train(TINY, run_dir=tmp_path / "run", data="mnist_sample", verbose=verbose)
    lines = (
        f"Run: {tmp_path / 'run'}\n"
        f"Interrupted; nothing is saved yet. To finish the run: mnist train --resume {tmp_path / 'run'}\n"
    )
    assert capsys.readouterr().err == (lines if verbose else "")


def test_errors_of_a_dict_are_located_in_its_json() -> None:
    wrong = TINY | {"model": {"layers": ["Flatten", {"Dense": {"units": -1}}]}, "lss": "mse"}
    with pytest.raises(mp.MnistError) as error:
        mp.train(wrong, {"training.epocs": 3})
    assert [line.partition(": ")[0] for line in str(error.value).splitlines() if not line.startswith(" ")][:2] == [
        "config:12:20", "config:22:3",
    ]  # fmt: skip
    assert '"units": -1' in str(error.value)
    assert "Did you mean 'epochs'?" in str(error.value)


@pytest.mark.parametrize(("config", "overrides", "message"), [
    ({"loss": np.zeros(3)}, {}, "config: expected dicts, lists, strings and numbers.*ndarray"),
    ("smoke", {"seed": {3}}, "seed: expected dicts, lists, strings and numbers.*set"),
    ("smok", {}, "Did you mean the preset 'smoke'?"),
], ids=["dict", "override", "preset"])  # fmt: skip
def test_a_value_that_is_not_a_config_is_an_error(config: Any, overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(mp.MnistError, match=message):
        mp.train(config, overrides)


def test_scalars_of_numpy_and_paths_are_values_of_a_config() -> None:
    overrides = {"seed": np.int64(3), "data.validation_split": np.float32(0.25), "data.dataset": Path("my.npz")}
    config = load_config("smoke", overrides, None).config
    assert (config.seed, config.data.validation_split, config.data.dataset) == (3, 0.25, "my.npz")
    assert load_config(TINY | {"seed": np.uint8(4)}, {}, Path("my.npz")).config.seed == 4


def test_warnings_about_a_config_are_python_warnings(tmp_path: Path) -> None:
    (tmp_path / "full").touch()
    callbacks = [{"EarlyStopping": {"patience": 9}}]
    with (
        pytest.warns(UserWarning, match="EarlyStopping never acts: patience is 9"),
        pytest.raises(mp.MnistError, match="this folder already holds files"),
    ):
        mp.train(TINY | {"callbacks": callbacks}, run_dir=tmp_path)


def test_threads_that_cannot_be_used_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(mp.MnistError, match="threads: expected a number from 1 to 1024, received 0"):
        mp.train(TINY, threads=0)


# The host


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_a_guest_defers_ctrl_c_alone_and_only_in_the_main_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_pipeline.training.signals import defer_signals

    def handlers() -> list[Any]:
        with defer_signals(None):  # type: ignore[arg-type] # a checkpoint is needed when a signal comes
            return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]

    monkeypatch.setattr(process, "_owned", False)
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert before[0] is signal.default_int_handler
    assert [was is now for was, now in zip(before, handlers(), strict=True)] == [False, True, True]
    in_thread: list[Any] = []
    thread = threading.Thread(target=lambda: in_thread.extend(handlers()))
    thread.start()
    thread.join()
    assert in_thread == before


def test_a_host_finds_its_process_as_it_was(trained: Path, tmp_path: Path) -> None:
    keras_home = tmp_path / "keras"
    keras_home.mkdir()
    settings = {"backend": "jax", "floatx": "float64", "image_data_format": "channels_first", "epsilon": 1e-7}
    (keras_home / "keras.json").write_text(json.dumps(settings))
    variables = {name: value for name, value in os.environ.items() if name not in guest.OURS}
    variables |= {"KERAS_HOME": str(keras_home), "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    variables["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    command = [sys.executable, "-m", "tests.guest", str(trained), str(png(tmp_path / "one.png"))]
    result = subprocess.run(
        command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, result.stderr
