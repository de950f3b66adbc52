"""A fixed Box2D model with fitted parameters: what PhyWorld's scenarios need where nobody writes a program.

Colour thresholds at 10/256 units per pixel, velocities from two frames, a Box2D structure for each scenario that
takes one step of 0.1 s per frame, and gravity, density and restitution fitted to the positions seen in the training
clips by Powell's method, tried once. No language model is in the loop.

These choices follow a description of the code released with arXiv 2505.14948 (github.com/metro-smiles/ProgGen).
It is not that code and its numbers are not that code's, which were measured apart, see `evaluation.references`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from ...clips import Clip
from ...inference import calls
from ...inference.problems import FitProblem, Rollout, Segment
from ...numbers import number
from ...sandbox import Limits
from ...states import Trajectory
from ..scoring import Forecast
from .base import Context, Material

_LIMITS = Limits(wall_seconds=900, cpu_seconds=300)
_ROLLOUTS = 8000  # at most; the code it follows needs 280 to 790 evaluations of ten
_WHOLE = 100.0  # u: so far from the noise that soft L1 is the squared error


class FixedBox2D:
    """Perceives, fits and predicts with two programs of its own, in the sandbox; our rendering draws it.

    Its states are in the truth's variables and units as its own perception measures them, 1/256 too small.
    """

    def __init__(self, material: Material) -> None:
        balls = ("ball1", "ball2") if material.info.velocity_protocol == "collision" else ("ball",)
        kind = "two_balls" if len(balls) == 2 else "one_ball"
        self.names = tuple(f"{ball}.{part}" for ball in balls for part in ("x", "y", "vx", "vy", "radius"))
        self.perception, self.dynamics = source(f"perception_{kind}"), source(f"dynamics_{kind}")
        self._sandbox = material.sandbox
        self._context = material.info.context
        clips = [(c.clip, self._perceive(c.clip, self._context)) for c in material.clips]
        self.parameters, self.rollouts = self._fit(clips, material.seed)
        fitted = ", ".join(f"{n} {number(v, 4)}" for n, v in self.parameters.items())
        self.notes: Sequence[str] = (
            f"The fixed Box2D model was fitted in {self.rollouts} rollouts: {fitted}.",
        )

    def forecast(self, context: Context) -> Forecast:
        seen = self._perceive(context.head, self._context)
        last = seen.state(len(seen) - 1)
        rollout = Rollout(last, self.parameters, context.head.dt, context.horizon)
        [future] = calls.rollout(self._sandbox, self.dynamics, [rollout])
        return Forecast(seen.then(future), None, as_truth=True)

    def _perceive(self, clip: Clip, context: int) -> Trajectory:
        return calls.perceive(self._sandbox, self.perception, clip.frames, clip.fps, self.names, context)

    def _fit(self, clips: Sequence[tuple[Clip, Trajectory]], seed: int) -> tuple[dict[str, float], int]:
        """Parameters whose rollouts from the end of the context follow the positions of all frames after it."""
        specs = calls.describe(self._sandbox, "dynamics", self.dynamics)
        last = self._context - 1
        problem = FitProblem(
            init={n: s.init for n, s in specs.items()},
            low={n: s.low for n, s in specs.items()},
            high={n: s.high for n, s in specs.items()},
            segments=[Segment(seen.state(last), seen.part(last + 1), clip.dt) for clip, seen in clips],
            scales={n: _WHOLE for n in self.names if n.endswith((".x", ".y"))},
            starts=1,
            max_rollouts=_ROLLOUTS,
            seed=seed,
            method="powell",
        )
        found = calls.fit(self._sandbox, self.dynamics, problem, limits=_LIMITS)
        return found.values, found.rollouts


def source(name: str) -> str:
    """A program's source as it is shipped."""
    return files(__package__).joinpath("fixed_box2d_programs", f"{name}.py").read_text(encoding="utf-8")
