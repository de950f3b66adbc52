# category: network
# tries: to make a pair of sockets
# stopped by: seccomp
import socket


def attack():
    return len(socket.socketpair()) == 2
