"""Which baselines a run has: settings, archive, command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import proggen
from proggen.cli import main
from proggen.errors import UsageError
from proggen.evaluation.baselines import QUICK

pytestmark = pytest.mark.usefixtures("installed")


@pytest.mark.slow
def test_a_run_has_the_baselines_it_was_asked_for(recordings: Path, tmp_path: Path) -> None:
    asked = ("regressor", "repeat_last", "fixed_box2d")  # the last one is for PhyWorld only
    run = proggen.run(
        "test/box", runs=tmp_path, recordings=recordings, name="one", jobs=2, episodes=2, baselines=asked
    )
    assert run.record.config.baselines == ["repeat_last", "regressor", "fixed_box2d"]
    assert "--baselines repeat_last,regressor,fixed_box2d" in run.record.command
    methods = set(run.summary.benchmarks["test/box"]["all"]["psnr"])
    assert {"proggen", "repeat_last", "regressor"} <= methods
    assert not {"fixed_box2d", "constant_velocity"} & methods
    assert proggen.verify(run) == []


def test_settings_say_which_by_default_and_which_not_in_the_command() -> None:
    settings = proggen.Settings(benchmarks=("test/box",))
    assert settings.config().baselines == list(QUICK)
    assert "--baselines" not in settings.command("one")
    assert "--baselines none" in proggen.Settings(benchmarks=("test/box",), baselines=()).command("one")


def test_settings_refuse_unknown_names() -> None:
    with pytest.raises(UsageError, match="no baseline 'magic'"):
        proggen.Settings(benchmarks=("test/box",), baselines=("magic",))


def test_the_command_line_refuses_unknown_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["run", "test/box", "--baselines", "magic"])
    assert "no baseline 'magic'" in capsys.readouterr().err
