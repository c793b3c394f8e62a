"""The command line: parses, calls one function, prints.

Stages are imported inside the commands that need them, so that `mnist --help` answers at once.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from mnist_pipeline import __version__
from mnist_pipeline.errors import MnistError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_pipeline.config.load import LoadedConfig
    from mnist_pipeline.data.dataset import Dataset
    from mnist_pipeline.run import Run

INTERRUPTED = 130
FIRST_TEST_IMAGES = 5

config_option = click.option(
    "--config", "-c", metavar="FILE_OR_PRESET", help="A YAML file, or the name of a preset such as quickstart."
)
set_option = click.option(
    "--set", "overrides", metavar="KEY=VALUE", multiple=True,
    help="Another value, read as YAML: training.epochs=3, model.layers.3.Dropout=0.5. May be repeated.",
)  # fmt: skip
run_option = click.option(
    "--run", "run_name", metavar="RUN", help="A folder, or a name under runs/. Without it, the newest finished run."
)
data_option = click.option(
    "--data", "source", metavar="SOURCE", help="mnist, mnist_sample, fashion_mnist, a .npz file, a folder of IDX files."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mnist")
def cli() -> None:
    """Train, judge and ask a Keras model of handwritten digits, described by a YAML file.

    \b
    mnist train --config quickstart    5,000 real images, no download, seconds
    mnist evaluate                     judges the newest run
    mnist predict digit.png            reads a picture
    """  # noqa: D301, click's mark for lines that stay as they are


@cli.command()
@config_option
@set_option
@data_option
@click.option("--run-dir", type=click.Path(path_type=Path), help="The folder for the run. [runs/<config>-<UTC time>]")
@click.option("--resume", metavar="RUN", help="Finish a run that was interrupted.")
def train(
    config: str | None, overrides: tuple[str, ...], source: str | None, run_dir: Path | None, resume: str | None
) -> None:
    """Train a model; the result is a run folder.

    \b
    mnist train --config baseline
    mnist train --config my.yaml --set training.epochs=3
    mnist train --resume baseline-20261122-093000
    """  # noqa: D301
    if (config is None) == (resume is None):
        raise click.UsageError("Give either --config or --resume.")
    if resume and (overrides or source or run_dir):
        raise click.UsageError("--resume goes on with the run as it is; it takes no other options.")
    loaded, dataset, run = _resumed(resume) if resume else _started(str(config), overrides, source, run_dir)
    click.echo(f"Run: {run.folder}", err=True)
    try:
        with run.recording():
            _train_and_judge(loaded, dataset, run)
    except KeyboardInterrupt:
        click.echo(_after_interruption(run), err=True)
        raise


@cli.command()
@run_option
@click.option("--split", type=click.Choice(["test", "validation", "train"]), default="test", show_default=True)
@data_option
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
def evaluate(run_name: str | None, split: str, source: str | None, style: str) -> None:
    """Judge a run on labelled images.

    \b
    mnist evaluate
    mnist evaluate --run baseline-20261122-093000 --split validation --format json
    """  # noqa: D301
    from mnist_pipeline import display, run
    from mnist_pipeline.inference.evaluate import evaluate as evaluate_run

    figures = evaluate_run(run.find(run_name), split, source)
    if style == "json":
        click.echo(json.dumps(figures, indent=2))
    else:
        display.show(*display.evaluation(figures))


@cli.command()
@click.argument("pictures", metavar="[IMAGE]...", nargs=-1)
@run_option
@click.option("--top", type=click.IntRange(1, 10), default=3, show_default=True, help="How many digits to show.")
@click.option("--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_context
def predict(context: click.Context, pictures: tuple[str, ...], run_name: str | None, top: int, style: str) -> None:
    """Read pictures: files, folders, - for standard input; without any, the first five test images.

    \b
    mnist predict digit.png
    mnist predict scans/ --format csv
    cat digit.png | mnist predict -
    """  # noqa: D301
    from mnist_pipeline import display, run
    from mnist_pipeline.inference.predict import predict as predict_pictures

    chosen = run.find(run_name)
    images, names, labels, unreadable = _read_pictures(pictures) if pictures else _first_test_images(chosen)
    for error in unreadable:
        click.echo(error, err=True)
    answers = predict_pictures(chosen, images, names, labels) if names else []
    match style:
        case "json":
            click.echo(json.dumps(answers, indent=2))
        case "csv":
            click.echo(display.predictions_csv(answers), nl=False)
        case _ if answers:
            display.show(display.predictions(answers, top))
    if unreadable:
        context.exit(1)


@cli.command()
@config_option
@set_option
def check(config: str | None, overrides: tuple[str, ...]) -> None:
    """Say what is wrong with a config, or what it would build, without TensorFlow.

    \b
    mnist check --config my.yaml
    """  # noqa: D301
    from mnist_pipeline import display
    from mnist_pipeline.config.summary import layer_rows, plan

    loaded = _load(config, overrides)
    display.show(display.table(layer_rows(loaded.config), left=["layer"]), display.facts(plan(loaded.config)))


@cli.command()
def schema() -> None:
    """Print the JSON Schema of the config, for editors.

    \b
    mnist schema > mnist.schema.json
    then, in the first line of a config:  # yaml-language-server: $schema=mnist.schema.json
    """  # noqa: D301
    from mnist_pipeline.config.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


@cli.command()
@click.argument("source", default="mnist")
def data(source: str) -> None:
    """Show what the data are: shapes, ranges, classes, samples.

    \b
    mnist data mnist_sample
    """  # noqa: D301
    from mnist_pipeline import display
    from mnist_pipeline.data.describe import describe, samples
    from mnist_pipeline.data.sources import load

    loaded = load(source)
    description = describe(loaded)
    display.show(display.facts(description.facts), display.table(description.classes, left=["name"]))
    display.show(display.drawing(*samples(loaded)))


@cli.command()
def runs() -> None:
    """List the runs under runs/, newest first, with their figures."""
    from mnist_pipeline import display, run

    rows = [run.overview(each) for each in run.all_runs()]
    if rows:
        display.show(display.table(rows, left=["run", "status"]))
    else:
        click.echo("There are no runs under runs/ yet. Train one: mnist train --config quickstart", err=True)


@cli.command()
def doctor() -> None:
    """Show versions, processors and GPU: whether one is used, and if not, why."""
    from mnist_pipeline import display
    from mnist_pipeline.training.doctor import diagnosis

    display.show(display.facts(diagnosis()))


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0, 1 for what the user can mend, 2 for wrong usage, 130 after Ctrl-C."""
    try:
        status = cli.main(list(arguments) if arguments is not None else None, "mnist", standalone_mode=False)
    except MnistError as error:
        click.echo(f"Error: {error}" if "\n" not in str(error) else error, err=True)
        status = 1
    except click.Abort:
        status = INTERRUPTED
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    sys.exit(status)


def _load(config: str | None, overrides: tuple[str, ...]) -> "LoadedConfig":
    from mnist_pipeline.config.load import load

    if config is None:
        raise click.UsageError("Missing option '--config' / '-c'.")
    loaded = load(config, overrides)
    for warning in loaded.warnings:
        click.echo(warning, err=True)
    return loaded


def _started(
    config: str, overrides: tuple[str, ...], source: str | None, run_dir: Path | None
) -> "tuple[LoadedConfig, Dataset, Run]":
    """A new run. The data are read first, so that no folder is left behind if they are not there."""
    from mnist_pipeline import run
    from mnist_pipeline.data.dataset import load_dataset

    if source is not None:
        overrides = (*overrides, f"data.dataset={json.dumps(source)}")
    loaded = _load(config, overrides)
    dataset = load_dataset(loaded.config.data)
    dataset.split("train")
    facts = {"name": dataset.source.name, "origin": dataset.source.origin, "sha256": dataset.source.sha256}
    return loaded, dataset, run.create(loaded, run_dir, data=facts)


def _resumed(name: str) -> "tuple[LoadedConfig, Dataset, Run]":
    from mnist_pipeline import run
    from mnist_pipeline.data.dataset import load_dataset

    found = run.find(name)
    loaded = found.config()
    dataset = load_dataset(loaded.config.data)
    found.resume(dataset.source.sha256)
    return loaded, dataset, found


def _train_and_judge(loaded: "LoadedConfig", dataset: "Dataset", run: "Run") -> None:
    from mnist_pipeline import display
    from mnist_pipeline.inference.evaluate import assess
    from mnist_pipeline.training.train import train as train_model

    train_model(loaded, dataset, run)
    if dataset.test is None:
        click.echo(f"{dataset.source.origin} has no test images, so this run is not judged.", err=True)
        return
    figures = assess(run, dataset, "test")
    run.write_metrics(figures)
    display.show(f"{run.name}: {display.sentence(figures)}")


def _after_interruption(run: "Run") -> str:
    epochs = run.record.get("epochs", 0)
    reached = f"after {epochs} epochs; the model so far is kept" if epochs else "before the first epoch was finished"
    return f"\nInterrupted {reached}. To finish it: mnist train --resume {run.name}"


def _read_pictures(
    names: tuple[str, ...],
) -> "tuple[NDArray[np.uint8], list[str], None, list[str]]":
    """The pictures that can be read, their names, no labels, and what is wrong with the others."""
    import numpy as np

    from mnist_pipeline.data import pictures

    images, read, unreadable = [], [], []
    for name in pictures.find(names):
        try:
            images.append(pictures.read(name))
        except MnistError as error:
            unreadable.append(f"Error: {error}")
        else:
            read.append(name)
    return np.array(images, dtype=np.uint8).reshape(-1, 28, 28), read, None, unreadable


def _first_test_images(run: "Run") -> "tuple[NDArray[np.uint8], list[str], NDArray[np.uint8], list[str]]":
    from mnist_pipeline.data.dataset import load_dataset

    first = load_dataset(run.config().config.data).split("test")[:FIRST_TEST_IMAGES]
    return first.images, [f"test image {number}" for number in range(len(first))], first.labels, []
