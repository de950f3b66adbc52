"""The MkDocs plugin `proggen`: takes the builder's pages into the site, with a content security policy.

Untrusted text is put into them last; pages and pictures that have not changed stay as they are, see `site`.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment
from mkdocs.commands.build import get_context
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from .site import FOLDER, LastBuild, ResultPage, is_result, probe

INDEX = "results/index.md"
NAVIGATION = Path(FOLDER) / ".navigation.json"  # written by the builder: titles and pages below "Results"
EMPTY = """# Results

There are no results yet. Make them, then look again:

```
proggen run-all
mkdocs serve
```

Runs that are already in `runs/` become pages with `proggen build`.
"""
NOTEBOOK_HEAD = (
    '<p class="pg-crumbs"><a href="index.html">‹ back to the benchmark</a> · '
    '<a href="{name}" download>download this notebook</a></p>'
)
_DECIDES = ("plugin", "site", "untrusted")  # modules whose code is part of every page
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_INDENT = re.compile(r"\s*\n\s*")
_STYLE = re.compile(r"<style\b[^>]*>.*?</style>", re.DOTALL | re.IGNORECASE)
_PRE = re.compile(r"<pre\b(?![^>]*tabindex)([^>]*)>", re.IGNORECASE)
_COPY_BUTTON = re.compile(r'<div class="zeroclipboard-container">.*?</clipboard-copy>\s*</div>', re.DOTALL)


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class ProggenConfig(Config):  # type: ignore[no-untyped-call]
    """The plugin has no options."""


class ProggenPlugin(BasePlugin[ProggenConfig]):  # type: ignore[no-untyped-call]
    """Hooks in the order MkDocs calls them."""

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        # `mkdocs serve` adds an inline script of its own to every answer, which a policy would block
        self._policy = command != "serve"
        if dirty:
            raise PluginError("Leave out '--dirty': what has not changed is not built again anyway.")

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        if config.use_directory_urls:
            raise PluginError(
                "Set 'use_directory_urls: false' in mkdocs.yml: the results link to .html files."
            )
        self._titles: dict[str, str] = {}
        if config.nav:
            config.nav = [self._with_results(item, Path(config.docs_dir)) for item in config.nav]
        return config

    def _with_results(self, item: Any, docs: Path) -> Any:
        """The navigation entry of the results, with the newest run's pages below it."""
        if not isinstance(item, dict) or INDEX not in item.values() or not (docs / NAVIGATION).exists():
            return item
        pages = json.loads((docs / NAVIGATION).read_bytes())
        self._titles = {page: title for title, page in pages}
        return {next(iter(item)): [INDEX, *({title: page} for title, page in pages)]}

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        self._last = LastBuild(Path(config.site_dir))
        self._last.set_aside()

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        found = [f for f in files if f.src_uri.startswith(f"{FOLDER}/")]
        for file in found:
            if is_result(file):
                ResultPage(self._titles.get(file.src_uri), file, config)
        media = [f for f in found if not f.is_documentation_page()]
        for file in media:
            files.remove(file)
        self._last.media(f for f in media if f.inclusion is not InclusionLevel.EXCLUDED)
        if files.get_file_from_path(INDEX) is None:
            files.append(File.generated(config, INDEX, content=EMPTY))
        return files

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        self._nav = nav
        return nav

    @event_priority(-50)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        if not page.file.src_uri.endswith(".ipynb"):
            return html
        page.meta.update(hide=["navigation"], search={"exclude": True})
        return NOTEBOOK_HEAD.format(name=Path(page.file.src_uri).name) + plain_notebook(html)

    @event_priority(-100)
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Take out of the build what stays of the last one."""
        self._last.bring_back()
        pages = [f.page for f in files if isinstance(f.page, ResultPage)]
        shells = {p.surroundings: self._shell(p, env, config, files) for p in _one_each(pages)}
        self._keys = [(p, _sha256(f"{shells[p.surroundings]} {p.made_from}")) for p in pages]
        self._stay = [p for p, key in self._keys if self._last.stays(p, key)]
        self._last.settle(self._stay)
        for page in self._stay:
            files.remove(page.file)
        return env

    def _shell(self, like: ResultPage, env: Environment, config: MkDocsConfig, files: Files) -> str:
        """Digest of what the theme puts around such pages, and of the code that fills them."""
        page = probe(like, config)
        context = get_context(self._nav, files, config, page)
        output = env.get_template(page.meta.get("template", "main.html")).render(context)
        return _sha256(self.on_post_page(output, page=page, config=config) + _CODE)

    def on_template_context(
        self, context: TemplateContext, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        """The site map has the pages that stay too."""
        stay = [page.file for page in self._stay]
        context["pages"] = sorted([*context["pages"], *stay], key=lambda file: str(file.src_uri))
        return context

    @event_priority(100)
    def on_page_context(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        if isinstance(page, ResultPage):
            page.content = page.html()
        return context

    @event_priority(-100)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        content = page.content or ""
        if isinstance(page, ResultPage):
            page.content = ""  # thousands of them must not stay in memory
            output = tight(output, content)
        output = with_social(output, page, config)
        return with_policy(output, content) if self._policy else output

    @event_priority(-100)
    def on_post_template(self, output: str, *, template_name: str, config: MkDocsConfig) -> str:
        """The page for addresses that do not exist has the policy too."""
        return with_policy(output, "") if self._policy and template_name == "404.html" else output

    @event_priority(-200)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        self._last.finish()
        self._last.remember(self._keys)

    def on_build_error(self, *, error: Exception) -> None:
        if hasattr(self, "_last"):
            self._last.restore()


_CODE = _sha256("".join((Path(__file__).parent / f"{n}.py").read_text("utf-8") for n in _DECIDES))


def _one_each(pages: list[ResultPage]) -> list[ResultPage]:
    return list({page.surroundings: page for page in pages}.values())


def tight(output: str, content: str) -> str:
    """A page without the indentation of the theme's part, which is a tenth of an episode's page."""
    if not content or output.count(content) != 1:
        return output
    return content.join(_INDENT.sub("\n", part) for part in output.split(content))


def with_social(output: str, page: Page, config: MkDocsConfig) -> str:
    """A page whose head tells other sites its title and description."""
    own = page.meta.get("title") or page.title  # the navigation may call it otherwise
    title = f"{own} - {config.site_name}" if own else config.site_name
    tags = {
        "og:type": "website",
        "og:site_name": config.site_name,
        "og:title": html.unescape(title),
        "og:description": page.meta.get("description") or config.site_description or "",
        "og:url": page.canonical_url or "",
        "twitter:card": "summary",
    }
    found = "".join(f'<meta property="{k}" content="{html.escape(str(v))}">' for k, v in tags.items() if v)
    return output.replace("</head>", f"{found}</head>", 1)


def plain_notebook(html: str) -> str:
    """A notebook without the scripts (from other hosts) and the 570 kB of styles its converter adds."""
    for pattern in (_SCRIPT, _STYLE, _COPY_BUTTON):
        html = pattern.sub("", html)
    return _PRE.sub(r'<pre tabindex="0"\1>', html)  # long lines scroll, by keyboard too


def with_policy(output: str, content: str) -> str:
    """A page with a content security policy that allows the theme's inline scripts and none in the content."""
    theme = output.replace(content, "") if content else output
    inline = [m[2] for m in _SCRIPT.finditer(theme) if "src=" not in m[1] and "application/json" not in m[1]]
    hashes = " ".join(sorted({f"'sha256-{_sha256(script)}'" for script in inline}))
    policy = (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    # after the charset, which has to stand in the first 1024 bytes
    return re.sub(r"(<meta charset=[^>]*>)", lambda m: m[1] + meta, output, count=1)
