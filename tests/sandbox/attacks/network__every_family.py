# category: network
# tries: to make a socket of any of the 46 families
# stopped by: seccomp
import contextlib
import socket


def attack():
    made = 0
    for family in range(46):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            with contextlib.suppress(OSError):
                socket.socket(family, kind).close()
                made += 1
    return made > 0
