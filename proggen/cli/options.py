"""Options that several commands share, and the settings they make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..archive import Run, load_run
from ..benchmarks.base import IMPACTS
from ..evaluation import baselines
from ..run.settings import DEFAULT_EPISODES, PUBLISHED_SEED, Settings, default_jobs

Command = Callable[..., Any]


class Episodes(click.ParamType[int | None]):
    """A number, or "all" (None)."""

    name = "N|all"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        if value == "all":
            return None
        try:
            return int(str(value))
        except ValueError:
            self.fail(f"{value!r} is neither a number nor 'all'", param, ctx)


class Baselines(click.ParamType[tuple[str, ...]]):
    """Names of baselines, or "quick", "all" or "none"."""

    name = "NAME,..."

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        return value if isinstance(value, tuple) else baselines.chosen(str(value))


def _together(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


runs_option = click.option(
    "--runs",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder of the runs.",
)
site_option = click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    show_default=True,
    help="Folder with mkdocs.yml and docs/.",
)
quiet_option = click.option("--quiet", is_flag=True, help="Say nothing but errors and results.")
seed_option = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=PUBLISHED_SEED,
    show_default=True,
    help="Seed of clips, episodes and fits; 42 gives the published scenes.",
)
lossless_option = click.option("--lossless", is_flag=True, help="Leave PhyWorld's frames uncompressed.")
impacts_option = click.option(
    "--impacts",
    type=click.Choice(IMPACTS),
    default=Settings.impacts,
    show_default=True,
    help="How PhyWorld's balls collide that close at 1 u/s or less: they bounce, as with PhyWorld's own engine, "
    "or stick together, as with Box2D's default settings.",
)
episodes_option = click.option(
    "--episodes",
    type=Episodes(),
    default=str(DEFAULT_EPISODES),
    show_default=True,
    help="Episodes per benchmark, spread over its splits.",
)
data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Published HDF5 file with evaluation videos."
)
data_options = _together(
    data_option,
    click.option(
        "--train-data", type=click.Path(path_type=Path), help="Published HDF5 file with training videos."
    ),
)
unsafe_option = click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    help="Run generated code even where this machine offers no isolation (told in the archive).",
)
synthesis_options = _together(
    click.option(
        "--candidates", type=click.IntRange(1, 16), default=2, show_default=True, help="Candidates a program."
    ),
    click.option(
        "--rounds", type=click.IntRange(0, 8), default=2, show_default=True, help="Repair rounds at most."
    ),
    click.option(
        "--timeout", type=float, default=1800.0, show_default=True, help="Seconds a request may take."
    ),
    click.option(
        "--retries", type=click.IntRange(min=0), default=3, show_default=True, help="Tries again a request."
    ),
    click.option(
        "--recordings",
        type=click.Path(path_type=Path),
        help="Folder of recorded replies, if not the shipped ones.",
    ),
)
baselines_option = click.option(
    "--baselines",
    type=Baselines(),
    default="quick",
    show_default=True,
    help=f"'quick', 'all', 'none', or names with commas between them: {', '.join(baselines.BASELINES)}. "
    "Quick are those without a video predictor, which needs 'proggen[torch]' and minutes.",
)
run_options = _together(
    episodes_option,
    seed_option,
    click.option("--llm", default="recorded", show_default=True, help="'recorded' or 'openai:MODEL'."),
    runs_option,
    click.option("--name", help="Name of the run, by default the time; a stopped run of that name goes on."),
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        default=default_jobs,
        show_default="cores",
        help="Work done side by side.",
    ),
    data_options,
    lossless_option,
    impacts_option,
    synthesis_options,
    baselines_option,
    click.option(
        "--perceptual",
        is_flag=True,
        help="Compute LPIPS and FVD too: needs 'proggen[perceptual]', networks on this machine, and minutes.",
    ),
    unsafe_option,
    quiet_option,
)


def open_run(name: str, runs: Path) -> Run:
    """A run by its name under `runs`, or by its path."""
    return load_run(runs / name if (runs / name).exists() else name)


def settings(benchmarks: tuple[str, ...], options: dict[str, Any]) -> Settings:
    """Settings from the options of a command; what `Settings` does not know is left out."""
    known = {k: v for k, v in options.items() if k in Settings.__dataclass_fields__}
    return Settings(benchmarks=benchmarks, **known)
