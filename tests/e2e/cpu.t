#!/usr/bin/env bash
# The probe's CPU time of processes and threads, beside what these say themselves.
. "$(dirname "$0")/../lib/tap.sh"

records=$scratch/records

# peer_start COUNT: $peer, $child and the process behind $peer_in and $peer_out
peer_start() {
  coproc PEER { exec "$BUILD/tests/threads" "$1"; }
  peer_pid=$PEER_PID
  pids+=("$peer_pid")
  peer_out=${PEER[0]}
  peer_in=${PEER[1]}
  read -r -t 60 peer child <&"$peer_out"
}

# A round of work; what each thread has used, by its own clock, into the file said.
peer_work() {
  local line
  echo >&"$peer_in"
  while read -r -t 60 line <&"$peer_out" && [ "$line" != done ]; do
    echo "$line"
  done >"$scratch/said"
}

peer_end() {
  exec {peer_in}>&-
  wait "$peer_pid"
}

# record_start OPTIONS...: a probe without eBPF
record_start() {
  rm -rf "$records"
  mkdir "$records"
  start "probe$((${#pids[@]} + 1))" "$BUILD/probe" --no-bpf --pid "$peer" --record "$records" \
    --rollup 100ms --duration 60s "$@"
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
stop "$probe"
rows=$(awk -F, -v pid="$peer" 'NR > 2 && $3 == pid && $4 != "" { if ($2 != time) rows = 0
  time = $2; rows++ } END { print rows }' "$records/threads.csv")
ok "of 301 threads at most 256 have rows" test "$rows" -le 256
is "the others are counted in the last row" $((rows + $(newest "$peer" "" 5))) 301
ok "and nothing is lost" near "$(sum "$peer" 6)" "$kept" $((303 * tick))
peer_end

done_testing
