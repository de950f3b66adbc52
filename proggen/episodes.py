"""One episode: estimate, predict, render, score beside the baselines, and what the archive keeps."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .archive import media
from .archive.records import (
    BenchmarkRecord,
    Change,
    CounterfactualRecord,
    EpisodeRecord,
    FailureRecord,
    StatesRecord,
    trajectory_record,
)
from .benchmarks.base import BenchmarkInfo, Episode
from .clips import Clip, Frames
from .errors import ProgramFailure
from .evaluation import baselines, matching
from .evaluation.methods import OURS
from .evaluation.scoring import Forecast, Scores, score_episode
from .learning import Learned
from .pipeline.counterfactual import Beginning, imagine, slug, suggest
from .pipeline.estimate import estimate, perceive
from .pipeline.predict import predict, render
from .programs import WorldProgram
from .sandbox import Sandbox
from .states import Trajectory

Imagined = tuple[CounterfactualRecord, bytes | None]
Entry = tuple[EpisodeRecord, StatesRecord | None, dict[str, bytes], list[Imagined]]


@dataclass(frozen=True)
class Prediction:
    """What the programs say of one clip: states of the context, future states and future frames."""

    estimated: Trajectory
    predicted: Trajectory
    frames: Frames

    @property
    def states(self) -> Trajectory:
        return self.estimated.then(self.predicted)


def predict_clip(sandbox: Sandbox, world: WorldProgram, clip: Clip) -> Prediction:
    """Estimate on the first frames, predict and render the rest. Only frames before the horizon are read."""
    estimated = estimate(sandbox, world, clip.head(world.context))
    start = beginning(world, clip, estimated)
    predicted = predict(sandbox, world, start.state, start.n_steps, start.dt, start.actions)
    return Prediction(estimated, predicted, render(sandbox, world, predicted, clip.height, clip.width))


def beginning(world: WorldProgram, clip: Clip, estimated: Trajectory) -> Beginning:
    """Where the prediction of a clip starts: its last context frame."""
    start = world.context - 1
    actions = None if clip.actions is None else clip.actions[start:]
    return Beginning(estimated.state(start), clip.dt, len(clip) - world.context, actions)


def picture(clip: Clip, frames: Frames, context: int) -> Frames:
    """The whole clip with the future replaced: given frames, then predicted ones."""
    return np.concatenate([clip.frames[:context], frames])


@dataclass
class EpisodeRunner:
    """Runs the episodes of one benchmark with the same programs."""

    info: BenchmarkInfo
    learned: Learned
    record: BenchmarkRecord
    sandbox: Sandbox
    _seconds: dict[str, float] = field(default_factory=dict)

    @property
    def world(self) -> WorldProgram:
        return self.learned.world

    def run(self, episode: Episode, *, imagine: bool) -> Entry:
        """Everything the archive keeps of an episode; with `imagine`, a few counterfactuals too."""
        started = time.monotonic()
        try:
            prediction = predict_clip(self.sandbox, self.world, episode.clip)
            failure = None
        except ProgramFailure as error:
            prediction, failure = None, FailureRecord(kind=error.kind, message=error.message)
        scores = score_episode(
            self.info, episode, self.record.matches, self._forecasts(episode.clip, prediction)
        )
        imagined = self._imagine(episode, prediction) if imagine and prediction else []
        record = self._record(episode, scores, failure, [c.slug for c, _ in imagined])
        record.seconds["all"] = round(time.monotonic() - started, 3)
        if prediction is None:
            return record, None, {"truth.gif": media.gif(episode.clip.frames, episode.clip.fps)}, []
        return record, self._states(episode, prediction), self._media(episode.clip, prediction), imagined

    def _forecasts(self, clip: Clip, prediction: Prediction | None) -> dict[str, Forecast]:
        found = {} if prediction is None else {OURS: Forecast(prediction.states, prediction.frames)}
        # Where perception itself fails, the baselines have no states to start from either.
        with contextlib.suppress(ProgramFailure):
            found.update(self._baselines(clip))
        return found

    def _baselines(self, clip: Clip) -> dict[str, Forecast]:
        """The three baselines, from the states our perception program sees in the context."""
        context, horizon = self.info.context, len(clip) - self.info.context
        head = clip.head(context)
        seen = perceive(self.sandbox, self.world.scene, self.world.sources["perception"], head, context)
        variables = self.world.scene.variables
        moved = baselines.constant_velocity(seen, variables, horizon, clip.dt)
        drawn = render(self.sandbox, self.world, moved, clip.height, clip.width)
        frames, still = baselines.repeat_last(head.frames, seen, variables, horizon)
        i = baselines.nearest_clip(head.frames, [c.clip.frames[:context] for c in self.learned.perceived])
        near = self.learned.perceived[i]
        later = Trajectory(
            near.whole.names, baselines.continuation(baselines.held(near.whole.values), context, horizon)
        )
        later_frames = baselines.continuation(near.clip.frames, context, horizon)
        return {
            "repeat_last": Forecast(seen.then(still), frames),
            "constant_velocity": Forecast(seen.then(moved), drawn),
            "nearest_clip": Forecast(seen.then(later), later_frames),
        }

    def _record(
        self, episode: Episode, scores: Scores, failure: FailureRecord | None, slugs: list[str]
    ) -> EpisodeRecord:
        return EpisodeRecord(
            id=episode.id,
            benchmark=self.info.name,
            split=episode.split,
            attributes=dict(episode.attributes),
            context=self.info.context,
            length=len(episode.clip),
            metrics={m: {k: _finite(v) for k, v in row.items()} for m, row in scores.metrics.items()},
            over_time={m: [_finite(v) for v in series] for m, series in scores.over_time.items()},
            failure=failure,
            counterfactuals=slugs,
            digests={},
        )

    def _states(self, episode: Episode, prediction: Prediction) -> StatesRecord:
        compared = matching.apply(self.record.matches, prediction.predicted)
        actions = episode.clip.actions
        return StatesRecord(
            fps=episode.clip.fps,
            truth=trajectory_record(episode.truth, 0),
            estimated=trajectory_record(prediction.estimated, 0),
            predicted=trajectory_record(prediction.predicted, self.info.context),
            compared=trajectory_record(compared, self.info.context),
            actions=None if actions is None else [float(a) for a in actions],
        )

    def _media(self, clip: Clip, prediction: Prediction) -> dict[str, bytes]:
        shown = picture(clip, prediction.frames, self.info.context)
        beside = media.side_by_side(clip.frames, shown, media.difference(clip.frames, shown))
        return {
            "truth.gif": media.gif(clip.frames, clip.fps),
            "prediction.gif": media.gif(shown, clip.fps),
            "comparison.gif": media.gif(beside, clip.fps),
        }

    def _imagine(self, episode: Episode, prediction: Prediction) -> list[Imagined]:
        found = suggest(self.world.scene, self.learned.fit, takes_actions=self.info.takes_actions)
        return [
            counterfactual(
                self.sandbox, self.world, self.info.name, episode.clip, prediction, [change], because
            )
            for change, because in found
        ]


def counterfactual(
    sandbox: Sandbox,
    world: WorldProgram,
    benchmark: str,
    clip: Clip,
    factual: Prediction,
    changes: Sequence[Change],
    because: str,
) -> Imagined:
    """Predict and render again with the changes; the GIF shows the factual prediction beside it."""
    start = world.context - 1
    states, failure, shown = factual.predicted.part(0, 0), None, None
    parameters: Mapping[str, float] = world.parameters
    try:
        states, parameters = imagine(
            sandbox, world, beginning(world, clip, factual.estimated), changes, start
        )
        frames = render(sandbox, world, states, clip.height, clip.width)
        pair = (picture(clip, factual.frames, world.context), picture(clip, frames, world.context))
        shown = media.gif(media.side_by_side(*pair), clip.fps)
    except ProgramFailure as error:
        failure = FailureRecord(kind=error.kind, message=error.message)
    record = CounterfactualRecord(
        benchmark=benchmark,
        episode=clip.name,
        slug=slug(changes),
        changes=list(changes),
        because=because,
        start=start,
        factual=trajectory_record(factual.predicted, world.context),
        counterfactual=trajectory_record(states, world.context),
        parameters=dict(parameters),
        failure=failure,
    )
    return record, shown


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
