"""What a round says of a parameter whose range the model narrowed."""

from __future__ import annotations

import pytest

from proggen.archive.records import FitRecord, ParameterRecord
from proggen.synthesis.dynamics import narrowed


def fit(low: float, high: float, step: float | None, status: str = "identified") -> FitRecord:
    p = ParameterRecord.model_validate(
        {"name": "n", "value": 10.0, "init": 10.0, "low": low, "high": high, "unit": "1", "meaning": "", "step": step,
         "status": status}
    )  # fmt: skip
    return FitRecord(parameters=[p], loss_initial=1, loss_fitted=1, rollouts=1, starts=1, clips=[])


@pytest.mark.parametrize(
    ("now", "before", "status", "left_out"),
    [
        ((5, 15, 5), (1, 12, 1), "narrowed", True),  # ten of twelve values are left out
        ((1, 12, 2), (1, 12, 1), "narrowed", True),
        ((5, 15, None), (1, 20, None), "identified", True),  # its error stands for itself
        ((1, 20, 1), (5, 15, 1), "identified", False),  # widened
        ((5, 15, 1), (5, 15, 5), "identified", False),
    ],
)
def test_identified_among_the_values_left_is_narrowed(
    now: tuple[float, float, float | None],
    before: tuple[float, float, float | None],
    status: str,
    left_out: bool,
) -> None:
    [found] = narrowed(fit(*now), [fit(*before)]).parameters
    assert (found.status, found.narrowed_from is not None) == (status, left_out)


def test_without_an_earlier_round_nothing_was_narrowed() -> None:
    [found] = narrowed(fit(5, 15, 5), []).parameters
    assert (found.status, found.narrowed_from) == ("identified", None)


def test_other_statuses_stay() -> None:
    [found] = narrowed(fit(5, 15, 5, "untold"), [fit(1, 12, 1)]).parameters
    assert (found.status, found.narrowed_from is not None) == ("untold", True)
