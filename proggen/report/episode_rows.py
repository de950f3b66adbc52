"""The lists of episodes: rows for plain tables, and the data of the tables that sort and filter.

`episodes.js` calls `proggenEpisodes({...})`: a script, because pages opened from disk may not fetch. It holds
slugs, numbers and words of this package only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..archive.records import BenchmarkRecord, EpisodeRecord
from ..archive.store import EpisodeRun
from ..evaluation.methods import HIGHER_IS_BETTER, OURS
from ..evaluation.rivals import Against
from ..evaluation.severity import MISSING, Severity
from ..numbers import Column
from . import words
from .episode_data import for_scripts
from .metrics_view import units
from .words import slug

SHOWN = 100  # rows of a plain table; more go to pages of their own
UNJUDGED = Severity(None, math.nan)
DIGITS = 7  # significant digits of the values in episodes.js, more than a table shows; the archive has all


@dataclass(frozen=True)
class EpisodeRow:
    """An episode in a list; the thumbnail's size is that of the picture it shows, in pixels.

    `against`: ours beside the benchmark's one baseline.
    """

    run: EpisodeRun
    page: str
    thumbnail: str | None
    thumbnail_size: tuple[int, int]
    values: list[float | None]
    severity: Severity = UNJUDGED
    against: Against | None = None

    @property
    def record(self) -> EpisodeRecord:
        return self.run.record

    @property
    def flags(self) -> list[str]:
        """Why an auditor would look here: names of `FLAGS`."""
        found = {
            "failed": self.record.failure is not None,
            "worse": self.against is not None and self.against.worse,
            "counterfactuals": bool(self.record.counterfactuals),
        }
        return [name for name in FLAGS if found[name]]


FLAGS = {
    "failed": "a program failed",
    "worse": "worse than the baseline",
    "counterfactuals": "has counterfactuals",
}


def worst_first(rows: Sequence[EpisodeRow]) -> list[EpisodeRow]:
    """By `evaluation/severity`; ties keep their order."""
    return sorted(rows, key=lambda row: row.severity.rank, reverse=True)


def error_metric(record: BenchmarkRecord, metrics: Sequence[str]) -> str | None:
    """The error in lists of several benchmarks: the last headline error, which is the hardest."""
    errors = [m for m in metrics if m not in HIGHER_IS_BETTER]
    headline = [m for m in errors if m in record.headline]
    found = headline or errors
    return found[-1] if found else None


def ours(episode: EpisodeRecord, metric: str) -> float | None:
    return episode.metrics.get(metric, {}).get(OURS)


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
    judged = sorted({row.severity.metric for row in rows if row.severity.metric is not None})
    data = {
        "run": run,
        "benchmark": name,
        "folder": folder,
        "splits": [[slug(s), str(words.split_words(s))] for s in splits],
        "metrics": [_metric(m, w, p) for m, w, p in zip(metrics, named, precision, strict=True)],
        "shown": slug(error_metric(record, metrics) or "none"),
        "rival": str(words.method_words(record.rival.method)) if record.rival else "",
        "worst": [_label(m, words.metric_words(m, units(record))) for m in judged],
        "rows": [_row(row, splits, judged, folder) for row in rows],
    }
    text = json.dumps(data, separators=(",", ":"))
    return f"proggenEpisodes({text.translate(_INERT)})\n"


_INERT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&"}


def _metric(name: str, named: words.MetricWords, precision: Column) -> dict[str, Any]:
    """Label and unit only where this package wrote them: a variable's name may be anything."""
    unit = str(named.unit) if hasattr(named.unit, "__html__") else slug(named.unit) if named.unit else ""
    return {
        "name": slug(name),
        "label": _label(name, named),
        "unit": unit,
        "higher": named.higher,
        **for_scripts(precision),
    }


def _label(name: str, named: words.MetricWords) -> str:
    return str(named.label) if hasattr(named.label, "__html__") else slug(name)


def _row(row: EpisodeRow, splits: Sequence[str], judged: Sequence[str], folder: str) -> list[Any]:
    """[id, split, values, rank, index of the worst metric or -1, against, flags, kind of failure, thumbnail or 0]."""
    failure = slug(row.record.failure.kind) if row.record.failure else 0
    page = row.page.removeprefix(f"{folder}/episodes/").removesuffix(".md")
    picture = [row.thumbnail.removeprefix(f"{folder}/episodes/"), *row.thumbnail_size] if row.thumbnail else 0
    numbers = [_short(v) for v in row.values]
    worst = -1 if row.severity.metric is None else judged.index(row.severity.metric)
    against = None if row.against is None else _short(row.against.times)
    flags = [list(FLAGS).index(f) for f in row.flags]
    return [page, splits.index(row.record.split), numbers, _short(row.severity.rank), worst, against, flags,
            failure, picture]  # fmt: skip


def _short(value: float | None) -> float | None:
    """JSON has no infinity: 1e9 stands for it in ratios."""
    if value is None or math.isnan(value):
        return None
    if math.isinf(value):
        return math.copysign(MISSING, value)
    return float(f"{value:.{DIGITS}g}")


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
