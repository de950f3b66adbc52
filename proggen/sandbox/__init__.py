"""The only place where a generated program runs: a separate process, confined as far as the system allows."""

from __future__ import annotations

from .client import Sandbox, checked, expect, self_test
from .limits import Limits
from .transport import printable

__all__ = ["Limits", "Sandbox", "checked", "expect", "printable", "self_test"]
