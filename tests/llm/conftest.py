from __future__ import annotations

import pytest

from proggen.llm import Picture, Prompt

KEY = "sk-test/0123456789abcdef"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


@pytest.fixture
def prompt() -> Prompt:
    picture = Picture(b"\x89PNG picture", "Frames 0 to 3")
    return Prompt("toy/bench", "dynamics", 0, 0, "dynamics", "d1", "Write it.", (picture,))
