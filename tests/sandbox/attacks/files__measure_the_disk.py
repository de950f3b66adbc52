# category: files
# tries: to learn how full the disk is
# stopped by: seccomp
import os


def attack():
    return os.statvfs("/").f_blocks >= 0
