"""What a reply holds: the one fenced block that counts."""

from __future__ import annotations

import re

from ..errors import ProgramFailure

# A fence opens and closes at the start of a line; a reply may be cut off before the closing one.
_FENCE = re.compile(r"^```[ \t]*(\w*)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_OPEN = re.compile(r"^```[ \t]*(python|json)[^\n]*\n", re.MULTILINE)


def fenced(reply: str, language: str) -> str:
    """The longest block fenced as `language`: models quote small pieces before they give the whole.

    Raises ProgramFailure("reply") if there is none.
    """
    reply = reply.replace("\r\n", "\n")
    blocks = [body for name, body in _FENCE.findall(reply) if name.lower() == language]
    if blocks:
        return str(max(blocks, key=len))
    if not reply.strip():
        raise ProgramFailure("reply", "The reply is empty.")
    if _OPEN.search(reply):
        raise ProgramFailure("reply", f"The ```{language} block never ends: the reply was cut off.")
    raise ProgramFailure("reply", f"The reply holds no block that starts with ```{language}.")
