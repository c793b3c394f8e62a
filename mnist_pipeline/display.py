"""What commands print for people: lines and tables."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from mnist_pipeline.terminal import flow, in_one_line, printable

Row = dict[str, Any]

WIDEST = 10_000  # columns of a file or a pipe, which have no width of their own


def show(*things: Any) -> None:
    """Print tables and lines to stdout. Nothing is cut or broken: a line that is too long is left to the terminal."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=WIDEST)
    for thing in things:
        if isinstance(thing, str):
            console.print(printable(thing), soft_wrap=True)
        else:
            console.print(thing, crop=False)


def width() -> int:
    """The columns of the terminal; `WIDEST` where stdout is none."""
    console = Console()
    return console.width if console.is_terminal else WIDEST


@dataclass(frozen=True)
class Rows:
    """A table that is never cut: where it is too wide, its columns stand closer, and then each row takes some lines.

    `left`: the columns that hold text; the others hold figures.
    """

    heads: list[str]
    rows: list[list[str]]
    left: Sequence[str]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """As wide as there is room for."""
        widths = [max(map(cell_len, column)) for column in zip(self.heads, *self.rows, strict=True)]
        for padding, between, edges in ((1, 3, 2), (0, 1, 0)):
            if sum(widths) + between * (len(widths) - 1) + edges <= options.max_width:
                yield self._drawn(widths, padding, bool(edges))
                return
        for row in self.rows:
            yield from (Text(line, no_wrap=True, overflow="ignore") for line in self._stacked(row, options.max_width))

    def _drawn(self, widths: list[int], padding: int, edges: bool) -> Table:
        drawn = Table(box=box.SIMPLE_HEAD, padding=(0, padding), pad_edge=False, show_edge=edges)
        for name, width in zip(self.heads, widths, strict=True):
            drawn.add_column(name, justify="left" if name in self.left else "right", no_wrap=True, min_width=width)
        for row in self.rows:
            drawn.add_row(*row)
        return drawn

    def _stacked(self, row: list[str], width: int) -> list[str]:
        """The first column alone, then the others with their names."""
        name = row[0] if self.heads[0] in self.left else f"{self.heads[0]} {row[0]}"
        rest = [f"{head} {value}" for head, value in zip(self.heads[1:], row[1:], strict=True) if value]
        return [name, *flow(rest, width, "  ")]


def table(rows: Iterable[Row], left: Sequence[str] = ()) -> Rows:
    """A table of `rows`, whose keys head the columns; columns in `left` hold text, the others figures."""
    rows = list(rows)
    heads = list(dict.fromkeys(name for row in rows for name in row))
    cells = [["" if row.get(name) is None else in_one_line(str(row[name])) for name in heads] for row in rows]
    return Rows([in_one_line(name) for name in heads], cells, left)


def facts(pairs: dict[str, Any]) -> Table:
    """Two columns: what, and which; words of it are never broken."""
    drawn = Table(box=None, show_header=False, pad_edge=False)
    values = {name: in_one_line(str(value)) for name, value in pairs.items()}
    drawn.add_column(no_wrap=True, min_width=max(map(cell_len, values), default=0))
    drawn.add_column(min_width=max((cell_len(word) for value in values.values() for word in value.split()), default=0))
    for name, value in values.items():
        drawn.add_row(name, value)
    return drawn


def checks(found: Iterable[Any]) -> Rows:
    """A row a check: what was checked, whether it agrees, and how."""
    return table(({"": check.what, "agrees": "yes" if check.agrees else "NO", "how": check.detail} for check in found),
                 left=("", "how"))  # fmt: skip


def percent(share: float) -> str:
    """0.9713 -> 97.13 %."""
    return f"{100 * share:.2f} %"


def sentence(figures: Row) -> str:
    """What was measured, in one line."""
    low, high = figures["accuracy_ci95"]
    accuracy = f"accuracy {percent(figures['accuracy'])} (95 % interval {100 * low:.2f} – {100 * high:.2f} %)"
    more = f", mean absolute error {figures['mae']:.4f}" if "mae" in figures else ""
    loss = "not finite" if figures["loss"] is None else f"{figures['loss']:.4f}"
    return f"{accuracy}{more}, loss {loss}, on {figures['samples']:,} {figures['split']} images"


def evaluation(figures: Row) -> list[Any]:
    """The figures of a run: a line, one table of the classes, and one of what was taken for what."""
    classes = [
        {name: f"{value:.4f}" if isinstance(value, float) else str(value) for name, value in row.items()}
        for row in figures["per_class"]
    ]
    names = [str(next(iter(row.values()))) for row in figures["per_class"]]
    confusion = [
        {"true\\said": name, **dict(zip(names, (count or "·" for count in counts), strict=True))}
        for name, counts in zip(names, figures["confusion_matrix"], strict=True)
    ]
    more = {"calibration error (ECE)": figures["ece"], "area under ROC": figures.get("auc"),
            "mean squared error": figures.get("mse"), "mean absolute error": figures.get("mae")}  # fmt: skip
    known = {name: f"{value:.4f}" for name, value in more.items() if value is not None}
    return [f"{figures['run']}: {sentence(figures)}", facts(known), table(classes), table(confusion)]


def overlap(figures: Row) -> str | None:
    """What to say of images that the run has seen before it is evaluated on them; None where there are none."""
    if figures["trained_on"] is None:
        return f"Whether the run was trained on some of these images cannot be told: {figures['trained_on_unknown']}"
    kinds = {"trained on": figures["trained_on"], "validated with": figures["validated_on"]}
    known = [f"{verb} {count:,}" for verb, count in kinds.items() if count]
    if not known:
        return None
    return (
        f"Warning: of these {figures['samples']:,} images, {figures['run']} was {' and '.join(known)}. "
        "The metrics do not show how it does on images it has not seen"
    )


def predictions(answers: list[Row], top: int, names: Sequence[str] | None = None) -> Rows:
    """A row a picture, with the `top` likeliest digits, or classes, which have `names`."""
    rows = []
    for answer in answers:
        row: Row = {"image": answer["image"]}
        if "value" in answer:
            row |= {"value": f"{answer['value']:.2f}", "digit": answer["digit"]}
        elif "answer" in answer:
            row |= {"answer": answer["answer"], "confidence": percent(answer["confidence"])}
        else:
            chances = answer["probabilities"]
            likeliest = sorted(range(len(chances)), key=lambda digit: -chances[digit])[:top]
            kind = "class" if names else "digit"
            row |= {kind: answer[kind], "confidence": percent(answer["confidence"])}
            for place, digit in enumerate(likeliest[1:], 2):
                row[f"{place}."] = f"{names[digit] if names else digit} ({percent(chances[digit])})"
        if "label" in answer:
            row["label"] = answer["label"]
        rows.append(row)
    return table(rows, left=["image"])


def predictions_csv(answers: list[Row]) -> str:
    """One line a picture; probabilities in columns p0, p1, ..."""
    rows = []
    for answer in answers:
        chances = {f"p{number}": chance for number, chance in enumerate(answer.get("probabilities", []))}
        rows.append({name: value for name, value in answer.items() if name != "probabilities"} | chances)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["image"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
