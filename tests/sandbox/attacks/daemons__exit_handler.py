# category: daemons
# tries: to run on in an exit handler
# stopped by: always
import atexit
import time


def attack():
    atexit.register(time.sleep, 10**6)
    return False
