# category: cpu
# tries: to run for ever
# stopped by: always
# ends as: timeout


def attack():
    while True:
        pass
