# category: native code
# tries: to make system calls by their x32 numbers
# stopped by: seccomp
# optional: needs x32 support
import ctypes
import mmap


def attack():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b829000040bf01000000be0200000031d20f05c3"))
    call = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    return call() > 0
