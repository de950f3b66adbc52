# category: wire
# tries: to answer with a pickle
# stopped by: always
# ends as: crash
import os
import pickle


def attack():
    os.write(3, pickle.dumps({"x": 1.0}))
    os._exit(0)
