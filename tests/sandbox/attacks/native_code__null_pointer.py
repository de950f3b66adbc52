# category: native code
# tries: to read address 0
# stopped by: always
# ends as: crash
import ctypes


def attack():
    return ctypes.string_at(0) == b""
