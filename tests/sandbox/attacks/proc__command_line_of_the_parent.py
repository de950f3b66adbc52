# category: proc
# tries: to read the command line of the parent
# stopped by: landlock


def attack():
    return len(open(f"/proc/{PARENT_PID}/cmdline").read()) > 0
