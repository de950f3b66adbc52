"""A second build touches only what changed, and ends at what a first one would have made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from proggen.report.build import build

from .archive import make_run
from .conftest import mkdocs, project

EPISODES = "demo/phyworld-collision/episodes"


def times(folder: Path) -> dict[str, tuple[int, int]]:
    """File -> inode and time of change."""
    found = [p for p in folder.rglob("*") if p.is_file()]
    return {str(p.relative_to(folder)): (p.stat().st_ino, p.stat().st_mtime_ns) for p in found}


def changed(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> set[str]:
    return {name for name in after if after[name] != before.get(name)}


def contents(folder: Path) -> dict[str, bytes]:
    """What a reader gets: the site map's compressed twin holds the time of its making."""
    found = [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".gz"]
    return {str(p.relative_to(folder)): p.read_bytes() for p in found if not p.name.startswith(".")}


def add_episode(run: Path) -> str:
    """Clone the first episode under a new last id, as a run that goes on would add one."""
    episodes = run / "phyworld/collision/episodes"
    shutil.copytree(episodes / "00000-in", episodes / "00009-in")
    record = json.loads((episodes / "00009-in/episode.json").read_bytes())
    (episodes / "00009-in/episode.json").write_text(json.dumps({**record, "id": "00009-in"}))
    return "00009-in"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    make_run(tmp_path / "runs", episodes=8)
    build(tmp_path / "runs", tmp_path)
    return tmp_path


def results(site: Path) -> dict[str, tuple[int, int]]:
    return {k: v for k, v in times(site / "docs/results").items() if k != ".build.json"}


def test_nothing_new_touches_nothing(site: Path) -> None:
    before = results(site)
    build(site / "runs", site)
    assert changed(before, results(site)) == set()


def test_one_episode_more_touches_it_its_neighbour_and_the_lists(site: Path) -> None:
    before = results(site)
    add_episode(site / "runs/demo")
    made = build(site / "runs", site)
    touched = changed(before, results(site))
    pages = {p for p in touched if p.startswith(f"{EPISODES}/") and p.endswith(".md")}
    # the new one comes after 00005-in in the order of splits
    assert pages == {f"{EPISODES}/{n}.md" for n in ("00009-in", "00005-in", "00001-r_out")}
    assert "demo/phyworld-collision/episodes.js" in touched
    assert not any("00003" in name for name in touched)
    assert len([p for p in made if "episodes" in p.parts]) == 3


def test_a_changed_episode_is_made_again(site: Path) -> None:
    before = results(site)
    (site / "runs/demo/phyworld/collision/episodes/00003-rv_out/truth.gif").write_bytes(b"GIF89a, damaged")
    build(site / "runs", site)
    assert f"{EPISODES}/00003-rv_out.md" in changed(before, results(site))


def test_a_changed_program_makes_all_pages_of_its_benchmark_again(site: Path) -> None:
    program = site / "runs/demo/phyworld/collision/programs/dynamics.py"
    program.write_text(program.read_text() + "\n# another line\n")
    made = build(site / "runs", site)
    assert len([p for p in made if "episodes" in p.parts]) == 8


def test_a_changed_template_makes_all_pages_again(site: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "templates", site / "templates")
    with (site / "templates/episode.md.j2").open("a") as template:
        template.write("<p>another line</p>\n")
    made = build(site / "runs", site)
    assert len([p for p in made if "episodes" in p.parts]) == 8


def test_a_page_that_was_deleted_comes_back(site: Path) -> None:
    before = contents(site / "docs/results")
    (site / f"docs/results/{EPISODES}/00003-rv_out.md").unlink()
    build(site / "runs", site)
    assert contents(site / "docs/results") == before


def test_a_file_that_nothing_made_goes(site: Path) -> None:
    stray = site / f"docs/results/{EPISODES}/stray.md"
    stray.write_text("# Stray")
    build(site / "runs", site)
    assert not stray.exists()


def test_two_builds_from_nothing_are_equal(site: Path) -> None:
    before = contents(site / "docs/results")
    shutil.rmtree(site / "docs/results")
    build(site / "runs", site)
    assert contents(site / "docs/results") == before


# -- with MkDocs


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    folder = project(tmp_path / "whole")
    make_run(folder / "runs", episodes=6)
    build(folder / "runs", folder)
    assert mkdocs(folder).returncode == 0
    return folder


@pytest.mark.slow
def test_mkdocs_touches_only_what_changed(whole: Path) -> None:
    before = times(whole / "site")
    add_episode(whole / "runs/demo")
    build(whole / "runs", whole)
    assert mkdocs(whole).returncode == 0
    touched = changed(before, times(whole / "site"))
    assert f"results/{EPISODES}/00009-in.html" in touched
    assert not any(name.startswith("assets/") or "00002-v_out" in name for name in touched)
    assert "metrics.html" not in touched


@pytest.mark.slow
def test_mkdocs_ends_at_what_a_first_build_makes(whole: Path) -> None:
    add_episode(whole / "runs/demo")
    shutil.rmtree(whole / "runs/demo/phyworld/collision/episodes/00002-v_out")
    build(whole / "runs", whole)
    assert mkdocs(whole).returncode == 0
    second = contents(whole / "site")
    shutil.rmtree(whole / "site")
    assert mkdocs(whole).returncode == 0
    assert second == contents(whole / "site")


@pytest.mark.slow
def test_another_theme_or_navigation_builds_every_page_again(whole: Path) -> None:
    settings = (whole / "mkdocs.yml").read_text()
    (whole / "mkdocs.yml").write_text(settings.replace("site_name: ProgGen", "site_name: Another name"))
    assert mkdocs(whole).returncode == 0
    pages = list((whole / "site/results").rglob("*.html"))
    assert len(pages) > 8
    assert all("Another name" in page.read_text() for page in pages)


@pytest.mark.slow
def test_a_build_that_fails_leaves_the_last_site(whole: Path) -> None:
    before = contents(whole / "site")
    texts = whole / f"docs/results/{EPISODES}/.00001-r_out.md.texts.json"
    texts.write_text("{}")
    done = mkdocs(whole)
    assert done.returncode != 0
    assert "proggen build" in done.stderr
    assert contents(whole / "site") == before
