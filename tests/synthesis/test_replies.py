from __future__ import annotations

import pytest

from proggen.errors import ProgramFailure
from proggen.synthesis.replies import fenced


def test_longest_block_wins() -> None:
    reply = "First a piece:\n```python\nx = 1\n```\nThen all:\n```python\nx = 1\ny = 2\n```\n"
    assert fenced(reply, "python") == "x = 1\ny = 2\n"


def test_other_languages_do_not_count() -> None:
    reply = "```text\na much longer block than the program\n```\n```python\nx = 1\n```"
    assert fenced(reply, "python") == "x = 1\n"


def test_fence_inside_a_line_does_not_end_the_block() -> None:
    reply = '```python\nx = "```"\ny = 2\n```\n'
    assert fenced(reply, "python") == 'x = "```"\ny = 2\n'


def test_windows_line_ends() -> None:
    assert fenced("```python\r\nx = 1\r\n```\r\n", "python") == "x = 1\n"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [("", "empty"), ("I would rather not.", "no block"), ("```python\ndef f():\n", "cut off")],
)
def test_useless_replies_are_failures_with_a_reason(reply: str, reason: str) -> None:
    with pytest.raises(ProgramFailure, match=reason) as caught:
        fenced(reply, "python")
    assert caught.value.kind == "reply"
