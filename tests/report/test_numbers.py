"""Browsers write numbers as Python does, and nothing else writes them in a way of its own."""

from __future__ import annotations

import ast
import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proggen import numbers

from ..test_numbers import SINGLE

ROOT = Path(__file__).parents[2]

# -- the browser's rules are the same

SCRIPT = ROOT / "docs/assets/numbers.js"
CALL = "cases => cases.map(([name, given]) => proggenNumbers[name](...given))"


def ticks(draw: random.Random) -> tuple[float, float]:
    step = draw.choice((1, 2, 5)) * 10.0 ** draw.randint(-8, 7)
    return draw.randint(-40, 40) * step, step


def many() -> list[tuple[str, tuple[Any, ...]]]:
    """The cases above and a few thousand drawn ones, ties among them."""
    draw = random.Random(1)
    values = [draw.uniform(-1, 1) * 10 ** draw.randint(-14, 9) for _ in range(1500)]
    values += [k / 8 * 10.0**e for k in range(1, 80) for e in (-3, -1, 0, 2)]  # ties
    cases = [(f, a) for f, a, _ in SINGLE]
    for v in values:
        cases += [("number", (v, draw.randint(1, 5), draw.choice((0.0, 1.0, 1e4)))), ("times", (abs(v),))]
        cases += [("fixed", (v, draw.randint(0, 8))), ("tick", ticks(draw))]
    return cases


@pytest.fixture(params=["node", "chromium"])
def in_javascript(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    cases = many()
    if request.param == "chromium":
        page = request.getfixturevalue("browser").new_page()
        page.add_script_tag(path=SCRIPT)
        yield page.evaluate(CALL, [[f, list(a)] for f, a in cases])
        page.close()
        return
    if shutil.which("node") is None:
        pytest.skip("Node is not installed")
    script = tmp_path / "compare.js"
    call = f"console.log(JSON.stringify(({CALL})({json.dumps(cases)})))"
    script.write_text(f"globalThis.window = globalThis\n{SCRIPT.read_text()}\n{call}")
    yield json.loads(subprocess.run(["node", script], capture_output=True, check=True, text=True).stdout)


@pytest.mark.browser
def test_browsers_write_the_same_text(in_javascript: list[str]) -> None:
    cases = many()
    expected = [getattr(numbers, f)(*a) for f, a in cases]
    different = [(c, e, got) for c, e, got in zip(cases, expected, in_javascript, strict=True) if e != got]
    assert different == []


# -- and nobody writes numbers in a way of his own

_FORMAT = re.compile(r"%?[-+ #0-9>,<^]*(\.\d+[efg%]?|[efg%,])$")  # of digits, not of width alone
_IN_TEXT = re.compile(r"\{[^{}\n]*:[-+ 0-9>,<^]*(?:\.\d*[efg%]?|[efg%,])\}|\|\s*round|\|\s*format|%\.\d")
_IN_SCRIPT = re.compile(r"toFixed|toPrecision|toExponential|toLocaleString|NumberFormat")
EXCEPTIONS = {
    "proggen/report/plots.py": ["{value:.1f}"],  # px: coordinates of a drawing
    "docs/assets/plots.js": ["toFixed", "toFixed"],  # coordinates of a path
    "templates/_episodes.j2": ["|round"],  # height of a thumbnail
    "templates/compare.md.j2": ["|round"],  # height of a thumbnail
    "templates/_macros.j2": ["|round"],  # the place of a <meter>
    # values for scripts, which write them
    "proggen/report/episode_data.py": ["{v:.{digits}g}"],
    "proggen/report/episode_rows.py": ["{value:.{DIGITS}g}"],
}


def formats(path: Path) -> list[str]:
    """Number formats in a file; those of Python found in its syntax."""
    text = path.read_text()
    if path.suffix == ".js":
        return _IN_SCRIPT.findall(text)
    if path.suffix != ".py":
        return _IN_TEXT.findall(text)
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            spec = ast.unparse(node.format_spec)[2:-1]
            if _FORMAT.fullmatch(re.sub(r"\{\w+\}", "3", spec)):
                found.append(f"{{{ast.unparse(node.value)}:{spec}}}")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _IN_TEXT.search(node.value):
            found.append(node.value)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("format", "np.format_float_positional"):
            found.append(ast.unparse(node))
    return found


def written_files() -> list[Path]:
    python = [p for room in ("report", "cli") for p in (ROOT / "proggen" / room).rglob("*.py")]
    python += (ROOT / "speed").glob("*.py")
    others = [*(ROOT / "templates").iterdir(), *(ROOT / "docs/assets").glob("*.js")]
    return [p for p in python + others if p != SCRIPT]


@pytest.mark.parametrize("path", written_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_formatter_formats_numbers(path: Path) -> None:
    assert formats(path) == EXCEPTIONS.get(str(path.relative_to(ROOT)), [])


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.py", 'f"{x:.3f}"'), ("a.py", 'f"{n:,}"'), ("a.py", 'f"{x:>10.4f}"'), ("a.py", '"{:.2g}".format(x)'),
     ("a.py", '"%.3f" % x'), ("a.j2", "{{ x|round(2) }}"), ("a.j2", '{{ "%.2f"|format(x) }}'),
     ("a.txt", 'print(f"{x:10.4f}")'), ("a.js", "x.toFixed(2)"), ("a.js", "x.toLocaleString()")],
)  # fmt: skip
def test_such_a_format_would_be_found(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert formats(tmp_path / name)
