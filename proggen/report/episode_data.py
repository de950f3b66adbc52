"""The numbers behind an episode's page, for its scripts: JSON in the page, and scripts that call a function.

A page opened from disk may not fetch, so data comes as JSON inside the page or as a script of its own that is
loaded when it is needed. Names and units were written by a language model: scripts put them in as text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from .. import numbers
from ..archive.records import (
    BenchmarkRecord,
    CounterfactualRecord,
    StatesRecord,
    SweepsRecord,
    VariableRecord,
)
from ..archive.store import EpisodeRun
from ..evaluation.divergence import column, departures
from ..evaluation.methods import OURS
from . import words
from .metrics_view import units

DIGITS = 5  # significant digits of the values on a page; states.json and states.csv have all
COMPARED = 8  # of values whose difference is shown: it must not come from their last digit
COARSE = 4  # of futures that are only drawn
_PICTURE_METRICS = ("psnr", "ssim")
_INERT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&"}

Series = list[float | None]


def has_states(episode: EpisodeRun) -> bool:
    """Whether anything was predicted: an episode whose program failed may have no states."""
    return (episode.path / "states.json").exists()


def estimated(record: BenchmarkRecord, states: StatesRecord, truth: str) -> Series:
    """The estimate of the given frames for a variable of the truth, in its unit, as the archived match says."""
    match = next((m for m in record.matches if m.truth == truth and m.variable is not None), None)
    if match is None or match.variable is None:
        return []
    values = column(states.estimated, match.variable)
    return [None if v is None else match.sign * match.factor * v + match.offset for v in values]


def moving(record: BenchmarkRecord, states: StatesRecord) -> list[VariableRecord]:
    """The truth's variables that change in this episode, in truth or in prediction."""
    return [v for v in record.truth_variables if not v.constant and _moves(states, v.name)]


def _moves(states: StatesRecord, name: str) -> bool:
    both = (column(states.truth, name), column(states.compared, name))
    return any(len({v for v in values if v is not None}) > 1 for values in both)


def page_data(record: BenchmarkRecord, episode: EpisodeRun, folder: str) -> dict[str, Any]:
    """What the scrubber and the plots need. `folder` is the link from the page to the episode's media."""
    camera, path = record.camera, episode.path
    sheets = {n: f"{folder}/{n}.webp" for n in ("truth", "prediction") if (path / f"{n}.webp").exists()}
    frames = {
        "count": episode.record.length, "context": episode.record.context, "fps": record.fps,
        "width": camera.width, "height": camera.height, "sheets": sheets,
    }  # fmt: skip
    if not has_states(episode):
        return {"frames": frames, "variables": [], "measures": [], "divergence": None}
    states = episode.states
    diverged = departures(record, states, episode.over_time()).first
    return {
        "frames": frames,
        "variables": [_variable(record, states, v) for v in moving(record, states)],
        "measures": _measures(record, episode),
        "divergence": diverged.frame if diverged else None,
    }


def _variable(record: BenchmarkRecord, states: StatesRecord, variable: VariableRecord) -> dict[str, Any]:
    name = variable.name
    true, predicted = column(states.truth, name), column(states.compared, name)
    guessed = estimated(record, states, name)
    return {
        "name": name,
        "unit": numbers.unit(variable.unit),
        "meaning": variable.meaning,
        "called": next((m.variable for m in record.matches if m.truth == name), None),
        "truth": short(true, COMPARED),
        "predicted": short(predicted, COMPARED),
        "estimated": short(guessed, COMPARED),
        **_precision(true, predicted, guessed, states.compared.start - states.truth.start),
    }


def _precision(true: Series, predicted: Series, guessed: Series, first: int) -> dict[str, Any]:
    """How a variable's values and their differences are written; decimals None: each as it needs."""
    pairs = [*zip(predicted, true[first:], strict=False), *zip(guessed, true, strict=False)]
    apart = [p - t for p, t in pairs if p is not None and t is not None]
    return for_scripts(numbers.compared_column([*true, *predicted, *guessed], apart))


def for_scripts(column: numbers.Column) -> dict[str, Any]:
    """What docs/assets/numbers.js needs to write a column's values."""
    return {"decimals": None if column.power else column.decimals, "scale": column.scale}


def _measures(record: BenchmarkRecord, episode: EpisodeRun) -> list[dict[str, Any]]:
    """Likeness of the pictures in every predicted frame."""
    series = episode.over_time().values
    known = [n for n in _PICTURE_METRICS if OURS in series.get(n, {})]
    named = {n: words.metric_words(n, units(record)) for n in known}
    return [
        {"name": str(named[n].label), "unit": str(named[n].unit), "values": short(series[n][OURS])}
        for n in known
    ]


def short(values: Sequence[float | None], digits: int = DIGITS) -> Series:
    return [None if v is None or not math.isfinite(v) else float(f"{v:.{digits}g}") for v in values]


def counterfactual_data(
    record: BenchmarkRecord,
    swept: SweepsRecord | None,
    asked: Sequence[CounterfactualRecord],
    folder: str,
) -> dict[str, Any]:
    """What the counterfactuals' sliders and plots need: futures as [variable][frame]."""
    known = {v.name: v for v in record.scene.variables}
    factual = swept.factual if swept else asked[0].factual
    return {
        "start": factual.start,
        "variables": [[n, numbers.unit(known[n].unit) if n in known else ""] for n in factual.names],
        "factual": [short(column(factual, n)) for n in factual.names],
        "shown": swept.shown if swept else [],
        "sweeps": _sweeps(swept, folder) if swept else [],
        "asked": [[short(column(c.counterfactual, n)) for n in factual.names] for c in asked],
    }


def _sweeps(swept: SweepsRecord, folder: str) -> list[dict[str, Any]]:
    return [
        {
            "target": s.target,
            "kind": s.kind,
            "unit": numbers.unit(s.unit),
            "meaning": s.meaning,
            "because": s.because,
            "values": [None if v is None else numbers.exact(v) for v in s.values],
            "factual": s.factual,
            "changes": [swept.factual.names.index(n) for n in s.names],
            "futures": [
                None if f is None else [short(row) for row in zip(*f, strict=True)] for f in s.futures
            ],
            "sheet": f"{folder}/sweep-{k}.webp" if s.pictures else None,
        }
        for k, s in enumerate(swept.sweeps)
    ]


def _drawn(future: Sequence[Sequence[float | None]]) -> list[Series]:
    """[frame][variable] as [variable][frame]."""
    return [short(values, COARSE) for values in zip(*future, strict=True)]


def inert(data: Mapping[str, Any]) -> str:
    """JSON, ASCII, without a character that could end the script or begin an element."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(_INERT)


def embedded(data: Mapping[str, Any]) -> Markup:
    """The data as an element that browsers do not run."""
    return Markup(f'<script type="application/json" id="episode-data">{inert(data)}</script>')


def call(function: str, data: Mapping[str, Any]) -> str:
    """A script that hands the data to a function of the page."""
    return f"{function}({inert(data)})\n"
