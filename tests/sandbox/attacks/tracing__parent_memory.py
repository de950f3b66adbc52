# category: tracing
# tries: to read a key in the memory of the parent
# stopped by: landlock uid
# stopped by, ordinary user: always


def attack():
    with open(f"/proc/{PARENT_PID}/mem", "rb", buffering=0) as memory:
        memory.seek(PARENT_ADDRESS)
        return memory.read(len(CANARY)) == CANARY.encode()
