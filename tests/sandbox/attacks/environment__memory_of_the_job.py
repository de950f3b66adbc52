# category: environment
# tries: to find a key anywhere in its own memory
# stopped by: always
import gc


def attack():
    found = [o for o in gc.get_objects() if isinstance(o, dict) and "CANARY_KEY" in o]
    return any(str(o["CANARY_KEY"]) == CANARY for o in found)
