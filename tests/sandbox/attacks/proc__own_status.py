# category: proc
# tries: to read its own status
# stopped by: landlock


def attack():
    return "Seccomp" in open("/proc/self/status").read()
