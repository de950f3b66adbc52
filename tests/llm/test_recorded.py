from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from proggen.errors import RecordingError
from proggen.llm import OpenAIModel, Picture, Prompt, Recorder, Recordings, Reply

from .conftest import KEY
from .server import failing, good, serving

TEXT = "# Reply\r\n\nmixed\rline\nends, ünïcode \u2028 and no last one"


def record(folder: Path, prompt: Prompt, text: str = TEXT, finish_reason: str = "stop") -> Reply:
    with serving(good(text, finish_reason)) as endpoint:
        return Recorder(OpenAIModel("m", base_url=endpoint.url), folder, again=True).complete(prompt)


def asked(folder: Path, *prompts: Prompt) -> int:
    """How many of the prompts a recorder sends on."""
    with serving(good()) as endpoint:
        recorder = Recorder(OpenAIModel("m", base_url=endpoint.url), folder)
        for prompt in prompts:
            recorder.complete(prompt)
        return len(endpoint.requests)


def test_recorder_asks_only_for_what_it_has_not(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt)
    assert asked(tmp_path, prompt, replace(prompt, candidate=1)) == 1
    assert asked(tmp_path, replace(prompt, text="Write that.")) == 1
    assert asked(tmp_path, replace(prompt, template_digest="d2")) == 1


def test_replay_equals_the_live_reply(tmp_path: Path, prompt: Prompt) -> None:
    live = record(tmp_path, prompt)
    assert live.text == TEXT
    assert Recordings(tmp_path).complete(prompt) == replace(live, source="recorded")


def test_reply_lies_on_disk_byte_for_byte(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt)
    assert (tmp_path / "toy/bench/dynamics-c0-r0.reply.md").read_bytes() == TEXT.encode()


def test_metadata_names_what_was_asked(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt)
    metadata = json.loads((tmp_path / "toy/bench/dynamics-c0-r0.json").read_text())
    assert metadata["model"] == "served-1"
    assert metadata["template_digest"] == "d1"
    assert metadata["prompt_digest"] == prompt.digest
    assert metadata["picture_digests"] == [prompt.pictures[0].digest]


def test_missing_recording_says_how_to_make_it(tmp_path: Path, prompt: Prompt) -> None:
    with pytest.raises(RecordingError, match="proggen record toy/bench --llm openai:MODEL") as caught:
        Recordings(tmp_path).complete(prompt)
    assert not caught.value.stale


def test_other_candidate_is_missing(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt)
    with pytest.raises(RecordingError, match="dynamics-c1-r0"):
        Recordings(tmp_path).complete(replace(prompt, candidate=1))


def test_changed_template_is_stale(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt)
    with pytest.raises(RecordingError, match=r"another version.*proggen record toy/bench") as caught:
        Recordings(tmp_path).complete(replace(prompt, template_digest="d2"))
    assert caught.value.stale


def test_other_text_is_used_and_noted(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt)
    reply = Recordings(tmp_path).complete(replace(prompt, text="Write that."))
    assert reply.text == TEXT
    assert reply.notes == ("the prompt's text differs from the one this reply was recorded for",)


def test_other_pictures_are_used_and_noted(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt)
    reply = Recordings(tmp_path).complete(replace(prompt, pictures=(Picture(b"other", "Frames"),)))
    assert reply.notes == ("the prompt's pictures differ from those this reply was recorded for",)


def test_truncated_reply_keeps_its_note(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt, "half", "length")
    assert "truncated" in Recordings(tmp_path).complete(prompt).notes[0]


def test_edited_reply_is_no_recording(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt)
    (tmp_path / "toy/bench/dynamics-c0-r0.reply.md").write_text("my own words")
    with pytest.raises(RecordingError, match="was edited"):
        Recordings(tmp_path).complete(prompt)


@pytest.mark.parametrize("damage", ["{", "[]", '{"model": 1}', ""])
def test_damaged_metadata(tmp_path: Path, prompt: Prompt, damage: str) -> None:
    record(tmp_path, prompt)
    (tmp_path / "toy/bench/dynamics-c0-r0.json").write_text(damage)
    with pytest.raises(RecordingError, match="damaged"):
        Recordings(tmp_path).complete(prompt)


def test_new_proposal_drops_the_old_repairs(tmp_path: Path, prompt: Prompt) -> None:
    repair, other = replace(prompt, round=1), replace(prompt, candidate=1, round=1)
    for p in (prompt, repair, other, prompt):
        record(tmp_path, p)
    with pytest.raises(RecordingError):
        Recordings(tmp_path).complete(repair)
    assert Recordings(tmp_path).complete(other).text == TEXT


def test_failed_request_leaves_no_recording(tmp_path: Path, prompt: Prompt) -> None:
    with serving(failing(500)) as endpoint, pytest.raises(Exception, match="500"):
        Recorder(OpenAIModel("m", base_url=endpoint.url, retries=0), tmp_path).complete(prompt)
    assert not list(tmp_path.rglob("*"))


def test_key_is_in_no_file(tmp_path: Path, prompt: Prompt) -> None:
    record(tmp_path, prompt, f"echo {KEY}")
    written = [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()]
    assert len(written) == 2
    assert all(KEY.encode() not in data for data in written)
