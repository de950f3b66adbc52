# category: signals
# tries: to die by SIGKILL
# stopped by: always
# ends as: memory crash
import os
import signal


def attack():
    signal.raise_signal(signal.SIGKILL)
    os.abort()
