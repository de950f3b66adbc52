# category: cpu
# tries: to be busy inside one call of C code
# stopped by: always
# ends as: timeout
import re


def attack():
    return re.match(r"(a|a)*b", "a" * 60) is None
