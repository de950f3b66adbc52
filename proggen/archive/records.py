"""What stands in an archive, as types. Every file that is JSON is one of these records.

runs/<run>/
  run.json                          RunRecord
  summary.json                      Summary
  <benchmark>/                      e.g. phyworld/collision
    benchmark.json                  BenchmarkRecord: scene, programs, fit, matches, metrics of every split
    programs/{perception,dynamics,rendering}.py
    candidates/<program>-c0-r1.source.py   (scene: .source.json; absent if the reply held none)
    candidates/<program>-c0-r1.json CandidateRecord
    transcripts/<program>-c0-r1/    transcript.json (TranscriptRecord), prompt.md, reply.md, picture-K.png
    training/<clip>.json            TrainingRecord: perceived states of a training clip
    episodes/<id>/
      episode.json                  EpisodeRecord: metrics and digests of the files beside it
      states.json                   StatesRecord: truth, estimated, predicted
      truth.gif prediction.gif comparison.gif
      counterfactuals/<slug>/
        counterfactual.json         CounterfactualRecord, with its states
        counterfactual.gif          factual prediction beside the counterfactual one
"""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1
ProgramName = Literal["perception", "dynamics", "rendering"]
PROGRAMS: tuple[ProgramName, ...] = ("perception", "dynamics", "rendering")


class Record(BaseModel):
    """Root of the records; an unknown field is an error, so that a file of another version is noticed."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="null")


class MetricValue(Record):
    """Mean over the episodes that have a finite value, its 95 % bootstrap interval and their number."""

    mean: float
    ci95: tuple[float, float]
    n: int


Methods = dict[str, MetricValue]  # method -> value
Metrics = dict[str, Methods]  # metric -> method -> value
Splits = dict[str, Metrics]  # split, `ood` or `all` -> ...


class Summary(Record):
    """summary.json: the numbers of a run and nothing else; two runs with one seed have the same."""

    benchmarks: dict[str, Splits]


class SandboxRecord(Record):
    """How generated code was confined; `open` names what the level leaves open."""

    level: str
    layers: list[str]
    open: list[str]


class RunConfig(Record):
    """Everything that decides a run's numbers."""

    benchmarks: list[str]
    episodes: int | None  # per benchmark; None is all
    seed: int
    llm: str  # "recorded" or "openai:MODEL"
    lossless: bool = False
    data: str | None = None  # file name and SHA-256 of a published file, if one was given
    train_data: str | None = None
    training_clips: int = 10
    candidates: int = 2
    rounds: int = 2


class RunRecord(Record):
    """run.json: written at the start, completed at the end."""

    format: int = FORMAT
    name: str
    config: RunConfig
    command: str  # the command line that makes this run again
    created: str  # ISO 8601, UTC
    finished: str | None = None
    versions: dict[str, str]  # package -> version, plus python and platform
    sandbox: SandboxRecord
    seconds: dict[str, float] = Field(default_factory=dict)  # stage -> wall clock
    failures: dict[str, str] = Field(default_factory=dict)  # benchmark -> why it has no results


class VariableRecord(Record):
    """A state variable; `constant` ones keep their value through an episode (a radius)."""

    name: str
    unit: str
    meaning: str
    constant: bool = False


class SceneObject(Record):
    name: str
    looks: str
    can: str  # what it can do: its affordance, in words


class AffordanceRule(Record):
    """What moves, what touches, what is joined, what acts on what."""

    kind: Literal["moves", "touches", "joined", "acts"]
    subject: str
    object: str | None = None
    rule: str


class SceneRecord(Record):
    objects: list[SceneObject]
    variables: list[VariableRecord]
    rules: list[AffordanceRule]


class TranscriptRecord(Record):
    """One request to a language model and its reply; texts and pictures lie beside it, verbatim."""

    benchmark: str
    program: str  # "scene" or a program's name
    candidate: int
    round: int
    template: str
    template_digest: str
    prompt_digest: str
    picture_digests: list[str]
    picture_captions: list[str]
    source: Literal["live", "recorded"]
    model: str  # as the endpoint reported it
    finish_reason: str | None = None
    usage: dict[str, int] | None = None  # tokens, if the endpoint reported them
    seconds: float | None = None  # how long the request took when it was made
    recorded: str | None = None  # when the reply was made, ISO 8601
    notes: list[str] = Field(default_factory=list)  # e.g. "prompt differs from the recorded one"


class FailureRecord(Record):
    kind: str  # one of proggen.errors.FAILURE_KINDS
    message: str


class ScoreRecord(Record):
    """A candidate's score; lower is better for errors, higher for psnr."""

    name: str  # e.g. "psnr", "rollout_error"
    value: float
    unit: str
    meaning: str


class CandidateRecord(Record):
    """One candidate of a program: what became of one reply."""

    program: str
    candidate: int
    round: int
    status: Literal["chosen", "passed", "failed"]
    failure: FailureRecord | None = None
    scores: list[ScoreRecord] = Field(default_factory=list)
    digest: str | None = None  # SHA-256 of the source
    findings: list[str] = Field(default_factory=list)  # remarks of the static check
    transcript: str  # folder under transcripts/
    feedback: str | None = None  # what was sent back for repair, if anything


class ParameterRecord(Record):
    """A fitted parameter. `identified`: the training clips tell it, see pipeline/fit."""

    name: str
    value: float
    init: float
    low: float
    high: float
    unit: str
    meaning: str
    std_error: float | None = None
    identified: bool = True
    at_bound: bool = False


class FitRecord(Record):
    parameters: list[ParameterRecord]
    loss_initial: float
    loss_fitted: float
    rollouts: int
    starts: int
    clips: list[str]

    def values(self) -> dict[str, float]:
        return {p.name: p.value for p in self.parameters}


class MatchRecord(Record):
    """truth = sign * factor * variable + offset, found on training clips; `residual`: RMS of the rest."""

    truth: str
    truth_unit: str
    variable: str | None
    sign: int = 1
    factor: float = 1.0
    offset: float = 0.0
    residual: float | None = None
    note: str = ""


class PublishedRow(Record):
    """A number from a publication, never measured here."""

    method: str
    metric: str
    split: str
    value: float
    source: str


class CameraRecord(Record):
    units_per_pixel: float
    unit: str
    origin_column: float
    origin_row: float
    height: int
    width: int


class BenchmarkRecord(Record):
    """benchmark.json"""

    format: int = FORMAT
    benchmark: str
    title: str
    description: str
    context: int
    fps: float
    camera: CameraRecord
    splits: list[str]
    ood_splits: list[str]
    headline: list[str]
    takes_actions: bool
    truth_variables: list[VariableRecord]
    scene: SceneRecord
    chosen: dict[str, str]  # program -> candidate id such as "dynamics-c1-r0"
    digests: dict[str, str]  # program -> SHA-256 of its source
    fit: FitRecord
    refined: bool  # the initial state was refined by fitting the rollout to the context
    refinement_note: str
    scales: dict[str, float]  # state variable -> perception's noise on the training clips
    matches: list[MatchRecord]
    published: list[PublishedRow]
    training_clips: list[str]
    held_out_clips: list[str]
    metrics: Splits
    problems: list[str] = Field(default_factory=list)  # data rows left out, replies not recorded, ...
    seconds: dict[str, float] = Field(default_factory=dict)


class TrajectoryRecord(Record):
    """values[frame][variable]; null where not observed. `start` is the clip's frame of values[0]."""

    names: list[str]
    start: int
    values: list[list[float | None]]


class StatesRecord(Record):
    """states.json of an episode, at times frame / fps."""

    fps: float
    truth: TrajectoryRecord  # the benchmark's variables
    estimated: TrajectoryRecord  # the program's variables, context frames
    predicted: TrajectoryRecord  # the program's variables, future frames
    compared: TrajectoryRecord  # predicted, in the truth's variables and units, by the matches
    actions: list[float] | None = None


class TrainingRecord(Record):
    clip: str
    perceived: TrajectoryRecord


class EpisodeRecord(Record):
    """episode.json: written last; an episode folder without it is not an entry."""

    format: int = FORMAT
    id: str
    benchmark: str
    split: str
    attributes: dict[str, float]
    context: int
    length: int
    metrics: dict[str, dict[str, float | None]]  # metric -> method -> value; null where undefined
    over_time: dict[str, list[float | None]]  # e.g. "psnr", "state.pole.angle": one value a predicted frame
    failure: FailureRecord | None = None  # a program failed on this episode: nothing was predicted
    counterfactuals: list[str]
    digests: dict[str, str]  # file -> SHA-256
    seconds: dict[str, float] = Field(default_factory=dict)


class Change(Record):
    """One `--set`: target is a parameter, a state variable or `actions`."""

    target: str
    operation: Literal["=", "*=", "+="]
    value: float
    frames: tuple[int, int] | None = None  # for actions: from, to (exclusive)

    def text(self) -> str:
        span = f"[{self.frames[0]}:{self.frames[1]}]" if self.frames else ""
        return f"{self.target}{span}{self.operation}{self.value:g}"


class CounterfactualRecord(Record):
    format: int = FORMAT
    benchmark: str
    episode: str
    slug: str
    changes: list[Change]
    because: str  # the affordance rule it was chosen from, or "asked for"
    start: int  # frame from which the change holds
    factual: TrajectoryRecord
    counterfactual: TrajectoryRecord
    parameters: dict[str, float]
    failure: FailureRecord | None = None


def trajectory_record(trajectory: Any, start: int) -> TrajectoryRecord:
    """A `proggen.states.Trajectory` whose first state belongs to frame `start`."""
    return TrajectoryRecord(
        names=list(trajectory.names),
        start=start,
        values=[[None if math.isnan(v) else float(v) for v in row] for row in trajectory.values],
    )
