"""What a run is asked to do, in one place for the command line and the Python API."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from .. import benchmarks
from ..archive.records import RunConfig
from ..benchmarks.base import IMPACTS, DataOptions, Impacts
from ..errors import UsageError
from ..evaluation import baselines

PUBLISHED_SEED = 42
DEFAULT_EPISODES = 24


def default_jobs() -> int:
    return min(os.cpu_count() or 1, 8)


@dataclass(frozen=True)
class Settings:
    """A run's settings; see `proggen run-all --help` for each.

    episodes: per benchmark, spread over its splits; None runs all.
    llm: "recorded", or "openai:MODEL" for any OpenAI-compatible endpoint.
    impacts: how slow balls of PhyWorld collide, "elastic" or "box2d-default".
    perceptual: compute LPIPS and FVD too, with the networks that are on this machine.
    baselines: names out of `proggen.evaluation.baselines.BASELINES`.
    """

    benchmarks: tuple[str, ...] = ()
    episodes: int | None = DEFAULT_EPISODES
    seed: int = PUBLISHED_SEED
    llm: str = "recorded"
    runs: Path = Path("runs")
    name: str | None = None
    jobs: int = field(default_factory=default_jobs)
    data: Path | None = None
    train_data: Path | None = None
    lossless: bool = False
    impacts: Impacts = DataOptions.impacts
    recordings: Path | None = None
    candidates: int = 2
    rounds: int = 2
    baselines: tuple[str, ...] = baselines.QUICK
    perceptual: bool = False
    timeout: float = 1800.0
    retries: int = 3
    unsafe: bool = False

    def __post_init__(self) -> None:
        if self.episodes is not None and self.episodes < 1:
            raise UsageError("--episodes must be at least 1, or 'all'.")
        if self.jobs < 1:
            raise UsageError("--jobs must be at least 1.")
        if self.impacts not in IMPACTS:
            raise UsageError(f"--impacts must be {' or '.join(IMPACTS)}, not '{self.impacts}'.")
        if self.name is not None and (not self.name.strip(".") or "/" in self.name or "\\" in self.name):
            raise UsageError(f"'{self.name}' can't be a run's name: use letters, digits, '-' and '_'.")
        object.__setattr__(self, "baselines", baselines.checked(self.baselines))
        if (self.data or self.train_data) and len(self.names()) != 1:
            raise UsageError(
                "--data and --train-data hold the videos of one benchmark: name that one alone, "
                "as in 'proggen run phyworld/collision --data FILE'."
            )

    def names(self) -> list[str]:
        """The benchmarks asked for, all if none was named; UsageError for an unknown one."""
        return [benchmarks.get(n).info.name for n in self.benchmarks] or benchmarks.names()

    def options(self) -> DataOptions:
        return DataOptions(self.seed, self.data, self.train_data, self.lossless, self.impacts)

    def config(self) -> RunConfig:
        """What decides the numbers, as archived."""
        return RunConfig(
            benchmarks=self.names(),
            episodes=self.episodes,
            seed=self.seed,
            llm=self.llm,
            lossless=self.lossless,
            impacts=self.impacts,
            data=file_identity(self.data),
            train_data=file_identity(self.train_data),
            candidates=self.candidates,
            rounds=self.rounds,
            baselines=list(self.baselines),
            perceptual=self.perceptual,
        )

    def run_name(self) -> str:
        return self.name or datetime.now(UTC).strftime("%Y%m%d-%H%M%S")

    def command(self, name: str) -> str:
        """The command line that makes this run again."""
        parts = ["proggen", "run", *self.benchmarks] if self.benchmarks else ["proggen", "run-all"]
        parts += [
            "--episodes",
            "all" if self.episodes is None else str(self.episodes),
            "--seed",
            str(self.seed),
        ]
        parts += ["--llm", self.llm] if self.llm != "recorded" else []
        parts += ["--lossless"] if self.lossless else []
        parts += ["--impacts", self.impacts] if self.impacts != Settings.impacts else []
        parts += ["--data", self.data.name] if self.data else []
        parts += ["--train-data", self.train_data.name] if self.train_data else []
        parts += ["--candidates", str(self.candidates)] if self.candidates != Settings.candidates else []
        parts += ["--rounds", str(self.rounds)] if self.rounds != Settings.rounds else []
        parts += ["--perceptual"] if self.perceptual else []
        if self.baselines != Settings.baselines:
            parts += ["--baselines", ",".join(self.baselines) or "none"]
        return " ".join([*parts, "--name", name])


def file_identity(path: Path | None) -> str | None:
    if path is None:
        return None
    if path.is_dir():
        raise UsageError(f"'{path}' is a folder: name the HDF5 file in it.")
    if not path.is_file():
        raise UsageError(f"There is no file '{path}'.")
    with path.open("rb") as file:
        return f"{path.name} sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
