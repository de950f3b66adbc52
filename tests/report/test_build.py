from __future__ import annotations

import ast
import json
from pathlib import Path

import nbformat
import pytest

from proggen.errors import ArchiveError
from proggen.report import episode_rows
from proggen.report.build import build
from proggen.report.episode_view import parameter_notes
from proggen.report.output import Output
from proggen.report.pages import Pages, with_headings

from .archive import DYNAMICS, fit, make_run, plain
from .conftest import ROOT


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    return tmp_path


def texts(page: Path) -> list[str]:
    stored = json.loads(page.with_name(f".{page.name}.texts.json").read_text())
    return [text["text"] for text in stored.values()]


def test_every_kind_of_page_is_written(site: Path) -> None:
    make_run(site / "runs", episodes=3)
    written = {str(p.relative_to(site / "docs" / "results")) for p in build(site / "runs", site)}
    part = "demo/phyworld-collision"
    assert {"index.md", "demo/index.md", f"{part}/index.md", f"{part}/programs.md"} <= written
    assert f"{part}/episodes/00000-in.md" in written
    assert all((site / "docs" / "results" / path).exists() for path in written)


def test_an_empty_archive_makes_an_index_that_says_so(site: Path) -> None:
    build(site / "runs", site)
    assert "proggen run-all" in (site / "docs/results/index.md").read_text()


def test_pages_of_a_removed_run_go(site: Path) -> None:
    make_run(site / "runs", "first", episodes=1)
    build(site / "runs", site)
    (site / "runs" / "first").rename(site / "elsewhere")
    build(site / "runs", site)
    assert not (site / "docs/results/first").exists()


def test_a_failed_build_leaves_the_old_pages(site: Path) -> None:
    run = make_run(site / "runs", episodes=1)
    build(site / "runs", site)
    (run / "phyworld/collision/benchmark.json").write_text("{")
    with pytest.raises(ArchiveError, match=r"benchmark\.json"):
        build(site / "runs", site)
    assert (site / "docs/results/demo/index.md").exists()
    assert [p.name for p in (site / "docs").iterdir()] == ["results"]


def test_a_damaged_episode_is_left_out_and_named(site: Path) -> None:
    run = make_run(site / "runs", episodes=3)
    (run / "phyworld/collision/episodes/00000-in/states.json").write_text("[]")
    build(site / "runs", site)
    assert any(
        "00000-in is left out" in t for t in texts(site / "docs/results/demo/phyworld-collision/index.md")
    )


def test_an_episode_whose_program_failed_has_a_page_with_the_reason(site: Path) -> None:
    make_run(site / "runs", episodes=2)
    build(site / "runs", site)
    page = site / "docs/results/demo/phyworld-collision/episodes/00001-r_out.md"
    assert "Nothing was predicted here" in page.read_text()
    assert "rollout took longer than 5 s" in texts(page)


def test_numbers_of_the_headline_table_are_the_archives(site: Path) -> None:
    run = make_run(site / "runs", episodes=1)
    build(site / "runs", site)
    summary = json.loads((run / "summary.json").read_text())["benchmarks"]["phyworld/collision"]
    page = (site / "docs/results/index.md").read_text()
    for split in ("in", "ood"):
        assert f"<b>{summary[split]['post_vel_error_per_frame']['proggen']['mean']:.4f}</b>" in page


def test_combinations_that_the_clips_tell_stand_below_the_parameters(site: Path) -> None:
    make_run(site / "runs", episodes=1)
    build(site / "runs", site)
    page = site / "docs/results/demo/phyworld-collision/index.md"
    assert "gravity / radius" in page.read_text() + "".join(texts(page))
    assert "<b>1.234</b>" in page.read_text() or "<b>1.235</b>" in page.read_text()


def test_the_newest_finished_run_makes_the_headline(site: Path) -> None:
    make_run(site / "runs", "z-old", episodes=1, created="2025-01-01T00:00:00+00:00")
    make_run(site / "runs", "a-new", episodes=1, created="2026-01-01T00:00:00+00:00")
    build(site / "runs", site)
    page = (site / "docs/results/index.md").read_text()
    assert page.index("a-new/index.html") < page.index("z-old/index.html")


def test_beside_published_models_stands_the_parsed_number(site: Path) -> None:
    run = make_run(site / "runs", episodes=1)
    build(site / "runs", site)
    summary = json.loads((run / "summary.json").read_text())["benchmarks"]["phyworld/collision"]
    for page in ("index.md", "demo/phyworld-collision/index.md"):
        text = (site / "docs/results" / page).read_text()
        start = text.index('aria-label="Beside published video models"')
        table = text[start : text.index("</table>", start)]
        for split in ("in", "ood"):
            values = summary[split]["post_vel_error_per_frame"]
            assert f"<b>{values['proggen_parsed']['mean']:.3f}" in table
            assert f"<b>{values['proggen']['mean']:.4f}</b>" not in table


def test_published_values_are_marked_and_never_ours(site: Path) -> None:
    make_run(site / "runs", episodes=1)
    build(site / "runs", site)
    page = (site / "docs/results/demo/phyworld-collision/index.md").read_text()
    assert "not measured here" in page
    assert page.count('class="pg-published"') > 9


def test_fitted_values_stand_where_the_parameters_are_declared() -> None:
    notes = parameter_notes(DYNAMICS, fit(plain))
    line = next(i for i, text in enumerate(DYNAMICS.splitlines(), 1) if '"restitution"' in text)
    assert notes[line] == "fitted: 0.9987"


@pytest.mark.parametrize("source", ["def (", "", "PARAMS = 3", "PARAMS = {**x}", "\x00", "(" * 5000])
def test_any_text_may_stand_for_a_dynamics_program(source: str) -> None:
    assert parameter_notes(source, fit(plain)) == {}


def test_the_notebook_holds_the_headline_numbers_and_runs(site: Path) -> None:
    run = make_run(site / "runs", episodes=2)
    build(site / "runs", site)
    book = nbformat.read(site / "docs/results/demo/phyworld-collision/notebook.ipynb", as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    summary = json.loads((run / "summary.json").read_text())["benchmarks"]["phyworld/collision"]
    assert f"{summary['ood']['post_vel_error']['proggen']['mean']:.4f}" in code[1].outputs[0].text
    assert any('# ask("' in cell.source for cell in code)
    assert all(ast.parse(cell.source) for cell in code)


def test_a_plain_string_in_a_template_never_reaches_the_page(tmp_path: Path) -> None:
    for name in ("page.md.j2", "episode.md.j2"):
        (tmp_path / "templates").mkdir(exist_ok=True)
        (tmp_path / "templates" / name).write_text("# Page\n\n{{ text }}\n")
    pages = Pages(Output(tmp_path, tmp_path), tmp_path)
    pages.write("page.md", "page.md.j2", title="Page", text="<script>")
    assert "<script>" not in (tmp_path / "page.md").read_text()
    assert texts(tmp_path / "page.md") == ["<script>"]


def test_templates_join_no_text_outside_of_links() -> None:
    """`~`, `join` and `safe` would make markup of a string before the vault sees it."""
    for template in (ROOT / "templates").glob("*.j2"):
        for line in template.read_text().splitlines():
            assert "|safe" not in line
            assert "|join" not in line
            assert "~" not in line or "href" in line or "gif(" in line


def test_long_lists_of_episodes_come_by_the_hundred(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(episode_rows, "SHOWN", 3)
    make_run(site / "runs", episodes=7)
    build(site / "runs", site)
    folder = site / "docs/results/demo/phyworld-collision"
    assert {p.name for p in folder.glob("list-*.md")} == {"list-2.md", "list-3.md"}
    assert (folder / "index.md").read_text().count('class="pg-thumb"') <= 3 + 1
    assert 'href="list-3.html"' in (folder / "index.md").read_text()
    assert "00006" in (folder / "index.md").read_text()  # it failed, so it comes first
    shown = "".join((folder / f"{n}.md").read_text() for n in ("index", "list-2", "list-3"))
    assert all(f"{n:05d}-" in shown for n in range(7))


def test_the_data_of_the_tables_hold_no_markup(site: Path) -> None:
    run = make_run(site / "runs", episodes=2)
    path = run / "phyworld/collision/episodes/00000-in/episode.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "split": "</script><script>pwned"}))
    build(site / "runs", site)
    script = (site / "docs/results/demo/phyworld-collision/episodes.js").read_text()
    assert script.startswith("proggenEpisodes({")
    assert "<" not in script


def test_headings_become_html_with_ids_and_contents() -> None:
    html, contents = with_headings("# A title\n\n<p># no heading</p>\n## Two words\n\n## Two words\n")
    assert contents == [
        (1, "a-title", "A title"),
        (2, "two-words", "Two words"),
        (2, "two-words_1", "Two words"),
    ]
    assert '<h2 id="two-words_1">Two words' in html
    assert "<p># no heading</p>" in html
