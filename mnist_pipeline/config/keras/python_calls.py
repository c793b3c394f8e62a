"""A call in Python -> how a config writes it. What is written is parsed, and never run."""

import ast
import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.catalog.left_out import refusal
from mnist_pipeline.config.keras.notation import ANYTHING, CERTAIN, argument_of, flow, gap, with_gaps
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.suggestions import SYNONYMS, UNNEEDED_ARGUMENTS, suggest
from mnist_pipeline.config.values import format_value, shorten

MAX_CALL_LENGTH = 500
NETWORKS = {"Sequential", "Model", "Functional"}

# In which order PyTorch takes arguments, by the names that this has for them.
POSITIONS = {
    "Linear": ["in_features", "out_features"],
    "Conv2d": ["in_channels", "out_channels", "kernel_size"],
    "MaxPool2d": ["pool_size"],
    "AvgPool2d": ["pool_size"],
    "BatchNorm1d": ["num_features"],
    "BatchNorm2d": ["num_features"],
    "LayerNorm": ["normalized_shape"],
}


def call(written: str, table: Registry | None = None) -> str | None:
    """What to write for a name in Python's notation, such as `Dense(128)`; None where `written` is no such name.

    `table`: that of the kind which is looked for.
    """
    if re.fullmatch(r"\w+\s*=.*\)", written):
        return f"{format_value(written)} is the rest of a call in Python. A config writes Name: {{argument: value}}"
    node = _parsed(written)
    name = str(_value(node.func, [])) if node else _name(written)
    if name == written:
        return None
    if name in NETWORKS:
        return network(written)
    tables = [table, *REGISTRIES] if table else [*REGISTRIES]
    found = _found(name, tables)
    if not found:
        return next(filter(None, (refusal(each.module, name) for each in tables)), None)
    remarks: list[str] = []
    text = flow(_object(node, remarks, tables)) if node else gap(found[1], "(" in written)
    return f"{format_value(written)} is written as in Python. In a config, write {text}{shorten(''.join(remarks))}"


def network(written: str) -> str:
    """What to say of a whole network where one thing is expected."""
    return f"{format_value(written)} is a whole network. A config lists its layers under model.layers"


def _name(written: str) -> str:
    """The name that is called in `written`, which is no Python: the one inside of `model.add(`."""
    dotted = [each.rpartition(".")[2] for each in re.findall(r"([\w.]+)\s*\(", written[:MAX_CALL_LENGTH])]
    names: list[str] = dotted or [written.partition("(")[0].strip().rpartition(".")[2]]
    return names[1] if names[0] in ("add", "append") and len(names) > 1 else names[0]


def _found(name: str, tables: Sequence[Registry]) -> tuple[Registry, str] | None:
    """The table that has `name`, or what is surely meant by it, and the name there; None where none has it."""
    exact = ((table, name) for table in tables if name in table)
    likeliest = ((table, meant) for table in tables if (meant := _meant(name, table)))
    return next(chain(exact, likeliest), None)


def _meant(name: str, table: Registry) -> str | None:
    return suggest(name, [*table.signatures, *table.aliases], CERTAIN)


def _parsed(written: str) -> ast.Call | None:
    """The call in `written` that makes the object; its last parentheses may have been cut off."""
    for ending in ("", ")", "))") if len(written) <= MAX_CALL_LENGTH else ():
        with warnings.catch_warnings(action="ignore"), suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            node = ast.parse(written.strip() + ending, mode="eval").body
            if isinstance(node, ast.Call):
                return _innermost(node)
    return None


def _innermost(node: ast.Call) -> ast.Call:
    """Dense(10), of model.add(Dense(10)), Dense(10)(x) and Dense(10).build(x)."""
    while True:
        match node:
            case ast.Call(func=ast.Attribute(attr="add" | "append"), args=[ast.Call() as inner]):
                node = inner
            case ast.Call(func=ast.Call() as inner) | ast.Call(func=ast.Attribute(value=ast.Call() as inner)):
                node = inner
            case _:
                return node


def _object(node: ast.Call, remarks: list[str], tables: Sequence[Registry] = REGISTRIES) -> Any:
    """What a config writes for a call; what is to be said of arguments that it leaves out is added to `remarks`."""
    node = _innermost(node)
    written = str(_value(node.func, remarks))
    found = _found(written, tables)
    if not found:
        return ANYTHING
    table, name = found
    fields = table.arguments(name)
    positions = POSITIONS.get(written, [] if written in SYNONYMS else fields)
    arguments = [*zip(positions, node.args, strict=False), *((each.arg, each.value) for each in node.keywords)]
    config: dict[str, Any] = {}
    for argument, value in arguments:
        if argument in UNNEEDED_ARGUMENTS and argument not in fields:
            remarks.append(f". {argument} is not needed: {UNNEEDED_ARGUMENTS[argument]}")
        elif argument is None:
            config[ANYTHING] = ANYTHING
        elif meant := argument_of(argument, fields):
            config[meant] = _value(value, remarks)
        else:
            remarks.append(f". {name} has no '{argument}'")
    return with_gaps(table, name, config)


def _value(node: ast.expr, remarks: list[str]) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_value(element, remarks) for element in elements]
        case ast.Call():
            return _object(node, remarks)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ANYTHING
