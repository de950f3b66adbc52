# category: native code
# tries: to call setrlimit by machine code
# stopped by: seccomp uid
# stopped by, ordinary user: always
# optional: x86-64 only
import ctypes
import mmap


def attack():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(
        bytes.fromhex("4883ec1048c704240010000048c744240800100000b8a0000000bf070000004889e60f054883c410c3")
    )
    call = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    return call() == 0
