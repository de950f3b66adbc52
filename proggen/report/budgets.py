"""What a built site may weigh, so that pages open at once and a static host takes the whole.

A page's own media are what it loads when it is opened: the sheets of frames and scripts in the folder named like
it. Downloads, stills for print and the pictures of counterfactuals wait until somebody asks for them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EPISODE_HTML = 60_000  # bytes of an episode's page
EPISODE_MEDIA = 600_000  # with all that it loads
PAGE_HTML = 600_000  # of any other page
SITE = 1_000_000_000  # of everything: what common static hosts take
LOADED = (".webp", ".js")
LATER = "sweep-"  # one of them when its slider is touched


@dataclass(frozen=True)
class Weights:
    """Bytes of the whole site, and pages over their budget as (page, bytes, budget)."""

    pages: int
    total: int
    heavy: list[tuple[str, int, int]]


def weigh(site: Path) -> Weights:
    """Weigh a built site in the folder `site`."""
    pages, total, heavy = 0, 0, list[tuple[str, int, int]]()
    for folder, _, names in os.walk(site):
        for path in (Path(folder, name) for name in names):
            size = path.stat().st_size
            total += size
            if path.suffix == ".html":
                pages += 1
                found = [
                    (f"{path.relative_to(site)}{what}", n, limit) for what, n, limit in _limits(path, size)
                ]
                heavy += [entry for entry in found if entry[1] > entry[2]]
    return Weights(pages, total, sorted(heavy))


def _limits(page: Path, size: int) -> Iterator[tuple[str, int, int]]:
    if page.parent.name != "episodes":
        yield "", size, PAGE_HTML
        return
    yield "", size, EPISODE_HTML
    media = page.with_suffix("")
    loaded = [p for p in media.glob("*") if p.suffix in LOADED and not p.name.startswith(LATER)]
    yield " with its media", size + sum(p.stat().st_size for p in loaded), EPISODE_MEDIA
