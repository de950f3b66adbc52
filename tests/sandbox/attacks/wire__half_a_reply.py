# category: wire
# tries: to send half a reply and wait
# stopped by: always
# ends as: timeout
import os
import time


def attack():
    os.write(3, b"PGW1")
    time.sleep(10**6)
