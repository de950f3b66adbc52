"""The parent's side: `Sandbox` starts the server, hands it jobs and believes nothing that comes back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..archive.records import SandboxRecord
from ..errors import ProgramFailure
from .limits import Limits
from .transport import Connection
from .wire import Message, WireError


class Sandbox:
    """Runs generated programs, each job in a process of its own. Several threads may use one sandbox.

    Every method but `close` raises `ProgramFailure` if the program fails, for whatever reason, and
    `SandboxError` if the sandbox itself cannot work.

    Args:
        jobs: the module, "package.module", whose `JOBS` can be asked for by name; without one there are none.
        limits: what a job may use, unless a call names other limits.
        unsafe: run programs in a separate process with limits, but without isolation by the system:
            with all the rights that you have. Recorded as level "none".
        without: layers to leave out, of "namespaces", "uid", "landlock", "seccomp"; for tests of weaker
            levels.
    """

    def __init__(
        self,
        jobs: str | None = None,
        *,
        limits: Limits = Limits(),  # noqa: B008
        unsafe: bool = False,
        without: Collection[str] = (),
    ) -> None:
        self._limits = limits
        self._connection = Connection(jobs, unsafe=unsafe, without=without)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the server and every job."""
        self._connection.close()

    @property
    def record(self) -> SandboxRecord:
        """The level of confinement, its layers, and what stays open."""
        return self._connection.record

    @property
    def server_pid(self) -> int:
        """The server's process id, for tests and diagnosis; it changes when the server is started again."""
        return self._connection.server_pid

    def run(
        self,
        job: str,
        body: Mapping[str, Any],
        arrays: Sequence[NDArray[Any]] = (),
        *,
        limits: Limits | None = None,
    ) -> Message:
        """The reply to a job: its name, a JSON object, arrays of uint8 or finite float64.

        What comes back has the wire's form and nothing else is known of it: read it inside `checked`.
        """
        try:
            message = Message({"job": job, **body}, [_finite(a) for a in arrays])
            return self._connection.run(message, limits or self._limits)
        except WireError as error:
            raise ProgramFailure("non-finite", f"the request could not be made: {error}") from None


def self_test(*, unsafe: bool = False) -> SandboxRecord:
    """The level that a sandbox has on this machine, its layers, and what stays open.

    Raises:
        SandboxError: no sandbox can work here.
    """
    with Sandbox(unsafe=unsafe) as sandbox:
        return sandbox.record


def _finite(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == np.float64 and not np.isfinite(array).all():
        raise WireError("an array holds infinite numbers or NaN")
    return array


@contextmanager
def checked() -> Iterator[None]:
    """Turns whatever goes wrong while a reply is read into a failure of the program."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        text = str(error) if isinstance(error, WireError) else type(error).__name__
        raise ProgramFailure("crash", f"the job's reply is not of the agreed form: {text}") from None


def expect(fits: bool, message: str) -> None:
    """Inside `checked`: the reply does not have the agreed form unless `fits`."""
    if not fits:
        raise WireError(message)
