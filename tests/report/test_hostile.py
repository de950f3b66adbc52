"""An archive that attacks: its text is shown byte by byte and runs nothing, on pages, in data and in downloads."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from proggen.report.untrusted import LONGEST_SHOWN, read_texts

from . import hostile
from .archive import make_run
from .hostile import PART
from .visits import Visit, visits

pytestmark = [pytest.mark.slow]
browser_test = pytest.mark.browser
EPISODE = f"{PART}/episodes/00000-in"
PAGES = sorted({*hostile.SHOWN, f"{PART}/notebook.html", "results/compare/index.html"})
ATTACKS = """[...document.querySelectorAll('.md-content *')].filter(e =>
  [...e.attributes].some(a => a.name.startsWith('on') || /^\\s*(javascript|data):/i.test(a.value))
  || ['STYLE', 'IFRAME', 'META', 'OBJECT', 'BASE', 'EMBED'].includes(e.tagName)
  || (e.tagName === 'SCRIPT' && e.type !== 'application/json')).map(e => e.outerHTML)"""


@pytest.fixture(params=["http", "file"])
def attack(request: pytest.FixtureRequest, browser: Any, attacked: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits(request.param, browser, attacked, tmp_path)


def archive(attacked: Path, path: str) -> bytes:
    return (attacked.parent / "runs/demo/phyworld/collision" / path).read_bytes()


def compared(attacked: Path) -> str:
    page = next(p for p in (attacked / "results/compare").glob("*.html") if p.name != "index.html")
    return str(page.relative_to(attacked))


def shown(visit: Visit, expected: set[str]) -> set[str]:
    """The texts of the page with all of it opened; some come a moment later."""
    visit.open_everything()
    for _ in range(50):
        found = set(visit.texts())
        if expected <= found:
            break
        visit.page.wait_for_timeout(100)
    return found


def harmless(visit: Visit) -> bool:
    page = visit.page
    assert page.evaluate(ATTACKS) == []
    assert "pwned" not in page.title()
    return bool(page.evaluate("window.pwned === undefined"))


def test_every_kind_of_text_is_looked_for(tmp_path: Path) -> None:
    said = set[str]()

    def note(what: str, text: str) -> str:
        said.add(what)
        return text

    make_run(tmp_path, say=note, episodes=2)
    # clips are counted, never named; what an endpoint calls its tokens has a test of its own
    said |= {"perception", "dynamics", "failure"}
    unseen = {"clip", "usage"}
    assert said - unseen == {kind for kinds in hostile.SHOWN.values() for kind in kinds}


@browser_test
@pytest.mark.parametrize("path", hostile.SHOWN)
def test_text_is_shown_byte_for_byte_and_runs_nothing(attack: Visit, path: str) -> None:
    attack.go(path)
    expected = {hostile.say(kind, "") for kind in hostile.SHOWN[path]}
    missing = expected - shown(attack, expected)
    assert sorted(text.split(":")[0] for text in missing) == []
    assert harmless(attack)


@browser_test
def test_a_program_of_3000_lines_is_shown_whole(attack: Visit) -> None:
    attack.go(f"{EPISODE}.html")
    assert hostile.LONG in shown(attack, {hostile.LONG})
    assert harmless(attack)


@browser_test
def test_a_reply_of_5_MB_begins_on_the_page(attack: Visit) -> None:
    attack.go(f"{PART}/programs.html")
    start = hostile.HUGE[:LONGEST_SHOWN]
    assert start in shown(attack, {start})
    said = attack.page.locator(".pg-hint", has_text=f"{LONGEST_SHOWN:,} of {len(hostile.HUGE):,} characters")
    assert said.count() == 1
    assert harmless(attack)


@browser_test
def test_a_comparison_with_a_run_of_a_hostile_name(attack: Visit, attacked: Path) -> None:
    page = compared(attacked)
    attack.go(page)
    source = (attacked.parent / "docs" / page).with_suffix(".md")
    expected = {text.text for text in read_texts(source).values() if text.kind == "code"}
    assert any("pwned = 9" in text for text in expected)
    assert expected <= shown(attack, expected)
    assert harmless(attack)


@browser_test
def test_names_of_tokens_are_text(attack: Visit) -> None:
    attack.go(f"{PART}/programs.html")
    assert hostile.say("usage", "") in shown(attack, {hostile.say("usage", "")})


@browser_test
def test_a_notebook_runs_nothing(attack: Visit) -> None:
    page = attack.go(f"{PART}/notebook.html")
    assert "<script>window.pwned = 1</script>" in page.locator(".jp-OutputArea").first.inner_text()
    assert harmless(attack)


@browser_test
def test_text_stays_out_of_search_and_navigation(attack: Visit) -> None:
    page = attack.go("results/index.html")
    assert "pwned" not in page.locator(".md-nav--primary").inner_text()
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type("pwned")
    page.wait_for_timeout(1000)
    assert page.locator(".md-search-result__item").count() == 0


@browser_test
def test_the_policy_blocks_a_script_that_gets_into_a_page_all_the_same(attack: Visit) -> None:
    page = attack.go(f"{PART}/index.html")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.pwned = 7';"
        " document.body.append(s); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=pwned=8>');"
        " document.body.insertAdjacentHTML('beforeend', '<img src=http://x.invalid/>') }"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned === undefined")
    refused = [c for c in attack.complaints if "Content Security Policy" in c]
    assert len(refused) >= 3
    attack.complaints.clear()


# -- what is not on a page: heads, data, downloads


class _Head(HTMLParser):
    """What a page tells other sites, and every element of its content with its attributes."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.head, self._inside = "", True
        self.policies = list[str]()
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = self._inside and tag != "body"
        found = dict(attrs)
        if self._inside:
            self.head += " ".join(v or "" for v in found.values())
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policies.append(found.get("content") or "")

    def handle_data(self, data: str) -> None:
        self.head += data if self._inside else ""


def test_no_text_gets_into_a_head_and_every_page_has_one_policy(attacked: Path) -> None:
    for page in attacked.rglob("*.html"):
        found = _Head(page)
        assert "pwned" not in found.head, page
        assert len(found.policies) == 1, page
        scripts = re.search(r"script-src ([^;]*);", found.policies[0])
        assert scripts
        assert "unsafe" not in scripts[1]


def test_data_scripts_hold_no_character_that_could_end_them(attacked: Path) -> None:
    found = list((attacked / "results").rglob("*.js"))
    assert {p.name for p in found} >= {"episodes.js", "programs.js", "counterfactuals.js"}
    for script in found:
        text = script.read_bytes().decode("ascii")
        assert not set("<>&\n\r") & set(text.rstrip("\n")), script
        assert re.fullmatch(r"[\w.]+\(.*\)\n", text), script
        json.loads(text[text.index("(") + 1 : -2])


def test_data_of_the_list_holds_no_text_of_the_archive(attacked: Path) -> None:
    assert "pwned" not in (attacked / PART / "episodes.js").read_text()


def test_downloads_have_the_bytes_of_the_archive(attacked: Path) -> None:
    files = attacked / PART / "files"
    for name in ("perception", "dynamics", "rendering"):
        assert (files / f"{name}.py.txt").read_bytes() == archive(attacked, f"programs/{name}.py")
    replies = attacked / PART / "programs"
    assert (replies / f"{hostile.HUGE_REPLY}.reply.md.txt").read_bytes() == hostile.HUGE.encode()
    for path in (attacked.parent / "runs/demo/phyworld/collision/transcripts").glob("*/*.md"):
        assert (replies / f"{path.parent.name}.{path.name}.txt").read_bytes() == path.read_bytes()


def test_the_zip_has_the_bytes_of_the_archive(attacked: Path) -> None:
    with zipfile.ZipFile(attacked / EPISODE / "00000-in.zip") as found:
        assert found.read("dynamics.py") == archive(attacked, "programs/dynamics.py")
        assert found.read("states.json") == archive(attacked, "episodes/00000-in/states.json")
        assert all(re.fullmatch(r"[\w.-]+", name) for name in found.namelist())


def test_the_notebook_stores_the_bytes_of_the_archive(attacked: Path) -> None:
    cells = json.loads((attacked / PART / "notebook.ipynb").read_bytes())["cells"]
    outputs = [output["text"] for cell in cells for output in cell.get("outputs", [])]
    assert any(hostile.say("command", "") in text for text in outputs)


def test_no_file_is_served_as_something_that_runs(attacked: Path) -> None:
    """Sources are text, and a picture that is none stays a GIF by name or is left out."""
    kinds = {p.suffix for p in (attacked / "results").rglob("*") if p.is_file()}
    assert kinds <= {".html", ".js", ".txt", ".webp", ".gif", ".png", ".json", ".csv", ".zip", ".ipynb"}
    assert all(p.read_bytes() != hostile.SVG for p in (attacked / "results").rglob("*.png"))


def test_names_of_files_and_folders_are_plain(attacked: Path) -> None:
    names = {p.name for p in (attacked / "results").rglob("*")}
    assert [n for n in names if not re.fullmatch(r"[A-Za-z0-9_.-]+", n)] == []
