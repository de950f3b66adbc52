"""What counts of a forecast that holds only a part."""

from __future__ import annotations

import numpy as np
import pytest

from proggen import benchmarks
from proggen.archive.records import MatchRecord
from proggen.benchmarks.base import DataOptions, Episode
from proggen.evaluation.scoring import Forecast, score_episode
from proggen.states import Trajectory

UNIFORM = benchmarks.get("phyworld/uniform_motion")
CONTEXT = UNIFORM.info.context


@pytest.fixture(scope="module")
def episode() -> Episode:
    source = UNIFORM.evaluation(DataOptions(lossless=True))
    return source.load(source.keys[0])


def scores(episode: Episode, forecast: Forecast) -> dict[str, dict[str, float]]:
    matches = [
        MatchRecord(truth=v.name, truth_unit=v.unit, variable=f"my_{v.name}", sign=-1)
        for v in UNIFORM.info.truth_variables
    ]
    return score_episode(UNIFORM.info, episode, matches, {"m": forecast}).metrics


def test_states_alone_have_no_picture_metrics(episode: Episode) -> None:
    mine = Trajectory(tuple(f"my_{n}" for n in episode.truth.names), -episode.truth.values)
    found = scores(episode, Forecast(mine, None))
    assert found["state.ball.x"]["m"] == 0
    assert found["vel_error"]["m"] == pytest.approx(0, abs=1e-3)
    assert "psnr" not in found


def test_states_in_the_truths_variables_are_not_matched(episode: Episode) -> None:
    found = scores(episode, Forecast(episode.truth, None, as_truth=True))
    assert found["state.ball.x"]["m"] == 0


def test_frames_alone_have_no_state_metrics(episode: Episode) -> None:
    found = scores(episode, Forecast(None, episode.clip.frames[CONTEXT:]))
    assert found["psnr"]["m"] == 100
    assert "state.ball.x" not in found
    assert "m" not in found["vel_error"]


def test_velocities_are_read_out_of_frames_by_the_parser(episode: Episode) -> None:
    found = scores(episode, Forecast(None, episode.clip.frames[CONTEXT:], read_by_parser=True))
    assert found["vel_error"]["m"] == found["vel_error"]["parser_on_truth"]
    assert not np.isnan(found["vel_error"]["m"])


def test_parsed_frames_and_the_parsers_floor_have_the_error_after_an_impact() -> None:
    collision = benchmarks.get("phyworld/collision")
    source = collision.evaluation(DataOptions(lossless=True))
    episode = source.load(next(k for k in source.keys if k.split == "in"))
    exact = Forecast(episode.truth, episode.clip.frames[CONTEXT:], as_truth=True)
    found = score_episode(collision.info, episode, [], {"proggen": exact}).metrics["post_vel_error_per_frame"]
    assert found["proggen"] == pytest.approx(0, abs=1e-9)
    assert 0 < found["parser_on_truth"] < 0.1
    assert found["proggen_parsed"] == found["parser_on_truth"]  # the same frames
