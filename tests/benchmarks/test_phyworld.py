from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from proggen.benchmarks import DataOptions, Episode
from proggen.benchmarks.phyworld import Collision, Parabola, UniformMotion
from proggen.benchmarks.phyworld.drawing import draw


def test_an_episode_is_the_same_whenever_and_wherever_it_is_loaded(collisions: list[Episode]) -> None:
    source = Collision().evaluation(DataOptions())
    keys = [source.keys[i] for i in (0, 7, 50, 120, 300)]
    with ThreadPoolExecutor(5) as pool:
        loaded = list(pool.map(source.load, keys))
    for again, before in zip(loaded, collisions, strict=True):
        assert np.array_equal(again.clip.frames, before.clip.frames)
        assert np.array_equal(again.truth.values, before.truth.values)


def test_frames_show_the_true_positions(throws: list[Episode]) -> None:
    for episode in throws:
        positions = np.stack([episode.truth["ball.x"], episode.truth["ball.y"]], axis=1)[:, np.newaxis]
        drawn = draw(positions, [episode.attributes["r"]])
        assert np.mean((drawn.astype(float) - episode.clip.frames) ** 2) < 30


def test_lossless_frames_never_met_the_codec() -> None:
    source = UniformMotion().evaluation(DataOptions(lossless=True))
    frames = source.load(source.keys[5]).clip.frames
    assert frames[..., 0].min() >= 254  # blending is truncated, so 254.99 becomes 254
    assert (frames[..., 1] == frames[..., 2]).all()


def test_training_and_evaluation_differ() -> None:
    benchmark = Collision()
    train, evaluation = benchmark.training(DataOptions()), benchmark.evaluation(DataOptions())
    first = train.load(train.keys[0]).attributes
    assert first != evaluation.load(evaluation.keys[0]).attributes


@pytest.mark.parametrize("benchmark", [UniformMotion(), Parabola(), Collision()])
def test_the_camera_shows_ten_units(benchmark: UniformMotion) -> None:
    source = benchmark.training(DataOptions(lossless=True))
    clip = source.load(source.keys[0]).clip
    assert clip.camera.units_per_pixel * (clip.width - 1) == pytest.approx(10.0)
    assert clip.camera.origin_row == 255
