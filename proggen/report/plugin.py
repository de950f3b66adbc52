"""The MkDocs plugin `proggen`: puts untrusted text into pages after Markdown, and adds a content security policy."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from . import untrusted

INDEX = "results/index.md"
NAVIGATION = Path("results") / ".navigation.json"  # written by the builder: titles and pages below "Results"
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
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_STYLE = re.compile(r"<style\b[^>]*>.*?</style>", re.DOTALL | re.IGNORECASE)
_COPY_BUTTON = re.compile(r'<div class="zeroclipboard-container">.*?</clipboard-copy>\s*</div>', re.DOTALL)


class ProggenConfig(Config):  # type: ignore[no-untyped-call]
    """The plugin has no options."""


class ProggenPlugin(BasePlugin[ProggenConfig]):  # type: ignore[no-untyped-call]
    """Hooks in the order MkDocs calls them."""

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        # `mkdocs serve` adds an inline script of its own to every answer, which a policy would block
        self._policy = command != "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        if config.use_directory_urls:
            raise PluginError(
                "Set 'use_directory_urls: false' in mkdocs.yml: the results link to .html files."
            )
        if config.nav:
            config.nav = [self._with_results(item, Path(config.docs_dir)) for item in config.nav]
        return config

    def _with_results(self, item: Any, docs: Path) -> Any:
        """The navigation entry of the results, with the newest run's pages below it."""
        if not isinstance(item, dict) or INDEX not in item.values() or not (docs / NAVIGATION).exists():
            return item
        pages = json.loads((docs / NAVIGATION).read_bytes())
        return {next(iter(item)): [INDEX, *({title: page} for title, page in pages)]}

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        if files.get_file_from_path(INDEX) is None:
            files.append(File.generated(config, INDEX, content=EMPTY))
        return files

    @event_priority(-50)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        if page.file.src_uri.endswith(".ipynb"):
            page.meta.update(hide=["navigation"], search={"exclude": True})
            return NOTEBOOK_HEAD.format(name=Path(page.file.src_uri).name) + plain_notebook(html)
        source = page.file.abs_src_path
        if source is None or "data-proggen=" not in html:
            return html
        try:
            return untrusted.insert(html, untrusted.read_texts(Path(source)))
        except (KeyError, ValueError):
            raise PluginError(
                f"The texts of {page.file.src_uri} are missing: run 'proggen build' again."
            ) from None

    @event_priority(-100)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        return with_policy(output, page.content or "") if self._policy else output


def plain_notebook(html: str) -> str:
    """A notebook without the scripts (from other hosts) and the 570 kB of styles its converter adds."""
    for pattern in (_SCRIPT, _STYLE, _COPY_BUTTON):
        html = pattern.sub("", html)
    return html


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


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
