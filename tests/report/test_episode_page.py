"""The episode page in a real browser: frames, plots, sliders and programs, over http and from disk."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from .archive import CONTEXT, DYNAMICS, LENGTH, frames, trajectory
from .visits import Visit, visits

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = "results/demo/phyworld-collision/episodes/00000-in.html"
LAST = LENGTH - 1


@pytest.fixture(params=["http", "file"])
def visit(request: pytest.FixtureRequest, browser: Any, built: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits(request.param, browser, built, tmp_path, reduced_motion="reduce")


@pytest.fixture
def served(browser: Any, built: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits("http", browser, built, tmp_path, reduced_motion="reduce")


def ready(visit: Visit, address: str = "") -> Any:
    page = visit.go(PAGE + address)
    page.locator(".pg-viewer[data-ready=yes]").wait_for()
    return page


def shown(page: Any) -> str:
    """The frame that the first slider's words name."""
    return str(page.locator(".pg-viewer output").inner_text()).split(" ")[0]


def numbers(page: Any, row: int = 0) -> list[str]:
    return list(page.locator(".pg-readout tbody tr").nth(row).locator("td").all_inner_texts())


def test_the_slider_moves_by_keyboard_and_the_address_follows(visit: Visit) -> None:
    page = ready(visit)
    slider = page.get_by_role("slider", name="Frame").first
    slider.focus()
    slider.press("Home")
    assert shown(page) == "0"
    assert "given" in slider.get_attribute("aria-valuetext")
    for _ in range(5):
        slider.press("ArrowRight")
    assert shown(page) == "5"
    assert slider.get_attribute("aria-valuetext") == f"frame 5 of {LAST}, predicted"
    expect(page).to_have_url(re.compile("#f=5$"))
    slider.press("End")
    assert shown(page) == str(LAST)
    assert visit.complaints == []


def test_the_slider_moves_by_mouse(visit: Visit) -> None:
    page = ready(visit)
    box = page.get_by_role("slider", name="Frame").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert shown(page) in ("15", "16")


def test_arrow_keys_work_wherever_nothing_else_uses_them(visit: Visit) -> None:
    page = ready(visit, "#f=9")
    page.keyboard.press("ArrowRight")
    assert shown(page) == "10"
    page.locator("[data-gain]").focus()
    page.keyboard.press("ArrowLeft")
    assert shown(page) == "10"


def test_an_address_leads_to_its_frame(visit: Visit) -> None:
    page = ready(visit, "#f=17")
    assert shown(page) == "17"
    assert page.get_by_role("slider", name="Frame").first.input_value() == "17"
    page.evaluate("location.hash = '#f=4'")
    expect(page.locator(".pg-viewer input")).to_have_value("4")
    page.evaluate("location.hash = '#f=999'")
    expect(page.locator(".pg-viewer input")).to_have_value(str(LAST))


def test_the_state_of_the_frame_is_the_archives(visit: Visit) -> None:
    page = ready(visit, "#f=17")
    true = trajectory(1, 0, LENGTH).values[17][0]
    predicted = trajectory(1, CONTEXT, LENGTH, wobble=0.004).values[17 - CONTEXT][0]
    assert numbers(page) == [f"{true:.3f}", f"{predicted:.3f}", f"{predicted - true:.3f}"]
    page.evaluate("location.hash = '#f=1'")
    page.wait_for_function(
        "document.querySelector('.pg-readout th:nth-child(3)').textContent === 'estimated'"
    )


PIXELS = """view => { const c = document.querySelector(`canvas[data-view=${view}]`)
  return [...c.getContext("2d").getImageData(0, 0, c.width, c.height).data] }"""


def test_every_pixel_of_a_frame_is_the_archives(served: Visit) -> None:
    page = ready(served, f"#f={LAST}")
    true = frames([float(trajectory(1, 0, LENGTH).values[-1][0] or 0)])[0]
    guess = frames([float(trajectory(1, CONTEXT, LENGTH, wobble=0.004).values[-1][0] or 0)])[0]
    expected = {
        "truth": true,
        "prediction": guess,
        "difference": np.maximum(true, guess) - np.minimum(true, guess),
    }
    assert expected["difference"].any()
    for view, picture in expected.items():
        pixels = np.array(page.evaluate(PIXELS, view), np.uint8).reshape(*picture.shape[:2], 4)
        assert np.array_equal(pixels[..., :3], picture), view


def test_in_the_given_frames_prediction_and_truth_are_one(served: Visit) -> None:
    page = ready(served, f"#f={CONTEXT - 1}")
    assert page.evaluate(PIXELS, "truth") == page.evaluate(PIXELS, "prediction")
    assert sum(page.evaluate(PIXELS, "difference")[::4]) == 0
    assert page.locator("figure.pg-same").count() == 2


def test_the_difference_can_be_made_brighter(visit: Visit) -> None:
    page = ready(visit)
    page.locator("[data-gain]").select_option("16")
    assert (
        page.locator("canvas[data-view=difference]").evaluate("c => getComputedStyle(c).filter")
        == "brightness(16)"
    )


def test_plots_have_a_cursor_and_a_click_goes_to_a_frame(visit: Visit) -> None:
    page = ready(visit, "#f=17")
    plot = page.locator("[data-episode=plots] svg.pg-plot").first
    before = plot.locator(".pg-cursor").get_attribute("d")
    plot.click()
    assert shown(page) in ("13", "14")
    assert plot.locator(".pg-cursor").get_attribute("d") != before
    assert "truth: from" in plot.locator("desc").text_content()


def test_plots_show_errors_on_demand(visit: Visit) -> None:
    page = ready(visit)
    first = page.locator("[data-episode=plots] svg.pg-plot").first
    assert first.get_attribute("aria-label") == "red_ball.x"
    page.get_by_label("errors").check()
    assert first.get_attribute("aria-label") == "error of red_ball.x"
    assert "prediction − truth" in first.locator("desc").text_content()


LIMITS = """prediction => proggenPlots.limits([
  { leads: true, values: [0, 1] }, { values: prediction }])"""


def test_a_prediction_that_runs_away_does_not_flatten_the_truth(visit: Visit) -> None:
    page = ready(visit)
    low, high = page.evaluate(LIMITS, [0.0, 1e30, None])
    assert -5 < low < 0
    assert 1 < high < 5


def test_missing_values_leave_a_gap(visit: Visit) -> None:
    line = {"label": "t", "style": "truth", "start": 0, "values": [1.0, None, 3.0, 4.0]}
    path = ready(visit).evaluate(
        "line => proggenPlots.plot({ title: 't', label: 't', lines: [line], context: 0, last: 3 })"
        ".querySelector('.pg-line').getAttribute('d')",
        line,
    )
    assert path.count("M") == 2


def test_the_table_of_states_marks_the_frames_row(visit: Visit) -> None:
    page = ready(visit, "#f=6")
    page.get_by_text("Table of states").click()
    expect(page.locator(".pg-states tbody tr")).to_have_count(LENGTH)
    assert page.locator(".pg-states .pg-current th").inner_text() == "6"
    page.locator(".pg-states tbody tr").nth(8).click()
    assert shown(page) == "8"
    assert page.locator(".pg-states .pg-current th").inner_text() == "8"


def test_a_button_leads_to_the_first_divergence(visit: Visit) -> None:
    page = ready(visit)
    page.get_by_role("button", name="First divergence").click()
    data = json.loads(page.locator("#episode-data").text_content())
    assert shown(page) == str(data["divergence"])
    assert f"at frame {data['divergence']}" in page.locator(".pg-says").inner_text()


def test_play_moves_and_pause_stops(visit: Visit) -> None:
    page = ready(visit, "#f=2")
    page.get_by_role("button", name="Play").first.click()
    expect(page.locator(".pg-viewer output")).to_contain_text(re.compile("^([3-9]|1.|2.) /"))
    page.get_by_role("button", name="Pause").first.click()
    still = shown(page)
    page.wait_for_timeout(300)
    assert shown(page) == still
    expect(page).to_have_url(re.compile(f"#f={still}$"))


SEEN = """window.seen = new Set()
setInterval(() => seen.add(document.querySelector(".pg-viewer output")?.textContent.split(" ")[0]), 10)"""


def test_a_visit_plays_once_and_stops_at_the_end(browser: Any, built: Path, tmp_path: Path) -> None:
    visit = next(visits("http", browser, built, tmp_path))
    visit.page.add_init_script(SEEN)
    page = ready(visit)
    page.locator(".pg-viewer .pg-play[data-playing=no]").wait_for(timeout=20_000)
    expect(page.locator(".pg-viewer output")).to_contain_text(f"{LAST} /")
    assert len(page.evaluate("[...seen]")) > 3


def test_reduced_motion_shows_the_end_at_once(visit: Visit) -> None:
    visit.page.add_init_script(SEEN)
    page = ready(visit)
    page.wait_for_timeout(300)
    assert set(page.evaluate("[...seen]")) <= {None, "", str(LAST)}


def test_without_scripts_the_animation_and_the_metrics_are_there(browser: Any, built: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((built / PAGE).as_uri())
    assert page.locator("noscript img.pg-gif").is_visible()
    assert not page.locator(".pg-viewer").is_visible()
    assert page.locator("text=error of the mean velocity after the impact").first.is_visible()


def test_sliders_show_worked_out_futures(visit: Visit) -> None:
    page = ready(visit, "#f=20")
    page.locator("[data-counterfactuals]").scroll_into_view_if_needed()
    slider = page.get_by_role("slider", name="restitution")
    slider.focus()
    slider.press("Home")
    row = page.locator(".pg-slider").first
    assert row.locator("output").inner_text() == "0 instead of 0.9987"
    assert "speed kept in an impact" in row.inner_text()
    assert page.locator("[data-whatif=plots] svg.pg-plot").count() == 1
    assert "counterfactual: from" in page.locator("[data-whatif=plots] desc").first.text_content()
    page.locator(".pg-stage:not([hidden])").wait_for()
    assert page.locator(".pg-stage output").inner_text() == "frame 19"
    slider.press("ArrowRight")
    assert "fails at this value" in page.locator("[data-whatif=said]").inner_text()
    page.get_by_role("slider", name="gravity").press("End")
    assert "makes no difference" in page.locator("[data-whatif=said]").inner_text()
    assert row.locator("output").inner_text() == "0.9987"  # one at a time
    assert visit.complaints == []


def test_asked_counterfactuals_open_with_their_plots(visit: Visit) -> None:
    page = ready(visit)
    page.locator("[data-asked] summary").click()
    page.locator("[data-asked] svg.pg-plot").first.wait_for()
    assert (
        page.locator("[data-asked] img.pg-gif").evaluate("e => e.currentSrc").endswith(".png")
    )  # reduced motion
    assert visit.complaints == []


def test_a_program_is_shown_byte_for_byte_with_its_fitted_values(visit: Visit) -> None:
    page = ready(visit)
    page.locator("[data-text=dynamics] summary").click()
    code = page.locator("[data-text=dynamics] code")
    code.wait_for()
    assert code.text_content() == DYNAMICS
    assert code.locator(".pg-note").first.get_attribute("data-note") == "fitted: 0.9987"
    assert code.locator(".pg-mark").first.get_attribute("title") == "restitution: fitted to 0.9987"
    assert visit.complaints == []


def test_a_page_and_its_media_are_light(served: Visit, built: Path) -> None:
    sizes = dict[str, int]()
    served.page.on("response", lambda r: sizes.update({r.url: len(r.body())}))
    page = ready(served)
    page.locator("[data-counterfactuals]").scroll_into_view_if_needed()
    page.get_by_role("slider", name="restitution").press("Home")
    page.locator(".pg-stage:not([hidden])").wait_for()
    media = sum(size for url, size in sizes.items() if "/episodes/" in url and not url.endswith(".html"))
    assert (built / PAGE).stat().st_size < 60_000
    assert 1_000 < media < 600_000


def test_a_failed_episode_shows_the_reason(visit: Visit) -> None:
    page = visit.go(PAGE.replace("00000-in", "00004-zero"))
    assert "Nothing was predicted here" in page.locator(".pg-problems").first.inner_text()
    assert page.locator("[data-episode]").count() == 0
    assert visit.complaints == []
