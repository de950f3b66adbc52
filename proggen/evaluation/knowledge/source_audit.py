"""What can be told from a program's source without running it: size, complexity, and what looks memorised.

A reading aid for an auditor, no judgement: a program may need a table of numbers, and a memorised constant can
hide from any reading. Nothing in this file is compared with the truth of a benchmark.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ...sources import LONGEST, significant_digits
from ...syntax import UNREADABLE, parse
from . import names

DIGITS = 6  # significant digits from which a constant was hardly chosen by hand
TABLE = 12  # numbers in one literal
LONG_STRING = 200  # characters
LONGEST_INTEGER = 53  # bits
MODULE = "module level"

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case)
_LITERALS = (ast.List, ast.Tuple, ast.Set, ast.Dict)
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Function:
    """`complexity` is McCabe's cyclomatic number (IEEE Trans. Softw. Eng. SE-2, 1976): branches + 1.

    Branches are if, loops, except, case, conditional expressions, each further operand of and / or, and the loops
    and conditions of comprehensions. A function within another one counts for itself.
    """

    name: str
    line: int
    lines: int
    complexity: int


@dataclass(frozen=True)
class Finding:
    line: int
    text: str


@dataclass(frozen=True)
class SourceAudit:
    imports: list[str]
    code_lines: int  # without blank lines, comments and docstrings
    functions: list[Function]
    longest: Function | None
    most_complex: Function | None  # may be the module's own level
    numbers: int  # numeric constants
    memorised: list[Finding]  # many digits and no well-known constant, or named as a constant of an engine
    named: list[Finding]  # engines, environments, libraries, papers, in comments, strings and identifiers
    tables: list[Finding]
    strings: list[Finding]
    swallowed: list[Finding]  # handlers that catch everything and raise nothing


def audit(source: str) -> SourceAudit | None:
    """What a Python source holds; None if it can't be parsed."""
    tree = _parsed(source)
    if tree is None:
        return None
    nodes = list(ast.walk(tree))
    documentation = {id(d): d for d in _docstrings(nodes)}
    functions = sorted(
        (_function(n) for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)),
        key=lambda f: f.line,
    )
    whole = Function(MODULE, 1, 0, _complexity(tree))
    named = names.in_source(source)
    engine = {n.line: n.name for n in named if n.kind == "engine's constant" and n.where != "docstring"}
    return SourceAudit(
        imports=sorted(set(_imports(nodes))),
        code_lines=_code_lines(source, documentation.values()),
        functions=functions,
        longest=max(functions, key=lambda f: f.lines, default=None),
        most_complex=max(
            [*functions, *([whole] if whole.complexity > 1 else [])], key=lambda f: f.complexity, default=None
        ),
        numbers=sum(_is_number(n) for n in nodes),
        memorised=_sorted(_memorised(nodes, engine)),
        named=[Finding(n.line, n.name) for n in named],
        tables=_sorted(_tables(tree)),
        strings=_sorted(_strings(nodes, documentation)),
        swallowed=_sorted(_swallowed(nodes)),
    )


def _parsed(source: str) -> ast.Module | None:
    if len(source) > LONGEST:
        return None
    try:
        return parse(source)
    except UNREADABLE:
        return None


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda f: f.line)


# -- size and complexity


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    return Function(node.name, node.lineno, lines, _complexity(node))


def _complexity(scope: ast.Module | _Scope) -> int:
    return 1 + sum(_branches(node) for node in _own(scope))


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a scope without those of the functions and classes in it; no recursion, which depth could end."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)


def _branches(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, _BRANCHES))


def _docstrings(nodes: Iterable[ast.AST]) -> Iterator[ast.Constant]:
    bodies = (n.body for n in nodes if isinstance(n, (ast.Module, *_SCOPES)))
    firsts = (body[0].value for body in bodies if body and isinstance(body[0], ast.Expr))
    return (v for v in firsts if isinstance(v, ast.Constant) and isinstance(v.value, str))


def _code_lines(source: str, documentation: Iterable[ast.Constant]) -> int:
    told = {n for d in documentation for n in range(d.lineno, (d.end_lineno or d.lineno) + 1)}
    lines = enumerate(_LINE_END.split(source), 1)
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for n, line in lines if n not in told)


def _imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


# -- what looks memorised


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float, complex)


def _memorised(nodes: Iterable[ast.AST], engine: Mapping[int, str]) -> Iterator[Finding]:
    """`engine`: line -> constant of an engine that is named there."""
    for node in nodes:
        if _is_number(node) and _line(node) in engine:
            yield Finding(_line(node), f"{ast.unparse(node)} for {engine[_line(node)]}")
            continue
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, float) and significant_digits(value) >= DIGITS and not well_known(value):
            yield Finding(_line(node), repr(value))
        elif isinstance(value, int) and value.bit_length() > LONGEST_INTEGER:
            yield Finding(_line(node), f"whole number of {value.bit_length()} bits")


def well_known(value: float) -> bool:
    """Whether a number equals one of `_KNOWN` to the digits it is written with, or a fraction with a small divisor."""
    size = abs(value)
    written = 10.0 ** (math.floor(math.log10(size)) - significant_digits(value) + 1) if size else 0.0
    near = max(0.51 * written, 1e-15 * size)
    if size < 100 and any(abs(size * q - round(size * q)) <= near * q for q in range(1, 13)):
        return True
    return any(abs(size - known) <= near for known in _KNOWN)


def _colour_coefficients(red: float, blue: float) -> Iterator[float]:
    """Of Y'CbCr with these luma weights, both ways, of full range and of 8-bit video's 219 and 224 steps."""
    green, of_red, of_blue = 1 - red - blue, 2 * (1 - red), 2 * (1 - blue)
    back = (of_red, of_blue, blue * of_blue / green, red * of_red / green)
    luma = (red, green, blue)
    chroma = (0.5, red / of_blue, green / of_blue, green / of_red, blue / of_red)
    yield from (*luma, *back, *chroma)
    yield from (v * 255 / 224 for v in back)
    for steps, values in ((219, luma), (224, chroma)):
        yield from (v * steps for v in values)
        yield from (v * steps / 255 for v in values)


_ANGLES = tuple(math.pi * f for f in (1, 2, 4, 1 / 2, 1 / 3, 2 / 3, 1 / 4, 3 / 4, 1 / 6, 4 / 3, 1 / 180))
_KNOWN = (
    *_ANGLES, 180 / math.pi, 1 / math.pi, math.sqrt(math.pi), math.sqrt(2 * math.pi), 1 / math.sqrt(2 * math.pi),
    math.e, math.log(2), math.log(10), 1 / math.log(2), 1 / math.log(10),
    *(math.sqrt(n) for n in range(2, 21)), 1 / math.sqrt(2), 1 / math.sqrt(3), math.pi / math.sqrt(3),
    (1 + math.sqrt(5)) / 2, (math.sqrt(5) - 1) / 2,
    9.80665,  # standard gravity, m/s^2
    1.482602218505602, 0.6744897501960817,  # median absolute deviation of a normal distribution, and its inverse
    math.sqrt(8 * math.log(2)),  # full width at half maximum of a normal distribution
    2.0**-52, 2.0**-23,  # machine epsilons
    1 / 255, 255 / 219, 255 / 224,  # ranges of 8-bit video
    *_colour_coefficients(0.299, 0.114),  # ITU-R BT.601-7
    *_colour_coefficients(0.2126, 0.0722),  # ITU-R BT.709-6
    *_colour_coefficients(0.2627, 0.0593),  # ITU-R BT.2020-2
)  # fmt: skip


def _tables(tree: ast.Module) -> Iterator[Finding]:
    """Outermost literals with many numbers; the declaration of the parameters is asked for and is none."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        count = _numbers(node) if isinstance(node, _LITERALS) else 0
        if count >= TABLE:
            yield Finding(_line(node), f"{count} numbers")
        elif not _declares_parameters(node):
            waiting += ast.iter_child_nodes(node)


def _numbers(literal: ast.AST) -> int:
    """Numbers in a literal and in the literals within it."""
    count, waiting = 0, [literal]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _LITERALS):
            waiting += ast.iter_child_nodes(node)
        elif isinstance(node, ast.UnaryOp):
            waiting.append(node.operand)
        else:
            count += _is_number(node)
    return count


def _declares_parameters(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(t, ast.Name) and t.id == "PARAMS" for t in targets)


def _strings(nodes: Iterable[ast.AST], documentation: Container[int]) -> Iterator[Finding]:
    for node in nodes:
        value = node.value if isinstance(node, ast.Constant) and id(node) not in documentation else None
        if isinstance(value, str | bytes) and len(value) > LONG_STRING:
            yield Finding(_line(node), f"{len(value)} characters")


def _swallowed(nodes: Iterable[ast.AST]) -> Iterator[Finding]:
    handlers = (n for n in nodes if isinstance(n, ast.ExceptHandler) and _catches_everything(n.type))
    for handler in handlers:
        if not any(isinstance(n, ast.Raise) for n in _own(handler)):
            yield Finding(handler.lineno, "except" if handler.type is None else "except Exception")


def _catches_everything(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(
        k is None or (isinstance(k, ast.Name) and k.id in ("Exception", "BaseException")) for k in kinds
    )


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))
