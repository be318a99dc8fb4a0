"""status.py FILE [FIELD...]: prints a status page, as docs/record.md describes it."""
import struct
import sys

SLOT = ("opened closed shed live_bytes live_blocks state_bytes table_bytes last_close releases "
        "stall_total stall_max released_bytes heap_used heap_free heap_time pid replaced "
        "stall_cpu_max full").split()
NEWEST = ("last_close", "stall_max", "stall_cpu_max", "heap_time", "pid")


def read(path):
    with open(path, "rb") as file:
        page = file.read()
    magic, version, slots, pid, state, port = struct.unpack_from("<8sIIIII", page)
    assert magic == b"tidemark" and version == 2, "not a status page"
    values = {"pid": pid, "state": state, "port": port}
    words = [struct.unpack_from("<20Q", page, 4096 + 256 * i) for i in range(slots)]
    for place, name in enumerate(SLOT):
        column = [slot[place + 1] for slot in words]
        if name != "pid":
            values[name] = max(column) if name in NEWEST else sum(column)
    # What the allocator says is of a process: of the slots with one pid, the newest counts.
    newest = {slot[16]: slot for slot in sorted(words, key=lambda slot: slot[15])}
    for name in ("heap_used", "heap_free"):
        values[name] = sum(slot[SLOT.index(name) + 1] for slot in newest.values())
    values["pids"] = sorted({slot[16] for slot in words if slot[16]})
    values["open"] = values["opened"] - values["closed"]
    return values


if __name__ == "__main__":
    status = read(sys.argv[1])
    if len(sys.argv) > 2:
        print(*(status[name] for name in sys.argv[2:]))
    else:
        for item in status.items():
            print("%s=%s" % item)
