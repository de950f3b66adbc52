"""The syntax tree of a generated program, which is read here and never run."""

from __future__ import annotations

import ast
import threading
import warnings

# Python 3.11 counts the depth of a tree for all threads together and takes two at once for a broken one
# (SystemError); the filter of warnings is all threads' too.
_ONE_AT_A_TIME = threading.Lock()
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse(source: str) -> ast.Module:
    """The tree of a program; warnings about its style are left out.

    Raises what is `UNREADABLE`: SyntaxError, or ValueError (NUL bytes), RecursionError, MemoryError (nesting).
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings(action="ignore"):
        return ast.parse(source)
