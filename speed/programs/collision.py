"""A head-on collision with four continuous parameters: the same problem whatever a language model wrote.

Impacts happen at whole steps, so that its loss has jumps, as with a physics engine. The truth has restitution 1,
equal densities and no drag.
"""

PARAMS = {
    "restitution": {
        "init": 0.5,
        "low": 0.0,
        "high": 1.2,
        "unit": "1",
        "meaning": "Coefficient of restitution.",
    },
    "density_ratio": {"init": 2.0, "low": 0.2, "high": 5.0, "unit": "1", "meaning": "Of blue to red."},
    "drag": {"init": 0.2, "low": -0.5, "high": 0.5, "unit": "1/s", "meaning": "Relative loss of speed."},
    "contact_scale": {
        "init": 0.98,
        "low": 0.9,
        "high": 1.1,
        "unit": "1",
        "meaning": "Of the sum of the radii.",
    },
}
STEPS = 10  # in each frame


def rollout(state, params, dt, n_steps, actions=None):
    x1, v1, r1 = (state["red_ball." + n] for n in ("x", "vx", "radius"))
    x2, v2, r2 = (state["blue_ball." + n] for n in ("x", "vx", "radius"))
    m1, m2 = r1 * r1, params["density_ratio"] * r2 * r2
    reach, h = params["contact_scale"] * (r1 + r2), dt / STEPS
    found = []
    for _ in range(n_steps):
        for _ in range(STEPS):
            if x2 - x1 <= reach and v1 > v2:
                impulse = (1 + params["restitution"]) * (v1 - v2) / (1 / m1 + 1 / m2)
                v1, v2 = v1 - impulse / m1, v2 + impulse / m2
            v1, v2 = v1 * (1 - params["drag"] * h), v2 * (1 - params["drag"] * h)
            x1, x2 = x1 + v1 * h, x2 + v2 * h
        moved = {"red_ball.x": x1, "red_ball.vx": v1, "blue_ball.x": x2, "blue_ball.vx": v2}
        found.append({**state, **moved})
    return found
