"""Options and arguments that several commands take."""

import functools
from collections.abc import Callable
from typing import Any

import click

from mnist_pipeline.cli.completion import complete_config, complete_data_source, complete_folder, complete_run
from mnist_pipeline.threads import MAX_THREADS

Command = Callable[..., Any]


def not_empty(_: click.Context, __: click.Parameter, value: Any) -> Any:
    """`value`, one or several strings. Raises BadParameter if one is empty.

    It is when a shell variable is unset.
    """
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise click.BadParameter("expected a value, received an empty one. Is a shell variable unset?")
    return value


def usage_error(message: str) -> click.UsageError:
    """A usage error, printed with the usage of the running command."""
    return click.UsageError(message, click.get_current_context())


def _run_option(description: str) -> Callable[[Command], Command]:
    return click.option(
        "--run", "run_name", metavar="RUN", callback=not_empty, shell_complete=complete_run,
        show_default="the newest finished run", help=description,
    )  # fmt: skip


config_option = click.option(
    "--config", "-c", metavar="FILE_OR_PRESET", callback=not_empty, shell_complete=complete_config,
    help="A YAML file, or the name of a preset such as quickstart.",
)  # fmt: skip
set_option = click.option(
    "--set", "overrides", metavar="KEY=VALUE", multiple=True, callback=not_empty,
    help="Replace a value of the config: training.epochs=3, model.layers.3.Dropout=0.5. Repeatable.",
)  # fmt: skip
run_dir_option = click.option(
    "--run-dir", metavar="DIR", callback=not_empty, shell_complete=complete_folder,
    show_default="a new one under runs/", help="Folder for the new run.",
)  # fmt: skip
run_option = _run_option("A run folder, or the name of a run under runs/.")
runtime_option = click.option(
    "--runtime", type=click.Choice(["auto", "keras"]), default="auto", show_default=True,
    help="keras: predict with the Keras model; auto: with LiteRT, which starts faster, if the run has such a model.",
)  # fmt: skip
data_option = click.option(
    "--data", "source", metavar="SOURCE", callback=not_empty, shell_complete=complete_data_source,
    show_default="the data of the config",
    help="mnist, mnist_sample, fashion_mnist, a .npz file or a folder of IDX files.",
)  # fmt: skip
threads_option = click.option(
    "--threads", metavar="N", type=click.IntRange(1, MAX_THREADS), show_default="one per processor",
    help="Number of threads. The last bits of the weights depend on it; --resume and reproduce use it again.",
)  # fmt: skip


def run_argument_or_option(command: Command) -> Command:
    """Let `command` take its `run_name` as the argument RUN or as --run."""

    @click.argument("run_argument", metavar="[RUN]", required=False, callback=not_empty, shell_complete=complete_run)
    @_run_option("Same as the argument RUN: a run folder, or the name of a run under runs/.")
    @functools.wraps(command)
    def with_run(*values: Any, run_argument: str | None, run_name: str | None, **options: Any) -> Any:
        if run_argument and run_name and run_argument != run_name:
            raise usage_error(f"Received two runs, {run_argument} and --run {run_name}. Name one.")
        return command(*values, run_name=run_argument or run_name, **options)

    return with_run
