"""overfull.py COUNT PAGE:PROTOCOL...: too many clients at once, for all servers with these status
pages at the same time.

Prints a line for each server, of how far it has come: "shed": of COUNT clients it has shed some and
opened the others; "left": when they close, none is open; "served": so are those who come then.
"""
import os
import socket
import subprocess
import sys
import time

import status

CONFORM = os.path.join(os.path.dirname(__file__), "conform.py")
PATIENCE = 120  # seconds


def eventually(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Server:
    def __init__(self, argument, count):
        self.page, _, self.protocol = argument.rpartition(":")
        self.port = status.read(self.page)["port"]
        self.count = count

    def crowd(self):
        self.clients = [socket.create_connection(("127.0.0.1", self.port))
                        for _ in range(self.count)]

    def has_shed(self):
        now = status.read(self.page)
        return now["shed"] and now["opened"] + now["shed"] == self.count

    def leave(self):
        for client in self.clients:
            client.close()

    def is_left(self):
        return not status.read(self.page)["open"]

    def converse(self):
        self.others = subprocess.Popen([sys.executable, CONFORM, str(self.port), self.protocol,
                                        "converse"])

    def has_served(self):
        return not self.others.wait()


servers = [Server(argument, int(sys.argv[1])) for argument in sys.argv[2:]]
came = [[] for _ in servers]
for act, word, has_come in ((Server.crowd, "shed", Server.has_shed),
                            (Server.leave, "left", Server.is_left),
                            (Server.converse, "served", Server.has_served)):
    for server in servers:
        act(server)
    for server, words in zip(servers, came):
        if eventually(lambda: has_come(server)):
            words.append(word)
for words in came:
    print(*words)
