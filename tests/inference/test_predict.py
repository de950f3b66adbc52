"""Estimate, predict, render on clips of the small world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from proggen.archive.records import EstimationRecord
from proggen.clips import Clip
from proggen.inference.estimate import estimate
from proggen.run.episodes import predict_clip
from proggen.sandbox import Sandbox

from ..world import CONTEXT, LENGTH, episode, world_program

SCALES = {"box.x": 1e-3, "box.y": 1e-3, "box.vx": 0.05}


def test_prediction_follows_the_truth(sandbox: Sandbox) -> None:
    one = episode(7)
    found = predict_clip(sandbox, world_program(), one.clip)
    assert len(found.estimated) == CONTEXT
    assert len(found.predicted) == len(found.frames) == LENGTH - CONTEXT
    assert np.abs(found.states["box.x"] - one.truth["box.x"]).max() < 0.1


def test_future_frames_are_never_read(sandbox: Sandbox) -> None:
    clip = episode(7).clip
    blind = clip.frames.copy()
    blind[CONTEXT:] = 0
    same = predict_clip(sandbox, world_program(), Clip(clip.name, blind, clip.fps, clip.camera))
    assert np.array_equal(same.frames, predict_clip(sandbox, world_program(), clip).frames)


def test_refinement_measures_speed_over_the_whole_context(sandbox: Sandbox) -> None:
    one = episode(7)
    plain = estimate(sandbox, world_program(), one.clip)
    refined = estimate(
        sandbox,
        replace(world_program(), estimation=EstimationRecord(way="dynamics", scales=SCALES)),
        one.clip,
    )
    errors = [abs(s["box.vx"][-1] - one.truth["box.vx"][CONTEXT - 1]) for s in (plain, refined)]
    assert errors[1] < errors[0]


def test_constants_get_one_value(sandbox: Sandbox) -> None:
    estimated = estimate(sandbox, world_program(), episode(7).clip)
    assert np.ptp(estimated["box.y"]) == 0
    assert estimated["box.y"][0] == pytest.approx(episode(7).truth["box.y"][0], abs=0.01)
