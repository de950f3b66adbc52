"""Numbers as plain text tables for the terminal."""

from __future__ import annotations

from ..archive import Run
from ..archive.records import BenchmarkRecord, MetricValue, PairedDifference
from ..evaluation.methods import HIGHER_IS_BETTER, OURS, PARSED, PARSER_FLOOR
from ..evaluation.references import model_range, models

_HEAD = ["benchmark", "metric", "split", "n", OURS, "baseline", "", "better by", "wins", "ours is"]
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
            for split in ("in", "ood"):
                found = record.metrics.get(split, {}).get(metric, {})
                ours, published = found.get(PARSED), model_range(record.references, metric, split)
                span = "{:.4g} ... {:.4g}".format(*published) if published else "-"
                n = str(ours.n if ours else 0)
                rows.append([name, metric, split, n, cell(ours), span, cell(found.get(PARSER_FLOOR))])
    return f"{aligned(rows)}\n{_PARSED}" if len(rows) > 1 else ""


_PARSED = (
    "All read out of frames by PhyWorld's parser: video models have no states, so our prediction is drawn first.\n"
    "Published models: lowest and highest, not measured here. True video: what the parser errs without a prediction."
)


def _beside_baselines(run: Run) -> str:
    """The headline metrics in and out of distribution beside the benchmark's baseline, compared in pairs."""
    rows = [_HEAD]
    for name, benchmark in run.benchmarks.items():
        record = benchmark.record
        for metric in record.headline:
            rows += [[name, metric, split, *_compared(record, metric, split)] for split in ("in", "ood")]
    return f"{aligned(rows)}\n{_LEGEND}"


_LEGEND = (
    "± and [ ]: 95 % bootstrap interval over n episodes. Better by: mean gain over the baseline on the same "
    "episodes\n(an error's decrease, or the increase of "
    f"{' and '.join(sorted(HIGHER_IS_BETTER))}); wins: share of episodes in which ours is better, ties half.\n"
    "The baseline was chosen on training clips; a word needs an interval beyond the smallest effect that matters."
)


def _compared(record: BenchmarkRecord, metric: str, split: str) -> list[str]:
    methods = record.metrics.get(split, {}).get(metric, {})
    rival = record.rival.method if record.rival else "-"
    ours = methods.get(OURS)
    pair = record.differences.get(split, {}).get(metric, {}).get(rival)
    n = str(ours.n if ours else 0)
    return [n, cell(ours), cell(methods.get(rival)), rival, *_paired(pair)]


def _paired(pair: PairedDifference | None) -> list[str]:
    if pair is None:
        return ["-", "-", "not compared"]
    low, high = pair.ci95
    return [f"{pair.mean:.3g} [{low:.3g}, {high:.3g}]", f"{pair.wins:.0%}", _VERDICTS[pair.verdict]]


def cell(value: MetricValue | None) -> str:
    if value is None:
        return "-"
    half = (value.ci95[1] - value.ci95[0]) / 2
    return f"{value.mean:.4g} ±{half:.2g}"


def aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def plain(text: str) -> str:
    """Units and names come from a generated program: no control characters reach the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
