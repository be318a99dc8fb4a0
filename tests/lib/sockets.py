"""sockets.py HOW: a server's sockets in a rare state. Prints its port, then obeys lines on stdin.

elsewhere ADDRESS  listens on any address; connects there (same port), to which nobody answers,
                   and twice to itself
closes             listens on two ports, with a connection to either; a line closes the second
watched            a connection that is in five epoll sets
orphaned           closes a connection whose data its client does not read
"""
import select
import socket
import sys

kept = []


def listen(address="127.0.0.1"):
    listener = socket.socket()
    listener.bind((address, 0))
    listener.listen()
    kept.append(listener)
    return listener


def connect(listener):
    client = socket.create_connection(("127.0.0.1", listener.getsockname()[1]))
    server, _ = listener.accept()
    kept.extend([client, server])
    return server


how = sys.argv[1]
first = listen("0.0.0.0" if how == "elsewhere" else "127.0.0.1")
server = connect(first)
if how == "elsewhere":
    connect(first)
    outgoing = socket.socket()
    outgoing.setblocking(False)
    outgoing.connect_ex((sys.argv[2], first.getsockname()[1]))
elif how == "closes":
    second = listen()
    connect(second)
elif how == "watched":
    sets = [select.epoll() for _ in range(5)]
    for each in sets:
        each.register(server)
elif how == "orphaned":
    server.setblocking(False)
    try:
        while True:
            server.send(b"x" * 65536)
    except BlockingIOError:
        kept.remove(server)
        server.close()
print(first.getsockname()[1], flush=True)
for line in sys.stdin:
    second.close()
    print("closed", flush=True)
