"""ports.py FIRST COUNT: binds so many ports from there on, says so, and has them until it is killed."""

import signal
import socket
import sys

first, count = map(int, sys.argv[1:])
taken = [socket.socket() for _ in range(count)]
for port, taker in enumerate(taken, first):
    taker.bind(("127.200.0.1", port))
print(count, flush=True)
signal.pause()
