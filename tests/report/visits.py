"""A browser tab on the site, over http below a sub-path or from disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .conftest import serve


class Visit:
    """A browser tab that notes what must not happen."""

    def __init__(self, browser: Any, base: str, **options: Any) -> None:
        self.page = browser.new_context(viewport={"width": 1200, "height": 900}, **options).new_page()
        self.base, self.complaints = base, list[str]()
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._request(request.url))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _request(self, url: str) -> None:
        if not url.startswith((self.base, "data:")):
            self.complaints.append(f"request to {url}")

    def go(self, path: str) -> Any:
        self.page.goto(self.base + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def texts(self) -> list[str]:
        """Every text of the archive on the page, as a reader would copy it."""
        found: list[str] = self.page.eval_on_selector_all(
            "bdi.pg-text, .pg-prose, .pg-code code", "all => all.map(e => e.textContent)"
        )
        return found


def visits(kind: str, browser: Any, site: Path, folder: Path, **options: Any) -> Iterator[Visit]:
    """One tab on the built site; `kind` is "http" or "file"."""
    if kind == "file":
        yield Visit(browser, site.as_uri() + "/", **options)
        return
    server, base = serve(site, folder / "host")
    yield Visit(browser, base, **options)
    server.shutdown()
