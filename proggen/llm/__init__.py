"""Language models: recorded replies by default, a live endpoint on request. Nothing here runs code."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError
from .base import SYSTEM_MESSAGE, LanguageModel, Picture, Prompt, Reply
from .live import OpenAIModel
from .prompts import Templates, render_prompt
from .recorded import DEFAULT_FOLDER, Recorder, Recordings
from .resumed import Resumed

__all__ = [
    "DEFAULT_FOLDER",
    "SYSTEM_MESSAGE",
    "LanguageModel",
    "OpenAIModel",
    "Picture",
    "Prompt",
    "Recorder",
    "Recordings",
    "Reply",
    "Resumed",
    "Templates",
    "open_model",
    "render_prompt",
]


def open_model(
    spec: str, *, recordings: Path | None = None, timeout: float = 1800.0, retries: int = 3
) -> LanguageModel:
    """The model that `--llm` names: "recorded" or "openai:MODEL". Raises UsageError for anything else."""
    if spec == "recorded":
        return Recordings(recordings or DEFAULT_FOLDER)
    kind, _, model = spec.partition(":")
    if kind == "openai" and model.strip():
        return OpenAIModel(model.strip(), timeout=timeout, retries=retries)
    raise UsageError(f"There is no language model {spec!r}; say `recorded` or `openai:MODEL`.")
