"""From a benchmark's training clips to programs in the archive, and back from there when a run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..archive.records import (
    BenchmarkRecord,
    CameraRecord,
    FitRecord,
    MatchRecord,
    ReferenceRow,
    TrainingRecord,
    TrajectoryRecord,
    VariableRecord,
    trajectory_record,
)
from ..archive.store import BenchmarkRun
from ..archive.writer import BenchmarkWriter
from ..benchmarks.base import BenchmarkInfo, Episode
from ..evaluation.baselines import TrainingClip
from ..llm import LanguageModel, Resumed
from ..progress import Progress
from ..sandbox.workers import Workers
from ..states import Trajectory
from ..synthesis import Brief, Synthesis, Video, Workshop, synthesize
from ..synthesis.journal import ArchiveJournal
from ..world import WorldProgram
from .settings import Settings


@dataclass(frozen=True)
class Learned:
    """Programs, fit and perceived training clips of one benchmark."""

    world: WorldProgram
    fit: FitRecord
    perceived: tuple[TrainingClip, ...]
    synthesis: Synthesis | None = None
    digests: dict[str, str] | None = None
    notes: tuple[str, ...] = ()  # of the synthesis, for the benchmark's record

    def record(
        self,
        info: BenchmarkInfo,
        training: Sequence[Episode],
        matches: list[MatchRecord],
        references: list[ReferenceRow],
    ) -> BenchmarkRecord:
        """The benchmark's archive entry, before any episode ran."""
        assert self.synthesis is not None
        assert self.digests is not None
        found, clip = self.synthesis, training[0].clip
        camera = CameraRecord(
            units_per_pixel=clip.camera.units_per_pixel,
            unit=clip.camera.unit,
            origin_column=clip.camera.origin_column,
            origin_row=clip.camera.origin_row,
            height=clip.height,
            width=clip.width,
        )
        return BenchmarkRecord(
            benchmark=info.name,
            title=info.title,
            description=info.description,
            context=info.context,
            fps=info.fps,
            camera=camera,
            splits=list(info.splits),
            ood_splits=list(info.ood_splits),
            headline=list(info.headline),
            takes_actions=info.takes_actions,
            truth_variables=[
                VariableRecord(name=v.name, unit=v.unit, meaning=v.meaning) for v in info.truth_variables
            ],
            scene=found.world.scene,
            chosen=found.chosen,
            digests=self.digests,
            fit=found.fit,
            estimation=found.world.estimation,
            selection=found.selection,
            matches=matches,
            references=references,
            training_clips=[e.clip.name for e in training],
            held_out_clips=found.aside,
            metrics={},
        )


def learn(
    info: BenchmarkInfo,
    training: Sequence[Episode],
    model: LanguageModel,
    workers: Workers,
    out: BenchmarkWriter,
    settings: Settings,
    progress: Progress,
) -> Learned:
    """Synthesize from the clips alone (their truth stays here) and archive programs and perceived states."""
    progress.say(f"{info.name}: learning programs from {len(training)} clips ({settings.llm})")
    brief = Brief(
        Video(info.name, info.description, info.context, info.takes_actions), tuple(e.clip for e in training)
    )
    resumed = Resumed(model, out.path / "transcripts")
    journal = ArchiveJournal(out.path)
    workshop = Workshop(resumed, journal, settings.candidates, settings.rounds)
    found = synthesize(brief, workshop, workers, settings.seed)
    if journal.other_clips:
        progress.say(f"{info.name}: {journal.other_clips}")
    for clip in found.perceived:
        out.training(TrainingRecord(clip=clip.clip.name, perceived=trajectory_record(clip.whole, 0)))
    return Learned(
        world=found.world,
        fit=found.fit,
        perceived=tuple(TrainingClip(c.clip, c.whole) for c in found.perceived),
        synthesis=found,
        digests=out.programs(found.world.sources),
        notes=tuple(journal.notes),
    )


def relearn(done: BenchmarkRun, training: Sequence[Episode]) -> Learned:
    """The same from the archive of a run that was stopped after its programs were found."""
    states = {t.clip: t.perceived for t in done.training()}
    return Learned(
        world=WorldProgram.from_archive(done),
        fit=done.record.fit,
        perceived=tuple(
            TrainingClip(e.clip, trajectory(states[e.clip.name])) for e in training if e.clip.name in states
        ),
    )


def trajectory(record: TrajectoryRecord) -> Trajectory:
    """Back from the archive, with NaN for what was not observed."""
    rows = [[np.nan if v is None else v for v in row] for row in record.values]
    return Trajectory(
        tuple(record.names), np.array(rows, dtype=np.float64).reshape(len(rows), len(record.names))
    )
