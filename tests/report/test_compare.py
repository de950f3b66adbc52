"""Two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proggen.archive.store import load_run
from proggen.errors import UsageError
from proggen.report import compare_pages
from proggen.report.build import build
from proggen.report.episode_rows import EpisodeRow

from .archive import PROGRAMS, make_run
from .conftest import COMPARED
from .visits import Visit, visits


def runs(folder: Path) -> None:
    """`new` and `old` with 8 common episodes; old has three times the error in one, and another dynamics."""
    make_run(folder / "runs", "new", episodes=8, created="2026-02-01T00:00:00+00:00")
    changed = {**PROGRAMS, "dynamics": f"# another\n{PROGRAMS['dynamics']}"}
    make_run(folder / "runs", "old", episodes=8, created="2026-01-01T00:00:00+00:00", programs=changed)
    path = folder / "runs/old/phyworld/collision/episodes/00002-v_out/episode.json"
    record = json.loads(path.read_bytes())
    record["metrics"]["post_vel_error"]["proggen"] *= 3
    path.write_text(json.dumps(record))


def rows(folder: Path, run: str) -> list[EpisodeRow]:
    found = load_run(folder / "runs" / run).benchmarks["phyworld/collision"].episodes()
    return [EpisodeRow(e, f"{e.record.id}.md", None, (0, 0), []) for e in found]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    runs(tmp_path)
    return tmp_path


def test_episodes_are_common_if_they_show_the_same_scene(site: Path) -> None:
    path = site / "runs/old/phyworld/collision/episodes/00000-in/episode.json"
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps({**record, "attributes": {**record["attributes"], "v1": 9.0}}))
    common = compare_pages.common_rows(rows(site, "new"), rows(site, "old"))
    assert len(common) == 7
    assert all(a.record.id == b.record.id != "00000-in" for a, b in common)


def found(site: Path) -> list[compare_pages.Disagreement]:
    record = load_run(site / "runs/new").benchmarks["phyworld/collision"].record
    common = compare_pages.common_rows(rows(site, "new"), rows(site, "old"))
    return compare_pages.disagreements(record, common, record.smallest)


def edit(site: Path, episode: str, metric: str, value: float) -> None:
    path = site / f"runs/old/phyworld/collision/episodes/{episode}/episode.json"
    record = json.loads(path.read_bytes())
    record["metrics"][metric]["proggen"] = value
    path.write_text(json.dumps(record))


def test_the_largest_disagreement_comes_first(site: Path) -> None:
    [only] = found(site)
    assert (only.first.record.id, only.words.label) == (
        "00002-v_out",
        "error of the mean velocity after the impact",
    )
    assert only.values[1] == pytest.approx(3 * (only.values[0] or 0))


def test_an_episode_that_failed_in_one_run_alone_is_a_disagreement(site: Path) -> None:
    path = site / "runs/old/phyworld/collision/episodes/00001-r_out/episode.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "metrics": {}}))
    assert [d.first.record.id for d in found(site)] == ["00001-r_out", "00002-v_out"]


def test_runs_agree_only_if_every_metric_does(site: Path) -> None:
    """All errors are equal; the pictures of one episode are not."""
    edit(site, "00002-v_out", "post_vel_error", 0.03)
    build(site / "runs", site)
    page = site / "docs/results/compare/new--old.md"
    assert "agree on every common episode" in page.read_text()
    edit(site, "00003-rv_out", "psnr", 3.3)
    build(site / "runs", site)
    assert "agree on every common episode" not in page.read_text()
    [only] = found(site)
    assert (only.first.record.id, only.words.label) == ("00003-rv_out", "PSNR")


def test_a_difference_keeps_every_byte_of_the_lines() -> None:
    change = compare_pages.program_change("dynamics", "a = 1\r\nb = 2\n", "a = 1\r\nb = 3\x1b\n")
    assert change.text == "@@ -1,3 +1,3 @@\n a = 1\r\n-b = 2\n+b = 3\x1b\n "
    assert (change.added, change.removed) == (1, 1)


def test_line_ends_alone_are_a_difference() -> None:
    assert compare_pages.program_change("dynamics", "a = 1\n", "a = 1\r\n").text


def test_programs_too_long_to_compare_say_so() -> None:
    change = compare_pages.program_change("dynamics", "\n" * 6000, "\n" * 6001)
    assert change.text == ""
    assert "longer than 5000 lines" in change.note


def test_the_newest_run_stands_beside_each_earlier_one(site: Path) -> None:
    make_run(site / "runs", "first", episodes=2, created="2025-01-01T00:00:00+00:00")
    build(site / "runs", site)
    pages = {p.name for p in (site / "docs/results/compare").glob("*.md")}
    assert pages == {"index.md", "new--old.md", "new--first.md"}


def test_runs_without_a_common_benchmark_do_not_stand_side_by_side(site: Path) -> None:
    make_run(
        site / "runs", "pole", episodes=1, created="2026-03-01T00:00:00+00:00", benchmarks=("cartpole/push",)
    )
    build(site / "runs", site)
    assert {p.name for p in (site / "docs/results/compare").glob("*.md")} == {"index.md", "new--old.md"}


def test_one_run_has_nothing_to_stand_beside(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    make_run(tmp_path / "runs", episodes=1)
    build(tmp_path / "runs", tmp_path)
    assert not (tmp_path / "docs/results/compare").exists()


def test_pairs_can_be_chosen(site: Path) -> None:
    build(site / "runs", site, compare=[("old", "new")])
    assert {p.name for p in (site / "docs/results/compare").glob("*.md")} == {"index.md", "old--new.md"}
    with pytest.raises(UsageError, match="no run 'other'"):
        build(site / "runs", site, compare=[("old", "other")])


def test_the_page_has_paired_differences_with_their_number(site: Path) -> None:
    build(site / "runs", site)
    page = (site / "docs/results/compare/new--old.md").read_text()
    assert "n = 7" in page  # of 8 common episodes one failed in both
    assert "no difference that matters" in page
    assert "in new alone" in page


# -- in a browser


@pytest.fixture(params=["http", "file"])
def visit(request: pytest.FixtureRequest, browser: Any, built: Path, tmp_path: Path) -> Iterator[Visit]:
    yield from visits(request.param, browser, built, tmp_path)


@pytest.mark.browser
@pytest.mark.slow
def test_the_way_to_a_comparison_and_on_to_an_episode(visit: Visit) -> None:
    page = visit.go("results/index.html")
    page.get_by_role("link", name="demo and older").click()
    assert page.url.endswith(COMPARED)
    visit.open_everything()
    assert any("# an older version" in text for text in visit.texts())
    page.get_by_role("link", name="00000-in in older").click()
    assert page.url.endswith("results/older/phyworld-collision/episodes/00000-in.html")
