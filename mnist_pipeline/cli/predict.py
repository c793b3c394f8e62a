"""`mnist predict`."""

from typing import TYPE_CHECKING

import click

from mnist_pipeline.cli.options import data_option, not_empty, run_option, runtime_option
from mnist_pipeline.terminal import echo, echo_json, say

if TYPE_CHECKING:
    from mnist_pipeline.models.runtime import Runtime


FIRST_TEST_IMAGES = 5


@click.command()
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
    from mnist_pipeline.cli import display
    from mnist_pipeline.data.class_names import class_names
    from mnist_pipeline.data.preprocess.read import read_all
    from mnist_pipeline.models.predict import predict as predict_pictures
    from mnist_pipeline.run import store
    from mnist_pipeline.run.status import unfinished_remark

    chosen = store.find(run_name)
    if unfinished := unfinished_remark(chosen):
        say(unfinished)
    names = class_names(chosen)
    readable, problems = read_all(pictures, digits=names is None)
    for message in problems:
        say(f"Error: {message}")
    if pictures:
        answers = predict_pictures(chosen, [image for _, image in readable], [name for name, _ in readable], runtime)
    else:
        from mnist_pipeline.models.examples import predict_first

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
