# category: imports
# tries: to import an installed package that the contract does not name
# stopped by: landlock
import pydantic


def attack():
    return pydantic is not None
