"""The site in a real browser: below a sub-path, from disk, and with an archive that attacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proggen.report.build import build

from .archive import make_run
from .conftest import mkdocs, project, serve
from .visits import Visit, visits

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PART = "results/demo/phyworld-collision"
PAGES = [
    "index.html", "metrics.html", "results/index.html", "results/demo/index.html", f"{PART}/index.html",
    f"{PART}/programs.html", f"{PART}/notebook.html", f"{PART}/episodes/00000-in.html",
]  # fmt: skip

HOSTILE = "\n".join(
    [
        "---", "title: pwned", "---", "# pwned",
        "<script>window.pwned = 1</script>",
        '<img src="x" onerror="window.pwned = 2">',
        "[click](javascript:window.pwned=3) <a href='javascript:window.pwned=3'>click</a>",
        "```", "~~~", "</code></pre></textarea></title></script><script>window.pwned = 4</script>", "```python",
        "{{ 7 * 7 }} {% raw %} {# #} ${1 + 1} [[wiki]] {: onclick='window.pwned = 5' }",
        "\x1b[31mred\x1b[0m \x07 \x9b1m \u202egnp.exe\u202c \u2066isolate \u200f \ufeff",
        "<svg onload='window.pwned = 6'></svg> <style>* { display: none }</style> <meta http-equiv=refresh content=0>",
        '<span data-proggen="0000000000000000-0"></span> &lt;b&gt; &amp;#60; <!-- --> ]]> <?x ?>',
        "--8<-- \"/etc/passwd\" \r\n carriage\rreturn \ttab | pipe | *a* _b_ `c` \\",
    ]
)  # fmt: skip


def hostile(what: str, _: str) -> str:
    return f"{what}: {HOSTILE}"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("hostile"))
    programs = {name: hostile(name, "") for name in ("perception", "dynamics", "rendering")}
    make_run(folder / "runs", say=hostile, episodes=2, programs=programs)
    build(folder / "runs", folder)
    done = mkdocs(folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "site"


@pytest.fixture(params=["http", "file"])
def visit(request: pytest.FixtureRequest, browser: Any, built: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits(request.param, browser, built, tmp_path)


@pytest.fixture(params=["http", "file"])
def attack(request: pytest.FixtureRequest, browser: Any, attacked: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits(request.param, browser, attacked, tmp_path)


def test_pages_load_without_complaint_and_ask_nobody_else(visit: Visit) -> None:
    for path in PAGES:
        page = visit.go(path)
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert visit.complaints == []


def test_search_finds_a_page(visit: Visit) -> None:
    page = visit.go("index.html")
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type("parser")
    page.locator(".md-search-result__item").first.wait_for()
    assert "Metrics" in page.locator(".md-search-result__list").inner_text()
    assert visit.complaints == []


def test_pages_fit_a_phone(built: Path, browser: Any, tmp_path: Path) -> None:
    server, base = serve(built, tmp_path / "host")
    page = Visit(browser, base).page
    page.set_viewport_size({"width": 390, "height": 800})
    for path in PAGES:
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    server.shutdown()


def test_hostile_text_is_shown_byte_for_byte_and_runs_nothing(attack: Visit) -> None:
    expected = {
        "results/index.html": [],
        "results/demo/index.html": ["command", "open", "version"],
        f"{PART}/index.html": [
            "title", "description", "name", "looks", "can", "rule", "meaning", "unit", "note",
            "problem", "error", "perception", "dynamics", "rendering",
        ],
        f"{PART}/programs.html": ["prompt", "reply", "caption", "model", "note", "finding", "feedback", "error"],
        f"{PART}/episodes/00000-in.html": [
            "because", "perception", "dynamics", "rendering", "meaning", "rule", "target",
        ],
        f"{PART}/episodes/00001-r_out.html": ["error"],
        f"{PART}/notebook.html": [],
    }  # fmt: skip
    for path, kinds in expected.items():
        page = attack.go(path)
        if "/episodes/" in path:
            open_everything(page)
        shown = attack.texts()
        for kind in kinds:
            assert hostile(kind, "") in shown, f"{kind} on {path}"
        assert page.evaluate("window.pwned === undefined"), path
        assert "pwned" not in page.title()
        assert page.evaluate(_ATTACKS) == [], path
    assert attack.complaints == []


def open_everything(page: Any) -> None:
    """What scripts of an episode's page load or make when a reader asks for it."""
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    for program in page.locator("[data-program] code").all():
        program.wait_for()
    if page.locator(".pg-sliders").count():
        page.locator(".pg-slider input").first.press("Home")
        page.locator("[data-whatif=plots] svg").first.wait_for()


_ATTACKS = """[...document.querySelectorAll('.md-content *')].filter(e =>
  [...e.attributes].some(a => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value))
  || ['STYLE', 'IFRAME', 'META', 'OBJECT'].includes(e.tagName)
  || (e.tagName === 'SCRIPT' && e.type !== 'application/json')).map(e => e.outerHTML)"""


def test_hostile_text_stays_out_of_search_and_navigation(attack: Visit) -> None:
    page = attack.go("results/index.html")
    assert "pwned" not in page.locator(".md-nav--primary").inner_text()
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type("pwned")
    page.wait_for_timeout(1000)
    assert page.locator(".md-search-result__item").count() == 0
    assert attack.complaints == []


def test_the_policy_blocks_a_script_that_gets_into_a_page_all_the_same(attack: Visit) -> None:
    page = attack.go(f"{PART}/index.html")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.pwned = 7';"
        " document.body.append(s); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=pwned=8>') }"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned === undefined")
