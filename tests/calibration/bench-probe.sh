#!/usr/bin/env bash
# What the probe costs the server, for `make bench-probe`: ROUNDS (10) pairs with it and without, in
# turns with either first. Prints the medians, and of the pairs' ratios the median and the quartiles;
# judges nothing, because machines are noisy. PROBE_OPTIONS ("--no-bpf") go to the probe, to tell
# where a cost comes from.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

rounds=${ROUNDS:-10}
connections=${CONNECTIONS:-10000}
read -ra probe_options <<<"${PROBE_OPTIONS:-}"

# quartiles: of the numbers on stdin, one a line: the lower, the median, the upper.
quartiles() {
  sort -n | awk '{ value[NR] = $1 }
    function at(share, place) { place = 1 + (NR - 1) * share
      return value[int(place)] + (value[int(place + 0.9999)] - value[int(place)]) * (place % 1) }
    END { print at(0.25), at(0.5), at(0.75) }'
}

# compare WHAT UNIT NAME: of $scratch/NAME.{without,with}, which have a line a round.
compare() {
  local without with low middle high
  read -r _ without _ < <(quartiles <"$scratch/$3.without")
  read -r _ with _ < <(quartiles <"$scratch/$3.with")
  read -r low middle high < <(paste "$scratch/$3.without" "$scratch/$3.with" |
    awk '{ print ($2 / $1 - 1) * 100 }' | quartiles)
  printf "%-34s %12.0f %12.0f %-6s %+6.1f %%   %+.1f to %+.1f %%\n" "$1" "$without" "$with" "$2" \
    "$middle" "$low" "$high"
}

# cpu_of PID: ns of CPU time that its main thread has had.
cpu_of() {
  cut -d " " -f 1 "/proc/$1/schedstat"
}

# A burst begins when the server has closed all connections of the one before, and the kernel has
# had a second to free what it frees later (RCU): without that it takes up to three times as long.
# With the probe, that second is also over what the probe does once when it starts.
burst() { # with|without|warm
  local before
  eventually field_is open 0
  [ "$1" != with ] || start_probe --status "$status" "${probe_options[@]}"
  sleep 1
  rm -f "$scratch/phases.csv"
  before=$(cpu_of "$server")
  "$BUILD/pulse" --connect "127.0.0.1:$port" --burst "$connections" --bursts 1 --linger 100ms \
    --window 0 --trickle 0 --record "$scratch/phases.csv" >/dev/null 2>"$scratch/pulse.err"
  awk -F, '$1 == "burst" { printf "%d\n", ($4 - $3) / 1000 }' "$scratch/phases.csv" \
    >>"$scratch/burst.$1"
  eventually field_is open 0
  echo $((($(cpu_of "$server") - before) / 1000)) >>"$scratch/cpu.$1"
  [ "$1" != with ] || stop_probe 2>/dev/null
}

# The least of ten: what others on the machine take away is never negative.
touch_pages() { # with|without|warm
  local cost try

  [ "$1" != with ] || start_probe --pid "$pages" "${probe_options[@]}"
  for ((try = 0; try < 10; try++)); do
    echo "cost 20000" >&"$to_pages"
    read -r cost <&"$from_pages"
    read -r _ <&"$from_pages"
    echo "$cost"
  done | sort -n | head -n 1 >>"$scratch/touch.$1"
  [ "$1" != with ] || stop_probe 2>/dev/null
}

start_server glibc --footprint session
coproc PAGES { exec "$BUILD/tests/pages"; }
pages=$PAGES_PID
exec {to_pages}>&"${PAGES[1]}" {from_pages}<&"${PAGES[0]}"
read -r _ <&"$from_pages"
# Warm: memory that is touched for the first time may have to come from the host.
burst warm
touch_pages warm

for ((round = 0; round < rounds; round++)); do
  order=(without with)
  ((round % 2)) && order=(with without)
  for turn in "${order[@]}"; do
    burst "$turn"
  done
  for turn in "${order[@]}"; do
    touch_pages "$turn"
  done
done

start_probe --status "$status" "${probe_options[@]}"
sleep 8
stop_probe 2>/dev/null
# From the second full second on: before, the probe takes the bill of a server that it finds idle.
idle=$(awk -F, 'NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR == 6 { time = $1; cpu = $at["probe_cpu_ns"] }
  END { printf "%.2f", ($at["probe_cpu_ns"] - cpu) / ($1 - time) * 100 }' "$record/rollups.csv")

"$BUILD/pulse" --connect "127.0.0.1:$port" --burst "$connections" --bursts 1 --linger 60s \
  --window 0 --trickle 0 >/dev/null 2>"$scratch/pulse.err" &
eventually field_is open "$connections" || exit 1

printf "%-34s %12s %12s %6s %9s   %s\n" "median of $rounds pairs" "without" "with probe" "" "dearer" \
  "half of the pairs"
compare "establishing $connections connections" us burst
compare "the server's CPU, open to closed" us cpu
compare "touching a page" ns touch
printf "%-34s %25s %% of a core\n" "the probe itself, server idle" "$idle"
for ((round = 0; round < 3; round++)); do
  "$BUILD/probe" --pid "$server" --bill | sed -n "s/^read in/bill of $connections connections, both ends:/p"
done
