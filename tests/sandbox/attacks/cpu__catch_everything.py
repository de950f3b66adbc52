# category: cpu
# tries: to catch every exception and run for ever
# stopped by: always
# ends as: timeout


def attack():
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
