"""Our method with one link replaced by the truth, which tells what each link costs. Nothing here predicts.

Programs run here with true states, on purpose: it is no part of the method, and nothing of it reaches
synthesis, the fit or an estimate. See `evaluation/budget` for what is made of the numbers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..archive.records import FitRecord, MatchRecord
from ..benchmarks.base import Episode, Physics
from ..clips import Frames
from ..errors import ProgramFailure
from ..evaluation import matching
from ..evaluation.methods import TRUE_PARAMETERS, TRUE_PHYSICS, TRUE_START, TRUE_STATES
from ..evaluation.scoring import Forecast
from ..inference.counterfactual import Beginning
from ..inference.fit import PerceivedClip, noise_scales
from ..inference.predict import predict, render
from ..sandbox import Sandbox
from ..sandbox.workers import Workers
from ..states import Trajectory
from ..synthesis.dynamics import FINAL, fit_candidate
from ..world import WorldProgram
from .learning import Learned


def fit_on_truth(
    learned: Learned, training: Sequence[Episode], matches: Sequence[MatchRecord], workers: Workers, seed: int
) -> FitRecord | None:
    """The program's parameters fitted as the method does, but to the true states of the training clips.

    Variables that no truth was matched to stay as perceived. None where nothing was matched, where the
    program has no parameters, or where it fails on the true states.
    """
    if not learned.fit.parameters or not _matched(matches):
        return None
    truth = {e.clip.name: e.truth for e in training}
    clips = []
    for seen in learned.perceived:
        true = truth[seen.clip.name].part(0, len(seen.whole))
        whole = matching.invert(matches, true, seen.whole)
        clips.append(PerceivedClip(seen.clip, whole.part(0, learned.world.context), whole))
    scene, source = learned.world.scene, learned.world.sources["dynamics"]
    try:
        return fit_candidate(workers, scene, source, clips, noise_scales(clips), FINAL, seed).record
    except ProgramFailure:
        return None


@dataclass(frozen=True)
class Ablations:
    """Makes the ablations of an episode; each is left out where it can't be made or its program fails.

    true_parameters: those of `fit_on_truth`. physics: the benchmark's own, if it offers it.
    """

    sandbox: Sandbox
    world: WorldProgram
    matches: Sequence[MatchRecord]
    true_parameters: Mapping[str, float] | None
    physics: Physics | None

    def forecasts(self, episode: Episode, estimated: Trajectory, begin: Beginning) -> dict[str, Forecast]:
        """By method; estimated: our states of the context, begin: where our prediction starts."""
        if not _matched(self.matches):
            return {}
        context = len(estimated)
        true = matching.invert(self.matches, episode.truth.part(0, context), estimated)
        from_truth = replace(begin, state=true.state(context - 1))
        found = dict(self._true_starts(true, from_truth))
        with contextlib.suppress(ProgramFailure):
            found[TRUE_STATES] = Forecast(None, self._draw(episode, estimated))
        continued = self._continued(episode, estimated)
        if continued is not None:
            found[TRUE_PHYSICS] = Forecast(continued, None, as_truth=True)
        return found

    def _true_starts(self, true: Trajectory, begin: Beginning) -> Iterator[tuple[str, Forecast]]:
        """Our dynamics from the true state, with our parameters and with those fitted to the truth."""
        fitted = self.world.parameters
        parameters = {TRUE_START: fitted, TRUE_PARAMETERS: self.true_parameters if fitted else {}}
        for method, values in parameters.items():
            if values is not None:
                with contextlib.suppress(ProgramFailure):
                    world = self.world.with_parameters(dict(values))
                    rolled = predict(self.sandbox, world, begin.state, begin.n_steps, begin.dt, begin.actions)
                    yield method, Forecast(true.then(rolled), None)

    def _draw(self, episode: Episode, estimated: Trajectory) -> Frames:
        """Our rendering of the true future motion; what is constant, such as a radius, stays as estimated.

        Perception and rendering agree on where an edge is, and need not agree with the truth on it.
        """
        future = episode.truth.part(len(estimated))
        moving = [m for m in self.matches if m.variable in self.world.changing]
        states = matching.invert(moving, future, _held(estimated, len(future)))
        return render(self.sandbox, self.world, states, episode.clip.height, episode.clip.width)

    def _continued(self, episode: Episode, estimated: Trajectory) -> Trajectory | None:
        """The benchmark's physics from our estimate, if that says all that a state needs; as truth."""
        compared, last = matching.apply(self.matches, estimated), len(estimated) - 1
        state = compared.state(last)
        if self.physics is None or len(state) < len(self.matches):
            return None
        try:
            return compared.then(self.physics(episode, last, state))
        except ValueError:
            return None


def _matched(matches: Sequence[MatchRecord]) -> bool:
    return any(m.variable is not None for m in matches)


def _held(states: Trajectory, count: int) -> Trajectory:
    """The last state, `count` times."""
    return Trajectory(states.names, np.repeat(states.values[-1:], count, axis=0))
