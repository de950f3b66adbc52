from __future__ import annotations

from pathlib import Path

import pytest

from proggen.archive import load_run
from proggen.archive.records import BenchmarkRecord, PairedDifference
from proggen.cli.tables import headline
from proggen.numbers import column

from .report.archive import make_run


def printed(runs: Path, low: float, high: float, *, wins: float = 0.9, n: int = 24) -> str:
    """The line of pre_vel_error in distribution, with this gain over the best baseline."""
    run = make_run(runs, episodes=2)
    path = run / "phyworld/collision/benchmark.json"
    record = BenchmarkRecord.model_validate_json(path.read_bytes())
    record.differences["in"]["pre_vel_error"]["constant_velocity"] = PairedDifference(
        mean=(low + high) / 2, ci95=(low, high), wins=wins, ties=0, n=n
    )
    path.write_text(record.model_dump_json())
    return next(line for line in headline(load_run(run)).splitlines() if "pre_vel_error" in line)


def test_headline_names_the_best_baseline_the_gain_and_the_win_rate(tmp_path: Path) -> None:
    line = printed(tmp_path, 0.1, 0.3)
    assert "constant_velocity" in line
    assert "0.200 ± 0.100" in line
    assert "90 %" in line
    assert line.endswith("better")


def test_headline_shows_the_parsed_number_beside_published_models(tmp_path: Path) -> None:
    run = load_run(make_run(tmp_path, episodes=2))
    first, second = headline(run).split("\n\n")
    values = run.benchmarks["phyworld/collision"].record.metrics["ood"]["post_vel_error_per_frame"]
    [line] = [row for row in first.splitlines() if " ood " in row]
    means = column(values[m] for m in ("proggen_parsed", "parser_on_truth"))
    assert means.text(values["proggen_parsed"]) in line
    assert means.text(values["proggen"]) not in line
    assert "0.150 … 0.166" in line
    assert "published" not in second


@pytest.mark.parametrize(
    ("low", "high", "wins", "n", "said"),
    [
        (-0.1, 0.3, 0.9, 24, "no clear difference"),
        (-0.3, -0.1, 0.1, 24, "worse"),
        (0.1, 0.3, 0.2, 24, "mixed: mean and wins disagree"),
        (0.1, 0.3, 1.0, 5, "too few episodes to say"),
    ],
)
def test_it_says_no_more_than_the_interval(
    tmp_path: Path, low: float, high: float, wins: float, n: int, said: str
) -> None:
    assert printed(tmp_path, low, high, wins=wins, n=n).endswith(said)
