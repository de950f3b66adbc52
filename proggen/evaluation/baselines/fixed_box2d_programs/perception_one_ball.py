"""The red ball by colour thresholds, its velocity from two frames."""

import numpy as np

UNITS_PER_PIXEL = 10.0 / 256.0


def perceive(frames, fps):
    states = []
    before = None
    for frame in frames:
        state = locate(frame)
        if state:
            x, y = state["ball.x"], state["ball.y"]
            if before is not None:
                state["ball.vx"] = (x - before[0]) * fps
                state["ball.vy"] = (y - before[1]) * fps
        before = (state["ball.x"], state["ball.y"]) if state else None
        states.append(state)
    for part in ("ball.vx", "ball.vy"):  # nothing comes before the first frame
        if states[0] and len(states) > 1 and part in states[1]:
            states[0][part] = states[1][part]
    return states


def locate(frame):
    """Centre and radius of a disc of the same area; nothing where no pixel is red."""
    height = frame.shape[0]
    red = (frame[..., 0] > 127) & (frame[..., 1] < 127) & (frame[..., 2] < 127)
    rows, columns = np.nonzero(red)
    if not len(rows):
        return {}
    return {
        "ball.x": float(columns.mean()) * UNITS_PER_PIXEL,
        "ball.y": float(height - 1 - rows.mean()) * UNITS_PER_PIXEL,
        "ball.radius": float(np.sqrt(len(rows) / np.pi)) * UNITS_PER_PIXEL,
    }
