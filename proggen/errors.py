"""Every error a user can meet, as one tree.

ProggenError            one sentence: what happened and what to do; the CLI prints it and exits with 1
├── UsageError          the call itself is wrong (unknown benchmark, bad --set); exit code 2
├── DataError           a data file is damaged or of another kind
├── LLMError            the language model's endpoint could not answer
│   └── RecordingError  no usable recorded reply (missing, or stale after a template changed)
├── SandboxError        the sandbox itself cannot work here
├── SynthesisError      no candidate of a program could be used
├── ArchiveError        a run's archive is missing, damaged or of another version
└── ProgramFailure      a generated program failed; carries its kind, archived and sent for repair
"""

from __future__ import annotations

from typing import Literal, get_args

FailureKind = Literal[
    "reply",  # the reply holds no usable code block or JSON
    "syntax",  # the program is not valid Python
    "import",  # it imports what the contract does not allow
    "forbidden",  # it uses a name the static check rejects
    "contract",  # a function is missing, or what it returned has the wrong type, shape or names
    "non-finite",  # a state or frame holds NaN or infinity
    "exception",  # it raised
    "timeout",  # it ran longer than its limit
    "memory",  # it asked for more memory than its limit
    "output",  # it returned more bytes than its limit
    "crash",  # its process died (signal), or sent malformed bytes
]
FAILURE_KINDS: tuple[FailureKind, ...] = get_args(FailureKind)


class ProggenError(Exception):
    """Root of all errors meant for users; `str(error)` is one sentence."""

    exit_code = 1


class UsageError(ProggenError):
    """The call is wrong: an unknown name, a bad value."""

    exit_code = 2


class DataError(ProggenError):
    """A data file is damaged or is no PhyWorld file."""


class LLMError(ProggenError):
    """The language model could not be asked or did not answer."""


class RecordingError(LLMError):
    """No recorded reply fits the request."""

    def __init__(self, message: str, *, stale: bool = False) -> None:
        super().__init__(message)
        self.stale = stale


class SandboxError(ProggenError):
    """The sandbox cannot be started or kept running."""


class SynthesisError(ProggenError):
    """No candidate of a program passed its checks."""


class ArchiveError(ProggenError):
    """An archive is missing, damaged or of another version."""


class ProgramFailure(ProggenError):
    """A generated program failed. `kind` is one of `FAILURE_KINDS`; the message is for reader and repair."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.message = message
