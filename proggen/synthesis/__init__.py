"""Synthesis: from training clips and a language model to a fitted world program. It never sees truth."""

from .brief import Brief, Video
from .candidates import Candidate, Journal, Workshop
from .synthesize import Synthesis, synthesize

__all__ = ["Brief", "Candidate", "Journal", "Synthesis", "Video", "Workshop", "synthesize"]
