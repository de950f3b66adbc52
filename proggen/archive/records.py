"""What stands in an archive, as types. Every file that is JSON is one of these records.

runs/<run>/
  run.json                          RunRecord
  summary.json                      Summary
  <benchmark>/                      e.g. phyworld/collision
    benchmark.json                  BenchmarkRecord: scene, programs, fit, matches, metrics of every split
    curves.json                     CurvesRecord: errors over the predicted frames, pooled
    knowledge.json                  KnowledgeRecord (see `knowledge`): what the model knew before any clip
    studies.json                    StudiesRecord: fewer clips, candidates and rounds; added by `proggen study`
    programs/{perception,dynamics,rendering}.py
    candidates/<program>-c0-r1.source.py   (scene: .source.json; absent if the reply held none)
    candidates/<program>-c0-r1.json CandidateRecord
    transcripts/<program>-c0-r1/    transcript.json (TranscriptRecord), prompt.md, reply.md, picture-K.png
    training/<clip>.json            TrainingRecord: perceived states of a training clip
    episodes/<id>/
      episode.json                  EpisodeRecord: metrics and digests of the files beside it
      states.json                   StatesRecord: truth, estimated, predicted
      over_time.json                OverTimeRecord: errors of every method in every predicted frame
      features.json                 FeaturesRecord: what FVD is made of, if it was asked for
      truth.webp prediction.webp      exact frames, all and predicted ones, see `media.sheet`
      thumbnail.webp                  the middle frame: truth, prediction, difference
      truth.gif prediction.gif comparison.gif
      sweeps.json sweep-K.webp        SweepsRecord: counterfactuals over ranges of values, of some episodes
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

Verdict = Literal["better", "worse", "mixed", "equal", "unclear", "few"]
FEWEST = 6  # episodes; of fewer, even a win in each can be chance (sign test: two-sided p = 2 / 2^5 > 0.05)


class PairedDifference(Record):
    """How much better our method is than a baseline on the same episodes; positive speaks for ours.

    The gain of an episode is baseline - ours, or ours - baseline where higher values are better (PSNR, SSIM).
    """

    mean: float  # of the gains, in the metric's unit
    ci95: tuple[float, float]  # bootstrap over episodes
    wins: float  # share of the episodes in which ours is better, a tie counting half
    ties: int  # episodes in which the gain is no larger than `smallest`
    n: int  # episodes in which both are finite
    smallest: float = 0.0  # effect that matters, in the metric's unit, see evaluation/effects

    @property
    def verdict(self) -> Verdict:
        """What may be said of our method: no more than interval, size and number of episodes bear.

        "better" and "worse" where the whole interval lies beyond the smallest effect that matters, "equal"
        where it lies within it on both sides, "unclear" otherwise. "mixed" where the mean is clearly on one
        side and most episodes are on the other: a few large errors decide the mean. "few" where there are too
        few episodes to say anything.
        """
        low, high = self.ci95
        if self.n < FEWEST:
            return "few"
        if -self.smallest <= low and high <= self.smallest:
            return "equal"
        if low <= self.smallest and high >= -self.smallest:
            return "unclear"
        if (self.mean > 0) != (self.wins >= 0.5):
            return "mixed"
        return "better" if self.mean > 0 else "worse"


Differences = dict[str, dict[str, dict[str, PairedDifference]]]  # split -> metric -> baseline -> difference


# split -> metric -> part of the error (see evaluation/budget) -> value, over episodes that have all main parts
Budgets = dict[str, dict[str, dict[str, MetricValue]]]


class CurveRecord(Record):
    """Mean over episodes of an error in each predicted frame, `start` being the clip's frame of the first.

    Numbers have six significant digits. A frame counts that at least half of the episodes reach; null where
    no episode has a finite value.
    """

    start: int
    mean: list[float | None]
    low: list[float | None]  # 95 % bootstrap interval
    high: list[float | None]
    n: list[int]  # episodes with a finite value


class CurvesRecord(Record):
    """curves.json: pool (`in`, `ood`) -> metric -> method -> curve."""

    curves: dict[str, dict[str, dict[str, CurveRecord]]] = Field(default_factory=dict)


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
    impacts: Literal["elastic", "box2d-default"] = "box2d-default"  # of runs made before there was a choice
    data: str | None = None  # file name and SHA-256 of a published file, if one was given
    train_data: str | None = None
    perceptual: bool = False  # LPIPS and FVD were asked for
    training_clips: int = 10
    candidates: int = 2
    rounds: int = 2
    baselines: list[str] = Field(default_factory=list)


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


Status = Literal["identified", "untold", "at_bound", "narrowed", "held", "exact"]

STATUS: dict[Status, str] = {
    "identified": "identified",
    "untold": "not identified",
    "at_bound": "at a bound: the best value may lie beyond it",
    "narrowed": "identified only among the values that the model left after it narrowed the range",
    "held": "cannot be judged: perception holds its value",
    "exact": "cannot be judged: perception assumes it",
}


class RangeRecord(Record):
    """The values that a parameter may have: low to high, with a step only low + k * step."""

    low: float
    high: float
    step: float | None = None


class ParameterRecord(Record):
    """A fitted parameter. `status`: whether the training clips tell its value, by the rule in inference/fit."""

    name: str
    value: float
    init: float
    low: float
    high: float
    unit: str
    meaning: str
    step: float | None = None  # of a parameter that has the values low + k * step only
    std_error: float | None = None
    status: Status = "identified"
    at_bound: bool = False
    # values that an earlier round of the same candidate allowed, if this declaration leaves some of them out
    narrowed_from: RangeRecord | None = None

    @property
    def identified(self) -> bool:
        return self.status == "identified"

    @property
    def told(self) -> str:
        """The status in words."""
        return STATUS[self.status]


class CombinationRecord(Record):
    """A ratio or product of two parameters that the training clips tell much better than each of the two."""

    text: str  # "gravity / pole_half_length"
    value: float
    unit: str  # empty if it can't be derived
    relative_std_error: float


class FitRecord(Record):
    parameters: list[ParameterRecord]
    combinations: list[CombinationRecord] = Field(default_factory=list)
    loss_initial: float
    loss_fitted: float
    rollouts: int  # calls of the program's `rollout` by the searches
    frames: int = 0  # simulated by them
    starts: int
    clips: list[str]
    exact: bool = False  # the states obey the program to rounding: there is no noise to judge parameters by

    def values(self) -> dict[str, float]:
        return {p.name: p.value for p in self.parameters}


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
    fit: FitRecord | None = None  # of a dynamics program: the fit without the clips held out


EstimationWay = Literal["perceived", "dynamics", "pixels"]


class EstimationTrial(Record):
    """A way to estimate and how good predictions from it are: PSNR of frames predicted on training clips, dB."""

    way: EstimationWay
    share: float
    psnr: float


class EstimationRecord(Record):
    """How the states of the context are estimated, the last of which starts a prediction.

    "perceived": as perception says. "dynamics": the rollout nearest to the perceived states. "pixels": the
    rollout whose drawn frames are nearest to the given ones, or a part of the way there from perception.
    """

    way: EstimationWay = "perceived"
    share: float = 1.0  # of the way from the perceived states to those that fit the pixels
    scales: dict[str, float] = Field(default_factory=dict)  # variable -> perception's noise, its unit
    steps: dict[str, float] = Field(default_factory=dict)  # variable -> change for derivatives, its unit
    drawn: list[str] = Field(default_factory=list)  # variables whose value shows in their own frame
    trials: list[EstimationTrial] = Field(default_factory=list)


class SelectionTrial(Record):
    """A perception with a dynamics program, the latter fitted without the clips held out.

    `psnr`: dB, of frames that they predict on these clips, drawn by the chosen rendering; null if a program
    failed there. `start`: whether predictions started as perceived or from the rollout nearest to it.
    """

    perception: str  # candidate id such as "perception-c1-r0"
    dynamics: str
    start: Literal["perceived", "dynamics"]
    psnr: float | None


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


ReferenceKind = Literal["model", "reconstruction", "measurement", "code"]


class RivalRecord(Record):
    """The baseline that ours is compared with, chosen on training clips before any episode was predicted.

    Baselines learned from the other training clips predicted the clips held out. `values`: metric -> baseline
    -> mean over these clips, for the metrics that were looked at, the deciding one first, see baselines/rival.
    """

    method: str
    values: dict[str, dict[str, float]]
    clips: list[str]  # those predicted


class ReferenceRow(Record):
    """A number that this run did not measure, to stand beside those that it did, under the same metric.

    kind: published errors of a "model" that predicts, of true videos after "reconstruction" by a model's
    autoencoder, and of the "measurement" itself on true videos; "code": somebody's released code, run and measured
    on generated videos, which is nobody's published result.
    """

    method: str
    metric: str
    split: str | None  # None: its source names none
    value: float  # in the metric's unit
    source: str
    kind: ReferenceKind


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
    fit_on_truth: FitRecord | None = None  # the same program fitted to true states, for the budgets alone
    estimation: EstimationRecord
    selection: list[SelectionTrial] = Field(default_factory=list)  # best first; its first pair was chosen
    matches: list[MatchRecord]
    references: list[ReferenceRow] = Field(default_factory=list)  # numbers from elsewhere
    smallest: dict[str, float] = Field(default_factory=dict)  # metric -> effect that matters, its unit
    rival: RivalRecord | None = None  # None where no baseline could be chosen on training clips
    training_clips: list[str]
    held_out_clips: list[str]
    metrics: Splits
    differences: Differences = Field(default_factory=dict)  # our method against each baseline
    fvd: dict[str, dict[str, FvdRecord]] = Field(default_factory=dict)  # split -> method, if it was asked for
    budgets: Budgets = Field(default_factory=dict)  # where our error comes from
    problems: list[str] = Field(default_factory=list)  # data rows left out, replies not recorded, ...
    seconds: dict[str, float] = Field(default_factory=dict)


class FvdRecord(Record):
    """Fréchet video distance of n predicted videos to the n true ones; biased upwards where n is small."""

    value: float
    n: int


class FeaturesRecord(Record):
    """features.json of an episode: method, or `truth` -> I3D features of the future frames, six digits."""

    features: dict[str, list[float | None]]


class SettingRecord(Record):
    """One setting of a study. The run's own is called "proggen"; what was not varied is the run's."""

    name: str  # its key in the study's metrics
    clips: int  # training clips that the parameters were fitted on
    candidates: int
    rounds: int
    chosen: dict[str, str]  # program -> candidate id
    parameters: dict[str, float]
    held_out_psnr: float | None = (
        None  # dB, of frames predicted on the clips held out: what the choice goes by
    )
    failure: str | None = None  # why there are no metrics


class StudyRecord(Record):
    """Settings pooled like methods; the differences are gains of the run's own setting over the others."""

    settings: list[SettingRecord]
    metrics: Splits
    differences: Differences


class StudiesRecord(Record):
    """studies.json, added by `proggen study`."""

    format: int = FORMAT
    episodes: list[str]
    clips: StudyRecord | None  # fits on fewer training clips
    choice: StudyRecord | None  # choices from fewer candidates and repair rounds


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


class OverTimeRecord(Record):
    """over_time.json: metric -> method -> a value a predicted frame, six digits; null where undefined.

    Metrics are `psnr`, `ssim` (our method alone) and the state errors, such as `state.pole.angle`. Pictures have
    a row `true_states` too: the true motion drawn by our program, which no prediction can be asked to exceed.
    """

    values: dict[str, dict[str, list[float | None]]] = Field(default_factory=dict)


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


class SweepRecord(Record):
    """One parameter, variable or the actions over several values, all else as in the factual prediction."""

    target: str
    kind: Literal["parameter", "state", "actions"]
    unit: str
    meaning: str
    because: str  # the affordance rule that speaks of it, "" if none does
    values: list[float | None]  # ascending; null are actions as given
    factual: int  # index of the value that the factual prediction has
    names: list[str]  # variables that another value changes
    futures: list[list[list[float | None]] | None]  # [value][frame][variable]; null where a program failed
    pictures: bool = False  # whether sweep-K.webp shows it, K being the place in `SweepsRecord.sweeps`


class SweepsRecord(Record):
    """sweeps.json: what-if questions worked out beforehand; numbers have six significant digits.

    sweep-K.webp has a row for each value and a column for each of `shown`, frames of the clip.
    """

    format: int = FORMAT
    benchmark: str
    episode: str
    factual: TrajectoryRecord
    shown: list[int]
    sweeps: list[SweepRecord]


def trajectory_record(trajectory: Any, start: int) -> TrajectoryRecord:
    """A `proggen.states.Trajectory` whose first state belongs to frame `start`."""
    return TrajectoryRecord(
        names=list(trajectory.names),
        start=start,
        values=[[None if math.isnan(v) else float(v) for v in row] for row in trajectory.values],
    )
