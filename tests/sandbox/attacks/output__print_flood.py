# category: output
# tries: to print for ever
# stopped by: always
# ends as: timeout


def attack():
    while True:
        print("x" * 2**16)
