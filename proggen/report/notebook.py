"""One notebook per benchmark: reads the archive through the public API; outputs stored by running its cells here."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from pathlib import Path
from typing import Any

from ..archive.store import BenchmarkRun, Run
from ..errors import ProggenError
from .episode_view import example_change
from .words import heading

Cell = dict[str, Any]  # nbformat 4.5
_CELL = re.compile(r"^# %%(?P<markdown> \[markdown\])?[^\n]*\n", re.MULTILINE)
_PLACE = re.compile(r"\{\{(run|benchmark|title|example)\}\}")


def write_notebook(path: Path, template: str, run: Run, benchmark: BenchmarkRun, site: Path) -> None:
    """Write the notebook for one benchmark.

    `template` is Python in the percent format; `{{run}}`, `{{benchmark}}` and `{{example}}` stand for string literals:
    the run's folder as seen from `site`, where the cells are run, the benchmark's name, and a change to ask for;
    `{{title}}` for the name as a heading.
    """
    place = os.path.relpath(run.path, site)
    name = benchmark.record.benchmark
    literals = {"run": place, "benchmark": name, "example": example_change(benchmark.record)}
    values = {**{key: json.dumps(text) for key, text in literals.items()}, "title": heading(name)}
    # in one pass, so that a name can't hold another one's place
    cells = _cells(_PLACE.sub(lambda match: values[match[1]], template))
    _execute(cells, site)
    book = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", errors="replace")


_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def _cells(source: str) -> list[Cell]:
    starts = list(_CELL.finditer(source))
    ends = [match.start() for match in starts[1:]] + [len(source)]
    parts = [(m["markdown"], source[m.end() : end].strip("\n")) for m, end in zip(starts, ends, strict=True)]
    return [_cell(f"cell-{i}", bool(markdown), text) for i, (markdown, text) in enumerate(parts)]


def _cell(name: str, markdown: bool, text: str) -> Cell:
    if markdown:
        prose = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": prose}
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": text,
    }


def _execute(cells: list[Cell], site: Path) -> None:
    """Run the code cells in order in one namespace and keep what they print, as a kernel would."""
    names: dict[str, Any] = {"__name__": "__notebook__"}
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, 1):
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.chdir(site):
                exec(compile(cell["source"], f"<cell {count}>", "exec"), names)
        except ProggenError as error:  # a damaged part of the archive: the cell says so
            printed.write(f"{error}\n")
        except Exception as error:
            raise ProggenError(
                f"Cell {count} of the notebook template fails ({error!r}): mend it."
            ) from error
        cell["execution_count"] = count
        if printed.getvalue():
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": printed.getvalue()}]
