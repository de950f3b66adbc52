# category: memory
# tries: to map 100 GB without using them
# stopped by: always
import mmap


def attack():
    return len(mmap.mmap(-1, 10**11)) > 0
