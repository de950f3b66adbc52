"""A generated program inside its job: loading it, calling it, and naming what went wrong in it."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any, NoReturn

from ..errors import FailureKind, ProgramFailure

MAX_TEXT = 600


class Program:
    """A program's module, freshly executed; every failure in it is a `ProgramFailure` with its own line."""

    def __init__(self, file: str, source: str, function: str, arguments: tuple[str, ...]) -> None:
        """`function` must be there and take exactly `arguments`; `file` is what failures call the program."""
        self.file = file
        self._lines = source.splitlines()
        self.function_name, self._arguments = function, arguments
        self.module = types.ModuleType("program")
        code = self._guard(compile, source, self.file, "exec", dont_inherit=True)
        self._guard(exec, code, self.module.__dict__)
        self.function = self._find_function()

    def __call__(self, *arguments: Any) -> Any:
        """The result of the contract's function."""
        return self._guard(self.function, *arguments)

    def fail(self, kind: FailureKind, message: str) -> NoReturn:
        raise ProgramFailure(kind, f"{self.file}: {message}")

    def _guard(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        try:
            return call(*arguments, **options)
        except SyntaxError as error:
            self.fail("syntax", self._syntax_text(error))
        except MemoryError as error:
            text = "it asked for more memory than its limit: "
            self.fail("memory", f"{text}{describe(error)}{self._where(error)}")
        except ImportError as error:
            self.fail("import", f"{describe(error)}{self._where(error)}")
        except BaseException as error:  # SystemExit and KeyboardInterrupt are failures of the program too
            self.fail("exception", f"{describe(error)}{self._where(error)}")

    def _syntax_text(self, error: SyntaxError) -> str:
        return f"line {error.lineno}: {error.msg}: `{(error.text or '').strip()[:200]}`"

    def _where(self, error: BaseException) -> str:
        """The innermost of the program's own lines on the way to the error."""
        place, trace = "", error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if code.co_filename == self.file:
                place = f" (line {trace.tb_lineno}, in {code.co_name}: `{self._line(trace.tb_lineno)}`)"
            trace = trace.tb_next
        return place

    def _line(self, number: int) -> str:
        return self._lines[number - 1].strip()[:200] if 0 < number <= len(self._lines) else ""

    def _find_function(self) -> Callable[..., Any]:
        function = getattr(self.module, self.function_name, None)
        wanted = f"{self.function_name}({', '.join(self._arguments)})"
        if not callable(function):
            self.fail("contract", f"there is no function `{wanted}`")
        try:
            names = tuple(inspect.signature(function).parameters)
        except (TypeError, ValueError):
            names = ()
        if names != self._arguments:
            given = f"{self.function_name}({', '.join(names)})"
            self.fail("contract", f"the function must be `{wanted}`, not `{given}`")
        found: Callable[..., Any] = function
        return found


def describe(error: BaseException) -> str:
    """Type and text of an error, short, even if its `__str__` misbehaves."""
    try:
        text = str(error)[:MAX_TEXT]
    except BaseException:
        text = "(its message could not be read)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def show(value: Any) -> str:
    """A short description of what a program returned: its type, and its shape or value."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"{type(value).__name__} {getattr(value, 'dtype', '')} {shape}"
    if isinstance(value, (list, tuple, dict)):
        return f"{type(value).__name__} of length {len(value)}"
    try:
        return f"{type(value).__name__} {repr(value)[:80]}"
    except BaseException:
        return type(value).__name__
