"""Where a prediction leaves the truth, in its states and in its pictures."""

from __future__ import annotations

import math

import pytest

from proggen.archive.records import BenchmarkRecord, OverTimeRecord, StatesRecord
from proggen.evaluation.divergence import Departures, departures

from ..report.archive import CONTEXT, LENGTH, benchmark_record, plain, trajectory

FRAMES = LENGTH - CONTEXT


@pytest.fixture
def record() -> BenchmarkRecord:
    """Perception's noise is 0.01 u. Five of six true variables have a match; the last one gets one here."""
    found = benchmark_record(plain, "phyworld/collision")
    found.matches[-1].variable = "blue_ball.r"
    return found


def right() -> StatesRecord:
    """States predicted as they were."""
    truth, future = trajectory(1.0, 0, LENGTH), trajectory(1.0, CONTEXT, LENGTH)
    return StatesRecord(
        fps=10.0, truth=truth, estimated=trajectory(1.0, 0, CONTEXT), predicted=future, compared=future
    )


def off(frame: int, variable: int, by: float) -> StatesRecord:
    states = right()
    value = states.compared.values[frame - CONTEXT][variable]
    assert value is not None
    states.compared.values[frame - CONTEXT][variable] = value + by
    return states


def pictures(psnr: list[float | None], *, drawn: float | None = 43.0, ssim: float = 0.999) -> OverTimeRecord:
    """Of our frames and, with `drawn`, of the true motion drawn by the same program."""
    series: dict[str, dict[str, list[float | None]]] = {
        "psnr": {"proggen": psnr}, "ssim": {"proggen": [ssim] * len(psnr)},
    }  # fmt: skip
    if drawn is not None:
        series["psnr"]["true_states"] = [drawn] * len(psnr)
        series["ssim"]["true_states"] = [0.999] * len(psnr)
    return OverTimeRecord(values=series)


GOOD = pictures([42.0] * FRAMES)


def test_what_is_right_in_everything_stays_with_the_truth(record: BenchmarkRecord) -> None:
    assert departures(record, right(), GOOD) == Departures(None, [])


def test_pictures_that_fall_from_42_to_27_db_leave_the_truth_where_states_do_not(
    record: BenchmarkRecord,
) -> None:
    falling: list[float | None] = [42.0 - 15.0 * i / (FRAMES - 1) for i in range(FRAMES)]
    first = departures(record, right(), pictures(falling)).first
    assert first is not None
    assert (first.quantity, first.unit, first.limit) == ("psnr", "dB", pytest.approx(30.0))
    assert first.frame == CONTEXT + next(i for i, v in enumerate(falling) if v is not None and v < 30)


def test_a_picture_is_judged_by_what_its_drawing_allows(record: BenchmarkRecord) -> None:
    """6 dB are twice the distance: 27 dB is no divergence where the true motion drawn has 32."""
    assert departures(record, right(), pictures([27.0] * FRAMES, drawn=32.0)).first is None
    first = departures(record, right(), pictures([25.0] * FRAMES, drawn=32.0)).first
    assert first is not None
    assert (first.frame, first.limit) == (CONTEXT, pytest.approx(32 - 20 * math.log10(2)))
    assert departures(record, right(), pictures([27.0] * FRAMES, drawn=None)).first is not None


def test_structure_alone_can_leave_the_truth(record: BenchmarkRecord) -> None:
    first = departures(record, right(), pictures([42.0] * FRAMES, ssim=0.97)).first
    assert first is not None
    assert (first.quantity, first.value) == ("ssim", 0.97)


def test_a_frame_without_a_picture_leaves_the_truth(record: BenchmarkRecord) -> None:
    first = departures(record, right(), pictures([42.0, None, *[42.0] * (FRAMES - 2)])).first
    assert first is not None
    assert (first.frame, first.quantity, first.value) == (CONTEXT + 1, "psnr", None)


def test_a_variable_leaves_in_the_first_frame_beyond_three_times_the_noise(record: BenchmarkRecord) -> None:
    record.matches[0].residual = 0.0
    first = departures(record, off(12, 0, 0.05), GOOD).first
    assert first is not None
    assert (first.frame, first.quantity, first.limit) == (12, "red_ball.x", pytest.approx(0.03))
    assert first.value == pytest.approx(0.05)
    assert departures(record, off(12, 0, 0.02), GOOD).first is None


def test_without_noise_a_hundredth_of_the_way_counts(record: BenchmarkRecord) -> None:
    record.estimation.scales.clear()
    for m in record.matches:
        m.residual = None
    way = [row[0] or 0.0 for row in right().truth.values]
    first = departures(record, off(12, 0, 0.05), GOOD).first
    assert first is not None
    assert first.limit == pytest.approx(0.01 * (max(way) - min(way)))


def test_what_does_not_move_can_leave_too(record: BenchmarkRecord) -> None:
    first = departures(record, off(20, 4, 0.2), GOOD).first
    assert first is not None
    assert (first.frame, first.quantity) == (20, "red_ball.r")


def test_a_value_that_is_missing_leaves_the_truth(record: BenchmarkRecord) -> None:
    states = right()
    states.compared.values[5][2] = None
    first = departures(record, states, GOOD).first
    assert first is not None
    assert (first.frame, first.quantity, first.value) == (CONTEXT + 5, "blue_ball.x", None)


def test_of_one_frame_the_variable_is_told_and_of_two_frames_the_first(record: BenchmarkRecord) -> None:
    low: list[float | None] = [42.0] * 9 + [20.0] * (FRAMES - 9)  # from frame 12 on
    both = departures(record, off(12, 0, 0.5), pictures(low)).first
    later = departures(record, off(13, 0, 0.5), pictures(low)).first
    assert both is not None
    assert later is not None
    assert (both.quantity, later.quantity) == ("red_ball.x", "psnr")


def test_a_variable_without_a_match_is_told_as_not_compared() -> None:
    record = benchmark_record(plain, "phyworld/collision")
    assert departures(record, right(), GOOD) == Departures(None, ["blue_ball.r"])
