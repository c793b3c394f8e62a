"""What a model is asked, and how its outputs answer."""

from typing import Literal, TypedDict

Kind = Literal["digit", "positive", "value"]


class Task(TypedDict):
    """All that is needed to read the outputs of a model.

    `kind`: which of 10 digits it is, whether it is one of some (yes or no), or the digit as a number. `from_logits`:
    whether outputs are logits, as in Keras' losses.
    """

    kind: Kind
    from_logits: bool
