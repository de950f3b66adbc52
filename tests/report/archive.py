"""A small archive made for these tests: plausible records, tiny GIFs, real programs. Text can be replaced."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from proggen.archive.files import digest, write_bytes, write_text
from proggen.archive.records import (
    AffordanceRule,
    BenchmarkRecord,
    CameraRecord,
    CandidateRecord,
    Change,
    CounterfactualRecord,
    EpisodeRecord,
    FailureRecord,
    FitRecord,
    MatchRecord,
    MetricValue,
    ParameterRecord,
    PublishedRow,
    Record,
    RunConfig,
    RunRecord,
    SandboxRecord,
    SceneObject,
    SceneRecord,
    ScoreRecord,
    StatesRecord,
    Summary,
    TrajectoryRecord,
    TranscriptRecord,
    VariableRecord,
)

Say = Callable[[str, str], str]  # (what the text is, the plausible text) -> the text to use
LENGTH, CONTEXT = 32, 3
SPLITS = ["in", "r_out", "v_out", "rv_out", "zero"]
METHODS = {"proggen": 1.0, "repeat_last": 40.0, "constant_velocity": 12.0, "nearest_clip": 25.0}

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


def gif(positions: list[float], panels: int = 1) -> bytes:
    frames = []
    for x in positions:
        image = Image.new("RGB", (64 * panels, 64), "white")
        for panel in range(panels):
            centre = 64 * panel + x * 6.4
            ImageDraw.Draw(image).ellipse((centre - 5, 27, centre + 5, 37), fill=(255, 0, 0))
        frames.append(image)
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)
    return file.getvalue()


def variables(say: Say) -> list[VariableRecord]:
    rows = [
        ("red_ball.x", "u", False),
        ("red_ball.y", "u", False),
        ("blue_ball.x", "u", False),
        ("blue_ball.y", "u", False),
        ("red_ball.r", "u", True),
        ("blue_ball.r", "u", True),
    ]
    return [
        VariableRecord(name=n, unit=say("unit", u), meaning=say("meaning", f"{n} of the ball"), constant=c)
        for n, u, c in rows
    ]


def metric_values(seed: int) -> dict[str, dict[str, dict[str, MetricValue]]]:
    draw = np.random.default_rng(seed)
    splits = {}
    for split in [*SPLITS, "ood", "all"]:
        metrics = {}
        for metric, size in (
            ("post_vel_error", 0.01),
            ("pre_vel_error", 0.008),
            ("vel_error_per_frame", 0.02),
            ("state.red_ball.x", 0.02),
            ("psnr", 0.0),
            ("ssim", 0.0),
        ):
            methods = {}
            for method, worse in METHODS.items():
                mean = {"psnr": 38 - 4 * math.log(worse), "ssim": 1 - 0.004 * worse}.get(metric, size * worse)
                mean *= draw.uniform(0.9, 1.1)
                methods[method] = MetricValue(mean=mean, ci95=(mean * 0.9, mean * 1.12), n=24)
            metrics[metric] = methods
        splits[split] = metrics
    return splits


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
                kind="moves", subject="red_ball", rule=say("rule", "keeps its speed until it is hit")
            ),
            AffordanceRule(
                kind="touches", subject="red_ball", object="blue_ball", rule="they bounce off each other"
            ),
        ],
    )


def fit(say: Say) -> FitRecord:
    return FitRecord(
        parameters=[
            ParameterRecord(
                name="restitution",
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
                identified=False,
            ),
        ],
        loss_initial=0.31,
        loss_fitted=0.0121,
        rollouts=412,
        starts=4,
        clips=[f"train-{i}" for i in range(10)],
    )


def benchmark_record(say: Say, name: str) -> BenchmarkRecord:
    names = [v.name for v in variables(say)]
    models = [f"DiT-{size}, {videos} videos" for size in "SBL" for videos in ("30K", "300K", "3M")]
    published = [
        PublishedRow(
            method=m,
            metric="vel_error_published",
            split=s,
            value=v + 0.002 * i,
            source="arXiv 2411.02385, Fig. 3",
        )
        for i, m in enumerate(models)
        for s, v in (("in", 0.015), ("ood", 0.15))
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
            units_per_pixel=10 / 255, unit="u", origin_column=0, origin_row=255, height=256, width=256
        ),
        splits=SPLITS,
        ood_splits=SPLITS[1:],
        headline=["pre_vel_error", "post_vel_error"],
        takes_actions=False,
        truth_variables=variables(plain),
        scene=scene(say),
        chosen={p: f"{p}-c0-r1" for p in PROGRAMS},
        digests={p: digest(s) for p, s in PROGRAMS.items()},
        fit=fit(say),
        refined=True,
        refinement_note=say("refinement", "fitted to the three given frames"),
        scales=dict.fromkeys(names, 0.01),
        matches=[
            MatchRecord(
                truth=n,
                truth_unit="u",
                variable=n if i < 5 else None,
                residual=0.0041 if i < 5 else None,
                note=say("note", "") if i < 5 else "no variable follows it",
            )
            for i, n in enumerate(names)
        ],
        published=published,
        training_clips=[f"train-{i}" for i in range(10)],
        held_out_clips=["train-8", "train-9"],
        metrics=metric_values(1),
        problems=[say("problem", "one row of the data file was left out")],
    )


def candidates(folder: Path, say: Say, name: str, programs: dict[str, str]) -> None:
    for program in ("scene", *PROGRAMS):
        for number, round_ in ((0, 0), (0, 1), (1, 0)):
            identifier = f"{program}-c{number}-r{round_}"
            failed = (number, round_) == (0, 0)
            source = '{"objects": []}' if program == "scene" else programs[program]
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
        finish_reason="stop",
        usage={"prompt_tokens": 2100, "completion_tokens": 900},
        seconds=31.5,
        recorded="2026-01-05T10:00:00Z",
        notes=[say("note", "prompt differs from the recorded one")],
    )
    save(place / "transcript.json", record)


def trajectory(speed: float, start: int, stop: int, wobble: float = 0.0) -> TrajectoryRecord:
    names = [v.name for v in variables(plain)]
    values: list[list[float | None]] = []
    for frame in range(start, stop):
        met = max(0, frame - 15)
        red, blue = 2 + speed * 0.1 * (frame - 1.7 * met), 8 - 0.1 * (frame - 1.9 * met)
        values.append([red + wobble * frame, 5.0, blue - wobble * frame, 5.0, 0.8, 1.1])
    return TrajectoryRecord(names=names, start=start, values=values)


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
                estimated=trajectory(speed, 0, CONTEXT, 0.002),
                predicted=compared,
                compared=compared,
            ),
        )
        xs = [float(row[0] or 0) for row in truth.values]
        for file, panels in (("truth.gif", 1), ("prediction.gif", 1), ("comparison.gif", 3)):
            write_bytes(place / file, gif(xs, panels))
    asked = ["no-restitution"] if number == 0 and not failed else []
    for change in asked:
        counterfactual(place, say, name, identifier, change)
    record = EpisodeRecord(
        id=identifier,
        benchmark=name,
        split=SPLITS[number % 5],
        attributes={"r1": 0.8, "r2": 1.1, "v1": speed, "v2": 1.0},
        context=CONTEXT,
        length=LENGTH,
        metrics={}
        if failed
        else {
            m: {k: 0.01 * w * (1 + number) for k, w in METHODS.items()}
            for m in ("post_vel_error", "pre_vel_error", "psnr")
        },
        over_time={}
        if failed
        else {
            "state.red_ball.x": [0.004 * f for f in range(3, 32)],
            "psnr": [40 - 0.3 * f for f in range(29)],
        },
        failure=FailureRecord(kind="timeout", message=say("error", "rollout took longer than 5 s"))
        if failed
        else None,
        counterfactuals=asked,
        digests={},
    )
    save(place / "episode.json", record)


def counterfactual(place: Path, say: Say, name: str, identifier: str, slug: str) -> None:
    record = CounterfactualRecord(
        benchmark=name,
        episode=identifier,
        slug=slug,
        changes=[Change(target=say("target", "restitution"), operation="=", value=0.2)],
        because=say("because", "the balls touch: how much speed does the impact keep?"),
        start=CONTEXT,
        factual=trajectory(1, CONTEXT, LENGTH),
        counterfactual=trajectory(0.6, CONTEXT, LENGTH),
        parameters={"restitution": 0.2, "gravity": 0.0},
    )
    save(place / "counterfactuals" / slug / "counterfactual.json", record)
    write_bytes(
        place / "counterfactuals" / slug / "counterfactual.gif", gif([2 + 0.1 * f for f in range(32)], 2)
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
    save(runs / run / "summary.json", Summary(benchmarks=dict.fromkeys(benchmarks, metric_values(1))))
    record = RunRecord(
        name=run,
        config=RunConfig(benchmarks=list(benchmarks), episodes=episodes, seed=42, llm="recorded"),
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
        failures={},
    )
    save(runs / run / "run.json", record)
    return runs / run
