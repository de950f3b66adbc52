# category: daemons
# tries: to be woken up by a timer later
# stopped by: always
# ends as: crash exception
import signal


def attack():
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    while True:
        pass
