"""Why training ended, whose weights are kept, and each change of the learning rate: said, and kept in the run."""

import signal
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.record import Ending, Reduction
from mnist_pipeline.training.events import format_ending, format_reduction
from mnist_pipeline.training.progress import ProgressReporter
from mnist_pipeline.training.train import prepare, train
from tests.configs import tiny
from tests.trainings import trained

# A difference of 100 is never reached, so the first epoch stays the best.
NEVER_BETTER = {"monitor": "loss", "min_delta": 100}
PLATEAU = {"ReduceLROnPlateau": NEVER_BETTER | {"patience": 1, "factor": 0.5}}
STOP = {"EarlyStopping": NEVER_BETTER | {"patience": 3}}
RESTORE = {"EarlyStopping": NEVER_BETTER | {"patience": 3, "restore_best_weights": True}}


def short(folder: Path, *callbacks: dict[str, Any], epochs: int = 9) -> LoadedConfig:
    return tiny(folder, f"training.epochs={epochs}", optimizer={"SGD": 0.1}, callbacks=[*callbacks])


def test_a_callback_that_stops_the_training_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = trained(short(tmp_path, STOP), tmp_path / "run")
    assert run.record["training_ended"] == {
        "because": "EarlyStopping", "epoch": 4, "weights_of_epoch": 4, "monitor": "loss", "patience": 3,
        "best_epoch": 1,
    }  # fmt: skip
    told = (
        "training ended after epoch 4 of 9: EarlyStopping, as loss did not improve for 3 epochs. The weights of epoch 4"
    )
    assert told in capfd.readouterr().err


def test_the_epoch_whose_weights_are_kept_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ended = trained(short(tmp_path, RESTORE), tmp_path / "run").record["training_ended"]
    assert (ended["because"], ended["epoch"], ended["weights_of_epoch"]) == ("EarlyStopping", 4, 1)
    assert "The weights of epoch 1 are kept, the best by loss" in capfd.readouterr().err


def test_weights_of_an_earlier_epoch_are_told_of_a_training_that_made_all_its_epochs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ended = trained(short(tmp_path, RESTORE, epochs=3), tmp_path / "run").record["training_ended"]
    assert ended == {"because": "epochs", "epoch": 3, "weights_of_epoch": 1, "monitor": "loss", "best_epoch": 1}
    assert "after epoch 3 of 3. The weights of epoch 1 are kept, the best by loss" in capfd.readouterr().err


def test_the_best_epoch_is_told_of_a_training_that_made_all_its_epochs_and_keeps_the_last(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ended = trained(short(tmp_path, STOP, epochs=3), tmp_path / "run").record["training_ended"]
    assert ended == {"because": "epochs", "epoch": 3, "weights_of_epoch": 3, "monitor": "loss", "best_epoch": 1}
    told = "The weights of epoch 3 are kept; epoch 1 was the best by loss: restore_best_weights: true keeps its weights"
    assert told in capfd.readouterr().err


def test_a_callback_that_saw_nothing_has_no_best_epoch(tmp_path: Path) -> None:
    late = {"EarlyStopping": {"monitor": "loss", "start_from_epoch": 5}}
    ended = trained(short(tmp_path, late, epochs=2), tmp_path / "run").record["training_ended"]
    assert ended == {"because": "epochs", "epoch": 2, "weights_of_epoch": 2}


def test_a_training_that_made_all_its_epochs_says_nothing_of_its_end(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = trained(short(tmp_path, epochs=1), tmp_path / "run")
    assert run.record["training_ended"] == {"because": "epochs", "epoch": 1, "weights_of_epoch": 1}
    assert run.record["learning_rate_changes"] == []
    assert "ended" not in capfd.readouterr().err


def test_each_change_of_the_learning_rate_is_told_below_its_epoch(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = trained(short(tmp_path, PLATEAU, epochs=3), tmp_path / "run")
    changes = [(each["epoch"], each["before"], each["after"]) for each in run.record["learning_rate_changes"]]
    assert changes == [(2, pytest.approx(0.1), pytest.approx(0.05)), (3, pytest.approx(0.05), pytest.approx(0.025))]
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("epoch")]
    assert lines[2] == "epoch 2: learning rate 0.1 -> 0.05, loss did not improve for 1 epoch"
    assert lines[1].startswith("epoch 2/3")


def test_of_two_plateaus_each_tells_its_own_change(tmp_path: Path) -> None:
    second = {"ReduceLROnPlateau": NEVER_BETTER | {"patience": 1, "factor": 0.1}}
    changes = trained(short(tmp_path, PLATEAU, second, epochs=2), tmp_path / "run").record["learning_rate_changes"]
    assert [(each["before"], each["after"]) for each in changes] == [
        (pytest.approx(0.1), pytest.approx(0.05)), (pytest.approx(0.05), pytest.approx(0.005)),
    ]  # fmt: skip


@pytest.mark.parametrize("epoch", [0, 2, 3])
def test_a_resumed_run_tells_the_same_as_one_that_was_never_interrupted(tmp_path: Path, epoch: int) -> None:
    loaded = short(tmp_path, PLATEAU, RESTORE)
    straight = trained(loaded, tmp_path / "straight").record

    def receive(self: ProgressReporter, number: int, logs: Any = None) -> None:
        if number == epoch:
            signal.raise_signal(signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "on_epoch_end", receive)
        with pytest.raises(KeyboardInterrupt):
            trained(loaded, tmp_path / "broken")
    run = Run(tmp_path / "broken")
    assert "training_ended" not in run.record
    with run.record_outcome():
        train(prepare(run.config(), load_dataset(loaded.config.data), run), run)
    for name in ("training_ended", "learning_rate_changes"):
        assert run.record[name] == straight[name]


def test_what_better_weights_would_take_is_told() -> None:
    ended = Ending(
        because="EarlyStopping", epoch=22, weights_of_epoch=22, monitor="val_loss", patience=10, best_epoch=12
    )
    told = format_ending(ended, 50)
    assert told
    assert told.endswith("epoch 12 was the best by val_loss: restore_best_weights: true keeps its weights")


def test_the_line_of_a_change_is_short() -> None:
    change = Reduction(epoch=12, before=0.0010000000474974513, after=0.0005, monitor="val_loss", patience=5)
    assert format_reduction(change) == "epoch 12: learning rate 0.001 -> 0.0005, val_loss did not improve for 5 epochs"
