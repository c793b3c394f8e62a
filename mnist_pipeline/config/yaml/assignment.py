"""One KEY=VALUE of the command line, and the location of each part of its key."""

from dataclasses import dataclass
from itertools import accumulate

from mnist_pipeline.config.yaml.document import SET, Diagnostic, KeyPath, Location
from mnist_pipeline.errors import DiagnosticsError


@dataclass(frozen=True)
class Assignment:
    """KEY=VALUE, as written; `number` counts those of a command from 1."""

    text: str
    number: int

    @property
    def key(self) -> str:
        """Dotted key, with any spaces around it."""
        return self.text.partition("=")[0]

    @property
    def value(self) -> str:
        """YAML text of the value."""
        return self.text.partition("=")[2]

    @property
    def parts(self) -> list[str]:
        """The key, split at its dots."""
        return self.key.strip().split(".")

    def locate(self, index: int = 0) -> Location:
        """Location of part `index` of the key in the command line."""
        before = len(SET) + 1 + len(self.key) - len(self.key.lstrip())
        starts = [*accumulate((len(part) + 1 for part in self.parts), initial=before + 1)]
        return Location(SET, self.number, starts[index], f"{SET} {self.text}")

    def error(self, index: int, message: str) -> DiagnosticsError:
        """An error located at part `index` of the key."""
        return DiagnosticsError(str(Diagnostic(self.locate(index), message)))


def dotted(path: KeyPath) -> str:
    """`path` as `--set` writes it."""
    return ".".join(map(str, path))
