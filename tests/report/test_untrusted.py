from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from proggen.report.untrusted import LONGEST_SHOWN, Text, Vault, insert, read_texts, to_html


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags = "", set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader


printable = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


@given(printable, st.sampled_from(["", "python", "markdown", "json"]))
def test_text_comes_back_unchanged_and_brings_no_element(text: str, language: str) -> None:
    found = read(to_html(Text("code", text, language)))
    assert found.text == text
    assert found.tags <= {"div", "pre", "code", "span"}


@given(printable)
def test_inline_text_comes_back_unchanged(text: str) -> None:
    assert read(to_html(Text("inline", text))).text == text


def test_control_characters_are_named() -> None:
    assert 'data-name="ESC"' in to_html(Text("inline", "\x1b[31m"))
    assert 'data-name="U+202E"' in to_html(Text("inline", "\u202e"))


def test_what_html_cannot_hold_is_named_instead() -> None:
    assert read(to_html(Text("inline", "a\x00b\ud800c"))).text == "abc"


def test_a_text_cannot_smuggle_another_placeholder(tmp_path: Path) -> None:
    vault = Vault()
    secret = str(vault.code("secret"))
    shown = str(vault.inline(secret))
    page = tmp_path / "page.md"
    vault.write(page)
    assert html.unescape(re.sub("<[^>]*>", "", insert(shown, read_texts(page)))) == secret


def test_remarks_stand_beside_the_text_and_not_in_it() -> None:
    markup = to_html(Text("code", "a = 1\nb = 2\n", "python", {2: 'fitted "3"'}))
    assert read(markup).text == "a = 1\nb = 2\n"
    assert 'data-note="fitted &quot;3&quot;"' in markup


def test_texts_lie_beside_the_page_where_mkdocs_does_not_copy_them(tmp_path: Path) -> None:
    vault = Vault()
    vault.inline("x")
    vault.write(tmp_path / "page.md")
    assert [p.name for p in tmp_path.iterdir()] == [".page.md.texts.json"]


def test_a_very_long_text_is_cut_and_says_so() -> None:
    assert "The first 400,000 of 400,001 characters" in Vault().code("x" * (LONGEST_SHOWN + 1))
