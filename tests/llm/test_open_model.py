from __future__ import annotations

from pathlib import Path

import pytest

from proggen.errors import UsageError
from proggen.llm import DEFAULT_FOLDER, OpenAIModel, Prompt, Recordings, open_model
from proggen.llm.base import defects


def test_recorded_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    model = open_model("recorded")
    assert isinstance(model, Recordings)
    assert model.folder == DEFAULT_FOLDER


def test_recorded_from_another_folder(tmp_path: Path) -> None:
    model = open_model("recorded", recordings=tmp_path)
    assert isinstance(model, Recordings)
    assert model.folder == tmp_path


def test_live_model_by_name() -> None:
    model = open_model("openai:org/model:tag", timeout=5)
    assert isinstance(model, OpenAIModel)
    assert (model.name, model.timeout) == ("openai:org/model:tag", 5)


@pytest.mark.parametrize("spec", ["", "openai", "openai:", "openai: ", "other:model", "Recorded"])
def test_anything_else_is_wrong_usage(spec: str) -> None:
    with pytest.raises(UsageError, match="openai:MODEL"):
        open_model(spec)


def test_prompt_id() -> None:
    assert Prompt("b", "dynamics", 0, 1, "t", "d", "text").id == "dynamics-c0-r1"


def test_prompt_digest_is_of_its_text() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing
    assert Prompt("b", "scene", 0, 0, "t", "d", "").digest == empty


def test_full_reply_has_no_defects() -> None:
    assert defects("fine", "stop") == ()


def test_filtered_reply_is_noted() -> None:
    assert "content filter" in defects("fi", "content_filter")[0]
