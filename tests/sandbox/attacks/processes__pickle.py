# category: processes
# tries: to run a function by unpickling bytes: no more than it may do anyway
# stopped by: nothing
import pickle


def attack():
    return pickle.loads(b"cposix\ngetpid\n(tR.") > 0
