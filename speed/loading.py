"""Training clips and episodes of an archived run, loaded again."""

from __future__ import annotations

from collections.abc import Iterator

from proggen import benchmarks
from proggen.archive.records import RunConfig
from proggen.archive.store import BenchmarkRun
from proggen.benchmarks.base import DataOptions, Episode, EpisodeKey
from proggen.inference.estimate import perceive_context
from proggen.inference.fit import PerceivedClip
from proggen.run.learning import trajectory
from proggen.run.runner import training_clips
from proggen.sandbox import Sandbox
from proggen.world import WorldProgram


def data_options(config: RunConfig) -> DataOptions:
    """DataOptions of a run on generated data; published files are not looked for again."""
    return DataOptions(config.seed, None, None, config.lossless, config.impacts)


def perceived_clips(
    sandbox: Sandbox, world: WorldProgram, done: BenchmarkRun, config: RunConfig
) -> list[PerceivedClip]:
    """The training clips with the states that the fit saw."""
    states = {t.clip: trajectory(t.perceived) for t in done.training()}
    benchmark = benchmarks.get(done.record.benchmark)
    episodes = training_clips(benchmark, data_options(config), config.training_clips).episodes
    return [
        PerceivedClip(e.clip, perceive_context(sandbox, world, e.clip), states[e.clip.name])
        for e in episodes
        if e.clip.name in states
    ]


def evaluation_episodes(done: BenchmarkRun, config: RunConfig, count: int) -> Iterator[Episode]:
    """The first episodes of the archive."""
    source = benchmarks.get(done.record.benchmark).evaluation(data_options(config))
    for entry in done.episodes()[:count]:
        yield source.load(EpisodeKey(entry.record.id, entry.record.split))
