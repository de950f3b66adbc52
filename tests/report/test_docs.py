"""Examples in the hand-written pages do what they say."""

from __future__ import annotations

import re
from typing import Any

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
