# category: files
# tries: to change the times of a file, which Landlock does not cover
# stopped by: seccomp
import os


def attack():
    os.utime(OPEN_FILE)
    return True
