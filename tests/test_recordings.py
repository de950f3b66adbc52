"""The shipped recordings: complete, current, and used as they are by the documented example."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from proggen.archive.files import digest
from proggen.llm import DEFAULT_FOLDER, Templates
from proggen.llm.recorded import RecordingRecord

ROOT = Path(__file__).parent.parent
BENCHMARKS = (
    "phyworld/uniform_motion", "phyworld/parabola", "phyworld/collision", "cartpole/push", "cartpole/actions",
)  # fmt: skip
FILES = sorted(DEFAULT_FOLDER.rglob("*.json"))


@pytest.mark.parametrize("benchmark", BENCHMARKS)
@pytest.mark.parametrize("program", ["perception", "rendering", "dynamics"])
def test_two_candidates_of_each_program_are_recorded(benchmark: str, program: str) -> None:
    for candidate in (0, 1):
        assert (DEFAULT_FOLDER / benchmark / f"{program}-c{candidate}-r0.reply.md").is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_recording_answers_the_current_template_and_is_verbatim(file: Path) -> None:
    record = RecordingRecord.model_validate_json(file.read_bytes())
    assert record.template_digest == Templates().digest(record.template)
    assert record.reply_digest == digest(file.with_suffix("").with_suffix(".reply.md").read_bytes())
    assert record.model
    assert record.recorded


@pytest.mark.slow
def test_documented_example_runs_and_its_replies_answer_the_same_prompts(tmp_path: Path) -> None:
    [code] = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/python-api.md").read_text(), re.M | re.S)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "velocity error 0.00" in done.stdout
    assert "archived in" in done.stdout
    run = tmp_path / "runs/example"
    assert (run / "summary.json").is_file()
    assert list(run.rglob("counterfactual.gif"))
