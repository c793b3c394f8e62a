"""The options that several commands take, and the longer ones of one."""

from typing import Any

import click

from mnist_pipeline.threads import MAX_THREADS


def not_empty(_: click.Context, __: click.Parameter, value: Any) -> Any:
    """`value`, a name or several; empty text, as an unset variable of a shell gives it, would be the current folder."""
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise click.BadParameter("expected a name, received nothing.")
    return value


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
    "--data", "source", metavar="SOURCE", callback=not_empty,
    help="mnist, mnist_sample, fashion_mnist, a .npz file, a folder of IDX files.",
)  # fmt: skip
threads_option = click.option(
    "--threads", metavar="N", type=click.IntRange(1, MAX_THREADS),
    help="Compute with so many threads. The last bits depend on it, so --resume and reproduce keep it.",
)  # fmt: skip
