# category: proc
# tries: to read the addresses of its own memory
# stopped by: landlock


def attack():
    return len(open("/proc/self/maps").read()) > 0
