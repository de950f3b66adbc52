# category: cpu
# tries: to compute a number without end
# stopped by: always
# ends as: timeout memory exception


def attack():
    return len(str(7 ** (7**10))) > 0
