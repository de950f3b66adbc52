"""The video predictor on a square that slides; skipped where PyTorch, an extra, is not installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed (the extra 'torch')")

from proggen.evaluation.baselines import Context, Material, TrainingClip, video_predictor
from proggen.evaluation.baselines.video_predictor import VideoPredictor

from ...world import CONTEXT, LENGTH, episode
from .scene import clip, material


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_predictor, "STEPS", 40)
    monkeypatch.setattr(video_predictor, "SIDE", 16)


def sliding(count: int = 4, actions: Callable[[int], np.ndarray] | None = None) -> Material:
    made = [episode(i, "train") for i in range(count)]
    return material(
        [
            TrainingClip(clip(e.clip.frames, actions(i) if actions else None), e.truth)
            for i, e in enumerate(made)
        ]
    )


def asked(**more: Any) -> Context:
    return Context(clip(episode(20).clip.frames[:CONTEXT]), None, LENGTH - CONTEXT, **more)


@pytest.mark.slow
def test_it_learns_that_things_move() -> None:
    trained = VideoPredictor(sliding(), 4)
    found = trained.forecast(asked())
    assert found.read_by_parser
    assert found.frames is not None
    assert found.frames.shape == (LENGTH - CONTEXT, 40, 60, 3)
    assert found.frames.dtype == np.uint8
    assert np.mean(trained.losses[-10:]) < 0.7 * np.mean(trained.losses[:10])


@pytest.mark.slow
def test_the_same_seed_trains_the_same_network() -> None:
    first, second = (VideoPredictor(sliding(), 4).forecast(asked()).frames for _ in range(2))
    assert first is not None
    assert second is not None
    assert np.array_equal(first, second)


@pytest.mark.slow
def test_fewer_clips_than_asked_for_are_told() -> None:
    assert VideoPredictor(sliding(), 10).notes == (
        "video_predictor_10 was trained on 4 clips: there are no more.",
    )


@pytest.mark.slow
def test_actions_change_the_prediction() -> None:
    def alternating(i: int) -> np.ndarray:
        return (np.arange(LENGTH - 1) + i) % 2.0

    trained = VideoPredictor(sliding(actions=alternating), 4)
    left, right = (trained.forecast(asked(actions=np.full(LENGTH - 1, a))).frames for a in (0.0, 1.0))
    assert left is not None
    assert right is not None
    assert not np.array_equal(left, right)
