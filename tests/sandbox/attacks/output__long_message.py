# category: output
# tries: to fail with a message of 64 MB
# stopped by: always
# ends as: exception


def attack():
    raise ValueError("x" * 2**26)
