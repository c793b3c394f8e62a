"""`mnist predict`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from mnist_pipeline.cli.options import data_option, not_empty, run_option, runtime_option, usage_error
from mnist_pipeline.cli.run import find_run
from mnist_pipeline.terminal import echo, echo_json, log

if TYPE_CHECKING:
    from mnist_pipeline.models.runtime import Runtime
    from mnist_pipeline.run.folder import Run

FIRST_TEST_IMAGES = 5


@click.command()
@click.argument("images", metavar="[IMAGE]...", nargs=-1, type=click.Path(), callback=not_empty)
@run_option
@click.option(
    "--top", metavar="K", type=click.IntRange(1, 10), default=3, show_default=True,
    help="Number of likeliest digits in the table.",
)  # fmt: skip
@click.option(
    "--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True,
    help="A table for people; JSON or CSV, with all probabilities, for programs.",
)  # fmt: skip
@data_option
@runtime_option
@click.pass_context
def predict(
    context: click.Context,
    images: tuple[str, ...],
    run_name: str | None,
    top: int,
    style: str,
    source: str | None,
    runtime: "Runtime",
) -> None:
    """Predict the digits in images: files, folders, or standard input.

    Without IMAGE: the first five test images, with their labels. A folder stands for all images in it and in its
    subfolders, sorted by name, without hidden ones; - for standard input.

    \b
    Examples:
      mnist predict digit.png
      mnist predict scans/ --format csv
      cat digit.png | mnist predict -
    """  # noqa: D301
    if images and source:
        raise usage_error("--data names the data whose first test images are predicted; with IMAGE it has no effect.")
    from mnist_pipeline.data.class_names import class_names
    from mnist_pipeline.models.predict import predict_test_images
    from mnist_pipeline.run.status import unfinished_message

    run = find_run(run_name)
    if unfinished := unfinished_message(run):
        log(unfinished)
    names = class_names(run)
    if images:
        predictions, all_readable = _predict_files(run, images, names is None, runtime)
    else:
        predictions, all_readable = predict_test_images(run, FIRST_TEST_IMAGES, source, runtime), True
    _print(predictions, style, top, names)
    if not all_readable:
        context.exit(1)


def _predict_files(
    run: "Run", files: tuple[str, ...], crop_to_digit: bool, runtime: "Runtime"
) -> tuple[list[dict[str, Any]], bool]:
    """Predictions for `files`, and whether all could be read; errors are printed."""
    from mnist_pipeline.data.preprocess.read import read_images
    from mnist_pipeline.models.predict import predict as predict_images

    readable, errors = read_images(files, crop_to_digit=crop_to_digit)
    for error in errors:
        log(f"Error: {error}")
    return predict_images(run, [image for _, image in readable], [name for name, _ in readable], runtime), not errors


def _print(predictions: list[dict[str, Any]], style: str, top: int, class_names: Sequence[str] | None) -> None:
    from mnist_pipeline.cli import display
    from mnist_pipeline.cli.display.predictions import predictions_csv, predictions_table

    match style:
        case "json":
            echo_json(predictions)
        case "csv":
            echo(predictions_csv(predictions), end="")
        case _ if predictions:
            display.show(predictions_table(predictions, top, class_names))
