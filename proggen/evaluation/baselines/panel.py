"""The baselines of a benchmark side by side, and what completes their forecasts."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ...archive.records import MatchRecord
from ...clips import Clip
from ...errors import ProgramFailure
from ...inference.estimate import perceive
from ...inference.predict import render
from ...sandbox import Sandbox
from ...states import Trajectory
from ...world import WorldProgram
from .. import matching
from ..scoring import Forecast
from .base import Baseline, Context, Material
from .registry import checked, make


class Panel:
    """Asks every baseline for its forecast of a clip; a program that fails on one of them stops no other.

    Args:
        baselines: by the name under which their numbers stand.
        world: draws what has only states and reads what has only frames.
        matches: turn states in the truth's variables into those of `world`, for drawing.
    """

    def __init__(
        self,
        baselines: Mapping[str, Baseline],
        world: WorldProgram,
        matches: Sequence[MatchRecord],
        sandbox: Sandbox,
    ) -> None:
        self._baselines = baselines
        self._world = world
        self._matches = matches
        self._sandbox = sandbox

    @property
    def notes(self) -> list[str]:
        return [note for baseline in self._baselines.values() for note in baseline.notes]

    def forecasts(self, clip: Clip, perceived: Trajectory | None) -> dict[str, Forecast]:
        """Name -> forecast, complete as far as possible. Of the clip only the context and actions are read.

        perceived: the context's states as our perception program sees them, None where it failed.
        """
        context = len(clip.head(self._world.context))
        asked = Context(clip.head(context), perceived, len(clip) - context, clip.actions)
        found: dict[str, Forecast] = {}
        for name, baseline in self._baselines.items():
            with contextlib.suppress(ProgramFailure):
                if forecast := baseline.forecast(asked):
                    found[name] = self._read(asked, forecast)
        return self._drawn(asked, found)

    def _read(self, asked: Context, forecast: Forecast) -> Forecast:
        if forecast.states is not None or forecast.frames is None:
            return forecast
        frames = np.concatenate([asked.head.frames, forecast.frames])
        world, clip = self._world, replace(asked.head, frames=frames, actions=None)
        with contextlib.suppress(ProgramFailure):
            states = perceive(self._sandbox, world.scene, world.sources["perception"], clip, world.context)
            return replace(forecast, states=states)
        return forecast

    def _drawn(self, asked: Context, forecasts: dict[str, Forecast]) -> dict[str, Forecast]:
        """With frames for those that have none: one job draws them all, or if it fails, one each."""
        todo = {
            name: self._future(asked, f.states, f.as_truth)
            for name, f in forecasts.items()
            if f.frames is None and f.states is not None
        }
        with contextlib.suppress(ProgramFailure):
            return forecasts | self._render(asked, forecasts, todo)
        found = dict(forecasts)
        for name, states in todo.items():
            with contextlib.suppress(ProgramFailure):
                found |= self._render(asked, forecasts, {name: states})
        return found

    def _render(
        self, asked: Context, forecasts: Mapping[str, Forecast], todo: Mapping[str, Trajectory]
    ) -> dict[str, Forecast]:
        if not todo:
            return {}
        rows = np.concatenate([t.values for t in todo.values()])
        # baselines often agree, or foresee that nothing moves: equal states are drawn once
        states, places = np.unique(rows, axis=0, return_inverse=True)
        drawn = Trajectory(self._world.names, states)
        frames = render(self._sandbox, self._world, drawn, asked.head.height, asked.head.width)
        parts = np.split(frames[places.ravel()], len(todo))
        return {name: replace(forecasts[name], frames=part) for name, part in zip(todo, parts, strict=True)}

    def _future(self, asked: Context, states: Trajectory, as_truth: bool) -> Trajectory:
        """Future states in the program's variables; what the truth does not tell stays as last perceived."""
        later = states.part(len(asked.head))
        if not as_truth:
            return later.ordered(self._world.names)
        values = matching.unapply(self._matches, later, self._world.names).values
        if asked.perceived is not None:
            last = asked.perceived.ordered(self._world.names).values[-1]
            values = np.where(np.isnan(values), last, values)
        return Trajectory(self._world.names, values)


def make_panel(
    names: Sequence[str], material: Material, world: WorldProgram, matches: Sequence[MatchRecord]
) -> Panel:
    """The named baselines, learned one after the other; those that the benchmark has none of are left out.

    UsageError if one of them needs a library that is not installed.
    """
    made = {name: make(name, material) for name in checked(tuple(names))}
    return Panel({n: b for n, b in made.items() if b is not None}, world, matches, material.sandbox)
