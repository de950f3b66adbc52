"""All metrics of one episode, for every method, from states and frames. Truth is used here and only here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..archive.records import MatchRecord
from ..benchmarks.base import BenchmarkInfo, Episode
from ..clips import Frames
from ..states import Trajectory
from . import images, matching, velocity
from .methods import HIGHER_IS_BETTER, OURS, PARSED, PARSER_FLOOR, TRUE_STATES, comparable

Row = dict[str, float]  # method -> value
Series = NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """What a method says of an episode: states of all frames and the future frames; None is "nothing".

    states: in the program's variables; with `as_truth` in the truth's, and so of no business of the matches.
    read_by_parser: PhyWorld's velocities are read out of the frames by its parser, not taken from the states.
    """

    states: Trajectory | None
    frames: Frames | None
    as_truth: bool = False
    read_by_parser: bool = False


@dataclass(frozen=True)
class Scores:
    metrics: dict[str, Row]  # metric -> method -> value
    over_time: dict[str, dict[str, Series]]  # metric -> method -> one value a predicted frame


def score_episode(
    info: BenchmarkInfo, episode: Episode, matches: Sequence[MatchRecord], forecasts: Mapping[str, Forecast]
) -> Scores:
    """State errors, PSNR and SSIM over the horizon, and PhyWorld's velocity metric where it applies."""
    metrics: dict[str, Row] = {}
    over_time: dict[str, dict[str, Series]] = {}
    for method, forecast in forecasts.items():
        values, series = _one_method(info, episode, matches, forecast)
        if method == OURS and forecast.states is not None:
            values |= _start(info, episode, matches, forecast.states)
        for metric, row in series.items():
            limit = method == TRUE_STATES and metric in HIGHER_IS_BETTER
            if limit or (comparable(method) and (method == OURS or metric != "ssim")):
                over_time.setdefault(metric, {})[method] = row
        _add(metrics, method, values)
    if info.velocity_protocol is not None:
        if OURS in forecasts and (ours := forecasts[OURS].frames) is not None:
            _add(metrics, PARSED, _parsed(info.velocity_protocol, info, episode, ours))
        real = episode.clip.frames[info.context :]
        _add(metrics, PARSER_FLOOR, _parsed(info.velocity_protocol, info, episode, real))
    return Scores(metrics, over_time)


def _one_method(
    info: BenchmarkInfo, episode: Episode, matches: Sequence[MatchRecord], forecast: Forecast
) -> tuple[dict[str, float], dict[str, Series]]:
    series: dict[str, Series] = {}
    velocities: dict[str, float] = {}
    protocol = info.velocity_protocol
    if (frames := forecast.frames) is not None:
        real = episode.clip.frames[info.context :]
        series["psnr"] = images.psnr_over_time(real, frames)
        series["ssim"] = images.ssim_over_time(real, frames)
        if protocol is not None and forecast.read_by_parser:
            velocities = _parsed(protocol, info, episode, frames)
    if (states := forecast.states) is not None:
        compared = states if forecast.as_truth else matching.apply(matches, states)
        gaps = matching.state_errors_over_time(matches, episode.truth, compared)
        series.update({name: gap[info.context :] for name, gap in gaps.items()})
        if protocol is not None and not forecast.read_by_parser:
            velocities = velocity.velocity_metrics(protocol, episode.truth, episode.attributes, compared)
    return {name: float(np.mean(s)) for name, s in series.items()} | velocities, series


def _start(
    info: BenchmarkInfo, episode: Episode, matches: Sequence[MatchRecord], states: Trajectory
) -> dict[str, float]:
    """`start.<variable>` -> |estimated - true| in the last given frame, where the prediction starts."""
    last, stop = info.context - 1, info.context
    compared = matching.apply(matches, states.part(last, stop))
    gaps = matching.state_errors(matches, episode.truth.part(last, stop), compared)
    return {f"start.{name.removeprefix('state.')}": gap for name, gap in gaps.items()}


def _parsed(protocol: str, info: BenchmarkInfo, episode: Episode, future: Frames) -> dict[str, float]:
    frames = np.concatenate([episode.clip.frames[: info.context], future])
    parsed = velocity.parse_frames(frames, protocol)
    return velocity.velocity_metrics(protocol, episode.truth, episode.attributes, parsed)


def _add(metrics: dict[str, Row], method: str, values: Mapping[str, float]) -> None:
    for metric, value in values.items():
        metrics.setdefault(metric, {})[method] = value
