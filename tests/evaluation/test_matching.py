from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from proggen.archive.records import MatchRecord
from proggen.clips import Camera
from proggen.evaluation.matching import apply, invert, match, state_errors, state_errors_over_time
from proggen.states import Trajectory, Variable

Array = NDArray[np.float64]
CAMERA = Camera(units_per_pixel=0.008, unit="m", origin_column=300, origin_row=300)
VARIABLES = (
    Variable("cart.x", "m", "position"),
    Variable("cart.velocity", "m/s", "velocity"),
    Variable("pole.angle", "rad", "angle"),
    Variable("pole.angular_velocity", "rad/s", "angular velocity"),
)
NAMES = tuple(v.name for v in VARIABLES)


@pytest.fixture(scope="module")
def truth() -> list[Trajectory]:
    """Ten smooth clips of 32 frames at 50 fps."""
    rng, t = np.random.default_rng(0), np.arange(32) / 50
    clips = []
    for _ in range(10):
        a, w, p = rng.uniform(1, 9), rng.uniform(2, 5), rng.uniform(0, 6)
        x, v = a * t**2 / 2, a * t
        angle, rate = np.sin(w * t + p), w * np.cos(w * t + p)
        clips.append(Trajectory(NAMES, np.stack([x, v, angle, rate], axis=1)))
    return clips


def perceived(truth: list[Trajectory], **columns: tuple[str, float, float]) -> list[Trajectory]:
    """Columns named `object__part`, each factor * a true one + offset, with a little noise."""
    rng = np.random.default_rng(1)
    names = tuple(c.replace("__", ".") for c in columns)
    return [
        Trajectory(
            names,
            np.stack(
                [f * t[n] + o + rng.normal(0, 0.002 * abs(f), len(t)) for n, f, o in columns.values()], axis=1
            ),
        )
        for t in truth
    ]


def matched(truth: list[Trajectory], states: list[Trajectory]) -> dict[str, MatchRecord]:
    records = match(truth, states, VARIABLES, CAMERA, frame_size=(400, 600), fps=50)
    return {r.truth: r for r in records}


def convention(record: MatchRecord) -> tuple[int, float, float]:
    return record.sign, record.factor, round(record.offset, 6)


def test_same_convention_under_other_names(truth: list[Trajectory]) -> None:
    states = perceived(
        truth,
        stick__spin=("pole.angular_velocity", 1, 0),
        stick__tilt=("pole.angle", 1, 0),
        box__speed=("cart.velocity", 1, 0),
        box__place=("cart.x", 1, 0),
    )
    records = matched(truth, states)
    assert [records[n].variable for n in NAMES] == ["box.place", "box.speed", "stick.tilt", "stick.spin"]
    assert all(convention(r) == (1, 1.0, 0.0) and r.note == "" for r in records.values())
    assert records["cart.x"].residual == pytest.approx(0.0016, abs=0.0005)  # of noise 0.002, best 90 %


@pytest.mark.parametrize(
    ("true", "factor", "offset", "expected"),
    [
        ("cart.x", -1, 0, (-1, 1.0, 0.0)),
        ("cart.x", 1 / 0.008, 0, (1, 0.008, 0.0)),
        ("cart.x", 1 / 0.008, 300, (1, 0.008, -2.4)),  # picture columns
        ("cart.x", -1 / 0.008, 300, (-1, 0.008, 2.4)),
        ("cart.x", 100, 0, (1, 0.01, 0.0)),
        ("cart.x", 1, 599 * 0.004, (1, 1.0, -2.396)),  # from the left edge of the picture
        ("cart.velocity", -1, 0, (-1, 1.0, 0.0)),
        ("cart.velocity", 1 / 0.008, 0, (1, 0.008, 0.0)),
        ("cart.velocity", 1 / 0.008 / 50, 0, (1, 0.4, 0.0)),  # pixels a frame
        ("pole.angle", -1, 0, (-1, 1.0, 0.0)),
        ("pole.angle", 180 / math.pi, 0, (1, math.pi / 180, 0.0)),
        ("pole.angle", -180 / math.pi, 90, (-1, math.pi / 180, 1.570796)),
        ("pole.angle", 1, -math.pi / 2, (1, 1.0, 1.570796)),
        ("pole.angle", 1, math.pi, (1, 1.0, 3.141593)),
        ("pole.angular_velocity", -180 / math.pi, 0, (-1, math.pi / 180, 0.0)),
    ],
)
def test_other_conventions(
    truth: list[Trajectory], true: str, factor: float, offset: float, expected: tuple[int, float, float]
) -> None:
    record = matched(truth, perceived(truth, thing__value=(true, factor, offset)))[true]
    assert record.variable == "thing.value"
    assert convention(record) == pytest.approx(expected)
    assert record.note != ""


@pytest.mark.parametrize("factor", [0.99, 1.03])
def test_an_error_of_scale_is_not_repaired(truth: list[Trajectory], factor: float) -> None:
    states = perceived(truth, box__x=("cart.x", factor, 0))
    records = match(truth, states, VARIABLES, CAMERA)
    assert convention(records[0]) == (1, 1.0, 0.0)
    assert apply(records, states[0])["cart.x"] == pytest.approx(states[0]["box.x"])


def test_missing_variable_is_told(truth: list[Trajectory]) -> None:
    records = matched(truth, perceived(truth, box__x=("cart.x", 1, 0)))
    assert records["cart.x"].variable == "box.x"
    assert records["pole.angle"].variable is None
    assert "no variable of the program follows it" in records["pole.angle"].note


def test_constant_variable_matches_nothing(truth: list[Trajectory]) -> None:
    records = matched(truth, perceived(truth, box__x=("cart.x", 0, 3.3)))
    assert all(r.variable is None for r in records.values())


def test_variable_that_was_hardly_observed_matches_nothing(truth: list[Trajectory]) -> None:
    states = perceived(truth, box__x=("cart.x", 1, 0))
    for s in states:
        s.values[2:] = np.nan
    records = matched(truth, states)
    assert records["cart.x"].note == "no variable of the program was observed in enough frames"


def test_gaps_do_not_hinder(truth: list[Trajectory]) -> None:
    states = perceived(truth, box__x=("cart.x", 1, 0))
    for s in states:
        s.values[::3] = np.nan
    assert matched(truth, states)["cart.x"].variable == "box.x"


def test_program_without_variables(truth: list[Trajectory]) -> None:
    states = [Trajectory((), np.empty((len(t), 0))) for t in truth]
    assert all(r.variable is None for r in matched(truth, states).values())


def test_velocity_from_whole_pixels_matches(truth: list[Trajectory]) -> None:
    """A slow cart: differences of whole pixels jump by 0.4 m/s where the truth varies by 0.2."""
    t = np.arange(64) / 50
    rng = np.random.default_rng(3)
    true, states = [], []
    for _ in range(10):
        v = rng.normal(0, 0.15) + 0.15 * np.sin(3 * t + rng.uniform(0, 6))
        x = np.cumsum(v) / 50
        seen = np.diff(np.trunc(x / 0.008) * 0.008, prepend=np.nan) * 50
        true.append(Trajectory(("cart.velocity",), v[:, np.newaxis]))
        states.append(Trajectory(("box.v",), seen[:, np.newaxis]))
    (record,) = match(true, states, VARIABLES[1:2], CAMERA, frame_size=(400, 600), fps=50)
    assert record.variable == "box.v"
    assert convention(record) == (1, 1.0, 0.0)


def test_outliers_do_not_hinder(truth: list[Trajectory]) -> None:
    states = perceived(truth, box__x=("cart.x", 1, 0))
    for s in states:
        s.values[5] = 1e6
    assert matched(truth, states)["cart.x"].variable == "box.x"


def test_each_variable_is_used_once(truth: list[Trajectory]) -> None:
    states = perceived(truth, a__x=("cart.x", 1 / 0.008, 0), b__x=("cart.x", 1, 0))
    assert matched(truth, states)["cart.x"].variable == "b.x"  # the identity is preferred
    assert sum(r.variable is not None for r in matched(truth, states).values()) == 1


def test_balls_at_one_height_keep_their_own() -> None:
    rng = np.random.default_rng(0)
    true, states = [], []
    for _ in range(10):
        x1, x2, y = (
            rng.uniform(1, 4) + np.arange(20) * 0.1,
            rng.uniform(6, 9, 1).repeat(20),
            rng.uniform(2, 8),
        )
        columns = np.stack([x1, np.full(20, y), x2, np.full(20, y)], axis=1)
        true.append(Trajectory(("ball1.x", "ball1.y", "ball2.x", "ball2.y"), columns))
        noisy = columns + rng.normal(0, 0.01, columns.shape)
        states.append(Trajectory(("red.x", "blue.y", "blue.x", "red.y"), noisy))
    variables = [Variable(n, "m", "") for n in true[0].names]
    records = match(true, states, variables, CAMERA)
    assert [r.variable for r in records] == ["red.x", "red.y", "blue.x", "blue.y"]


def test_wrapped_angles_match_and_are_compared_on_the_circle() -> None:
    angle = np.linspace(0, 9, 40)
    wrapped = (angle + np.pi) % (2 * np.pi) - np.pi
    true, seen = (Trajectory((n,), a[:, np.newaxis]) for n, a in (("pole.angle", angle), ("p.a", wrapped)))
    records = match([true], [seen], VARIABLES[2:3], CAMERA)
    assert records[0].variable == "p.a"
    assert state_errors(records, true, apply(records, seen))["state.pole.angle"] == pytest.approx(0, abs=1e-9)


def test_apply_maps_into_the_truths_units() -> None:
    records = [
        MatchRecord(truth="cart.x", truth_unit="m", variable="box.col", sign=-1, factor=0.01, offset=3.0),
        MatchRecord(truth="pole.angle", truth_unit="rad", variable=None),
    ]
    mapped = apply(records, Trajectory(("box.col",), np.array([[100.0], [50.0]])))
    assert mapped.names == ("cart.x", "pole.angle")
    assert mapped["cart.x"] == pytest.approx([2.0, 2.5])
    assert np.isnan(mapped["pole.angle"]).all()


def test_state_errors_are_means_of_absolute_errors() -> None:
    records = [
        MatchRecord(truth="x", truth_unit="m", variable="a"),
        MatchRecord(truth="y", truth_unit="m", variable=None),
    ]
    truth = Trajectory(("x", "y"), np.array([[1.0, 0.0], [2.0, 0.0]]))
    compared = Trajectory(("x", "y"), np.array([[1.5, np.nan], [1.0, np.nan]]))
    assert state_errors_over_time(records, truth, compared)["state.x"].tolist() == [0.5, 1.0]
    errors = state_errors(records, truth, compared)
    assert errors["state.x"] == 0.75
    assert math.isnan(errors["state.y"])


def test_state_errors_of_other_lengths() -> None:
    with pytest.raises(ValueError, match="1 states"):
        state_errors([], Trajectory((), np.empty((2, 0))), Trajectory((), np.empty((1, 0))))


def test_there_must_be_as_many_clips(truth: list[Trajectory]) -> None:
    with pytest.raises(ValueError, match="cannot be matched"):
        match(truth, truth[:2], VARIABLES, CAMERA)


def test_the_inverse_gives_back_the_programs_states(truth: list[Trajectory]) -> None:
    ours = perceived(truth, car__x=("cart.x", -125, 300), rod__degrees=("pole.angle", 180 / math.pi, 90))
    records = [
        MatchRecord(truth="cart.x", truth_unit="m", variable="car.x", sign=-1, factor=0.008, offset=2.4),
        MatchRecord(truth="cart.velocity", truth_unit="m/s", variable=None),
        MatchRecord(
            truth="pole.angle", truth_unit="rad", variable="rod.degrees", factor=math.pi / 180, offset=-math.pi / 2
        ),
    ]  # fmt: skip
    again = invert(records, apply(records, ours[0]), ours[0])
    np.testing.assert_allclose(again.values, ours[0].values, atol=1e-9)


def test_the_inverse_keeps_what_no_truth_stands_for() -> None:
    base = Trajectory(("ball.x", "ball.mass"), np.array([[1.0, 7.0], [2.0, 7.0]]))
    records = [MatchRecord(truth="b.x", truth_unit="u", variable="ball.x", factor=0.5)]
    found = invert(records, Trajectory(("b.x",), np.array([[3.0], [4.0]])), base)
    np.testing.assert_array_equal(found.values, [[6.0, 7.0], [8.0, 7.0]])


def test_the_inverse_of_an_angle_takes_the_nearest_turn() -> None:
    base = Trajectory(("pole.a",), np.array([[-3.0], [np.nan]]))
    records = [MatchRecord(truth="p", truth_unit="rad", variable="pole.a")]
    found = invert(records, Trajectory(("p",), np.array([[3.2], [3.2]])), base)
    np.testing.assert_allclose(found.values[:, 0], [3.2 - 2 * math.pi, 3.2])
