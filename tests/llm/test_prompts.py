from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from proggen.llm import Templates, render_prompt


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.md.j2").write_text("Hi {{ name }} <b>\n{% include 'part.md.j2' %}")
    (tmp_path / "part.md.j2").write_text("{% from 'macros.md.j2' import twice %}\n{{ twice('ab') }}\n")
    (tmp_path / "macros.md.j2").write_text("{% macro twice(s) %}{{ s }}{{ s }}{% endmacro %}")
    return tmp_path


def test_values_are_filled_in_as_plain_text(folder: Path) -> None:
    text, _ = Templates(folder).render("main", {"name": "A & B"})
    assert text == "Hi A & B <b>\nabab\n"


def test_missing_value_is_an_error(folder: Path) -> None:
    with pytest.raises(UndefinedError, match="name"):
        Templates(folder).render("main", {})


def test_digest_ignores_the_values(folder: Path) -> None:
    templates = Templates(folder)
    assert templates.render("main", {"name": "A"})[1] == templates.render("main", {"name": "B"})[1]


@pytest.mark.parametrize("file", ["main", "part", "macros"])
def test_digest_follows_every_file_used(folder: Path, file: str) -> None:
    before = Templates(folder).digest("main")
    with (folder / f"{file}.md.j2").open("a") as handle:
        handle.write("\nmore\n")
    assert Templates(folder).digest("main") != before


def test_digest_ignores_other_files(folder: Path) -> None:
    before = Templates(folder).digest("main")
    (folder / "other.md.j2").write_text("x")
    assert Templates(folder).digest("main") == before


def test_digest_ignores_line_ends(folder: Path) -> None:
    before = Templates(folder).digest("main")
    part = folder / "part.md.j2"
    part.write_bytes(part.read_bytes().replace(b"\n", b"\r\n"))
    assert Templates(folder).digest("main") == before


def test_templates_that_include_each_other_have_a_digest(folder: Path) -> None:
    (folder / "a.md.j2").write_text("{% include 'b.md.j2' %}")
    (folder / "b.md.j2").write_text("{% if false %}{% include 'a.md.j2' %}{% endif %}")
    assert Templates(folder).digest("a") == Templates(folder).digest("a")
    assert Templates(folder).digest("a") == Templates(folder).digest("b")


def test_include_by_expression_is_refused(folder: Path) -> None:
    (folder / "dynamic.md.j2").write_text("{% include part %}")
    with pytest.raises(ValueError, match="by an expression"):
        Templates(folder).digest("dynamic")


def test_unknown_template() -> None:
    with pytest.raises(TemplateNotFound):
        render_prompt("no_such_template")
