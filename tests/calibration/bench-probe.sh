#!/usr/bin/env bash
# What the probe costs the server, for `make bench-probe`: with it and without, in turns, ROUNDS
# times (5). Prints medians and the ratio; judges nothing, because machines are noisy.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

rounds=${ROUNDS:-5}
connections=${CONNECTIONS:-10000}

median() { # FILE
  sort -n "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] + 0 }'
}

# compare WHAT UNIT NAME: prints the medians of $scratch/NAME.{without,with}
compare() {
  awk -v what="$1" -v unit="$2" -v without="$(median "$scratch/$3.without")" \
    -v with="$(median "$scratch/$3.with")" 'BEGIN {
      printf "%-34s %12d %12d %-6s %+6.1f %%\n", what, without, with, unit, \
        without ? (with / without - 1) * 100 : 0 }'
}

# A burst begins when the server has closed all connections of the one before, and the kernel has
# had a second to free what it frees later (RCU): without that it takes up to three times as long.
burst() { # with|without
  eventually field_is open 0
  sleep 1
  rm -f "$scratch/phases.csv"
  "$BUILD/pulse" --connect "127.0.0.1:$port" --burst "$connections" --bursts 1 --linger 100ms \
    --window 0 --trickle 0 --record "$scratch/phases.csv" >/dev/null 2>"$scratch/pulse.err"
  awk -F, '$1 == "burst" { printf "%d\n", ($4 - $3) / 1000 }' "$scratch/phases.csv" \
    >>"$scratch/burst.$1"
}

# The least of ten: what others on the machine take away is never negative.
touch_pages() { # with|without
  local cost try

  for ((try = 0; try < 10; try++)); do
    echo "cost 20000" >&"$to_pages"
    read -r cost <&"$from_pages"
    read -r _ <&"$from_pages"
    echo "$cost"
  done | sort -n | head -n 1 >>"$scratch/touch.$1"
}

start_server glibc --footprint session
coproc PAGES { exec "$BUILD/tests/pages"; }
pages=$PAGES_PID
pids+=("$pages")
exec {to_pages}>&"${PAGES[1]}" {from_pages}<&"${PAGES[0]}"
read -r _ <&"$from_pages"
# Warm: memory that is touched for the first time may have to come from the host.
burst warm
touch_pages warm

for ((round = 0; round < rounds; round++)); do
  burst without
  touch_pages without
  start_probe --status "$status"
  burst with
  stop_probe 2>/dev/null
  start_probe --pid "$pages"
  touch_pages with
  stop_probe 2>/dev/null
done

start_probe --status "$status"
sleep 6
stop_probe 2>/dev/null
# From the second rollup on: the first may still carry its start.
idle=$(awk -F, 'NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR == 4 { time = $1; cpu = $at["probe_cpu_ns"] }
  END { printf "%.2f", ($at["probe_cpu_ns"] - cpu) / ($1 - time) * 100 }' "$record/rollups.csv")

"$BUILD/pulse" --connect "127.0.0.1:$port" --burst "$connections" --bursts 1 --linger 60s \
  --window 0 --trickle 0 >/dev/null 2>"$scratch/pulse.err" &
pulse=$!
pids+=("$pulse")
eventually field_is open "$connections" || exit 1

printf "%-34s %12s %12s\n" "median of $rounds" "without" "with probe"
compare "establishing $connections connections" us burst
compare "touching a page" ns touch
printf "%-34s %25s %% of a core\n" "the probe itself, server idle" "$idle"
for ((round = 0; round < 3; round++)); do
  "$BUILD/probe" --pid "$server" --bill | sed -n "s/^read in/bill of $connections connections, both ends:/p"
done
