# category: cpu
# tries: to ignore the signal of the CPU limit
# stopped by: always
# ends as: timeout
import signal


def attack():
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        pass
