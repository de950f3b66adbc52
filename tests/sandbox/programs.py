"""Small programs that the tests of the sandbox run."""

from __future__ import annotations

FALLING = """
PARAMS = {"gravity": {"init": 5.0, "low": 0.0, "high": 20.0, "unit": "m/s^2", "meaning": "free fall"}}

def rollout(state, params, dt, n_steps, actions=None):
    states = []
    for k in range(n_steps):
        push = 0.0 if actions is None else float(actions[k])
        speed = state["ball.vy"] + (push - params["gravity"]) * dt
        state = {"ball.y": state["ball.y"] + speed * dt, "ball.vy": speed}
        states.append(state)
    return states
"""

BOUNCING = """
from Box2D import b2World

PARAMS = {
    "restitution": {"init": 0.5, "low": 0.0, "high": 1.0, "unit": "1", "meaning": "bounce"},
    "gravity": {"init": 5.0, "low": 0.0, "high": 20.0, "unit": "m/s^2", "meaning": "free fall"},
}

def rollout(state, params, dt, n_steps, actions=None):
    world = b2World(gravity=(0, -params["gravity"]))
    world.CreateStaticBody().CreateEdgeFixture(vertices=[(-9, 0), (9, 0)], restitution=params["restitution"])
    ball = world.CreateDynamicBody(position=(0, state["ball.y"]), linearVelocity=(0, state["ball.vy"]))
    ball.CreateCircleFixture(radius=0.5, density=1.0, friction=0.0, restitution=0.0)
    states = []
    for _ in range(n_steps):
        world.Step(dt, 10, 10)
        states.append({"ball.y": ball.position.y, "ball.vy": ball.linearVelocity.y})
    return states
"""

BRIGHTNESS = """
def perceive(frames, fps):
    return [{"brightness": float(frame.mean())} for frame in frames]
"""

GREY = """
import numpy as np

def render(state, height, width):
    return np.full((height, width, 3), int(state["brightness"]), dtype=np.uint8)
"""


def perception(body: str, before: str = "") -> str:
    """A perception program around the body of its function."""
    return _program(f"{before}\ndef perceive(frames, fps):", body)


def dynamics(body: str, before: str = "") -> str:
    return _program(f"{before}\nPARAMS = {{}}\ndef rollout(state, params, dt, n_steps, actions=None):", body)


def rendering(body: str, before: str = "") -> str:
    return _program(f"import numpy as np\n{before}\ndef render(state, height, width):", body)


def _program(head: str, body: str) -> str:
    return head + "".join(f"\n    {line}" for line in body.splitlines()) + "\n"
