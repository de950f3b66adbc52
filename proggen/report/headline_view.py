"""The headline: every benchmark on one line, in and out of distribution, beside baselines and published values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import numbers
from ..archive.records import FEWEST, BenchmarkRecord, MetricValue, PairedDifference
from ..evaluation.methods import OURS, best, kind
from . import metrics_view, words


@dataclass(frozen=True)
class Side:
    """One metric in or out of distribution; `published` is the range over the published models."""

    split: Markup
    ours: MetricValue | None
    baseline: tuple[Markup, MetricValue] | None
    against: PairedDifference | None  # ours against that baseline
    published: tuple[float, float] | None

    @property
    def few(self) -> bool:
        """Whether there are too few episodes to say which is better."""
        return self.against is not None and self.against.n < FEWEST


@dataclass(frozen=True)
class Line:
    words: words.MetricWords
    sides: list[Side]
    models: int  # published ones
    unstated: bool  # the publication does not say which reading of the metric its value is

    @property
    def precision(self) -> numbers.Column:
        """How the line's means are written: they are of one metric."""
        return numbers.column([m for s in self.sides for m in (s.ours, s.baseline and s.baseline[1])])


def metric_of(record: BenchmarkRecord, headline: Sequence[str]) -> str | None:
    """The metric of the headline: the first one that has published values to stand beside."""
    known = [m for m in headline if any(metrics_view.stands_under(p, m, "in") for p in record.published)]
    found = [*known, *headline]
    return found[0] if found else None


def line(record: BenchmarkRecord, headline: Sequence[str]) -> Line | None:
    metric = metric_of(record, headline)
    if metric is None:
        return None
    named = words.metric_words(metric, metrics_view.units(record))
    splits = words.columns(record.splits, brief=True)
    published = [p for p in record.published for s in splits if metrics_view.stands_under(p, metric, s)]
    sides = [_side(record, metric, split) for split in splits]
    unstated = bool(published) and metric in metrics_view.READINGS
    return Line(named, sides, len({p.method for p in published}), unstated)


def _side(record: BenchmarkRecord, metric: str, split: str) -> Side:
    values = record.metrics.get(split, {}).get(metric, {})
    known = [p.value for p in record.published if metrics_view.stands_under(p, metric, split)]
    found = _best_baseline(metric, values)
    differences = record.differences.get(split, {}).get(metric, {})
    return Side(
        words.split_words(split),
        values.get(OURS),
        (words.method_words(found), values[found]) if found else None,
        differences.get(found) if found else None,
        (min(known), max(known)) if known else None,
    )


def _best_baseline(metric: str, values: Mapping[str, MetricValue]) -> str | None:
    return best(metric, {m: v.mean for m, v in values.items() if kind(m) == "baseline"})
