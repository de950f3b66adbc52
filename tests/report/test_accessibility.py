"""Each kind of page for readers with a keyboard, a screen reader, a phone, a printer or another scheme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .visits import KINDS, Visit, visits

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PART = KINDS["benchmark"]
EPISODE = KINDS["episode"]
# what the theme does in a way that readers are not hurt by, by kind of page
EXCUSED: dict[str, set[str]] = {}


@pytest.fixture
def visit(browser: Any, built: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits("http", browser, built, tmp_path, reduced_motion="reduce")


@pytest.fixture(scope="module", params=["light", "dark"])
def scheme(
    request: pytest.FixtureRequest,
    browser: Any,
    built: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visit]:
    """One tab for all kinds of page."""
    options = {"reduced_motion": "reduce", "color_scheme": request.param}
    yield from visits("http", browser, built, tmp_path_factory.mktemp("axe"), **options)


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_no_violation(scheme: Visit, kind: str) -> None:
    scheme.go(KINDS[kind])
    scheme.open_everything()
    found = Axe().run(scheme.page)
    violations = {v["id"]: [n["html"] for n in v["nodes"]] for v in found.response["violations"]}
    assert {k: v for k, v in violations.items() if k not in EXCUSED.get(kind, set())} == {}


# -- plots


PLOTS = """all => all.map(svg => [svg.getAttribute("role"), svg.getAttribute("aria-label"),
  svg.querySelector(":scope > title")?.textContent, svg.querySelector(":scope > desc")?.textContent])"""


@pytest.mark.parametrize("kind", ["results", "benchmark", "episode"])
def test_plots_have_a_text_equivalent(visit: Visit, kind: str) -> None:
    page = visit.go(KINDS[kind])
    visit.open_everything()
    found = page.eval_on_selector_all(".md-content svg:not(svg svg, .md-icon, button svg, a svg)", PLOTS)
    assert found
    for role, label, title, description in found:
        assert role == "img"
        assert label == title
        assert len(label) > 2
        assert any(c.isdigit() for c in description), description


def test_every_picture_and_canvas_has_a_name(visit: Visit) -> None:
    page = visit.go(EPISODE)
    visit.open_everything()
    for canvas in page.locator("canvas").all():
        assert canvas.get_attribute("role") == "img"
        assert canvas.get_attribute("aria-label")
    assert page.locator(".md-content img:not([alt])").count() == 0


# -- by keyboard alone


FOCUSED = """() => { const e = document.activeElement, s = getComputedStyle(e)
  const label = e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent
  return { name: label.trim().replace(/\\s+/g, " "), tag: e.tagName, content: !!e.closest(".md-content"),
    seen: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none" } }"""


def tabbed(page: Any, most: int = 150) -> list[dict[str, Any]]:
    """What the Tab key reaches in the content, in order."""
    page.locator("h1").click()
    found = list[dict[str, Any]]()
    for _ in range(most):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUSED)
        if found and not now["content"]:
            break
        if now["content"]:
            found.append(now)
    return found


def names(found: list[dict[str, Any]], *tags: str) -> list[str]:
    return [f["name"] for f in found if f["tag"] in tags]


def test_the_tab_key_reaches_all_of_an_episode(visit: Visit) -> None:
    page = visit.go(EPISODE)
    page.locator("[data-counterfactuals]").scroll_into_view_if_needed()
    page.locator(".pg-slider input").first.wait_for()
    found = tabbed(page)
    assert names(found, "BUTTON")[:2] == ["Play", "First divergence"]
    inputs = names(found, "INPUT", "SELECT")
    assert inputs[:3] == ["Brightness of the difference", "Frame", "Speed 1 ×0.5 ×0.25 ×0.1 ×"]
    assert {"values", "restitution fitted parameter", "gravity fitted parameter"} <= set(inputs)
    assert "dynamics.py" in " ".join(names(found, "SUMMARY"))
    assert [f["name"] for f in found if not f["seen"]] == []


def test_the_tab_key_reaches_filters_order_and_rows(visit: Visit) -> None:
    page = visit.go(KINDS["results"])
    page.locator(".pg-sortable").wait_for()
    found = tabbed(page)
    assert {"Find"} <= set(names(found, "INPUT"))
    assert {"Episode", "Split"} <= set(names(found, "BUTTON"))
    assert any(name.startswith("Benchmark") for name in names(found, "SELECT"))
    assert "00004-zero" in names(found, "A")
    assert [f["name"] for f in found if not f["seen"]] == []


def test_a_program_opens_by_keyboard(visit: Visit) -> None:
    page = visit.go(EPISODE)
    page.locator("[data-text=dynamics] summary").focus()
    page.keyboard.press("Enter")
    page.locator("[data-text=dynamics] code").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[data-text=dynamics]') !== null")


def test_play_and_pause_by_keyboard(visit: Visit) -> None:
    page = visit.go(f"{EPISODE}#f=2")
    page.locator(".pg-viewer[data-ready=yes]").wait_for()
    page.get_by_role("button", name="Play").first.focus()
    page.keyboard.press("Space")
    button = page.locator(".pg-viewer .pg-play")
    expect(button).to_have_attribute("aria-label", "Pause")
    page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-label", "Play")


# -- other ways to look


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_a_phone(scheme: Visit, kind: str) -> None:
    page = scheme.page
    page.set_viewport_size({"width": 390, "height": 800})
    scheme.go(KINDS[kind])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1200, "height": 900})


def test_print_shows_frames_and_hides_what_can_only_be_used_on_a_screen(visit: Visit) -> None:
    page = visit.go(f"{EPISODE}#f=17")
    page.locator(".pg-viewer[data-ready=yes]").wait_for()
    page.emulate_media(media="print")
    assert page.locator("canvas[data-view=truth]").is_visible()
    assert page.locator(".pg-readout").is_visible()
    assert page.locator(".pg-viewer output").inner_text().startswith("17 / ")
    assert not page.locator(".pg-transport button").first.is_visible()
    assert not page.locator(".md-header").is_visible()


def test_print_is_legible_from_the_dark_scheme(browser: Any, built: Path, tmp_path: Path) -> None:
    options = {"reduced_motion": "reduce", "color_scheme": "dark"}
    for visit in visits("http", browser, built, tmp_path, **options):
        page = visit.go(EPISODE)
        page.emulate_media(media="print")
        found = Axe().run(page, options={"runOnly": ["color-contrast"]})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
