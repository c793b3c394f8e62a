"""`python -m mnist_pipeline` is `mnist`."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and exit; with 1 and what to install where click, which it is made with, does not work."""
    try:
        import click  # noqa: F401, what `cli` imports first
    except Exception as error:  # whatever a broken installation raises
        _report_missing_click(error)
        sys.exit(1)
    from mnist_pipeline.cli.main import main as command_line

    command_line()


def _report_missing_click(error: Exception) -> None:
    from mnist_pipeline.errors import import_error_reason
    from mnist_pipeline.installation import install_again
    from mnist_pipeline.terminal import log

    log(f"Error: click: cannot be imported: {import_error_reason(error)}. {install_again(['click'])}")


if __name__ == "__main__":
    main()
