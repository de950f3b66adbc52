"""The choice of a rival on clips that the baselines did not learn from: real programs in a real sandbox."""

from __future__ import annotations

import math

from proggen.archive.records import MatchRecord
from proggen.evaluation.baselines import Panel, choose_rival
from proggen.evaluation.baselines.rival import _means
from proggen.evaluation.scoring import Forecast
from proggen.sandbox import Sandbox

from ...world import Box, episode, world_program
from .test_panel import Failing, Fixed

MATCHES = [MatchRecord(truth=n, truth_unit="u", variable=n) for n in ("box.x", "box.y", "box.vx")]


def test_the_baseline_with_the_smallest_headline_error_on_the_clips_is_chosen(sandbox: Sandbox) -> None:
    right, wrong = episode(7), episode(8)
    panel = Panel(
        {
            "wrong": Fixed(Forecast(wrong.truth, None)),
            "right": Fixed(Forecast(right.truth, None)),
            "failing": Failing(None),
        },
        world_program(), MATCHES, sandbox,
    )  # fmt: skip
    found = choose_rival(Box.info, world_program(), [right], panel, MATCHES, {}, sandbox)
    assert found is not None
    assert (found.method, found.clips) == ("right", [right.clip.name])
    assert list(found.values) == ["state.box.x", "psnr"]
    assert found.values["state.box.x"]["right"] == 0 < found.values["state.box.x"]["wrong"]
    assert "failing" not in found.values["psnr"]


def test_without_a_prediction_there_is_no_rival(sandbox: Sandbox) -> None:
    panel = Panel({"failing": Failing(None)}, world_program(), MATCHES, sandbox)
    assert choose_rival(Box.info, world_program(), [episode(7)], panel, MATCHES, {}, sandbox) is None


def test_a_baseline_that_is_silent_on_a_clip_is_not_compared_on_the_others() -> None:
    assert _means({"a": [1.0, 3.0, math.nan], "b": [0.1, math.nan, math.nan]}) == {"a": 2.0}
    assert _means({"a": [math.nan]}) == {}
