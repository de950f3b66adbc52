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
from .methods import OURS, PARSED, PARSER_FLOOR

Row = dict[str, float]  # method -> value
Series = NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """What a method says of an episode: states of all frames (program's variables) and future frames."""

    states: Trajectory
    frames: Frames


@dataclass(frozen=True)
class Scores:
    metrics: dict[str, Row]  # metric -> method -> value
    over_time: dict[str, Series]  # of our method, one value a predicted frame


def score_episode(
    info: BenchmarkInfo, episode: Episode, matches: Sequence[MatchRecord], forecasts: Mapping[str, Forecast]
) -> Scores:
    """State errors, PSNR and SSIM over the horizon, and PhyWorld's velocity metric where it applies."""
    metrics: dict[str, Row] = {}
    over_time: dict[str, Series] = {}
    for method, forecast in forecasts.items():
        values, series = _one_method(info, episode, matches, forecast)
        if method == OURS:
            over_time = series
        _add(metrics, method, values)
    if info.velocity_protocol is not None:
        if OURS in forecasts:
            given = episode.clip.frames[: info.context]
            seen = np.concatenate([given, forecasts[OURS].frames])
            _add(metrics, PARSED, _parsed(info.velocity_protocol, episode, seen))
        _add(metrics, PARSER_FLOOR, _parsed(info.velocity_protocol, episode, episode.clip.frames))
    return Scores(metrics, over_time)


def _one_method(
    info: BenchmarkInfo, episode: Episode, matches: Sequence[MatchRecord], forecast: Forecast
) -> tuple[dict[str, float], dict[str, Series]]:
    compared, frames = matching.apply(matches, forecast.states), forecast.frames
    real = episode.clip.frames[info.context :]
    series: dict[str, Series] = {
        "psnr": images.psnr_over_time(real, frames),
        "ssim": images.ssim_over_time(real, frames),
    }
    gaps = matching.state_errors_over_time(matches, episode.truth, compared)
    series.update({name: gap[info.context :] for name, gap in gaps.items()})
    values = {name: float(np.mean(s)) for name, s in series.items()}
    if info.velocity_protocol is not None:
        found = velocity.velocity_metrics(info.velocity_protocol, episode.truth, episode.attributes, compared)
        values.update(found)
    return values, series


def _parsed(protocol: str, episode: Episode, frames: Frames) -> dict[str, float]:
    parsed = velocity.parse_frames(frames, protocol)
    return velocity.velocity_metrics(protocol, episode.truth, episode.attributes, parsed)


def _add(metrics: dict[str, Row], method: str, values: Mapping[str, float]) -> None:
    for metric, value in values.items():
        metrics.setdefault(metric, {})[method] = value
