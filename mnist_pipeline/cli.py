"""The command line: parses, calls one function, prints.

Stages are imported inside the commands that need them, so that `mnist --help` answers at once.
"""

import gc
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from mnist_pipeline import __version__
from mnist_pipeline.errors import MnistError, RunError, Terminated

if TYPE_CHECKING:
    from mnist_pipeline.config.load import LoadedConfig
    from mnist_pipeline.inference.classifier import Runtime
    from mnist_pipeline.run import Run

INTERRUPTED, TERMINATED = 130, 143  # 128 and the number of the signal, as shells have it
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
runtime_option = click.option(
    "--runtime", type=click.Choice(["auto", "keras"]), default="auto", show_default=True,
    help="auto: LiteRT, which needs no TensorFlow, if the run has such a model.",
)  # fmt: skip
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
    from mnist_pipeline import display, experiment

    if resume:
        begun = experiment.resume(resume)
    else:
        overrides = overrides if source is None else (*overrides, f"data.dataset={json.dumps(source)}")
        begun = experiment.start(_load(config, overrides), run_dir)
    with begun as work:
        click.echo(f"Run: {work.run.folder}", err=True)
        try:
            figures = experiment.carry_out(work)
        except KeyboardInterrupt:
            click.echo(_after_interruption(work.run), err=True)
            raise
    _say_without_litert(work.run)
    if figures:
        display.show(f"{work.run.name}: {display.sentence(figures)}")
    else:
        click.echo(f"{work.dataset.source.origin} has no test images, so this run is not judged.", err=True)


@cli.command()
@click.argument("run_name", metavar="[RUN]", required=False)
@click.option("--run-dir", type=click.Path(path_type=Path), help="The folder for the new run.")
def reproduce(run_name: str | None, run_dir: Path | None) -> None:
    """Train a run again from its config, and say whether it came to the same, bit for bit.

    \b
    mnist reproduce
    mnist reproduce baseline-20261122-093000
    """  # noqa: D301
    from mnist_pipeline import display, repeat, runs

    first = runs.find(run_name)
    again, checks = repeat.reproduce(first, run_dir)
    _say_without_litert(again)
    click.echo(f"{again.name}, against {first.name}:")
    display.show(display.checks(checks))
    if not all(check.agrees for check in checks):
        moved = "; ".join(repeat.moved(first, again)) or "versions, hardware and threads are the same"
        raise RunError(f"{first.name} did not come out again. What differs besides: {moved}")


@cli.command()
@click.argument("run_name", metavar="[RUN]", required=False)
def verify(run_name: str | None) -> None:
    """Check that a run holds what it says: its files, its data, its figures.

    \b
    mnist verify
    mnist verify baseline-20261122-093000
    """  # noqa: D301
    from mnist_pipeline import display, repeat, runs

    judged = runs.find(run_name)
    checks = repeat.verify(judged)
    display.show(display.checks(checks))
    wrong = [check.what for check in checks if not check.agrees]
    if wrong:
        raise RunError(f"{judged.name} does not hold what it says: {', '.join(wrong)}")


@cli.command()
@run_option
@click.option("--split", type=click.Choice(["test", "validation", "train"]), default="test", show_default=True)
@data_option
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
@runtime_option
def evaluate(run_name: str | None, split: str, source: str | None, style: str, runtime: "Runtime") -> None:
    """Judge a run on labelled images.

    \b
    mnist evaluate
    mnist evaluate --run baseline-20261122-093000 --split validation --format json
    """  # noqa: D301
    from mnist_pipeline import display, runs
    from mnist_pipeline.inference.evaluate import evaluate as evaluate_run

    figures = evaluate_run(runs.find(run_name), split, source, runtime)
    if style == "json":
        click.echo(json.dumps(figures, indent=2))
    else:
        display.show(*display.evaluation(figures))


@cli.command()
@click.argument("pictures", metavar="[IMAGE]...", nargs=-1)
@run_option
@click.option("--top", type=click.IntRange(1, 10), default=3, show_default=True, help="How many digits to show.")
@click.option("--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@runtime_option
@click.pass_context
def predict(
    context: click.Context,
    pictures: tuple[str, ...],
    run_name: str | None,
    top: int,
    style: str,
    runtime: "Runtime",
) -> None:
    """Read pictures: files, folders, - for standard input; without any, the first five test images.

    \b
    mnist predict digit.png
    mnist predict scans/ --format csv
    cat digit.png | mnist predict -
    """  # noqa: D301
    from mnist_pipeline import display, runs
    from mnist_pipeline.data.pictures import read_all
    from mnist_pipeline.inference.predict import predict as predict_pictures

    chosen = runs.find(run_name)
    readable, unreadable = read_all(pictures)
    for error in unreadable:
        click.echo(f"Error: {error}", err=True)
    if pictures:
        answers = predict_pictures(chosen, list(readable.values()), list(readable), runtime)
    else:
        from mnist_pipeline.inference.examples import predict_first

        answers = predict_first(chosen, FIRST_TEST_IMAGES, runtime)
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
    from mnist_pipeline.data.drawing import drawing
    from mnist_pipeline.data.sources import load

    loaded = load(source)
    description = describe(loaded)
    display.show(display.facts(description.facts), display.table(description.classes, left=["name"]))
    display.show(drawing(*samples(loaded)))


@cli.command()
def runs() -> None:
    """List the runs under runs/, newest first, with their figures.

    \b
    mnist runs
    MNIST_RUNS=/shared/runs mnist runs
    """  # noqa: D301
    from mnist_pipeline import display, runs
    from mnist_pipeline.run import runs_folder

    rows = [runs.overview(each) for each in runs.all_runs()]
    if rows:
        display.show(display.table(rows, left=["run", "status"]))
    else:
        where = f"There are no runs under {runs_folder()}/ yet"
        click.echo(f"{where}. Train one: mnist train --config quickstart", err=True)


@cli.command()
def doctor() -> None:
    """Show versions, processors and GPU: whether one is used, and if not, why.

    \b
    mnist doctor
    """  # noqa: D301
    from mnist_pipeline import display
    from mnist_pipeline.training.doctor import diagnosis

    display.show(display.facts(diagnosis()))


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0, 1 for what the user can mend, 2 for wrong usage, 130 or 143 when stopped."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy multiplies nothing large here; its threads start slowly
    gc.disable()  # most commands end before looking for garbage pays; `framework` looks again
    try:
        status = cli.main(list(arguments) if arguments is not None else None, "mnist", standalone_mode=False)
    except MnistError as error:
        click.echo(f"Error: {error}" if "\n" not in str(error) else error, err=True)
        status = 1
    except click.Abort as abort:
        status = TERMINATED if isinstance(abort.__cause__, Terminated) else INTERRUPTED
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    finally:
        gc.enable()
    sys.exit(status)


def _load(config: str | None, overrides: tuple[str, ...]) -> "LoadedConfig":
    from mnist_pipeline.config.load import load

    if config is None:
        raise click.UsageError("Missing option '--config' / '-c'.")
    loaded = load(config, overrides)
    for warning in loaded.warnings:
        click.echo(warning, err=True)
    return loaded


def _say_without_litert(run: "Run") -> None:
    litert = run.record.get("litert") or {}
    if not litert.get("used", True):
        remark = (
            f"{run.name} has no model.tflite: {litert['reason']}. Its model.keras is used, which takes longer to start"
        )
        click.echo(remark, err=True)


def _after_interruption(run: "Run") -> str:
    epochs = run.record.get("epochs")
    if epochs is None:
        saved = "what the last checkpoint holds is saved" if run.checkpoint else "nothing is saved yet"
        return f"\nInterrupted; {saved}. To go on: mnist train --resume {run.name}"
    count = "1 epoch" if epochs == 1 else f"{epochs} epochs"
    return f"\nInterrupted after {count}; what was reached is saved. To finish it: mnist train --resume {run.name}"
