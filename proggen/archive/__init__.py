"""The archive of a run: its records (`records`), whole-file writing (`files`), reading back (`store`)."""

from .store import BenchmarkRun, EpisodeRun, Run, Transcript, list_runs, load_run

__all__ = ["BenchmarkRun", "EpisodeRun", "Run", "Transcript", "list_runs", "load_run"]
