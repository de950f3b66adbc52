# category: signals
# tries: to signal another process by a process descriptor
# stopped by: landlock-6 seccomp namespaces uid
# stopped by, ordinary user: landlock-6 seccomp namespaces
import os
import signal


def attack():
    signal.pidfd_send_signal(os.pidfd_open(VICTIM_PID), 0)
    return True
