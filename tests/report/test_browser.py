"""The site in a real browser: below a sub-path, from disk, and with an archive that attacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proggen.report import build

from .archive import make_run
from .conftest import mkdocs, project, serve

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


class Visit:
    """A browser tab that notes what must not happen."""

    def __init__(self, browser: Any, base: str, **options: Any) -> None:
        self.page = browser.new_context(viewport={"width": 1200, "height": 900}, **options).new_page()
        self.base, self.complaints = base, list[str]()
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._request(request.url))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _request(self, url: str) -> None:
        if not url.startswith((self.base, "data:")):
            self.complaints.append(f"request to {url}")

    def go(self, path: str) -> Any:
        self.page.goto(self.base + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def texts(self) -> list[str]:
        """Every text of the archive on the page, as a reader would copy it."""
        found: list[str] = self.page.eval_on_selector_all(
            "bdi.pg-text, .pg-prose, .pg-code code", "all => all.map(e => e.textContent)"
        )
        return found


@pytest.fixture(params=["http", "file"])
def visit(request: pytest.FixtureRequest, browser: Any, built: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from _visits(request.param, browser, built, tmp_path)


@pytest.fixture(params=["http", "file"])
def attack(request: pytest.FixtureRequest, browser: Any, attacked: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from _visits(request.param, browser, attacked, tmp_path)


def _visits(kind: str, browser: Any, site: Path, folder: Path) -> Iterator[Visit]:
    if kind == "file":
        yield Visit(browser, site.as_uri() + "/")
        return
    server, base = serve(site, folder / "host")
    yield Visit(browser, base)
    server.shutdown()


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


def test_episodes_sort_and_filter(visit: Visit) -> None:
    page = visit.go(f"{PART}/index.html")
    rows = page.locator("#episodes-table tbody tr:visible")
    assert rows.count() == 5
    page.locator("#episodes-table th button", has_text="velocity error").first.click()
    page.locator("#episodes-table th button", has_text="velocity error").first.click()
    assert "00003" in rows.first.inner_text()  # the worst one; the failed one has no value and comes last
    assert "00004" in rows.last.inner_text()
    page.locator("[data-filter=split]").select_option("in")
    assert rows.count() == 1
    assert page.locator(".pg-filter output").inner_text() == "1 of 5"


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
            "title", "description", "refinement", "name", "looks", "can", "rule", "meaning", "unit", "note",
            "problem", "error", "perception", "dynamics", "rendering",
        ],
        f"{PART}/programs.html": ["prompt", "reply", "caption", "model", "note", "finding", "feedback", "error"],
        f"{PART}/episodes/00000-in.html": ["because", "perception", "dynamics", "rendering", "meaning"],
        f"{PART}/episodes/00001-r_out.html": ["error"],
        f"{PART}/notebook.html": [],
    }  # fmt: skip
    for path, kinds in expected.items():
        page = attack.go(path)
        shown = attack.texts()
        for kind in kinds:
            assert hostile(kind, "") in shown, f"{kind} on {path}"
        assert page.evaluate("window.pwned === undefined"), path
        assert "pwned" not in page.title()
        assert page.evaluate(_ATTACKS) == [], path
    assert attack.complaints == []


_ATTACKS = """[...document.querySelectorAll('.md-content *')].filter(e =>
  [...e.attributes].some(a => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value))
  || ['SCRIPT', 'STYLE', 'IFRAME', 'META', 'OBJECT'].includes(e.tagName)).map(e => e.outerHTML)"""


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


def test_reduced_motion_gets_still_pictures(built: Path, browser: Any, tmp_path: Path) -> None:
    server, base = serve(built, tmp_path / "host")
    page = Visit(browser, base, reduced_motion="reduce").go(f"{PART}/episodes/00000-in.html")
    assert page.locator("img.pg-gif").first.evaluate("e => e.currentSrc").endswith(".png")
    server.shutdown()
