#!/usr/bin/env python3
"""A server that accepts one connection and never reads what its own client end has sent."""
import signal
import socket

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
client = socket.create_connection(listener.getsockname())
server, _ = listener.accept()
client.sendall(b"x" * 100000)
print(listener.getsockname()[1], flush=True)
signal.pause()
