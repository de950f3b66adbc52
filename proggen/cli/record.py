"""`proggen record BENCHMARK --llm openai:MODEL`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click

from .. import benchmarks
from ..archive.records import CandidateRecord
from ..archive.writer import BenchmarkWriter
from ..errors import UsageError
from ..inference import JOBS
from ..llm import DEFAULT_FOLDER, Recorder, open_model
from ..numbers import number, with_unit
from ..progress import open_progress
from ..run.learning import learn
from ..run.runner import training_clips
from ..run.settings import default_jobs
from ..sandbox import Sandbox
from ..sandbox.workers import Workers
from .options import (
    data_options,
    impacts_option,
    lossless_option,
    quiet_option,
    seed_option,
    settings,
    synthesis_options,
    unsafe_option,
)
from .tables import aligned


@click.command("record")
@click.argument("benchmark")
@click.option("--llm", required=True, help="'openai:MODEL': the model to ask.")
@click.option("--jobs", type=click.IntRange(min=1), default=default_jobs, show_default="cores")
@click.option(
    "--again", is_flag=True, help="Ask for every reply anew, also for those recorded for the same prompt."
)
@seed_option
@data_options
@lossless_option
@impacts_option
@synthesis_options
@unsafe_option
@quiet_option
def record(benchmark: str, llm: str, again: bool, quiet: bool, **options: Any) -> None:
    """Ask a live model for the programs of BENCHMARK and keep its replies, verbatim, as recordings."""
    if llm == "recorded":
        raise UsageError("Recording needs a live model: --llm openai:MODEL.")
    wanted = settings((benchmark,), {**options, "llm": llm})
    kind = benchmarks.get(benchmark)
    live = open_model(llm, timeout=wanted.timeout, retries=wanted.retries)
    model = Recorder(live, wanted.recordings or DEFAULT_FOLDER, again=again)
    training = training_clips(kind, wanted.options(), wanted.config().training_clips).episodes
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(JOBS, unsafe=wanted.unsafe) as sandbox,
        Workers(sandbox, wanted.jobs) as workers,
    ):
        out = BenchmarkWriter(Path(folder))
        try:
            learned = learn(kind.info, training, model, workers, out, wanted, open_progress(quiet=quiet))
        finally:
            click.echo(_candidates(Path(folder)))
    assert learned.synthesis is not None
    click.echo(f"chosen: {', '.join(learned.synthesis.chosen.values())}")
    click.echo(f"Recorded in {model.folder / benchmark}.")


def _candidates(folder: Path) -> str:
    rows = [["candidate", "status", "scores", "failure"]]
    for path in sorted(folder.glob("candidates/*r?.json")):
        found = CandidateRecord.model_validate_json(path.read_bytes())
        scores = ", ".join(f"{s.name} {with_unit(number(s.value, 4), s.unit)}" for s in found.scores)
        failure = f"{found.failure.kind}: {found.failure.message[:120]}" if found.failure else ""
        rows.append([found.transcript, found.status, scores, failure.replace("\n", " ")])
    return aligned(rows)
