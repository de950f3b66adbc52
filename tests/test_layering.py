"""Which room may import which: as the flow of a run goes, from left to right, and never back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import proggen

ROOT = Path(proggen.__file__).parent
# Each room may import itself and what stands before it; rooms of one line do not know each other.
LAYERS = (
    ("errors", "clips", "states", "syntax", "progress", "numbers"),
    ("archive",),
    ("world", "sources", "llm", "benchmarks", "sandbox"),
    ("inference",),
    ("synthesis", "evaluation"),
    ("run",),
    ("audit",),
    ("report",),
    ("cli", "__init__"),
    ("__main__",),
)
# Beyond the order: who must not see what, whatever stands before it.
FORBIDDEN = {
    "synthesis": {"benchmarks", "evaluation"},  # truth stays out
    "inference": {"benchmarks", "llm"},
    "report": {"benchmarks", "sandbox", "inference", "synthesis", "llm", "run", "audit"},
}


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else path.stem


def imported(path: Path, source: str) -> Iterator[tuple[int, str]]:
    """(line, room) of every import from this package, wherever in the file it stands."""
    package = ["proggen", *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(ast.parse(source)):
        names: list[list[str]] = []
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = base + (node.module.split(".") if node.module else [])
            names = [module] if len(module) > 1 else [[*module, a.name] for a in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name.split(".") for a in node.names]
        yield from ((node.lineno, n[1]) for n in names if n[0] == "proggen" and len(n) > 1)


def faults(path: Path, source: str) -> list[str]:
    layer = {name: i for i, names in enumerate(LAYERS) for name in names}
    here = room(path)
    found = []
    for line, other in imported(path, source):
        if other == here or other not in layer:
            continue
        if layer[other] >= layer[here] or other in FORBIDDEN.get(here, set()):
            found.append(f"{path.relative_to(ROOT)}:{line}: {here} may not import {other}")
    return found


SOURCES = sorted(p for p in ROOT.rglob("*.py") if "recordings" not in p.parts)


def test_every_file_lies_in_a_known_room() -> None:
    assert {room(p) for p in SOURCES} == {name for names in LAYERS for name in names}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_to_earlier_rooms_alone(path: Path) -> None:
    assert faults(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "archive/writer.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..llm import Prompt",
        ),
        ("synthesis/brief.py", "def late():\n    from ..benchmarks.base import Episode"),
        ("report/pages.py", "from .. import sandbox"),
        ("sandbox/client.py", "import proggen.inference.calls"),
    ],
)
def test_a_forbidden_import_is_found_wherever_it_hides(path: str, source: str) -> None:
    assert len(faults(ROOT / path, source)) == 1
