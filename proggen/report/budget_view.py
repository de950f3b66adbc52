"""Where an error comes from, as pages and the terminal show it; the numbers are those of the archive."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import numbers
from ..archive.records import (
    FEWEST,
    BenchmarkRecord,
    EpisodeRecord,
    MatchRecord,
    MetricValue,
    StatesRecord,
)
from ..evaluation.budget import (
    LIMIT,
    LOST,
    ORDER,
    PARSER,
    PARTS,
    PHYSICS,
    TOTAL,
    budget,
    cancelling,
    largest,
    loss,
)
from . import bar_plot, plots, words
from .metrics_view import metric_names, units

LABELS = {
    TOTAL: ("error of ProgGen", "estimate, fitted dynamics, as everywhere"),
    "perception": ("perception", "what is gained with the true state at the end of the given frames"),
    "parameters": ("parameters", "what is gained further with parameters fitted to true states"),
    "structure": ("structure", "what is left then: the equations of the dynamics program"),
    PHYSICS: ("benchmark's own physics", "from our estimate: perception alone"),
    PARSER: ("true video, parsed", "error of PhyWorld's parser, measured on the true video"),
    LIMIT: ("true motion, drawn by our program", "what rendering allows, with sizes as estimated"),
    LOST: ("lost to motion", "by drawing things where they are not"),
}
_CHECKS = (PHYSICS, PARSER, LIMIT)
COLUMNS = (TOTAL, *PARTS, PHYSICS)  # of an episode's table
_SHORT = {TOTAL: "all of it"}
_POOLS = {"in": -1.0, "ood": 1.0}  # and their lane in a chart


@dataclass(frozen=True)
class PartRow:
    """A part of the error in each split; `kind` is "ours", "part" or "measurement" (a check)."""

    label: Markup
    meaning: Markup
    kind: str
    cells: list[MetricValue | None]


@dataclass(frozen=True)
class BudgetTable:
    words: words.MetricWords
    columns: list[tuple[Markup, int]]  # split, number of episodes
    rows: list[PartRow]
    sentences: list[str]
    chart: str

    @property
    def precision(self) -> list[numbers.Column]:
        """How the parts of each column are written."""
        return [numbers.column(row.cells[i] for row in self.rows) for i in range(len(self.columns))]


def tables(record: BenchmarkRecord, metrics: Sequence[str]) -> list[BudgetTable]:
    """One table for each of the metrics that has a budget, in and out of distribution."""
    splits = [s for s in words.columns(record.splits, brief=True) if s in record.budgets]
    shown = [m for m in metrics if any(m in record.budgets[s] for s in splits)]
    return [_table(record, m, [s for s in splits if m in record.budgets[s]]) for m in shown]


@dataclass(frozen=True)
class BenchmarkBudget:
    shown: list[BudgetTable]
    rest: list[BudgetTable]
    parameters: list[ParameterRow]


def benchmark_budget(record: BenchmarkRecord, headline: Sequence[str]) -> BenchmarkBudget:
    """What a benchmark's page shows: headline metrics first, then all others."""
    rest = [m for m in metric_names(record) if m not in headline]
    return BenchmarkBudget(tables(record, headline), tables(record, rest), parameter_rows(record))


def _table(record: BenchmarkRecord, metric: str, splits: Sequence[str]) -> BudgetTable:
    named = words.metric_words(metric, units(record))
    parts = {s: record.budgets[s][metric] for s in splits}
    shown = [p for p in ORDER if any(p in parts[s] for s in splits)]
    rows = [PartRow(*_words(p), _kind(p), [parts[s].get(p) for s in splits]) for p in shown]
    columns = [(words.split_words(s), parts[s][TOTAL].n) for s in splits]
    said = [_pooled_sentence(named, s, parts[s], record.smallest.get(metric, 0.0)) for s in splits]
    return BudgetTable(named, columns, rows, [s for s in said if s], _chart(named, parts))


def _words(part: str) -> tuple[Markup, Markup]:
    label, meaning = LABELS[part]
    return Markup(label), Markup(meaning)


def _kind(part: str) -> str:
    return "ours" if part == TOTAL else "measurement" if part in _CHECKS else "part"


def _chart(named: words.MetricWords, parts: Mapping[str, Mapping[str, MetricValue]]) -> str:
    rows = []
    for part in (TOTAL, *PARTS):
        points = [
            plots.Point(s, v.mean, *v.ci95, lane=_POOLS[s])
            for s, values in parts.items()
            if s in _POOLS and (v := values.get(part)) is not None
        ]
        rows.append(plots.Row(_SHORT.get(part, part), points, "ours" if part == TOTAL else ""))
    if not any(row.points for row in rows[1:]):
        return ""
    label = numbers.labelled(f"part of the {named.label}", named.unit)
    return bar_plot.bar_chart(rows, title=f"Parts of the {named.label}", x_label=label)


def _pooled_sentence(
    named: words.MetricWords, split: str, parts: Mapping[str, MetricValue], smallest: float
) -> str:
    where = words.split_words(split)
    if LIMIT in parts:
        lost = loss(*parts[LOST].ci95, smallest) if parts[LOST].n >= FEWEST else "unclear"
        return f"{_first(where)}: {_of_pictures(named, _means(parts), lost)}"
    said = _said(named, parts[TOTAL].mean)
    if cancelling(parts):
        each = ", ".join(f"{p} {_interval(parts[p])}" for p in PARTS)
        return f"{_first(where)}, parts of the {named.label} cancel, as one makes up for another: {each} leave {said}."
    found = largest(parts)
    if found is None:
        return ""
    size = f"{_interval(parts[found.part])} of {said}"
    if found.clear:
        return f"{_first(where)}, most of the {named.label} comes from {found.part}: {size}."
    count = parts[TOTAL].n
    return (
        f"{_first(where)}, the largest part of the {named.label} is {found.part}, {size}; {count} "
        f"{'episode does' if count == 1 else 'episodes do'} not tell the parts clearly apart."
    )


def _means(parts: Mapping[str, MetricValue]) -> dict[str, float]:
    return {name: value.mean for name, value in parts.items()}


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _interval(value: MetricValue) -> str:
    return numbers.column([value]).text(value)


def _said(named: words.MetricWords, value: float, scale: float = 0.0, digits: int = 3) -> str:
    """A value of a metric with its unit; rounding noise is judged beside `scale`."""
    return numbers.with_unit(numbers.number(value, digits, scale), str(named.unit))


def sentences(named: words.MetricWords, parts: Mapping[str, float], smallest: float = 0.0) -> list[str]:
    """One sentence a part, from the values of one episode."""
    if LIMIT in parts:
        return [_first(_of_pictures(named, parts, loss(parts[LOST], parts[LOST], smallest)))]
    if not parts:
        return []
    total, fitted = (_said(named, parts[p], parts[TOTAL]) for p in (TOTAL, "structure"))
    start = _said(named, parts["parameters"] + parts["structure"], parts[TOTAL])
    found = [
        "Perception: from the true state at the end of the given frames it would be "
        f"{start} instead of {total}.",
        f"Parameters: fitted to true states instead of perceived ones, they would make that {fitted}.",
        f"Structure: {fitted} is what the dynamics program's equations leave with true state and parameters.",
    ]
    if PHYSICS in parts:
        value = _said(named, parts[PHYSICS], parts[TOTAL])
        found.append(
            f"Check: the benchmark's own physics, started from our estimate, has an error of {value}."
        )
    if PARSER in parts:
        value = _said(named, parts[PARSER], parts[TOTAL])
        found.append(f"Measurement: PhyWorld's parser is off by {value} on the true video itself.")
    return found


def _of_pictures(named: words.MetricWords, parts: Mapping[str, float], found: str) -> str:
    limit, ours = (_said(named, parts[p], digits=4) for p in (LIMIT, TOTAL))
    if found == "gained":
        return (
            f"our motion has a {named.label} of {ours}, the true one, drawn by the same program, only {limit}: "
            "the estimate makes up for something that is drawn elsewhere than it is."
        )
    said = {
        "lost": f"{_said(named, parts[LOST], parts[TOTAL])} are lost to where things are",
        "equal": "no difference that matters",
    }.get(found, "no clear difference")
    return f"drawn by our program, the true motion has a {named.label} of {limit}, ours {ours}: {said}."


@dataclass(frozen=True)
class EpisodeBudget:
    """The parts of one metric in one episode that are known; `told` in words too, or only in the table."""

    words: words.MetricWords
    told: bool
    parts: dict[str, float]
    sentences: list[str]

    @property
    def precision(self) -> numbers.Column:
        """How the row of the table is written: parts add up, so all have the decimals of the largest."""
        return numbers.series_column((self.parts.get(part) for part in COLUMNS), 3)


@dataclass(frozen=True)
class StartRow:
    """A true variable at the end of the given frames, in the truth's unit."""

    name: str
    unit: str
    estimated: float | None
    true: float | None

    @property
    def difference(self) -> float | None:
        if self.estimated is None or self.true is None:
            return None
        gap = self.estimated - self.true
        return math.remainder(gap, 2 * math.pi) if self.unit == "rad" else gap

    @property
    def precision(self) -> numbers.Column:
        return numbers.compared_column([self.estimated, self.true], [self.difference])


def episode_budgets(record: BenchmarkRecord, episode: EpisodeRecord) -> list[EpisodeBudget]:
    """One for each metric of the episode that has a budget, headline metrics first."""
    found = []
    for metric in metric_names(record):
        parts = budget(metric, episode.metrics.get(metric, {}))
        if parts:
            named = words.metric_words(metric, units(record))
            least = record.smallest.get(metric, 0.0)
            told = metric in record.headline or not (metric.startswith("state.") or metric == "ssim")
            found.append(EpisodeBudget(named, told, parts, sentences(named, parts, least)))
    return found


def start_rows(record: BenchmarkRecord, states: StatesRecord) -> list[StartRow]:
    """Estimated and true state in the last given frame, a row a true variable."""
    last = record.context - 1
    true = dict(zip(states.truth.names, states.truth.values[last - states.truth.start], strict=True))
    row = states.estimated.values[last - states.estimated.start]
    ours = dict(zip(states.estimated.names, row, strict=True))
    return [StartRow(m.truth, m.truth_unit, _in_truth(m, ours), true.get(m.truth)) for m in record.matches]


def _in_truth(match: MatchRecord, state: Mapping[str, float | None]) -> float | None:
    value = None if match.variable is None else state.get(match.variable)
    return None if value is None else match.sign * match.factor * value + match.offset


@dataclass(frozen=True)
class ParameterRow:
    """A parameter as fitted, and as fitted to the true states of the same clips."""

    name: str
    unit: str
    fitted: float
    std_error: float | None  # of an identified one
    told: str
    true: float

    @property
    def difference(self) -> float:
        return self.fitted - self.true

    @property
    def precision(self) -> numbers.Column:
        """All values of the row have the decimals of the standard error, if there is one."""
        if self.std_error is None:
            return numbers.compared_column([self.fitted, self.true], [self.difference])
        return numbers.error_column(self.fitted, self.std_error)


def parameter_rows(record: BenchmarkRecord) -> list[ParameterRow]:
    """Empty where nothing could be fitted to the truth."""
    if record.fit_on_truth is None:
        return []
    true = record.fit_on_truth.values()
    return [
        ParameterRow(p.name, p.unit, p.value, p.std_error if p.identified else None, p.told, true[p.name])
        for p in record.fit.parameters
        if p.name in true
    ]
