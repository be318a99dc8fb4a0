#!/usr/bin/env bash
# pulse: schedule, record, survivors, losses and limits, against a server of the test's own.
# shellcheck disable=SC2016,SC2046,SC2317 # awk programs; lists of pids; functions that "eventually" calls
. "$(dirname "$0")/../lib/tap.sh"

phases=$scratch/phases.csv

# ask COMMAND: leaves the server's answer in $answer, mostly "opened closed open reset".
ask() {
  echo "$1" >&"${SERVER[1]}"
  read -r -t 60 answer <&"${SERVER[0]}"
}

# counts "OPENED CLOSED OPEN RESET"
counts() {
  ask count
  [ "$answer" = "$1" ]
}

pulse() {
  "$BUILD/pulse" --connect "127.0.0.1:$port" --record "$phases" "$@"
}

# pulse_start OPTIONS...: in the background; leaves its pid in $pulse.
pulse_start() {
  ask clear
  start pulse "$BUILD/pulse" --connect "127.0.0.1:$port" --record "$phases" "$@"
  pulse=$pid
}

# workers: the processes of the pulse in the background.
workers() {
  ps -o pid= --ppid "$pulse"
}

# column NAME [PHASE]: its values in the rows of that phase ("burst 1"), or in all rows.
column() {
  awk -F, -v name="$1" -v phase="$2" '
    NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
    NR > 2 && (phase == "" || phase == $1 " " $2) { printf "%s%s", gap, $at[name]; gap = " " }
    ' "$phases"
}

# has_phase NAME: that row is written.
has_phase() {
  [ -n "$(column start_ns "$1")" ]
}

names() {
  awk -F, 'NR > 2 { printf "%s%s %s", gap, $1, $2; gap = ", " }' "$phases"
}

coproc SERVER { exec python3 tests/lib/counter.py; }
read -r -t 60 port port6 <&"${SERVER[0]}"

# --- a whole schedule ---
pulse --warmup 10 --rest 20ms --burst 300 --bursts 2 --linger 20ms --burst-gap 20ms --window 20ms \
  --trickle 20 --trickles 2 --trickle-gap 20ms >"$scratch/out" 2>"$scratch/err"
is "a schedule that was carried out ends with status 0" $? 0
is "phases.csv has every phase in its order" "$(names)" \
  "warmup 1, rest 1, burst 1, gap 1, burst 2, window 1, trickle 1, gap 2, trickle 2"
is "so many were wanted" "$(column wanted)" "10 0 300 0 300 0 20 0 20"
is "so many were connected" "$(column connected)" "10 0 300 0 300 0 20 0 20"
is "none was lost" "$(column lost_refused)$(column lost_reset)$(column lost_timeout)" \
  "0 0 0 0 0 0 0 0 00 0 0 0 0 0 0 0 00 0 0 0 0 0 0 0 0"
ok "the server saw all of them come and go, and no reset" eventually counts "650 650 0 0"
ok "phases follow one another, and times within them" awk -F, '
  NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR > 2 {
    if ($at["start_ns"] < end) exit 1
    end = $at["end_ns"]
    if (end < $at["start_ns"]) exit 1
    if ($at["wanted"] && !($at["start_ns"] < $at["established_ns"] &&
      $at["established_ns"] <= $at["closing_ns"] && $at["closing_ns"] < end)) exit 1
    if (!$at["wanted"] && $at["established_ns"] $at["closing_ns"] $at["connect_p50_ns"] != "") exit 1
  }' "$phases"
ok "percentiles rise" awk -F, '
  NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR > 2 && $at["wanted"] {
    n++
    if (!(0 < $at["connect_p50_ns"] + 0 && $at["connect_p50_ns"] + 0 <= $at["connect_p90_ns"] + 0 &&
      $at["connect_p90_ns"] + 0 <= $at["connect_p99_ns"] + 0 &&
      $at["connect_p99_ns"] + 0 <= $at["connect_max_ns"] + 0)) exit 1
  }
  END { exit n != 5 }' "$phases"
is "the table on stdout has a row a pulse" "$(awk '{ print $1, $2, $3 }' "$scratch/out")" \
  "phase established in
warmup 1 10/10
burst 1 300/300
burst 2 300/300
trickle 1 20/20
trickle 2 20/20"
is "stderr has a line a phase" "$(wc -l <"$scratch/err")" 9

# --- a start that is planned ---
# planned MOMENT: one connection, then; leaves the pid in $pulse, what is told of it in $scratch/ready.
planned() {
  "$BUILD/pulse" --connect "127.0.0.1:$port" --start-at "$1" --burst 1 --bursts 1 --linger 0 \
    --window 0 --trickle 0 --ready-fd 9 9>"$scratch/ready" >/dev/null 2>"$scratch/pulse.err" &
  pulse=$!
}
has_workers() { [ -n "$(workers)" ]; }

planned +1h
ok "it waits, with all that it needs" eventually has_workers
ok "SIGTERM ends it in order" stop "$pulse"
is "the line says where it ended" "$(cat "$scratch/pulse.err")" \
  "pulse: ended by SIGTERM before the first phase"
is "it was never about to begin" "$(wc -c <"$scratch/ready")" 0
planned +1h
eventually has_workers
kill -KILL "$(workers | tr -d ' ')"
wait "$pulse"
is "a worker that is killed before: status 1" $? 1
ok "it is named" grep -q "^pulse: worker 1 of 1 .* was killed by SIGKILL before the first phase; ended$" \
  "$scratch/pulse.err"
planned +100ms
ok "it begins" wait "$pulse"
is "and tells so" "$(wc -c <"$scratch/ready")" 1

# --- survivors ---
# The record is written a moment after the server has seen the closes.
survivors_are() {
  [ "$(column survivors)" = "$1" ]
}

pulse_start --burst 200 --bursts 3 --linger 10ms --burst-gap 10ms --window 1h --survivors 5%
ok "until next: those of the last burst are open" eventually counts "600 590 10 0"
ok "survivors are recorded" eventually survivors_are "10 10 10 10 10"
ok "SIGTERM in the window is an end in order" stop "$pulse"
ok "the survivors are closed" eventually counts "600 600 0 0"
is "the line says where it ended" "$(tail -n 1 "$scratch/pulse.err")" \
  "pulse: ended by SIGTERM in window 1"
is "the phase that was cut short is recorded" "$(names)" \
  "burst 1, gap 1, burst 2, gap 2, burst 3, window 1"

pulse_start --burst 200 --bursts 3 --linger 10ms --burst-gap 10ms --window 1h --survivors 5% \
  --survivors-until end
ok "until end: they add up" eventually counts "600 570 30 0"
ok "survivors add up in the record" eventually survivors_are "10 10 20 20 30"
kill -INT "$pulse"
ok "SIGINT is an end in order, too" wait "$pulse"
ok "then the survivors are closed" eventually counts "600 600 0 0"

# who ORDER SEED: which of 40 connections survive.
who() {
  pulse_start --burst 40 --bursts 1 --linger 10ms --window 1h --survivors 10% \
    --survivor-order "$1" --seed "$2"
  eventually counts "40 36 4 0"
  ask who
  stop "$pulse"
}

who oldest 1
is "oldest: the first that connected" "$answer" "0 1 2 3"
who newest 1
is "newest: the last" "$answer" "36 37 38 39"
who scattered 1
first=$answer
who scattered 1
is "scattered: a seed repeats" "$answer" "$first"
who scattered 2
ok "and another chooses others" test "$answer" != "$first"

pulse_start --burst 40 --bursts 1 --linger 10ms --window 20ms --trickle 5 --trickles 1 \
  --survivors 10%
wait "$pulse"
is "trickles leave no survivors" "$(column survivors)" "4 4 4"
ok "at the end, nothing is open" eventually counts "45 45 0 0"

# --- losses ---
# A worker of pulse closes what it has lost, so its open sockets tell how many it knows of.
sockets() { find "/proc/$(pgrep -P "$pulse")/fd" -lname 'socket:*' | wc -l; }
at_most() { [ "$("$1")" -le "$2" ]; }
pulse_start --burst 50 --bursts 1 --linger 1h
ok "a burst is there" eventually counts "50 0 50 0"
open=$(sockets)
ask "close 7"
ok "pulse sees what the server closes in the linger" eventually at_most sockets $((open - 7))
stop "$pulse"
is "a server that closes in the linger: status 1" $? 1
is "lost are those that it closed" "$(column connected) $(column lost_reset)" "50 7"
is "the last line says how many, of what, why" "$(tail -n 1 "$scratch/pulse.err")" \
  "pulse: 7 of 50 connections lost: 7 closed by the server; the first in burst 1: Connection reset by peer"

pulse_start --burst 50 --bursts 1 --linger 10ms --window 1h --survivors 20%
ok "survivors are there" eventually counts "50 40 10 0"
open=$(sockets)
ask "close 3"
ok "pulse sees what the server closes in the window" eventually at_most sockets $((open - 3))
stop "$pulse"
is "a server that closes survivors: status 1" $? 1
is "they are lost in the phase in which it did" "$(column lost_reset) $(column survivors)" "0 3 10 7"

pulse_start --burst 50 --bursts 1 --linger 10ms --window 1h
ok "a burst is over" eventually has_phase "burst 1"
kill -KILL "$pulse"
wait "$pulse" 2>/dev/null
is "a killed pulse leaves what it measured" "$(column connected)" "50"

# --- rate ---
pulse --burst 100 --rate 500/s --bursts 1 --linger 0 --window 0 --trickle 0 >/dev/null 2>&1
is "with a rate, all connect" "$?,$(column connected "burst 1")" "0,100"
took=$(($(column established_ns "burst 1") - $(column start_ns "burst 1")))
ok "the last no sooner than planned: 99 / 500 s" test "$took" -ge 198000000

pulse_start --burst 300 --rate 100/s --bursts 1 --linger 0 --window 0 --trickle 0
seen_some() {
  ask count
  [ "${answer%% *}" -ge 20 ]
}
ok "a paced burst is under way" eventually seen_some
kill -STOP $(workers)
sleep 0.6
kill -CONT $(workers)
wait "$pulse"
ok "a client that stood still counts from the planned time" \
  test "$(column connect_max_ns "burst 1")" -ge 250000000
ok "and keeps the raw figure beside" \
  test "$(column raw_p90_ns "burst 1")" -lt "$(column connect_p90_ns "burst 1")"

# --- the original command line ---
pulse_start -big=20 -bs=1 -i=2 -small=5 -ss=1 -l=0
ok "the original command line comes to its trickles" eventually has_phase "trickle 2"
ok "and ends in order" stop "$pulse"
is "bursts, the gap behind the last as well, trickles" "$(names | cut -d, -f1-7)" \
  "burst 1, gap 1, burst 2, window 1, trickle 1, gap 2, trickle 2"
is "as large as asked" "$(column wanted "burst 2") $(column wanted "trickle 1")" "20 5"
ok "the gap takes its second" \
  test $(($(column end_ns "gap 1") - $(column start_ns "gap 1"))) -ge 1000000000

# --- IPv6 ---
if [ "$port6" = 0 ]; then
  skip "connects to IPv6 addresses" "::1 is not there"
else
  ok "connects to IPv6 addresses" "$BUILD/pulse" --connect "[::1]:$port6" --burst 10 --bursts 1 \
    --linger 0 --window 0 --trickle 0
fi

# --- a terminal ---
cat >"$scratch/terminal.py" <<'PYTHON'
import os
import subprocess
import sys

main, terminal = os.openpty()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=terminal)
os.close(terminal)
while True:
    try:
        data = os.read(main, 4096)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
sys.exit(process.wait())
PYTHON
python3 "$scratch/terminal.py" "$BUILD/pulse" --connect "127.0.0.1:$port" --burst 50 --bursts 1 \
  --linger 1s --window 50ms --trickle 0 >"$scratch/terminal"
is "on a terminal it runs as well" $? 0
ok "a line is redrawn in place" grep -q $'\r\033\\[K''burst 1  50 open  0\.[0-9] s left' \
  "$scratch/terminal"
is "and leaves no line behind" "$(tr -cd '\n' <"$scratch/terminal" | wc -c)" 0

# --- what is refused: one line, and nothing is begun ---
once=(--burst 50 --bursts 1 --linger 0 --window 0 --trickle 0)
closed=1 # a port that is given to nobody: those of other tests come and go
ask clear
refuses "no server: the address" 1 "cannot connect to 127.0.0.1:$closed: Connection refused" \
  "$BUILD/pulse" --connect "127.0.0.1:$closed"
refuses "descriptors: the command that helps" 1 'RLIMIT_NOFILE .* 18 .*ulimit -n 10018' \
  bash -c 'ulimit -n 18 && exec "$@"' - "$BUILD/pulse" --connect "127.0.0.1:$port"
refuses "survivors that add up are counted" 1 'ulimit -n 2018' \
  bash -c 'ulimit -n 18 && exec "$@"' - "$BUILD/pulse" --connect "127.0.0.1:$port" \
  --burst 1000 --bursts 3 --trickle 0 --survivors 50% --survivors-until end
is "--dry-run tells the steps and connects to nothing" \
  "$("$BUILD/pulse" --connect "127.0.0.1:$closed" --dry-run --warmup 10 --burst 5 --bursts 1 --linger 1s \
    --window 3s --trickle 2 --trickles 1)" \
  "$(printf '%s\n' phase,number,connections,time_ns warmup,1,10,0 rest,1,0,1500000000 \
    burst,1,5,1000000000 window,1,0,3000000000 trickle,1,2,1000000000)"
refuses "--dry-run of what never ends" 2 "--trickles 0: these never end" "$BUILD/pulse" --dry-run
refuses "an unknown option" 2 '--brust: unknown option; did you mean --burst' \
  "$BUILD/pulse" --brust 5
refuses "an unknown unit" 2 "--linger: '5x' is not a time" "$BUILD/pulse" --linger 5x
refuses "an unknown order" 2 "--survivor-order: 'random' is not scattered, oldest or newest" \
  "$BUILD/pulse" --survivor-order random
refuses "a record where there is no folder" 1 '--record .*/none/phases.csv: No such file' \
  "$BUILD/pulse" --connect "127.0.0.1:$port" "${once[@]}" --record "$scratch/none/phases.csv"
if [ -e /dev/full ]; then
  refuses "a full disk" 1 '--record /dev/full: No space left on device' \
    "$BUILD/pulse" --connect "127.0.0.1:$port" "${once[@]}" --record /dev/full
else
  skip "a full disk" "there is no /dev/full"
fi
ok "none of them connected" counts "0 0 0 0"
ok "--help goes to stdout" sh -c "'$BUILD/pulse' --help | grep -q -- '--survivors-until WHEN'"

# --- a server that goes away: last, for it does ---
ask clear
ask "last 30"
pulse --burst 30 --bursts 2 --linger 20ms --burst-gap 200ms --window 0 --trickle 0 \
  >"$scratch/out" 2>"$scratch/err"
is "a server that goes away: status 1" $? 1
is "its burst was there, and the next is lost, every one" \
  "$(column connected "burst 1") $(($(column lost_refused "burst 2") + $(column lost_reset "burst 2")))" \
  "30 30"
ok "the line sums it up" grep -q '^pulse: 30 of 60 connections lost: .*the first in burst 2' \
  "$scratch/err"

done_testing
