# category: signals
# tries: to have the kernel signal another process on its behalf
# stopped by: seccomp namespaces
import fcntl


def attack():
    fcntl.fcntl(3, fcntl.F_SETOWN, VICTIM_PID)
    return True
