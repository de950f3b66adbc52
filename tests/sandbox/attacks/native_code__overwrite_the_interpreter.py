# category: native code
# tries: to overwrite objects of the interpreter
# stopped by: always
# ends as: crash timeout
import ctypes


def attack():
    ctypes.memset(id(dict), 255, 512)
    return {}
