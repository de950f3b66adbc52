"""A world program: scene, three sources, fitted parameters. All that is needed to predict a clip."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .archive.records import PROGRAMS, BenchmarkRecord, EstimationRecord, ProgramName, SceneRecord
from .archive.store import BenchmarkRun


@dataclass(frozen=True)
class WorldProgram:
    """Three generated programs and what they share.

    context: frames perception is given before a prediction.
    estimation: how the states of the context are had, as perceived if nothing else is said.
    """

    scene: SceneRecord
    sources: dict[ProgramName, str]
    parameters: dict[str, float]
    context: int
    estimation: EstimationRecord = field(default_factory=EstimationRecord)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.scene.variables)

    @property
    def constants(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.scene.variables if v.constant)

    @property
    def changing(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.scene.variables if not v.constant)

    def with_parameters(self, parameters: dict[str, float]) -> WorldProgram:
        return replace(self, parameters=parameters)

    @classmethod
    def from_archive(cls, run: BenchmarkRun) -> WorldProgram:
        """The programs of an archived benchmark, with the fit of that run."""
        record: BenchmarkRecord = run.record
        return cls(
            scene=record.scene,
            sources={name: run.program(name) for name in PROGRAMS},
            parameters=record.fit.values(),
            context=record.context,
            estimation=record.estimation,
        )
