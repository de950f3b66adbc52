"""One ball in Box2D, one step a frame: flight under a gravity that is to be fitted."""

from Box2D import b2CircleShape, b2FixtureDef, b2World

PARAMS = {
    "gravity": {"init": -5.0, "low": -10.0, "high": 0.0, "unit": "u/s^2", "meaning": "Acceleration upwards."},
    "density": {"init": 1.0, "low": 0.1, "high": 10.0, "unit": "1/u^2", "meaning": "Mass by area."},
    "restitution": {"init": 0.5, "low": 0.0, "high": 1.0, "unit": "", "meaning": "Bounce of an impact."},
}


def rollout(state, params, dt, n_steps, actions=None):
    world = b2World(gravity=(0.0, params["gravity"]), doSleep=False)
    shape = b2CircleShape(radius=state["ball.radius"])
    fixture = b2FixtureDef(shape=shape, density=params["density"], restitution=params["restitution"])
    ball = world.CreateDynamicBody(
        position=(state["ball.x"], state["ball.y"]),
        linearVelocity=(state["ball.vx"], state["ball.vy"]),
        fixtures=fixture,
    )
    states = []
    for _ in range(n_steps):
        world.Step(dt, 6, 2)
        states.append(
            {
                **state,
                "ball.x": float(ball.position[0]),
                "ball.y": float(ball.position[1]),
                "ball.vx": float(ball.linearVelocity[0]),
                "ball.vy": float(ball.linearVelocity[1]),
            }
        )
    return states
