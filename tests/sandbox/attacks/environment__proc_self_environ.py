# category: environment
# tries: to find a key in /proc/self/environ
# stopped by: always


def attack():
    return CANARY in open("/proc/self/environ").read()
