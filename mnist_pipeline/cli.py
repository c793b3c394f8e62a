"""The command line: parses, calls one function, prints.

Stages are imported inside the commands that need them, so that `mnist --help` answers at once.
"""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

from mnist_pipeline import __version__
from mnist_pipeline.errors import InstallationError, RunError
from mnist_pipeline.options import (
    config_option,
    data_option,
    not_empty,
    run_option,
    runtime_option,
    set_option,
    threads_option,
)
from mnist_pipeline.outcome import after_interruption, outcome
from mnist_pipeline.terminal import echo, echo_json, in_one_line, say, standard_streams

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_pipeline.config.load import LoadedConfig
    from mnist_pipeline.inference.classifier import Runtime
    from mnist_pipeline.run import Run

FIRST_TEST_IMAGES = 5


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
@click.option("--run-dir", type=click.Path(), help="The folder for the run. [runs/<config>-<UTC time>]")
@click.option("--resume", metavar="RUN", help="Finish a run that was interrupted.")
@threads_option
def train(
    config: str | None,
    overrides: tuple[str, ...],
    source: str | None,
    run_dir: str | None,
    resume: str | None,
    threads: int | None,
) -> None:
    """Train a model; the result is a run folder.

    \b
    mnist train --config baseline
    mnist train --config my.yaml --set training.epochs=3
    mnist train --resume baseline-20261122-093000
    """  # noqa: D301
    if (config is None) == (resume is None):
        raise click.UsageError("Give either --config or --resume, such as: mnist train --config quickstart")
    if resume and (overrides or source or run_dir or threads):
        raise click.UsageError("--resume goes on with the run as it is; it takes no other options.")
    import json

    from mnist_pipeline import display, experiment

    if resume:
        begun = experiment.resume(resume)
    else:
        overrides = overrides if source is None else (*overrides, f"data.dataset={json.dumps(source)}")
        loaded = _load(config, overrides)
        if threads:
            from mnist_pipeline.training.devices import use_threads

            use_threads(threads, threads)
        begun = experiment.start(loaded, _path(run_dir))
    with begun as work:
        say(f"Run: {work.run.folder}")
        try:
            figures = experiment.carry_out(work)
        except KeyboardInterrupt:
            echo(f"\n{in_one_line(after_interruption(work.run))}", err=True)
            raise
    _say_without_litert(work.run)
    if figures:
        display.show(in_one_line(f"{work.run.name}: {display.sentence(figures)}"))
    else:
        say(f"{work.dataset.source.origin} has no test images, so this run is not judged.")


@cli.command()
@click.argument("run_name", metavar="[RUN]", required=False)
@click.option("--run-dir", type=click.Path(), help="The folder for the new run.")
@data_option
def reproduce(run_name: str | None, run_dir: str | None, source: str | None) -> None:
    """Train a run again from its config, and say whether it came to the same, bit for bit.

    \b
    mnist reproduce
    mnist reproduce baseline-20261122-093000
    """  # noqa: D301
    from mnist_pipeline import display, repeat, runs

    first = runs.find(run_name)
    again, checks = repeat.reproduce(first, _path(run_dir), source)
    _say_without_litert(again)
    echo(in_one_line(f"{again.name}, against {first.name}:"))
    display.show(display.checks(checks))
    if not all(check.agrees for check in checks):
        moved = "; ".join(repeat.moved(first, again)) or "versions, hardware and threads are the same"
        raise RunError(f"{first.name} did not come out again. What differs besides: {moved}")


@cli.command()
@click.argument("run_name", metavar="[RUN]", required=False)
@data_option
def verify(run_name: str | None, source: str | None) -> None:
    """Check that a run holds what it says: its files, its data, its figures.

    \b
    mnist verify
    mnist verify baseline-20261122-093000
    """  # noqa: D301
    from mnist_pipeline import display, repeat, runs

    judged = runs.find(run_name)
    checks = repeat.verify(judged, source)
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
    remark = display.overlap(figures) if source or split == "test" else None
    if remark:
        say(remark)
    if style == "json":
        echo_json(figures)
    else:
        display.show(*display.evaluation(figures))


@cli.command()
@click.argument("pictures", metavar="[IMAGE]...", nargs=-1, callback=not_empty)
@run_option
@click.option("--top", type=click.IntRange(1, 10), default=3, show_default=True, help="How many digits to show.")
@click.option("--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@data_option
@runtime_option
@click.pass_context
def predict(
    context: click.Context,
    pictures: tuple[str, ...],
    run_name: str | None,
    top: int,
    style: str,
    source: str | None,
    runtime: "Runtime",
) -> None:
    """Predict the digits in images: files, folders, or - for standard input. Default: the first five test images.

    A folder stands for the images in it and in the folders inside it, by name; hidden ones are left out.

    \b
    mnist predict digit.png
    mnist predict scans/ --format csv
    cat digit.png | mnist predict -
    """  # noqa: D301
    if pictures and source:
        raise click.UsageError("--data names data whose first test images are read; with pictures it has no effect.")
    from mnist_pipeline import display, runs
    from mnist_pipeline.data.pictures import read_all
    from mnist_pipeline.inference.classes import class_names
    from mnist_pipeline.inference.predict import predict as predict_pictures

    chosen = runs.find(run_name)
    names = class_names(chosen)
    readable, problems = read_all(pictures, digits=names is None)
    for message in problems:
        say(f"Error: {message}")
    if pictures:
        answers = predict_pictures(chosen, [image for _, image in readable], [name for name, _ in readable], runtime)
    else:
        from mnist_pipeline.inference.examples import predict_first

        answers = predict_first(chosen, FIRST_TEST_IMAGES, source, runtime)
    match style:
        case "json":
            echo_json(answers)
        case "csv":
            echo(display.predictions_csv(answers), end="")
        case _ if answers:
            display.show(display.predictions(answers, top, names))
    if problems:
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
    from mnist_pipeline.config.json_schema import json_schema

    echo_json(json_schema())


@cli.command()
@click.argument("source", default="mnist", callback=not_empty)
def data(source: str) -> None:
    """Show what the data are: shapes, ranges, classes, samples.

    \b
    mnist data mnist_sample
    """  # noqa: D301
    from mnist_pipeline import display
    from mnist_pipeline.data.describe import describe, samples
    from mnist_pipeline.data.drawing import drawing
    from mnist_pipeline.data.sources import Access, load

    loaded = load(source, Access(advice="mnist data"))
    description = describe(loaded)
    display.show(display.facts(description.facts), display.table(description.classes, left=["name"]))
    display.show(drawing(*samples(loaded), across=max(1, min(5, display.width() // 15))))


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
        say(f"{where}. Train one: mnist train --config quickstart")


@cli.command()
def doctor() -> None:
    """Show versions, processors and GPU: whether one is used, and if not, why.

    \b
    mnist doctor
    """  # noqa: D301
    from mnist_pipeline import display
    from mnist_pipeline.training.doctor import diagnosis

    found = diagnosis()
    display.show(display.facts(found.facts))
    if found.advice:
        raise InstallationError(found.advice)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    With 0; 1 for what the user can mend; 2 for wrong usage; 130 or 143 when stopped; 141 when nobody reads stdout.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy multiplies nothing large here; its threads start slowly
    gc.disable()  # most commands end before looking for garbage pays; `framework` looks again
    atexit.register(gc.freeze)  # nor when Python ends, where it took a tenth of the time of `mnist predict`
    try:
        with standard_streams():
            status = outcome(cli, arguments)
    finally:
        gc.enable()
    sys.exit(status)


def _path(name: str | None) -> "Path | None":
    from pathlib import Path  # 4 of the 70 ms of `mnist --help`, which needs it for nothing else

    return None if name is None else Path(name)


def _load(config: str | None, overrides: tuple[str, ...]) -> "LoadedConfig":
    from mnist_pipeline.config.load import load

    if config is None:
        raise click.UsageError("Missing option '--config' / '-c', such as: --config quickstart")
    loaded = load(config, overrides)
    for warning in loaded.warnings:
        echo(str(warning), err=True)
    return loaded


def _say_without_litert(run: "Run") -> None:
    litert = run.record.get("litert") or {}
    if not litert.get("used", True):
        instead = "Its model.keras is used, which takes longer to start"
        say(f"{run.name} has no model.tflite: {litert['reason']}. {instead}")
