"""What commands print for people: lines and tables.

Drawn here and not by rich, whose import takes an eighth of all the time of `mnist predict`.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from mnist_pipeline.terminal import display_width, echo, in_one_line, wrap

Row = dict[str, Any]
Drawn = Callable[[int], list[str]]  # the lines of a table where there is room for so many columns

WIDEST = 10_000  # columns of a file or a pipe, which have no width of their own


def show(*things: str | Drawn) -> None:
    """Print tables and lines to stdout. Nothing is cut or broken: a line that is too long is left to the terminal."""
    for thing in things:
        echo(thing if isinstance(thing, str) else "\n".join(thing(width())))


def width() -> int:
    """The columns of the terminal; `WIDEST` where stdout is none."""
    if not sys.stdout.isatty():
        return WIDEST
    import shutil

    return shutil.get_terminal_size().columns


def table(rows: Iterable[Row], left: Sequence[str] = ()) -> Drawn:
    """A table of `rows`, whose keys head the columns; columns in `left` hold text, the others figures.

    It is never cut: where it is too wide, its columns stand closer, and then each row takes some lines.
    """
    rows = list(rows)
    heads = list(dict.fromkeys(name for row in rows for name in row))
    cells = [["" if row.get(name) is None else in_one_line(str(row[name])) for name in heads] for row in rows]
    texts = [name in left for name in heads]
    return partial(_table, [in_one_line(name) for name in heads], cells, texts)


def _table(heads: list[str], rows: list[list[str]], texts: list[bool], room: int) -> list[str]:
    widths = [max(map(display_width, column)) for column in zip(heads, *rows, strict=True)]
    for between, edge in (("   ", " "), (" ", "")):
        wide = sum(widths) + len(between) * (len(widths) - 1) + 2 * len(edge)
        if wide <= room:
            head, *body = (_line(cells, widths, texts, between, edge) for cells in (heads, *rows))
            around = [""] if edge else []
            return [*around, head, f"{edge}{'─' * (wide - 2 * len(edge))}", *body, *around]
    return [line for row in rows for line in _stacked(heads, row, texts[0], room)]


def _line(cells: list[str], widths: list[int], texts: list[bool], between: str, edge: str) -> str:
    """The cells of a row, each in its column: text from the left, figures to the right."""
    gaps = [" " * (width - display_width(cell)) for cell, width in zip(cells, widths, strict=True)]
    padded = (cell + gap if text else gap + cell for cell, gap, text in zip(cells, gaps, texts, strict=True))
    return f"{edge}{between.join(padded)}".rstrip(" ")


def _stacked(heads: list[str], row: list[str], named: bool, room: int) -> list[str]:
    """The first column alone, then the others with their names."""
    first = row[0] if named else f"{heads[0]} {row[0]}"
    rest = [f"{head} {value}" for head, value in zip(heads[1:], row[1:], strict=True) if value]
    return [first, *wrap(rest, room, "  ")]


def key_values(pairs: dict[str, Any]) -> Drawn:
    """Two columns: what, and which; words of it are never broken."""
    values = {name: in_one_line(str(value)) for name, value in pairs.items()}
    return partial(_facts, values)


def _facts(values: dict[str, str], room: int) -> list[str]:
    wide = max(map(display_width, values), default=0) + 2
    longest = max((display_width(word) for value in values.values() for word in value.split(" ")), default=0)
    lines = []
    for name, value in values.items():
        first, *more = wrap(value.split(" "), max(room - wide, longest), "", " ")
        lines += [name + " " * (wide - display_width(name)) + first, *(" " * wide + line for line in more)]
    return [line.rstrip(" ") for line in lines]


def checks(found: Iterable[Any]) -> Drawn:
    """A row a check: what was checked, whether it agrees, and how."""
    return table(({"": check.what, "agrees": "yes" if check.agrees else "NO", "how": check.detail} for check in found),
                 left=("", "how"))  # fmt: skip


def percent(share: float) -> str:
    """0.9713 -> 97.13 %."""
    return f"{100 * share:.2f} %"


def summary_line(figures: Row) -> str:
    """What was measured, in one line."""
    low, high = figures["accuracy_ci95"]
    accuracy = f"accuracy {percent(figures['accuracy'])} (95 % interval {100 * low:.2f} – {100 * high:.2f} %)"
    more = f", mean absolute error {figures['mae']:.4f}" if "mae" in figures else ""
    loss = "not finite" if figures["loss"] is None else f"{figures['loss']:.4f}"
    return f"{accuracy}{more}, loss {loss}, on {figures['samples']:,} {figures['split']} images"


def evaluation(figures: Row) -> list[str | Drawn]:
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
    return [
        in_one_line(f"{figures['run']}: {summary_line(figures)}"),
        key_values(known),
        table(classes),
        table(confusion),
    ]


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


def predictions(answers: list[Row], top: int, names: Sequence[str] | None = None) -> Drawn:
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
    import csv
    import io

    rows = []
    for answer in answers:
        chances = {f"p{number}": chance for number, chance in enumerate(answer.get("probabilities", []))}
        rows.append({name: value for name, value in answer.items() if name != "probabilities"} | chances)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["image"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
