"""The group of commands: listed by purpose, each imported when it runs or is listed."""

from importlib import import_module

import click

# Heading in `mnist --help` -> commands, each in a file of its name.
SECTIONS = {
    "Make": ("train", "new"),
    "Use": ("evaluate", "predict", "runs"),
    "Understand": ("data",),
    "Check": ("check", "verify", "reproduce", "schema", "doctor"),
}
NAMES = [name for names in SECTIONS.values() for name in names]


class CommandGroup(click.Group):
    """Lists the commands of `SECTIONS` under their headings, and imports one when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002, click's signature
        return NAMES

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        return _load(cmd_name) if cmd_name in NAMES else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in NAMES and not args[0].startswith("-"):
            raise click.UsageError(_unknown_command(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        width = max(map(len, NAMES))
        for heading, names in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), _summary(_load(name))) for name in names])


def _load(name: str) -> click.Command:
    command: click.Command = getattr(import_module(f"mnist_pipeline.cli.{name}"), name)
    return command


def _summary(command: click.Command) -> str:
    """The first sentence of the help, not shortened."""
    return command.get_short_help_str(limit=1000)


def _unknown_command(name: str) -> str:
    from difflib import get_close_matches

    similar = get_close_matches(name.lower(), NAMES, n=1)
    hint = f"Did you mean '{similar[0]}'?" if similar else f"The commands: {', '.join(NAMES)}."
    return f"No such command '{name}'. {hint}"
