"""Results of `mnist verify` and `mnist reproduce`."""

from typing import TYPE_CHECKING

from mnist_pipeline.cli.display.tables import Renderable, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnist_pipeline.comparison import Comparison

AGREES = {True: "yes", False: "NO", None: "-"}


def comparisons_table(comparisons: "Iterable[Comparison]") -> Renderable:
    """A row for each comparison: what was compared, whether it agrees, and how."""
    return table(
        ({"": each.what, "agrees": AGREES[each.agrees], "how": each.detail} for each in comparisons),
        left=("", "how"),
    )
