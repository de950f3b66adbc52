# category: processes
# tries: to fork
# stopped by: seccomp uid
# stopped by, ordinary user: always
import os


def attack():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return True
