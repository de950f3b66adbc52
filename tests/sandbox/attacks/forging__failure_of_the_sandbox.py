# category: forging
# tries: to make its failure look like one of the sandbox
# stopped by: always
# ends as: crash
import os


def attack():
    os._exit(72)
