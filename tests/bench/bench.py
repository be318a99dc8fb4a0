#!/usr/bin/env python3
"""make bench: every architecture with every protocol, beside a bare loop and what people run today.

One table on stdout, made of the medians of several rounds. In each round every contender runs once,
in an order that is shuffled anew, so that a slow spell of the machine meets all alike. Ratios are
those of the medians. Says nothing of allocators: all of our servers are glibc's, and the footprint
is none.
"""

import argparse
import json
import os
import random
import re
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

import contenders  # noqa: E402
import readings  # noqa: E402
import status  # noqa: E402

STARTING = 10  # seconds that a server may take to listen
ENDING = 20  # seconds that it may take to end
SERVING = 1  # state of a status page
WAITING = 60  # seconds that connections stay for that, at most


class Failed(Exception):
    """A contender could not do its work; the text says why."""


class Server:
    """A contender that serves; ends with the block that it is used in."""

    def __init__(self, contender, folder):
        self.contender = contender
        self.status = os.path.join(folder, "status")
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8", errors="replace")

    def __enter__(self):
        if os.path.exists(self.status):
            os.unlink(self.status)
        command = [word.replace("{status}", self.status) for word in self.contender.command]
        try:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        except OSError as why:
            self.log.close()
            raise Failed(f"{command[0]}: {why.strerror}") from why
        try:
            self.port = self._await_status() if self.contender.ours else self._await_line()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _await_line(self):
        """Peers print their port once they listen."""
        line = self.process.stdout.readline()
        if not line.strip().isdigit():
            raise Failed(self._last_words())
        return int(line)

    def _await_status(self):
        end = time.monotonic() + STARTING
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Failed(self._last_words())
            try:
                page = status.read(self.status)
                if page["state"] == SERVING:
                    return page["port"]
            except (OSError, AssertionError, struct.error):
                pass  # not there yet, or not whole
            time.sleep(0.01)
        raise Failed("did not listen in time")

    def _last_words(self):
        self.log.seek(0)
        lines = self.log.read().strip().splitlines()
        return lines[-1] if lines else "ended without a word"

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()


def pulse(build, port, *more):
    """Starts pulse: one burst and nothing else; its JSON comes on stdout."""
    command = [f"{build}/pulse", "--connect", f"127.0.0.1:{port}", "--bursts", "1",
               "--window", "0s", "--trickle", "0", "--json", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process):
    process.send_signal(signal.SIGTERM)
    process.communicate()


def outcome(process):
    """What it says of its burst, once it ends; it ends in any case."""
    try:
        out, err = process.communicate()
    except BaseException:
        end(process)
        raise
    if process.returncode:
        lines = err.strip().splitlines()
        raise Failed("pulse: " + (lines[-1] if lines else f"exit status {process.returncode}"))
    return json.loads(out)["phases"][0]


def kernel_bytes(build, pid, wanted):
    """Kernel memory of a connection, the median, once all are there; None without the right: the
    bill may not be asked for, or knows the queues only, which are empty at rest."""
    end = time.monotonic() + WAITING / 2
    while time.monotonic() < end:
        bill = subprocess.run([f"{build}/probe", "--bill", "--pid", str(pid)],
                              capture_output=True, text=True)
        if bill.returncode and os.geteuid() != 0:
            return None
        row = re.search(r"^server +connection +(\d+) +\d+ +\d+ +(\d+)", bill.stdout, re.MULTILINE)
        if row and int(row.group(1)) == wanted:
            return None if "queues only" in bill.stdout else int(row.group(2))
        time.sleep(0.2)
    raise Failed(f"{wanted} connections were not there in time")


def silence(protocol):
    """Options of pulse for connections that are open, but at rest. One of WebSocket has shaken
    hands, and pulse wants somebody to talk; a feed is never at rest."""
    if protocol == "websocket":
        return "--protocol", protocol, "--active", "1", "--ops", "1/s"
    return "--protocol", "feed" if protocol == "feed" else "idle"


def measure_idle(options, contender, folder):
    """Memory with all connections open and nobody talking."""
    with Server(contender, folder) as server:
        pid = server.process.pid
        base = readings.anonymous(pid)
        process = pulse(options.build, server.port, *silence(contender.protocol),
                        "--burst", str(options.connections), "--linger", f"{WAITING}s")
        try:
            kernel = kernel_bytes(options.build, pid, options.connections)
            time.sleep(options.settle)
            return {
                "user": (readings.anonymous(pid) - base) / options.connections,
                "kernel": kernel,
                "threads": readings.threads(pid),
            }
        finally:
            end(process)


def measure_traffic(options, contender, folder, active):
    """Operations a second, their latency, and what they cost the server."""
    with Server(contender, folder) as server:
        clock = readings.CpuClock(server.process.pid)
        clock.start()
        try:
            talkers = () if contender.protocol == "feed" else ("--active", str(active))
            phase = outcome(pulse(options.build, server.port, "--protocol", contender.protocol,
                                  *talkers, "--burst", str(options.connections),
                                  "--linger", f"{options.seconds}s"))
        finally:
            clock.stop()
    traffic = phase["traffic"]
    if phase["connected"] < options.connections or not traffic["operations"]:
        raise Failed(f"{phase['connected']} connections, {traffic['operations']} operations")
    cpu = clock.at(traffic["end_ns"]) - clock.at(traffic["begin_ns"])
    return {
        "rate": traffic["per_second"],
        "p50": traffic["corrected"]["p50_ns"],
        "p99": traffic["corrected"]["p99_ns"],
        "cpu": cpu / traffic["operations"],
    }


def jobs(options, everyone):
    """What one round does: (contender, None) is idle, (contender, N) has N that talk."""
    for contender in everyone:
        yield contender, None
        if options.idle:
            continue
        if contender.protocol != "idle":
            yield contender, options.connections
        if contender.protocol == "echo" and options.few < options.connections:
            yield contender, options.few


def run_rounds(options, everyone):
    """{(contender, active): [readings of each round]} and {(contender, active): why it failed}."""
    measured, failed = {}, {}
    shuffle = random.Random(options.seed).shuffle
    for number in range(1, options.rounds + 1):
        order = [job for job in jobs(options, everyone) if job not in failed]
        shuffle(order)
        for done, (contender, active) in enumerate(order, 1):
            say(f"round {number} of {options.rounds}, {done} of {len(order)}: "
                f"{contender.protocol} {contender.name}, "
                f"{'idle' if active is None else f'{active} talk'}")
            with tempfile.TemporaryDirectory() as folder:
                try:
                    if active is None:
                        reading = measure_idle(options, contender, folder)
                    else:
                        reading = measure_traffic(options, contender, folder, active)
                    measured.setdefault((contender, active), []).append(reading)
                except Failed as why:
                    failed[contender, active] = str(why)
    say("")
    return measured, failed


def say(text):
    """One line on a terminal, drawn anew; lines elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


def medians(all_readings):
    return {key: statistics.median(values) if None not in values else None
            for key in (all_readings or [{}])[0]
            for values in [[reading[key] for reading in all_readings]]}


COLUMNS = (  # head, unit, key, divisor, decimals
    ("rate", "ops/s", "rate", 1, 0),
    ("of floor", "", "rate_ratio", 1, 2),
    ("p50", "ms", "p50", 1e6, 2),
    ("p99", "ms", "p99", 1e6, 2),
    ("CPU", "us/op", "cpu", 1e3, 2),
    ("of floor", "", "cpu_ratio", 1, 2),
    ("user", "B/conn", "user", 1, 0),
    ("kernel", "B/conn", "kernel", 1, 0),
    ("threads", "", "threads", 1, 0),
)


def rows(options, everyone, measured):
    """A row for each contender and number of talkers, with its ratios to the floor."""
    floors = {}
    for contender in sorted(everyone, key=lambda c: not c.floor):
        idle = medians(measured.get((contender, None)))
        talkers = [active for c, active in jobs(options, [contender]) if active is not None]
        for active in talkers or [None]:
            row = idle | (medians(measured.get((contender, active))) if active else {})
            of = floors.setdefault((contender.protocol, active), {})
            if contender.floor:
                of[contender.cores] = row
            floor = of.get(contender.cores) or of.get(1) or {}
            for key in ("rate", "cpu"):
                if row.get(key) and floor.get(key):
                    row[f"{key}_ratio"] = row[key] / floor[key]
            yield contender, active, row


def print_table(options, everyone, measured):
    print(f"{options.connections} connections, rounds: {options.rounds}, medians; closed loop, "
          "client on the same machine\nof floor: of a bare loop's with as many cores to use; of "
          "one core's where there is no such; feed: p50 and p99 are lateness\n"
          "kernel: by the probe's bill; - without the right to eBPF")
    order = sorted(rows(options, everyone, measured),
                   key=lambda r: (contenders.PROTOCOLS.index(r[0].protocol), -(r[1] or 0)))
    last = None
    for contender, active, row in order:
        if last != (contender.protocol, active):
            talk = f", {active} talk" if active else ""
            print(f"\n{contender.protocol + talk:<22}" +
                  "".join(f"{head:>10}" for head, *_ in COLUMNS))
            print(" " * 22 + "".join(f"{unit:>10}" for _, unit, *_ in COLUMNS))
            last = (contender.protocol, active)
        cells = (f"{row[key] / divisor:.{decimals}f}" if row.get(key) is not None else "-"
                 for _, _, key, divisor, decimals in COLUMNS)
        print(f"{contender.name:<22}" + "".join(f"{cell:>10}" for cell in cells))


def print_json(options, everyone, measured, failed):
    def head(contender, active):
        return {"protocol": contender.protocol, "name": contender.name, "talk": active}

    json.dump({"connections": options.connections, "rounds": options.rounds,
               "rows": [head(c, active) | row for c, active, row in
                        rows(options, everyone, measured)],
               "failed": [head(*job) | {"why": why} for job, why in failed.items()]},
              sys.stdout, indent=2)
    print()


class Parser(argparse.ArgumentParser):
    def error(self, message):
        """One line, as of the programs."""
        self.exit(2, f"bench: {message}\n")


def some_of(known):
    def convert(text):
        for name in text.split(","):
            if name not in known:
                raise argparse.ArgumentTypeError(f"'{name}' is none of {','.join(known)}")
        return text.split(",")
    return convert


def at_least(least, number=int):
    def convert(text):
        try:
            if number(text) >= least:
                return number(text)
        except ValueError:
            pass
        kind = "whole number" if number is int else "number"
        raise argparse.ArgumentTypeError(f"'{text}' is not a {kind} of at least {least}")
    return convert


def parse(arguments):
    known = list(dict.fromkeys(c.name for c in contenders.all_contenders("", has_go=True)))
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="folder of the programs")
    parser.add_argument("--connections", type=at_least(1), default=10000)
    parser.add_argument("--few", type=at_least(1), default=100,
                        help="talkers of the second echo run")
    parser.add_argument("--rounds", type=at_least(1), default=3)
    parser.add_argument("--seconds", type=at_least(1), default=2,
                        help="how long they talk in a run")
    parser.add_argument("--settle", type=at_least(0, float), default=1.5,
                        help="seconds at rest before memory is read: uring gives buffers back "
                        "after one")
    parser.add_argument("--seed", type=int, default=1, help="of the order")
    parser.add_argument("--protocols", type=some_of(contenders.PROTOCOLS),
                        help="only these, as in idle,echo")
    parser.add_argument("--contenders", type=some_of(known),
                        help="only these, as in floor,single")
    parser.add_argument("--idle", action="store_true", help="only memory, with nobody talking")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def on_sigterm(*_):
    """Ends the programs that were started, as an exception does, and is not interrupted again:
    timeout(1) signals twice."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(128 + signal.SIGTERM)


def main(arguments):
    signal.signal(signal.SIGTERM, on_sigterm)
    options = parse(arguments)
    has_go = os.path.exists(f"{options.build}/tests/go-echo")
    everyone = [c for c in contenders.all_contenders(options.build, has_go)
                if c.protocol in (options.protocols or [c.protocol])
                and c.name in (options.contenders or [c.name])]
    if not everyone:
        print("bench: --contenders: none of these is here for that --protocols", file=sys.stderr)
        return 2
    measured, failed = run_rounds(options, everyone)
    if options.json:
        print_json(options, everyone, measured, failed)
    else:
        print_table(options, everyone, measured)
    for (contender, active), why in failed.items():
        talk = f", {active} talk" if active else ""
        print(f"bench: not measured: {contender.protocol} {contender.name}{talk}: {why}",
              file=sys.stderr)
    if not has_go:
        print("bench: no go here: without the Go programs", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
