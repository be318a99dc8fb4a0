"""crowded.py PORT STATUS CROWD STEP...: a server of echo, below crowd.c, while the system lacks
files, or what epoll needs to watch one.

Ends with status 0 when it told each client so, or served it as soon as there was room, served the
others meanwhile, and did not ask again and again.
"""
import os
import socket
import sys
import time

import status

port, page, crowd = int(sys.argv[1]), sys.argv[2], sys.argv[3]
REST = 0.010  # seconds between two times that a server asks


def connect():
    return socket.create_connection(("127.0.0.1", port), 20)


def echo(client):
    """Whether it is served; else the server has ended it."""
    got = b""
    try:
        client.sendall(b"hello")
        while len(got) < 5 and (piece := client.recv(5)):
            got += piece
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert got in (b"", b"hello"), got
    return got != b""


def crowd_is(kind):
    with open(crowd + ".next", "w") as file:
        file.write(kind)
    os.rename(crowd + ".next", crowd)


def calls():
    return os.stat(crowd + ".calls").st_size


def ended(client):
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def becomes(name, value):
    for _ in range(6000):
        if (now := status.read(page)[name]) == value:
            return
        time.sleep(0.01)
    assert False, "%s is %d, not %d" % (name, now, value)


def shed(kind="full"):
    """Each is told so, and counted."""
    becomes("open", 1)  # whoever left gives no file to those who come
    before, opened = (status.read(page)[name] for name in ("shed", "opened"))
    crowd_is(kind)
    for client in [connect() for _ in range(5)]:
        assert ended(client)
    becomes("shed", before + 5)
    becomes("opened", opened)
    assert echo(other)
    os.remove(crowd)


def unwatched():
    shed("watched")


def starve():
    """Nothing to shed with: who comes must wait, and the server as well."""
    begun, before = time.monotonic(), calls()
    opened = status.read(page)["opened"]
    crowd_is("taken")
    waiting = connect()
    while calls() < before + 10:
        assert echo(other)
    asked = calls() - before
    # It asks once before it rests, and twice while it has a descriptor to give up.
    assert asked <= 3 + (time.monotonic() - begun) / REST, (asked, time.monotonic() - begun)
    already = status.read(page)["shed"]
    os.remove(crowd)
    if not echo(waiting):  # the room came when it had just been refused, for its spare descriptor
        becomes("shed", already + 1)
        assert echo(connect())
    becomes("opened", opened + 1)


other = connect()
assert echo(other)
for step in sys.argv[4:]:
    globals()[step]()
    print(step, flush=True)
