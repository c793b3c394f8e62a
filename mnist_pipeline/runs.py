"""The runs under `runs/`: made, found, listed."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_pipeline import environment
from mnist_pipeline.errors import RunError
from mnist_pipeline.run import CONFIG, RECORD, RUNS, Run
from mnist_pipeline.whole import sha256

if TYPE_CHECKING:
    from mnist_pipeline.config.load import LoadedConfig


def create(loaded: "LoadedConfig", folder: Path | None = None, **facts: Any) -> Run:
    """A new run for a config, with its config and its record written; by default under `runs/`.

    Raises RunError if `folder` holds a run or anything else, or cannot be made.
    """
    started = datetime.now(UTC)
    run = Run(_made(folder) if folder else _made_new(f"{loaded.name}-{started:%Y%m%d-%H%M%S}"))
    run.write_config(loaded.config)
    run.update(
        status="training",
        config=loaded.name,
        seed=loaded.config.seed,
        task=loaded.config.task,
        command=["mnist", *sys.argv[1:]],
        started=started.isoformat(),
        versions=environment.versions(),
        hardware=environment.hardware(),
        git_commit=environment.git_commit(),
        config_sha256=sha256(run.folder / CONFIG),
        **facts,
    )
    return run


def find(name: str | None) -> Run:
    """The run at a path or of a name under `runs/`; without a name, the newest finished one.

    Raises RunError that says which runs there are.
    """
    if name is None:
        finished = [run for run in all_runs() if run.status == "finished"]
        if not finished:
            raise RunError("there is no finished run under runs/. Train one: mnist train --config quickstart")
        return finished[0]
    for folder in (Path(name), RUNS / name):
        if os.path.isfile(folder / RECORD):  # noqa: PTH113, pathlib's raises for a name that is too long
            return Run(folder)
    if os.path.isdir(name):  # noqa: PTH112
        raise RunError(f"{name}: this folder is not a run: it has no {RECORD}")
    known = [run.folder.name for run in all_runs()][:5]
    rest = f"The newest: {', '.join(known)}" if known else "There are no runs under runs/ yet"
    raise RunError(f"{name}: there is no such run. {rest}")


def all_runs() -> list[Run]:
    """The runs under `runs/` whose record can be read, newest first."""
    found: list[tuple[str, Run]] = []
    for file in RUNS.glob(f"*/{RECORD}"):
        run = Run(file.parent)
        try:
            found.append((str(run.record.get("started", "")), run))
        except RunError:
            continue
    return [run for _, run in sorted(found, key=lambda pair: pair[0], reverse=True)]


def overview(run: Run) -> dict[str, Any]:
    """One line about a run: name, status, epochs, seconds of training, accuracy and loss on the test set."""
    record, figures = run.record, {}
    with suppress(RunError):
        figures = run.metrics or {}
    return {
        "run": run.name,
        "status": record["status"],
        "epochs": record.get("epochs"),
        "seconds": record.get("training_seconds"),
        "weights": record.get("weights"),
        "accuracy": _rounded(figures.get("accuracy")),
        "loss": _rounded(figures.get("loss")),
    }


def _rounded(figure: float | None) -> str | None:
    return None if figure is None else f"{figure:.4f}"


def refuse_taken(folder: Path) -> None:
    """Raises RunError if `folder` holds a run or anything else, or cannot be looked into."""
    try:
        if folder.exists() and any(folder.iterdir()):
            what = "a run" if (folder / RECORD).exists() else "something"
            raise RunError(f"{folder}: there is {what} in this folder already. Name a new one with --run-dir")
    except OSError as error:
        raise RunError(f"{folder}: cannot make this folder: {error.strerror}") from error


def _made(folder: Path) -> Path:
    refuse_taken(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder}: cannot make this folder: {error.strerror}") from error
    return folder


def _made_new(name: str) -> Path:
    """A new folder under `runs/`; two runs that start in one second get different ones."""
    for number in range(1, 1000):
        folder = RUNS / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunError(f"{folder}: cannot make this folder: {error.strerror}") from error
        return folder
    raise RunError(f"{RUNS / name}: too many runs of this name")
