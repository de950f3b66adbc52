# category: memory
# tries: to go on after each refused allocation
# stopped by: always
# ends as: timeout


def attack():
    while True:
        try:
            bytearray(10**11)
        except MemoryError:
            pass
