"""The site as MkDocs builds it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from proggen.report.build import build

from .archive import make_run
from .conftest import mkdocs, project
from .visits import KINDS

pytestmark = pytest.mark.slow
ADDRESSES = ("href", "src", "poster", "data-source", "data-counterfactuals", "data-root")
LISTS = {"srcset": ",", "data-sources": " "}  # addresses with what stands between them


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links, self.ids, self.heads = list[str](), list[str](), dict[str, str]()
        self.title, self._open, self.data = "", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v for k, v in attrs if v}
        self._open = found.get("id", tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found[k] for k in ADDRESSES if k in found]
        for name, between in LISTS.items():
            self.links += [part.split()[0] for part in found.get(name, "").split(between) if part.strip()]
        if tag == "meta" and "content" in found:
            self.heads[found.get("name", found.get("property", ""))] = found["content"]
        if tag == "link" and "icon" in found.get("rel", ""):
            self.heads["icon"] = found["href"]

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        self.title += data if self._open == "title" else ""
        self.data += data if self._open == "episode-data" else ""


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


@pytest.fixture(scope="module")
def pages(built: Path) -> dict[Path, _Links]:
    """All pages but the one for addresses that do not exist, whose links depend on where the site lies."""
    return {page: parse(page) for page in built.rglob("*.html") if page.name != "404.html"}


def dead(built: Path, pages: dict[Path, _Links], page: Path, link: str) -> bool:
    """Whether a link on a page leads to no file of the site or to no place on its page."""
    parts = urlsplit(link)
    if parts.scheme in ("http", "https", "data"):
        return False
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target /= "index.html"
    if not target.is_file() or not target.is_relative_to(built):
        return True
    places = pages[target].ids if target in pages and parts.fragment else [unquote(parts.fragment)]
    return unquote(parts.fragment) not in places


def test_no_link_and_no_anchor_is_dead(built: Path, pages: dict[Path, _Links]) -> None:
    assert len(pages) > len(KINDS)
    found = [(str(p.relative_to(built)), link) for p, links in pages.items() for link in links.links]
    assert [(page, link) for page, link in found if dead(built, pages, built / page, link)] == []


def test_an_anchor_stands_once_on_its_page(built: Path, pages: dict[Path, _Links]) -> None:
    for page, found in pages.items():
        assert len(found.ids) == len(set(found.ids)), page.relative_to(built)


def argument(script: Path) -> dict[str, Any]:
    """What a script of data hands to its function."""
    text = script.read_text()
    found: dict[str, Any] = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    return found


def addresses(built: Path, pages: dict[Path, _Links]) -> Iterator[tuple[Path, str]]:
    """Addresses in the data of pages, with the page that a browser takes them from."""
    for page, found in pages.items():
        if found.data:
            yield from ((page, sheet) for sheet in json.loads(found.data)["frames"]["sheets"].values())
    for script in (built / "results").rglob("counterfactuals.js"):
        page = script.parent.with_suffix(".html")
        yield from ((page, s["sheet"]) for s in argument(script)["sweeps"] if s["sheet"])
    for script in (built / "results").rglob("episodes.js"):
        data = argument(script)
        folder = f"{data['folder']}/episodes"
        for row in data["rows"]:
            yield built / "results/index.html", f"{folder}/{row[0]}.html"
            if row[-1]:
                yield built / "results/index.html", f"{folder}/{row[-1][0]}"
    for entry in json.loads((built / "search/search_index.json").read_bytes())["docs"]:
        yield built / "index.html", entry["location"]


def test_no_address_in_data_is_dead(built: Path, pages: dict[Path, _Links]) -> None:
    found = list(addresses(built, pages))
    assert {Path(urlsplit(link).path).suffix for _, link in found} >= {".html", ".webp"}
    assert [link for page, link in found if dead(built, pages, page, link)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_says_what_it_is_when_its_address_is_shared(built: Path, kind: str) -> None:
    found = parse(built / KINDS[kind])
    name = found.title.strip()
    assert "ProgGen" in name
    assert found.heads["og:title"]
    assert found.heads["og:title"].removesuffix(" - ProgGen") in name
    assert len(found.heads["og:description"]) > 20
    assert found.heads["description"]
    assert (built / KINDS[kind]).parent.joinpath(found.heads["icon"]).resolve().is_file()


def test_no_two_kinds_of_page_share_a_title(built: Path) -> None:
    titles = [parse(built / path).title for path in KINDS.values()]
    assert len(titles) == len(set(titles))


def test_every_column_of_a_table_has_a_name(built: Path) -> None:
    assert [p.name for p in built.rglob("*.html") if "<th></th>" in p.read_text()] == []


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
