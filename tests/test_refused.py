"""Runs that are refused: one sentence, no folder, and the name stays free."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import proggen
from proggen.archive import store
from proggen.benchmarks import DataOptions
from proggen.benchmarks.phyworld import Parabola, export
from proggen.errors import DataError, RecordingError, UsageError
from proggen.llm import Prompt, Reply
from proggen.run.runner import training_clips
from proggen.synthesis.journal import ArchiveJournal

from .llm.server import good, serving

PROMPT = Prompt("test/box", "scene", 0, 0, "scene", "t", "What is there?")


@pytest.fixture(scope="module")
def throws(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = Parabola().evaluation(DataOptions())
    path = tmp_path_factory.mktemp("data") / "throws.hdf5"
    export(path, (source.load(k) for k in source.keys[:4]))
    return path


def test_a_file_of_another_scenario_leaves_no_folder(throws: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is this a file of parabola"):
        proggen.run("phyworld/uniform_motion", data=throws, runs=tmp_path, name="mine")
    assert list(tmp_path.iterdir()) == []


def test_missing_recordings_leave_no_folder(installed: None, tmp_path: Path) -> None:
    with pytest.raises(RecordingError):
        proggen.run("test/box", runs=tmp_path, name="mine", recordings=tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_several_benchmarks_without_any_result_leave_no_folder(throws: Path, tmp_path: Path) -> None:
    with pytest.raises(proggen.ProggenError, match="No benchmark has results"):
        proggen.run("phyworld/parabola", "phyworld/collision", runs=tmp_path, recordings=tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("installed")
def test_a_reply_that_was_paid_for_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint answers once, with a scene that can't be used, and then fails."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with serving(good("no scene at all")) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        with pytest.raises(proggen.ProggenError):
            proggen.run("test/box", llm="openai:m", runs=tmp_path, name="mine", candidates=1, rounds=0)
    assert (tmp_path / "mine" / "test" / "box" / "transcripts" / "scene-c0-r0" / "reply.md").exists()


@pytest.mark.parametrize(("source", "empty"), [("recorded", True), ("live", False)])
def test_only_replies_of_a_live_model_are_worth_keeping(tmp_path: Path, source: str, empty: bool) -> None:
    ArchiveJournal(tmp_path).transcript(PROMPT, Reply("x", "m", source))  # type: ignore[arg-type]
    assert store.holds_nothing(tmp_path) is empty


def test_a_folder_given_as_file_and_two_benchmarks_are_told(tmp_path: Path, throws: Path) -> None:
    with pytest.raises(UsageError, match="is a folder: name the HDF5 file in it"):
        proggen.run("phyworld/parabola", data=tmp_path, runs=tmp_path / "runs")
    with pytest.raises(UsageError, match="name that one alone"):
        proggen.run("phyworld/parabola", "phyworld/collision", data=throws, runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_one_training_clip_is_told(tmp_path: Path, throws: Path) -> None:
    source = Parabola().training(DataOptions())
    path = tmp_path / "one.hdf5"
    export(path, [source.load(source.keys[0])])
    with pytest.raises(DataError, match="needs at least 2 training clips, and there is only one"):
        proggen.run("phyworld/parabola", data=throws, train_data=path, runs=tmp_path / "runs")


def test_recorded_replies_to_other_clips_are_told_in_one_line(tmp_path: Path) -> None:
    journal = ArchiveJournal(tmp_path)
    for i in range(3):
        prompt = Prompt("test/box", "dynamics", i, 0, "dynamics", "t", "?")
        journal.transcript(prompt, Reply("x", "m", "recorded", other_prompt=i > 0))
    (note,) = journal.notes
    assert note.startswith(
        "The programs were written from other clips than this run's: 2 of 3 recorded replies"
    )


def test_the_command_says_one_sentence_and_exits_with_1(throws: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "proggen", "run", "phyworld/uniform_motion", "--name", "mine"]
    root = Path(proggen.__file__).parent.parent
    called = subprocess.run(
        [*command, "--data", str(throws), "--runs", str(tmp_path / "runs")],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert called.returncode == 1
    assert "is this a file of parabola?" in called.stderr
    assert "Traceback" not in called.stderr
    assert not (tmp_path / "runs" / "mine").exists()


def test_what_is_left_out_of_training_clips_is_kept(throws: Path) -> None:
    given = training_clips(Parabola(), DataOptions(train_data=throws), 10)
    assert len(given.episodes) == 4
    assert "is this an evaluation file?" in given.left_out or given.left_out == ""
    assert given.problems == list(Parabola().training(DataOptions(train_data=throws)).problems)
