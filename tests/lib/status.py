"""status.py FILE [FIELD]: prints a status page, as docs/record.md describes it."""
import struct
import sys

SLOT = ("opened closed shed live_bytes live_blocks state_bytes table_bytes last_close releases "
        "stall_total stall_max released_bytes heap_used heap_free heap_time").split()


def read(path):
    with open(path, "rb") as file:
        page = file.read()
    magic, version, slots, pid, state, port = struct.unpack_from("<8sIIIII", page)
    assert magic == b"tidemark" and version == 1, "not a status page"
    values = {"pid": pid, "state": state, "port": port}
    words = [struct.unpack_from("<16Q", page, 4096 + 128 * i) for i in range(slots)]
    for place, name in enumerate(SLOT):
        values[name] = sum(slot[place + 1] for slot in words)
    values["open"] = values["opened"] - values["closed"]
    return values


if __name__ == "__main__":
    status = read(sys.argv[1])
    if len(sys.argv) > 2:
        print(status[sys.argv[2]])
    else:
        for item in status.items():
            print("%s=%s" % item)
