"""The one family of errors a user can mend; each message says where, what, and what now.

They are caught once, in `cli.py`. Any other exception is a bug of this package.
"""

import re


class MnistError(Exception):
    """Something outside this package has to change before the command can do its work."""


class ConfigError(MnistError):
    """The config cannot be used; the message lists every problem found."""


class FirstStepRefusedError(ConfigError):
    """Keras refuses the first step of a training, so nothing was trained."""


class DiagnosticsError(ConfigError):
    """Problems in a config, each in lines of its own: its place, what is wrong, and what stands there."""


class DataError(MnistError):
    """The data cannot be had, or are not what they should be."""


class ImageError(MnistError):
    """A picture cannot be read as a digit."""


class RunError(MnistError):
    """A run folder is missing, unfinished, damaged, or in the way."""


class TrainingError(MnistError):
    """Training cannot start or cannot go on."""


class InstallationError(MnistError):
    """A package that this one needs is missing, or cannot be imported."""


class OutputError(MnistError):
    """What a command found cannot be written to stdout."""


class Terminated(KeyboardInterrupt):
    """SIGTERM or its like came: someone other than the user wants this process to end, or its terminal is gone."""


MAX_REASON_LENGTH = 300

# How Keras and TensorFlow begin lines that only lead to the reason, or follow it.
AROUND = (
    "A total of", "Exception encountered when calling", "Arguments received by", "Graph execution error",
    "Detected at node", 'File "', "config=", "Full object config", "List of objects that could not be loaded",
)  # fmt: skip

# What stands around the reason in its own line: the colors of a terminal, the address of an operation, a whole array.
NOISE = r"\x1b\[[0-9;]*m|\{\{function_node [^}]*\}\} |\s*\[Op:.*| Target variable: <Variable .*"


def error_reason(error: BaseException) -> str:
    """The first line of what `error` says that tells why; the name of its type where it says nothing."""
    innermost = str(error).rpartition("Exception encountered: ")[2]
    lines = [line for each in innermost.splitlines() if (line := re.sub(NOISE, "", each).strip())]
    telling = [line for line in lines if not line.startswith(AROUND) and not line.endswith(":")]
    line = next(iter(telling or lines), type(error).__name__)
    if isinstance(error, KeyError) and lines and " " not in line:  # which says no more than what was looked up
        line = f"{line} is missing"
    return line if len(line) <= MAX_REASON_LENGTH else f"{line[: MAX_REASON_LENGTH - 3]}..."


def import_error_reason(error: BaseException) -> str:
    """One line that tells why an import failed: where the last error is a page, that of the one before it."""
    while len(str(error).strip().splitlines()) > 1 and (cause := error.__cause__ or error.__context__):
        error = cause
    kind = "" if isinstance(error, MnistError) else f"{type(error).__name__}: "
    return f"{kind}{error_reason(error)}"


def describe_error(error: BaseException) -> str:
    """The type of `error` and the first line of what it says."""
    name, line = type(error).__name__, error_reason(error)
    return name if line == name else f"{name}: {line}"
