"""The page that tells where programs come from, and what it loads on demand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from proggen.archive.records import CandidateRecord, SelectionTrial, TranscriptRecord
from proggen.archive.store import load_run
from proggen.report.benchmark_pages import BenchmarkPages
from proggen.report.build import build
from proggen.report.output import output
from proggen.report.pages import Pages
from proggen.report.program_pages import Attempt, other_pair, pairs, read_attempts, totals
from proggen.report.source_diff import LONGEST, source_diff

from .archive import DYNAMICS, make_run
from .test_untrusted import read
from .visits import KINDS, Visit, visits

PART = "phyworld/collision"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    make_run(tmp_path / "runs", episodes=1)
    return tmp_path


def attempts(site: Path) -> dict[str, Attempt]:
    run = load_run(site / "runs/demo")
    with output(site / "docs/results") as found:
        part = BenchmarkPages(Pages(found, site), run, run.benchmarks[PART])
        return {a.name: a for a in read_attempts(part)}


def pages(site: Path) -> Path:
    build(site / "runs", site)
    return site / "docs/results/demo/phyworld-collision"


def script(path: Path) -> dict[str, str]:
    """The texts that a script hands to the page."""
    found: dict[str, str] = json.loads(re.sub(r"^proggenTexts\((.*)\)\n$", r"\1", path.read_text()))
    return found


# -- what is told of each attempt


def test_why_each_reply_was_asked_for(site: Path) -> None:
    found = attempts(site)
    assert found["dynamics-c0-r0"].reason == "first reply"
    assert found["dynamics-c0-r1"].reason == "repair: exception"
    path = site / "runs/demo" / PART / "candidates/dynamics-c0-r0.json"
    record = CandidateRecord.model_validate_json(path.read_bytes())
    path.write_text(record.model_copy(update={"status": "passed", "failure": None}).model_dump_json())
    assert attempts(site)["dynamics-c0-r1"].reason == "improvement"


def test_a_repair_is_set_beside_the_round_before(site: Path) -> None:
    found = attempts(site)
    diff = found["dynamics-c0-r1"].diff
    assert diff is not None
    assert (diff.added, diff.removed) == (0, 1)
    assert "-# the first try" in diff.text.split("\n")
    assert found["dynamics-c1-r0"].diff is None


def test_a_round_before_without_a_program_has_no_difference(site: Path) -> None:
    (site / "runs/demo" / PART / "candidates/dynamics-c0-r0.source.py").unlink()
    assert attempts(site)["dynamics-c0-r1"].diff is None
    assert "had no program" in (pages(site) / "programs.md").read_text()


def test_a_reply_without_a_candidate_is_shown_too(site: Path) -> None:
    (site / "runs/demo" / PART / "candidates/dynamics-c1-r0.json").unlink()
    found = attempts(site)["dynamics-c1-r0"]
    assert (found.program, found.candidate, found.score) == ("dynamics", None, None)
    assert 'id="dynamics-c1-r0"' in (pages(site) / "programs.md").read_text()


def test_lengths_are_tokens_if_they_were_reported(site: Path) -> None:
    assert attempts(site)["dynamics-c0-r0"].length == "2,100 → 900 <small>tokens</small>"
    path = site / "runs/demo" / PART / "transcripts/dynamics-c0-r0/transcript.json"
    record = TranscriptRecord.model_validate_json(path.read_bytes())
    path.write_text(record.model_copy(update={"usage": None}).model_dump_json())
    assert attempts(site)["dynamics-c0-r0"].length.endswith("<small>characters</small>")


def test_totals(site: Path) -> None:
    found = totals(list(attempts(site).values()))
    assert (found.lines, found.rounds, found.failed) == (8, 4, 4)
    assert found.tokens == 12 * 3000
    assert found.seconds == pytest.approx(12 * 31.5)


# -- why some were chosen


def trial(perception: int, dynamics: int, psnr: float | None) -> SelectionTrial:
    return SelectionTrial(
        perception=f"perception-c{perception}-r0", dynamics=f"dynamics-c{dynamics}-r0", start="perceived", psnr=psnr
    )  # fmt: skip


def test_pairs_tell_how_far_they_are_below_the_best() -> None:
    selection = [trial(0, 1, 44.0), trial(0, 1, 43.5), trial(1, 0, 41.0), trial(1, 1, None)]
    found = pairs(selection, {"perception": "perception-c0-r0", "dynamics": "dynamics-c1-r0"})
    assert [p.loss for p in found] == [0.0, 0.5, 3.0, None]
    assert [p.kept for p in found] == [True, True, False, False]
    assert other_pair(selection) == selection[2]
    assert other_pair(selection[:2]) is None


def test_an_archive_without_the_pairs_says_so(site: Path) -> None:
    path = site / "runs/demo" / PART / "benchmark.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "selection": []}))
    assert "does not hold how the pairs" in (pages(site) / "programs.md").read_text()


# -- differences


def test_a_difference_counts_lines_and_keeps_their_ends() -> None:
    found = source_diff("a\nb\nc\n", "a\nB\r\nc\nd\n")
    assert found is not None
    assert (found.added, found.removed) == (2, 1)
    assert "+B\r" in found.text.split("\n")


def test_very_long_programs_are_not_compared() -> None:
    assert source_diff("x\n" * LONGEST, "y") is None


# -- the files


def test_the_page_is_light_and_its_texts_lie_beside_it(site: Path) -> None:
    reply = site / "runs/demo" / PART / "transcripts/dynamics-c0-r1/reply.md"
    reply.write_text("A long reply. " * 20_000)
    part = pages(site)
    page = [part / "programs.md", part / ".programs.md.texts.json"]
    assert sum(p.stat().st_size for p in page) < 150_000
    texts = script(part / "programs/dynamics-c0-r1.js")
    assert set(texts) == {f"dynamics-c0-r1/{kind}" for kind in ("diff", "source", "prompt", "reply")}
    assert read(texts["dynamics-c0-r1/source"]).text == DYNAMICS
    assert read(texts["dynamics-c0-r1/reply"]).text == reply.read_text()
    assert (part / "programs/dynamics-c0-r1.reply.md.txt").read_text() == reply.read_text()


def test_a_program_that_cannot_be_parsed_is_told(site: Path) -> None:
    (site / "runs/demo" / PART / "programs/dynamics.py").write_text("def f(:\n")
    (site / "runs/demo" / PART / "candidates/dynamics-c0-r1.source.py").write_text("(" * 5000)
    assert (pages(site) / "programs.md").read_text().count("can’t be parsed") == 10  # 9 rows and the attempt


def test_the_page_is_made_anew_when_a_reply_changes_and_stays_otherwise(site: Path) -> None:
    part = pages(site)
    before = {p: p.stat().st_mtime_ns for p in part.glob("programs*")}
    pages(site)
    assert {p: p.stat().st_mtime_ns for p in part.glob("programs*")} == before
    (site / "runs/demo" / PART / "transcripts/dynamics-c0-r1/reply.md").write_text("another reply")
    pages(site)
    assert "another reply" in (part / "programs/dynamics-c0-r1.js").read_text()


# -- in a browser


@pytest.fixture(params=["http", "file"])
def visit(request: pytest.FixtureRequest, browser: Any, built: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits(request.param, browser, built, tmp_path)


@pytest.mark.browser
@pytest.mark.slow
def test_texts_are_loaded_when_a_reader_opens_them(visit: Visit) -> None:
    page = visit.go(f"{KINDS['programs']}#dynamics-c0-r1")
    expect(page.locator("#dynamics-c0-r1")).to_be_in_viewport()
    assert page.locator(".pg-source code").count() == 0
    page.locator("details[data-text='dynamics-c0-r1/source'] summary").click()
    code = page.locator("details[data-text='dynamics-c0-r1/source'] .pg-source code")
    expect(code).to_be_visible()
    assert code.text_content() == DYNAMICS


@pytest.mark.browser
@pytest.mark.slow
def test_a_line_of_the_audit_opens_the_program_there(visit: Visit) -> None:
    page = visit.go(KINDS["programs"])
    link = page.locator(".pg-audit a[data-in='dynamics-c0-r1/source']").first
    line = int(link.get_attribute("data-line"))
    link.click()
    expect(page.locator("details[data-text='dynamics-c0-r1/source'] .pg-source code")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == DYNAMICS.split("\n")[line - 1]
