# category: cpu
# tries: to block every signal and run for ever
# stopped by: always
# ends as: timeout
import signal


def attack():
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        pass
