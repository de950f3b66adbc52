# category: processes
# tries: to become root
# stopped by: seccomp uid
# stopped by, ordinary user: always
import os


def attack():
    os.setuid(0)
    return os.getuid() == 0
