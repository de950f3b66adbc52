"""Studies of a finished run: what fewer training clips, candidates or repair rounds would have changed.

Truth is used as in evaluation, and for nothing else: fits and choices see clips alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import benchmarks
from ..archive import BenchmarkRun, Run
from ..archive.records import EpisodeRecord, MatchRecord, SettingRecord, StudiesRecord, StudyRecord
from ..archive.writer import BenchmarkWriter
from ..benchmarks.base import Benchmark, DataOptions, Episode, EpisodeKey, select
from ..errors import ProgramFailure, SynthesisError
from ..evaluation import summary
from ..evaluation.methods import OURS
from ..evaluation.scoring import Forecast, score_episode
from ..inference import JOBS
from ..inference.estimate import estimate, perceive_context
from ..inference.fit import PerceivedClip, noise_scales
from ..inference.predict import predict
from ..progress import Progress, Silent
from ..run.episodes import beginning, predict_clip
from ..run.learning import Learned, relearn
from ..run.runner import match_variables, training_clips
from ..sandbox import Sandbox
from ..sandbox.workers import Workers
from ..synthesis.dynamics import FINAL, fit_candidate
from ..world import WorldProgram
from .imagine import data_options
from .replay import remembering, replay

EPISODES = 24
CLIPS = (1, 2, 3, 5)  # training clips of the fits; the run itself has all of them
Row = dict[str, float]  # metric -> value


def study(
    run: Run,
    *,
    episodes: int = EPISODES,
    jobs: int = 1,
    data: Path | None = None,
    train_data: Path | None = None,
    unsafe: bool = False,
    progress: Progress | None = None,
) -> None:
    """Add studies.json to every benchmark of a finished run, or make it anew."""
    options = data_options(run.record, data, train_data)
    with Sandbox(JOBS, unsafe=unsafe) as sandbox, Workers(sandbox, jobs) as workers:
        for benchmark in run.benchmarks.values():
            keys = [EpisodeKey(e.record.id, e.record.split) for e in benchmark.episodes()]
            ids = [k.id for k in select(keys, benchmark.record.splits, episodes)]
            found = derive(run, benchmark, ids, workers, options, progress)
            BenchmarkWriter(benchmark.path).studies(found)


def derive(
    run: Run,
    benchmark: BenchmarkRun,
    ids: Sequence[str],
    workers: Workers,
    options: DataOptions,
    progress: Progress | None = None,
) -> StudiesRecord:
    """The studies of one benchmark on its episodes `ids`: the same archive gives the same ones again."""
    kind = benchmarks.get(benchmark.record.benchmark)
    training = training_clips(kind, options, run.record.config.training_clips).episodes
    archived, source = [benchmark.episode(i).record for i in ids], kind.evaluation(options)
    episodes = [source.load(EpisodeKey(e.id, e.split)) for e in archived]
    with remembering(workers) as once:
        studies = _Studies(
            run, benchmark, kind, training, relearn(benchmark, training), episodes, archived, once
        )
        return StudiesRecord(
            episodes=list(ids),
            clips=studies.fewer_clips(progress or Silent()),
            choice=studies.fewer_replies(progress or Silent()),
        )


@dataclass(frozen=True)
class _Studies:
    run: Run
    benchmark: BenchmarkRun
    kind: Benchmark
    training: Sequence[Episode]
    learned: Learned
    episodes: Sequence[Episode]
    archived: Sequence[EpisodeRecord]
    workers: Workers

    def fewer_clips(self, progress: Progress) -> StudyRecord | None:
        """The chosen dynamics fitted on the first clips only. None where nothing is fitted."""
        counts = [k for k in CLIPS if k < len(self.learned.perceived)]
        if not self.learned.world.parameters or not counts:
            return None
        settings, rows = [self._setting(OURS)], {OURS: self._of_run()}
        with progress.task(f"{self.kind.info.name}: fits on fewer clips", len(counts)) as task:
            for k in counts:
                setting = self._setting(f"clips-{k}", clips=k)
                try:
                    world = self._fitted(k)
                    setting.parameters = world.parameters
                    rows[setting.name] = self._score(self._states_of(world), self.benchmark.record.matches)
                except ProgramFailure as failure:
                    setting.failure = str(failure)
                settings.append(setting)
                task.advance()
        return self._record(settings, rows)

    def fewer_replies(self, progress: Progress) -> StudyRecord | None:
        """What synthesis would have chosen from fewer candidates and rounds. None if there were no more."""
        config = self.run.record.config
        pairs = [(c, r) for c in sorted({1, config.candidates}) for r in range(config.rounds + 1)]
        pairs.remove((config.candidates, config.rounds))
        if not pairs:
            return None
        settings = [self._setting(OURS, held_out_psnr=self._held_out_psnr())]
        rows = {OURS: self._of_run()}
        with progress.task(f"{self.kind.info.name}: fewer replies", len(pairs)) as task:
            for candidates, rounds in pairs:
                name = f"candidates-{candidates}-rounds-{rounds}"
                setting = self._setting(name, candidates=candidates, rounds=rounds, chosen={}, parameters={})
                try:
                    rows[name] = self._chosen(setting)
                except (SynthesisError, ProgramFailure) as failure:
                    setting.failure = str(failure)
                settings.append(setting)
                task.advance()
        return self._record(settings, rows)

    def _setting(self, name: str, **other: object) -> SettingRecord:
        """The run's own setting, but for what is given."""
        config, record = self.run.record.config, self.benchmark.record
        base = SettingRecord(
            name=name,
            clips=len(record.training_clips),
            candidates=config.candidates,
            rounds=config.rounds,
            chosen=dict(record.chosen),
            parameters=record.fit.values(),
        )
        return base.model_copy(update=other)

    def _held_out_psnr(self) -> float | None:
        """Of the run's own choice, as its chosen dynamics was scored."""
        name = self.benchmark.record.chosen["dynamics"]
        scores = [s for c in self.benchmark.candidates() if c.transcript == name for s in c.scores]
        return next((s.value for s in scores if s.name == "prediction_psnr"), None)

    def _of_run(self) -> list[Row]:
        """What the run itself archived of each episode."""
        rows = [{m: methods.get(OURS) for m, methods in e.metrics.items()} for e in self.archived]
        return [{m: v for m, v in row.items() if v is not None} for row in rows]

    def _fitted(self, k: int) -> WorldProgram:
        """The run's world with parameters fitted on its first k training clips."""
        world, box = self.learned.world, self.workers.sandbox
        clips = [
            PerceivedClip(c.clip, perceive_context(box, world, c.clip), c.whole)
            for c in self.learned.perceived[:k]
        ]
        source, seed = world.sources["dynamics"], self.run.record.config.seed
        fitted = fit_candidate(self.workers, world.scene, source, clips, noise_scales(clips), FINAL, seed)
        return world.with_parameters(fitted.values())

    def _chosen(self, setting: SettingRecord) -> list[Row]:
        """Replays synthesis with the setting, which it completes, and predicts with what was chosen."""
        found = replay(
            self.kind.info,
            [e.clip for e in self.training],
            self.benchmark.path / "transcripts",
            self.workers,
            candidates=setting.candidates,
            rounds=setting.rounds,
            seed=self.run.record.config.seed,
        )
        setting.chosen, setting.held_out_psnr = found.chosen, found.selection[0].psnr
        setting.parameters = found.world.parameters
        if found.world == self.learned.world:
            return self._of_run()
        return self._score(
            self._frames_of(found.world),
            match_variables(self.kind, self.training, [c.whole for c in found.perceived]),
        )

    def _states_of(self, world: WorldProgram) -> Callable[[Episode], Forecast]:
        """States alone: a fit moves states, and drawing them costs more than all the rest."""

        def predict_states(episode: Episode) -> Forecast:
            box, clip = self.workers.sandbox, episode.clip
            estimated = estimate(box, world, clip.head(world.context))
            start = beginning(world, clip, estimated)
            future = predict(box, world, start.state, start.n_steps, start.dt, start.actions)
            return Forecast(estimated.then(future), None)

        return predict_states

    def _frames_of(self, world: WorldProgram) -> Callable[[Episode], Forecast]:
        def predict_frames(episode: Episode) -> Forecast:
            found = predict_clip(self.workers.sandbox, world, episode.clip)
            return Forecast(found.states, found.frames)

        return predict_frames

    def _score(self, forecast: Callable[[Episode], Forecast], matches: Sequence[MatchRecord]) -> list[Row]:
        """Metrics of each episode; none where a program fails."""

        def one(episode: Episode) -> Row:
            try:
                forecasts = {OURS: forecast(episode)}
            except ProgramFailure:
                return {}
            scores = score_episode(self.kind.info, episode, matches, forecasts)
            return {m: methods[OURS] for m, methods in scores.metrics.items() if OURS in methods}

        return self.workers.map(one, self.episodes)

    def _record(self, settings: list[SettingRecord], rows: Mapping[str, Sequence[Row]]) -> StudyRecord:
        """Pools every setting as if it were a method; the run itself, as ours, is compared with the others."""
        names = sorted({m for found in rows.values() for row in found for m in row if self._of_interest(m)})
        pooled = [
            e.model_copy(
                update={
                    "metrics": {
                        m: {name: summary.significant(found[i].get(m)) for name, found in rows.items()}
                        for m in names
                    }
                }
            )
            for i, e in enumerate(self.archived)
        ]
        pools = ([summary.IN], self.benchmark.record.ood_splits)  # too few episodes to look at each split
        return StudyRecord(
            settings=settings,
            metrics=summary.summarise(pooled, *pools, seed=0),
            differences=summary.compare(pooled, *pools, seed=0, smallest=self.benchmark.record.smallest),
        )

    def _of_interest(self, metric: str) -> bool:
        known = (*self.benchmark.record.headline, "psnr")
        return metric in known or metric.startswith("state.") or "vel_error" in metric
