"""The commands by purpose, each imported when it is run or listed."""

from importlib import import_module

import click

# Heading in `mnist --help` -> commands, each in a file of its name.
SECTIONS = {
    "Make": ("train",),
    "Use": ("evaluate", "predict", "runs", "delete"),
    "Understand": ("data",),
    "Check": ("check", "verify", "reproduce", "schema", "doctor"),
}


class CommandGroup(click.Group):
    """A group whose help lists the commands of `SECTIONS` under their headings."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002, click's signature
        """Names of all commands, in the order of the help."""
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(import_module(f"mnist_pipeline.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A section of the help for each heading."""
        for heading, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(
                    [(name, command.get_short_help_str(limit=200)) for name, command in commands if command]
                )
