"""What every prompt of a benchmark is filled with: the video's facts, the training clips, their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..clips import Clip
from ..llm import Picture
from . import pictures, tables

PERCEPTION_SECONDS = 10  # told to the model; the sandbox's own limit is far above


@dataclass(frozen=True)
class Video:
    """A benchmark as synthesis may know it: words and numbers that hold for all its clips."""

    benchmark: str
    description: str
    context: int
    takes_actions: bool


@dataclass(frozen=True)
class Brief:
    """A video and its training clips. Nothing else of a benchmark reaches synthesis."""

    video: Video
    clips: tuple[Clip, ...]

    def values(self) -> dict[str, Any]:
        """Template values common to all prompts."""
        first = self.clips[0]
        return {
            "video": {
                "description": self.video.description,
                "context": self.video.context,
                "takes_actions": self.video.takes_actions,
                "width": first.width,
                "height": first.height,
                "fps": first.fps,
                "camera": first.camera,
                "length": len(first),
                "seconds": PERCEPTION_SECONDS,
            },
            "measurements": self.measurements(),
        }

    def pictures(self) -> tuple[Picture, ...]:
        """A contact sheet of three clips, two whole frames, an enlarged detail."""
        sheet = pictures.contact_sheet(self.clips[:3])
        last = min(len(self.clips) - 1, 3)
        frames = [pictures.full_frame(self.clips[0], 0), pictures.full_frame(self.clips[last], 0)]
        return (sheet, *frames, pictures.detail(self.clips[0], 0))

    def measurements(self) -> str:
        first, second = self.clips[0], self.clips[min(1, len(self.clips) - 1)]
        return "\n".join(
            [tables.colour_table(first), tables.edge_profiles(first), tables.edge_profiles(second)]
        )
