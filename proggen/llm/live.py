"""A live model behind any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ..errors import LLMError
from .base import SYSTEM_MESSAGE, Prompt, Reply, defects

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionContentPartParam, ChatCompletionMessageParam

DEFAULT_BASE_URL = "https://api.openai.com/v1"
SHORTEST_SECRET = 12  # characters; a shorter "key" stands in for none, and may be a word of any reply
LONGEST_EXCERPT = 300  # characters of an endpoint's own words in an error


class OpenAIModel:
    """`model` at an OpenAI-compatible endpoint.

    The key comes from OPENAI_API_KEY and nowhere else; the endpoint from `base_url` or OPENAI_BASE_URL.
    timeout: seconds without a byte from the endpoint before an attempt counts as failed.
    retries: further attempts after 408, 409, 429 (waiting as Retry-After says), 5xx, a timeout or a lost
    connection.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        timeout: float = 1800.0,
        retries: int = 3,
        temperature: float = 1.0,
    ) -> None:
        import openai  # slow to import, and the default run does without it

        self._key = _key_from_environment()
        self.base_url = _checked_url(base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL)
        self.model = model
        self.timeout = timeout
        self.temperature = temperature
        self._client = openai.OpenAI(
            api_key=self._key, base_url=self.base_url, timeout=timeout, max_retries=retries
        )

    @property
    def name(self) -> str:
        return f"openai:{self.model}"

    def __repr__(self) -> str:
        return f"OpenAIModel({self.model!r}, endpoint={_without_login(self.base_url)!r})"

    def complete(self, prompt: Prompt) -> Reply:
        """Ask once. Raises LLMError, one sentence without the key, when there is no reply."""
        started = time.monotonic()
        completion = self._asked(
            lambda: self._client.chat.completions.create(
                model=self.model, messages=messages(prompt), temperature=self.temperature
            )
        )
        return self._reply(completion, time.monotonic() - started)

    def offered(self) -> list[str]:
        """Names of the models that the endpoint says it has. Raises LLMError if it can't be asked."""
        page = self._asked(self._client.with_options(max_retries=0).models.list)
        return [self._scrub(str(m.id)) for m in getattr(page, "data", None) or []]

    def _asked(self, request: Callable[[], Any]) -> Any:
        answer: Any = None
        trouble: str | None = None
        try:
            answer = request()
        except Exception as error:  # the library lets its transport's and parser's own errors through
            trouble = self._explain(error)
        if trouble is not None:  # outside the handler: the chained error might hold the key
            raise LLMError(self._scrub(trouble))
        return answer

    def _reply(self, completion: Any, seconds: float) -> Reply:
        choices: Any = getattr(completion, "choices", None) or [None]
        message = getattr(choices[0], "message", None)
        if message is None:
            raise LLMError(
                f"The endpoint {self._endpoint} answered with something that is no chat completion; "
                "check that OPENAI_BASE_URL ends where its API starts (often /v1)."
            )
        received = message.content or ""
        text = self._scrub(received).encode(errors="replace").decode()
        finish_reason = choices[0].finish_reason
        altered = ("the key or characters outside Unicode were replaced",) if text != received else ()
        return Reply(
            text=text,
            model=self._scrub(completion.model or self.model),
            source="live",
            finish_reason=finish_reason,
            usage=_usage(completion),
            seconds=round(seconds, 3),
            recorded=datetime.now(UTC).isoformat(timespec="seconds"),
            notes=defects(text, finish_reason) + altered,
        )

    def _explain(self, error: Exception) -> str:
        import openai

        where = f"The endpoint {self._endpoint}"
        if isinstance(error, openai.APITimeoutError):
            return f"{where} sent nothing for {self.timeout:g} s; raise the timeout or try again later."
        if isinstance(error, openai.APIConnectionError):
            cause = self._excerpt(error.__cause__ or error)
            return f"{where} cannot be reached ({cause}); check OPENAI_BASE_URL and the network."
        if isinstance(error, openai.APIStatusError):
            advice = _advice(error.status_code)
            return f"{where} answered with status {error.status_code} ({self._excerpt(error)}); {advice}."
        return f"{where} sent an answer that cannot be read ({self._excerpt(error)}); check OPENAI_BASE_URL."

    @property
    def _endpoint(self) -> str:
        return _without_login(self.base_url)

    def _excerpt(self, error: BaseException) -> str:
        text = " ".join(self._scrub(str(error)).split()) or type(error).__name__  # scrub before the cut
        return text if len(text) <= LONGEST_EXCERPT else text[:LONGEST_EXCERPT] + "..."

    def _scrub(self, text: str) -> str:
        if len(self._key) < SHORTEST_SECRET:
            return text
        return text.replace(self._key, "[key]").replace(quote(self._key, safe=""), "[key]")


def messages(prompt: Prompt) -> list[ChatCompletionMessageParam]:
    """The wire form: a system message, and a user message of the text and each picture after its caption."""
    parts: list[ChatCompletionContentPartParam] = [{"type": "text", "text": prompt.text}]
    for picture in prompt.pictures:
        url = "data:image/png;base64," + base64.b64encode(picture.png).decode()
        parts.append({"type": "text", "text": picture.caption})
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return [{"role": "system", "content": SYSTEM_MESSAGE}, {"role": "user", "content": parts}]


def _key_from_environment() -> str:
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key:
        raise LLMError(
            "OPENAI_API_KEY is not set; export the key of your endpoint (any word will do if it needs none)."
        )
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise LLMError("OPENAI_API_KEY holds characters that no key has; export it again without quotes.")
    return key


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise LLMError(f"The endpoint {_without_login(url)!r} must start with http:// or https://.")
    return url


def _without_login(url: str) -> str:
    """The address without user name, password and query, which may be secrets."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _advice(status: int) -> str:
    if status in (401, 403):
        return "check OPENAI_API_KEY"
    if status == 404:
        return "check the model's name and OPENAI_BASE_URL"
    if status == 429:
        return "wait and try again, or raise your limit at the endpoint"
    if status >= 500:
        return "try again later"
    return "check that the model takes pictures and prompts of this length"


def _usage(completion: Any) -> dict[str, int] | None:
    usage = getattr(completion, "usage", None)
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    found = {n: getattr(usage, n, None) for n in names}
    return {n: int(v) for n, v in found.items() if isinstance(v, int)} or None
