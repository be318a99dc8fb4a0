#!/usr/bin/env bash
# tidemark run with lists of architectures, workers and protocols: what is run and recorded of
# each, and a server of several processes, of which all are counted.
. "$(dirname "$0")/../lib/tap.sh"

run=("$BUILD/tidemark" run --runs "$scratch/runs" --allocators glibc)
short=(--rest 1100ms --burst 200 --bursts 1 --linger 1s --window 1200ms --trickle 0)

# about EXPRESSION: of the experiment in $directory; runs is a list of (run.json, row of
# summary.csv), in the order of running.
about() {
  python3 - "$directory" "$1" <<'END'
import csv, glob, json, sys
rows = {row["run"]: row for row in csv.DictReader(open(sys.argv[1] + "/summary.csv"))}
runs = [(json.load(open(path)), rows[path.split("/")[-2]])
        for path in sorted(glob.glob(sys.argv[1] + "/[0-9]*/run.json"))]
print(eval(sys.argv[2], {"runs": runs}))
END
}

newest() {
  find "$scratch/runs" -maxdepth 1 -name "*-$1" | sort | tail -n 1
}

# --- lists ---
"${run[@]}" --label lists --arch single,prefork --workers 2 --protocol idle,echo --json -- \
  "${short[@]}" >"$scratch/out" 2>"$scratch/err"
is "lists of architectures and protocols are run" $? 0
directory=$(newest lists)
is "each with each, workers where there are any" \
  "$(about 'sorted((r["arch"], r["workers"], r["protocol"]) for r, _ in runs)')" \
  "[('prefork', 2, 'echo'), ('prefork', 2, 'idle'), ('single', 1, 'echo'), ('single', 1, 'idle')]"
is "the servers were told so" "$(about '{("--arch prefork" in " ".join(r["server"]["command"]),
  "--workers 2" in " ".join(r["server"]["command"]), r["arch"] == "prefork") for r, _ in runs}')" \
  "$(about '{(True, True, True), (False, False, False)}')"
is "and pulse" "$(about 'all("--protocol " + r["protocol"] in " ".join(r["pulse"]["command"])
  for r, _ in runs)')" True
is "where something was said there are figures of it, else none" \
  "$(about 'all((float(row[key] or 0) > 0) == (r["protocol"] == "echo") and
  (row[key] == "") == (r["protocol"] == "idle") for r, row in runs for key in
  ("operations_per_second", "latency_p50_ns", "latency_p99_ns", "cpu_per_operation_ns"))')" True
is "JSON has null there" "$(python3 -c 'import json, sys
print(all((row["operations_per_second"] is None) == (row["protocol"] == "idle")
          for row in json.load(open(sys.argv[1]))["rows"]))' "$scratch/out")" True
ok "the table has a block for it" sh -c \
  "'$BUILD/tidemark' report '$directory' | grep -q '^What was asked and answered:'"
ok "and so has the report" grep -q 'id="traffic"' "$directory/report.html"
damaged=$(find "$directory" -name traffic.csv -path '*echo*' | head -n 1)
echo "burst,1,2,1,0,5" >>"$damaged"
"$BUILD/tidemark" report "$directory" >"$scratch/out" 2>"$scratch/err"
is "a damaged traffic.csv makes that run void, with one line" \
  "$(grep -c '^void: .*traffic.csv: line [0-9]* is damaged$' "$scratch/out")" 1

# --- a server of three processes ---

# snapshot: what all of them hold and have used at this moment, as /proc says.
cat >"$scratch/snapshot.py" <<'END'
import sys, time
root = int(sys.argv[1])
children = open(f"/proc/{root}/task/{root}/children").read().split()
held = faults = cpu = 0
for pid in [root, *map(int, children)]:
    for line in open(f"/proc/{pid}/smaps_rollup"):
        held += int(line.split()[1]) * 1024 if line.startswith("Anonymous:") else 0
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    faults += int(fields[7])
    cpu += int(open(f"/proc/{pid}/schedstat").read().split()[0])
print(time.monotonic_ns(), 1 + len(children), held, faults, cpu)
END

# The first row at that time or later; of samples.csv, rollups.csv and cpu.csv.
cat >"$scratch/compare.py" <<'END'
import csv, sys
folder, time, count, held, faults, cpu = sys.argv[1], *map(int, sys.argv[2:])

def row(name, behind=True):
    with open(f"{folder}/{name}.csv") as file:
        next(file)
        rows = [row for row in csv.DictReader(file)
                if (int(row["time_ns"]) >= time) == behind]
    return rows[0 if behind else -1]

def near(a, b, what):
    if abs(a - b) > max(a, b) * 0.1:
        sys.exit(f"{what}: recorded {a}, /proc says {b}")

near(int(row("samples")["anon_bytes"]), held, "held")
near(int(row("rollups")["anon_bytes"]), held, "anonymous memory of the rollup")
if int(row("cpu")["processes"]) != count:
    sys.exit("processes: " + row("cpu")["processes"])
if not int(row("rollups", False)["minor_faults"]) <= faults <= int(row("rollups")["minor_faults"]):
    sys.exit(f"faults: {faults} are not between two rollups")
near(int(row("cpu")["cpu_ns"]), cpu, "CPU time")
if "" in (row("rollups")["lazyfree_bytes"], row("rollups")["swap_bytes"]):
    sys.exit("LazyFree or swap is not known")
END

is_up() {
  status=$(find "$scratch/runs" -path "*-family/*.part/status" 2>/dev/null | head -n 1)
  [ -n "$status" ] && [ "$(field open 2>/dev/null)" = 300 ]
}

"${run[@]}" --label family --arch prefork --workers 2 -- --rest 1100ms --burst 300 --bursts 1 \
  --linger 4s --window 1500ms --trickle 0 >"$scratch/out" 2>"$scratch/err" &
tidemark=$!
ok "a burst is up" eventually is_up
read -r -a seen <<<"$(python3 "$scratch/snapshot.py" "$(field pid)")"
is "prefork has two workers" "${seen[1]}" 3
wait "$tidemark"
is "the run is complete" $? 0
directory=$(newest family)
ok "held, faults and CPU time are of all three processes" \
  python3 "$scratch/compare.py" "$directory/001-glibc-native" "${seen[@]}"
is "the bill is one of open and idle connections" "$(about \
  'all(float(row["kernel_bytes_per_connection"]) > 0 for _, row in runs
       if row["kernel_source"] == "exact")')" True

# --- what cannot be ---
refuses "an unknown architecture" 2 "--arch: .*'forked'" "${run[@]}" --arch forked
refuses "no workers" 2 "--workers: '0'" "${run[@]}" --arch multi --workers 0
refuses "workers that are no number" 2 "--workers: 'many'" "${run[@]}" --arch multi --workers 2,many
refuses "workers where there are none" 2 "--workers: no architecture .* has workers" \
  "${run[@]}" --arch single,thread --workers 2
refuses "an unknown protocol" 2 "--protocol: .*'gopher'" "${run[@]}" --protocol gopher
refuses "a protocol behind the --" 2 "use its option --protocol" "${run[@]}" -- --protocol echo
refuses "an option of pulse that needs a protocol" 2 "--ops" "${run[@]}" -- --ops 100
done_testing
