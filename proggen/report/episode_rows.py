"""The lists of episodes: rows for plain tables, and the data of the tables that sort and filter.

`episodes.js` calls `proggenEpisodes({...})`: a script, because pages opened from disk may not fetch. It holds
slugs, numbers and words of this package only.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..archive.records import BenchmarkRecord, EpisodeRecord
from ..archive.store import EpisodeRun
from ..evaluation.methods import HIGHER_IS_BETTER, OURS, kind
from ..numbers import Column
from . import words
from .episode_data import for_scripts
from .metrics_view import units
from .words import slug

SHOWN = 100  # rows of a plain table; more go to pages of their own
DIGITS = 7  # significant digits of the values in episodes.js, more than a table shows; the archive has all


@dataclass(frozen=True)
class EpisodeRow:
    """An episode in a list; the thumbnail's size is that of the picture it shows, in pixels.

    `relative` is the error as a multiple of the benchmark's median, `against` as a multiple of the best
    baseline's on the same episode.
    """

    run: EpisodeRun
    page: str
    thumbnail: str | None
    thumbnail_size: tuple[int, int]
    values: list[float | None]
    relative: float | None = None
    against: float | None = None

    @property
    def record(self) -> EpisodeRecord:
        return self.run.record

    @property
    def flags(self) -> list[str]:
        """Why an auditor would look here: names of `FLAGS`."""
        found = {
            "failed": self.record.failure is not None,
            "worse": self.against is not None and self.against > 1,
            "counterfactuals": bool(self.record.counterfactuals),
        }
        return [name for name in FLAGS if found[name]]


FLAGS = {
    "failed": "a program failed",
    "worse": "worse than a baseline",
    "counterfactuals": "has counterfactuals",
}


def error_metric(record: BenchmarkRecord, metrics: Sequence[str]) -> str | None:
    """The metric that episodes are ranked by: the benchmark's last headline error, which is the hardest."""
    errors = [m for m in metrics if m not in HIGHER_IS_BETTER]
    headline = [m for m in errors if m in record.headline]
    found = headline or errors
    return found[-1] if found else None


def best_baseline(episode: EpisodeRecord, metric: str) -> float | None:
    """The smallest error among the baselines of an episode."""
    values = episode.metrics.get(metric, {})
    known = [v for m, v in values.items() if v is not None and kind(m) == "baseline"]
    return min(known, default=None)


def ours(episode: EpisodeRecord, metric: str) -> float | None:
    return episode.metrics.get(metric, {}).get(OURS)


def ratio(value: float | None, other: float | None) -> float | None:
    """value / other; infinite where only the other one is zero, 1 where both are."""
    if value is None or other is None:
        return None
    if other == 0:
        return math.inf if value else 1.0
    return value / other


def median_error(episodes: Sequence[EpisodeRun], metric: str | None) -> float | None:
    known = [v for e in episodes if metric and (v := ours(e.record, metric)) is not None]
    return statistics.median(known) if known else None


def data_script(
    record: BenchmarkRecord,
    run: str,
    name: str,
    folder: str,
    metrics: Sequence[str],
    rows: Sequence[EpisodeRow],
    precision: Sequence[Column],
) -> str:
    """`episodes.js` of one benchmark of a run. `run` and `name` are slugs; `folder` is where its pages lie."""
    splits = list(dict.fromkeys([*record.splits, *(row.record.split for row in rows)]))
    named = [words.metric_words(m, units(record)) for m in metrics]
    data = {
        "run": run,
        "benchmark": name,
        "folder": folder,
        "splits": [[slug(s), str(words.split_words(s))] for s in splits],
        "metrics": [_metric(m, w, p) for m, w, p in zip(metrics, named, precision, strict=True)],
        "ranked": slug(error_metric(record, metrics) or "none"),
        "rows": [_row(row, splits, folder) for row in rows],
    }
    text = json.dumps(data, separators=(",", ":"))
    return f"proggenEpisodes({text.translate(_INERT)})\n"


_INERT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&"}


def _metric(name: str, named: words.MetricWords, precision: Column) -> dict[str, Any]:
    """Label and unit only where this package wrote them: a variable's name may be anything."""
    label = str(named.label) if hasattr(named.label, "__html__") else slug(name)
    unit = str(named.unit) if hasattr(named.unit, "__html__") else slug(named.unit) if named.unit else ""
    return {
        "name": slug(name),
        "label": label,
        "unit": unit,
        "higher": named.higher,
        **for_scripts(precision),
    }


def _row(row: EpisodeRow, splits: Sequence[str], folder: str) -> list[Any]:
    """[id, split, values, relative, against, flags, kind of failure, thumbnail or 0]."""
    failure = slug(row.record.failure.kind) if row.record.failure else 0
    page = row.page.removeprefix(f"{folder}/episodes/").removesuffix(".md")
    picture = [row.thumbnail.removeprefix(f"{folder}/episodes/"), *row.thumbnail_size] if row.thumbnail else 0
    numbers = [_short(v) for v in row.values]
    flags = [list(FLAGS).index(f) for f in row.flags]
    return [page, splits.index(row.record.split), numbers, _short(row.relative), _short(row.against), flags,
            failure, picture]  # fmt: skip


def _short(value: float | None) -> float | None:
    """JSON has no infinity: 1e9 stands for it in ratios."""
    if value is None or math.isnan(value):
        return None
    return float(f"{min(max(value, -1e9), 1e9):.{DIGITS}g}")


def pages_of(rows: Sequence[EpisodeRow]) -> list[list[EpisodeRow]]:
    """Rows by the hundred, at least one page."""
    return [list(rows[i : i + SHOWN]) for i in range(0, len(rows), SHOWN)] or [[]]


def note_of(row: EpisodeRow, gallery: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What lists need of an episode's page when the page itself is not made again."""
    return {
        "thumbnail": row.thumbnail,
        "size": list(row.thumbnail_size),
        "gallery": [list(g) for g in gallery],
    }


def picture_of(note: Mapping[str, Any]) -> tuple[str | None, tuple[int, int]]:
    width, height = note["size"]
    return note["thumbnail"], (width, height)
