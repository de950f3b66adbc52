# category: daemons
# tries: to leave a daemon behind
# stopped by: seccomp uid
# stopped by, ordinary user: always
import os
import time


def attack():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(30)
        os._exit(0)
    return True
