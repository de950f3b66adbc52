# category: memory
# tries: to fill the shared memory of the machine
# stopped by: always
import os


def attack():
    with open(f"/dev/shm/proggen-attack-{os.getpid()}", "wb") as file:
        os.unlink(file.name)
        file.write(bytes(2**20))
        file.flush()
    return True
