"""What a benchmark's page shows of its studies: fewer training clips, candidates and repair rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import numbers
from ..archive.records import BenchmarkRecord, SettingRecord, StudiesRecord, StudyRecord
from ..evaluation.methods import HIGHER_IS_BETTER, OURS
from . import words
from .curve_plot import Curve, curve_plot
from .metrics_view import Cell, units
from .statistics_view import PairCell, pair_cell

_POOLS = ("in", "ood")  # of plots
_MOST = 4  # plots
_STILL = 1e-4  # relative; less is no effect to look at


@dataclass(frozen=True)
class SettingRow:
    """A setting with its means and what the run's own setting gains over it, a pair a column.

    same: it came to the same programs and parameters as the run.
    """

    setting: SettingRecord
    own: bool
    same: bool
    cells: list[tuple[Cell, PairCell | None]]


@dataclass(frozen=True)
class StudyTable:
    columns: list[tuple[words.MetricWords, Markup]]  # metric, pool
    rows: list[SettingRow]

    @property
    def precision(self) -> list[numbers.Column]:
        """How the means of each column are written."""
        return [numbers.column(r.cells[i][0].value for r in self.rows) for i in range(len(self.columns))]


@dataclass(frozen=True)
class StudiesView:
    episodes: int
    clips: StudyTable | None
    plots: list[tuple[str | Markup, str]]  # metric, plot
    choice: StudyTable | None


def studies(record: BenchmarkRecord, found: StudiesRecord | None) -> StudiesView | None:
    if found is None:
        return None
    return StudiesView(
        episodes=len(found.episodes),
        clips=_table(record, found.clips) if found.clips else None,
        plots=_plots(record, found.clips) if found.clips else [],
        choice=_table(record, found.choice) if found.choice else None,
    )


def _table(record: BenchmarkRecord, study: StudyRecord) -> StudyTable:
    """The run's own setting first, then from more to fewer; headline metrics where settings have them."""
    shown = _metrics(record, study)[: len(record.headline)]
    columns = [(m, p) for m in shown for p in (*_POOLS, "all") if m in study.metrics.get(p, {})]
    ordered = sorted(study.settings, key=lambda s: (s.name != OURS, -s.clips, -s.candidates, -s.rounds))
    named = [(words.metric_words(m, units(record)), words.split_words(p)) for m, p in columns]
    return StudyTable(named, [_row(study, setting, columns) for setting in ordered])


def _row(study: StudyRecord, setting: SettingRecord, columns: Sequence[tuple[str, str]]) -> SettingRow:
    cells = []
    for metric, pool in columns:
        pair = study.differences.get(pool, {}).get(metric, {}).get(setting.name)
        cells.append((Cell(study.metrics[pool][metric].get(setting.name)), pair_cell(pair)))
    own = study.settings[0]
    same = (setting.chosen, setting.parameters) == (own.chosen, own.parameters)
    return SettingRow(setting, setting.name == OURS, same, cells)


def _metrics(record: BenchmarkRecord, study: StudyRecord) -> list[str]:
    """Headline metrics, then state errors, that more settings than the run's own have."""
    known = [m for m, settings in study.metrics.get("all", {}).items() if len(settings) > 1]
    states = [m for m in known if m.startswith("state.") and m not in record.headline]
    return [m for m in record.headline if m in known] + states


def _moves(study: StudyRecord, metric: str) -> bool:
    """Whether anything in a metric depends on what was varied."""
    pools = [study.metrics.get(pool, {}).get(metric, {}) for pool in _POOLS]
    means = [[v.mean for v in settings.values()] for settings in pools if settings]
    return any(max(m) - min(m) > _STILL * max(map(abs, m)) for m in means)


def _plots(record: BenchmarkRecord, study: StudyRecord) -> list[tuple[str | Markup, str]]:
    plots = [(words.metric_words(m, units(record)).label, _plot(record, study, m))
             for m in _metrics(record, study) if _moves(study, m)]  # fmt: skip
    return [(label, plot) for label, plot in plots if plot][:_MOST]


def _plot(record: BenchmarkRecord, study: StudyRecord, metric: str) -> str:
    named = words.metric_words(metric, units(record))
    settings = sorted(study.settings, key=lambda s: s.clips)
    counts = [s.clips for s in settings]
    curves = []
    for pool in (p for p in _POOLS if metric in study.metrics.get(p, {})):
        values = [study.metrics[pool][metric].get(s.name) for s in settings]
        curves.append(Curve(
            label=str(words.split_words(pool)), style=pool, x=counts, interval="bars",
            mean=[v.mean if v else None for v in values],
            low=[v.ci95[0] if v else None for v in values],
            high=[v.ci95[1] if v else None for v in values],
        ))  # fmt: skip
    return curve_plot(
        curves, title=f"{named.label} over training clips", x_label="training clips", x_marks=counts,
        y_label=numbers.labelled(named.label, named.unit),
        log=metric not in HIGHER_IS_BETTER,
    )  # fmt: skip
