#!/usr/bin/env bash
# pulse as several processes: what they did adds up, and none of them is left, however it ends.
# shellcheck disable=SC2016,SC2317 # awk programs; functions that "eventually" calls
. "$(dirname "$0")/../lib/tap.sh"

phases=$scratch/phases.csv
start_server glibc

# few FDS COMMAND...: with so many descriptors, hard limit as well.
few() {
  local fds=$1
  shift
  bash -c 'ulimit -n "$0" && exec "$@"' "$fds" "$@"
}

# column NAME [PHASE]: its values in the rows of that phase ("burst 1"), or in all rows.
column() {
  awk -F, -v name="$1" -v phase="$2" '
    NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
    NR > 2 && (phase == "" || phase == $1 " " $2) { printf "%s%s", gap, $at[name]; gap = " " }
    ' "$phases"
}

# crew_start FDS OPTIONS...: leaves the pid of the parent in $pulse, those of its workers in
# $workers, once COUNT connections are open.
crew_start() {
  local fds=$1 count=$2
  shift 2
  start pulse bash -c 'ulimit -n "$0" && exec "$@"' "$fds" "$BUILD/pulse" \
    --connect "127.0.0.1:$port" --record "$phases" "$@"
  pulse=$pid
  eventually field_is open "$count"
  mapfile -t workers < <(ps -o pid= --ppid "$pulse" | tr -d ' ')
}

# none_left: neither the workers nor their connections.
none_left() {
  local worker
  for worker in "${workers[@]}"; do
    kill -0 "$worker" 2>/dev/null && return 1
  done
  field_is open 0
}

held=(--burst 100 --bursts 1 --linger 1h --trickle 0)

# --- sums ---
few 68 "$BUILD/pulse" --connect "127.0.0.1:$port" --record "$phases" --warmup 5 --rest 10ms \
  --burst 101 --bursts 2 --linger 20ms --burst-gap 20ms --window 20ms --survivors 10% \
  --trickle 7 --trickles 2 --trickle-gap 10ms --loops 2 >"$scratch/out" 2>"$scratch/err"
is "more connections than a process may have: status 0" $? 0
is "so many were wanted" "$(column wanted)" "5 0 101 0 101 0 7 0 7"
is "they add up to as many connected" "$(column connected)" "5 0 101 0 101 0 7 0 7"
is "and survivors" "$(column survivors)" "0 0 10 10 10 10 10 10 10"
is "the server saw no other" "$(field opened)" 221
is "one table" "$(awk '{ print $1, $2, $3 }' "$scratch/out")" \
  "phase established in
warmup 1 5/5
burst 1 101/101
burst 2 101/101
trickle 1 7/7
trickle 2 7/7"
is "a line a phase on stderr" "$(wc -l <"$scratch/err")" 9
ok "all are closed" eventually field_is open 0
ok "times and percentiles are of all: in order" awk -F, '
  NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR > 2 && $at["wanted"] {
    n++
    if (!($at["start_ns"] < $at["established_ns"] && $at["established_ns"] <= $at["closing_ns"] &&
      $at["closing_ns"] < $at["end_ns"] && 0 < $at["connect_p50_ns"] + 0 &&
      $at["connect_p50_ns"] + 0 <= $at["connect_p99_ns"] + 0 &&
      $at["connect_p99_ns"] + 0 <= $at["connect_max_ns"] + 0)) exit 1
  }
  END { exit n != 5 }' "$phases"

# --- a rate is that of the whole crew ---
few 28 "$BUILD/pulse" --connect "127.0.0.1:$port" --record "$phases" --burst 60 --rate 300/s \
  --bursts 1 --linger 0 --window 0 --trickle 0 >/dev/null 2>&1
took=$(($(column established_ns "burst 1") - $(column start_ns "burst 1")))
ok "the last connects no sooner than planned: 59 / 300 s" test "$took" -ge 196000000

# --- processes and threads ---
crew_start 68 100 "${held[@]}"
is "two processes where one is not enough" "${#workers[@]}" 2
ok "SIGINT ends it in order" eval 'kill -INT "$pulse"; wait "$pulse"'
is "all that were asked for are in the record" "$(column connected)" 100
ok "and no process is left" eventually none_left

crew_start 1000 100 "${held[@]}" --loops 3
# (The thread sanitizer has threads of its own.)
ok "otherwise one, with a thread a loop" \
  test "${#workers[@]} $(($(find "/proc/${workers[0]}/task" -mindepth 1 -maxdepth 1 | wc -l) >= 3))" = "1 1"
ok "SIGTERM ends it in order" stop "$pulse"
ok "and no process is left" eventually none_left

# --- what can go wrong ---
crew_start 68 100 "${held[@]}"
kill -KILL "${workers[1]}"
wait "$pulse"
is "a worker that is killed: status 1" $? 1
ok "it is named" grep -q "^pulse: worker 2 of 2 (pid ${workers[1]}) was killed by SIGKILL in burst 1; ended$" \
  "$scratch/pulse.err"
is "its connections are lost" "$(column wanted) $(column connected) $(column lost_other)" "100 100 50"
ok "and no process is left" eventually none_left

crew_start 68 100 "${held[@]}"
kill -KILL "$pulse"
wait "$pulse" 2>/dev/null
ok "workers die with their parent" eventually none_left

crew_start 68 100 "${held[@]}"
kill -STOP "${workers[0]}"
kill -TERM "$pulse"
# Two that wait are one; this one has been heard when the other worker's connections are closed.
ok "a first signal does not end it while a worker hangs" eventually field_is open 50
kill -TERM "$pulse"
wait "$pulse"
ok "a second signal ends it although a worker hangs" eventually none_left

crew_start 1000 100 "${held[@]}" --source-range 127.9.8.0/29
ok "connections come from the addresses asked for" eval \
  'ss -Htn state established "( sport = :$port )" | awk '"'"'{ print $4 }'"'"' | grep -q "^127\.9\.8\.1:"'
stop "$pulse"

# --- in a network of its own: limits that the test may set ---
if ! unshare -n true 2>/dev/null; then
  skip "source ports" "unshare -n is not permitted"
else
  # apart OPTIONS...: a pulse in a network namespace with 100 source ports and a server there.
  # reserved=PORTS: those are nobody's; taken=COUNT: others have the first ones (a port that
  # something is bound to, whatever its address, is not for connect()).
  apart() {
    unshare -n bash -c 'ip link set lo up && echo 40000 40099 >/proc/sys/net/ipv4/ip_local_port_range
      echo "$reserved" >/proc/sys/net/ipv4/ip_local_reserved_ports
      exec 4< <(exec python3 "$0/../lib/ports.py" 40000 "${taken:-0}"); others=$!; read -r _ <&4
      exec 3< <(exec "$1/tests/accept" 150 0 1); server=$!; read -r port <&3
      "$1/pulse" --connect "127.0.0.1:$port" --burst 150 --bursts 1 --linger 0 --window 0 --trickle 0 \
        "${@:2}"
      status=$?; kill "$others" "$server" 2>/dev/null; exit $status' "$(dirname "$0")" "$BUILD" "$@"
  }
  refuses "out of source ports" 1 \
    'ip_local_port_range has 100 source ports for 1 source address, 150 are needed.*sysctl -w' \
    apart --source-range 127.0.0.5/32
  ok "more sources help" apart --source-range 127.0.0.0/30
  taken=60 ok "beyond half of the ports there are several sources by default" apart --burst 60
  reserved=40000-40009,40090-49999 refuses "reserved ones are not counted" 1 \
    'ip_local_port_range less ip_local_reserved_ports has 80 source ports for 1 source address, 90 are' \
    apart --source-range 127.0.0.5/32 --burst 90
  taken=60 apart --source-range 127.0.0.5/32 --burst 90 --record "$phases" >/dev/null 2>"$scratch/err"
  is "others have taken them: status 1" $? 1
  ok "they are named" grep -E \
    'of 90 connections lost: [0-9]+ without a source port; the first in burst 1' "$scratch/err"
  is "every connection is one or the other" \
    "$(($(column connected "burst 1") + $(column lost_ports "burst 1")))" 90
  taken=60 apart --source-range 127.0.0.5/32 --burst 90 --record "$phases" --linger 1h --strict \
    >/dev/null 2>&1
  is "--strict does not hold what is left for an hour" $? 1
  ok "what had been done is recorded" test "$(column connected "burst 1")" -gt 0
fi

refuses "a source that is no address" 2 "--source-range: 'here' is not a network or an address" \
  "$BUILD/pulse" --source-range here
refuses "a source of the other IP" 2 '--source-range and --connect: one is IPv4' \
  "$BUILD/pulse" --source-range ::1
refuses "no loop at all" 2 "--loops: '0' is out of range; give a number from 1 to 256" "$BUILD/pulse" --loops 0
refuses "memory that is to stay and is not there" 1 'of memory are available.*--memory-floor' \
  "$BUILD/pulse" --connect "127.0.0.1:$port" --memory-floor 1000T

# --- memory that runs short, as /proc/meminfo of the test's own tells it ---
if ! unshare -m true 2>/dev/null; then
  skip "the memory guard" "unshare -m is not permitted"
else
  meminfo() {
    printf 'MemTotal: 8000000 kB\nMemFree: 1 kB\nMemAvailable: %s kB\n' "$1" >"$scratch/meminfo"
  }
  # cpus PAGES: that a CPU keeps at hand.
  cpus() {
    printf '    cpu: 0\n              count:    %s\n              high:     1\n' "$1" >"$scratch/zoneinfo"
  }
  meminfo 4000000
  cpus 0
  cat >"$scratch/guarded.sh" <<'SCRIPT'
mount --bind "$1/meminfo" /proc/meminfo && mount --bind "$1/zoneinfo" /proc/zoneinfo || exit
ulimit -n 68 && shift && exec "$@"
SCRIPT
  start pulse unshare -m bash "$scratch/guarded.sh" "$scratch" "$BUILD/pulse" \
    --connect "127.0.0.1:$port" --record "$phases" "${held[@]}" --memory-floor 1G
  pulse=$pid
  eventually field_is open 100
  mapfile -t workers < <(ps -o pid= --ppid "$pulse" | tr -d ' ')
  meminfo 1000000
  wait "$pulse"
  is "the memory guard: status 1" $? 1
  is "it says so" "$(tail -n 1 "$scratch/pulse.err")" \
    "pulse: less than 1.0 GiB of memory were available in burst 1; ended (--memory-floor)"
  is "what was done is recorded" "$(column connected) $(column survivors)" "100 0"
  ok "and no process is left" eventually none_left

  # 1,000,000 kB alone are less than 1 GiB; with 128 MiB they are room for 1,000 connections and more.
  check=(unshare -m bash "$scratch/guarded.sh" "$scratch" "$BUILD/pulse" --check --burst 1000
    --bursts 1 --trickle 0 --memory-floor 1G)
  refuses "memory that is short is refused" 1 'of memory are available' "${check[@]}"
  cpus "$((134217728 / $(getconf PAGESIZE)))"
  ok "what the CPUs keep at hand counts" "${check[@]}"
fi

done_testing
