# category: memory
# tries: to take memory bit by bit
# stopped by: always
# ends as: memory


def attack():
    blocks = []
    while True:
        blocks.append(bytes(2**20))
