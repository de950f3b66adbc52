"""One episode: estimate, predict, render, score beside the baselines, and what the archive keeps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..archive import media
from ..archive.records import (
    BenchmarkRecord,
    Change,
    CounterfactualRecord,
    EpisodeRecord,
    FailureRecord,
    StatesRecord,
    trajectory_record,
)
from ..benchmarks.base import BenchmarkInfo, Episode, Physics
from ..clips import Clip, Frames
from ..errors import ProgramFailure
from ..evaluation import matching
from ..evaluation.baselines import Panel
from ..evaluation.methods import OURS, comparable
from ..evaluation.perceptual import LPIPS, Perceptual, measure
from ..evaluation.scoring import Forecast, Scores, score_episode
from ..evaluation.summary import over_time_record
from ..inference import sweeps
from ..inference.counterfactual import Beginning, imagine, slug, suggest
from ..inference.estimate import estimate, perceive_context
from ..inference.predict import predict, render
from ..sandbox import Sandbox
from ..states import Trajectory
from ..world import WorldProgram
from .ablations import Ablations
from .learning import Learned

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


def predict_clip(
    sandbox: Sandbox, world: WorldProgram, clip: Clip, perceived: Trajectory | None = None
) -> Prediction:
    """Estimate on the first frames, predict and render the rest. Only frames before the horizon are read.

    perceived: the context's states as `perceive_context` found them, if that was called already.
    """
    estimated = estimate(sandbox, world, clip.head(world.context), perceived)
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
    baselines: Panel | None = None
    physics: Physics | None = None
    networks: Perceptual | None = None
    _seconds: dict[str, float] = field(default_factory=dict)

    @property
    def world(self) -> WorldProgram:
        return self.learned.world

    def run(self, episode: Episode, *, imagine: bool) -> Entry:
        """Everything the archive keeps of an episode; with `imagine`, a few counterfactuals too."""
        started = time.monotonic()
        perceived, prediction, failure = None, None, None
        try:
            perceived = perceive_context(self.sandbox, self.world, episode.clip)
            prediction = predict_clip(self.sandbox, self.world, episode.clip, perceived)
        except ProgramFailure as error:
            failure = FailureRecord(kind=error.kind, message=error.message)
        forecasts = self._forecasts(episode, perceived, prediction)
        scores = score_episode(self.info, episode, self.record.matches, forecasts)
        seen = self._perceptual(episode, forecasts, scores)
        imagined = self._imagine(episode, prediction) if imagine and prediction else []
        record = self._record(episode, scores, failure, [c.slug for c, _ in imagined])
        record.seconds["all"] = round(time.monotonic() - started, 3)
        files = {"over_time.json": over_time_record(scores.over_time).model_dump_json().encode()}
        files |= seen
        if prediction is None:
            files["truth.gif"] = media.gif(episode.clip.frames, episode.clip.fps)
            files["truth.webp"] = media.sheet(episode.clip.frames)
            return record, None, files, []
        files |= self._media(episode.clip, prediction)
        if imagine:
            files |= self._sweeps(episode.clip, prediction)
        return record, self._states(episode, prediction), files, imagined

    def _forecasts(
        self, episode: Episode, perceived: Trajectory | None, prediction: Prediction | None
    ) -> dict[str, Forecast]:
        ours = {} if prediction is None else {OURS: Forecast(prediction.states, prediction.frames)}
        others = {} if self.baselines is None else self.baselines.forecasts(episode.clip, perceived)
        return ours | others | ({} if prediction is None else self._ablations(episode, prediction))

    def _perceptual(
        self, episode: Episode, forecasts: Mapping[str, Forecast], scores: Scores
    ) -> dict[str, bytes]:
        """Adds LPIPS to the metrics; the file with the features of FVD."""
        frames = {m: f.frames for m, f in forecasts.items() if f.frames is not None and comparable(m)}
        if self.networks is None or not frames:
            return {}
        real = episode.clip.frames[self.info.context :]
        distances, features = measure(self.networks, real, frames)
        if distances:
            scores.metrics[LPIPS] = distances
        return {} if features is None else {"features.json": features.model_dump_json().encode()}

    def _ablations(self, episode: Episode, prediction: Prediction) -> dict[str, Forecast]:
        """What our method would predict if it knew a part of the truth: the reasons for its error."""
        fitted = self.record.fit_on_truth
        parameters = None if fitted is None else fitted.values()
        made = Ablations(self.sandbox, self.world, self.record.matches, parameters, self.physics)
        estimated = prediction.estimated
        return made.forecasts(episode, estimated, beginning(self.world, episode.clip, estimated))

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
        panels = (clip.frames, shown, media.difference(clip.frames, shown))
        return {
            "truth.webp": media.sheet(clip.frames),
            "prediction.webp": media.sheet(prediction.frames),
            "thumbnail.webp": media.thumbnail(*panels),
            "truth.gif": media.gif(clip.frames, clip.fps),
            "prediction.gif": media.gif(shown, clip.fps),
            "comparison.gif": media.gif(media.side_by_side(*panels), clip.fps),
        }

    def _sweeps(self, clip: Clip, prediction: Prediction) -> dict[str, bytes]:
        """sweeps.json and its pictures: the future under ranges of parameters, initial values and actions."""
        start, factual = beginning(self.world, clip, prediction.estimated), prediction.predicted
        moved = dict(zip(factual.names, np.abs(factual.values).max(axis=0).tolist(), strict=True))
        chosen = sweeps.choose(self.world.scene, self.learned.fit, start, moved)
        futures = sweeps.work_out(self.sandbox, self.world, chosen, start, factual)
        record = sweeps.record(self.info.name, clip.name, self.info.context, factual, chosen, futures)
        pictures = [
            sweeps.draw(self.sandbox, self.world, f, record, clip) if s.names else None
            for s, f in zip(record.sweeps, futures, strict=True)
        ]
        for sweep, drawn in zip(record.sweeps, pictures, strict=True):
            sweep.pictures = drawn is not None
        files = {f"sweep-{k}.webp": p for k, p in enumerate(pictures) if p is not None}
        return {"sweeps.json": record.model_dump_json().encode(), **files}

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
