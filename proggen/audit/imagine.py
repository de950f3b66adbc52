"""Counterfactuals of archived episodes, asked for by a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .. import benchmarks
from ..archive import Run, writer
from ..archive.records import RunRecord
from ..archive.store import BenchmarkRun
from ..benchmarks.base import DataOptions, Episode, EpisodeKey
from ..errors import ArchiveError, ProgramFailure, UsageError
from ..inference import JOBS
from ..inference.counterfactual import parse_change
from ..run.episodes import counterfactual as imagine_one
from ..run.episodes import predict_clip
from ..run.settings import file_identity
from ..sandbox import Sandbox
from ..world import WorldProgram


def counterfactual(
    run: Run, episode: str, changes: Sequence[str], *, data: Path | None = None, unsafe: bool = False
) -> Path:
    """Predict an archived episode again with changes such as `gravity=0` or `red_ball.vx*=2`.

    data: the published file the run's episodes came from, if they came from one. Returns the folder of the
    new entry, below the episode's. UsageError for an unknown episode or name.
    """
    parsed = [parse_change(text) for text in changes]
    benchmark, entry = run.find(episode)
    loaded = load_episode(run.record, benchmark, EpisodeKey(entry.record.id, entry.record.split), data)
    world = WorldProgram.from_archive(benchmark)
    with Sandbox(JOBS, unsafe=unsafe) as sandbox:
        try:
            factual = predict_clip(sandbox, world, loaded.clip)
        except ProgramFailure as failure:
            raise UsageError(
                f"The programs fail on {episode} itself ({failure.kind}): choose another."
            ) from None
        record, picture = imagine_one(
            sandbox, world, benchmark.record.benchmark, loaded.clip, factual, parsed, "asked for"
        )
    if record.failure is not None:
        raise UsageError(
            f"The dynamics program fails with these changes ({record.failure.message}): ask for a smaller one."
        )
    return writer.write_counterfactual(entry.path, record, picture)


def load_episode(record: RunRecord, benchmark: BenchmarkRun, key: EpisodeKey, data: Path | None) -> Episode:
    """The episode's clip and truth, made or read again as the run did."""
    return benchmarks.get(benchmark.record.benchmark).evaluation(data_options(record, data)).load(key)


def data_options(record: RunRecord, data: Path | None, train_data: Path | None = None) -> DataOptions:
    """ArchiveError if the run's episodes came from a file and `data` is not that file."""
    config = record.config
    for option, archived, given in (
        ("--data", config.data, data),
        ("--train-data", config.train_data, train_data),
    ):
        if given is None and option == "--train-data":
            continue
        if archived != file_identity(given):
            raise ArchiveError(
                f"This run was made with {archived or 'generated clips'}: give that with {option}."
            )
    return DataOptions(config.seed, data, train_data, config.lossless, config.impacts)
