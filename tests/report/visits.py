"""A browser tab on the site, over http below a sub-path or from disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .conftest import COMPARED, serve

_PART = "results/demo/phyworld-collision"
KINDS = {
    "home": "index.html",
    "guide": "metrics.html",
    "results": "results/index.html",
    "run": "results/demo/index.html",
    "benchmark": f"{_PART}/index.html",
    "list": f"{_PART}/list-2.html",
    "episode": f"{_PART}/episodes/00000-in.html",
    "failed episode": f"{_PART}/episodes/00004-zero.html",
    "programs": f"{_PART}/programs.html",
    "comparisons": "results/compare/index.html",
    "comparison": COMPARED,
    "notebook": f"{_PART}/notebook.html",
}  # a page of the built site of each kind

_TEXTS = "all => all.map(element => element.textContent)"
_LOADED = "() => [...document.querySelectorAll('details[data-text] .pg-source')].every(e => e.querySelector('code'))"
_OPEN = "document.querySelectorAll('details').forEach(details => { details.open = true })"


class Visit:
    """A browser tab that notes what must not happen."""

    def __init__(self, browser: Any, base: str, **options: Any) -> None:
        self.context = browser.new_context(viewport={"width": 1200, "height": 900}, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.base, self.complaints = base, list[str]()
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.context.on("request", lambda request: self._request(request.url))
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
        found: list[str] = self.page.eval_on_selector_all("bdi.pg-text, .pg-prose, .pg-code code", _TEXTS)
        return found

    def open_everything(self) -> None:
        """Ask for all that scripts load or make when a reader opens or moves something."""
        self.page.evaluate(_OPEN)
        if self.page.locator("[data-counterfactuals]").count():
            self.page.locator("[data-counterfactuals]").scroll_into_view_if_needed()
        if self.page.locator(".pg-sliders").count():
            self.page.locator(".pg-slider input").first.press("Home")
            self.page.locator("[data-whatif=plots] svg").first.wait_for()
            self.page.locator(".pg-stage:not([hidden])").wait_for()
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_function(_LOADED)


def visits(kind: str, browser: Any, site: Path, folder: Path, **options: Any) -> Iterator[Visit]:
    """One tab on the built site; `kind` is "http" or "file". A test ends without a complaint."""
    if kind == "file":
        visit, server = Visit(browser, site.as_uri() + "/", **options), None
    else:
        server, base = serve(site, folder / "host")
        visit = Visit(browser, base, **options)
    yield visit
    complaints = list(visit.complaints)
    visit.context.close()
    if server:
        server.shutdown()
    assert complaints == []
