"""What completes a forecast: real programs in a real sandbox."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from proggen.archive.records import MatchRecord
from proggen.errors import ProgramFailure
from proggen.evaluation.baselines import Baseline, Context, Panel
from proggen.evaluation.scoring import Forecast
from proggen.sandbox import Sandbox
from proggen.states import Trajectory

from ...world import CONTEXT, episode, world_program

NAMES = ("box.x", "box.y", "box.vx")
HORIZON = 9


class Fixed:
    """Says what it was told to say."""

    notes: Sequence[str] = ("a note",)

    def __init__(self, forecast: Forecast | None) -> None:
        self._forecast = forecast

    def forecast(self, context: Context) -> Forecast | None:
        return self._forecast


class Failing(Fixed):
    def forecast(self, context: Context) -> Forecast | None:
        raise ProgramFailure("exception", "it raised")


def truth(index: int = 7) -> Trajectory:
    return episode(index).truth


def panel(sandbox: Sandbox, matches: Sequence[MatchRecord] = (), **baselines: Baseline) -> Panel:
    return Panel(baselines, world_program(), matches, sandbox)


def asked(sandbox: Sandbox, baseline: Baseline, matches: Sequence[MatchRecord] = ()) -> Forecast:
    clip = episode(7).clip
    return panel(sandbox, matches, one=baseline).forecasts(clip, truth().part(0, CONTEXT))["one"]


def test_states_are_drawn(sandbox: Sandbox) -> None:
    found = asked(sandbox, Fixed(Forecast(truth(), None)))
    assert found.frames is not None
    assert np.array_equal(found.frames, episode(7).clip.frames[CONTEXT:])


def test_frames_are_read(sandbox: Sandbox) -> None:
    found = asked(sandbox, Fixed(Forecast(None, episode(7).clip.frames[CONTEXT:])))
    assert found.states is not None
    assert found.states["box.x"] == pytest.approx(truth()["box.x"], abs=1e-3)


def test_frames_that_cannot_be_read_stay_without_states(sandbox: Sandbox) -> None:
    blank = np.full((HORIZON, 40, 60, 3), 255, np.uint8)  # perception divides by the mass of what is dark
    found = asked(sandbox, Fixed(Forecast(None, blank)))
    assert found.states is None
    assert found.frames is blank


def test_a_state_that_cannot_be_drawn_spoils_no_other_picture(sandbox: Sandbox) -> None:
    bad = Trajectory(NAMES, np.full((CONTEXT + HORIZON, 3), np.nan))
    both = panel(sandbox, good=Fixed(Forecast(truth(), None)), bad=Fixed(Forecast(bad, None)))
    found = both.forecasts(episode(7).clip, truth().part(0, CONTEXT))
    assert found["good"].frames is not None
    assert found["bad"].frames is None


def test_a_baseline_that_fails_or_says_nothing_is_left_out(sandbox: Sandbox) -> None:
    three = panel(sandbox, a=Failing(None), b=Fixed(None), c=Fixed(Forecast(truth(), None)))
    assert list(three.forecasts(episode(7).clip, None)) == ["c"]


def test_states_in_the_truths_variables_are_drawn_by_the_matches(sandbox: Sandbox) -> None:
    """Another unit and direction for x; y, which no match tells, is as it was perceived."""
    matches = [
        MatchRecord(truth="metres", truth_unit="m", variable="box.x", sign=-1, factor=0.01, offset=1.0),
        MatchRecord(truth="nothing", truth_unit="m", variable=None),
    ]
    mine = Trajectory(
        ("metres", "nothing"), np.stack([1.0 - 0.01 * truth()["box.x"], truth()["box.y"]], axis=1)
    )
    found = asked(sandbox, Fixed(Forecast(mine, None, as_truth=True)), matches)
    assert found.frames is not None
    assert np.array_equal(found.frames, episode(7).clip.frames[CONTEXT:])


def test_notes_of_all_are_told(sandbox: Sandbox) -> None:
    assert panel(sandbox, a=Fixed(None), b=Fixed(None)).notes == ["a note", "a note"]
