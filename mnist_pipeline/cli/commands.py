"""The group of commands: listed by purpose, each imported when it runs."""

from importlib import import_module

import click

# Heading in `mnist --help` -> command, in a file of its name -> the first sentence of its help. Listed here, as
# importing each command for its sentence took a tenth of the time of `mnist --help`.
SECTIONS = {
    "Make": {
        "train": "Train a model from a config, and leave it in a run folder.",
        "new": "Write a commented config to start from.",
    },
    "Use": {
        "evaluate": "Evaluate a run on labeled images.",
        "predict": "Predict the digits in images: files, folders, or standard input.",
        "runs": "List runs with their metrics, newest first.",
        "delete": "Delete runs.",
    },
    "Understand": {
        "data": "Describe a dataset: images, pixel values, classes and samples.",
    },
    "Check": {
        "check": "Check a config and show the model it defines.",
        "verify": "Verify the files, data and metrics of a run.",
        "reproduce": "Train a run again from its config and compare the two runs.",
        "schema": "Print the JSON Schema of configs, for editors.",
        "doctor": "Check the installation: versions, processors and GPU.",
    },
}
NAMES = [name for commands in SECTIONS.values() for name in commands]


class CommandGroup(click.Group):
    """The commands of `SECTIONS` under their headings, each imported when needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002, click's signature
        return NAMES

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in NAMES:
            return None
        command: click.Command = getattr(import_module(f"mnist_pipeline.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in NAMES and not args[0].startswith("-"):
            raise click.UsageError(_unknown_command(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        width = max(map(len, NAMES))
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), summary) for name, summary in commands.items()])


def _unknown_command(name: str) -> str:
    from difflib import get_close_matches

    similar = get_close_matches(name.lower(), NAMES, n=1)
    hint = f"Did you mean '{similar[0]}'?" if similar else f"The commands: {', '.join(NAMES)}."
    return f"No such command '{name}'. {hint}"
