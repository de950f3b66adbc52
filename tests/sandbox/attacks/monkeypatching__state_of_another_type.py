# category: monkeypatching
# tries: to return a dict that lies about its keys
# stopped by: always
# ends as: contract


class Liar(dict):
    def __iter__(self):
        return iter(["x"])

    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        return "1.0"


def rollout(state, params, dt, n_steps, actions=None):
    return [Liar()] * n_steps
