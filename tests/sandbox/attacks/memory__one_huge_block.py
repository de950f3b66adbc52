# category: memory
# tries: to take 100 GB at once
# stopped by: always
# ends as: memory


def attack():
    bytearray(10**11)
