"""Numbers as plain text tables for the terminal."""

from __future__ import annotations

from ..archive import Run
from ..archive.records import MetricValue

METHODS = ("proggen", "constant_velocity", "nearest_clip", "repeat_last")


def headline(run: Run) -> str:
    """The headline metrics of every benchmark, in distribution and out of it, beside the baselines."""
    rows = [["benchmark", "metric", "split", "n", *METHODS]]
    for name, benchmark in run.benchmarks.items():
        record = benchmark.record
        for metric in record.headline:
            for split in ("in", "ood"):
                methods = record.metrics.get(split, {}).get(metric, {})
                n = methods["proggen"].n if "proggen" in methods else 0
                rows.append([name, metric, split, str(n), *(cell(methods.get(m)) for m in METHODS)])
    return aligned(rows)


def cell(value: MetricValue | None) -> str:
    if value is None:
        return "-"
    half = (value.ci95[1] - value.ci95[0]) / 2
    return f"{value.mean:.4g} ±{half:.2g}"


def aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
