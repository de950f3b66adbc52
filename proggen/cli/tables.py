"""Numbers as plain text tables for the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from ..archive import Run
from ..archive.records import BenchmarkRecord, MetricValue, PairedDifference
from ..evaluation.methods import HIGHER_IS_BETTER, OURS, PARSED, PARSER_FLOOR
from ..evaluation.references import model_range, models
from ..numbers import DASH, Column, column, percent, span

_HEAD = ["benchmark", "metric", "split", "n", OURS, "baseline", "", "better by", "wins", "ours is"]
_SPLITS = ("in", "ood")
_VERDICTS = {
    "better": "better",
    "worse": "worse",
    "mixed": "mixed: mean and wins disagree",
    "equal": "no difference that matters",
    "unclear": "no clear difference",
    "few": "too few episodes to say",
}


def headline(run: Run) -> str:
    """Ours beside the published models, where there are any, then beside the benchmark's baseline."""
    return "\n\n".join(table for table in (_beside_published(run), _beside_baselines(run)) if table)


def _beside_published(run: Run) -> str:
    """Our predictions drawn and read by PhyWorld's parser, beside published models that were read by it."""
    rows = [
        ["benchmark", "metric", "split", "n", "proggen, parsed", "published models", "true video, parsed"]
    ]
    for name, benchmark in run.benchmarks.items():
        record = benchmark.record
        for metric in record.headline:
            if not models(record.references, metric):
                continue
            found = [record.metrics.get(split, {}).get(metric, {}) for split in _SPLITS]
            means = column(methods.get(m) for methods in found for m in (PARSED, PARSER_FLOOR))
            for split, methods in zip(_SPLITS, found, strict=True):
                ours, published = methods.get(PARSED), model_range(record.references, metric, split)
                among = span(published) if published else DASH
                n, floor = str(ours.n if ours else 0), means.text(methods.get(PARSER_FLOOR))
                rows.append([name, metric, split, n, means.text(ours), among, floor])
    return f"{aligned(rows)}\n{_PARSED}" if len(rows) > 1 else ""


_PARSED = (
    "All read out of frames by PhyWorld's parser: video models have no states, so our prediction is drawn first.\n"
    "Published models: lowest and highest, not measured here. True video: the parser's own error, no prediction."
)


def _beside_baselines(run: Run) -> str:
    """The headline metrics in and out of distribution beside the benchmark's baseline, compared in pairs."""
    rows = [_HEAD]
    for name, benchmark in run.benchmarks.items():
        record = benchmark.record
        for metric in record.headline:
            found = [_compared(record, metric, split) for split in _SPLITS]
            means = column(mean for one in found for mean in (one.ours, one.baseline))
            gains = column(one.pair for one in found)
            rows += [
                [name, metric, s, *_cells(one, means, gains)] for s, one in zip(_SPLITS, found, strict=True)
            ]
    return f"{aligned(rows)}\n{_LEGEND}"


_LEGEND = (
    "± and [ ]: 95 % bootstrap interval over n episodes. Better by: mean gain over the baseline on the same "
    "episodes\n(an error's decrease, or the increase of "
    f"{' and '.join(sorted(HIGHER_IS_BETTER))}); wins: share of episodes in which ours is better, ties half.\n"
    "The baseline was chosen on training clips; a word needs an interval beyond the smallest effect that matters."
)


@dataclass(frozen=True)
class _Compared:
    """Our mean in a split beside the benchmark's baseline, and the paired difference of the two."""

    ours: MetricValue | None
    rival: str
    baseline: MetricValue | None
    pair: PairedDifference | None


def _compared(record: BenchmarkRecord, metric: str, split: str) -> _Compared:
    methods = record.metrics.get(split, {}).get(metric, {})
    rival = record.rival.method if record.rival else DASH
    pair = record.differences.get(split, {}).get(metric, {}).get(rival)
    return _Compared(methods.get(OURS), rival, methods.get(rival), pair)


def _cells(found: _Compared, means: Column, gains: Column) -> list[str]:
    pair, n = found.pair, str(found.ours.n if found.ours else 0)
    compared = (
        [DASH, DASH, "not compared"]
        if pair is None
        else [gains.text(pair), percent(pair.wins), _VERDICTS[pair.verdict]]
    )
    return [n, means.text(found.ours), means.text(found.baseline), found.rival, *compared]


def aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def plain(text: str) -> str:
    """Units and names come from a generated program: no control characters reach the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
