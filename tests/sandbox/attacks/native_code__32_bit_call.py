# category: native code
# tries: to make system calls by their 32-bit numbers
# stopped by: seccomp
# optional: needs 32-bit support
import ctypes
import mmap


def attack():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))
    call = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    return call() > 0
