from __future__ import annotations

import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gymnasium
import numpy as np
import pytest

from proggen.benchmarks import DataOptions, Episode, EpisodeKey
from proggen.benchmarks.cartpole import EPISODES, REACH, Actions, Push, wide_state
from proggen.errors import UsageError


def load(benchmark: Push | Actions, episode_id: str, seed: int = 42) -> Episode:
    return benchmark.evaluation(DataOptions(seed=seed)).load(EpisodeKey(episode_id, episode_id[:-5]))


@pytest.fixture(scope="module")
def pushed() -> Episode:
    return load(Push(), "in-0007")


@pytest.fixture(scope="module")
def acted() -> Episode:
    return load(Actions(), "in-0003")


def test_states_and_frames_are_gymnasiums_own(acted: Episode) -> None:
    """Stepped by an environment that was made in the ordinary way."""
    environment = gymnasium.make("CartPole-v1", render_mode="rgb_array").unwrapped
    environment.reset(seed=0)
    environment.state = acted.truth.values[0].copy()
    assert acted.clip.actions is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of steps after termination
        for k in range(len(acted.clip)):
            np.testing.assert_array_equal(environment.state, acted.truth.values[k])
            np.testing.assert_array_equal(environment.render(), acted.clip.frames[k])
            if k < len(acted.clip.actions):
                environment.step(int(acted.clip.actions[k]))


def test_initial_states_are_gymnasiums_resets(pushed: Episode) -> None:
    assert np.abs(pushed.truth.values[0]).max() <= 0.05


def test_the_push_turns_the_pole_past_the_horizontal(pushed: Episode) -> None:
    assert pushed.truth["pole.angle"].min() < -np.pi / 2
    assert pushed.truth["cart.x"][-1] > 1.5


def test_push_out_goes_the_other_way() -> None:
    assert load(Push(), "push_out-0000").truth["cart.x"][-1] < -1.5


def test_the_push_is_not_told_and_actions_are(pushed: Episode, acted: Episode) -> None:
    assert pushed.clip.actions is None
    assert acted.clip.actions is not None
    assert set(acted.clip.actions.tolist()) == {0.0, 1.0}
    assert acted.clip.actions.shape == (63,)


@pytest.mark.parametrize(
    ("benchmark", "episode_id", "length"),
    [(Push(), "state_out-0000", 32), (Actions(), "state_out-0199", 64), (Actions(), "horizon_out-0000", 96)],
)
def test_lengths_of_the_splits(benchmark: Push | Actions, episode_id: str, length: int) -> None:
    assert len(load(benchmark, episode_id).clip) == length


@pytest.mark.parametrize("benchmark", [Push(), Actions()])
def test_each_split_has_its_episodes(benchmark: Push | Actions) -> None:
    keys = benchmark.evaluation(DataOptions()).keys
    for split in benchmark.info.splits:
        assert sum(k.split == split for k in keys) == EPISODES
    assert keys[7] == EpisodeKey("in-0007", "in")


def test_wide_states_fill_their_ranges() -> None:
    rng = np.random.default_rng(0)
    states = np.array([wide_state(rng) for _ in range(2000)])
    x, velocity, angle, angular_velocity = np.abs(states).T
    assert 0.59 < x.max() <= 0.6
    assert 0.49 < velocity.max() <= 0.5
    assert 0.49 < angular_velocity.max() <= 0.5
    assert 0.05 <= angle.min() < 0.06
    assert 0.19 < angle.max() <= 0.2
    assert 0.4 < np.mean(states[:, 2] > 0) < 0.6


@pytest.mark.parametrize("i", range(8))
def test_the_cart_stays_in_the_picture(i: int) -> None:
    episode = load(Push(), f"state_out-{i:04d}")
    assert np.abs(episode.truth["cart.x"]).max() <= REACH
    black_at_edge = (episode.clip.frames[:, 284:298, [0, -1]] == 0).all(axis=-1)
    assert not black_at_edge.any()


def test_the_camera_says_where_the_cart_is(pushed: Episode) -> None:
    camera = pushed.clip.camera
    for frame, x in zip(pushed.clip.frames, pushed.truth["cart.x"], strict=True):
        black = np.flatnonzero((frame[311] == 0).all(axis=1))  # below track and pole
        if len(black) == 51:
            assert (black.mean() - camera.origin_column) * camera.units_per_pixel == pytest.approx(
                x, abs=0.009
            )
    track = np.flatnonzero((pushed.clip.frames[0, :, 5] == 0).all(axis=1))
    assert track.tolist() == [camera.origin_row]


def test_episodes_are_the_same_in_several_threads_at_once() -> None:
    source = Push().evaluation(DataOptions())
    keys = [*source.keys[:3], *source.keys[200:203]]
    alone = [source.load(k) for k in keys]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(source.load, keys))
    for a, b in zip(alone, together, strict=True):
        assert np.array_equal(a.truth.values, b.truth.values)
        assert np.array_equal(a.clip.frames, b.clip.frames)


def test_seed_benchmark_split_and_index_decide_the_initial_state(pushed: Episode) -> None:
    train = Push().training(DataOptions())
    others = [
        load(Push(), "in-0008"),
        load(Push(), "in-0007", seed=43),
        load(Push(), "push_out-0007"),
        load(Actions(), "in-0007"),
        train.load(train.keys[7]),
    ]
    states = {tuple(e.truth.values[0]) for e in [pushed, *others]}
    assert len(states) == 6


def test_data_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cartpole/push"):
        Push().evaluation(DataOptions(data=tmp_path / "x.hdf5"))


def test_neither_display_nor_greeting_nor_warning() -> None:
    program = (
        "from proggen.benchmarks import DataOptions, get\n"
        "source = get('cartpole/push').training(DataOptions())\n"
        "print(source.load(source.keys[0]).clip.frames.shape)\n"
    )
    environment = {k: v for k, v in os.environ.items() if "DISPLAY" not in k and not k.startswith("SDL")}
    environment.pop("PYGAME_HIDE_SUPPORT_PROMPT", None)
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "(32, 400, 600, 3)\n"
    assert "warn" not in done.stderr.lower()
