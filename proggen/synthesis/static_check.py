"""A reading of a program before it runs: early, clear rejections, and remarks for the audit page.

This is no security boundary. Python offers more ways round a syntax check than a check has rules; what a
program must not do is stopped by the process it runs in. What is rejected here is what no honest program
needs, so that the language model hears of it in one sentence.
"""

from __future__ import annotations

import ast
from typing import NoReturn

from ..archive.records import ProgramName
from ..errors import FailureKind, ProgramFailure
from ..inference.contract import FUNCTIONS
from ..syntax import UNREADABLE, parse

MAX_SOURCE_BYTES = 200_000
CONTRACT_MODULES = ("math", "numpy", "scipy", "Box2D", "PIL")
HELPER_MODULES = ("__future__", "typing", "dataclasses", "collections", "itertools", "functools")
CLOSED_MODULES = (
    "numpy.ctypeslib", "numpy.distutils", "numpy.f2py", "numpy.lib.format", "numpy.lib.npyio",
    "numpy.testing", "scipy.datasets", "scipy.io", "PIL.ImageGrab", "PIL.ImageShow", "PIL.ImageTk",
)  # fmt: skip
CLOSED_NAMES = (
    "breakpoint", "compile", "delattr", "eval", "exec", "globals", "help", "input", "locals", "open",
    "setattr", "vars",
)  # fmt: skip
FILE_METHODS = (
    "DataSource", "ctypes", "ctypeslib", "dump", "f2py", "fromfile", "fromregex", "genfromtxt", "loadtxt",
    "memmap", "open", "open_memmap", "save", "savetxt", "savez", "savez_compressed", "tofile",
)  # fmt: skip
FILE_FUNCTIONS = ("numpy.load",)
HARMLESS_DUNDERS = ("__init__", "__name__", "__post_init__", "__len__")


def check(program: ProgramName, source: str) -> list[str]:
    """Remarks on a program that may be run.

    Raises:
        ProgramFailure: "syntax", "import", "forbidden" or "contract", with the line and what to do.
    """
    tree = _parse(program, source)
    reader = _Reader(program)
    reader.visit(tree)
    _check_contract(program, tree)
    return _remarks(source, tree, reader)


def _parse(program: str, source: str) -> ast.Module:
    if len(source.encode(errors="replace")) > MAX_SOURCE_BYTES:
        raise ProgramFailure("contract", f"{program}.py is longer than {MAX_SOURCE_BYTES} bytes")
    try:
        return parse(source)
    except SyntaxError as error:
        line = (error.text or "").strip()[:200]
        raise ProgramFailure("syntax", f"{program}.py: line {error.lineno}: {error.msg}: `{line}`") from None
    except UNREADABLE as error:
        text = f"{program}.py cannot be parsed: {type(error).__name__} {error}"
        raise ProgramFailure("syntax", text) from None


class _Reader(ast.NodeVisitor):
    """Rejects imports and names that the contract does not allow."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._modules: dict[str, str] = {}  # local name -> what it was imported from
        self.imports: set[str] = set()
        self.remarks: list[str] = []

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._check_module(node, alias.name)
            root = alias.name.split(".", maxsplit=1)[0]
            self._modules[alias.asname or root] = alias.name if alias.asname else root

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or not node.module:
            self._reject("import", node, "relative imports are not possible, a program is one file")
        self._check_module(node, node.module)
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            if full in CLOSED_MODULES or full in FILE_FUNCTIONS or alias.name in FILE_METHODS:
                self._reject("forbidden", node, f"`{full}` reaches files, memory or processes")
            self._modules[alias.asname or alias.name] = full

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in CLOSED_NAMES:
            self._reject("forbidden", node, f"`{node.id}` is not allowed")
        self._check_dunder(node, node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._check_dunder(node, node.attr)
        dotted = self._dotted(node)
        if node.attr in FILE_METHODS or dotted in FILE_FUNCTIONS or dotted in CLOSED_MODULES:
            self._reject("forbidden", node, f"`{ast.unparse(node)[:80]}` reaches files, memory or processes")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
            name = node.args[1]
            if isinstance(name, ast.Constant):
                self._check_dunder(node, str(name.value))
            else:
                self.remarks.append(f"line {node.lineno}: getattr with a computed name")
        self.generic_visit(node)

    def _check_module(self, node: ast.stmt, name: str) -> None:
        root = name.split(".", maxsplit=1)[0]
        if root not in CONTRACT_MODULES + HELPER_MODULES:
            allowed = ", ".join(CONTRACT_MODULES)
            self._reject("import", node, f"`{name}` may not be imported; allowed are {allowed}")
        closed = any(name == m or name.startswith(f"{m}.") for m in CLOSED_MODULES)
        private = any(p.startswith("_") for p in name.split(".")[1:])
        if closed or private:
            self._reject("import", node, f"`{name}` may not be imported, programs need no files or internals")
        self.imports.add(root)

    def _check_dunder(self, node: ast.expr, name: str) -> None:
        if name.startswith("__") and name.endswith("__") and len(name) > 4 and name not in HARMLESS_DUNDERS:
            self._reject("forbidden", node, f"`{name}` is not allowed, programs need no internals of Python")

    def _dotted(self, node: ast.expr) -> str:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        root = self._modules.get(node.id, "") if isinstance(node, ast.Name) else ""
        return ".".join([root, *reversed(parts)])

    def _reject(self, kind: FailureKind, node: ast.stmt | ast.expr, message: str) -> NoReturn:
        raise ProgramFailure(kind, f"{self._program}.py: line {node.lineno}: {message}")


def _check_contract(program: str, tree: ast.Module) -> None:
    name, arguments = FUNCTIONS[program]
    wanted = f"{name}({', '.join(arguments)})"
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    if not found:
        raise ProgramFailure("contract", f"{program}.py: there is no top-level function `{wanted}`")
    given = found[-1].args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    if tuple(names) != arguments or given.vararg or given.kwarg:
        text = f"the function must be `{wanted}`, not `{name}({ast.unparse(given)[:200]})`"
        raise ProgramFailure("contract", f"{program}.py: line {found[-1].lineno}: {text}")
    if program == "dynamics" and "PARAMS" not in _assigned(tree):
        text = "PARAMS is not set at top level; use `PARAMS = {}` if there are none"
        raise ProgramFailure("contract", f"{program}.py: {text}")


def _assigned(tree: ast.Module) -> set[str]:
    targets: list[ast.expr] = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets.extend(node.targets)
        elif isinstance(node, ast.AnnAssign):
            targets.append(node.target)
    return {t.id for t in targets if isinstance(t, ast.Name)}


def _remarks(source: str, tree: ast.Module, reader: _Reader) -> list[str]:
    functions = sum(isinstance(n, ast.FunctionDef) for n in ast.walk(tree))
    remarks = [
        f"{len(source.splitlines())} lines, {functions} {'function' if functions == 1 else 'functions'}",
        f"imports: {', '.join(sorted(reader.imports)) or 'none'}",
        f"constants: {_count_numbers(tree)} numbers",
    ]
    return remarks + reader.remarks[:10]


def _count_numbers(tree: ast.Module) -> int:
    constants = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return sum(isinstance(v, (int, float)) and not isinstance(v, bool) for v in constants)
