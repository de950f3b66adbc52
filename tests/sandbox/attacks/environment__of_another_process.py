# category: environment
# tries: to read the environment of another process of the user
# stopped by: landlock uid
# stopped by, ordinary user: landlock namespaces


def attack():
    return CANARY in open(f"/proc/{VICTIM_PID}/environ").read()
