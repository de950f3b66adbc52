"""A whole run of a small benchmark: recorded replies, real sandbox, real archive."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import proggen
from proggen.archive import Run
from proggen.archive.files import digests
from proggen.archive.records import CandidateRecord, EpisodeRecord, RunConfig
from proggen.audit.imagine import data_options
from proggen.errors import ArchiveError, RecordingError, UsageError
from proggen.report.notebook import write_notebook

pytestmark = pytest.mark.usefixtures("installed")


def settings(runs: Path, recordings: Path, name: str = "one") -> proggen.Settings:
    return proggen.Settings(benchmarks=("test/box",), runs=runs, recordings=recordings, name=name, jobs=2)


def run(wanted: proggen.Settings) -> Run:
    options = {k: getattr(wanted, k) for k in ("runs", "recordings", "name", "jobs", "episodes", "seed")}
    return proggen.run("test/box", **options)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, recordings: Path, plugin: Path) -> Run:
    """One finished run that the tests of this file read; those that change it copy it first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(plugin))
        return run(settings(tmp_path_factory.mktemp("runs"), recordings))


def test_summary_has_the_agreed_form(done: Run) -> None:
    summary = json.loads((done.path / "summary.json").read_text())
    assert set(summary) == {"benchmarks"}
    splits = summary["benchmarks"]["test/box"]
    assert set(splits) == {"in", "far", "ood", "all"}
    assert {"state.box.x", "state.box.y", "state.box.vx", "psnr", "ssim"} <= set(splits["all"])
    row = splits["all"]["psnr"]
    assert {"proggen", "repeat_last", "constant_velocity", "constant_acceleration", "nearest_clip"} <= set(
        row
    )
    assert set(row["proggen"]) == {"mean", "ci95", "n"}
    assert row["proggen"]["n"] == 6


def test_prediction_beats_the_baselines(done: Run) -> None:
    row = done.summary.benchmarks["test/box"]["all"]["state.box.x"]
    rivals = ("repeat_last", "constant_velocity", "nearest_clip")
    assert row["proggen"].mean < 0.1 * min(row[m].mean for m in rivals)


def test_archive_holds_what_was_asked_for(done: Run) -> None:
    folder = done.path / "test/box"
    for name in ("perception", "dynamics", "rendering"):
        assert (folder / "programs" / f"{name}.py").is_file()
        assert (folder / "transcripts" / f"{name}-c0-r0" / "prompt.md").is_file()
        assert (folder / "candidates" / f"{name}-c1-r0.json").is_file()
    [first, *_] = done.benchmarks["test/box"].episodes()
    names = {p.name for p in first.path.iterdir()}
    assert {"truth.gif", "prediction.gif", "comparison.gif", "states.json", "episode.json"} <= names


def test_archive_tells_how_the_pairs_compared(done: Run) -> None:
    record = done.benchmarks["test/box"].record
    best = record.selection[0]
    assert (best.perception, best.dynamics) == (record.chosen["perception"], record.chosen["dynamics"])


def test_states_hold_truth_and_prediction(done: Run) -> None:
    states = done.benchmarks["test/box"].episodes()[0].states
    assert (len(states.truth.values), len(states.estimated.values), len(states.predicted.values)) == (
        12,
        3,
        9,
    )
    assert states.predicted.start == 3


def test_counterfactuals_of_the_first_episode_of_each_split(done: Run) -> None:
    counts = [len(e.counterfactuals()) for e in done.benchmarks["test/box"].episodes()]
    assert counts == [2, 0, 0, 2, 0, 0]


def test_transcripts_hold_prompt_pictures_and_model(done: Run) -> None:
    for transcript in done.benchmarks["test/box"].transcripts():
        assert transcript.record.model == "scripted"
        assert transcript.record.source == "recorded"
        assert transcript.prompt
        assert all(p.is_file() for p in transcript.pictures)


def test_same_seed_same_numbers(done: Run, recordings: Path, tmp_path: Path) -> None:
    again = run(settings(tmp_path, recordings, "two"))
    assert (again.path / "summary.json").read_bytes() == (done.path / "summary.json").read_bytes()


def test_every_number_is_derived_again(done: Run) -> None:
    assert proggen.verify(done) == []


def test_the_error_is_split_in_parts_that_add_up(done: Run) -> None:
    record = done.benchmarks["test/box"].record
    assert record.fit_on_truth is not None
    assert record.fit_on_truth.values()["drag"] == pytest.approx(0.3, abs=1e-3)
    parts = record.budgets["all"]["state.box.x"]
    summed = sum(parts[p].mean for p in ("perception", "parameters", "structure"))
    assert summed == pytest.approx(parts["total"].mean)
    assert parts["total"].mean == record.metrics["all"]["state.box.x"]["proggen"].mean
    assert parts["structure"].mean < 0.1 * parts["perception"].mean
    assert "physics" not in parts


def test_the_estimate_at_the_start_is_measured(done: Run) -> None:
    entry = done.benchmarks["test/box"].episodes()[0]
    estimated, true = entry.states.estimated.values[-1][0], entry.states.truth.values[2][0]
    assert estimated is not None
    assert true is not None
    assert entry.record.metrics["start.box.x"] == {"proggen": abs(estimated - true)}


def test_the_notebook_derives_the_archived_means_from_the_episodes(done: Run, tmp_path: Path) -> None:
    template = (Path(proggen.__file__).parents[1] / "templates/notebook.py.txt").read_text()
    write_notebook(tmp_path / "book.ipynb", template, done, done.benchmarks["test/box"], tmp_path)
    cells = json.loads((tmp_path / "book.ipynb").read_text())["cells"]
    printed = [output["text"] for cell in cells for output in cell.get("outputs", [])]
    assert any(re.search(r"^0 of [1-9]\d* derived means differ", text, re.MULTILINE) for text in printed)
    assert any(" -> " in text for text in printed)


def test_what_the_model_knew_is_derived_and_archived(done: Run) -> None:
    known = done.benchmarks["test/box"].knowledge()
    assert known is not None
    [drag] = known.parameters
    assert (drag.start, drag.verdict, known.verdict) == (0.5, "learned", "learned")
    assert {c.name: (c.parameter, c.equal) for c in known.constants} == {
        "drag": ("drag", False),
        "warmth": (None, False),
    }
    assert {(r.transcript, r.of) for r in known.replies} >= {("dynamics-c1-r0", "dynamics-c0-r0")}


def test_true_constants_reach_the_panel_alone(done: Run) -> None:
    texts = (p for p in done.path.rglob("*") if p.suffix in (".json", ".md", ".py"))
    assert [p.name for p in texts if "987.65" in p.read_text()] == ["knowledge.json"]


@pytest.mark.parametrize("change", ["verdict", "missing"])
def test_verify_finds_another_panel(done: Run, tmp_path: Path, change: str) -> None:
    copy = shutil.copytree(done.path, tmp_path / "copy")
    path = copy / "test/box/knowledge.json"
    if change == "missing":
        path.unlink()
    else:
        path.write_text(path.read_text().replace('"verdict": "learned"', '"verdict": "assumed"', 1))
    [found] = proggen.verify(proggen.load_run(copy))
    assert "knowledge.json" in found


def test_verify_finds_another_outcome_of_a_candidate(done: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(done.path, tmp_path / "copy")
    path = copy / "test/box/candidates/dynamics-c0-r0.json"
    record = CandidateRecord.model_validate_json(path.read_bytes())
    assert record.fit is not None
    record.fit.parameters[0].value += 0.01
    path.write_text(record.model_dump_json())
    assert proggen.verify(proggen.load_run(copy)) == [
        "test/box: synthesis from the archived replies finds another outcome of a candidate."
    ]


def test_the_rival_and_what_matters_come_from_the_training_clips(done: Run) -> None:
    record = done.benchmarks["test/box"].record
    assert record.rival is not None
    assert record.rival.clips == record.held_out_clips != []
    values = record.rival.values["state.box.x"]
    assert record.rival.method == min(values, key=lambda b: values[b])
    assert set(values) == {
        "repeat_last",
        "constant_velocity",
        "constant_acceleration",
        "nearest_clip",
        "regressor",
    }
    pair = record.differences["all"]["state.box.x"]["repeat_last"]
    assert pair.smallest == record.smallest["state.box.x"] > 0


def test_verify_finds_another_rival_and_another_smallest_effect(done: Run, tmp_path: Path) -> None:
    copy = proggen.load_run(shutil.copytree(done.path, tmp_path / "copy"))
    path = copy.path / "test/box/benchmark.json"
    record = json.loads(path.read_text())
    record["rival"]["method"], record["smallest"]["psnr"] = "repeat_last", 3.0
    path.write_text(json.dumps(record))
    found = proggen.verify(copy)
    assert "test/box: another baseline to compare with is derived from the training clips." in found
    assert "test/box: another table of smallest effects is derived from the training clips." in found


def test_verify_of_one_episode_looks_at_no_other(done: Run, tmp_path: Path) -> None:
    copy = proggen.load_run(shutil.copytree(done.path, tmp_path / "copy"))
    one, two = copy.benchmarks["test/box"].episodes()[:2]
    (two.path / "truth.gif").write_bytes(b"GIF89a")
    assert proggen.verify(copy, f"test/box/{one.record.id}") == []
    assert proggen.verify(copy, two.record.id) == [
        f"test/box/{two.record.id}: truth.gif was changed after it was archived."
    ]


def test_verify_finds_other_parameters_fitted_to_the_truth(done: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(done.path, tmp_path / "copy")
    record = proggen.load_run(copy).benchmarks["test/box"].record
    assert record.fit_on_truth is not None
    record.fit_on_truth.parameters[0].value = 0.7
    (copy / "test/box/benchmark.json").write_text(record.model_dump_json())
    found = "\n".join(proggen.verify(proggen.load_run(copy)))
    assert "fitted to true states differ" in found
    assert "of true_start_and_parameters is archived as" in found


def test_verify_learns_again_from_the_archived_replies(done: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(done.path, tmp_path / "copy")
    benchmark = proggen.load_run(copy).benchmarks["test/box"]
    benchmark.record.fit.parameters[0].value += 0.01
    (benchmark.path / "benchmark.json").write_text(benchmark.record.model_dump_json())
    states = sorted((benchmark.path / "training").iterdir())[0]
    training = benchmark.training()[0]
    training.perceived.values[0][0] = 7.0
    states.write_text(training.model_dump_json())
    found = [line for line in proggen.verify(proggen.load_run(copy)) if "archived replies" in line]
    assert found == [
        "test/box: synthesis from the archived replies finds another fit.",
        "test/box: synthesis from the archived replies finds another state of a training clip.",
    ]


def test_verify_finds_a_changed_number_program_and_file(done: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(done.path, tmp_path / "copy")
    episode = proggen.load_run(copy).benchmarks["test/box"].episodes()[0].path
    record = EpisodeRecord.model_validate_json((episode / "episode.json").read_bytes())
    record.metrics["psnr"]["proggen"] = 99.0
    (episode / "episode.json").write_text(record.model_dump_json())
    (episode / "truth.gif").write_bytes(b"GIF89a")
    found = "\n".join(proggen.verify(proggen.load_run(copy)))
    assert "psnr of proggen is archived as 99.0" in found
    assert "truth.gif was changed" in found
    assert "pooled metrics" in found


def test_verify_finds_other_states_and_frames_even_with_their_digests_renewed(
    done: Run, tmp_path: Path
) -> None:
    copy = shutil.copytree(done.path, tmp_path / "copy")
    entry = proggen.load_run(copy).benchmarks["test/box"].episodes()[0]
    first = entry.states.predicted.values[0]
    assert first[0] is not None
    first[0] += 0.01
    (entry.path / "states.json").write_text(entry.states.model_dump_json())
    pixels = np.array(Image.open(entry.path / "prediction.webp").convert("RGB"))
    pixels[3, 3] ^= 8
    Image.fromarray(pixels).save(entry.path / "prediction.webp", lossless=True)
    record = entry.record.model_copy(update={"digests": digests(entry.path, ("episode.json",))})
    (entry.path / "episode.json").write_text(record.model_dump_json())
    found = proggen.verify(proggen.load_run(copy), entry.record.id)
    assert [line.split(": ")[1] for line in found] == [
        "the states differ from what is derived.",
        "the frames in prediction.webp differ from what is derived.",
    ]


def test_stopped_run_goes_on_and_ends_the_same(done: Run, recordings: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(done.path, tmp_path / "one")
    (copy / "summary.json").unlink()
    folder = copy / "test/box"
    record = proggen.load_run(copy).benchmarks["test/box"].record
    (folder / "benchmark.json").write_text(record.model_copy(update={"metrics": {}}).model_dump_json())
    episodes = sorted((folder / "episodes").iterdir())
    shutil.rmtree(episodes[0])
    kept = (episodes[1] / "episode.json").stat().st_mtime_ns
    again = run(settings(tmp_path, recordings))
    assert again.summary == done.summary
    assert (episodes[1] / "episode.json").stat().st_mtime_ns == kept


def test_finished_run_of_that_name_is_not_run_again(done: Run, recordings: Path) -> None:
    before = (done.path / "test/box" / "benchmark.json").stat().st_mtime_ns
    run(settings(done.path.parent, recordings))
    assert (done.path / "test/box" / "benchmark.json").stat().st_mtime_ns == before


def test_name_taken_by_other_settings_is_a_usage_error(done: Run, recordings: Path) -> None:
    with pytest.raises(UsageError, match="choose another --name"):
        run(replace(settings(done.path.parent, recordings), seed=7))


def test_impacts_are_archived_and_derived_again_as_they_were(done: Run) -> None:
    """In the settings, in the command that makes the run again, and where episodes are loaded again."""
    usual, other = proggen.Settings(), proggen.Settings(impacts="box2d-default")
    assert "--impacts" not in usual.command("one")
    assert "--impacts box2d-default" in other.command("one")
    for wanted in (usual, other):
        record = done.record.model_copy(update={"config": wanted.config()})
        assert data_options(record, None) == wanted.options()
    assert (usual.options().impacts, other.options().impacts) == ("elastic", "box2d-default")
    older = usual.config().model_dump(exclude={"impacts"})
    assert RunConfig.model_validate(older).impacts == "box2d-default"
    with pytest.raises(UsageError, match="box2d-default"):
        proggen.Settings(impacts="sticky")  # type: ignore[arg-type]


def test_missing_recordings_are_an_error_that_says_how_to_record(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="proggen record test/box"):
        run(settings(tmp_path, tmp_path / "none"))


def test_counterfactual_is_archived_beside_the_others(done: Run, tmp_path: Path) -> None:
    copy = proggen.load_run(shutil.copytree(done.path, tmp_path / "copy"))
    path = proggen.counterfactual(copy, "test/box/in-0101", ["box.vx*=2", "drag=0"])
    [(found, record)] = copy.find("test/box/in-0101")[1].counterfactuals()
    assert found == path
    assert (path / "counterfactual.gif").is_file()
    ahead = record.counterfactual.values[-1][0], record.factual.values[-1][0]
    assert ahead[0] is not None
    assert ahead[1] is not None
    assert ahead[0] > ahead[1]


def test_unknown_episode_and_run_are_told(done: Run) -> None:
    with pytest.raises(UsageError, match="BENCHMARK/ID"):
        proggen.counterfactual(done, "nothing", ["drag=0"])
    with pytest.raises(ArchiveError, match="no run at"):
        proggen.load_run("nowhere")


def test_damaged_record_is_named(done: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(done.path, tmp_path / "copy")
    (copy / "test/box/benchmark.json").write_text('{"format": 1')
    with pytest.raises(ArchiveError, match=r"benchmark\.json can't be read"):
        _ = proggen.load_run(copy).benchmarks["test/box"].record


def test_other_archive_version_is_told(done: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(done.path, tmp_path / "copy")
    (copy / "run.json").write_text('{"format": 99}')
    with pytest.raises(ArchiveError, match="format 99"):
        proggen.load_run(copy)
