from __future__ import annotations

import pytest

from proggen.evaluation.knowledge import names


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("THRESHOLD = 1.0  # b2_velocityThreshold", "b2_velocityThreshold", "engine's constant"),
        ("It is what Box2D does without CCD.", "Box2D", "engine"),
        ("as pymunk does", "pymunk", "engine"),
        ("This is MuJoCo's integrator", "MuJoCo", "engine"),
        ("These are the Gym sizes.", "Gym", "environment"),
        ("OpenAI's CartPole-v1", "OpenAI", "environment"),
        ("PhyWorld's videos", "PhyWorld", "environment"),
        ("a lanczos filter as x264 has it", "x264", "library"),
        ("see arXiv 2411.02385", "arXiv", "paper"),
        ("overlap is corrected (Baumgarte)", "Baumgarte", "engine's constant"),
        ("Barto and Sutton's pole", "Barto", "paper"),
        ("the usual constants", "usual constants", "recollection"),
        ("The pictures match a known renderer", "known renderer", "recollection"),
        ("weights as in Gymnasium", "as in Gymnasium", "recollection"),
    ],
)
def test_what_comes_from_elsewhere_is_named(text: str, name: str, kind: str) -> None:
    assert (name, kind) in {(n.name, n.kind) for n in names.in_text(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Centre of a disc of known radius.",
        "9 known functions of (x, angle)",
        "exactly as in the colour list",
        "As in clip 0001, the ball slows.",
        "The default of a missing key is 0.",
        "bulleted list of boxes in 2D",
        "a gymnast on a slope",
        "The standard error is small.",
    ],
)
def test_plain_words_name_nothing(text: str) -> None:
    assert list(names.in_text(text)) == []


SOURCE = '''"""Steps as Box2D does."""
import math

SLOP = 0.005  # b2_linearSlop
NOTE = "drawn like pygame"
VELOCITY_THRESHOLD = 1.0


def step(v):
    return v if v > VELOCITY_THRESHOLD else 0
'''


def test_comments_docstrings_strings_and_identifiers_are_read() -> None:
    found = {(n.name, n.where, n.line) for n in names.in_source(SOURCE)}
    assert found == {
        ("Box2D", "docstring", 1),
        ("SLOP", "identifier", 4),
        ("b2_linearSlop", "comment", 4),
        ("pygame", "string", 5),
        ("VELOCITY_THRESHOLD", "identifier", 6),
    }


def test_comment_behind_code_is_shown_with_its_line() -> None:
    assert {n.text for n in names.in_source(SOURCE) if n.line == 4} == {"SLOP = 0.005  # b2_linearSlop"}


def test_source_that_cannot_be_read_keeps_what_came_before_the_fault() -> None:
    assert [n.name for n in names.in_source("# Box2D\nx = (\n")] == ["Box2D"]


def test_blocks_of_python_are_no_words_of_a_reply() -> None:
    reply = "Gym draws it so.\n\n```python\n# Box2D\n```\nSo does pygame.\n"
    assert [(n.name, n.line) for n in names.in_reply(reply)] == [("Gym", 1), ("pygame", 6)]


def test_long_sentence_is_cut_around_the_name() -> None:
    [found] = names.in_text("word " * 200 + "Box2D " + "word " * 200)
    assert "Box2D" in found.text
    assert len(found.text) <= names.LONGEST + 4
