#!/usr/bin/env bash
# make bench: a table of every contender, and what it says of one that cannot start.
. "$(dirname "$0")/../lib/tap.sh"

# bench OPTION...: a small one, behind the words of $prefix; its table in $scratch/out, what it says
# in $scratch/err.
prefix=()
bench() {
  "${prefix[@]}" tests/bench/bench.py --connections 50 --few 50 --rounds 1 --seconds 1 --settle 0 \
    "$@" >"$scratch/out" 2>"$scratch/err"
}

# names PROTOCOL: the contenders that the JSON has a whole row of, once each.
names() {
  python3 - "$1" "$scratch/out" <<'END'
import json
import sys

protocol, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    rows = json.load(file)["rows"]
wanted = {"user", "threads"}
if protocol != "idle":
    wanted |= {"rate", "rate_ratio", "p50", "p99", "cpu", "cpu_ratio"}
whole = {row["name"] for row in rows if row["protocol"] == protocol and wanted <= row.keys()}
print(*sorted(name for name in whole if not name.startswith("Go ")))
END
}

architectures="multi pool prefork single thread uring"
chosen=()
uring_here=$("$BUILD/server-glibc" --arch uring --listen 127.0.0.1:0 --status /nowhere/x 2>&1)
if [[ $uring_here == *"no io_uring"* ]]; then
  architectures=${architectures% uring}
  chosen=(--contenders "floor,floor x 2,${architectures// /,}")
fi

ok "every contender is measured" \
  bench --build "$BUILD" --protocols echo,idle "${chosen[@]}" --json
is "each has a whole row of echo" "$(names echo)" "floor floor x 2 $architectures"
is "each has a whole row of idle" "$(names idle)" "$architectures"

# For some 50 chunks a server works for less than a tick of /proc.
every_cpu() {
  python3 - "$scratch/out" <<'END'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    rows = json.load(file)["rows"]
assert len(rows) == 2 and all(row["cpu"] > 0 for row in rows), rows
END
}
ok "a short feed is measured" \
  bench --build "$BUILD" --protocols feed --contenders floor,single --seconds 2 --json
ok "its CPU time is more than nothing" every_cpu

# Who may not load eBPF programs is told of the queues only, and at rest they are empty.
kernel_is_unknown() {
  python3 - "$scratch/out" <<'END'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    rows = json.load(file)["rows"]
assert len(rows) == 1 and rows[0]["user"] > 0 and rows[0]["kernel"] is None, rows
END
}

if [ "$(id -u)" = 0 ] && ! command -v setpriv >/dev/null; then
  skip "without rights kernel memory is not known" "root cannot give them up without setpriv"
else
  [ "$(id -u)" != 0 ] || prefix=(setpriv --bounding-set=-all --inh-caps=-all)
  ok "without rights the rest is measured" \
    bench --build "$BUILD" --protocols idle --contenders single --json
  prefix=()
  ok "kernel memory is not known then, and not 0" kernel_is_unknown
fi

# A folder of programs, one of which ends at once.
mkdir -p "$scratch/build/tests"
for program in pulse probe server-glibc; do
  ln -s "$(realpath "$BUILD/$program")" "$scratch/build/$program"
done
printf '#!/bin/sh\necho "floor: no ground" >&2\nexit 1\n' >"$scratch/build/tests/floor"
chmod +x "$scratch/build/tests/floor"
bench --build "$scratch/build" --protocols echo --contenders floor,single
is "one that cannot start makes the exit status 1" $? 1
ok "it is named, with its last words" \
  grep -q '^bench: not measured: echo floor, 50 talk: floor: no ground$' "$scratch/err"
ok "the others are measured, a line of the table each" \
  grep -qE '^single +[0-9]+ +- +[0-9.]+ +[0-9.]+ +[0-9.]+ +- +[0-9]+ ' "$scratch/out"
rm "$scratch/build/tests/floor"
bench --build "$scratch/build" --protocols echo --contenders floor
is "so does one that is not there" $? 1
ok "it is named, too" \
  grep -q "^bench: not measured: echo floor: .*/floor: No such file" "$scratch/err"

# left: the pids of programs of that folder. (The brackets: grep does not find itself.)
left() {
  grep -ls "$scratch/build[/]" /proc/[0-9]*/cmdline | cut -d/ -f3
}

# at_work TEXT: bench has come to what it names so, and all connections are there.
at_work() {
  grep -q "$1" "$scratch/err" && status=$(echo "$scratch"/tmp/*/status) && [ -e "$status" ] &&
    field_is open 50
}

# ended_by_signal TEXT OPTION...: while it is at that
ended_by_signal() {
  local what=$1 bench status pids
  shift
  mkdir "$scratch/tmp"
  prefix=(exec) # in the background, where it takes the place of a shell
  TMPDIR=$scratch/tmp bench --build "$scratch/build" --contenders single "$@" &
  bench=$!
  prefix=()
  ok "$what: it is at work" eventually at_work "$what"
  stop "$bench"
  is "$what: SIGTERM ends it" $? 143
  pids=$(left)
  is "$what: nothing of it is left" "$pids$(ls "$scratch/tmp")" ""
  # shellcheck disable=SC2086 # they are words
  [ -z "$pids" ] || kill $pids
  rm -r "$scratch/tmp"
}

ended_by_signal "single, idle" --protocols idle --settle 60
ended_by_signal "50 talk" --protocols echo --seconds 60

b=tests/bench/bench.py
refuses "a contender that there is not" 2 "--contenders: 'sngle' is none of .*single,multi," \
  $b --contenders sngle
refuses "a protocol that there is not" 2 "--protocols: 'ehco' is none of idle,.*,websocket$" \
  $b --protocols idle,ehco
refuses "none that is left" 2 "--contenders: none of these is here for that --protocols" \
  $b --protocols websocket --contenders floor
for option in connections few rounds seconds; do
  refuses "no $option" 2 "--$option: '0' is not a whole number of at least 1" $b --$option 0
done
refuses "a rest of less than nothing" 2 "--settle: '-1' is not a number of at least 0" $b --settle=-1

done_testing
