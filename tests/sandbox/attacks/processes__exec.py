# category: processes
# tries: to become another program
# stopped by: landlock seccomp uid
# stopped by, ordinary user: landlock seccomp
import os


def attack():
    os.execv("/bin/sh", ["sh", "-c", "exit 42"])
