# category: cpu
# tries: to sleep for ever
# stopped by: always
# ends as: timeout
import time


def attack():
    time.sleep(10**6)
