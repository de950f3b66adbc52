# category: next job
# tries: to leave a patched builtin for the next job
# stopped by: always
# runs: twice
import builtins


def attack():
    found = getattr(builtins, "mark", False)
    builtins.mark = True
    builtins.len = lambda _: 1
    return found
