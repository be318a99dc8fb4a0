"""What make bench compares: our server in every architecture and protocol, bare loops in C that do
nothing but the system calls (the floor), and small Go programs as people write them today."""

from dataclasses import dataclass

ARCHITECTURES = ("single", "multi", "prefork", "pool", "thread", "uring")
PROTOCOLS = ("idle", "echo", "feed", "websocket")
WORKERS = 2


@dataclass(frozen=True)
class Contender:
    name: str
    protocol: str
    command: tuple  # of its words; {status} is filled in
    cores: int  # that it can use
    ours: bool = False  # has a status page; others print their port
    floor: bool = False  # what others of its protocol and as many cores are held against


def ours(build, architecture, protocol):
    one = architecture in ("single", "uring")
    workers = () if one or architecture == "thread" else ("--workers", str(WORKERS))
    return Contender(
        architecture,
        protocol,
        (f"{build}/server-glibc", "--listen", "127.0.0.1:0", "--status", "{status}",
         "--arch", architecture, *workers, "--protocol", protocol),
        1 if one else WORKERS,
        ours=True,
    )


def peers(build, has_go):
    tests = f"{build}/tests"
    yield Contender("floor", "echo", (f"{tests}/floor",), 1, floor=True)
    yield Contender(f"floor x {WORKERS}", "echo", (f"{tests}/floor", "--threads", str(WORKERS)),
                    WORKERS, floor=True)
    yield Contender("floor", "feed", (f"{tests}/ticker",), 1, floor=True)
    if has_go:
        # Without a protocol of its own, idle is what a peer for echo does when nobody talks.
        yield Contender("Go goroutines", "idle", (f"{tests}/go-echo", "0"), WORKERS)
        yield Contender("Go goroutines", "echo", (f"{tests}/go-echo", "0"), WORKERS)
        yield Contender("Go net/http", "feed", (f"{tests}/go-feed", "0"), WORKERS)


def all_contenders(build, has_go):
    everyone = [*peers(build, has_go)]
    everyone += [ours(build, a, p) for p in PROTOCOLS for a in ARCHITECTURES]
    return sorted(everyone, key=lambda c: PROTOCOLS.index(c.protocol))
