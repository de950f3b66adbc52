"""Writes pages: a Jinja template becomes Markdown, its untrusted text a JSON file beside it."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..errors import ProggenError
from . import words
from .untrusted import Vault

PACKAGED = Path(__file__).parent / "templates"
_PATH = re.compile(r"[A-Za-z0-9_./#-]+")


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

    def __init__(self, root: Path, site: Path) -> None:
        self.root, self.site = root, site
        self.templates = templates_folder(site)
        self.written: list[Path] = []
        self._vault = Vault()
        self._page = "index.md"
        self._environment = self._make_environment(self.templates)

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
            num=words.num, size=words.size, seconds=words.seconds, when=words.when, count=words.count,
            heading=words.heading, slug=lambda text: Markup(words.slug(text)), split=words.split_words,
            method=words.method_words, href=self._href, code=self._code, block=self._block, svg=self._svg,
        )  # fmt: skip
        environment.globals.update(interval=words.interval, Markup=Markup)
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
        search: bool = True,
        hide: tuple[str, ...] = (),
        **values: Any,
    ) -> None:
        """Render `template` as `page` (a path ending in .md). `title` is made of slugs by the caller."""
        self._page, self._vault = page, Vault()
        body = self._environment.get_template(template).render(page=page, title=title, **values)
        path = self.root / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_front_matter(title, search, hide) + body, encoding="utf-8")
        self._vault.write(path)
        self.written.append(path)


def _front_matter(title: str, search: bool, hide: tuple[str, ...]) -> str:
    safe = " ".join(words.slug(part) if "/" not in part else part for part in title.split(" "))
    lines = [f"title: {json.dumps(safe)}"]
    if not search:
        lines += ["search:", "  exclude: true"]
    if hide:
        lines += ["hide:", *(f"  - {item}" for item in hide)]
    return "---\n" + "\n".join(lines) + "\n---\n\n"
