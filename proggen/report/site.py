"""How MkDocs takes thousands of the builder's pages: no Markdown, and nothing that has not changed.

A page of the builder is HTML already, so it becomes a `ResultPage`, which Markdown never sees. Of the last
build's output, pages stay whose page, texts and surroundings (the theme, its settings, the navigation) are the
same; so do pictures. `site/.proggen.json` knows what each page was made from. Only pages outside the search index
may stay, because MkDocs makes that anew each time. What is made again and comes out the same keeps its time, so
that an upload sends only what is new.
"""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from markdown.extensions.toc import nest_toc_tokens
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

from . import untrusted

FOLDER = "results"
STATE = ".proggen.json"  # in the site; MkDocs does not clean hidden files
ASIDE = ".last"  # the last build's output while MkDocs empties the site
PROBE = {"title": "Probe", "description": "", "contents": [[1, "a", "A"], [2, "b", "B"]]}


class ResultPage(Page):
    """A page of the builder. Its content is read when it is needed, so that thousands need little memory."""

    made_from = ""  # digest of the page and its texts

    def read_source(self, config: MkDocsConfig) -> None:
        source, texts = _read(self._source), _read(untrusted.sidecar(self._source))
        self.made_from = hashlib.sha256(source + b"\0" + texts).hexdigest()
        self.meta, _ = _split(source)
        self.markdown = ""

    def render(self, config: MkDocsConfig, files: Files) -> None:
        names = ("level", "id", "name")
        tokens = [dict(zip(names, item, strict=True)) for item in self.meta.get("contents", [])]
        self.content, self.toc = "", get_toc(nest_toc_tokens(tokens))
        self.present_anchor_ids = {str(token["id"]) for token in tokens}
        self.links_to_anchors = {}

    @property
    def _source(self) -> Path:
        return Path(str(self.file.abs_src_path))

    @property
    def may_stay(self) -> bool:
        return bool(self.meta.get("search", {}).get("exclude"))

    @property
    def surroundings(self) -> str:
        """Pages with the same ones look alike around their content: they share the folder and switches."""
        switches = {k: v for k, v in self.meta.items() if k not in PROBE}
        return json.dumps([self.file.src_uri.rpartition("/")[0], switches], sort_keys=True)

    def html(self) -> str:
        """The content, with the texts of the archive put in."""
        _, body = _split(_read(self._source))
        try:
            return untrusted.insert(body, untrusted.read_texts(self._source))
        except (KeyError, ValueError):
            raise PluginError(
                f"The texts of {self.file.src_uri} are missing: run 'proggen build' again."
            ) from None


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _split(source: bytes) -> tuple[dict[str, Any], str]:
    """Front matter, which the builder writes as one line of JSON, and the rest."""
    _, front, body = source.decode().split("---\n", 2)
    return json.loads(front), body


def is_result(file: File) -> bool:
    """Whether the builder wrote this page: the EMPTY one of a site without results has no source."""
    return bool(
        file.src_uri.startswith(f"{FOLDER}/")
        and file.src_uri.endswith(".md")
        and file.abs_src_path is not None
    )


def probe(like: ResultPage, config: MkDocsConfig) -> ResultPage:
    """A page without content in the surroundings of another one."""
    folder = like.file.src_uri.rpartition("/")[0]
    page = ResultPage(None, File.generated(config, f"{folder}/probe.md", content=""), config)
    page.meta = {**{k: v for k, v in like.meta.items() if k not in PROBE}, **PROBE}
    page.markdown = ""
    page.render(config, Files([]))
    return page


class LastBuild:
    """The output of the last build in the folder `site` and what the pages of the builder were made from."""

    def __init__(self, site: Path) -> None:
        self._site, self._aside, self._state = site, site / ASIDE, site / STATE
        self._folder = site / FOLDER
        self._known: dict[str, list[Any]] = {}
        self._media: list[tuple[Path, Path]] = []

    def set_aside(self) -> None:
        """Take the site out of MkDocs' way, which empties it."""
        self._known = _read_json(self._state)
        found = [p for p in self._site.glob("*") if not p.name.startswith(".")]
        if not found:
            return  # nothing yet, or a build was killed: then the last one is still aside
        shutil.rmtree(self._aside, ignore_errors=True)
        self._aside.mkdir()
        for path in found:
            path.rename(self._aside / path.name)

    def media(self, files: Iterable[File]) -> None:
        """Take over the copying of these files."""
        self._media = [(Path(str(f.abs_src_path)), Path(f.abs_dest_path)) for f in files]

    def bring_back(self) -> None:
        """Put the results into place again, once MkDocs has emptied the site."""
        if (self._aside / FOLDER).is_dir():
            shutil.rmtree(self._folder, ignore_errors=True)
            (self._aside / FOLDER).rename(self._folder)

    def restore(self) -> None:
        """After a build that failed: all as it was."""
        for name in _names(self._aside):
            _move(self._aside / name, self._site / name)
        shutil.rmtree(self._aside, ignore_errors=True)

    def stays(self, page: ResultPage, key: str) -> bool:
        """Whether the page's output is there and was made from the same."""
        place = Path(page.file.abs_dest_path)
        return page.may_stay and self._known.get(page.file.src_uri) == [key, *_stamp(place)]

    def settle(self, stays: Iterable[Page]) -> None:
        """Leave only what stays of the last build, and put pictures and downloads in place."""
        wanted = {place for _, place in self._media} | {Path(p.file.abs_dest_path) for p in stays}
        for name in list(_names(self._folder)):
            if self._folder / name not in wanted:
                _move(self._folder / name, self._aside / FOLDER / name)
        for source, place in self._media:
            _place(source, place)

    def finish(self) -> None:
        """Files that came out as they were before keep their time; the rest of the last build goes."""
        for name in _names(self._aside):
            old, new = self._aside / name, self._site / name
            if new.is_file() and filecmp.cmp(old, new, shallow=False):
                old.replace(new)
        shutil.rmtree(self._aside, ignore_errors=True)
        for root, _, _ in os.walk(self._folder, topdown=False):
            with contextlib.suppress(OSError):  # not empty
                os.rmdir(root)

    def remember(self, pages: Iterable[tuple[ResultPage, str]]) -> None:
        state = {p.file.src_uri: [key, *_stamp(Path(p.file.abs_dest_path))] for p, key in pages if p.may_stay}
        if state != self._known:
            self._state.write_text(json.dumps(state), encoding="ascii")


def _read_json(path: Path) -> dict[str, list[Any]]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stamp(path: Path) -> list[int]:
    """Size and time of a file; a file that is not there has none."""
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]


def _names(folder: Path) -> Iterator[str]:
    """All files below a folder, as paths in it."""
    for root, _, names in os.walk(folder):
        yield from (os.path.relpath(os.path.join(root, name), folder) for name in names)


def _move(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    old.replace(new)


def _place(source: Path, place: Path) -> None:
    """A second name of the builder's file, or a copy where the file system has none."""
    if place.exists():
        if place.samefile(source) or _stamp(place) == _stamp(source):
            return
        place.unlink()
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.hardlink_to(source)
    except OSError:
        shutil.copy2(source, place)
