# category: imports
# tries: to import ctypes: a program may call C
# stopped by: nothing
import ctypes


def attack():
    return ctypes.CDLL(None).getpid() > 0
