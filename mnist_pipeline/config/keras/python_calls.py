"""A call in Python -> how a config writes it. The text is parsed, and never run."""

import ast
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from mnist_pipeline.config.formatting import format_value, shorten
from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.notation import (
    MIN_SIMILARITY,
    PLACEHOLDER,
    placeholder,
    suggest_argument,
    to_flow_yaml,
    with_placeholders,
)
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.keras.unsupported import argument_reason, class_message
from mnist_pipeline.config.suggestions import SYNONYMS, suggest
from mnist_pipeline.process import ignore_warnings

MAX_CALL_LENGTH = 500
NETWORKS = {"Sequential", "Model", "Functional"}

# PyTorch class -> the names of its positional arguments.
POSITIONAL_ARGUMENTS = {
    "Linear": ["in_features", "out_features"],
    "Conv2d": ["in_channels", "out_channels", "kernel_size"],
    "MaxPool2d": ["pool_size"],
    "AvgPool2d": ["pool_size"],
    "BatchNorm1d": ["num_features"],
    "BatchNorm2d": ["num_features"],
    "LayerNorm": ["normalized_shape"],
}


def explain_python_call(text: str, registry: Registry | None = None) -> str | None:
    """What to write instead of Python such as `Dense(128)`; None for other names.

    `registry`: the kind of object that is expected.
    """
    if re.fullmatch(r"\w+\s*=.*\)", text):
        return f"{format_value(text)} is the rest of a call in Python. Write a call as Name: {{argument: value}}"
    call = _parse(text)
    name = str(_value(call.func, [])) if call else _called_name(text)
    if name in NETWORKS:
        return f"{format_value(text)} is a whole network. List its layers under model.layers"
    if name == text:
        return None
    registries = [registry, *REGISTRIES] if registry else [*REGISTRIES]
    target = _find(name, registries)
    if not target:
        return next(filter(None, (class_message(each.module, name) for each in registries)), None)
    remarks: list[str] = []
    if call:
        notation = to_flow_yaml(_object(call, remarks, registries))
    else:
        notation = placeholder(target[1]) if "(" in text else target[1]
    return f"{format_value(text)} is Python. In a config, write {notation}{shorten(''.join(remarks))}"


def _called_name(text: str) -> str:
    """The name called by text that does not parse: Dense, of `model.add(Dense(`."""
    dotted = [each.rpartition(".")[2] for each in re.findall(r"([\w.]+)\s*\(", text[:MAX_CALL_LENGTH])]
    names: list[str] = dotted or [text.partition("(")[0].strip().rpartition(".")[2]]
    return names[1] if names[0] in ("add", "append") and len(names) > 1 else names[0]


def _find(name: str, registries: Sequence[Registry]) -> tuple[Registry, str] | None:
    """The registry that has `name`, or a name that it certainly means, and that name."""
    exact = ((registry, name) for registry in registries if name in registry)
    similar = ((registry, suggestion) for registry in registries if (suggestion := _similar(name, registry)))
    return next(chain(exact, similar), None)


def _similar(name: str, registry: Registry) -> str | None:
    return suggest(name, [*registry.signatures, *registry.aliases], MIN_SIMILARITY)


def _parse(text: str) -> ast.Call | None:
    """The call that makes the object; its last parentheses may be cut off."""
    for ending in ("", ")", "))") if len(text) <= MAX_CALL_LENGTH else ():
        with ignore_warnings(), suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            node = ast.parse(text.strip() + ending, mode="eval").body
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


def _object(call: ast.Call, remarks: list[str], registries: Sequence[Registry] = REGISTRIES) -> Any:
    """What a config writes for `call`; what it leaves out is added to `remarks`."""
    call = _innermost(call)
    spelling = str(_value(call.func, remarks))
    target = _find(spelling, registries)
    if not target:
        return PLACEHOLDER
    registry, name = target
    fields = registry.arguments(name)
    positional = POSITIONAL_ARGUMENTS.get(spelling, [] if spelling in SYNONYMS else fields)
    arguments = [*zip(positional, call.args, strict=False), *((each.arg, each.value) for each in call.keywords)]
    config: dict[str, Any] = {}
    for argument, value in arguments:
        if argument is None:  # **kwargs
            config[PLACEHOLDER] = PLACEHOLDER
        elif argument not in fields and (reason := argument_reason(name, argument)):
            remarks.append(f". {argument} is not needed: {reason}")
        elif suggestion := suggest_argument(argument, fields):
            config[suggestion] = _value(value, remarks)
        else:
            remarks.append(f". {name} has no argument '{argument}'")
    return with_placeholders(registry, name, config)


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
    return PLACEHOLDER
