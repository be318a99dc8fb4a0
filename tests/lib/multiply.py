"""multiply.py SOURCE TARGET BLOCKS [SEED]: makes a large experiment from a small one.

Each complete run of SOURCE becomes BLOCKS runs of TARGET, a new directory, as if it had been
repeated: what was held is scaled by a drift that the block's runs share and a little of each run's
own, and so are the times to connect and the CPU time. Everything else is as it was recorded.
"""
import json
import pathlib
import random
import shutil
import sys

SCALED = {
    "samples.csv": ["anon_bytes"],
    "rollups.csv": ["cpu_user_ns", "cpu_system_ns"],
    "phases.csv": ["connect_p50_ns", "connect_p99_ns"],
}


def scale(path, columns, factor):
    lines = path.read_text().splitlines()
    places = [lines[1].split(",").index(column) for column in columns]
    for i, line in enumerate(lines[2:], 2):
        fields = line.split(",")
        for place in places:
            if fields[place]:
                fields[place] = str(int(int(fields[place]) * factor))
        lines[i] = ",".join(fields)
    path.write_text("\n".join(lines) + "\n")


def main(source, target, blocks, seed):
    noise = random.Random(seed)
    runs = sorted(path.parent for path in source.glob("*/run.json"))
    runs = [run for run in runs if json.loads((run / "run.json").read_text())["verdict"] == "complete"]
    target.mkdir()
    shutil.copy(source / "experiment.json", target)
    place = 0
    for block in range(1, blocks + 1):
        drift = 1 + noise.gauss(0, 0.02)
        for run in noise.sample(runs, len(runs)):
            place += 1
            about = json.loads((run / "run.json").read_text())
            about["repeat"] = block
            folder = target / f"{place:03}-{about['allocator']}-{about['release']}-r{block}"
            shutil.copytree(run, folder)
            (folder / "run.json").write_text(json.dumps(about))
            for name, columns in SCALED.items():
                scale(folder / name, columns, drift * (1 + noise.gauss(0, 0.002)))


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]),
     int(sys.argv[4]) if len(sys.argv) > 4 else 1)
