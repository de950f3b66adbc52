# category: wire
# tries: to close the socket and stay
# stopped by: always
# ends as: timeout
import os
import time


def attack():
    os.close(3)
    time.sleep(10**6)
