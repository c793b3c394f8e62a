"""Why training ended, and learning-rate changes, are reported and recorded."""

import contextlib
import io
import signal
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.record import Ending, Reduction
from mnist_pipeline.training.events import format_ending, format_reduction
from mnist_pipeline.training.progress import ProgressReporter
from tests.configs import tiny
from tests.trainings import NO_XLA, resume, trained

# A difference of 100 is never reached, so the first epoch stays the best.
NEVER_BETTER = {"monitor": "loss", "min_delta": 100}
PLATEAU = {"ReduceLROnPlateau": NEVER_BETTER | {"patience": 1, "factor": 0.5}}
STOP = {"EarlyStopping": NEVER_BETTER | {"patience": 3}}
RESTORE = {"EarlyStopping": NEVER_BETTER | {"patience": 3, "restore_best_weights": True}}


def short(folder: Path, *callbacks: dict[str, Any], epochs: int = 9) -> LoadedConfig:
    return tiny(folder, NO_XLA, f"training.epochs={epochs}", optimizer={"SGD": 0.1}, callbacks=[*callbacks])


def ended(folder: Path, *callbacks: dict[str, Any], epochs: int = 9) -> dict[str, Any]:
    """What the run of a training with `callbacks` records of its end."""
    record: dict[str, Any] = trained(short(folder, *callbacks, epochs=epochs), folder / "run").record
    return dict(record["training_ended"])


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """The record and stderr of a training with PLATEAU and RESTORE."""
    folder, stderr = tmp_path_factory.mktemp("straight"), io.StringIO()
    with contextlib.redirect_stderr(stderr):
        run = trained(short(folder, PLATEAU, RESTORE), folder / "run")
    return run.record, stderr.getvalue()


def test_the_epoch_whose_weights_are_kept_is_reported(straight: tuple[dict[str, Any], str]) -> None:
    record, stderr = straight
    ending = record["training_ended"]
    assert (ending["because"], ending["epoch"], ending["weights_of_epoch"]) == ("EarlyStopping", 4, 1)
    assert "The weights of epoch 1 are kept, the best by loss" in stderr


def test_each_change_of_the_learning_rate_is_reported_below_its_epoch(straight: tuple[dict[str, Any], str]) -> None:
    record, stderr = straight
    changes = [(each["epoch"], each["before"], each["after"]) for each in record["learning_rate_changes"]]
    assert changes[:2] == [(2, pytest.approx(0.1), pytest.approx(0.05)), (3, pytest.approx(0.05), pytest.approx(0.025))]
    lines = [line for line in stderr.splitlines() if line.startswith("epoch")]
    assert lines[1].startswith("epoch 2/9")
    assert lines[2] == "epoch 2: learning rate 0.1 -> 0.05, loss did not improve for 1 epoch"


@pytest.mark.parametrize("epoch", [2, 3], ids=["before the stop", "after it"])
def test_a_resumed_run_reports_the_same_as_one_that_was_never_interrupted(
    tmp_path: Path, straight: tuple[dict[str, Any], str], epoch: int
) -> None:
    def receive(self: ProgressReporter, number: int, logs: Any = None) -> None:
        if number == epoch:
            signal.raise_signal(signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "on_epoch_end", receive)
        with pytest.raises(KeyboardInterrupt):
            trained(short(tmp_path, PLATEAU, RESTORE), tmp_path / "run")
    run = Run(tmp_path / "run")
    assert "training_ended" not in run.record
    resume(run)
    for name in ("training_ended", "learning_rate_changes"):
        assert run.record[name] == straight[0][name]


def test_a_callback_that_stops_the_training_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert ended(tmp_path, STOP) == {
        "because": "EarlyStopping", "epoch": 4, "weights_of_epoch": 4, "monitor": "loss", "patience": 3,
        "best_epoch": 1,
    }  # fmt: skip
    assert (
        "training ended after epoch 4 of 9: EarlyStopping, as loss did not improve for 3 epochs. The weights of epoch 4"
    ) in capfd.readouterr().err


def test_weights_of_an_earlier_epoch_are_reported_of_a_training_that_ran_all_its_epochs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = {"because": "epochs", "epoch": 3, "weights_of_epoch": 1, "monitor": "loss", "best_epoch": 1}
    assert ended(tmp_path, RESTORE, epochs=3) == expected
    assert "after epoch 3 of 3. The weights of epoch 1 are kept, the best by loss" in capfd.readouterr().err


def test_the_best_epoch_is_reported_of_a_training_that_ran_all_its_epochs_and_keeps_the_last(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = {"because": "epochs", "epoch": 3, "weights_of_epoch": 3, "monitor": "loss", "best_epoch": 1}
    assert ended(tmp_path, STOP, epochs=3) == expected
    line = "The weights of epoch 3 are kept; epoch 1 was the best by loss: restore_best_weights: true keeps its weights"
    assert line in capfd.readouterr().err


def test_a_callback_that_has_not_begun_has_no_best_epoch(tmp_path: Path) -> None:
    late = {"EarlyStopping": {"monitor": "loss", "start_from_epoch": 5}}
    assert ended(tmp_path, late, epochs=2) == {"because": "epochs", "epoch": 2, "weights_of_epoch": 2}


def test_the_end_of_a_training_that_ran_all_its_epochs_is_not_reported(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = trained(short(tmp_path, epochs=1), tmp_path / "run")
    assert run.record["training_ended"] == {"because": "epochs", "epoch": 1, "weights_of_epoch": 1}
    assert run.record["learning_rate_changes"] == []
    assert "ended" not in capfd.readouterr().err


def test_two_plateaus_each_record_their_own_change(tmp_path: Path) -> None:
    second = {"ReduceLROnPlateau": NEVER_BETTER | {"patience": 1, "factor": 0.1}}
    run = trained(short(tmp_path, PLATEAU, second, epochs=2), tmp_path / "run")
    assert [(each["before"], each["after"]) for each in run.record["learning_rate_changes"]] == [
        (pytest.approx(0.1), pytest.approx(0.05)), (pytest.approx(0.05), pytest.approx(0.005)),
    ]  # fmt: skip
    assert [float(row["learning_rate"]) for row in run.history] == pytest.approx([0.1, 0.1])


def test_the_last_line_says_how_to_keep_the_best_weights() -> None:
    ending = Ending(
        because="EarlyStopping", epoch=22, weights_of_epoch=22, monitor="val_loss", patience=10, best_epoch=12
    )
    line = format_ending(ending, 50)
    assert line
    assert line.endswith("epoch 12 was the best by val_loss: restore_best_weights: true keeps its weights")


def test_the_line_of_a_change_is_short() -> None:
    reduction = Reduction(epoch=12, before=0.0010000000474974513, after=0.0005, monitor="val_loss", patience=5)
    assert (
        format_reduction(reduction) == "epoch 12: learning rate 0.001 -> 0.0005, val_loss did not improve for 5 epochs"
    )
