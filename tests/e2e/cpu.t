#!/usr/bin/env bash
# The probe's CPU time of processes and threads, beside what these say themselves.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/experiment.sh"

records=$scratch/records

# peer_start COUNT: $peer, $child and the process behind $peer_in and $peer_out
peer_start() {
  coproc PEER { exec "$BUILD/tests/threads" "$1"; }
  process=$PEER_PID
  peer_out=${PEER[0]}
  peer_in=${PEER[1]}
  read -r -t 60 peer child <&"$peer_out"
}

# A round of work; what each thread has used, by its own clock, into the file said.
peer_work() {
  local line
  echo >&"$peer_in"
  while read -r -t 60 line <&"$peer_out" && [ "$line" != end ]; do
    echo "$line"
  done >"$scratch/said"
}

peer_end() {
  exec {peer_in}>&-
  wait "$process"
}

# record_start: a probe without eBPF
record_start() {
  rm -rf "$records"
  mkdir "$records"
  start "probe$((started + 1))" "$BUILD/probe" --no-bpf --pid "$peer" --record "$records" \
    --rollup 100ms --duration 60s
  probe=$pid
}

# newest PID THREAD COLUMN: of the last reading in threads.csv; THREAD may be empty
newest() {
  awk -F, -v pid="$1" -v thread="$2" -v column="$3" '
    NR > 2 && $3 == pid && $4 == thread { found = $column }
    END { print found }' "$records/threads.csv"
}

# What all rows of a process's last reading add up to: sum PID COLUMN
sum() {
  awk -F, -v pid="$1" -v column="$2" '
    NR > 2 && $3 == pid { if ($2 != time) total = 0; time = $2; total += $column }
    END { printf "%.0f\n", total }' "$records/threads.csv"
}

# In ns, by the kernel's account, which is in ticks.
ticks_of() {
  awk -v tick=$((1000000000 / $(getconf CLK_TCK))) \
    '{ sub(/.*\) /, ""); printf "%.0f\n", ($12 + $13) * tick }' "/proc/$1/stat"
}

# near A B NS
near() {
  echo "$1 and $2, at most $3 apart"
  [ -n "$1" ] && [ -n "$2" ] && [ "$(($1 > $2 ? $1 - $2 : $2 - $1))" -le "$3" ]
}

tick=$((1000000000 / $(getconf CLK_TCK)))

threads_agree() {
  local pid name thread used
  while read -r pid name thread used; do
    [ "$name" = child ] || near "$(newest "$pid" "$thread" 6)" "$used" "$tick" || return 1
  done <"$scratch/said"
}

# --- each thread, those that have ended, and a child process ---
peer_start 9
record_start
peer_work
peer_work
kept=$(ticks_of "$peer")
child_kept=$(ticks_of "$child")
ok "the probe ends with status 0" stop "$probe"
ok "each thread has what it says itself, within a tick" threads_agree
ok "threads that have ended have a row of their own: two times 200 ms" \
  near "$(newest "$peer" "" 6)" 400000000 $((2 * tick))
is "and nobody without a row runs" "$(newest "$peer" "" 5)" 0
ok "all rows add up to /proc/PID/stat, within a tick a thread" \
  near "$(sum "$peer" 6)" "$kept" $((11 * tick))
ok "user and system time do, too" \
  near $(($(sum "$peer" 7) + $(sum "$peer" 8))) "$kept" $((11 * tick))
ok "the child process has its rows" near "$(sum "$child" 6)" "$child_kept" $((2 * tick))
ok "cpu.csv ends with the sum of both" \
  near "$(tail -n 1 "$records/cpu.csv" | cut -d, -f3)" $((kept + child_kept)) $((12 * tick))
is "which are two processes" "$(tail -n 1 "$records/cpu.csv" | cut -d, -f2)" 2
is "a name that is no CSV has become one" "$(newest "$peer" "$(awk 'NR == 3 { print $3 }' \
  "$scratch/said")" 1)" "w_2_)"
falls() {
  awk -F, 'NR > 2 { if ($3 < last) exit 0; last = $3 } END { exit 1 }' "$records/cpu.csv"
}
ok "cpu.csv never falls" eval '! falls'
peer_end

# --- a process that ends meanwhile stays in the sum ---
peer_start 1
record_start
peer_work
used=$(($(ticks_of "$peer") + $(ticks_of "$child")))
kill -KILL "$child"
gone() {
  [ "$(ps -o stat= -p "$child" | cut -c1)" = Z ]
}
ok "the child is dead" eventually gone
peer_end
wait "$probe"
is "the probe ends with its server" $? 0
ok "what the ended one has used is still counted" \
  near "$(tail -n 1 "$records/cpu.csv" | cut -d, -f3)" "$used" $((4 * tick))

# --- more threads than have rows ---
peer_start 300
record_start
peer_work
kept=$(ticks_of "$peer")
threads=$(find "/proc/$peer/task" -mindepth 1 -maxdepth 1 | wc -l) # 301; the thread sanitizer adds one
stop "$probe"
rows=$(awk -F, -v pid="$peer" 'NR > 2 && $3 == pid && $4 != "" { if ($2 != time) rows = 0
  time = $2; rows++ } END { print rows }' "$records/threads.csv")
ok "of 301 threads at most 256 have rows" test "$rows" -le 256
is "the others are counted in the last row" $((rows + $(newest "$peer" "" 5))) "$threads"
ok "and nothing is lost" near "$(sum "$peer" 6)" "$kept" $((303 * tick))
peer_end

# --- what the report makes of it ---
experiment=$scratch/experiment
mkdir "$experiment"
echo '{"format": "tidemark experiment", "version": 1, "label": "cpu", "command": [],
  "environment": {"page_size": 4096}}' >"$experiment/experiment.json"
for run in 001-a-native 002-b-native; do
  make_run "$experiment/$run" "$(echo "$run" | cut -d- -f2)" native
  awk 'BEGIN {
    print "# tidemark cpu 1 boot_id=x monotonic_ns=1 realtime_ns=1\ntime_ns,processes,cpu_ns"
    for (s = 0; s <= 12; s++)
      printf "%d000000000,1,%d00000000\n", 5 + s, s * 5
  }' >"$experiment/$run/cpu.csv"
  awk 'BEGIN {
    print "# tidemark threads 1 boot_id=x monotonic_ns=1 realtime_ns=1"
    print "name,time_ns,pid,thread,threads,cpu_ns,cpu_user_ns,cpu_system_ns"
    for (s = 0; s <= 12; s++) {
      printf "<busy>,%d000000000,7,7,1,%d00000000,%d00000000,0\n", 5 + s, s * 4, s * 4
      printf "-,%d000000000,7,,0,%d00000000,0,%d00000000\n", 5 + s, s, s
    }
  }' >"$experiment/$run/threads.csv"
done

# value KEY: of the first row of the table
value() {
  "$BUILD/tidemark" report --json "$experiment" 2>"$scratch/report.err" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["rows"][0][sys.argv[1]])' "$1"
}
is "user time, from the first burst to the end of the window" "$(value cpu_user_ns)" 4000000000
is "and system time" "$(value cpu_system_ns)" 1000000000
# 2 s at half a CPU for 9 connections
is "a connection of the last burst" "$(value cpu_per_connection_ns)" 111111111

# The first one says what pulse was told: 9 connections at 8 a second, held for half a second. They
# were there at once, and stayed for 2 s.
python3 - "$experiment/001-a-native/run.json" <<'END'
import json, sys
run = json.load(open(sys.argv[1]))
run["pulse"] = {"command": ["pulse", "--rate", "8/s", "--linger", "500ms"]}
json.dump(run, open(sys.argv[1], "w"))
END
# reading FIGURE SECONDS: what the report says there of the connections
reading() {
  python3 - "$experiment/report.html" "$@" <<'END'
import html, json, re, sys
page, figure, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
readings = [json.loads(html.unescape(text)) for text in
            re.findall(r'who used the CPU, and when[^>]*data-readings="([^"]*)"',
                       open(page).read(), re.I)][figure]["series"][0]
at = max(i for i, x in enumerate(readings["x"]) if x <= seconds)
print(re.search(r"\d+ connections.*", readings["notes"][at])[0])
END
}
"$BUILD/tidemark" report "$experiment" >"$scratch/report.out" 2>&1
ok "the report has the figure" grep -q "Who used the CPU, and when" "$experiment/report.html"
ok "a file a run" test -s "$experiment/figures/cpu-2-b.svg" -a -s "$experiment/figures/cpu-1-a.pdf"
ok "a thread's name is text" grep -q '&lt;busy' "$experiment/figures/cpu-1-a.svg"
is "connections are those planned: while they come" "$(reading 0 0.52)" "4 connections planned"
is "when all should be there" "$(reading 0 1.4)" "9 connections planned"
is "and when they should have gone" "$(reading 0 1.8)" "0 connections planned"
is "without a plan it is what was made" "$(reading 1 1.8)" "9 connections made"
ok "the dashed line is named by it" eval 'grep -q "connections planned" "$experiment/figures/cpu-1-a.svg" &&
  grep -q "connections made" "$experiment/figures/cpu-2-b.svg"'
ok "and the report says where there is none" \
  grep -q "In 1 of 2 figures the plan is not in the record" "$experiment/report.html"
echo "busy,6000000000,7," >>"$experiment/001-a-native/threads.csv"
"$BUILD/tidemark" report "$experiment" >"$scratch/report.out" 2>&1
ok "a damaged threads.csv is a clear line" \
  grep -q "001-a-native.*threads.csv: line 29 is damaged" "$scratch/report.out"
rm "$experiment/001-a-native/"{cpu,threads}.csv "$experiment/002-b-native/"{cpu,threads}.csv
is "without the record there is no figure of it" "$(value cpu_user_ns)" None
"$BUILD/tidemark" report "$experiment" >"$scratch/report.out" 2>&1
ok "nor in the report" eval '! grep -q "Who used the CPU" "$experiment/report.html"'

done_testing
