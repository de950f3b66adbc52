# category: processes
# tries: to make a program file in memory
# stopped by: seccomp
import os


def attack():
    return os.memfd_create("program") > 0
