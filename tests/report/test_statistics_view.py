from __future__ import annotations

from proggen.archive.records import CurveRecord, CurvesRecord, MetricValue, PairedDifference, StudiesRecord
from proggen.report import headline_view
from proggen.report.curve_plot import Curve, curve_plot
from proggen.report.metrics_view import table
from proggen.report.statistics_view import horizon, methods_of, pair_tables, rival
from proggen.report.studies_view import studies

from .archive import benchmark_record, curves, plain, study

METRIC = "post_vel_error"


def record(**verdicts: tuple[float, float]):  # type: ignore[no-untyped-def]
    """The test archive's benchmark with these intervals of the gain over baselines in the split "in"."""
    found = benchmark_record(plain, "phyworld/collision")
    for method, (low, high) in verdicts.items():
        gain, wins = (low + high) / 2, 0.9 if low + high > 0 else 0.1
        found.differences["in"][METRIC][method] = PairedDifference(
            mean=gain, ci95=(low, high), wins=wins, ties=0, n=24
        )
    return found


def marked(found: object) -> list[str]:
    """Methods whose mean in the split "in" is marked as the best one."""
    shown = table(found, [METRIC], brief=True)  # type: ignore[arg-type]
    return [str(row.label) for row in shown.rows if row.cells[0].best]


def test_ours_is_marked_only_if_clearly_better_than_every_baseline() -> None:
    clear = dict.fromkeys(("repeat_last", "constant_velocity", "nearest_clip"), (0.1, 0.2))
    assert marked(record(**clear)) == ["ProgGen"]
    assert marked(record(**clear | {"nearest_clip": (-0.1, 0.2)})) == []


def test_a_baseline_is_marked_only_where_ours_is_clearly_worse() -> None:
    found = record(constant_velocity=(-0.2, -0.1))
    found.metrics["in"][METRIC]["constant_velocity"] = MetricValue(mean=1e-6, ci95=(0, 2e-6), n=24)
    assert marked(found) == ["constant velocity"]
    found.differences["in"][METRIC]["constant_velocity"].ci95 = (-0.2, 0.1)
    assert marked(found) == []


def test_words_of_a_pair_follow_its_verdict() -> None:
    found = pair_tables(record(repeat_last=(0.1, 0.2), nearest_clip=(-0.1, 0.2), constant_velocity=(-2, -1)))
    said = {str(label): cells[0] and str(cells[0].words) for label, cells in found[METRIC].rows}
    assert said == {
        "repeat last frame": "better", "nearest training clip": "no clear difference", "constant velocity": "worse",
    }  # fmt: skip


def test_a_gain_that_does_not_matter_is_neither_better_nor_marked() -> None:
    """1.4e-5 u/s over every baseline, surely: the interval excludes zero."""
    sure = dict.fromkeys(("repeat_last", "constant_velocity", "nearest_clip"), (1.3e-5, 1.5e-5))
    found = record(**sure)
    assert marked(found) == ["ProgGen"]  # as long as nothing is known of what matters
    for method in sure:
        found.differences["in"][METRIC][method].smallest = found.smallest[METRIC]
    assert marked(found) == []
    shown = pair_tables(found)[METRIC]
    assert {str(cells[0].words) for _, cells in shown.rows if cells[0]} == {"no difference that matters"}
    assert shown.smallest == 0.001


def test_headline_and_bands_speak_of_the_baseline_chosen_on_training_clips() -> None:
    """Another one is better on the episodes themselves."""
    found = record()
    found.metrics["in"][METRIC]["nearest_clip"] = MetricValue(mean=1e-6, ci95=(0, 2e-6), n=24)
    line = headline_view.line(found, [METRIC])
    assert line is not None
    assert [str(side.baseline[0]) for side in line.sides if side.baseline] == ["constant velocity"] * 2
    found.rival = None
    line = headline_view.line(found, [METRIC])
    assert line is not None
    assert [side.baseline for side in line.sides] == [None, None]
    assert {str(p.rival) for p in horizon(found, curves())} == {""}


def test_the_choice_of_the_baseline_is_shown_with_its_means() -> None:
    found = rival(record())
    assert found is not None
    assert (str(found.label), found.clips, found.learned) == ("constant velocity", 2, 8)
    assert found.metrics[0][1] == [0.4, 0.12, 0.25]


def test_headline_metrics_come_first_with_every_split() -> None:
    found = pair_tables(record())
    assert list(found)[:3] == ["post_vel_error_per_frame", "post_vel_error", "pre_vel_error"]
    assert (len(found[METRIC].splits), len(found["psnr"].splits)) == (7, 3)


def test_one_plot_a_metric_and_pool() -> None:
    found = horizon(record(), curves())
    assert [(str(p.label), str(p.pool)) for p in found] == [
        ("PSNR", "in distribution"),
        ("PSNR", "out of distribution"),
        ("state error of red_ball.x", "in distribution"),
        ("state error of red_ball.x", "out of distribution"),
    ]
    assert {str(p.rival) for p in found} == {"constant velocity"}
    assert all("pg-band" in p.plot for p in found)


def test_an_error_that_never_changes_has_no_plot() -> None:
    flat = CurveRecord(start=3, mean=[0.2] * 4, low=[0.1] * 4, high=[0.3] * 4, n=[5] * 4)
    found = CurvesRecord(curves={"in": {"state.red_ball.r": {"proggen": flat}}})
    assert horizon(record(), found) == []


def test_a_method_has_one_style_in_all_plots() -> None:
    styles = dict(methods_of(curves()))
    assert styles["proggen"] == "ours"
    assert len(set(styles.values())) == 4


def test_a_logarithmic_axis_leaves_out_what_is_not_positive() -> None:
    curve = Curve("ours", "ours", [1, 2, 3], [0.0, 0.1, 1.0], [0.0, 0.05, 0.5], [0.0, 0.2, 2.0], "band")
    drawn = curve_plot([curve], title="errors", x_label="frame", y_label="error", log=True)
    assert "ours: 0 at 1, 1.00 at 3" in drawn
    assert "nan" not in drawn
    none = Curve("ours", "ours", [1, 2], [0.0, None], [0.0, None], [0.0, None])
    assert curve_plot([none], title="errors", x_label="frame", y_label="error", log=True) == ""


def test_labels_of_curves_are_escaped() -> None:
    curve = Curve("<script>", "ours", [1, 2], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0], "bars")
    drawn = curve_plot([curve], title="<b>", x_label="<i>", y_label="<u>", log=False)
    assert not any(tag in drawn for tag in ("<script>", "<b>", "<i>", "<u>"))


def test_a_study_shows_the_run_first_and_the_curve_over_clips() -> None:
    found = studies(record(), StudiesRecord(episodes=["a"], clips=study(plain), choice=None))
    assert found is not None
    assert found.clips is not None
    assert [(r.setting.clips, r.own, r.same) for r in found.clips.rows] == [
        (10, True, True),
        (5, False, True),
        (2, False, False),
        (1, False, False),
    ]
    [(label, plot)] = found.plots
    assert str(label) == "error of the mean velocity after the impact"
    assert "in distribution: 0.0500 at 1, 0.0100 at 10" in plot
    pair = found.clips.rows[3].cells[0][1]
    assert pair is not None
    assert pair.verdict == "better"


def test_a_metric_that_no_setting_moves_has_no_curve() -> None:
    still = study(plain)
    for pool in still.metrics.values():
        pool[METRIC] = dict.fromkeys(pool[METRIC], pool[METRIC]["proggen"])
    found = studies(record(), StudiesRecord(episodes=["a"], clips=still, choice=None))
    assert found is not None
    assert found.plots == []
