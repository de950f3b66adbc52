# category: wire
# tries: to answer with a compressed archive
# stopped by: always
# ends as: crash
import io
import os
import numpy as np


def attack():
    data = io.BytesIO()
    np.savez_compressed(data, x=np.zeros(10**6))
    os.write(3, data.getvalue())
    os._exit(0)
