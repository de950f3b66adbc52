"""What an episode's page shows as tables and notes, taken from its archived records."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from .. import numbers
from ..archive.records import BenchmarkRecord, FitRecord, StatesRecord, VariableRecord
from ..archive.store import EpisodeRun
from ..evaluation.divergence import column
from ..evaluation.effects import tied
from ..evaluation.methods import OURS, comparable, ordered
from ..syntax import UNREADABLE, parse
from . import words
from .episode_data import moving
from .metrics_view import best, metric_names, units


@dataclass(frozen=True)
class ConstantView:
    """A variable of the truth that keeps its value through the episode, in truth and in prediction."""

    variable: VariableRecord
    truth: float | None
    predicted: float | None

    @property
    def difference(self) -> float | None:
        return None if self.truth is None or self.predicted is None else self.predicted - self.truth

    @property
    def precision(self) -> numbers.Column:
        return numbers.compared_column([self.truth, self.predicted], [self.difference])


@dataclass(frozen=True)
class MetricLine:
    name: str
    words: words.MetricWords
    cells: list[tuple[float | None, bool]]  # value, whether best

    @property
    def precision(self) -> numbers.Column:
        return numbers.values_column(value for value, _ in self.cells)


def constants(record: BenchmarkRecord, states: StatesRecord) -> list[ConstantView]:
    changing = {v.name for v in moving(record, states)}
    constant = [v for v in record.truth_variables if v.name not in changing]
    return [
        ConstantView(v, _first(column(states.truth, v.name)), _first(column(states.compared, v.name)))
        for v in constant
    ]


def _first(values: Sequence[float | None]) -> float | None:
    return next((v for v in values if v is not None), None)


@dataclass(frozen=True)
class MetricTable:
    """Methods (ours first) as columns, one line per metric."""

    methods: list[str]
    lines: list[MetricLine]


def metric_tables(record: BenchmarkRecord, episode: EpisodeRun) -> tuple[MetricTable, MetricTable]:
    """The errors of the episode as a whole, then those of single state variables.

    Errors of the start stand beside the start's values, see `budget_view.start_rows`.
    """
    known = metric_names(record)
    found = [n for n in episode.record.metrics if not n.startswith("start.")]
    found.sort(key=lambda n: known.index(n) if n in known else len(known))
    states = [n for n in found if n.startswith("state.")]
    return _table(record, episode, [n for n in found if n not in states]), _table(record, episode, states)


def facts(record: BenchmarkRecord, tables: Sequence[MetricTable]) -> list[MetricLine]:
    """The lines of the headline metrics, and the likeness of the pictures."""
    lines = {line.name: line for table in tables for line in table.lines}
    return [lines[n] for n in dict.fromkeys([*record.headline, "psnr"]) if n in lines]


def _table(record: BenchmarkRecord, episode: EpisodeRun, names: Sequence[str]) -> MetricTable:
    metrics = episode.record.metrics
    methods = ordered([OURS, *(m for n in names for m in metrics[n])])
    return MetricTable(methods, [_metric_line(record, n, metrics[n], methods) for n in names])


def _metric_line(
    record: BenchmarkRecord, name: str, values: dict[str, float | None], methods: Sequence[str]
) -> MetricLine:
    """The best value is marked if no other method comes as near to it as makes no difference that matters."""
    top, least = best(values, name), record.smallest.get(name, 0.0)
    rivals = {m: v for m in methods if comparable(m) and (v := values.get(m)) is not None}
    at_top = [m for m, v in rivals.items() if top is not None and tied(v, top, least)]
    cells = [(values.get(m), at_top == [m]) for m in methods]
    return MetricLine(name, words.metric_words(name, units(record)), cells)


def parameter_marks(fit: FitRecord) -> dict[str, str]:
    """Parameter -> what is said of it wherever the dynamics program names it."""
    return {
        p.name: f"{p.name}: fitted to {numbers.with_unit(numbers.number(p.value, 4), p.unit)}"
        for p in fit.parameters
    }


def parameter_notes(source: str, fit: FitRecord) -> dict[int, str]:
    """Line of the dynamics program -> the fitted value of the parameter that is declared there."""
    fitted = {p.name: p for p in fit.parameters}
    notes: dict[int, str] = {}
    for name, line in _declared(source):
        if name in fitted:
            note = f"fitted: {numbers.with_unit(numbers.number(fitted[name].value, 4), fitted[name].unit)}"
            notes[line] = f"{notes[line]}; {note}" if line in notes else note
    return notes


def _declared(source: str) -> list[tuple[str, int]]:
    """(parameter, line) of the keys of PARAMS; none if the program can't be read."""
    try:
        tree = parse(source)
    except UNREADABLE:
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


def example_change(record: BenchmarkRecord) -> str:
    """A change that a counterfactual of this benchmark can be asked with."""
    fitted = record.fit.parameters
    return f"{fitted[0].name if fitted else record.scene.variables[0].name}*=0.5"
