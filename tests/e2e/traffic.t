#!/usr/bin/env bash
# pulse's traffic: what it says to servers, what it makes of their answers, how it measures them.
# shellcheck disable=SC2016,SC2317 # awk programs; functions that "eventually" calls
. "$(dirname "$0")/../lib/tap.sh"

traffic=$scratch/traffic.csv

# peer COMMAND...: starts a server that prints its port, and leaves that in $port, its pid in $peer.
peer() {
  mkfifo "$scratch/port.$((++peers))"
  "$@" >"$scratch/port.$peers" 2>"$scratch/peer.err" &
  peer=$!
  read -r -t 60 port <"$scratch/port.$peers"
}

# end_peer: of those that do not end by themselves.
end_peer() {
  kill -9 "$peer"
  wait "$peer" 2>/dev/null
}

# websocket HABIT...: as peer; end_websocket leaves what it has to tell in $scratch/told.
websocket() {
  coproc WEBSOCKET { exec python3 tests/lib/websocket.py "$@" 2>"$scratch/peer.err"; }
  peer=$WEBSOCKET_PID
  local input=${WEBSOCKET[1]}
  exec {told}<&"${WEBSOCKET[0]}" {orders}>&"$input"
  exec {input}>&-
  read -r -t 60 port <&"$told"
}

end_websocket() {
  exec {orders}>&-
  cat <&"$told" >"$scratch/told"
  exec {told}<&-
  wait "$peer" 2>/dev/null
}

# pulse OPTIONS...: one burst, then its end; leaves its output in $scratch/pulse.{out,err}.
pulse() {
  "$BUILD/pulse" --connect "127.0.0.1:$port" --bursts 1 --window 0 --trickle 0 --traffic "$traffic" \
    --record "$scratch/phases.csv" --linger 300ms "$@" >"$scratch/pulse.out" 2>"$scratch/pulse.err"
}

# row COLUMN [FILE]: of the burst.
row() {
  awk -F, -v name="$1" '/^phase,/ { for (i = 1; i <= NF; i++) at[$i] = i }
    /^burst,/ { print $at[name] }' "${2:-$traffic}"
}

# holds CONDITION: an awk expression over the columns of the burst's row.
holds() {
  awk -F, -v OFS= '/^phase,/ { for (i = 1; i <= NF; i++) at[$i] = i } /^burst,/ { print; exit !('"$1"') }
    function c(name) { return $at[name] + 0 }' "$traffic"
}

last_line() {
  tail -n 1 "$scratch/pulse.err"
}

# --- echo ---

peer "$BUILD/tests/floor"
for loops in 1 2; do
  ok "echo, $loops loops: ends with status 0" pulse --protocol echo --burst 50 --loops "$loops"
  ok "echo, $loops loops: there were operations" holds 'c("operations") > 50'
  ok "echo, $loops loops: every byte came back" holds \
    'c("sent_bytes") == c("received_bytes") && c("sent_bytes") == 8 * (c("operations") + c("outside"))'
  ok "echo, $loops loops: latencies are in order" holds 'c("latency_p50_ns") > 0 &&
    c("latency_p50_ns") <= c("latency_p99_ns") && c("latency_p99_ns") <= c("latency_max_ns")'
done
ok "some of many talk" pulse --protocol echo --burst 100 --active 3% --ops 500/s
ok "and send what is planned, no more" holds 'c("operations") + c("outside") + c("unsent") == 150'
TIMEFORMAT="%U %S"
{ time pulse --protocol echo --burst 9 --loops 3 --active 1 --ops 100/s --linger 2s; } 2>"$scratch/cpu"
ok "loops of which nobody talks sleep: $(<"$scratch/cpu") s of CPU" \
  awk '{ exit !($1 + $2 < 0.5) }' "$scratch/cpu"
ok "messages of a megabyte" pulse --protocol echo --burst 4 --message 1M
ok "come back whole" holds 'c("sent_bytes") == c("received_bytes") && c("sent_bytes") % 1048576 == 0'
ok "survivors and trickles" pulse --protocol echo --burst 20 --survivors 50% --trickle 5 --trickles 1
is "each phase with traffic has a row" "$(cut -d, -f1,2 "$traffic" | tail -n +3 | paste -sd' ')" \
  "burst,1 trickle,1"
ok "the latency file is written" pulse --protocol echo --burst 10 --ops 1000/s \
  --latency-file "$scratch/latency"
# latencies_in FILE: how many it has
latencies_in() {
  sed -n 's/.*Total count *= *\([0-9]*\)]/\1/p' "$1"
}
is "it has all that was planned, also what a busy machine left unsent" \
  "$(latencies_in "$scratch/latency")" "$(($(row operations) + $(row outside) + $(row unsent)))"
is "that of raw latencies has all operations" \
  "$(latencies_in "$scratch/latency.raw")" "$(($(row operations) + $(row outside)))"
mkdir "$scratch/taken.raw"
for file in none/latency taken; do
  pulse --protocol echo --burst 1 --latency-file "$scratch/$file"
  is "a latency file that cannot be, $file: status 1" $? 1
  is "nothing was measured for nothing" "$(tail -n +3 "$scratch/phases.csv")" ""
done
is "and its path is told" "$(last_line)" \
  "pulse: --latency-file $scratch/taken.raw: Is a directory"
if [ -w /dev/full ]; then
  mkdir "$scratch/full"
  ln -s /dev/full "$scratch/full/latency"
  pulse --protocol echo --burst 1 --latency-file "$scratch/full/latency"
  is "a full disk: status 1" $? 1
  is "a full disk: the file is named" "$(last_line)" \
    "pulse: --latency-file $scratch/full/latency: No space left on device"
else
  skip "a full disk" "there is no /dev/full"
fi
# A file may have 1024 bytes here, which the head fits and the rows of some bursts do not.
(trap '' XFSZ && ulimit -f 1 && exec "$BUILD/pulse" --connect "127.0.0.1:$port" --protocol echo \
  --burst 1 --bursts 100 --burst-gap 1ms --linger 1ms --window 0 --trickle 0 \
  --traffic "$scratch/short") 2>&1 >/dev/null | tail -n 1 >"$scratch/pulse.err"
is "a record of traffic that gets too large: it is named" "$(last_line)" \
  "pulse: --traffic $scratch/short: File too large"
ok "an idle burst says nothing" pulse --burst 10
is "and leaves no row" "$(tail -n +3 "$traffic")" ""

# --- open loop and a server that stands still ---

# The server is stopped as soon as requests are answered; most of the window's requests are then
# planned while it stands still. What they waited for is in the latency from the planned time.
sleeps_of_peer() {
  awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$peer/status"
}
sleeps=$(sleeps_of_peer)
start stall "$BUILD/pulse" --connect "127.0.0.1:$port" --bursts 1 --window 0 --trickle 0 \
  --traffic "$traffic" --protocol echo --burst 1 --ops 1000/s --linger 2s
answers() {
  [ "$(sleeps_of_peer)" -gt "$((sleeps + 100))" ]
}
ok "requests are answered" eventually answers
kill -STOP "$peer"
stall_begin=$EPOCHREALTIME
stalled_long_enough() {
  awk -v a="$stall_begin" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a > 0.5) }'
}
eventually stalled_long_enough
kill -CONT "$peer"
wait "$pid"
is "a server that stands still for a while is no failure" $? 0
ok "the planned time shows the wait" holds 'c("latency_p90_ns") > 10 * c("raw_p90_ns")'
ok "and its maximum is that of the stall" holds \
  'c("latency_max_ns") > 400000000 && c("raw_max_ns") > 400000000'
end_peer

# --- servers that answer wrongly, or not ---

peer "$BUILD/tests/floor" --wrong 100
pulse --protocol echo --burst 3
is "a wrong byte: status 1" $? 1
ok "a wrong byte: is counted" holds 'c("wrong") == 3'
is "a wrong byte: phases.csv has the loss" "$(row lost_wrong "$scratch/phases.csv")" 3
ok "a wrong byte: one line says so" grep -q "^pulse: 3 of 3 connections lost: 3 answered wrongly" \
  <(last_line)
pulse --protocol echo --burst 3 --ops 1000/s --linger 1s --latency-file "$scratch/latency"
ok "lost in the open loop: their plan is not forgotten" holds 'c("wrong") > 0 &&
  c("operations") + c("outside") + c("wrong") + c("unsent") == 1000'
is "lost in the open loop: all that was planned has its latency" \
  "$(latencies_in "$scratch/latency")" 1000
end_peer

peer "$BUILD/tests/floor" --mute
pulse --protocol echo --burst 3 --timeout 200ms
is "no answer: status 1" $? 1
ok "no answer: is counted, as late as it is" holds \
  'c("timeouts") == 3 && c("operations") == 0 && c("latency_p50_ns") >= 200000000'
is "no answer: phases.csv has the loss" "$(row lost_timeout "$scratch/phases.csv")" 3
pulse --protocol websocket --burst 3 --timeout 200ms
is "no greeting: status 1" $? 1
is "no greeting: nobody is connected" "$(row connected "$scratch/phases.csv")" 0
end_peer

# --- feed ---

peer "$BUILD/tests/ticker" --period 1000
touch "$scratch/latency.raw"
ok "a feed ends with status 0" pulse --protocol feed --burst 30 --linger 3500ms --loops 2 \
  --latency-file "$scratch/latency"
is "what an earlier run left as uncorrected is not its" \
  "$(cd "$scratch" && echo latency*)" latency
ok "its chunks have come" holds 'c("operations") + c("outside") >= 60'
ok "an early end of the feed is none of its chunks" holds 'c("wrong") == 0 && c("raw_p50_ns") == 0'
ok "a chunk may come a period and the timeout behind the one before, and so may the first" \
  pulse --protocol feed --burst 3 --linger 2500ms --timeout 900ms
end_peer
peer "$BUILD/tests/ticker" --period 1000 --skip 2
pulse --protocol feed --burst 3 --linger 3500ms
is "a chunk left out: status 1" $? 1
ok "a chunk left out: is counted" holds 'c("wrong") == 3'
end_peer
peer "$BUILD/tests/ticker" --period 1400
ok "chunks that come too late" pulse --protocol feed --burst 3 --linger 3s
ok "are counted as late" holds 'c("late") >= 3 && c("latency_max_ns") >= 300000000'
pulse --protocol feed --burst 3 --linger 3s --timeout 200ms
is "a chunk that never came: status 1" $? 1
ok "a chunk that never came: is counted, as late as it is" holds \
  'c("timeouts") == 3 && c("operations") == 0 && c("late") == 3 &&
  c("latency_p50_ns") >= 200000000'
end_peer

# --- websocket ---

for habit in ping fragment drip ""; do
  # shellcheck disable=SC2086 # no habit is no word
  websocket $habit
  ok "websocket ${habit:-plain}: ends with status 0" pulse --protocol websocket --burst 8 \
    --survivors 50%
  ok "websocket ${habit:-plain}: there were operations" holds 'c("operations") > 8'
  end_websocket
  ok "websocket ${habit:-plain}: each has its own key, and says goodbye" \
    sh -c "grep -qx 'keys 8' '$scratch/told' && grep -qx 'closed 1000 4' '$scratch/told'"
  ok "websocket ${habit:-plain}: survivors say that they go away" \
    grep -qx "closed 1001 4" "$scratch/told"
  ok "websocket ${habit:-plain}: the server saw nothing wrong" sh -c \
    "! grep -E 'bad|missing' '$scratch/told'"
done
websocket
ok "websocket: long messages" pulse --protocol websocket --burst 2 --message 200K
end_websocket
for habit in accept extend text spoil mask; do
  websocket "$habit"
  pulse --protocol websocket --burst 3
  is "websocket $habit: status 1" $? 1
  ok "websocket $habit: is answered wrongly" grep -q "3 answered wrongly" <(last_line)
  end_websocket
done
# A pong may be partly sent when newer pings come.
websocket pester
ok "websocket pester: ends with status 0" pulse --protocol websocket --burst 1 --ops 4/s
end_websocket
ok "websocket pester: the newest ping is answered" grep -q "^newest pong" "$scratch/told"
# Loops whose connections are all lost leave their part of the plan to the others.
websocket third
pulse --protocol websocket --burst 3 --loops 3 --rate 20/s --ops 300/s --linger 1s
is "one of three is open: status 1" $? 1
ok "one of three is open: the plan is its own" holds 'c("operations") > 0 &&
  c("operations") + c("outside") + c("unsent") == 300'
end_websocket
websocket silent
pulse --protocol websocket --burst 3 --timeout 300ms
is "websocket silent: status 1" $? 1
ok "websocket silent: the farewell timed out" grep -q "3 timed out" <(last_line)
# A step that takes longer than planned, here by the timeout of its farewells, delays none with
# --start-at: the gap behind it ends at its planned moment.
gap_of() {
  pulse --protocol websocket --burst 3 --timeout 600ms --linger 100ms --bursts 2 --burst-gap 1s "$@"
  awk -F, '/^phase,/ { for (i = 1; i <= NF; i++) at[$i] = i }
    /^gap,1,/ { print $at["end_ns"] - $at["start_ns"] }' "$scratch/phases.csv"
}
gap=$(gap_of)
ok "a gap has its length: $gap ns" test "$gap" -ge 1000000000
gap=$(gap_of --start-at +100ms)
ok "with --start-at it has its end: $gap ns" test 0 -lt "$gap" -a "$gap" -lt 1000000000
end_websocket

# --- one window, several pulses ---

peer "$BUILD/tests/floor"
moment=$(($(date +%s) + 3)) # one for both, and both are there before it
"$BUILD/pulse" --connect "127.0.0.1:$port" --bursts 1 --window 0 --trickle 0 --linger 2s --burst 20 \
  --protocol echo --start-at "$moment" --json >"$scratch/a.json" 2>"$scratch/a.err" &
first=$!
"$BUILD/pulse" --connect "127.0.0.1:$port" --bursts 1 --window 0 --trickle 0 --linger 2s --burst 30 \
  --protocol echo --start-at "$moment" --json >"$scratch/b.json" 2>"$scratch/b.err"
wait "$first"
ok "two pulses of one window add up" "$BUILD/pulse" --json --merge "$scratch/a.json" "$scratch/b.json"
cp "$scratch/.output" "$scratch/both.json"
ok "counts, rates and histograms are sums" python3 - "$scratch" <<'PYTHON'
import json
import sys

a, b, both = (json.load(open(f"{sys.argv[1]}/{n}.json")) for n in ("a", "b", "both"))
traffic = [d["phases"][0]["traffic"] for d in (a, b, both)]
assert both["pulses"] == 2
assert both["phases"][0]["connected"] == 50
for name in "operations", "sent_bytes", "received_bytes":
    assert traffic[0][name] + traffic[1][name] == traffic[2][name]
rate = traffic[0]["per_second"] + traffic[1]["per_second"]
assert abs(traffic[2]["per_second"] / rate - 1) < 0.1
buckets = {}
for t in traffic[:2]:
    for index, count in t["corrected"]["buckets"]:
        buckets[index] = buckets.get(index, 0) + count
assert buckets == dict(traffic[2]["corrected"]["buckets"])
assert traffic[2]["corrected"]["max_ns"] == max(t["corrected"]["max_ns"] for t in traffic[:2])
PYTHON
ok "as a table, too" sh -c "'$BUILD/pulse' --merge '$scratch/both.json' | grep -q '^burst 1 .*50/50'"
refuses "a pulse is not counted twice" 1 "a.json: the same pulse as .*a.json" \
  "$BUILD/pulse" --merge "$scratch/a.json" "$scratch/a.json"
refuses "nor one that is in a merge" 1 "both.json: a merge of 2 pulses" \
  "$BUILD/pulse" --merge "$scratch/a.json" "$scratch/both.json"
pulse --protocol echo --burst 10 --json --linger 100ms
refuses "another window does not belong to it" 1 "burst 1.*was at another time .--start-at" \
  "$BUILD/pulse" --merge "$scratch/a.json" "$scratch/pulse.out"
pulse --burst 10 --json --linger 100ms
refuses "nor does another protocol" 1 "protocol idle, the first file has echo" \
  "$BUILD/pulse" --merge "$scratch/a.json" "$scratch/pulse.out"
refuses "a file that is no JSON" 1 "traffic.csv: cannot be read as JSON" \
  "$BUILD/pulse" --merge "$scratch/a.json" "$traffic"
end_peer

# --- options ---

refuses "--ops without requests" 2 "--ops: with --protocol feed there are no requests" \
  "$BUILD/pulse" --protocol feed --ops 5/s
refuses "an unknown protocol" 2 "--protocol: 'http' is not a protocol" "$BUILD/pulse" --protocol http
refuses "no rate" 2 "--ops: '0' is out of range; give a number a second" "$BUILD/pulse" --protocol echo --ops 0
refuses "nobody talks" 2 "--active: '0' is not" "$BUILD/pulse" --protocol echo --active 0
refuses "a message without room for its stamp" 2 "--message: '7' is not" \
  "$BUILD/pulse" --protocol echo --message 7
refuses "a moment that has passed" 2 "--start-at" "$BUILD/pulse" --start-at 12345
refuses "an option behind the files" 2 "^pulse: --json: options stand before the files" \
  "$BUILD/pulse" --merge "$scratch/a.json" --json
refuses "an option that merging does not take" 2 "^pulse: --traffic: not with --merge" \
  "$BUILD/pulse" --merge --traffic "$scratch/merged.csv" "$scratch/a.json"
refuses "nothing to merge" 2 "--merge wants the files" "$BUILD/pulse" --merge

done_testing
