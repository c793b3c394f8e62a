"""What to say of a name that is none of its kind: what is meant by it, and how it is written."""

import ast
import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, get_args

import yaml

from mnist_pipeline.config.catalog import TABLES
from mnist_pipeline.config.catalog.left_out import refusal
from mnist_pipeline.config.objects import Table
from mnist_pipeline.config.types import ActivationName
from mnist_pipeline.config.wording import NEEDLESS, choices, likely, shortened, shown, with_article

LONGEST_CALL = 500
ANYTHING = "…"


def unknown(table: Table, written: str) -> str:
    """Why `written` names no object of `table`, and what to write."""
    found = call(written, table)
    if found:
        return found
    left_out = refusal(table.module, written)
    if left_out:
        return left_out
    what = f"{shown(written)} is not {with_article(table.kind)}"
    if table.definition == "layers" and written in get_args(ActivationName):
        return f"{what}. Write Activation: {written}"
    for other in TABLES:
        if written in other:
            return f"{what}, but {with_article(other.kind)}"
    meant = likely(written, [*table.signatures, *table.aliases])
    return f"{what}. " + (f"Did you mean '{meant}'?" if meant else choices(written, sorted(table.signatures)))


def call(written: str, table: Table | None = None) -> str | None:
    """What to write for a name in Python's notation, such as `Dense(128)`; None where `written` is no such name.

    `table`: that of the kind which is looked for.
    """
    if re.fullmatch(r"\w+\s*=.*\)", written):
        return f"{shown(written)} is the rest of a call in Python. A config writes Name: {{argument: value}}"
    before, parenthesis, _ = written.partition("(")
    name = before.strip().rpartition(".")[2]
    if not parenthesis and name == written:
        return None
    tables = [table, *TABLES] if table else [*TABLES]
    if not any(name in each for each in tables):
        return next(filter(None, (refusal(each.module, name) for each in tables)), None)
    needless: list[str] = []
    node = _parsed(written)
    if node:
        text = _flow(_object(node, needless, tables))
    else:
        text = f"{name}: {{{ANYTHING}: {ANYTHING}}}" if parenthesis else name
    less = "".join(f". {argument} is not needed: {NEEDLESS[argument]}" for argument in needless)
    return f"{shown(written)} is written as in Python. In a config, write {text}{less}"


def _parsed(written: str) -> ast.Call | None:
    """The call in `written`, whose last parentheses may have been cut off: parsed, and never run."""
    for ending in ("", ")", "))") if len(written) <= LONGEST_CALL else ():
        with warnings.catch_warnings(action="ignore"), suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            node = ast.parse(written + ending, mode="eval").body
            if isinstance(node, ast.Call):
                return node
    return None


def _object(node: ast.Call, needless: list[str], tables: Sequence[Table] = TABLES) -> Any:
    """What a config writes for a call; arguments that it leaves out are added to `needless`."""
    while isinstance(node.func, ast.Call):  # Dense(10)(x)
        node = node.func
    name = _value(node.func, needless)
    table = next((each for each in tables if name in each), None)
    if table is None:
        return ANYTHING
    fields = table.arguments(name)
    arguments = dict(zip(fields, node.args, strict=False)) | {each.arg: each.value for each in node.keywords}
    config = {}
    for argument, value in arguments.items():
        if argument in fields or argument not in NEEDLESS:
            config[argument or ANYTHING] = _value(value, needless)
        else:
            needless.append(argument)
    return {name: config} if config else name


def _value(node: ast.expr, needless: list[str]) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_value(element, needless) for element in elements]
        case ast.Call():
            return _object(node, needless)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ANYTHING


def _flow(thing: Any) -> str:
    """`thing` as a config writes it in one line."""
    if isinstance(thing, str):
        return thing
    text = yaml.safe_dump(thing, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True)
    return shortened(text.strip()[1:-1])
