"""CPU time and memory of a server: the process that was started and all that descend from it."""

import bisect
import ctypes
import os
import threading
import time

TICK = 1e9 / os.sysconf("SC_CLK_TCK")
INTERVAL = 0.05  # seconds between two readings of CPU time
LIBC = ctypes.CDLL(None)


def family(root):
    """The process and its descendants."""
    found, at = [root], 0
    while at < len(found):
        try:
            with open(f"/proc/{found[at]}/task/{found[at]}/children", encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
        except OSError:
            pass
        at += 1
    return found


def _fields(pid):
    """Of /proc/PID/stat, from the state on: a name may hold blanks and brackets."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()


def _process_cpu(pid):
    """Nanoseconds of all threads, ended ones included (clock_getcpuclockid(3)). /proc has it in
    ticks, of which a short feed takes none, or by thread, without those that ended."""
    clock = ctypes.c_int()
    if LIBC.clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise ProcessLookupError(pid)
    return time.clock_gettime_ns(clock.value)


def cpu(root):
    """Nanoseconds of user and system time, those of ended children included, these in ticks."""
    total = 0
    for pid in family(root):
        try:
            total += _process_cpu(pid) + TICK * sum(int(field) for field in _fields(pid)[13:15])
        except OSError:
            pass
    return total


def threads(root):
    total = 0
    for pid in family(root):
        try:
            total += int(_fields(pid)[17])
        except OSError:
            pass
    return total


def anonymous(root):
    """Bytes of anonymous memory; what processes share counts once (Pss_Anon)."""
    total = 0
    for pid in family(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) << 10 for line in file
                             if line.startswith("Pss_Anon:"))
        except OSError:
            pass
    return total


class CpuClock(threading.Thread):
    """Reads CPU time all along, so that it is known afterwards for the window that pulse names."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.times, self.values = root, [], []
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            self.times.append(time.monotonic_ns())
            self.values.append(cpu(self.root))
            self.over.wait(INTERVAL)

    def stop(self):
        self.over.set()
        self.join()

    def at(self, moment):
        """CPU time at a moment of CLOCK_MONOTONIC, between two readings in proportion."""
        after = min(max(bisect.bisect(self.times, moment), 1), len(self.times) - 1)
        begin, end = self.times[after - 1], self.times[after]
        share = (moment - begin) / (end - begin)
        return self.values[after - 1] + share * (self.values[after] - self.values[after - 1])
