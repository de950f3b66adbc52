from __future__ import annotations

import importlib.util

import pytest

from proggen.errors import UsageError
from proggen.evaluation.baselines import BASELINES, QUICK, chosen, registry


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("quick", QUICK),
        ("none", ()),
        ("nearest_clip, repeat_last,nearest_clip", ("repeat_last", "nearest_clip")),
    ],
)
def test_baselines_are_chosen_by_name(text: str, names: tuple[str, ...]) -> None:
    assert chosen(text) == names


def test_unknown_baseline_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no baseline 'magic': choose from repeat_last"):
        chosen("magic")


def test_missing_torch_is_told_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'proggen\[torch\]'"):
        chosen("all")
    assert chosen("quick") == QUICK


def test_all_are_all() -> None:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed (the extra 'torch')")
    assert chosen("all") == BASELINES
