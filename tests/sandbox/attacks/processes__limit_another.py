# category: processes
# tries: to set limits on another process
# stopped by: seccomp namespaces uid
# stopped by, ordinary user: seccomp namespaces
import resource


def attack():
    resource.prlimit(VICTIM_PID, resource.RLIMIT_CORE, (0, 0))
    return True
