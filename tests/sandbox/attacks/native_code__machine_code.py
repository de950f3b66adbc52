# category: native code
# tries: to run machine code of its own: Python is no boundary
# stopped by: nothing
# optional: x86-64 only
import ctypes
import mmap


def attack():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b82a000000c3"))
    call = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    return call() == 42
