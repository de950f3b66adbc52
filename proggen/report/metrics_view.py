"""Metric tables and charts as the templates need them: every number straight from a benchmark's record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from .. import numbers
from ..archive.records import BenchmarkRecord, MetricValue
from ..evaluation.methods import OURS, PARSED, comparable, kind, ordered
from ..evaluation.references import models
from . import plots, references_view, words


@dataclass(frozen=True)
class Cell:
    """One mean of a table; `best` if its difference from the others is clear, see `_clearly_best`."""

    value: MetricValue | None
    best: bool = False


@dataclass(frozen=True)
class Row:
    """A method's line in a table: `kind` is "ours" (from states or drawn and parsed), "baseline" or "measurement"."""

    label: str | Markup
    kind: str
    cells: list[Cell]


@dataclass(frozen=True)
class Column:
    """`n` is the number of episodes if all methods have the same, else None and it stands in the cells."""

    metric: str
    split: str
    label: Markup
    meaning: Markup
    pooled: bool
    n: int | None


@dataclass(frozen=True)
class Table:
    """Methods down, splits (of one or several metrics) across."""

    groups: list[tuple[words.MetricWords, int]]  # metric, number of its columns
    columns: list[Column]
    rows: list[Row]
    references: list[references_view.Group] = field(default_factory=list)
    remarks: list[Markup] = field(default_factory=list)  # on comparing with published models

    @property
    def precision(self) -> list[numbers.Column]:
        """How the means of each column are written."""
        return [numbers.column(row.cells[i].value for row in self.rows) for i in range(len(self.columns))]


def units(record: BenchmarkRecord) -> dict[str, str]:
    return {v.name: v.unit for v in record.truth_variables}


def metric_names(record: BenchmarkRecord) -> list[str]:
    """All metrics of a benchmark, headline ones first."""
    found = {m for metrics in record.metrics.values() for m in metrics}
    rest = sorted(found - set(record.headline), key=lambda m: (m.startswith("state."), m))
    return [m for m in record.headline if m in found] + rest


def methods(record: BenchmarkRecord, metrics: Sequence[str]) -> list[str]:
    """Our method first, then the baselines in the order of the archive."""
    seen: dict[str, None] = {OURS: None}
    for split in record.metrics.values():
        for metric in metrics:
            seen.update(dict.fromkeys(split.get(metric, {})))
    return ordered(seen)


def best(values: Mapping[str, float | None], metric: str) -> float | None:
    """The best value among our method and the baselines, if there are at least two."""
    known = [v for m, v in values.items() if v is not None and comparable(m)]
    if len(known) < 2:
        return None
    return max(known) if words.metric_words(metric).higher else min(known)


def table(record: BenchmarkRecord, metrics: Sequence[str], *, brief: bool) -> Table:
    """Brief tables hold in and out of distribution, and published models as a range."""
    splits = [s for s in words.columns(record.splits, brief=brief) if s in record.metrics]
    columns = [_column(record, m, s) for m in metrics for s in splits]
    rows = [_row(record, method, columns) for method in methods(record, metrics)]
    groups = [(words.metric_words(m, units(record)), len(splits)) for m in metrics]
    elsewhere = references_view.groups(record.references, [(c.metric, c.split) for c in columns], brief=brief)
    return Table(groups, columns, rows, elsewhere, references_view.remarks(record, metrics))


def by_kind(record: BenchmarkRecord, headline: Sequence[str]) -> list[tuple[Markup, list[Table]]]:
    """Tables of every split, a metric each, under headings: the headline's, of pictures, of states."""
    kinds: dict[str, Callable[[str], bool]] = {
        "The headline's metrics by split": lambda m: m in headline,
        "Pictures": lambda m: not m.startswith(("start.", "state.")),
        "Estimate at the start of the prediction": lambda m: m.startswith("start."),
        "States over the horizon": lambda m: True,
    }
    found: dict[str, list[Table]] = {heading: [] for heading in kinds}
    for metric in metric_names(record):
        heading = next(h for h, holds in kinds.items() if holds(metric))
        found[heading].append(table(record, [metric], brief=False))
    return [(Markup(heading), tables) for heading, tables in found.items() if tables]


def _column(record: BenchmarkRecord, metric: str, split: str) -> Column:
    counts = {v.n for v in record.metrics[split].get(metric, {}).values()}
    n = counts.pop() if len(counts) == 1 else None
    return Column(
        metric, split, words.split_words(split), words.split_meaning(split), split in ("ood", "all"), n
    )


def _row(record: BenchmarkRecord, method: str, columns: Sequence[Column]) -> Row:
    cells = []
    for column in columns:
        values = record.metrics[column.split].get(column.metric, {})
        cells.append(Cell(values.get(method), _clearly_best(record, column, method)))
    shown = "ours" if method == PARSED else kind(method)
    return Row(words.method_words(method), shown, cells)


def _clearly_best(record: BenchmarkRecord, column: Column, method: str) -> bool:
    """Whether a method has the best mean and its paired difference from ours is no chance.

    Ours is marked if it is clearly better than every baseline, a baseline if ours is clearly worse. Baselines
    are not compared with each other.
    """
    values = record.metrics[column.split].get(column.metric, {})
    if method not in values or not comparable(method):
        return False
    pairs = record.differences.get(column.split, {}).get(column.metric, {})
    if method == OURS:
        return bool(pairs) and all(p.verdict == "better" for p in pairs.values())
    top = best({m: v.mean for m, v in values.items()}, column.metric)
    return values[method].mean == top and method in pairs and pairs[method].verdict == "worse"


_SHORT = {
    "regressor": "regressor on states", "fixed_box2d": "fixed Box2D model",
}  # fmt: skip


def chart(record: BenchmarkRecord, metric: str) -> str:
    """In and out of distribution for every method; published models as hollow points on one row."""
    lanes = dict(zip(words.columns(record.splits, brief=True), ((-1.0, "in"), (1.0, "ood")), strict=False))
    rows = [plots.Row(_SHORT.get(m, str(words.method_words(m))), _points(record, metric, m, lanes), _weight(m))
            for m in methods(record, [metric])]  # fmt: skip
    published = [row for row in models(record.references, metric) if row.split in lanes]
    if published:
        points = [
            plots.Point(f"{style} published", row.value, lane=lane)
            for split, (lane, style) in lanes.items()
            for row in published
            if row.split == split
        ]
        count = len({p.method for p in published})
        rows.append(plots.Row(f"published, {count} models", points, "published"))
    named = words.metric_words(metric, units(record))
    label = f"{numbers.labelled(named.label, named.unit)}, {named.better}"
    return plots.interval_chart(rows, title=f"{named.label} by method", x_label=label)


def _weight(method: str) -> str:
    return "ours" if method == OURS else ""


def _points(
    record: BenchmarkRecord, metric: str, method: str, lanes: dict[str, tuple[float, str]]
) -> list[plots.Point]:
    points = []
    for split, (lane, style) in lanes.items():
        value = record.metrics.get(split, {}).get(metric, {}).get(method)
        if value is not None:
            points.append(plots.Point(style, value.mean, *value.ci95, lane=lane))
    return points
