from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pytest

from proggen.archive.records import BenchmarkRecord, StatesRecord
from proggen.archive.store import BenchmarkRun, load_run
from proggen.evaluation.divergence import column
from proggen.report import episode_data, episode_pages, episode_view

from .archive import CONTEXT, LENGTH, make_run


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> BenchmarkRun:
    path = make_run(tmp_path_factory.mktemp("runs"), episodes=2)
    return load_run(path).benchmarks["phyworld/collision"]


@pytest.fixture
def record(benchmark: BenchmarkRun) -> BenchmarkRecord:
    return benchmark.record


@pytest.fixture
def states(benchmark: BenchmarkRun) -> StatesRecord:
    return benchmark.episodes()[0].states.model_copy(deep=True)


def test_what_does_not_move_is_listed_as_a_constant(record: BenchmarkRecord, states: StatesRecord) -> None:
    assert [v.name for v in episode_data.moving(record, states)] == ["red_ball.x", "blue_ball.x"]
    constants = [c.variable.name for c in episode_view.constants(record, states)]
    assert constants == ["red_ball.y", "blue_ball.y", "red_ball.r", "blue_ball.r"]


def test_estimates_are_given_in_the_truths_unit(record: BenchmarkRecord, states: StatesRecord) -> None:
    record = record.model_copy(deep=True)
    record.matches[0].sign, record.matches[0].factor, record.matches[0].offset = -1, 2.0, 10.0
    seen = column(states.estimated, "red_ball.x")
    assert episode_data.estimated(record, states, "red_ball.x") == [10 - 2 * v for v in seen if v is not None]
    assert episode_data.estimated(record, states, "blue_ball.r") == []  # no match


def test_page_data_says_where_its_pictures_are(benchmark: BenchmarkRun) -> None:
    data = episode_data.page_data(benchmark.record, benchmark.episodes()[0], "here")
    assert data["frames"]["sheets"] == {"truth": "here/truth.webp", "prediction": "here/prediction.webp"}
    assert len(data["variables"][0]["truth"]) == LENGTH
    assert len(data["variables"][0]["predicted"]) == LENGTH - CONTEXT


def test_data_of_a_failed_episode_has_frames_alone(benchmark: BenchmarkRun) -> None:
    data = episode_data.page_data(benchmark.record, benchmark.episodes()[1], "here")
    assert (data["variables"], data["divergence"]) == ([], None)


@pytest.mark.parametrize("text", ["</script><script>", "<!--", "&lt;", "\u2028\u202e", "'\"\\"])
def test_data_in_a_page_can_end_no_element_and_comes_back_equal(text: str) -> None:
    element = str(episode_data.embedded({"name": text}))
    inside = element.removeprefix('<script type="application/json" id="episode-data">').removesuffix(
        "</script>"
    )
    assert not set("<>&") & set(inside)
    assert inside.isascii()
    assert json.loads(inside) == {"name": text}


def test_futures_are_given_by_variable(benchmark: BenchmarkRun) -> None:
    swept = benchmark.episodes()[0].sweeps()
    assert swept is not None
    data: dict[str, Any] = episode_data.counterfactual_data(benchmark.record, swept, [], "here")
    restitution, gravity = data["sweeps"]
    assert restitution["changes"] == [0]
    assert len(restitution["futures"][0]) == 1
    assert len(restitution["futures"][0][0]) == LENGTH - CONTEXT
    assert restitution["futures"][1] is None
    assert (restitution["sheet"], gravity["sheet"]) == ("here/sweep-0.webp", None)


def test_a_zip_has_the_same_bytes_from_the_same_files() -> None:
    files = {"b.txt": b"two" * 100, "a.gif": b"one"}
    data = episode_pages.zipped(files)
    assert data == episode_pages.zipped(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {n: archive.read(n) for n in archive.namelist()} == files


def test_the_table_of_states_has_every_frame_with_all_digits(states: StatesRecord) -> None:
    rows = list(csv.DictReader(io.StringIO(episode_pages.states_csv(states))))
    assert len(rows) == LENGTH
    assert float(rows[5]["truth:red_ball.x"]) == states.truth.values[5][0]
    assert float(rows[5]["predicted:red_ball.x"]) == states.compared.values[5 - CONTEXT][0]
    assert rows[0]["predicted:red_ball.x"] == ""
    assert rows[0]["program_estimated:red_ball.x"] != ""


def test_states_have_a_table_of_their_own_and_a_shared_best_is_not_marked(benchmark: BenchmarkRun) -> None:
    episode = benchmark.episodes()[0]
    episode.record.metrics["state.red_ball.x"] = {"proggen": 0.1, "repeat_last": 0.1}
    episode.record.metrics["start.red_ball.x"] = {"proggen": 0.1}
    main, of_states = episode_view.metric_tables(benchmark.record, episode)
    assert [line.name for line in of_states.lines] == ["state.red_ball.x"]
    assert of_states.lines[0].cells == [(0.1, False), (0.1, False)]
    assert not any(line.name.startswith("st") for line in main.lines)


def test_a_lead_that_does_not_matter_is_not_marked_as_the_best(benchmark: BenchmarkRun) -> None:
    episode = benchmark.episodes()[0]
    shown = {
        "pre_vel_error": {"proggen": 0.01, "repeat_last": 0.010014},
        "psnr": {"proggen": 41.0, "repeat_last": 40.5},
    }
    episode.record.metrics.update(shown)
    main, _ = episode_view.metric_tables(benchmark.record, episode)
    lines = {line.name: line.cells[0] for line in main.lines}
    assert (lines["pre_vel_error"], lines["psnr"]) == ((0.01, False), (41.0, True))
