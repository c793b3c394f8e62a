"""Errors that a user can fix. The message says where, what, and what to do next.

`cli.exit_status` prints them and exits with 1. Any other exception is a bug of this package.
"""

import re


class MnistError(Exception):
    """Something outside this package has to change before the command can work."""


class ConfigError(MnistError):
    """The config cannot be used."""


class FirstStepRefusedError(ConfigError):
    """Keras refuses the first training step, so nothing was trained."""


class DiagnosticsError(ConfigError):
    """Problems in a config, each on several lines: location, source line and caret."""


class DataError(MnistError):
    """The data are missing, damaged or not images of 28 x 28."""


class ImageError(MnistError):
    """An image file cannot be read as a digit."""


class RunError(MnistError):
    """A run folder is missing, unfinished, damaged, or in the way."""


class TrainingError(MnistError):
    """Training cannot start or continue."""


class InstallationError(MnistError):
    """A package that this one needs is missing or cannot be imported."""


class OutputError(MnistError):
    """Results cannot be written to stdout."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, SIGHUP or SIGBREAK: another process or the system ends this one."""


MAX_REASON_LENGTH = 300

# How lines of Keras and TensorFlow begin that stand before or after the reason.
CONTEXT_LINES = (
    "A total of", "Exception encountered when calling", "Arguments received by", "Graph execution error",
    "Detected at node", 'File "', "config=", "Full object config", "List of objects that could not be loaded",
)  # fmt: skip

# Around the reason in its own line: terminal colors, the name of a graph node or operation, a whole array.
NOISE = r"\x1b\[[0-9;]*m|\{\{function_node [^}]*\}\} |\s*\[Op:.*| Target variable: <Variable .*"


def error_reason(error: BaseException) -> str:
    """The line of the message with the reason; the type if the message is empty."""
    innermost = str(error).rpartition("Exception encountered: ")[2]
    lines = [line for each in innermost.splitlines() if (line := re.sub(NOISE, "", each).strip())]
    reasons = [line for line in lines if not line.startswith(CONTEXT_LINES) and not line.endswith(":")]
    line = next(iter(reasons or lines), type(error).__name__)
    if isinstance(error, KeyError) and lines and " " not in line:  # its message is the key alone
        line = f"{line} is missing"
    return line if len(line) <= MAX_REASON_LENGTH else f"{line[: MAX_REASON_LENGTH - 3]}..."


def import_error_reason(error: BaseException) -> str:
    """Why an import failed, in one line.

    If the message has several lines, it is that of the exception that caused the error.
    """
    while len(str(error).strip().splitlines()) > 1 and (cause := error.__cause__ or error.__context__):
        error = cause
    kind = "" if isinstance(error, MnistError) else f"{type(error).__name__}: "
    return f"{kind}{error_reason(error)}"


def describe_error(error: BaseException) -> str:
    """Type and reason, such as `ValueError: the shapes differ`, or the type alone."""
    name, reason = type(error).__name__, error_reason(error)
    return name if reason == name else f"{name}: {reason}"
