"""Studies of a small run: real fits, real synthesis from the archived replies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import proggen
from proggen.archive import Run
from proggen.archive.records import StudiesRecord
from proggen.audit.replay import ArchivedReplies, remembering, replay
from proggen.audit.studies import derive, study
from proggen.benchmarks.base import DataOptions
from proggen.inference import JOBS, calls
from proggen.inference.problems import Rollout
from proggen.llm import Prompt
from proggen.sandbox import Sandbox
from proggen.sandbox.workers import Workers

from .world import DYNAMICS, Box, episode

pytestmark = [pytest.mark.usefixtures("installed"), pytest.mark.slow]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, recordings: Path, plugin: Path) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(plugin))
        runs = tmp_path_factory.mktemp("runs")
        run = proggen.run("test/box", runs=runs, recordings=recordings, name="one", jobs=2, baselines=())
        study(run, episodes=4, jobs=2)
        return run


@pytest.fixture
def studies(done: Run) -> StudiesRecord:
    found = done.benchmarks["test/box"].studies()
    assert found is not None
    return found


def test_episodes_are_spread_over_the_splits(studies: StudiesRecord) -> None:
    assert sorted(e.split("-")[0] for e in studies.episodes) == ["far", "far", "in", "in"]


def test_fits_see_the_first_clips_only_and_the_run_all(studies: StudiesRecord) -> None:
    assert studies.clips is not None
    assert [s.clips for s in studies.clips.settings] == [4, 1, 2, 3]
    drags = {s.clips: s.parameters["drag"] for s in studies.clips.settings}
    assert drags[1] == pytest.approx(0.3, abs=0.05)
    assert len(set(drags.values())) == 4


def test_the_run_is_compared_with_each_setting_on_the_same_episodes(studies: StudiesRecord) -> None:
    assert studies.clips is not None
    pairs = studies.clips.differences["all"]["state.box.x"]
    assert set(pairs) == {"clips-1", "clips-2", "clips-3"}
    assert all(p.n == 4 for p in pairs.values())


def test_states_are_predicted_but_not_drawn_for_fewer_clips(studies: StudiesRecord) -> None:
    assert studies.clips is not None
    assert set(studies.clips.metrics["all"]["psnr"]) == {"proggen"}
    assert set(studies.clips.metrics["all"]["state.box.x"]) == {"proggen", "clips-1", "clips-2", "clips-3"}


def test_every_smaller_number_of_candidates_and_rounds_is_replayed(studies: StudiesRecord) -> None:
    assert studies.choice is not None
    pairs = {(s.candidates, s.rounds) for s in studies.choice.settings}
    assert pairs == {(c, r) for c in (1, 2) for r in (0, 1, 2)}
    assert all(s.failure is None for s in studies.choice.settings)


def test_the_same_choice_has_the_same_numbers_as_the_run(studies: StudiesRecord, done: Run) -> None:
    assert studies.choice is not None
    own, *others = studies.choice.settings
    same = [s for s in others if s.chosen == own.chosen]
    assert same
    for setting in same:
        assert setting.parameters == own.parameters
        means = studies.choice.metrics["all"]["psnr"]
        assert means[setting.name] == means["proggen"]


def test_studies_are_derived_again(done: Run, studies: StudiesRecord) -> None:
    with Sandbox(JOBS) as sandbox, Workers(sandbox, 2) as workers:
        again = derive(done, done.benchmarks["test/box"], studies.episodes, workers, DataOptions())
    assert again == studies


def test_verify_finds_a_changed_study(done: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(done.path, tmp_path / "copy")
    path = copy / "test/box/studies.json"
    found = StudiesRecord.model_validate_json(path.read_bytes())
    assert found.clips is not None
    found.clips.settings[1].parameters["drag"] = 0.9
    path.write_text(found.model_dump_json())
    assert proggen.verify(proggen.load_run(copy)) == ["test/box: the studies differ from what is derived."]


def test_full_settings_replay_to_the_run_itself(done: Run) -> None:
    benchmark = done.benchmarks["test/box"]
    clips = [episode(i, "train").clip for i in range(4)]
    with Sandbox(JOBS) as sandbox, Workers(sandbox, 2) as workers:
        transcripts = benchmark.path / "transcripts"
        found = replay(Box.info, clips, transcripts, workers, candidates=2, rounds=2, seed=42)
    assert found.chosen == benchmark.record.chosen
    assert found.world.parameters == benchmark.record.fit.values()


def test_a_reply_that_was_never_given_is_told(done: Run) -> None:
    model = ArchivedReplies(done.benchmarks["test/box"].path / "transcripts")
    with pytest.raises(proggen.ProggenError, match="never asked"):
        model.complete(Prompt("test/box", "dynamics", 7, 0, "dynamics", "", ""))


def test_equal_jobs_run_once(workers: Workers) -> None:
    asked = []
    real = workers.sandbox.run
    workers.sandbox.run = lambda *a, **k: asked.append(a) or real(*a, **k)  # type: ignore[method-assign]
    jobs = [Rollout({"box.x": 1.0, "box.vx": 1.0}, {"drag": d}, 0.1, 3) for d in (0.1, 0.1, 0.2)]
    with remembering(workers) as once:
        one, two, other = (calls.rollout(once.sandbox, DYNAMICS, [job])[0] for job in jobs)
    assert len(asked) == 2
    assert (one.values == two.values).all()
    assert (one.values != other.values).any()
    assert calls.rollout(workers.sandbox, DYNAMICS, jobs[:1])  # and the sandbox is still open
