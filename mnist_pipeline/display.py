"""What commands print for people: lines and tables."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from mnist_pipeline.terminal import in_one_line, printable

Row = dict[str, Any]

WIDEST = 10_000  # columns of a file or a pipe, which have no width of their own


def show(*things: Any) -> None:
    """Print tables and lines to stdout."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=WIDEST)
    for thing in things:
        console.print(printable(thing) if isinstance(thing, str) else thing)


def table(rows: Iterable[Row], title: str | None = None, left: Sequence[str] = ()) -> Table:
    """A table of `rows`, whose keys head the columns; columns in `left` hold text, the others figures."""
    drawn = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    rows = list(rows)
    for name in rows[0] if rows else ():
        drawn.add_column(name, justify="left" if name in left else "right", no_wrap=name not in left)
    for row in rows:
        drawn.add_row(*("" if value is None else in_one_line(str(value)) for value in row.values()))
    return drawn


def facts(pairs: dict[str, Any]) -> Table:
    """Two columns: what, and which."""
    drawn = Table(box=None, show_header=False, pad_edge=False)
    for name, value in pairs.items():
        drawn.add_row(name, in_one_line(str(value)))
    return drawn


def checks(found: Iterable[Any]) -> Table:
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
    return f"{accuracy}{more}, loss {figures['loss']:.4f}, on {figures['samples']:,} {figures['split']} images"


def evaluation(figures: Row) -> list[Any]:
    """The figures of a run: a line, one table of the classes, and one of what was taken for what."""
    classes = [
        {name: f"{value:.4f}" if isinstance(value, float) else str(value) for name, value in row.items()}
        for row in figures["per_class"]
    ]
    names = [str(next(iter(row.values()))) for row in figures["per_class"]]
    confusion = [
        {"true \\ said": name, **dict(zip(names, (count or "·" for count in counts), strict=True))}
        for name, counts in zip(names, figures["confusion_matrix"], strict=True)
    ]
    more = {"calibration error (ECE)": figures["ece"], "area under ROC": figures.get("auc"),
            "mean squared error": figures.get("mse"), "mean absolute error": figures.get("mae")}  # fmt: skip
    known = {name: f"{value:.4f}" for name, value in more.items() if value is not None}
    return [f"{figures['run']}: {sentence(figures)}", facts(known), table(classes), table(confusion)]


def predictions(answers: list[Row], top: int) -> Table:
    """A row a picture, with the `top` likeliest digits."""
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
            row |= {"digit": answer["digit"], "confidence": percent(answer["confidence"])}
            for place, digit in enumerate(likeliest[1:], 2):
                row[f"{place}."] = f"{digit} ({percent(chances[digit])})"
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
