"""The one family of errors a user can mend; each message says where, what, and what now.

They are caught once, in `cli.py`. Any other exception is a bug of this package.
"""


class MnistError(Exception):
    """Something outside this package has to change before the command can do its work."""


class ConfigError(MnistError):
    """The config cannot be used; the message lists every problem found."""


class DataError(MnistError):
    """The data cannot be had, or are not what they should be."""


class PictureError(MnistError):
    """A picture cannot be read as a digit."""


class RunError(MnistError):
    """A run folder is missing, unfinished, damaged, or in the way."""


class TrainingError(MnistError):
    """Training cannot start or cannot go on."""


class Terminated(KeyboardInterrupt):
    """SIGTERM or its like came: someone other than the user wants this process to end, or its terminal is gone."""


def first_line(error: BaseException) -> str:
    """The first line of what `error` says; the name of its type where it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def described(error: BaseException) -> str:
    """The type of `error` and the first line of what it says."""
    name, line = type(error).__name__, first_line(error)
    return name if line == name else f"{name}: {line}"
