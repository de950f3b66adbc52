# category: links
# tries: to read a file through /proc/self/root
# stopped by: landlock


def attack():
    return CANARY in open("/proc/self/root" + CANARY_FILE).read()
