"""The headline: every benchmark on one line, in and out of distribution, beside a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import numbers
from ..archive.records import FEWEST, BenchmarkRecord, MetricValue, PairedDifference
from ..evaluation.methods import OURS
from . import metrics_view, words


@dataclass(frozen=True)
class Side:
    """One metric in or out of distribution; ours and the baseline are taken from states.

    baseline: the one that was chosen on training clips.
    """

    split: Markup
    ours: MetricValue | None
    baseline: tuple[Markup, MetricValue] | None
    against: PairedDifference | None  # ours against that baseline

    @property
    def few(self) -> bool:
        """Whether there are too few episodes to say which is better."""
        return self.against is not None and self.against.n < FEWEST


@dataclass(frozen=True)
class Line:
    words: words.MetricWords
    sides: list[Side]

    @property
    def precision(self) -> numbers.Column:
        """How the line's means are written: they are of one metric."""
        return numbers.column([m for s in self.sides for m in (s.ours, s.baseline and s.baseline[1])])


def line(record: BenchmarkRecord, headline: Sequence[str]) -> Line | None:
    """The line of the first of the headline's metrics; None if there is none."""
    if not headline:
        return None
    metric = headline[0]
    named = words.metric_words(metric, metrics_view.units(record))
    splits = words.columns(record.splits, brief=True)
    return Line(named, [_side(record, metric, split) for split in splits])


def _side(record: BenchmarkRecord, metric: str, split: str) -> Side:
    values = record.metrics.get(split, {}).get(metric, {})
    found = record.rival.method if record.rival and record.rival.method in values else None
    differences = record.differences.get(split, {}).get(metric, {})
    return Side(
        words.split_words(split),
        values.get(OURS),
        (words.method_words(found), values[found]) if found else None,
        differences.get(found) if found else None,
    )
