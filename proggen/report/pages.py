"""Writes pages: a Jinja template becomes HTML in a .md file, its untrusted text a JSON file beside it.

Templates are HTML, and lines that begin with `#` are headings, as in Markdown. The MkDocs plugin takes such a
page as it is: sending thousands of them through Markdown took three quarters of the time of a build.
"""

from __future__ import annotations

import functools
import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .. import numbers
from ..archive.files import digest
from ..errors import ProggenError
from . import words
from .output import Output
from .untrusted import Vault

PACKAGED = Path(__file__).parent / "templates"
_PATH = re.compile(r"[A-Za-z0-9_./#-]+")
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"<span data-proggen=[^>]*></span>")
_TAG = re.compile(r"<[^>]*>|&[^;\s]*;")
_READS = ("archive", "evaluation", "report")  # rooms whose code decides what a page says


def templates_folder(site: Path) -> Path:
    """A site's own `templates/`, or those that came with the package."""
    for folder in (site / "templates", PACKAGED, Path(__file__).parents[2] / "templates"):
        if (folder / "episode.md.j2").exists():
            return folder
    raise ProggenError(
        f"There are no page templates in {site / 'templates'}: run this in the project's folder."
    )


class Pages:
    """The pages of one site folder. A plain string that a template prints goes to the page's vault."""

    def __init__(self, output: Output, site: Path) -> None:
        self.output, self.root, self.site = output, output.root, site
        self.templates = templates_folder(site)
        self.written: list[Path] = []
        self._vault = Vault()
        self._page = "index.md"
        self._environment = self._make_environment(self.templates)

    @functools.cached_property
    def version(self) -> str:
        """Digest of the templates and of the code that fills them."""
        package = Path(__file__).parents[1]
        files = [p for room in _READS for p in sorted((package / room).rglob("*.py"))]
        files += sorted(self.templates.iterdir())
        return digest("".join(digest(p.read_bytes()) for p in files if p.is_file()))

    def _make_environment(self, templates: Path) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=self._printed,
        )
        environment.filters.update(
            num=words.num, exact=words.exact, span=words.span, unit=words.unit, percent=words.percent,
            written=words.written, fitted=words.fitted, times=words.times, size=words.size, seconds=words.seconds,
            when=words.when, whole=words.whole, count=words.count, heading=words.heading,
            slug=lambda text: Markup(words.slug(text)),
            split=words.split_words, method=words.method_words, estimation=words.estimation_words,
            told=lambda p: Markup(p.told), href=self._href, code=self._code, block=self._block, svg=self._svg,
        )  # fmt: skip
        environment.globals.update(
            measured=words.measured, column=numbers.column, values_column=numbers.values_column, Markup=Markup
        )
        return environment

    def _printed(self, value: object) -> object:
        """What a template prints: markup and whole numbers as they are, any other text from the vault."""
        if isinstance(value, Markup) or value is None or isinstance(value, int):
            return value
        return words.num(value) if isinstance(value, float) else self._vault.inline(str(value))

    def _code(self, text: str, language: str = "", notes: Mapping[int, str] | None = None) -> Markup:
        return self._vault.code(text, language, notes)

    def _block(self, text: str) -> Markup:
        return self._vault.block(text)

    def _svg(self, plot: str) -> Markup:
        return self._vault.markup(plot)

    def _href(self, target: str) -> Markup:
        """A link from the page being written to a path in the results; pages (.md) link to their HTML."""
        if not _PATH.fullmatch(target):
            raise ValueError(f"not a path of the site: {target!r}")
        path, _, anchor = target.partition("#")
        relative = posixpath.relpath(
            re.sub(r"\.(md|ipynb)$", ".html", path), posixpath.dirname(self._page) or "."
        )
        return Markup(f"{relative}#{anchor}" if anchor else relative)

    def write(
        self,
        page: str,
        template: str,
        *,
        title: str,
        description: str = "",
        search: bool = True,
        hide: tuple[str, ...] = (),
        **values: Any,
    ) -> None:
        """Render `template` as `page` (a path ending in .md). The caller makes `title` and `description` of
        slugs and words of its own: they stand in the head of the page and in front matter.
        """
        self._page, self._vault = page, Vault()
        body = self._environment.get_template(template).render(page=page, title=title, **values)
        html, contents = with_headings(body)
        front = _front_matter(title, description, search, hide, contents)
        path = self.root / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._vault.seal(front + html), encoding="utf-8")
        self._vault.write(path)
        self.written.append(path)


def with_headings(body: str) -> tuple[str, list[tuple[int, str, str]]]:
    """The body with its `#` lines as HTML, and (level, id, title) of each; a title is HTML of this package."""
    found: list[tuple[int, str, str]] = []

    def heading(match: re.Match[str]) -> str:
        level, title = len(match[1]), match[2]
        name = _unused(anchor(title), {known for _, known, _ in found})
        found.append((level, name, _PLACEHOLDER.sub("", title)))
        link = f'<a class="headerlink" href="#{name}" title="Permanent link">&para;</a>'
        return f'<h{level} id="{name}">{title}{link}</h{level}>'

    return _HEADING.sub(heading, body), found


def anchor(title: str) -> str:
    """The id of a heading, as Python-Markdown makes it."""
    plain = _TAG.sub(lambda m: "_" if m[0] == "&#95;" else "", title)
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain.lower()).strip()) or "section"


def _unused(name: str, known: set[str]) -> str:
    number, free = 0, name
    while free in known:
        number += 1
        free = f"{name}_{number}"
    return free


def _front_matter(
    title: str, description: str, search: bool, hide: tuple[str, ...], contents: list[tuple[int, str, str]]
) -> str:
    """A mapping in YAML's flow style that is JSON too: it is read thousands of times."""
    safe = " ".join(words.slug(part) if "/" not in part else part for part in title.split(" "))
    meta: dict[str, object] = {"title": safe, "description": description, "contents": contents}
    if not search:
        meta["search"] = {"exclude": True}
    if hide:
        meta["hide"] = hide
    return f"---\n{json.dumps(meta)}\n---\n\n"
