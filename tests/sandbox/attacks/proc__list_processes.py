# category: proc
# tries: to list the processes of the machine
# stopped by: landlock
import os


def attack():
    return "1" in os.listdir("/proc")
