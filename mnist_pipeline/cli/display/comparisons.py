"""Results of `mnist verify` and `mnist reproduce`."""

from typing import TYPE_CHECKING

from mnist_pipeline.cli.display.tables import Renderable, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnist_pipeline.comparison import Comparison

AGREES = {True: "yes", False: "NO", None: "-"}


def comparisons_table(checks: "Iterable[Comparison]") -> Renderable:
    """A row for each check: what was compared, whether it agrees, and how."""
    return table(
        ({"": check.what, "agrees": AGREES[check.agrees], "how": check.detail} for check in checks),
        left=("", "how"),
    )
