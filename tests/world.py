"""A small world for tests: a dark square that slides on white, 40 x 60 pixels, and programs written for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from proggen.archive.records import AffordanceRule, SceneObject, SceneRecord, VariableRecord
from proggen.benchmarks.base import BenchmarkInfo, DataOptions, Episode, EpisodeKey, TrueConstant
from proggen.clips import Camera, Clip
from proggen.llm import Prompt, Reply
from proggen.states import Trajectory, Variable
from proggen.world import WorldProgram

HEIGHT, WIDTH, SIDE, CONTEXT, LENGTH, FPS = 40, 60, 6, 3, 12, 10.0
SECRET = 987.654321  # a true constant, which only evaluation may see
CAMERA = Camera(units_per_pixel=0.1, unit="u", origin_column=0.0, origin_row=39.0)

PERCEPTION = """
import numpy as np

def perceive(frames, fps):
    dark = 255.0 - frames[..., 0].astype(float)
    mass = dark.sum(axis=(1, 2))
    columns, rows = np.arange(frames.shape[2]), np.arange(frames.shape[1])
    x = (dark.sum(axis=1) * columns).sum(axis=1) / mass * 0.1
    y = (39.0 - (dark.sum(axis=2) * rows).sum(axis=1) / mass) * 0.1
    vx = np.gradient(x) * fps
    return [{"box.x": float(a), "box.y": float(b), "box.vx": float(v)} for a, b, v in zip(x, y, vx)]
"""

DYNAMICS = """
PARAMS = {"drag": {"init": 0.5, "low": 0.0, "high": 2.0, "unit": "1/s", "meaning": "Slows the box."}}

def rollout(state, params, dt, n_steps, actions=None):
    x, v, found = state["box.x"], state["box.vx"], []
    for _ in range(n_steps):
        v -= params["drag"] * v * dt
        x += v * dt
        found.append({**state, "box.x": x, "box.vx": v})
    return found
"""

RENDERING = """
import numpy as np

def render(state, height, width):
    def cover(centre, count):
        pixels = np.arange(count)
        return np.clip(np.minimum(pixels + 0.5, centre + 3.0) - np.maximum(pixels - 0.5, centre - 3.0), 0, 1)
    across = cover(state["box.x"] / 0.1, width)
    down = cover(39.0 - state["box.y"] / 0.1, height)
    shade = 255.0 - 255.0 * down[:, None] * across[None, :]
    return np.repeat(np.round(shade)[..., None], 3, axis=2).astype(np.uint8)
"""

SOURCES = {"perception": PERCEPTION, "dynamics": DYNAMICS, "rendering": RENDERING}
SCENE = SceneRecord(
    objects=[SceneObject(name="box", looks="A black square.", can="Slides.")],
    variables=[
        VariableRecord(name="box.x", unit="u", meaning="Centre, to the right."),
        VariableRecord(name="box.y", unit="u", meaning="Centre, upwards.", constant=True),
        VariableRecord(name="box.vx", unit="u/s", meaning="Speed to the right."),
    ],
    rules=[
        AffordanceRule(kind="moves", subject="box", rule="The box slides."),
        AffordanceRule(kind="acts", subject="drag", object="box", rule="Drag slows the box."),
    ],
)
REPLIES = {
    "scene": f"The scene:\n\n```json\n{SCENE.model_dump_json()}\n```\n",
    **{name: f"Here it is.\n\n```python\n{source}\n```\n" for name, source in SOURCES.items()},
}


def draw(x: float, y: float) -> np.ndarray:
    """The frame with the box's centre at world (x, y), by exact coverage; uint8 (40, 60, 3)."""
    scope: dict[str, object] = {}
    exec(RENDERING, scope)
    return scope["render"]({"box.x": x, "box.y": y}, HEIGHT, WIDTH)  # type: ignore[operator]


def episode(index: int, split: str = "in", *, drag: float = 0.3, length: int = LENGTH) -> Episode:
    rng = np.random.default_rng(index)
    x, y, v = rng.uniform(0.5, 1.5), rng.uniform(1.0, 3.0), rng.uniform(1.0, 3.0)
    rows = []
    for _ in range(length):
        rows.append((x, y, v))
        v -= drag * v / FPS
        x += v / FPS
    truth = Trajectory(("box.x", "box.y", "box.vx"), np.array(rows))
    frames = np.stack([draw(a, b) for a, b, _ in rows])
    name = f"{split}-{index:04d}"
    return Episode(name, split, Clip(name, frames, FPS, CAMERA), truth, {"v": rows[0][2]})


@dataclass
class _Source:
    keys: list[EpisodeKey]
    problems: list[str] = field(default_factory=list)
    left_out: str = ""

    def load(self, key: EpisodeKey) -> Episode:
        return episode(int(key.id.rpartition("-")[2]), key.split)


class Box:
    """The world as a benchmark."""

    info = BenchmarkInfo(
        name="test/box",
        title="A sliding box",
        description="A black square slides to the right and slows down.",
        context=CONTEXT,
        length=LENGTH,
        fps=FPS,
        splits=("in", "far"),
        ood_splits=("far",),
        truth_variables=(
            Variable("box.x", "u", "centre"),
            Variable("box.y", "u", "centre"),
            Variable("box.vx", "u/s", "speed"),
        ),
        headline=("state.box.x", "psnr"),
        true_constants=(TrueConstant("drag", 0.3, "1/s"), TrueConstant("warmth", SECRET, "K")),
    )

    def training(self, options: DataOptions) -> _Source:
        return _Source([EpisodeKey(f"train-{i:04d}", "train") for i in range(4)])

    def evaluation(self, options: DataOptions) -> _Source:
        keys = [EpisodeKey(f"{s}-{i:04d}", s) for s in ("in", "far") for i in range(100, 103)]
        return _Source(keys)


class ScriptedModel:
    """Answers by prompt id ("dynamics-c1-r0"), else by program ("dynamics"); remembers what it was asked."""

    name = "scripted"

    def __init__(self, replies: Mapping[str, str] = REPLIES) -> None:
        self.replies = {**REPLIES, **replies}
        self.prompts: list[Prompt] = []

    def complete(self, prompt: Prompt) -> Reply:
        self.prompts.append(prompt)
        text = self.replies.get(prompt.id, self.replies[prompt.program])
        return Reply(text=text, model="scripted", source="live")


def world_program(parameters: dict[str, float] | None = None) -> WorldProgram:
    return WorldProgram(SCENE, dict(SOURCES), parameters or {"drag": 0.3}, CONTEXT)  # type: ignore[arg-type]
