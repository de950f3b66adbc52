"""What the site costs: CPU time a page, peak memory and size of `proggen build` and `mkdocs build`, by scale.

    python speed/site.py RUN [EPISODES ...]      (episodes: 100 1000 3000)

RUN is the folder of an archived run; the episodes of its first benchmark are cloned until there are enough. Prints a
Markdown table. CPU time is user and system time of both commands and all that they start. The second build
follows one new episode.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from proggen.archive.records import EpisodeRecord
from proggen.archive.store import load_run, read_record
from proggen.numbers import fixed

SCALES = (100, 1000, 3000)
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cost:
    """CPU seconds, peak memory in MB and files written by one command."""

    cpu: float
    memory: float


@dataclass(frozen=True)
class SiteCost:
    episodes: int
    pages: Cost  # proggen build
    site: Cost  # mkdocs build
    again: Cost  # both, after one new episode
    touched: int  # files of the site that the second build wrote
    megabytes: float  # size of the site

    @property
    def a_page(self) -> float:
        """CPU milliseconds per page of both commands together."""
        return 1e3 * (self.pages.cpu + self.site.cpu) / self.episodes


def clone(run: Path, target: Path, episodes: int) -> Path:
    """A run with so many episodes: those of the first benchmark of `run`, again and again under other ids.

    Episodes with counterfactuals appear once, as in a run, where a few have them however long it is.
    """
    found = load_run(run)
    name = next(iter(found.benchmarks))
    source, place = found.path / name, target / found.name / name
    place.mkdir(parents=True, exist_ok=True)
    for path in (p for p in source.iterdir() if p.name != "episodes"):
        (shutil.copytree if path.is_dir() else shutil.copy)(path, place / path.name)
    originals = sorted((source / "episodes").iterdir())
    plain = [p for p in originals if not (p / "counterfactuals").exists()]
    rich = [p for p in originals if p not in plain] if plain else []
    for number in range(episodes):
        original = (
            rich[number] if number < len(rich) else (plain or originals)[number % len(plain or originals)]
        )
        clone_episode(original, place / "episodes", number)
    settings = json.loads((found.path / "run.json").read_bytes())
    settings["config"]["benchmarks"] = [name]
    (target / found.name / "run.json").write_text(json.dumps(settings))
    shutil.copy(found.path / "summary.json", target / found.name)
    return target / found.name


def clone_episode(original: Path, episodes: Path, number: int) -> None:
    place = episodes / f"{number:06d}"
    shutil.copytree(original, place, copy_function=os.link)
    record = read_record(original / "episode.json", EpisodeRecord).model_copy(update={"id": place.name})
    (place / "episode.json").unlink()
    (place / "episode.json").write_text(record.model_dump_json())


def project(folder: Path) -> None:
    """The project's documentation and settings, without results."""
    shutil.copy(ROOT / "mkdocs.yml", folder)
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("results", ".*"))


def cost(command: list[str], folder: Path) -> Cost:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"'{' '.join(command)}' failed.")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3)


def _times(site: Path) -> dict[str, tuple[int, int]]:
    found = (p for p in site.rglob("*") if p.is_file())
    return {str(p): ((s := p.stat()).st_ino, s.st_mtime_ns) for p in found}


def measure(run: Path, episodes: int) -> SiteCost:
    """The cost of a first build, and of a second one after one new episode."""
    pages, site = ["proggen", "build", "--quiet"], ["mkdocs", "build", "--strict"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        project(folder)
        made = clone(run, folder / "runs", episodes)
        first = cost(pages, folder), cost(site, folder)
        before = _times(folder / "site")
        name = next(iter(load_run(made).benchmarks))
        original = next(iter(sorted((made / name / "episodes").iterdir())))
        clone_episode(original, made / name / "episodes", episodes)
        second = cost(pages, folder), cost(site, folder)
        after = _times(folder / "site")
        size = sum(p.stat().st_size for p in (folder / "site").rglob("*") if p.is_file()) / 1e6
        touched = sum(after[p] != before.get(p) for p in after)
    again = Cost(second[0].cpu + second[1].cpu, max(c.memory for c in second))
    return SiteCost(episodes, *first, again, touched, size)


def table(costs: list[SiteCost]) -> str:
    lines = [
        "| episodes | proggen build, s | mkdocs build, s | both, ms per page | memory, MB | one more episode, s "
        "| files touched | site, MB |",
        "|" + "---:|" * 8,
    ]
    for c in costs:
        memory = f"{fixed(c.pages.memory, 0)}, {fixed(c.site.memory, 0)}"
        lines.append(
            f"| {c.episodes} | {fixed(c.pages.cpu, 1)} | {fixed(c.site.cpu, 1)} | {fixed(c.a_page, 1)} | {memory} "
            f"| {fixed(c.again.cpu, 1)} | {c.touched} | {fixed(c.megabytes, 0)} |"
        )
    return "\n".join(lines)


def figures(run: Path, scales: tuple[int, ...] = SCALES) -> list[dict[str, object]]:
    """The same as plain numbers, for a file of results."""
    return [{**asdict(c), "ms_a_page": c.a_page} for c in (measure(run, n) for n in scales)]


def main(arguments: list[str]) -> None:
    if not arguments:
        raise SystemExit(__doc__)
    scales = tuple(int(a) for a in arguments[1:]) or SCALES
    print(table([measure(Path(arguments[0]), n) for n in scales]))


if __name__ == "__main__":
    main(sys.argv[1:])
