"""Where a text names an engine, an environment, a library, a paper or an engine's constant."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...archive.knowledge import NameKind

LONGEST = 300  # characters of a sentence that are kept
Where = Literal["comment", "docstring", "string", "identifier"]

_PATTERNS: dict[NameKind, str] = {
    "engine": (
        r"(?i:\b(?:py)?box2d\b|\bpymunk\b|\bchipmunk2?d?\b|\bpybullet\b|\bbullet physics\b|\bmujoco\b|\bphysx\b"
        r"|\bhavok\b|\bmatter\.js\b|\bplanck\.js\b|\bopen dynamics engine\b|\bunreal engine\b|\bisaac (?:gym|sim)\b)"
        r"|\bODE\b(?= engine)|\bUnity\b|\bBrax\b|\bTaichi\b|\bRapier\b"
    ),
    "environment": (
        r"(?i:\bopenai\b|\bgymnasium\b|\bcart[- ]?pole(?:-v\d)?\b|\bphyworld\b|\bdeepmind\b|\bdm_control\b|\bclevrer\b)"
        r"|\b[Gg]ym\b|\bPHYRE\b|\bAtari\b"
    ),
    "library": (
        r"(?i:\bpygame\b|\bgfxdraw\b|\bopencv\b|\bcv2\b|\bffmpeg\b|\blibav\w*|\b(?:lib)?swscale\b|\b(?:lib)?x26[45]\b"
        r"|\bmatplotlib\b|\bpyav\b|\banti-grain\b)|\bSDL(?:2?_gfx|2)?\b|\b[Cc]airo\b|\bSkia\b|\bPillow\b"
    ),
    "paper": (
        r"(?i:\barxiv\b|\bet al\b)|\bBarto\b|\bSutton\b|\bFlorian\b|\bCatto\b"
        r"|\b[A-Z][a-z]+(?: (?:and|&) [A-Z][a-z]+)?,? \(?(?:19|20)\d\d\)"
    ),
    "engine's constant": (
        r"\bb2_\w+|\bb2[A-Z]\w+|(?i:\bvelocity[ _]?threshold\b|\b(?:linear|angular)?[ _]?slop\b|\bbaumgarte\b"
        r"|\bmax_?(?:linear_?|angular_?)?(?:correction|translation)\b|\b(?:linear_?)?sleep_?tolerance\b|\btime_?to_?sleep\b"
        r"|\bmass(?:cart|pole)\b|\bpolemass_length\b|\bforce_mag\b|\b(?:theta|x)_threshold\w*|\bkinematics_integrator\b)"
    ),
    "recollection": (
        r"(?i:\b(?:classic(?:al)?|textbook|standard|well-known|known|usual|default|compiled-in|reference)\s"
        r"(?:[\w'-]+\s){0,2}(?:environment|benchmark|renderer|engine|problem|implementation|constants?|values?|settings?"
        r"|world|scene)\b)|\b[Aa]s (?:implemented |used |done )?in (?:the )?(?!Clip|Table|Frame|Figure|Section|Row)"
        r"(?=[A-Z][\w.-]*[A-Z\d]|[A-Z][a-z]{3,})[\w-]+"
    ),
}
_COMPILED = {kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()}
_IN_CODE: tuple[NameKind, ...] = ("engine", "environment", "library", "engine's constant")  # of identifiers
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\w`*(\"'])")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")


@dataclass(frozen=True)
class Named:
    """A name in a line of text; `text` is the sentence around it."""

    name: str
    kind: NameKind
    line: int
    text: str


@dataclass(frozen=True)
class NamedInSource(Named):
    where: Where = "comment"


def in_text(text: str, first: int = 1, kinds: tuple[NameKind, ...] = tuple(_PATTERNS)) -> Iterator[Named]:
    """Names in plain text, each once a sentence; `first` is the number of the first line."""
    for number, line in enumerate(text.splitlines(), first):
        for sentence in _SENTENCE.split(line):
            known = set()
            for kind in kinds:
                for match in _COMPILED[kind].finditer(sentence):
                    name = match[0].strip()
                    if name.lower() not in known:
                        known.add(name.lower())
                        yield Named(name, kind, number, _shortened(sentence.strip(), match.start()))


def _shortened(sentence: str, at: int) -> str:
    if len(sentence) <= LONGEST:
        return sentence
    begin = max(0, min(at - LONGEST // 2, len(sentence) - LONGEST))
    cut = sentence[begin : begin + LONGEST].strip()
    return ("… " if begin else "") + cut + (" …" if begin + LONGEST < len(sentence) else "")


def in_reply(reply: str) -> Iterator[Named]:
    """Names in the words of a reply, without those in blocks of Python, which are a candidate's source."""
    lines = reply.splitlines()
    fence = ""
    for i, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and not fence and "json" not in line:
            fence = mark[1]
            lines[i] = ""
        elif fence:
            lines[i] = ""
            if mark and mark[1].startswith(fence):
                fence = ""
    return in_text("\n".join(lines))


def in_source(source: str) -> list[NamedInSource]:
    """Names in the comments, docstrings, strings and identifiers of a Python program, an identifier once."""
    found: list[NamedInSource] = []
    known: set[str] = set()
    begins = True  # a string that begins a statement documents it
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                found += _named(token, "comment")
            elif token.type == tokenize.STRING:
                found += _named(token, "docstring" if begins else "string")
            elif token.type == tokenize.NAME and token.string not in known:
                known.add(token.string)
                found += _named(token, "identifier")
            if token.type not in (tokenize.COMMENT, tokenize.NL):
                begins = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    except (tokenize.TokenError, SyntaxError):  # what comes before the fault counts
        pass
    return found


def _named(token: tokenize.TokenInfo, where: Where) -> Iterator[NamedInSource]:
    kinds = _IN_CODE if where == "identifier" else tuple(_PATTERNS)
    for n in in_text(token.string, token.start[0], kinds):
        line = token.line.strip()
        behind_code = where == "comment" and not line.startswith("#")
        text = line[:LONGEST] if where == "identifier" or behind_code else n.text.lstrip("# ")
        yield NamedInSource(n.name, n.kind, n.line, text, where)
