"""Where the time of a run goes: each stage of an episode, and learning, beside decoding the clip's video."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, TypeVar

from proggen import benchmarks
from proggen.archive import media
from proggen.archive.records import RunConfig
from proggen.archive.store import BenchmarkRun
from proggen.benchmarks import video
from proggen.benchmarks.base import Episode
from proggen.evaluation.methods import OURS
from proggen.evaluation.scoring import Forecast, score_episode
from proggen.inference.estimate import estimate, perceive_context
from proggen.inference.predict import predict, render
from proggen.numbers import exact, fixed
from proggen.run.episodes import beginning, picture
from proggen.sandbox import Sandbox
from proggen.world import WorldProgram

from .loading import evaluation_episodes

T = TypeVar("T")
STAGES = ("perceive", "estimate", "predict", "render", "score", "media")


def shares(sandbox: Sandbox, done: BenchmarkRun, config: RunConfig, *, count: int) -> dict[str, Any]:
    """Shares of an episode's time by stage, per-frame costs over decoding, learning in episodes."""
    world = WorldProgram.from_archive(done)
    clocks = [_Clock() for _ in range(count)]
    for clock, episode in zip(clocks, evaluation_episodes(done, config, count), strict=False):
        _one(clock, sandbox, world, done, episode)
    seconds = {n: statistics.median(c.seconds[n] for c in clocks if c.seconds) for n in (*STAGES, "decode")}
    whole = sum(seconds[n] for n in STAGES)
    context, length = done.record.context, done.episodes()[0].record.length
    decode = seconds["decode"] / length
    return {
        "shares": {n: round(seconds[n] / whole, 3) for n in STAGES},
        "over_decoding": {
            "perceive": round(seconds["perceive"] / context / decode, 2),
            "render": round(seconds["render"] / (length - context) / decode, 2),
            "episode": round(whole / length / decode, 2),
        },
        "learning_in_episodes": round(done.record.seconds["learn"] / whole, 1),
    }


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, stage: str, work: Callable[[], T]) -> T:
        start = time.perf_counter()
        result = work()
        self.seconds[stage] = time.perf_counter() - start
        return result


def _one(clock: _Clock, sandbox: Sandbox, world: WorldProgram, done: BenchmarkRun, episode: Episode) -> None:
    """Our method alone on one episode: neither baselines nor counterfactuals."""
    clip, info = episode.clip, benchmarks.get(done.record.benchmark).info
    packed = video.encode(clip.frames, clip.fps)
    clock.time("decode", lambda: video.decode(packed))
    perceived = clock.time("perceive", lambda: perceive_context(sandbox, world, clip))
    estimated = clock.time("estimate", lambda: estimate(sandbox, world, clip.head(world.context), perceived))
    start = beginning(world, clip, estimated)
    future = clock.time(
        "predict", lambda: predict(sandbox, world, start.state, start.n_steps, start.dt, start.actions)
    )
    frames = clock.time("render", lambda: render(sandbox, world, future, clip.height, clip.width))
    forecasts = {OURS: Forecast(estimated.then(future), frames)}
    clock.time("score", lambda: score_episode(info, episode, done.record.matches, forecasts))

    def draw() -> None:
        shown = picture(clip, frames, world.context)
        for part in (clip.frames, shown, media.difference(clip.frames, shown)):
            media.sheet(part)
            media.gif(part, clip.fps)

    clock.time("media", draw)


def tables(found: dict[str, Any]) -> list[str]:
    lines = [
        "Stages: share of an episode's time (our method alone); a frame's cost over decoding one from H.264; "
        "learning from recorded replies, in episodes",
        "",
        f"| benchmark | {' | '.join(STAGES)} | perceive / decode | render / decode | episode / decode | learning |",
        f"|---{'|---' * (len(STAGES) + 4)}|",
    ]
    for name, row in found["stages"].items():
        cells = [f"{fixed(100 * row['shares'][s], 0)} %" for s in STAGES]
        cells += [exact(row["over_decoding"][k]) for k in ("perceive", "render", "episode")]
        lines.append(f"| {name} | {' | '.join(cells)} | {exact(row['learning_in_episodes'])} |")
    return lines
