#!/usr/bin/env bash
# From repeats to what can be said of them: summary.csv, differences to the control, compare, and
# run directories that are damaged.
. "$(dirname "$0")/../lib/tap.sh"

lib=$(dirname "$0")/../lib
tidemark=$BUILD/tidemark

# A real experiment of two runs, and eight blocks made from it, one run of them void.
"$tidemark" run --runs "$scratch/runs" --label real --allocators glibc \
  --release native,quiet=300ms --footprint session --survivors 1% -- --burst 200 --bursts 2 \
  --burst-gap 700ms --linger 100ms --window 1200ms --trickle 0 >"$scratch/real.out" 2>&1
real=$(echo "$scratch"/runs/*-real)
ok "a real experiment" test -s "$real/summary.csv"
many=$scratch/many
python3 "$lib/multiply.py" "$real" "$many" 8
cp -r "$many/001-"* "$many/017-glibc-native"
python3 - "$many/017-glibc-native/run.json" <<'END'
import json, sys
run = json.load(open(sys.argv[1]))
run.update(verdict="void", reason='burst 2 fell short, "by half"', footprint="64,256")
json.dump(run, open(sys.argv[1], "w"))
END

# csv EXPRESSION FILE: on t, the rows of a CSV file; json EXPRESSION FILE: on d, the document, and
# rows, those of a table by their release policy.
csv() {
  python3 -c 'import csv, sys
t = list(csv.DictReader(open(sys.argv[2]), strict=True))
sys.exit(not eval(sys.argv[1]))' "$@"
}

json() {
  python3 -c 'import json, sys
d = json.load(open(sys.argv[2]))
rows = {row["release"]: row for row in d.get("rows", []) if "release" in row}
sys.exit(not eval(sys.argv[1]))' "$@"
}

# of_glibc: as ok, of what only glibc's malloc does; a sanitizer brings its own.
of_glibc() {
  if [ -n "$SANITIZE" ]; then
    skip "$1" "a sanitizer brings its own malloc"
  else
    ok "$@"
  fi
}

# column NAME: the values in summary.csv, as awk sees them.
column() {
  awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) place = i; next }
    { print $place }' "$many/summary.csv"
}

# --- summary.csv ---
ok "report of repeats" sh -c "'$tidemark' report '$many' >'$scratch/table'"
summary=$many/summary.csv
ok "a line a run, the void one among them" csv 'len(t) == 17' "$summary"
ok "every line has every column, and no column is there twice" csv \
  'all(None not in row and None not in row.values() for row in t) and len(t[0]) == len(open(sys.argv[2]).readline().split(","))' \
  "$summary"
ok "no comment stands above the head" sh -c "head -n 1 '$summary' | grep -q ^run,"
ok "metrics are numbers in raw units" csv \
  'all(float(row["peak_bytes"]) > 1e6 and float(row["window_ns"]) > 1e9 for row in t[:16])' "$summary"
of_glibc "what is censored says so" csv \
  '{row["release"]: row["t90_censored"] for row in t[:16]} == {"native": "true", "quiet=300ms": "false"}' \
  "$summary"
ok "a void run has its reason and no numbers" csv \
  't[16]["verdict"] == "void" and t[16]["reason"] == "burst 2 fell short, \"by half\"" and t[16]["footprint"] == "64,256" and not any(t[16][k] for k in t[16] if k.endswith(("_ns", "_censored")) or k == "peak_bytes")' \
  "$summary"
is "awk counts columns right" "$(column peak_bytes | awk '$1 > 1e6' | wc -l)" 16
is "also in the void run" "$(column verdict | sort | uniq -c | xargs)" "16 complete 1 void"

# --- against the control ---
of_glibc "the table has the differences" grep -qE "^glibc +quiet=300ms +glibc native +-[0-9.]+ \(-" \
  "$scratch/table"
ok "and how far the medians can be trusted" grep -q "±" "$scratch/table"
"$tidemark" report --json "$many" >"$scratch/table.json"
of_glibc "JSON says that less is kept" json \
  'rows["quiet=300ms"]["kept"]["verdict"] == "less" and rows["quiet=300ms"]["control"]["release"] == "native"' \
  "$scratch/table.json"
of_glibc "a difference has control, median, interval and pairs" json \
  '(lambda x: x["low"] < x["median"] < x["high"] < 0 < x["control"] and x["n"] == 8)(rows["quiet=300ms"]["differences"]["waste_byte_seconds"])' \
  "$scratch/table.json"
of_glibc "a time against one that was not reached is a bound" json \
  '(lambda x: x["median"] is None and x["at_least"] is None and x["at_most"] < 0)(rows["quiet=300ms"]["differences"]["t90_ns"])' \
  "$scratch/table.json"
ok "a median has its interval" json \
  '(lambda x: x["low"] <= rows["native"]["peak_bytes"] <= x["high"] and x["n"] == 8 and x["confidence"] == 0.95)(rows["native"]["intervals"]["peak_bytes"])' \
  "$scratch/table.json"
python3 "$lib/multiply.py" "$real" "$scratch/few" 3
"$tidemark" report --json "$scratch/few" >"$scratch/few.json"
ok "three repeats claim nothing" json \
  'rows["quiet=300ms"]["kept"]["verdict"] == "too few repeats" and "6 are needed" in d["takeaway"]' \
  "$scratch/few.json"
ok "one repeat has no differences" sh -c "! '$tidemark' report '$real' | grep -q 'Against'"

# --- the same twice, and a server that is not ours ---
cp -r "$real" "$scratch/twins"
native=$(echo "$scratch"/twins/*-native)
cp -r "$native" "$scratch/twins/003-twin"
sed -i 's/"allocator": "glibc"/"allocator": "glibc@again"/' "$scratch/twins/003-twin/run.json"
cp -r "$native" "$scratch/twins/004-other"
python3 - "$scratch/twins/004-other" <<'END'
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text())
run.update(allocator="go-http", foreign=True)
(folder / "run.json").write_text(json.dumps(run))
lines = (folder / "samples.csv").read_text().splitlines()
lines[2:] = [",".join(line.split(",")[:2]) + "," * 14 for line in lines[2:]]
(folder / "samples.csv").write_text("\n".join(lines) + "\n")
END
python3 "$lib/multiply.py" "$scratch/twins" "$scratch/eight" 8 3
"$tidemark" report --json "$scratch/eight" >"$scratch/eight.json"
ok "the same under two names does not differ" json \
  '[(row["kept"]["verdict"], row["cost"]["verdict"]) for row in d["rows"] if row["allocator"] == "glibc@again"] == [("no difference",) * 2]' \
  "$scratch/eight.json"
of_glibc "and the sentence says so" json \
  '"No difference is found in what they keep: glibc@again native from glibc native" in d["takeaway"]' \
  "$scratch/eight.json"
ok "of a foreign server nothing is guessed" json \
  '(lambda x: x["retention_1s"] is None and x["t50_ns"] is None and x["waste_byte_seconds"] is None and x["floor_bytes"] > 0 and x["kept"]["by"] == "floor_bytes")([row for row in d["rows"] if row["allocator"] == "go-http"][0])' \
  "$scratch/eight.json"

# --- compare ---
python3 "$lib/multiply.py" "$real" "$scratch/again" 8 2
sed -i 's/"kernel": "[^"]*"/"kernel": "99.1-other"/' "$scratch/again/experiment.json"
ok "two of a kind" sh -c "'$tidemark' compare '$many' '$scratch/again' >'$scratch/compared'"
ok "another kernel is named" grep -q "kernel: .* -> 99.1-other" "$scratch/compared"
is "they do not differ" "$(grep -c '^glibc.*no difference' "$scratch/compared")" 2
"$tidemark" compare --json "$many" "$scratch/again" >"$scratch/compared.json"
ok "the same as JSON" json \
  '[row["kept"]["verdict"] for row in d["rows"]] == ["no difference"] * 2 and d["environment"][0]["what"] == "kernel"' \
  "$scratch/compared.json"
cp -r "$scratch/again" "$scratch/other"
sed -i 's/"footprint": "session"/"footprint": "64"/' "$scratch"/other/0*/run.json
refuses "another footprint" 1 "not comparable: footprint: session and 64 .*--force" \
  "$tidemark" compare "$scratch/again" "$scratch/other"
ok "unless forced" sh -c \
  "'$tidemark' compare --force '$scratch/again' '$scratch/other' | grep -q 'footprint: session and 64'"
cp -r "$scratch/again" "$scratch/dev"
sed -i 's/"allocator": "glibc"/"allocator": "glibc@dev"/' "$scratch"/dev/0*/run.json
refuses "no row in common" 1 "no row has its like: .*--match OLD=NEW" \
  "$tidemark" compare "$scratch/again" "$scratch/dev"
ok "two names of an allocator can be matched" sh -c \
  "'$tidemark' compare --match glibc=glibc@dev '$scratch/again' '$scratch/dev' | grep -q '^glibc@dev.*no difference'"
sed -i 's/"1200ms"/"1300ms"/' "$scratch/other/experiment.json"
refuses "another schedule" 1 "not comparable: .*schedule: .*--window 1200ms.* and .*--window 1300ms" \
  "$tidemark" compare "$scratch/again" "$scratch/other"
refuses "a match without a name" 2 "--match: 'glibc' is not OLD=NEW" \
  "$tidemark" compare --match glibc "$many" "$scratch/dev"
refuses "a match with what is not there" 2 "--match: B has no allocator 'glibc@new'" \
  "$tidemark" compare --match glibc=glibc@new "$many" "$scratch/dev"
refuses "one directory" 2 "name two run directories" "$tidemark" compare "$many"
refuses "what is none" 1 "is not the directory of an experiment" "$tidemark" compare "$many" /

# --- damage ---
# damaged DESCRIPTION PATTERN COMMAND: in a copy of the real experiment, with its first run in
# $run; the pattern must be in what the report says of it, and nothing may crash.
damaged() {
  local description=$1 pattern=$2 status
  rm -rf "$scratch/damaged"
  cp -r "$real" "$scratch/damaged"
  # shellcheck disable=SC2034 # it is for the command
  run=$(echo "$scratch"/damaged/001-*)
  eval "$3"
  "$tidemark" report --json "$scratch/damaged" >"$scratch/damaged.json" 2>"$scratch/damaged.err"
  status=$?
  if [ "$status" = 0 ]; then
    ok "$description: the run is void" json \
      "[v['reason'] for v in d['void'] if __import__('re').search(r'''$pattern''', v['reason'])] != [] and len(d['rows']) < 2" \
      "$scratch/damaged.json"
  else
    ok "$description: one line says so" \
      sh -c "[ $status = 1 ] && [ \$(wc -l <'$scratch/damaged.err') = 1 ] && grep -qE '$pattern' '$scratch/damaged.err'"
  fi
}

damaged "samples.csv is cut off" 'samples\.csv: line [0-9]+ is damaged' 'truncate -s 9999 "$run/samples.csv"'
damaged "samples.csv ends early" 'samples\.csv ends before' 'sed -i 100q "$run/samples.csv"'
damaged "samples.csv is empty" 'samples\.csv: no such record' ': >"$run/samples.csv"'
damaged "samples.csv is gone" 'samples\.csv: No such file' 'rm "$run/samples.csv"'
damaged "samples.csv is a folder" 'samples\.csv: ' 'rm "$run/samples.csv"; mkdir "$run/samples.csv"'
damaged "NUL bytes" 'samples\.csv: line [0-9]+ is damaged' 'printf "\0\0\0" | dd of="$run/samples.csv" bs=1 seek=5000 conv=notrunc status=none'
damaged "columns are swapped" 'samples\.csv: no such record' 'sed -i "2s/time_ns,anon_bytes/anon_bytes,time_ns/" "$run/samples.csv"'
damaged "a number is too large" 'samples\.csv: line 10 is damaged' 'sed -i "10s/,/,99999999999999999999,/" "$run/samples.csv"'
damaged "a number is negative" 'samples\.csv: line 10 is damaged' 'sed -i "10s/,/,-/" "$run/samples.csv"'
damaged "a time is missing" 'samples\.csv: the time in line 10 is missing' 'sed -i "10s/^[0-9]*//" "$run/samples.csv"'
damaged "time runs backwards" 'samples\.csv: the time in line 10 lies before' 'sed -i "10s/^[0-9]*/1/" "$run/samples.csv"'
damaged "held is never known" 'does not say what the last burst held' 'sed -i "3,\$s/^\([0-9]*\),[0-9]*/\1,/" "$run/samples.csv"'
damaged "there is no burst" 'there is no burst' 'sed -i /^burst/d "$run/phases.csv"'
damaged "there is no window" 'no window' 'sed -i /^window/d "$run/phases.csv"'
damaged "another version" 'of another version' 'sed -i "1s/phases 1/phases 2/" "$run/phases.csv"'
damaged "rollups.csv is another file" 'rollups\.csv: no such record' 'cp "$run/phases.csv" "$run/rollups.csv"'
damaged "run.json is cut off" 'run\.json: ' 'truncate -s 300 "$run/run.json"'
damaged "run.json is gone" 'run\.json: ' 'rm "$run/run.json"'
damaged "run.json is binary" 'run\.json: ' 'head -c 500 /dev/urandom >"$run/run.json"'
damaged "a wrong type in run.json" 'run\.json: survivors is not' 'sed -i "s/\"survivors\": \"1%\"/\"survivors\": 1/" "$run/run.json"'
damaged "no allocator in run.json" 'run\.json: allocator is missing' 'sed -i "s/^  \"allocator\"/  \"alocator\"/" "$run/run.json"'
damaged "no verdict" 'no verdict' 'sed -i "s/\"verdict\": \"complete\"/\"verdict\": 7/" "$run/run.json"'
damaged "experiment.json is cut off" 'experiment\.json: ' 'truncate -s 99 "$scratch/damaged/experiment.json"'
damaged "experiment.json is an array" 'not a .tidemark experiment' 'echo "[]" >"$scratch/damaged/experiment.json"'
damaged "experiment.json is gone" 'experiment\.json: ' 'rm "$scratch/damaged/experiment.json"'
damaged "no run is there" 'no finished run' 'rm -r "$scratch"/damaged/0*'

done_testing
