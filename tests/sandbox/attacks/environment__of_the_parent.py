# category: environment
# tries: to read the environment of the process that started the sandbox
# stopped by: landlock uid
# stopped by, ordinary user: always


def attack():
    return len(open(f"/proc/{PARENT_PID}/environ").read()) > 0
