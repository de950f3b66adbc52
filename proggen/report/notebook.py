"""One notebook a benchmark: reads the archive through the public API; outputs stored by running its cells here."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from ..archive.store import BenchmarkRun, Run
from ..errors import ProggenError
from .words import heading

_CELL = re.compile(r"^# %%(?P<markdown> \[markdown\])?[^\n]*\n", re.MULTILINE)


def write_notebook(path: Path, template: str, run: Run, benchmark: BenchmarkRun, site: Path) -> None:
    """Write the notebook for one benchmark.

    `template` is Python in the percent format; `{{run}}` and `{{benchmark}}` stand for string literals: the run's
    folder as seen from `site`, where the cells are run, and the benchmark's name; `{{title}}` for that as a heading.
    """
    place = os.path.relpath(run.path, site)
    name = benchmark.record.benchmark
    source = template.replace("{{run}}", json.dumps(place)).replace("{{benchmark}}", json.dumps(name))
    source = source.replace("{{title}}", heading(name))
    book = v4.new_notebook(cells=_cells(source), metadata=_METADATA)
    _execute(book.cells, site)
    for i, cell in enumerate(book.cells):
        cell.id = f"cell-{i}"  # nbformat draws them at random
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)


_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def _cells(source: str) -> list[Any]:
    starts = list(_CELL.finditer(source))
    ends = [match.start() for match in starts[1:]] + [len(source)]
    return [
        _cell(match, source[match.end() : end].strip("\n")) for match, end in zip(starts, ends, strict=True)
    ]


def _cell(match: re.Match[str], text: str) -> Any:
    if match["markdown"]:
        return v4.new_markdown_cell(re.sub(r"^# ?", "", text, flags=re.MULTILINE))
    return v4.new_code_cell(text)


def _execute(cells: list[Any], site: Path) -> None:
    """Run the code cells in order in one namespace and keep what they print, as a kernel would."""
    names: dict[str, Any] = {"__name__": "__notebook__"}
    code = [cell for cell in cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, 1):
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.chdir(site):
                exec(compile(cell.source, f"<cell {count}>", "exec"), names)
        except ProggenError as error:  # a damaged part of the archive: the cell says so
            printed.write(f"{error}\n")
        except Exception as error:
            raise ProggenError(
                f"Cell {count} of the notebook template fails ({error!r}): mend it."
            ) from error
        cell.execution_count = count
        if printed.getvalue():
            cell.outputs = [v4.new_output("stream", name="stdout", text=printed.getvalue())]
