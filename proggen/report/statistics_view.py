"""What a benchmark's page says of our method against the baselines, and of errors over the horizon.

A word such as "better" stands only where `PairedDifference.verdict` bears it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from .. import numbers
from ..archive.records import BenchmarkRecord, CurveRecord, CurvesRecord, PairedDifference
from ..evaluation.methods import HIGHER_IS_BETTER, OURS, ordered
from . import words
from .curve_plot import Curve, curve_plot
from .metrics_view import metric_names, units

_VERDICTS = {
    "better": "better",
    "worse": "worse",
    "mixed": "mixed",
    "equal": "no difference that matters",
    "unclear": "no clear difference",
    "few": "too few episodes",
}
_POOLS = ("in", "ood")
STYLES = 10  # line styles in docs/assets/proggen.css, ours not counted
_FLAT = 1e-9  # relative; an error that does not change over the frames needs no curve


@dataclass(frozen=True)
class PairCell:
    difference: PairedDifference
    verdict: str  # decides the style
    words: Markup


@dataclass(frozen=True)
class PairTable:
    """Baselines down, splits across, for one metric."""

    words: words.MetricWords
    smallest: float  # effect that matters
    splits: list[tuple[Markup, Markup]]  # label, meaning
    rows: list[tuple[Markup, list[PairCell | None]]]

    @property
    def precision(self) -> list[numbers.Column]:
        """How the gains of each split are written."""
        columns = [[cells[i] for _, cells in self.rows] for i in range(len(self.splits))]
        return [numbers.column(cell.difference if cell else None for cell in cells) for cells in columns]


def pair_tables(record: BenchmarkRecord) -> dict[str, PairTable]:
    """Metric -> our method against each baseline in every split, headline metrics first."""
    found = {m: _pair_table(record, m) for m in metric_names(record)}
    return {metric: table for metric, table in found.items() if table.rows}


def _pair_table(record: BenchmarkRecord, metric: str) -> PairTable:
    """Every split for a headline metric, the pools for others."""
    known = words.columns(record.splits, brief=False) if metric in record.headline else ["in", "ood", "all"]
    splits = [s for s in known if metric in record.differences.get(s, {})]
    by_split = {s: record.differences[s][metric] for s in splits}
    baselines = ordered(b for rows in by_split.values() for b in rows)
    rows = [(words.method_words(b), [pair_cell(by_split[s].get(b)) for s in splits]) for b in baselines]
    named = words.metric_words(metric, units(record))
    smallest = max((d.smallest for r in by_split.values() for d in r.values()), default=0.0)
    return PairTable(named, smallest, [(words.split_words(s), words.split_meaning(s)) for s in splits], rows)


def pair_cell(difference: PairedDifference | None) -> PairCell | None:
    if difference is None:
        return None
    return PairCell(difference, difference.verdict, Markup(_VERDICTS[difference.verdict]))


@dataclass(frozen=True)
class RivalView:
    """The baseline that ours is compared with, and the means on training clips that it was chosen by."""

    label: Markup
    clips: int
    learned: int  # clips that the baselines learned from
    baselines: list[Markup]
    metrics: list[tuple[words.MetricWords, list[float | None]]]  # the deciding one first


def rival(record: BenchmarkRecord) -> RivalView | None:
    found = record.rival
    if found is None:
        return None
    names = ordered(b for values in found.values.values() for b in values)
    return RivalView(
        words.method_words(found.method),
        len(found.clips),
        len(record.training_clips) - len(found.clips),
        [words.method_words(b) for b in names],
        [
            (words.metric_words(m, units(record)), [values.get(b) for b in names])
            for m, values in found.values.items()
        ],
    )


@dataclass(frozen=True)
class HorizonPlot:
    """`rival` is the baseline that has a band too; `episodes` tells what the means are over."""

    label: str | Markup
    pool: Markup
    plot: str
    rival: Markup
    episodes: Markup


def horizon(record: BenchmarkRecord, curves: CurvesRecord) -> list[HorizonPlot]:
    """One plot per metric and pool: our method, all baselines; errors on a logarithmic axis."""
    pools = [p for p in _POOLS if p in curves.curves]
    metrics = list(dict.fromkeys(m for p in pools for m in curves.curves[p] if m != "ssim"))
    metrics.sort(key=lambda m: (m not in record.headline, m.startswith("state.")))
    styles = dict(methods_of(curves))
    found = [_horizon_plot(record, m, p, curves.curves[p].get(m, {}), styles) for m in metrics for p in pools]
    return [plot for plot in found if plot is not None]


def _horizon_plot(
    record: BenchmarkRecord,
    metric: str,
    pool: str,
    methods: Mapping[str, CurveRecord],
    styles: Mapping[str, str],
) -> HorizonPlot | None:
    if OURS not in methods or _flat(methods[OURS]):
        return None
    named, higher = words.metric_words(metric, units(record)), metric in HIGHER_IS_BETTER
    rival = record.rival.method if record.rival and record.rival.method in methods else None
    lines = [
        Curve(
            label=str(words.method_words(m)), style=styles[m], x=range(c.start, c.start + len(c.mean)),
            mean=c.mean, low=c.low, high=c.high, interval="band" if m in (OURS, rival) else "",
        )
        for m, c in ((m, methods[m]) for m in ordered(methods))
    ]  # fmt: skip
    label = numbers.labelled(named.label, named.unit)
    title = f"{named.label} over the horizon, {words.split_words(pool)}"
    plot = curve_plot(lines, title=title, x_label="frame", y_label=label, log=not higher)
    shown = words.method_words(rival) if rival else Markup("")
    return HorizonPlot(named.label, words.split_words(pool), plot, shown, _counts(methods[OURS]))


def methods_of(curves: CurvesRecord) -> list[tuple[str, str]]:
    """The methods in the plots, each with the style of its line: one colour a method in all plots."""
    found = ordered(m for metrics in curves.curves.values() for methods in metrics.values() for m in methods)
    return [(m, "ours" if m == OURS else f"other-{(i - 1) % STYLES}") for i, m in enumerate(found)]


def _flat(curve: CurveRecord) -> bool:
    values = [v for v in curve.mean if v is not None]
    return not values or max(values) - min(values) <= _FLAT * abs(max(values))


def _counts(curve: CurveRecord) -> Markup:
    least, most = min(curve.n), max(curve.n)
    return Markup(f"n = {most}" if least == most else f"n = {most}, {least} in the frame with fewest")
