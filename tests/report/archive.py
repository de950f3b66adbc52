"""A small archive made for these tests: plausible records, tiny GIFs, real programs. Text can be replaced."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from proggen.archive import media
from proggen.archive.files import digest, write_bytes, write_text
from proggen.archive.knowledge import (
    ConstantKnowledge,
    KnowledgeRecord,
    Mention,
    ParameterKnowledge,
    PlaceRecord,
    ReplyRemark,
    SharedConstant,
)
from proggen.archive.records import (
    AffordanceRule,
    BenchmarkRecord,
    Budgets,
    CameraRecord,
    CandidateRecord,
    Change,
    CombinationRecord,
    CounterfactualRecord,
    CurveRecord,
    CurvesRecord,
    Differences,
    EpisodeRecord,
    EstimationRecord,
    EstimationTrial,
    FailureRecord,
    FitRecord,
    MatchRecord,
    MetricValue,
    OverTimeRecord,
    PairedDifference,
    ParameterRecord,
    Record,
    ReferenceKind,
    ReferenceRow,
    RivalRecord,
    RunConfig,
    RunRecord,
    SandboxRecord,
    SceneObject,
    SceneRecord,
    ScoreRecord,
    SelectionTrial,
    SettingRecord,
    Splits,
    StatesRecord,
    StudiesRecord,
    StudyRecord,
    Summary,
    SweepRecord,
    SweepsRecord,
    TrajectoryRecord,
    TranscriptRecord,
    VariableRecord,
)
from proggen.clips import Frames

Say = Callable[[str, str], str]  # (what the text is, the plausible text) -> the text to use
LENGTH, CONTEXT, SIZE = 32, 3, 64  # frames, given frames, pixels
SPLITS = ["in", "r_out", "v_out", "rv_out", "zero"]
ABLATIONS = {"true_start": 0.3, "true_start_and_parameters": 0.1, "true_physics": 0.8, "true_states": 1.1}
METHODS = {"proggen": 1.0, "repeat_last": 40.0, "constant_velocity": 12.0, "nearest_clip": 25.0}
PARSED = {"proggen_parsed": 9.0, "parser_on_truth": 8.0}  # velocities read out of frames

PERCEPTION = '''"""Balls by colour: centre and radius from all pixels of a colour."""

import numpy as np


def perceive(frames, fps):
    states = []
    for frame in frames:
        red = (frame[..., 0] > 127) & (frame[..., 1] < 127)
        rows, columns = np.nonzero(red)
        states.append({"red_ball.x": float(columns.mean()) * 10 / 255, "red_ball.r": float(np.sqrt(red.sum() / np.pi))})
    return states
'''
DYNAMICS = '''"""Two balls that meet head-on; the mass grows with the square of the radius."""

PARAMS = {
    "restitution": {"init": 0.9, "low": 0.0, "high": 1.0, "unit": "", "meaning": "speed kept in an impact"},
    "gravity": {"init": 0.0, "low": -5.0, "high": 5.0, "unit": "u/s^2", "meaning": "pull downwards"},
}


def rollout(state, params, dt, n_steps, actions=None):
    states, now = [], dict(state)
    for _ in range(n_steps):
        now["red_ball.x"] += now["red_ball.vx"] * dt
        states.append(dict(now))
    return states
'''
RENDERING = """import numpy as np


def render(state, height, width):
    y, x = np.mgrid[:height, :width]
    frame = np.full((height, width, 3), 255, np.uint8)
    near = (x - state["red_ball.x"] * 25.5) ** 2 + (y - 128) ** 2 < (state["red_ball.r"] * 25.5) ** 2
    frame[near] = (255, 0, 0)
    return frame
"""
PROGRAMS = {"perception": PERCEPTION, "dynamics": DYNAMICS, "rendering": RENDERING}


def plain(_: str, text: str) -> str:
    return text


def save(path: Path, record: Record) -> None:
    write_text(path, record.model_dump_json())


def frames(positions: list[float]) -> Frames:
    """A red disc that moves along the middle."""
    drawn = []
    for x in positions:
        image = Image.new("RGB", (SIZE, SIZE), "white")
        ImageDraw.Draw(image).ellipse((x * 6.4 - 5, 27, x * 6.4 + 5, 37), fill=(255, 0, 0))
        drawn.append(np.asarray(image))
    return np.stack(drawn)


def pictures(true: list[float], predicted: list[float]) -> dict[str, bytes]:
    """Sheets, thumbnail and GIFs of an episode."""
    truth, shown = frames(true), frames(true[:CONTEXT] + predicted)
    panels = (truth, shown, media.difference(truth, shown))
    return {
        "truth.webp": media.sheet(truth),
        "prediction.webp": media.sheet(shown[CONTEXT:]),
        "thumbnail.webp": media.thumbnail(*panels),
        "truth.gif": media.gif(truth, 10.0),
        "prediction.gif": media.gif(shown, 10.0),
        "comparison.gif": media.gif(media.side_by_side(*panels), 10.0),
    }


def sweeps(say: Say, name: str, identifier: str) -> tuple[SweepsRecord, bytes]:
    """A slider over restitution that changes the red ball, one over gravity that changes nothing; a picture."""
    factual = trajectory(1, CONTEXT, LENGTH, say=say)
    values = [0.0, 0.5, 0.9987]
    futures = [[[row[0]] for row in trajectory(v, CONTEXT, LENGTH).values] for v in (0.2, 0.6, 1.0)]
    shown = list(range(4, LENGTH, 3))
    restitution = SweepRecord(
        target=say("parameter", "restitution"), kind="parameter", unit=say("unit", "1"),
        meaning=say("meaning", "speed kept in an impact"), because=say("because", "they bounce off each other"),
        values=list(values), factual=2, names=factual.names[:1], futures=[futures[0], None, futures[2]], pictures=True,
    )  # fmt: skip
    gravity = SweepRecord(
        target="gravity", kind="parameter", unit="u/s^2", meaning="pull downwards", because="", values=[0.0, 5.0],
        factual=0, names=[], futures=[[[] for _ in factual.values]] * 2,
    )  # fmt: skip
    rows = [
        np.concatenate(list(frames([float(f[i - CONTEXT][0] or 0) for i in shown])), axis=1) for f in futures
    ]
    record = SweepsRecord(
        benchmark=name, episode=identifier, factual=factual, shown=shown, sweeps=[restitution, gravity]
    )
    return record, media.lossy(np.concatenate(rows))


def variables(say: Say) -> list[VariableRecord]:
    rows = [
        ("red_ball.x", "u", False),
        ("red_ball.y", "u", False),
        ("blue_ball.x", "u", False),
        ("blue_ball.y", "u", False),
        ("red_ball.r", "u", True),
        ("blue_ball.r", "u", True),
    ]
    called = names(say)
    return [
        VariableRecord(name=m, unit=say("unit", u), meaning=say("meaning", f"{n} of the ball"), constant=c)
        for m, (n, u, c) in zip(called, rows, strict=True)
    ]


def names(say: Say) -> list[str]:
    """The program's variables; two of the same name would be one."""
    return [
        say("variable", "red_ball.x"),
        "red_ball.y",
        "blue_ball.x",
        "blue_ball.y",
        "red_ball.r",
        "blue_ball.r",
    ]


def metric_values(seed: int) -> dict[str, dict[str, dict[str, MetricValue]]]:
    draw = np.random.default_rng(seed)
    splits = {}
    for split in [*SPLITS, "ood", "all"]:
        metrics = {}
        for metric, size in (
            ("post_vel_error_per_frame", 0.015),
            ("post_vel_error", 0.01),
            ("pre_vel_error", 0.008),
            ("vel_error_per_frame", 0.02),
            ("state.red_ball.x", 0.02),
            ("psnr", 0.0),
            ("ssim", 0.0),
        ):
            methods = {}
            read = PARSED if "vel_error" in metric else {}
            for method, worse in (METHODS | read).items():
                mean = {"psnr": 38 - 4 * math.log(worse), "ssim": 1 - 0.004 * worse}.get(metric, size * worse)
                mean *= draw.uniform(0.9, 1.1)
                methods[method] = MetricValue(mean=mean, ci95=(mean * 0.9, mean * 1.12), n=24)
            metrics[metric] = methods
        splits[split] = metrics
    return splits


def budgets() -> Budgets:
    """Most of the velocity error after an impact is perception's."""
    sizes = {"total": 0.01, "perception": 0.007, "parameters": -0.001, "structure": 0.004, "physics": 0.008}
    errors = {p: MetricValue(mean=v, ci95=(v - 0.0005, v + 0.0005), n=24) for p, v in sizes.items()}
    drawn = {"total": 38.0, "limit": 41.5, "lost": 3.5}
    pixels = {p: MetricValue(mean=v, ci95=(v - 0.5, v + 0.5), n=24) for p, v in drawn.items()}
    return {s: {"post_vel_error": errors, "psnr": pixels} for s in (*SPLITS, "ood", "all")}


def scene(say: Say) -> SceneRecord:
    return SceneRecord(
        objects=[
            SceneObject(
                name=say("name", "red_ball"), looks=say("looks", "a red disc"), can=say("can", "move")
            ),
            SceneObject(name="blue_ball", looks="a blue disc", can="move, be hit"),
        ],
        variables=variables(say),
        rules=[
            AffordanceRule(
                kind="moves",
                subject=say("subject", "red_ball"),
                rule=say("rule", "keeps its speed until it is hit"),
            ),
            AffordanceRule(
                kind="touches",
                subject="red_ball",
                object=say("object", "blue_ball"),
                rule="they bounce off each other",
            ),
        ],
    )


def fit(say: Say) -> FitRecord:
    return FitRecord(
        parameters=[
            ParameterRecord(
                name=say("parameter", "restitution"),
                value=0.9987,
                init=0.9,
                low=0.0,
                high=1.0,
                unit=say("unit", ""),
                meaning=say("meaning", "speed kept in an impact"),
                std_error=0.002,
            ),
            ParameterRecord(
                name="gravity",
                value=0.0,
                init=0.0,
                low=-5.0,
                high=5.0,
                unit="u/s^2",
                meaning="pull downwards",
                status="untold",
            ),
        ],
        combinations=[
            CombinationRecord(
                text=say("combination", "gravity / radius"),
                value=1.2345,
                unit=say("unit", "1/s^2"),
                relative_std_error=0.0012,
            )
        ],
        loss_initial=0.31,
        loss_fitted=0.0121,
        rollouts=412,
        frames=6180,
        starts=4,
        clips=[say("clip", f"train-{i}") for i in range(10)],
    )


def knowledge(say: Say) -> KnowledgeRecord:
    """Restitution was learned, gravity is the model's; one reply names an engine, one came too fast."""
    place = PlaceRecord(program="perception", line=3, name=say("constant", "GRAVITY"), value=0.0)
    known = {
        p.name: ParameterKnowledge(
            name=p.name, unit=p.unit, start=p.init, value=p.value, half_width=None if p.name == "gravity" else 0.004,
            status=p.status, verdict="assumed" if p.name == "gravity" else "learned",
            reason="untold" if p.name == "gravity" else "moved",
            held=[place] if p.name == "gravity" else [],
        )
        for p in fit(say).parameters
    }  # fmt: skip
    return KnowledgeRecord(
        verdict="assumed",
        parameters=list(known.values()),
        constants=[
            ConstantKnowledge(
                name=say("true", "restitution"),
                value=1.0,
                unit=say("unit", "1"),
                parameter=say("parameter", "restitution"),
                start=0.9,
            ),
            ConstantKnowledge(name="gravity", value=0.0, unit="u/s^2", places=[place], equal=True),
        ],
        shared=[
            SharedConstant(dynamics=place.model_copy(update={"program": "dynamics"}), perception=place)
        ],
        mentions=[
            Mention(
                name=say("mention", "Box2D"), kind="engine", where=where, transcript="dynamics-c0-r1",
                program="dynamics", candidate=0, round=1, line=2, text=say("sentence", "As Box2D does."), prompted=told,
            )
            for where, told in (("comment", False), ("reply", True))
        ],
        replies=[
            ReplyRemark(
                transcript="dynamics-c1-r0", kind="repeated", characters=26_835, seconds=0.8, times=1661
            ),
            ReplyRemark(transcript="rendering-c1-r0", kind="copy", characters=4000, of="rendering-c0-r0"),
        ],
    )  # fmt: skip


def benchmark_record(say: Say, name: str) -> BenchmarkRecord:
    true, called = names(plain), names(say)
    models = [f"DiT-{size}, {videos} videos" for size in "SBL" for videos in ("30K", "300K", "3M")]
    after, figure = "post_vel_error_per_frame", "arXiv 2411.02385, Fig. 3"
    rows: list[tuple[str, str, str | None, float, str, ReferenceKind]] = [
        (m, after, s, v + 0.002 * i, figure, "model")
        for i, m in enumerate(models)
        for s, v in (("in", 0.015), ("ood", 0.15))
    ]
    rows += [
        ("true video after a VAE", after, None, 0.0131, "arXiv 2411.02385", "reconstruction"),
        ("true video", after, None, 0.0117, "arXiv 2411.02385, Table 3", "measurement"),
        ("released code", "post_vel_error", "in", 0.0684, "no publication", "code"),
        ("released code", "post_vel_error", "ood", 0.0586, "no publication", "code"),
    ]
    return BenchmarkRecord(
        benchmark=name,
        title=say("title", "Collision of two balls"),
        description=say(
            "description", "Two balls of different size move towards each other.\nThe camera is fixed."
        ),
        context=CONTEXT,
        fps=10.0,
        camera=CameraRecord(
            units_per_pixel=10 / 63, unit="u", origin_column=0, origin_row=63, height=SIZE, width=SIZE
        ),
        splits=SPLITS,
        ood_splits=SPLITS[1:],
        headline=["post_vel_error_per_frame", "post_vel_error", "pre_vel_error"],
        takes_actions=False,
        truth_variables=variables(plain),
        scene=scene(say),
        chosen={p: f"{p}-c0-r1" for p in PROGRAMS},
        digests={p: digest(s) for p, s in PROGRAMS.items()},
        fit=fit(say),
        fit_on_truth=fit(plain),
        estimation=EstimationRecord(
            way="dynamics",
            scales=dict.fromkeys(called, 0.01),
            trials=[
                EstimationTrial(way="perceived", share=1, psnr=41.2),
                EstimationTrial(way="dynamics", share=1, psnr=42.5),
            ],
        ),
        selection=[
            SelectionTrial(perception=f"perception-c{p}-r{1 - p}", dynamics="dynamics-c0-r1", start=s, psnr=v)
            for p, s, v in ((0, "perceived", 42.71), (0, "dynamics", 42.58), (1, "perceived", None))
        ],
        matches=[
            MatchRecord(
                truth=n,
                truth_unit="u",
                variable=called[i] if i < 5 else None,
                residual=0.0041 if i < 5 else None,
                note=say("match_note", "") if i < 5 else "no variable follows it",
            )
            for i, n in enumerate(true)
        ],
        references=[
            ReferenceRow(method=m, metric=e, split=s, value=v, source=t, kind=k) for m, e, s, v, t, k in rows
        ],
        smallest={"post_vel_error": 0.001, "pre_vel_error": 0.001, "psnr": 0.1, "ssim": 0.001},
        rival=RivalRecord(
            method="constant_velocity",
            values={"post_vel_error": {m: 0.01 * w for m, w in METHODS.items() if m != "proggen"}},
            clips=[say("clip", "train-8"), "train-9"],
        ),
        training_clips=[say("clip", f"train-{i}") for i in range(10)],
        held_out_clips=[say("clip", "train-8"), "train-9"],
        metrics=metric_values(1),
        differences=differences(metric_values(1)),
        budgets=budgets(),
        problems=[say("problem", "one row of the data file was left out")],
    )


def candidates(folder: Path, say: Say, name: str, programs: dict[str, str]) -> None:
    for program in ("scene", *PROGRAMS):
        for number, round_ in ((0, 0), (0, 1), (1, 0)):
            identifier = f"{program}-c{number}-r{round_}"
            failed = (number, round_) == (0, 0)
            source = '{"objects": []}' if program == "scene" else programs[program]
            if failed and program != "scene":
                source = f"# the first try\n{source}"
            write_transcript(folder, say, name, program, number, round_, source)
            suffix = "json" if program == "scene" else "py"
            write_text(folder / "candidates" / f"{identifier}.source.{suffix}", source)
            record = CandidateRecord(
                program=program,
                candidate=number,
                round=round_,
                status="failed" if failed else ("chosen" if number == 0 else "passed"),
                failure=FailureRecord(
                    kind="exception", message=say("error", "ZeroDivisionError: division by zero")
                )
                if failed
                else None,
                scores=[]
                if failed
                else [
                    ScoreRecord(
                        name="psnr",
                        value=38.2 - number,
                        unit="dB",
                        meaning=say("score", "frames against renderings"),
                    )
                ],
                digest=digest(source),
                findings=[say("finding", "imports numpy")],
                transcript=identifier,
                feedback=say("feedback", "Line 9 raised ZeroDivisionError.") if failed else None,
            )
            save(folder / "candidates" / f"{identifier}.json", record)


def write_transcript(
    folder: Path, say: Say, name: str, program: str, number: int, round_: int, source: str
) -> None:
    place = folder / "transcripts" / f"{program}-c{number}-r{round_}"
    prompt = say("prompt", f"# Write the {program} program\n\nThe video shows two balls.\n")
    reply = say("reply", f"Here is the program.\n\n```python\n{source}```\n")
    picture = io.BytesIO()
    Image.new("RGB", (96, 48), "white").save(picture, "PNG")
    write_bytes(place / "picture-0.png", picture.getvalue())
    write_text(place / "prompt.md", prompt)
    write_text(place / "reply.md", reply)
    record = TranscriptRecord(
        benchmark=name,
        program=program,
        candidate=number,
        round=round_,
        template=f"{program}.md.j2",
        template_digest="a" * 64,
        prompt_digest=digest(prompt),
        picture_digests=[digest(picture.getvalue())],
        picture_captions=[say("caption", "frames 0, 4, 8 of clip train-0")],
        source="recorded",
        model=say("model", "example-model-1"),
        finish_reason=say("finish_reason", "stop"),
        usage={say("usage", "prompt_tokens"): 2100, "completion_tokens": 900},
        seconds=31.5,
        recorded="2026-01-05T10:00:00Z",
        notes=[say("note", "prompt differs from the recorded one")],
    )
    save(place / "transcript.json", record)


def trajectory(
    speed: float, start: int, stop: int, wobble: float = 0.0, say: Say = plain
) -> TrajectoryRecord:
    values: list[list[float | None]] = []
    for frame in range(start, stop):
        met = max(0, frame - 15)
        red, blue = 2 + speed * 0.1 * (frame - 1.7 * met), 8 - 0.1 * (frame - 1.9 * met)
        values.append([red + wobble * frame, 5.0, blue - wobble * frame, 5.0, 0.8, 1.1])
    return TrajectoryRecord(names=names(say), start=start, values=values)


def episode(folder: Path, say: Say, name: str, number: int, *, failed: bool = False) -> None:
    identifier = f"{number:05d}-{SPLITS[number % 5]}"
    place = folder / "episodes" / identifier
    speed = 1 + 0.2 * number
    truth, compared = trajectory(speed, 0, LENGTH), trajectory(speed, CONTEXT, LENGTH, wobble=0.004)
    if not failed:
        save(
            place / "states.json",
            StatesRecord(
                fps=10.0,
                truth=truth,
                estimated=trajectory(speed, 0, CONTEXT, 0.002, say),
                predicted=trajectory(speed, CONTEXT, LENGTH, 0.004, say),
                compared=compared,
            ),
        )
        true, guessed = ([float(row[0] or 0) for row in states.values] for states in (truth, compared))
        for file, data in pictures(true, guessed).items():
            write_bytes(place / file, data)
    if number == 0 and not failed:
        swept, picture = sweeps(say, name, identifier)
        save(place / "sweeps.json", swept)
        write_bytes(place / "sweep-0.webp", picture)
    asked = ["no-restitution"] if number == 0 and not failed else []
    for change in asked:
        counterfactual(place, say, name, identifier, change)
    record = EpisodeRecord(
        id=identifier,
        benchmark=name,
        split=SPLITS[number % 5],
        attributes={say("attribute", "r1"): 0.8, "r2": 1.1, "v1": speed, "v2": 1.0},
        context=CONTEXT,
        length=LENGTH,
        metrics={}
        if failed
        else {
            m: {k: 0.01 * w * (1 + number) for k, w in {**METHODS, **ABLATIONS}.items()}
            for m in ("post_vel_error", "pre_vel_error", "psnr")
        },
        failure=FailureRecord(kind="timeout", message=say("error", "rollout took longer than 5 s"))
        if failed
        else None,
        counterfactuals=asked,
        digests={},
    )
    save(place / "over_time.json", OverTimeRecord(values={} if failed else over_time()))
    save(place / "episode.json", record)


def over_time() -> dict[str, dict[str, list[float | None]]]:
    """Errors that grow from frame to frame, in proportion to a method's factor."""
    frames = range(CONTEXT, LENGTH)
    return {
        "state.red_ball.x": {m: [0.004 * f * w for f in frames] for m, w in METHODS.items()},
        "psnr": {m: [43 - 0.3 * f - 0.2 * w for f in frames] for m, w in METHODS.items()},
    }


def curves() -> CurvesRecord:
    def curve(values: list[float | None]) -> CurveRecord:
        low, high = ([v and v * w for v in values] for w in (0.9, 1.1))
        return CurveRecord(start=CONTEXT, mean=values, low=low, high=high, n=[24] * len(values))

    rows = {n: {m: curve(v) for m, v in methods.items()} for n, methods in over_time().items()}
    return CurvesRecord(curves={"in": rows, "ood": rows})


def differences(metrics: Splits) -> Differences:
    """Clear gains over every baseline but the nearest clip, which draws level."""
    found: Differences = {}
    for split, rows in metrics.items():
        for metric, methods in rows.items():
            ours, sign = methods["proggen"].mean, -1 if metric in ("psnr", "ssim") else 1
            for method, value in methods.items():
                gain = sign * (value.mean - ours)
                low = -gain if method == "nearest_clip" else 0.8 * gain
                if method != "proggen" and method not in PARSED:
                    found.setdefault(split, {}).setdefault(metric, {})[method] = PairedDifference(
                        mean=gain, ci95=(low, 1.2 * gain), wins=0.9, ties=0, n=24
                    )
    return found


def study(say: Say) -> StudyRecord:
    """Three settings: as good as the run with five clips, clearly worse with one, nothing with two."""

    def setting(name: str, clips: int, restitution: float) -> SettingRecord:
        return SettingRecord(
            name=name,
            clips=clips,
            candidates=2,
            rounds=2,
            chosen={"dynamics": "dynamics-c0-r0"},
            parameters={say("parameter", "restitution"): restitution},
        )

    failed = setting("clips-2", 2, 0.9)
    failed.failure = say("failure", "No dynamics works.")
    means = {"proggen": 0.01, "clips-1": 0.05, "clips-5": 0.01}
    values = {n: MetricValue(mean=v, ci95=(0.8 * v, 1.2 * v), n=24) for n, v in means.items()}
    gains = {
        n: PairedDifference(mean=means[n] - 0.01, ci95=(low, 0.06), wins=0.9, ties=0, n=24)
        for n, low in (("clips-1", 0.03), ("clips-5", -0.01))
    }
    return StudyRecord(
        settings=[
            setting("proggen", 10, 1.0),
            setting("clips-1", 1, 0.8),
            failed,
            setting("clips-5", 5, 1.0),
        ],
        metrics={pool: {"post_vel_error": dict(values)} for pool in ("in", "ood", "all")},
        differences={pool: {"post_vel_error": dict(gains)} for pool in ("in", "ood", "all")},
    )


def counterfactual(place: Path, say: Say, name: str, identifier: str, slug: str) -> None:
    record = CounterfactualRecord(
        benchmark=name,
        episode=identifier,
        slug=slug,
        changes=[Change(target=say("parameter", "restitution"), operation="=", value=0.2)],
        because=say("because", "the balls touch: how much speed does the impact keep?"),
        start=CONTEXT,
        factual=trajectory(1, CONTEXT, LENGTH, say=say),
        counterfactual=trajectory(0.6, CONTEXT, LENGTH, say=say),
        parameters={say("parameter", "restitution"): 0.2, "gravity": 0.0},
    )
    save(place / "counterfactuals" / slug / "counterfactual.json", record)
    write_bytes(
        place / "counterfactuals" / slug / "counterfactual.gif",
        media.gif(media.side_by_side(*[frames([2 + 0.1 * f for f in range(32)])] * 2), 10.0),
    )


def make_run(
    runs: Path,
    run: str = "demo",
    *,
    say: Say = plain,
    episodes: int = 5,
    created: str = "2026-02-01T12:00:00+00:00",
    benchmarks: tuple[str, ...] = ("phyworld/collision",),
    programs: dict[str, str] = PROGRAMS,
    failures: dict[str, str] | None = None,
) -> Path:
    """A finished run under `runs`; the last episode of each benchmark has failed."""
    for name in benchmarks:
        folder = runs / run / name
        for program, source in programs.items():
            write_text(folder / "programs" / f"{program}.py", source)
        candidates(folder, say, name, programs)
        for number in range(episodes):
            episode(folder, say, name, number, failed=number == episodes - 1 and episodes > 1)
        save(folder / "benchmark.json", benchmark_record(say, name))
        save(folder / "curves.json", curves())
        save(folder / "knowledge.json", knowledge(say))
        save(folder / "studies.json", StudiesRecord(episodes=["a"] * 24, clips=study(say), choice=study(say)))
    save(runs / run / "summary.json", Summary(benchmarks=dict.fromkeys(benchmarks, metric_values(1))))
    data = say("data", "") or None
    record = RunRecord(
        name=run,
        config=RunConfig(
            benchmarks=list(benchmarks), episodes=episodes, seed=42, llm=say("llm", "recorded"), data=data
        ),
        command=say(
            "command", f"proggen run-all --episodes {episodes} --seed 42 --llm recorded --name {run}"
        ),
        created=created,
        finished="2026-02-01T12:03:20+00:00",
        versions={"python": "3.11.9", "numpy": say("version", "2.4.0")},
        sandbox=SandboxRecord(
            level="process", layers=["separate process"], open=[say("open", "files of the same user")]
        ),
        seconds={"synthesis": 40.2, "episodes": 95.0},
        failures=failures or {},
    )
    save(runs / run / "run.json", record)
    return runs / run
