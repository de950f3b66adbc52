"""The figures of `python -m speed` on a small world; how long things take is not tested."""

from __future__ import annotations

import numpy as np

from proggen.inference import calls
from proggen.inference.fit import PerceivedClip
from proggen.inference.problems import Rollout
from proggen.sandbox import Sandbox
from proggen.states import Trajectory
from speed import fits
from speed import sandbox as confinement

from .world import CONTEXT, DYNAMICS, LENGTH, episode


def clips(box: Sandbox) -> list[PerceivedClip]:
    found, rng = [], np.random.default_rng(0)
    for i in range(3):
        start = {"box.x": 1.0, "box.y": 2.0, "box.vx": 0.5 + i}
        (rest,) = calls.rollout(box, DYNAMICS, [Rollout(start, {"drag": 0.3}, 0.1, LENGTH - 1)])
        values = np.vstack([list(start.values()), rest.values])
        whole = Trajectory(rest.names, values + 1e-3 * rng.normal(size=values.shape))
        found.append(PerceivedClip(episode(i).clip, whole.part(0, CONTEXT), whole))
    return found


def test_powell_needs_more_rollouts_for_the_same_loss(sandbox: Sandbox) -> None:
    figures = fits.compare(sandbox, DYNAMICS, clips(sandbox), starts=3)
    assert figures is not None
    assert figures["ours from random guesses"]["reached"] == 3
    assert figures["rollouts_ratio"]["ratio"] > 3
    assert figures["frames_ratio"]["ratio"] > 3
    assert figures["whole_fit"]["ratio"] > 3
    assert figures["whole_fit"]["loss_ratio"] < fits.CLOSE
    rows = fits.tables({"fit": {"box": figures}})
    [start] = [row for row in rows if row.startswith("| box | Powell from")]
    assert f"| {figures['rollouts_ratio']['ratio']:g} |" in start
    [whole] = [row for row in rows if row.startswith("| box | 1 |")]
    assert f"| {figures['whole_fit']['ratio']} |" in whole


def test_a_program_of_ours_stands_beside_the_recorded_one_only_where_its_states_fit(sandbox: Sandbox) -> None:
    found = fits.compare_all(sandbox, "test/collision", DYNAMICS, clips(sandbox), starts=1)
    assert list(found) == ["test/collision"]  # a box is no pair of balls


def test_a_program_without_parameters_is_left_out(sandbox: Sandbox) -> None:
    source = "PARAMS = {}\n" + DYNAMICS.split("\n", 3)[3].replace('params["drag"]', "0.3")
    assert fits.compare(sandbox, source, clips(sandbox), starts=1) is None


def test_overheads_are_positive_and_shown() -> None:
    found = confinement.overheads(1)
    assert len(found) == 3
    assert all(ratio > 0 for ratio in found.values())
    assert all(f"| {name} |" in "".join(confinement.tables({"sandbox": found})) for name in found)
