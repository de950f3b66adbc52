"""Every kind of page in a real browser, below a sub-path and from disk: it loads, alone, and can be searched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .visits import KINDS, Visit, visits

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(params=["http", "file"])
def visit(request: pytest.FixtureRequest, browser: Any, built: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits(request.param, browser, built, tmp_path)


def test_pages_load_without_complaint_and_ask_nobody_else(visit: Visit) -> None:
    for kind, path in KINDS.items():
        page = visit.go(path)
        assert page.locator("h1").count() == 1, kind
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), kind
    assert visit.complaints == []


def test_a_complaint_is_noticed(browser: Any, built: Path) -> None:
    visit = Visit(browser, built.as_uri() + "/")
    visit.go("index.html").evaluate("fetch('http://127.0.0.1:9/').catch(() => console.error('no'))")
    assert any("Content Security Policy" in complaint for complaint in visit.complaints)
    visit.context.close()


def test_search_finds_a_page(visit: Visit) -> None:
    page = visit.go("index.html")
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type("parser")
    page.locator(".md-search-result__item").first.wait_for()
    assert "Metrics" in page.locator(".md-search-result__list").inner_text()


def test_search_finds_a_benchmark_from_a_page_deep_below(visit: Visit) -> None:
    page = visit.go(KINDS["episode"])
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type("phyworld/coll")
    link = page.locator(".md-search-result__link[href*='phyworld-collision/index.html']").first
    link.wait_for()
    link.click()
    page.wait_for_url("**/results/*/phyworld-collision/index.html**")


def test_the_way_from_the_front_page_to_a_program(visit: Visit) -> None:
    page = visit.go("index.html")
    page.locator(".md-content a[href='results/index.html']").first.click()
    page.locator(".pg-card").first.get_by_role("link", name="programs").click()
    page.locator("details[data-text] summary").first.click()
    page.locator("details[data-text][open] code").first.wait_for()
    assert page.locator("details[data-text][open] code").first.text_content()
