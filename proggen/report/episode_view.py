"""What an episode's page shows, taken from its archived records."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..archive.records import (
    BenchmarkRecord,
    CounterfactualRecord,
    FitRecord,
    MatchRecord,
    TrajectoryRecord,
    VariableRecord,
)
from ..archive.store import EpisodeRun
from ..evaluation.methods import OURS, comparable, ordered
from . import plots, words
from .metrics_view import best, metric_names, units

MOST_PLOTS = 4  # of a counterfactual: the variables that change most


def column(trajectory: TrajectoryRecord, name: str) -> list[float | None]:
    """One variable over the trajectory's frames; all None if it has no such variable."""
    if name not in trajectory.names:
        return [None] * len(trajectory.values)
    index = trajectory.names.index(name)
    return [row[index] for row in trajectory.values]


@dataclass(frozen=True)
class StateRow:
    """One frame of the state table: per variable (truth, prediction, difference)."""

    frame: int
    time: float
    context: bool
    cells: list[tuple[float | None, float | None, float | None]]


@dataclass(frozen=True)
class VariableView:
    """One of the truth's variables with its plot and with what it was matched to."""

    variable: VariableRecord
    match: MatchRecord | None
    plot: str
    truth: float | None  # first values, for constants
    predicted: float | None


@dataclass(frozen=True)
class MetricLine:
    words: words.MetricWords
    cells: list[tuple[float | None, bool]]  # value, whether best


@dataclass(frozen=True)
class CounterfactualView:
    record: CounterfactualRecord
    folder: Path
    plots: list[str]
    unchanged: list[str]
    parameters: list[tuple[str, float, float, str]]  # name, fitted, changed, unit


def has_states(episode: EpisodeRun) -> bool:
    """Whether anything was predicted: an episode whose program failed may have no states."""
    return (episode.path / "states.json").exists()


def variables(record: BenchmarkRecord, episode: EpisodeRun) -> list[VariableView]:
    if not has_states(episode):
        return []
    matches = {m.truth: m for m in record.matches}
    return [_variable(record, episode, v, matches.get(v.name)) for v in record.truth_variables]


def _variable(
    record: BenchmarkRecord, episode: EpisodeRun, variable: VariableRecord, match: MatchRecord | None
) -> VariableView:
    states, name = episode.states, variable.name
    truth, compared = column(states.truth, name), column(states.compared, name)
    lines = [
        plots.Line("truth", "truth", states.truth.start, truth, leads=True),
        plots.Line("prediction", "prediction", states.compared.start, compared),
        plots.Line("estimate", "estimate", states.estimated.start, _matched(states.estimated, match)),
    ]
    unit = f" [{variable.unit}]" if variable.unit else ""
    plot = plots.line_plot(lines, title=name, y_label=f"{name}{unit}", context=episode.record.context)
    return VariableView(variable, match, plot, _first(truth), _first(compared))


def _first(values: Sequence[float | None]) -> float | None:
    return next((v for v in values if v is not None), None)


def _matched(trajectory: TrajectoryRecord, match: MatchRecord | None) -> list[float | None]:
    """A program's variable in the truth's unit and sign, as the archived match says."""
    if match is None or match.variable is None:
        return []
    values = column(trajectory, match.variable)
    return [None if v is None else match.sign * match.factor * v + match.offset for v in values]


def state_rows(record: BenchmarkRecord, episode: EpisodeRun) -> list[StateRow]:
    if not has_states(episode):
        return []
    states = episode.states
    names = [v.name for v in record.truth_variables if not v.constant]
    truth = {n: _by_frame(states.truth, n) for n in names}
    predicted = {n: _by_frame(states.compared, n) for n in names}
    rows = []
    for frame in range(episode.record.length):
        pairs = [(truth[n].get(frame), predicted[n].get(frame)) for n in names]
        cells = [(t, p, None if t is None or p is None else p - t) for t, p in pairs]
        rows.append(StateRow(frame, frame / states.fps, frame < episode.record.context, cells))
    return rows


def _by_frame(trajectory: TrajectoryRecord, name: str) -> dict[int, float | None]:
    return {trajectory.start + i: v for i, v in enumerate(column(trajectory, name))}


def error_plots(record: BenchmarkRecord, episode: EpisodeRun) -> list[str]:
    """One plot for each error over time in the record; image metrics last."""
    names = sorted(episode.record.over_time, key=lambda n: (not n.startswith("state."), n))
    return [p for p in (_error_plot(record, episode, n) for n in names) if p]


def _error_plot(record: BenchmarkRecord, episode: EpisodeRun, name: str) -> str:
    named = words.metric_words(name, units(record))
    label = f"{named.label} [{named.unit}]" if named.unit else str(named.label)
    line = plots.Line(str(named.label), "error", episode.record.context, episode.record.over_time[name])
    return plots.line_plot(
        [line], title=f"{named.label} over time", y_label=label, context=episode.record.context,
        zero=name.startswith("state."),
    )  # fmt: skip


def metric_lines(record: BenchmarkRecord, episode: EpisodeRun) -> tuple[list[str], list[MetricLine]]:
    """Methods (ours first) and one line a metric, in the benchmark's order."""
    metrics = episode.record.metrics
    methods = ordered([OURS, *(m for values in metrics.values() for m in values)])
    order = [m for m in metric_names(record) if m in metrics] + [
        m for m in metrics if m not in metric_names(record)
    ]
    return methods, [_metric_line(record, name, metrics[name], methods) for name in order]


def _metric_line(
    record: BenchmarkRecord, name: str, values: dict[str, float | None], methods: Sequence[str]
) -> MetricLine:
    named = words.metric_words(name, units(record))
    top = best(values, name)
    cells = [(values.get(m), comparable(m) and top is not None and values.get(m) == top) for m in methods]
    return MetricLine(named, cells)


def parameter_notes(source: str, fit: FitRecord) -> dict[int, str]:
    """Line of the dynamics program -> the fitted value of the parameter that is declared there."""
    fitted = {p.name: p for p in fit.parameters}
    notes: dict[int, str] = {}
    for name, line in _declared(source):
        if name in fitted:
            note = f"fitted: {words.number(fitted[name].value, 4)} {fitted[name].unit}".rstrip()
            notes[line] = f"{notes[line]}; {note}" if line in notes else note
    return notes


def _declared(source: str) -> list[tuple[str, int]]:
    """(parameter, line) of the keys of PARAMS; none if the program can't be read."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    values = [
        n.value
        for n in tree.body
        if isinstance(n, ast.Assign | ast.AnnAssign)
        and "PARAMS" in {getattr(t, "id", "") for t in _targets(n)}
    ]
    keys = [k for value in values if isinstance(value, ast.Dict) for k in value.keys]
    return [(k.value, k.lineno) for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def counterfactuals(record: BenchmarkRecord, episode: EpisodeRun) -> list[CounterfactualView]:
    return [_counterfactual(record, path, found) for path, found in episode.counterfactuals()]


def _counterfactual(record: BenchmarkRecord, folder: Path, found: CounterfactualRecord) -> CounterfactualView:
    known = {v.name: v for v in record.scene.variables}
    change = {n: _change(found, n) for n in found.counterfactual.names}
    most = sorted((n for n in change if change[n] > 0), key=lambda n: -change[n])[:MOST_PLOTS]
    drawn = [_ghost_plot(found, n, known.get(n)) for n in found.counterfactual.names if n in most]
    fitted = {p.name: p for p in record.fit.parameters}
    changed = [
        (n, fitted[n].value, v, fitted[n].unit)
        for n, v in found.parameters.items()
        if n in fitted and v != fitted[n].value
    ]
    return CounterfactualView(found, folder, drawn, [n for n in change if change[n] == 0], changed)


def _change(found: CounterfactualRecord, name: str) -> float:
    """Largest distance between the two futures as a share of the variable's range; 0 where they agree."""
    factual, other = _by_frame(found.factual, name), _by_frame(found.counterfactual, name)
    pairs = [(factual.get(f), v) for f, v in other.items()]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    if not both:
        return 0.0
    span = max(max(pair) for pair in both) - min(min(pair) for pair in both)
    distance = max(abs(a - b) for a, b in both)
    return distance / span if span > 0 and math.isfinite(span) and distance > 1e-9 else 0.0


def _ghost_plot(found: CounterfactualRecord, name: str, variable: VariableRecord | None) -> str:
    unit = f" [{variable.unit}]" if variable and variable.unit else ""
    lines = [
        plots.Line("factual prediction", "ghost", found.factual.start, column(found.factual, name)),
        plots.Line(
            "counterfactual", "counterfactual", found.counterfactual.start, column(found.counterfactual, name)
        ),
    ]
    return plots.line_plot(
        lines, title=f"{name} with the change", y_label=f"{name}{unit}", context=found.start
    )
