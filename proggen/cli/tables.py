"""Numbers as plain text tables for the terminal."""

from __future__ import annotations

from ..archive import Run
from ..archive.records import MetricValue
from ..evaluation.methods import OURS, best, kind


def headline(run: Run) -> str:
    """The headline metrics of every benchmark, in distribution and out of it, beside the best baseline."""
    rows = [["benchmark", "metric", "split", "n", OURS, "best baseline", ""]]
    for name, benchmark in run.benchmarks.items():
        record = benchmark.record
        for metric in record.headline:
            for split in ("in", "ood"):
                methods = record.metrics.get(split, {}).get(metric, {})
                baselines = {m: v for m, v in methods.items() if kind(m) == "baseline"}
                ours = methods.get(OURS)
                rival = best(metric, {m: v.mean for m, v in baselines.items()}) or "-"
                n = str(ours.n if ours else 0)
                rows.append([name, metric, split, n, cell(ours), cell(baselines.get(rival)), rival])
    return aligned(rows)


def cell(value: MetricValue | None) -> str:
    if value is None:
        return "-"
    half = (value.ci95[1] - value.ci95[0]) / 2
    return f"{value.mean:.4g} ±{half:.2g}"


def aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
