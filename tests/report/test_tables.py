"""The tables of episodes in a real browser: filters, order, their state in the URL, readers without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import LISTED, serve
from .visits import Visit, visits

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PART = "results/demo/phyworld-collision/index.html"
INDEX = "results/index.html"
ROWS = ".pg-episodes tbody tr"


@pytest.fixture(params=["http", "file"])
def visit(request: pytest.FixtureRequest, browser: Any, built: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits(request.param, browser, built, tmp_path)


def ready(visit: Visit, path: str) -> Any:
    page = visit.go(path)
    page.locator(".pg-sortable").wait_for()
    return page


def ids(page: Any) -> list[str]:
    found: list[str] = page.locator(f"{ROWS} th").all_inner_texts()
    return found


def test_worst_come_first_and_what_failed_before_them(visit: Visit) -> None:
    page = ready(visit, PART)
    assert [name[:5] for name in ids(page)] == ["00004", "00003", "00000", "00001", "00002"]
    assert (
        "PSNR" in page.locator(ROWS).nth(1).inner_text()
    )  # though its error after the impact is not defined
    assert visit.complaints == []


def test_the_split_filter_counts_and_stands_in_the_url(visit: Visit) -> None:
    page = ready(visit, PART)
    page.locator("select[name=split]").select_option("in")
    assert ids(page) == ["00000-in"]
    assert page.locator(".pg-filter output").inner_text() == "1 of 5"
    assert page.url.endswith("#split=in")
    page.reload()
    page.locator(".pg-sortable").wait_for()
    assert ids(page) == ["00000-in"]
    page.get_by_role("button", name="worst first").click()
    assert len(ids(page)) == 5
    assert "split" not in page.url
    assert visit.complaints == []


def test_a_column_sorts_by_keyboard_and_keeps_the_focus(visit: Visit) -> None:
    page = ready(visit, PART)
    page.get_by_role("button", name="Episode", exact=True).focus()
    page.keyboard.press("Enter")
    assert ids(page)[0] == "00000-in"
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Episode")
    page.keyboard.press("Enter")
    assert ids(page)[0] == "00004-zero"
    assert "sort=-episode" in page.url


def test_values_that_are_missing_stay_last_in_both_orders(visit: Visit) -> None:
    page = ready(visit, PART)
    button = page.get_by_role("button", name="error of the mean velocity after the impact")
    for _ in range(2):
        button.click()
        assert ids(page)[-2:] == ["00004-zero", "00003-rv_out"]


def test_the_index_has_the_episodes_of_all_runs(visit: Visit) -> None:
    page = ready(visit, INDEX)
    assert page.locator(".pg-filter output").inner_text() == "12 of 12"
    page.locator("select[name=run]").select_option("older")
    assert len(ids(page)) == 2
    page.locator("select[name=show]").select_option("failed")
    assert ids(page) == ["00001-r_out"]
    page.locator(f"{ROWS} th a").click()
    assert page.url.endswith("results/older/phyworld-collision/episodes/00001-r_out.html")
    assert visit.complaints == []


def test_an_address_with_filters_is_a_permalink(visit: Visit) -> None:
    page = ready(visit, f"{INDEX}#benchmark=cartpole%2Fpush&find=0000&sort=episode")
    assert ids(page)[0] == "00000-in"
    assert page.locator("select[name=benchmark]").input_value() == "cartpole/push"
    assert page.locator(f"{ROWS} td", has_text="phyworld").count() == 0


def test_an_address_with_nonsense_shows_all(visit: Visit) -> None:
    page = ready(visit, f"{INDEX}#sort=nothing&page=99&split=&x=<b>")
    assert len(ids(page)) == 12
    page = ready(visit, f"{PART}#find=no-such-episode")
    assert page.locator(ROWS).inner_text() == "No episode fits."
    assert visit.complaints == []


def test_thousands_of_episodes_come_page_by_page(built: Path, browser: Any, tmp_path: Path) -> None:
    server, base = serve(built, tmp_path / "host")
    visit = Visit(browser, base)
    rows = "".join(f'["{n:06d}",0,[{n}.5,1,2],{n / 1000},0,0.5,[],0,0],' for n in range(3000))
    script = (built / PART).with_name("episodes.js").read_text()
    many = re.sub(r'"rows":\[.*\]\}', f'"rows":[{rows[:-1]}]}}', script)
    visit.page.route("**/episodes.js", lambda route: route.fulfill(body=many, content_type="text/javascript"))
    page = ready(visit, PART)
    assert page.locator(ROWS).count() == 50
    assert ids(page)[0] == "002999"
    page.get_by_role("button", name="next").click()
    assert ids(page)[0] == "002949"
    page.get_by_label("Find").fill("00012")
    assert page.locator(".pg-filter output").inner_text() == "11 of 3000"
    assert visit.complaints == []
    server.shutdown()


def test_a_reader_without_scripts_has_a_plain_table(built: Path, browser: Any, tmp_path: Path) -> None:
    server, base = serve(built, tmp_path / "host")
    page = Visit(browser, base, java_script_enabled=False).page
    page.goto(base + PART)
    assert page.locator(f"{ROWS} th a").count() == LISTED
    page.locator(".pg-pager a").first.click()
    assert page.locator("tbody th a").count() == 5 - LISTED
    page.goto(base + INDEX)
    assert page.locator(".pg-episodes li a").count() == 3
    server.shutdown()
