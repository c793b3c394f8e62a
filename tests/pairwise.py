"""Few combinations of options in which every two values meet."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

Choice = tuple[int, int]  # an option, and one of its values


def pairwise(options: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Rows with a value for each option; any two values are together in some row.

    Greedy: a row starts with a pair that no row has yet, and takes for each other option the value that adds the most
    pairs. Most faults need no more than two values to meet (Kuhn et al. 2004).
    """
    choices = [[(option, value) for value in range(len(values))] for option, values in enumerate(options)]
    if len(options) < 2:
        yield from ((value,) for values in options for value in values)
        return
    missing = {frozenset((a, b)): None for left, right in combinations(choices, 2) for a in left for b in right}
    while missing:
        row = dict(sorted(next(iter(missing))))
        for option, candidates in enumerate(choices):
            if option not in row:
                row |= [max(candidates, key=lambda choice: sum(p in missing for p in _pairs(choice, row)))]
        for pair in combinations(row.items(), 2):
            missing.pop(frozenset(pair), None)
        yield tuple(values[row[option]] for option, values in enumerate(options))


def _pairs(choice: Choice, row: dict[int, int]) -> Iterator[frozenset[Choice]]:
    return (frozenset((choice, other)) for other in row.items())
