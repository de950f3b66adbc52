# category: output
# tries: to fail with a message that clears the terminal
# stopped by: always
# ends as: exception


def attack():
    raise ValueError("\x1b[2J\x07\r\u202e")
