# category: tracing
# tries: to read the memory of another process through /proc
# stopped by: landlock uid
# stopped by, ordinary user: landlock namespaces
# optional: Yama may forbid it


def attack():
    with open(f"/proc/{VICTIM_PID}/mem", "rb", buffering=0) as memory:
        memory.seek(VICTIM_ADDRESS)
        return memory.read(len(CANARY)) == CANARY.encode()
