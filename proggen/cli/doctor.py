"""`proggen doctor`."""

from __future__ import annotations

import os
import shutil

import click

from .. import benchmarks
from ..errors import ProggenError
from ..llm import DEFAULT_FOLDER, OpenAIModel
from ..run.versions import ffmpeg_version, versions
from ..sandbox import self_test
from ..sandbox.levels import missing
from .options import unsafe_option
from .tables import aligned


@click.command("doctor")
@unsafe_option
def doctor(unsafe: bool) -> int:
    """Say what this machine offers: versions, codec, isolation of programs, recordings, key, endpoint."""
    rows = [["what", "state"], *([name, version] for name, version in versions().items())]
    rows.append(["video codec", f"ffmpeg {ffmpeg_version()}, brought by imageio-ffmpeg"])
    rows.append(["recordings", ", ".join(_recorded()) or "none"])
    key = "set" if os.environ.get("OPENAI_API_KEY") else "not set: only recorded replies can be used"
    rows.append(["OPENAI_API_KEY", key])
    rows.append(
        ["OPENAI_BASE_URL", "set" if os.environ.get("OPENAI_BASE_URL") else "not set: the OpenAI API"]
    )
    rows.append(["model endpoint", _endpoint()])
    rows.append(["mkdocs", shutil.which("mkdocs") or "not on PATH: use the one beside proggen"])
    status = 0
    try:
        record = self_test(unsafe=unsafe)
        rows.append(["sandbox level", record.level])
        rows += [["  layer", layer] for layer in record.layers]
        rows += [["  missing", f"{layer}: {why}"] for layer, why in missing(record).items()]
        rows += [["  open", gap] for gap in record.open]
    except ProggenError as error:
        status = 1
        rows.append(["sandbox level", f"none: {error}"])
    click.echo(aligned(rows))
    return status


def _endpoint() -> str:
    """Whether it answers, and with how many models; not asked without a key."""
    if not os.environ.get("OPENAI_API_KEY"):
        return "not asked: there is no key"
    try:
        models = OpenAIModel("any", timeout=5).offered()
    except ProggenError as error:
        return str(error)
    return f"answers with {len(models)} models: {', '.join(models[:5])}{', ...' if len(models) > 5 else ''}"


def _recorded() -> list[str]:
    return [n for n in benchmarks.names() if (DEFAULT_FOLDER / n).is_dir()]
