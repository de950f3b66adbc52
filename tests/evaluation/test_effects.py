"""From which size on a difference is spoken of."""

from __future__ import annotations

import numpy as np
import pytest

from proggen import benchmarks
from proggen.archive.records import EstimationRecord, MatchRecord
from proggen.benchmarks.base import DataOptions
from proggen.evaluation.effects import perception_noise, smallest_effects, tied
from proggen.evaluation.velocity import parse_frames, velocity_metrics

from ..world import Box, episode

MATCH = MatchRecord(truth="ball.x", truth_unit="u", variable="mine", factor=0.5, residual=0.02)


def test_noise_of_perception_is_its_scatter_or_its_distance_from_the_truth() -> None:
    """In the truth's unit: a scatter of 0.1 of the program's are 0.05 of the truth's."""
    assert perception_noise(MATCH, EstimationRecord(scales={"mine": 0.1})) == 0.05
    assert perception_noise(MATCH, EstimationRecord(scales={"mine": 0.001})) == 0.02
    assert perception_noise(MatchRecord(truth="a", truth_unit="u", variable=None), EstimationRecord()) is None


def test_a_state_error_counts_from_a_tenth_of_the_noise_on() -> None:
    found = smallest_effects(Box.info, [episode(0)], [MATCH], EstimationRecord())
    assert found["state.ball.x"] == found["start.ball.x"] == pytest.approx(0.002)
    assert found["psnr"] == 0.1
    assert not any("vel_error" in m for m in found)


def test_a_velocity_error_counts_from_a_tenth_of_the_parsers_error_on() -> None:
    kind = benchmarks.get("phyworld/uniform_motion")
    source = kind.training(DataOptions(lossless=True))
    training = [source.load(k) for k in source.keys[:2]]
    found = smallest_effects(kind.info, training, [], EstimationRecord())
    errors = [
        velocity_metrics("uniform", e.truth, e.attributes, parse_frames(e.clip.frames, "uniform"))[
            "vel_error"
        ]
        for e in training
    ]
    assert found["vel_error"] == pytest.approx(0.1 * np.mean(errors))
    assert 1e-4 < found["vel_error"] < 5e-3


def test_ties_have_a_relative_and_an_absolute_tolerance() -> None:
    assert tied(0.1 + 0.2, 0.3)
    assert tied(5e7, 5e7 + 1)
    assert not tied(1.0, 1.00001)
    assert tied(1e-13, 0.0)
    assert not tied(0.0021, 0.0035, 1e-3)
    assert tied(0.0021, 0.0030, 1e-3)
    assert not tied(np.nan, np.nan, 1.0)
