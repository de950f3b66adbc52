# category: descriptors
# tries: to read a file that the parent has open
# stopped by: landlock uid
# stopped by, ordinary user: always


def attack():
    return CANARY in open(f"/proc/{PARENT_PID}/fd/{PARENT_FD}").read()
