"""What changed from one version of a program to another."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

LONGEST = 5000  # lines; of longer programs no difference is made, which would take minutes


@dataclass(frozen=True)
class SourceDiff:
    """A unified difference with three lines around each change, without the lines that name the files."""

    text: str
    added: int
    removed: int


def source_diff(before: str, after: str) -> SourceDiff | None:
    """Line ends are kept: what differs in them alone differs. None if a text is longer than `LONGEST` lines."""
    old, new = before.split("\n"), after.split("\n")
    if max(len(old), len(new)) > LONGEST:
        return None
    lines = list(difflib.unified_diff(old, new, "before", "after", n=3, lineterm=""))[2:]
    added = sum(line.startswith("+") for line in lines)
    return SourceDiff("\n".join(lines), added, sum(line.startswith("-") for line in lines))
