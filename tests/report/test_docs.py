"""Examples in the hand-written pages do what they say."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from proggen.benchmarks.base import DataOptions

from .conftest import ROOT


def code(page: str, start: str) -> str:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    return next(b for b in blocks if b.startswith(start))


def test_the_example_benchmark_keeps_the_contract() -> None:
    names: dict[str, Any] = {"__name__": "spring"}
    exec(code("adding-a-benchmark.md", '"""A ball'), names)
    benchmark = names["Spring"]()
    options = DataOptions(seed=3)
    for source in (benchmark.training(options), benchmark.evaluation(options)):
        episode = source.load(source.keys[-1])
        assert len(episode.clip) == len(episode.truth) == benchmark.info.length
        assert episode.truth.names == tuple(v.name for v in benchmark.info.truth_variables)
        again = source.load(source.keys[-1])
        assert (again.clip.frames == episode.clip.frames).all()
    assert len(benchmark.training(options).keys) == 10
    splits = {key.split for key in benchmark.evaluation(options).keys}
    assert splits == set(benchmark.info.splits)


def test_the_numbers_of_the_full_grids_are_those_that_were_kept() -> None:
    kept = json.loads((ROOT / "speed/results/full-grids-0.1.0.json").read_text())["benchmarks"]
    row = re.compile(
        r"\| (\S+) \| `(\S+)` \| (in|ood) \| (\d+) \| \*\*(\S+)\*\* \[(\S+), (\S+)\] \| (\S+) (\w+)"
    )
    found = row.findall((ROOT / "docs/full-grids.md").read_text())
    assert {r[0] for r in found} == set(kept)
    for benchmark, metric, split, n, mean, low, high, best, baseline in found:
        methods = kept[benchmark]["metrics"][metric][split]
        ours = methods["proggen"]
        assert int(n) == ours["n"]
        assert [float(v) for v in (mean, low, high)] == pytest.approx([ours["mean"], *ours["ci95"]], rel=6e-3)
        assert float(best) == pytest.approx(methods[baseline]["mean"], rel=6e-3)
