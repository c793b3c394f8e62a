"""Predictions, as a table for people and as CSV for programs."""

from collections.abc import Sequence
from typing import Any

from mnist_pipeline.cli.display.tables import Renderable, Row, percent, table

Prediction = dict[str, Any]  # of models/predict.py


def predictions_table(
    predictions: Sequence[Prediction], top: int, class_names: Sequence[str] | None = None
) -> Renderable:
    """A row for each image, with the `top` likeliest digits, or names of classes."""
    return table((_row(prediction, top, class_names) for prediction in predictions), left=["image"])


def _row(prediction: Prediction, top: int, class_names: Sequence[str] | None) -> Row:
    row = {"image": prediction["image"]}
    if "value" in prediction:
        row |= {"value": f"{prediction['value']:.2f}", "digit": prediction["digit"]}
    else:
        label = next(key for key in ("answer", "class", "digit") if key in prediction)
        row |= {label: prediction[label], "confidence": percent(prediction["confidence"])}
        if label != "answer":
            row |= _runners_up(prediction["probabilities"], top, class_names)
    if "label" in prediction:
        row["label"] = prediction["label"]
    return row


def _runners_up(probabilities: Sequence[float], top: int, class_names: Sequence[str] | None) -> Row:
    """The second to the `top`-th likeliest class: `{"2.": "5 (20.00 %)", ...}`."""
    ranked = sorted(range(len(probabilities)), key=lambda label: -probabilities[label])[1:top]
    names = class_names or range(len(probabilities))
    return {f"{rank}.": f"{names[label]} ({percent(probabilities[label])})" for rank, label in enumerate(ranked, 2)}


def predictions_csv(predictions: Sequence[Prediction]) -> str:
    """A header and a line for each image; the probabilities in columns p0, p1, ..."""
    import csv
    import io

    rows = [_csv_row(prediction) for prediction in predictions]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["image"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _csv_row(prediction: Prediction) -> Row:
    columns = {f"p{label}": value for label, value in enumerate(prediction.get("probabilities", []))}
    return {key: value for key, value in prediction.items() if key != "probabilities"} | columns
