"""Two runs side by side: metrics on common episodes, where they disagree most, and what differs in the programs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from markupsafe import Markup

from ..archive.files import digest
from ..archive.records import FEWEST, PROGRAMS, BenchmarkRecord, PairedDifference, ProgramName
from ..archive.store import Run
from ..errors import UsageError
from ..evaluation import differences
from ..evaluation.methods import HIGHER_IS_BETTER, OURS
from ..evaluation.statistics import paired_differences
from . import metrics_view, words
from .benchmark_pages import BenchmarkPages
from .episode_rows import EpisodeRow
from .pages import Pages
from .source_diff import LONGEST, source_diff
from .words import slug

FOLDER = "compare"
DISAGREEMENTS = 12  # episodes shown
Rows = list[tuple[EpisodeRow, EpisodeRow]]  # the same episode in both runs


@dataclass(frozen=True)
class MetricPair:
    """A metric on the common episodes of a pool; the difference is positive where the first run is better."""

    pool: Markup
    first: float
    second: float
    difference: PairedDifference

    @property
    def few(self) -> bool:
        """Whether even a win in each episode could be chance."""
        return self.difference.n < FEWEST


@dataclass(frozen=True)
class Disagreement:
    """An episode with the metric in which the runs differ most, by `times` the scale of evaluation/differences."""

    first: EpisodeRow
    second: EpisodeRow
    words: words.MetricWords
    values: tuple[float | None, float | None]
    times: float


@dataclass(frozen=True)
class ParameterPair:
    name: str
    unit: str
    values: tuple[float | None, float | None]


@dataclass(frozen=True)
class Change:
    """A program in both runs as a unified difference; `note` says why there is none."""

    name: ProgramName
    text: str
    note: Markup
    added: int = 0
    removed: int = 0


@dataclass(frozen=True)
class BenchmarkPair:
    """One benchmark of both runs; `common` counts the episodes that show the same scene in both."""

    first: BenchmarkPages
    second: BenchmarkPages
    common: int
    metrics: list[tuple[words.MetricWords, list[MetricPair]]]
    disagreements: list[Disagreement]
    parameters: list[ParameterPair]
    changes: list[Change]


@dataclass(frozen=True)
class Pair:
    """`common` counts the episodes of all benchmarks that both runs have."""

    first: Run
    second: Run
    page: str
    common: int


def write(
    pages: Pages,
    runs: Sequence[Run],
    parts: Mapping[str, Sequence[BenchmarkPages]],
    chosen: Sequence[tuple[str, str]] = (),
) -> list[Pair]:
    """A page for each pair of runs and one that lists them: the pairs `chosen`, or each beside the
    newest later one that has a benchmark in common with it.

    `runs` are sorted, newest last. UsageError for a run that is not there.
    """
    known = {run.name: run for run in runs if parts[run.name]}
    for name in (n for names in chosen for n in names if n not in known):
        raise UsageError(f"There is no run '{name}' with results to compare: known are {', '.join(known)}.")
    finished = list(known.values())
    wanted = [(known[a], known[b]) for a, b in chosen] or _newest_beside(finished)
    pairs = [_write(pages, a, b, parts[a.name], parts[b.name]) for a, b in wanted]
    if pairs:
        pages.write(
            f"{FOLDER}/index.md", "compares.md.j2", title="Compare runs", pairs=pairs,
            description="Runs side by side: metrics on the same episodes, disagreements, programs.",
            hide=("toc",),
        )  # fmt: skip
    return pairs


def _newest_beside(runs: Sequence[Run]) -> list[tuple[Run, Run]]:
    """Each run behind the newest of the later ones that has a benchmark in common with it; newest first."""
    pairs = []
    for i, run in reversed(list(enumerate(runs))):
        later = [r for r in runs[i + 1 :] if set(r.benchmarks) & set(run.benchmarks)]
        pairs += [(later[-1], run)] if later else []
    return pairs


def _write(
    pages: Pages, first: Run, second: Run, ours: Sequence[BenchmarkPages], theirs: Sequence[BenchmarkPages]
) -> Pair:
    one, other = slug(first.name), slug(second.name)
    page = f"{FOLDER}/{one}--{other}.md"
    made_from = digest("".join([pages.version, *(part.made_from for part in (*ours, *theirs))]))
    note = pages.output.kept(page, made_from)
    if note is None:
        found = list(_benchmarks(ours, theirs))
        note = {"common": sum(b.common for b in found)}
        pages.write(
            page, "compare.md.j2", title=f"Compare {one} {other}", first=first, second=second,
            settings=settings(first, second), versions=versions(first, second), benchmarks=found, common=note["common"],
            alone=sorted({p.name for p in ours} ^ {p.name for p in theirs}),
            description=f"Runs {one} and {other} side by side: metrics, episodes and programs.",
            hide=("navigation",), search=False,
        )  # fmt: skip
        pages.output.made(page, made_from, note)
    return Pair(first, second, page, note["common"])


def _benchmarks(ours: Sequence[BenchmarkPages], theirs: Sequence[BenchmarkPages]) -> Iterator[BenchmarkPair]:
    other = {part.record.benchmark: part for part in theirs}
    for part in ours:
        if part.record.benchmark in other:
            yield _benchmark(part, other[part.record.benchmark])


def _benchmark(first: BenchmarkPages, second: BenchmarkPages) -> BenchmarkPair:
    rows = common_rows(first.rows, second.rows)
    smallest = {m: max(part.record.smallest.get(m, 0.0) for part in (first, second))
                for m in {**first.record.smallest, **second.record.smallest}}  # fmt: skip
    return BenchmarkPair(
        first, second, len(rows), list(_metrics(first, rows, smallest)),
        disagreements(first.record, rows, smallest), _parameters(first, second),
        [program_change(n, second.benchmark.program(n), first.benchmark.program(n)) for n in PROGRAMS],
    )  # fmt: skip


def settings(first: Run, second: Run) -> list[tuple[str, str, str]]:
    """What the runs were made with, where it differs: name and the value of either run."""
    return _differing(_made_with(first), _made_with(second))


def versions(first: Run, second: Run) -> list[tuple[str, str, str]]:
    """Packages whose versions differ."""
    return _differing(first.record.versions, second.record.versions)


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[tuple[str, str, str]]:
    names = [n for n in dict.fromkeys([*one, *other]) if one.get(n) != other.get(n)]
    return [(n, one.get(n, "–"), other.get(n, "–")) for n in names]


def _made_with(run: Run) -> dict[str, str]:
    config = run.record.config.model_dump()
    config["episodes"] = "all" if config["episodes"] is None else config["episodes"]
    found = {name.replace("_", " "): _said(value) for name, value in config.items()}
    return {**found, "sandbox": run.record.sandbox.level}


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(v) for v in value) or "none"
    if isinstance(value, bool) or value is None:
        return "yes" if value else "no"
    return str(value)


def common_rows(ours: Sequence[EpisodeRow], theirs: Sequence[EpisodeRow]) -> Rows:
    """The episodes that are the same scene in both: another seed may give one name to another scene."""
    other = {row.record.id: row for row in theirs}
    pairs = [(row, other[row.record.id]) for row in ours if row.record.id in other]
    return [(a, b) for a, b in pairs if _scene(a) == _scene(b)]


def _scene(row: EpisodeRow) -> tuple[object, ...]:
    record = row.record
    return record.split, record.attributes, record.context, record.length


def _metrics(
    part: BenchmarkPages, rows: Rows, smallest: Mapping[str, float]
) -> Iterator[tuple[words.MetricWords, list[MetricPair]]]:
    """Each metric with its pools."""
    splits = part.record.splits
    pools = {"in": splits[:1], "ood": part.record.ood_splits, "all": [*splits, *part.record.ood_splits]}
    for metric in list(dict.fromkeys([*part.headline, *part.row_metrics])):
        members = {p: [(a, b) for a, b in rows if a.record.split in pools[p]] for p in pools}
        least = smallest.get(metric, 0.0)
        found = [_metric(metric, words.split_words(p), both, least) for p, both in members.items()]
        if any(found):
            named = words.metric_words(metric, metrics_view.units(part.record))
            yield named, [pair for pair in found if pair]


def _metric(metric: str, pool: Markup, rows: Rows, smallest: float) -> MetricPair | None:
    values = [(_value(one, metric), _value(other, metric)) for one, other in rows]
    both = [(a, b) for a, b in values if a is not None and b is not None]
    ours, theirs = [a for a, _ in both], [[b] for _, b in both]
    if not both:
        return None
    higher = metric in HIGHER_IS_BETTER
    difference = paired_differences(ours, theirs, higher=higher, smallest=smallest)[0]
    if difference is None:
        return None
    return MetricPair(pool, fmean(ours), fmean(b for (b,) in theirs), difference)


def _value(row: EpisodeRow, metric: str) -> float | None:
    value = row.record.metrics.get(metric, {}).get(OURS)
    return value if value is not None and math.isfinite(value) else None


def disagreements(record: BenchmarkRecord, rows: Rows, smallest: Mapping[str, float]) -> list[Disagreement]:
    """Episodes in which any metric of our method differs by more than rounding, the largest difference first.

    Each with the metric that differs most, in units of `differences.scales`; what one run alone has a value of, or
    failed in, is infinitely different.
    """
    units, scales = metrics_view.units(record), differences.scales(record, smallest)
    found = []
    for a, b in rows:
        gap = differences.largest(a.record, b.record, scales)
        if gap is not None:
            named = words.metric_words(gap.metric, units)
            found.append(Disagreement(a, b, named, (_value(a, gap.metric), _value(b, gap.metric)), gap.times))
    return sorted(found, key=lambda d: d.times, reverse=True)[:DISAGREEMENTS]


def _parameters(first: BenchmarkPages, second: BenchmarkPages) -> list[ParameterPair]:
    one, other = ({p.name: p for p in part.record.fit.parameters} for part in (first, second))
    found = []
    for name in dict.fromkeys([*one, *other]):
        values = (one[name].value if name in one else None, other[name].value if name in other else None)
        if values[0] != values[1]:
            found.append(ParameterPair(name, (one.get(name) or other[name]).unit, values))
    return found


def program_change(name: ProgramName, before: str, after: str) -> Change:
    """From `before` to `after`, line ends kept: what differs in them alone differs."""
    if before == after:
        return Change(name, "", Markup("equal in both runs"))
    found = source_diff(before, after)
    if found is None:
        return Change(name, "", Markup(f"differs; longer than {LONGEST} lines, so compare the downloads"))
    return Change(name, found.text, Markup(""), found.added, found.removed)
