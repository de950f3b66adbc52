"""The red and the blue ball by colour thresholds, their velocities from two frames."""

import numpy as np

UNITS_PER_PIXEL = 10.0 / 256.0


def perceive(frames, fps):
    states = []
    before = {}
    for frame in frames:
        state = {}
        for name, own in (("ball1", 0), ("ball2", 2)):
            found = locate(frame, own)
            if found is None:
                before.pop(name, None)
                continue
            x, y, radius = found
            state[name + ".x"], state[name + ".y"], state[name + ".radius"] = x, y, radius
            if name in before:
                state[name + ".vx"] = (x - before[name][0]) * fps
                state[name + ".vy"] = (y - before[name][1]) * fps
            before[name] = (x, y)
        states.append(state)
    if len(states) > 1:  # nothing comes before the first frame
        for part, value in states[1].items():
            if part.endswith((".vx", ".vy")):
                states[0][part] = value
    return states


def locate(frame, own):
    """(x, y, radius of a disc of the same area) of what is of one colour; None where no pixel is."""
    height = frame.shape[0]
    others = [channel for channel in range(3) if channel != own]
    mask = (frame[..., own] > 127) & (frame[..., others[0]] < 127) & (frame[..., others[1]] < 127)
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return None
    x = float(columns.mean()) * UNITS_PER_PIXEL
    y = float(height - 1 - rows.mean()) * UNITS_PER_PIXEL
    return x, y, float(np.sqrt(len(rows) / np.pi)) * UNITS_PER_PIXEL
