"""The site as MkDocs builds it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from proggen.report.build import build

from .archive import make_run
from .conftest import mkdocs, project

pytestmark = pytest.mark.slow


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links, self.ids = list[str](), set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        self.links += [v for k in ("href", "src", "srcset") if (v := found.get(k))]


def parse(page: Path) -> _Links:
    parser = _Links()
    parser.feed(page.read_text())
    return parser


def test_the_site_builds_without_results_and_says_how_to_make_them(tmp_path: Path) -> None:
    done = mkdocs(project(tmp_path / "empty"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "proggen run-all" in (tmp_path / "empty/site/results/index.html").read_text()


def test_the_site_builds_with_an_archive_that_holds_no_run(tmp_path: Path) -> None:
    folder = project(tmp_path / "none")
    build(folder / "runs", folder)
    assert (mkdocs(folder).returncode, mkdocs(folder).stderr) == (0, "")


def test_no_link_and_no_anchor_is_dead(built: Path) -> None:
    pages = {page: parse(page) for page in built.rglob("*.html") if page.name != "404.html"}
    dead = []
    for page, found in pages.items():
        for link in found.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "data"):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            ids = pages[target].ids if target in pages else {unquote(parts.fragment)}
            if not target.exists() or (parts.fragment and unquote(parts.fragment) not in ids):
                dead.append((str(page.relative_to(built)), link))
    assert dead == []


def test_texts_of_the_archive_are_on_the_pages_and_their_files_are_not_copied(built: Path) -> None:
    page = (built / "results/demo/phyworld-collision/episodes/00000-in.html").read_text()
    assert "data-proggen" not in page
    assert "restitution" in page
    assert not list(built.rglob(".*.texts.json"))


def test_the_newest_run_is_in_the_navigation_and_its_episodes_are_not(built: Path) -> None:
    links = parse(built / "index.html").links
    assert "results/index.html" in links
    inner = parse(built / "results/index.html").links
    assert "demo/phyworld-collision/index.html" in inner
    assert not any("episodes/00001" in link for link in links)


def test_episodes_stay_out_of_the_search_index(built: Path) -> None:
    index = (built / "search/search_index.json").read_text()
    assert '"location":"results/demo/phyworld-collision/episodes' not in index
    assert '"location":"results/demo/phyworld-collision/programs' not in index
    assert "results/demo/phyworld-collision/index.html" in index


def test_every_image_waits_until_it_is_seen(built: Path) -> None:
    page = (built / "results/demo/phyworld-collision/index.html").read_text()
    assert page.count("<img") == page.count('loading="lazy"') > 3


def test_a_notebook_page_brings_no_script_and_no_styles_of_its_own(built: Path) -> None:
    page = (built / "results/demo/phyworld-collision/notebook.html").read_text()
    assert "cdnjs" not in page
    assert "unpkg" not in page
    assert len(page) < 80_000
    assert (built / "results/demo/phyworld-collision/notebook.ipynb").exists()


def test_sources_are_published_as_text(built: Path) -> None:
    files = built / "results/demo/phyworld-collision/files"
    assert {p.suffix for p in files.iterdir()} == {".txt"}
    assert (files / "dynamics.py.txt").exists()


def test_pages_without_directory_urls_only(tmp_path: Path) -> None:
    folder = project(tmp_path / "urls")
    settings = (folder / "mkdocs.yml").read_text()
    wrong = settings.replace("use_directory_urls: false", "use_directory_urls: true").replace(
        "  - offline\n", ""
    )
    (folder / "mkdocs.yml").write_text(wrong)
    make_run(folder / "runs", episodes=1)
    done = mkdocs(folder)
    assert done.returncode != 0
    assert "use_directory_urls: false" in done.stderr


def test_a_warning_of_mkdocs_is_noticed(tmp_path: Path) -> None:
    folder = project(tmp_path / "warned")
    with (folder / "docs/index.md").open("a") as page:
        page.write("\n[dead](metrics.md#no-such-anchor)\n")
    done = mkdocs(folder)
    assert done.returncode != 0
    assert "no-such-anchor" in done.stderr
