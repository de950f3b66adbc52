"""Numbers in a program's source, by name: which parameters of the dynamics perception holds itself."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .archive.records import FitRecord, ParameterRecord, SceneRecord
from .syntax import UNREADABLE, parse

LONGEST = 1_000_000  # characters; a longer source is not parsed
HELD = 1e-3  # relative difference of a number in perception from a parameter that it holds

_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
# words of a name that do not say which quantity it is
_VAGUE = {
    "default", "defaults", "init", "initial", "start", "prior", "guess", "value", "values", "max", "min", "limit",
    "low", "high", "bound", "per", "of", "the", "num", "size", "scale", "px", "pixel", "pixels", "true", "const",
    "constant",
}  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A number with the name that the source gives it, and its line."""

    name: str
    value: float
    line: int


@dataclass(frozen=True)
class Statement:
    """All numbers of one assignment."""

    line: int
    name: str
    numbers: frozenset[float]


def named_numbers(source: str) -> list[Number]:
    """Numbers that are assigned, passed by name, a default or a dictionary's value; PARAMS aside."""
    return sorted(set(_numbers(_parsed(source))), key=lambda n: (n.line, n.name, n.value))


def statements(source: str) -> list[Statement]:
    """Assignments with the numbers in them, PARAMS aside."""
    found = []
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.Assign) and not _is_params(node):
            values = (_literal(n) for n in ast.walk(node.value))
            numbers = frozenset(v for v in values if v is not None)
            found.append(Statement(node.lineno, ast.unparse(node.targets[0])[:80], numbers))
    return found


def _parsed(source: str) -> ast.Module:
    """The tree of a program; an empty one if it can't be read."""
    if len(source) > LONGEST:
        return ast.Module([], [])
    try:
        return parse(source)
    except UNREADABLE:
        return ast.Module([], [])


def _numbers(tree: ast.Module) -> Iterator[Number]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Assign) and _is_params(node):
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _assigned(node.target, node.value)
        elif isinstance(node, ast.FunctionDef):
            yield from _defaults(node.args)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                yield from _one(keyword.arg, keyword.value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield from _one(key.value, value)


def _is_params(node: ast.Assign) -> bool:
    return any(isinstance(t, ast.Name) and t.id == "PARAMS" for t in node.targets)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[Number]:
    if isinstance(target, ast.Name):
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
        for part in parts:
            yield from _one(target.id, part)
    elif (
        isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts)
    ):
        for name, part in zip(target.elts, value.elts, strict=True):
            yield from _assigned(name, part)


def _defaults(arguments: ast.arguments) -> Iterator[Number]:
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, value in zip(positional[::-1], arguments.defaults[::-1], strict=False):
        yield from _one(argument.arg, value)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield from _one(argument.arg, default)


def _one(name: str | None, node: ast.expr) -> Iterator[Number]:
    value = _folded(node)
    if name and value is not None and math.isfinite(value):
        yield Number(name, value, node.lineno)


def _literal(node: ast.AST) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
        return float(value)
    return None


def _folded(node: ast.expr) -> float | None:
    """The value of an expression of numbers alone."""
    if isinstance(node, ast.Constant):
        return _literal(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _folded(node.operand)
        return None if inner is None else -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _folded(node.left), _folded(node.right)
        if left is None or right is None:
            return None
        try:
            value = _OPERATORS[type(node.op)](left, right)
        except (ArithmeticError, ValueError):
            return None
        return float(value) if isinstance(value, float) else None
    return None


# -- names


def words(name: str) -> list[str]:
    """ "poleHalf_length2" as pole, half, length."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return [p.lower() for p in parts]


def same_quantity(parameter: str, name: str, value: float, objects: Collection[str] = ()) -> bool:
    """Whether a constant's name speaks of a parameter: by a common word, or as its initials (G, LH).

    objects: words for the things of the scene, which many quantities share. One letter says little, so its
    number must have two digits or more.
    """
    mine, other = words(parameter), words(name)
    vague = _VAGUE | set(objects)
    if set(mine) & set(other) - vague:
        return True
    letters = "".join(other)
    initials = [w[0] for w in mine if w not in _VAGUE]
    if not 1 <= len(letters) <= 3 or any(letters.count(c) > initials.count(c) for c in letters):
        return False
    return len(letters) > 1 or (letters == initials[0] and significant_digits(value) > 1)


# -- parameters that perception holds


def scene_words(scene: SceneRecord) -> set[str]:
    """Words for the things of a scene."""
    return {w for thing in scene.objects for w in words(thing.name)}


def held(
    p: ParameterRecord, everyone: Sequence[ParameterRecord], perception: str, scene: SceneRecord
) -> list[Number]:
    """Where a perception program holds a parameter's start or fitted value, one number a line.

    As a number under a name that speaks of the parameter, or in a statement with the values of two or more of the
    parameters, one of which has at least two digits (9.8): others (0.5, 10) stand in programs by chance.
    """
    objects = scene_words(scene)
    found = {}
    for s in statements(perception):
        values = [(q.name, v) for q in everyone for v in s.numbers if _is_value(q, v)]
        telling = any(significant_digits(v) > 1 for _, v in values)
        mine = next((v for name, v in values if name == p.name), None)
        if mine is not None and telling and len({name for name, _ in values}) > 1:
            found[s.line] = Number(s.name, mine, s.line)
    for n in named_numbers(perception):
        if _is_value(p, n.value) and same_quantity(p.name, n.name, n.value, objects):
            found[n.line] = n
    return [found[line] for line in sorted(found)]


def mark_held(fit: FitRecord, perception: str, scene: SceneRecord) -> FitRecord:
    """The fit without "identified" where perception holds the value: the fit sees perception's states alone.

    What the clips tell of a combination with such a parameter is no better.
    """
    names = {p.name for p in fit.parameters if held(p, fit.parameters, perception, scene)}
    parameters = [
        p.model_copy(update={"status": "held", "std_error": None})
        if p.name in names and p.status != "exact"
        else p
        for p in fit.parameters
    ]
    combinations = [c for c in fit.combinations if not names & set(c.text.split())]
    return fit.model_copy(update={"parameters": parameters, "combinations": combinations})


def _is_value(p: ParameterRecord, value: float) -> bool:
    return value != 0 and any(abs(value - v) <= HELD * max(abs(value), abs(v)) for v in (p.init, p.value))


def significant_digits(value: float) -> int:
    """Of the shortest decimal that is this number."""
    if not math.isfinite(value):
        return 0
    return len(repr(abs(value)).partition("e")[0].replace(".", "").strip("0"))
