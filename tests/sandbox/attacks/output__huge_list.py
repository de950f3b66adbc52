# category: output
# tries: to return a million states
# stopped by: always
# ends as: contract


def attack():
    raise AssertionError("not called")


def rollout(state, params, dt, n_steps, actions=None):
    return [state] * 10**6
