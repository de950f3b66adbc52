# category: processes
# tries: to run a shell
# stopped by: seccomp uid
# stopped by, ordinary user: always
import os


def attack():
    return os.waitstatus_to_exitcode(os.system("exit 7")) == 7
