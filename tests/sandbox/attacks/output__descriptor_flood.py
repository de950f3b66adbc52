# category: output
# tries: to write 256 MB to its standard output, which leads nowhere
# stopped by: nothing
import os


def attack():
    return sum(os.write(1, bytes(2**20)) for _ in range(256)) == 2**28
