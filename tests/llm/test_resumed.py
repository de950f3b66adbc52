from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from proggen.llm import OpenAIModel, Prompt, Resumed
from proggen.synthesis.journal import ArchiveJournal

from .server import good, serving


def test_archived_reply_is_not_asked_for_again(tmp_path: Path, prompt: Prompt) -> None:
    with serving(good("first"), good("second")) as endpoint:
        model = Resumed(OpenAIModel("m", base_url=endpoint.url), tmp_path / "transcripts")
        ArchiveJournal(tmp_path).transcript(prompt, model.complete(prompt))
        assert model.complete(prompt).text == "first"
        assert len(endpoint.requests) == 1


def test_other_prompt_is_asked(tmp_path: Path, prompt: Prompt) -> None:
    with serving(good("first"), good("second")) as endpoint:
        model = Resumed(OpenAIModel("m", base_url=endpoint.url), tmp_path / "transcripts")
        ArchiveJournal(tmp_path).transcript(prompt, model.complete(prompt))
        assert model.complete(replace(prompt, text="another")).text == "second"
