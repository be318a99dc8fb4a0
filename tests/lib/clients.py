"""clients.py PORT COUNT [--send]: opens connections and keeps them, obeying lines on stdin.

Prints "open N" when all are connected (and have sent a byte, with --send). Then, for each line:
  close K    closes the first K and prints "closed"
  open K     opens K more and prints "open N", with all that are
  ended      waits until the server has ended them all and prints "ended N"
End of input closes the rest.
"""
import select
import socket
import sys

port, count = int(sys.argv[1]), int(sys.argv[2])
sockets = []


def come(number):
    for _ in range(number):
        sockets.append(socket.create_connection(("127.0.0.1", port)))
        if "--send" in sys.argv:
            sockets[-1].send(b"x")
    print("open", len(sockets), flush=True)


come(count)
for line in sys.stdin:
    words = line.split()
    if words[0] == "close":
        for _ in range(int(words[1])):
            sockets.pop(0).close()
        print("closed", flush=True)
    elif words[0] == "open":
        come(int(words[1]))
    elif words[0] == "ended":
        ended = 0
        for s in sockets:
            if select.select([s], [], [], 60)[0] and s.recv(1) == b"":
                ended += 1
        print("ended", ended, flush=True)
