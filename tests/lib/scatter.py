"""scatter.py PORT COUNT SHARE: COUNT clients of an echo server, of whom one in SHARE stays.

Prints "open N" when all have been answered once. Then, for each line:
  scatter    closes all but the survivors, prints "left N"
  talk FILE  the survivors send and check replies, each its own words, until FILE is there, and once
             more; prints "answered" or "lost ..."
End of input closes the rest.
"""
import os
import socket
import sys

port, count, share = (int(word) for word in sys.argv[1:4])


def talk(clients, turn):
    """All have sent before the first one reads: the server has many answers to give at once."""
    words = [b"%d of client %d, " % (turn, i) * (1 + i % 50) for i in range(len(clients))]
    for client, word in zip(clients, words):
        client.sendall(word)
    for client, word in zip(clients, words):
        answer = b""
        while len(answer) < len(word):
            piece = client.recv(len(word) - len(answer))
            if not piece:
                return "lost a connection in turn %d" % turn
            answer += piece
        if answer != word:
            return "lost bytes in turn %d" % turn
    return None


clients = [socket.create_connection(("127.0.0.1", port), 30) for _ in range(count)]
print("lost" if talk(clients, 0) else "open %d" % len(clients), flush=True)
for line in sys.stdin:
    command, *rest = line.split()
    if command == "scatter":
        for i, client in enumerate(clients):
            if i % share:
                client.close()
        clients = clients[::share]
        print("left", len(clients), flush=True)
    elif command == "talk":
        turn, lost, ended = 1, None, False
        while not lost and not ended:
            ended = os.path.exists(rest[0])
            lost = talk(clients, turn)
            turn += 1
        print(lost or "answered", flush=True)
