"""Two balls in Box2D, one step a frame: an impact of discs whose densities are to be fitted."""

from Box2D import b2CircleShape, b2FixtureDef, b2World

PARAMS = {
    "gravity": {"init": -5.0, "low": -10.0, "high": 0.0, "unit": "u/s^2", "meaning": "Acceleration upwards."},
    "density1": {
        "init": 1.0,
        "low": 0.1,
        "high": 10.0,
        "unit": "1/u^2",
        "meaning": "Mass of ball 1 by area.",
    },
    "density2": {
        "init": 1.0,
        "low": 0.1,
        "high": 10.0,
        "unit": "1/u^2",
        "meaning": "Mass of ball 2 by area.",
    },
    "restitution": {"init": 0.5, "low": 0.0, "high": 1.0, "unit": "", "meaning": "Bounce of the impact."},
}


def rollout(state, params, dt, n_steps, actions=None):
    world = b2World(gravity=(0.0, params["gravity"]), doSleep=False)
    balls = {}
    for name, density in (("ball1", params["density1"]), ("ball2", params["density2"])):
        shape = b2CircleShape(radius=state[name + ".radius"])
        fixture = b2FixtureDef(shape=shape, density=density, restitution=params["restitution"])
        balls[name] = world.CreateDynamicBody(
            position=(state[name + ".x"], state[name + ".y"]),
            linearVelocity=(state[name + ".vx"], state[name + ".vy"]),
            fixtures=fixture,
        )
    states = []
    for _ in range(n_steps):
        world.Step(dt, 6, 2)
        now = dict(state)
        for name, body in balls.items():
            now[name + ".x"], now[name + ".y"] = float(body.position[0]), float(body.position[1])
            now[name + ".vx"], now[name + ".vy"] = (
                float(body.linearVelocity[0]),
                float(body.linearVelocity[1]),
            )
        states.append(now)
    return states
