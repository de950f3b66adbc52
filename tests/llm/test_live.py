from __future__ import annotations

import base64
import logging
import socket
import time

import pytest

from proggen.errors import LLMError
from proggen.llm import OpenAIModel, Prompt

from .conftest import KEY
from .server import closing_mid_body, echoing_key, failing, good, hanging, raw, serving


def test_reply_carries_text_model_and_usage(prompt: Prompt) -> None:
    with serving(good("some *text*\r\n")) as endpoint:
        reply = OpenAIModel("m", base_url=endpoint.url).complete(prompt)
    assert (reply.text, reply.model, reply.source) == ("some *text*\r\n", "served-1", "live")
    assert reply.usage == {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    assert reply.finish_reason == "stop"
    assert reply.notes == ()


def test_request_holds_text_then_caption_then_picture(prompt: Prompt) -> None:
    with serving(good()) as endpoint:
        OpenAIModel("m", base_url=endpoint.url, temperature=0.5).complete(prompt)
    (request,) = endpoint.requests
    assert (request["model"], request["temperature"], request["path"]) == ("m", 0.5, "/v1/chat/completions")
    system, user = request["messages"]
    assert system["role"] == "system"
    text, caption, picture = user["content"]
    assert (text["text"], caption["text"]) == ("Write it.", "Frames 0 to 3")
    assert base64.b64decode(picture["image_url"]["url"].partition(",")[2]) == b"\x89PNG picture"


def test_key_comes_from_the_environment(prompt: Prompt) -> None:
    with serving(good()) as endpoint:
        OpenAIModel("m", base_url=endpoint.url).complete(prompt)
    assert endpoint.keys == [KEY]


def test_endpoint_comes_from_the_environment(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(good()) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        assert OpenAIModel("m").complete(prompt).text == "hello"


def test_missing_key_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(LLMError, match="export the key"):
        OpenAIModel("m")


def test_key_with_a_line_break_is_refused_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a\nsk-b")
    with pytest.raises(LLMError, match="characters that no key has") as caught:
        OpenAIModel("m")
    assert "sk-a" not in str(caught.value)


def test_endpoint_without_scheme_is_refused() -> None:
    with pytest.raises(LLMError, match="must start with http"):
        OpenAIModel("m", base_url="127.0.0.1:8000/v1")


def test_rate_limit_waits_as_told(prompt: Prompt) -> None:
    with serving(failing(429, Retry_After="1"), good()) as endpoint:
        started = time.monotonic()
        assert OpenAIModel("m", base_url=endpoint.url, retries=1).complete(prompt).text == "hello"
    assert time.monotonic() - started >= 1.0
    assert len(endpoint.requests) == 2


def test_lasting_rate_limit_is_one_sentence(prompt: Prompt) -> None:
    with (
        serving(failing(429, "slow down", Retry_After="1")) as endpoint,
        pytest.raises(LLMError, match=r"429 .*slow down.*wait and try again"),
    ):
        OpenAIModel("m", base_url=endpoint.url, retries=0).complete(prompt)


def test_server_error_is_tried_again(prompt: Prompt) -> None:
    with serving(failing(500), good()) as endpoint:
        assert OpenAIModel("m", base_url=endpoint.url, retries=1).complete(prompt).text == "hello"


def test_lasting_server_error_ends_after_the_retries(prompt: Prompt) -> None:
    with serving(failing(500, "boom")) as endpoint:
        with pytest.raises(LLMError, match=r"status 500 .*boom.*try again later"):
            OpenAIModel("m", base_url=endpoint.url, retries=1).complete(prompt)
        assert len(endpoint.requests) == 2


def test_timeout_names_the_seconds(prompt: Prompt) -> None:
    with serving(hanging) as endpoint, pytest.raises(LLMError, match=r"nothing for 0\.2 s"):
        OpenAIModel("m", base_url=endpoint.url, timeout=0.2, retries=0).complete(prompt)


def test_refused_connection(prompt: Prompt) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening
        model = OpenAIModel("m", base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1", retries=0)
        with pytest.raises(LLMError, match="cannot be reached"):
            model.complete(prompt)


def test_connection_lost_mid_body_is_tried_again(prompt: Prompt) -> None:
    with serving(closing_mid_body, good()) as endpoint:
        assert OpenAIModel("m", base_url=endpoint.url, retries=1).complete(prompt).text == "hello"


def test_connection_always_lost_mid_body(prompt: Prompt) -> None:
    with serving(closing_mid_body) as endpoint, pytest.raises(LLMError, match="cannot be reached"):
        OpenAIModel("m", base_url=endpoint.url, retries=0).complete(prompt)


def test_truncated_reply_is_returned_with_a_note(prompt: Prompt) -> None:
    with serving(good("half a prog", "length")) as endpoint:
        reply = OpenAIModel("m", base_url=endpoint.url).complete(prompt)
    assert reply.text == "half a prog"
    assert "truncated" in reply.notes[0]


@pytest.mark.parametrize("text", ["", None, " \n"])
def test_empty_reply_is_returned_with_a_note(prompt: Prompt, text: str | None) -> None:
    with serving(good(text)) as endpoint:
        reply = OpenAIModel("m", base_url=endpoint.url).complete(prompt)
    assert reply.text == (text or "")
    assert reply.notes == ("the reply is empty",)


@pytest.mark.parametrize("body", [b"{oops", b"[]", b"{}", b'{"choices": []}', b'"text"', b"null"])
def test_what_is_no_completion_is_an_error(prompt: Prompt, body: bytes) -> None:
    with serving(raw(body)) as endpoint, pytest.raises(LLMError, match=r"The endpoint http://127"):
        OpenAIModel("m", base_url=endpoint.url, retries=0).complete(prompt)


def test_unpaired_surrogates_are_replaced(prompt: Prompt) -> None:
    with serving(good("a\ud800b")) as endpoint:
        reply = OpenAIModel("m", base_url=endpoint.url).complete(prompt)
    assert reply.text.encode() == b"a?b"


def test_key_echoed_in_an_error_is_scrubbed(prompt: Prompt) -> None:
    with serving(echoing_key) as endpoint, pytest.raises(LLMError, match=r"\[key\].*KEY") as caught:
        OpenAIModel("m", base_url=endpoint.url, retries=0).complete(prompt)
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_no_part_of_a_key_at_the_end_of_a_long_error(prompt: Prompt) -> None:
    for length in range(250, 300, 4):
        with (
            serving(failing(400, "x" * length + KEY + "y" * 99)) as endpoint,
            pytest.raises(LLMError, match=r"\.\.\.") as caught,
        ):
            OpenAIModel("m", base_url=endpoint.url, retries=0).complete(prompt)
        assert KEY[:8] not in str(caught.value)


def test_key_echoed_in_a_reply_is_scrubbed(prompt: Prompt) -> None:
    with serving(good(f"you sent {KEY}", model=KEY)) as endpoint:
        reply = OpenAIModel("m", base_url=endpoint.url).complete(prompt)
    assert KEY not in repr(reply)
    assert "you sent [key]" in reply.text


def test_key_is_not_in_repr_or_log(prompt: Prompt, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(failing(500), echoing_key) as endpoint:
        model = OpenAIModel("m", base_url=endpoint.url, retries=1)
        with pytest.raises(LLMError):
            model.complete(prompt)
    assert KEY not in repr(model)
    assert caplog.records
    assert KEY not in caplog.text


def test_password_in_the_address_is_not_shown(prompt: Prompt) -> None:
    with serving(failing(500)) as endpoint:
        url = endpoint.url.replace("://", "://user:secret@")
        model = OpenAIModel("m", base_url=url, retries=0)
        with pytest.raises(LLMError) as caught:
            model.complete(prompt)
    assert "secret" not in str(caught.value) + repr(model)


def test_word_in_place_of_a_key_leaves_replies_verbatim(
    prompt: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with serving(good("none of it")) as endpoint:
        reply = OpenAIModel("m", base_url=endpoint.url).complete(prompt)
    assert (reply.text, reply.notes) == ("none of it", ())
