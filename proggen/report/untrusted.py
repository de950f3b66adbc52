"""Untrusted text never enters Markdown.

Programs, replies, prompts, names and messages of an archive were written by a language model. A template that
prints such text prints a placeholder element instead; the text itself goes to a JSON file beside the page, whose
name starts with a dot so that MkDocs does not copy it. After Markdown is done, the MkDocs plugin (`plugin`) puts
the text back, escaped and highlighted, in one pass, so that a text can't contain another one's placeholder.
"""

from __future__ import annotations

import functools
import hashlib
import html
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from markupsafe import Markup
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, Token

from .. import numbers

Kind = Literal["inline", "block", "code", "markup"]
LONGEST_HIGHLIGHT = 200_000  # characters; above it a text is only escaped
LONGEST_SHOWN = 400_000  # characters; above it a page shows the beginning; the download is whole

# Characters that a reader can't see or that turn text around: shown by name, kept in the text.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_NAMES = {"\x00": "NUL", "\x07": "BEL", "\x08": "BS", "\x0c": "FF", "\r": "CR", "\x1b": "ESC", "\x7f": "DEL"}
_PLACEHOLDER = re.compile(r'<(span|div) data-proggen="([0-9a-f]{16}-\d+)"></\1>')

# Few classes and no element for plain names keep a highlighted program at twice its size instead of eight times.
_CLASSES = (
    (Comment, "c1"), (String, "s"), (Number, "mi"), (Keyword, "k"), (Operator.Word, "ow"), (Name.Function, "nf"),
    (Name.Class, "nc"), (Name.Builtin, "nb"), (Name.Decorator, "nd"),
    (Generic.Inserted, "gi"), (Generic.Deleted, "gd"), (Generic.Subheading, "gu"),
)  # fmt: skip


@dataclass(frozen=True)
class Text:
    """One text of a page.

    In code, `notes` puts a remark at the end of a line (counted from 1), `marks` one at each string literal of
    that name. Neither changes the text that a reader copies.
    """

    kind: Kind
    text: str
    language: str = ""
    notes: Mapping[int, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)


class Vault:
    """The untrusted texts of one page."""

    def __init__(self) -> None:
        self._token = secrets.token_hex(8)  # until the page is sealed
        self._texts: list[Text] = []

    def inline(self, text: str) -> Markup:
        return self._keep(Text("inline", text), "span")

    def block(self, text: str) -> Markup:
        """Prose with its own line breaks."""
        return self._keep(Text("block", text), "div")

    def code(self, text: str, language: str = "", notes: Mapping[int, str] | None = None) -> Markup:
        return self._keep(Text("code", text, language, dict(notes or {})), "div")

    def markup(self, text: str) -> Markup:
        """HTML that this package built and escaped itself (a plot); kept away from Markdown all the same."""
        return self._keep(Text("markup", text), "div") if text else Markup("")

    def _keep(self, text: Text, element: str) -> Markup:
        whole = len(text.text)
        if whole > LONGEST_SHOWN and text.kind != "markup":
            return self._keep(replace(text, text=text.text[:LONGEST_SHOWN]), element) + Markup(_cut(whole))
        self._texts.append(text)
        return Markup(f'<{element} data-proggen="{self._token}-{len(self._texts) - 1}"></{element}>')

    def seal(self, page: str) -> str:
        """The page with placeholders named by a digest of all texts: the same page from the same archive.

        No text can hold its own page's digest, so that none can stand for another one.
        """
        known, self._token = self._token, ""
        self._token = hashlib.sha256(self._stored().encode()).hexdigest()[:16]
        return page.replace(f'data-proggen="{known}-', f'data-proggen="{self._token}-')

    def write(self, page: Path) -> None:
        """Store the texts beside the page they belong to, which has been sealed."""
        sidecar(page).write_text(self._stored(), encoding="ascii")

    def _stored(self) -> str:
        texts = {f"{self._token}-{i}": vars(text) for i, text in enumerate(self._texts)}
        return json.dumps(texts)


def sidecar(page: Path) -> Path:
    return page.with_name(f".{page.name}.texts.json")


def read_texts(page: Path) -> dict[str, Text]:
    """The texts stored beside a page; none for a page that was not built by proggen."""
    path = sidecar(page)
    if not path.exists():
        return {}
    stored = json.loads(path.read_bytes())
    return {k: Text(**{**v, "notes": {int(n): t for n, t in v["notes"].items()}}) for k, v in stored.items()}


def insert(page_html: str, texts: Mapping[str, Text]) -> str:
    """A page's HTML with every placeholder replaced, in one pass; KeyError if a text is missing."""
    return _PLACEHOLDER.sub(lambda match: to_html(texts[match[2]]), page_html)


def to_html(text: Text) -> str:
    if text.kind == "markup":
        return text.text
    if text.kind == "inline":
        return f'<bdi class="pg-text" data-search-exclude>{escape(text.text)}</bdi>'
    if text.kind == "block":
        return f'<div class="pg-prose" dir="auto" data-search-exclude>{escape(text.text)}</div>'
    body = _code(
        text.text, text.language, tuple(sorted(text.notes.items())), tuple(sorted(text.marks.items()))
    )
    return f'<div class="highlight pg-code" data-search-exclude><pre><code tabindex="0">{body}</code></pre></div>'


def shown_code(code: Text) -> str:
    """The HTML of a text of code, of its beginning if it is longer than `LONGEST_SHOWN`."""
    whole = len(code.text)
    if whole <= LONGEST_SHOWN:
        return to_html(code)
    return to_html(replace(code, text=code.text[:LONGEST_SHOWN])) + _cut(whole)


def _cut(whole: int) -> str:
    said = f"The first {numbers.whole(LONGEST_SHOWN)} of {numbers.count(whole, 'character')}."
    return f'<p class="pg-hint">{said}</p>'


def escape(text: str) -> str:
    """HTML whose textContent is the text: control characters get a visible name and keep their place."""
    return _CONTROLS.sub(_control, html.escape(text))


def _control(match: re.Match[str]) -> str:
    char = match[0]
    name = _NAMES.get(char, f"U+{ord(char):04X}")
    shown = char
    if char == "\r":
        shown = "&#13;"  # a bare one would become a line feed
    elif char == "\x00" or "\ud800" <= char <= "\udfff":
        shown = ""  # HTML can't hold these; the name alone is shown
    return f'<span class="pg-control" data-name="{name}">{shown}</span>'


def css_class(token: object) -> str:
    for kind, name in _CLASSES:
        if token in kind:
            return name
    return ""


@functools.lru_cache(maxsize=64)
def _code(
    text: str, language: str, notes: tuple[tuple[int, str], ...], marks: tuple[tuple[str, str], ...]
) -> str:
    remarks = dict(notes)
    lines = _lines(text, language, dict(marks))
    return "\n".join(_annotated(line, remarks.get(i)) for i, line in enumerate(lines, 1))


def _annotated(line: str, note: str | None) -> str:
    if note is None:
        return line
    return f'<span class="pg-note" data-note="{_attribute(note)}">{line}</span>'


def _attribute(remark: str) -> str:
    return html.escape(_CONTROLS.sub("", remark))


def _lines(text: str, language: str, marks: Mapping[str, str]) -> list[str]:
    """Escaped lines with highlighting; every element is closed at the end of its line."""
    lines = [""]
    for name, value in _tokens(text, language):
        for i, part in enumerate(value.split("\n")):
            if i:
                lines.append("")
            if part:
                lines[-1] += _piece(part, name, marks.get(part.strip("\"'")) if name == "s" else None)
    return lines


def _piece(part: str, name: str, mark: str | None) -> str:
    if mark is not None:
        return f'<span class="{name} pg-mark" title="{_attribute(mark)}">{escape(part)}</span>'
    return f'<span class="{name}">{escape(part)}</span>' if name else escape(part)


def _tokens(text: str, language: str) -> Iterator[tuple[str, str]]:
    """(class, text) pieces; `get_tokens_unprocessed` because `get_tokens` changes line ends."""
    if not language or len(text) > LONGEST_HIGHLIGHT:
        yield "", text
        return
    last, pieces = "", ""
    for _, token, value in get_lexer_by_name(language).get_tokens_unprocessed(text):
        name = css_class(token) if token is not Token.Text else ""
        if name != last:
            yield last, pieces
            last, pieces = name, ""
        pieces += value
    yield last, pieces
