"""The benchmarks that are installed: entry points of the group `proggen.benchmarks`.

A benchmark of one's own is a class with the contract of `base.Benchmark`, named in its package's metadata:

    [project.entry-points."proggen.benchmarks"]
    "mine/pendulum" = "my_package.pendulum:Pendulum"
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from ..errors import UsageError
from .base import Benchmark, BenchmarkInfo, DataOptions, Episode, EpisodeKey, EpisodeSource, select

__all__ = [
    "Benchmark",
    "BenchmarkInfo",
    "DataOptions",
    "Episode",
    "EpisodeKey",
    "EpisodeSource",
    "get",
    "names",
    "select",
]

GROUP = "proggen.benchmarks"
_FIRST = (
    "phyworld/uniform_motion",
    "phyworld/parabola",
    "phyworld/collision",
    "cartpole/push",
    "cartpole/actions",
)


def names() -> list[str]:
    """Names of all installed benchmarks: its own in the order of its tables, then others."""
    return list(_installed())


def get(name: str) -> Benchmark:
    """The benchmark called `name`; UsageError, naming the known ones, if it is unknown or fails to load."""
    installed = _installed()
    if name not in installed:
        raise UsageError(f"There is no benchmark {name!r}; choose one of: {', '.join(installed)}.")
    try:
        benchmark: Benchmark = installed[name].load()()
    except Exception as error:  # a foreign package may fail in any way
        place = installed[name].value
        raise UsageError(f"The benchmark {name!r} ({place}) cannot be loaded: {error}.") from error
    return benchmark


def _installed() -> dict[str, EntryPoint]:
    found = {point.name: point for point in entry_points(group=GROUP)}
    order = [n for n in _FIRST if n in found] + sorted(set(found) - set(_FIRST))
    return {name: found[name] for name in order}
