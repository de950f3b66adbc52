# category: environment
# tries: to find a key in the C environment, past os.environ
# stopped by: always
import ctypes


def attack():
    return ctypes.CDLL(None).getenv(b"CANARY_KEY") != 0
