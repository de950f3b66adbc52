# category: processes
# tries: to lower the priority of another process
# stopped by: seccomp namespaces uid
# stopped by, ordinary user: seccomp namespaces
import os


def attack():
    os.setpriority(os.PRIO_PROCESS, VICTIM_PID, 5)
    return True
