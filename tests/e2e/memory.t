#!/usr/bin/env bash
# What the server itself holds, and whether probe and /proc agree. Needs 10,000 connections.
. "$(dirname "$0")/../lib/tap.sh"

[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 10100 ] ||
  skip_all "the hard limit of open files, $(ulimit -Hn), is below 10,100 (ulimit -Hn)"

anonymous() {
  awk '$1 == "Anonymous:" { print $2 * 1024 }' "/proc/$server/smaps_rollup"
}

# pulse_start OPTIONS...: in the background, with its phases in $scratch/phases.csv
pulse_start() {
  rm -f "$scratch/phases.csv"
  "$BUILD/pulse" --connect "127.0.0.1:$port" --record "$scratch/phases.csv" "$@" \
    >"$scratch/pulse.out" 2>"$scratch/pulse.err" &
  pulse=$!
}

# --- a bare connection ---
start_server glibc --footprint none
"$BUILD/pulse" --connect "127.0.0.1:$port" --burst 100 --bursts 1 --linger 10ms --burst-gap 0 \
  --window 0 --trickle 0 >"$scratch/warm.out" 2>&1
ok "warm-up" eventually field_is closed 100
base=$(anonymous)
pulse_start --burst 10000 --bursts 1 --linger 60s --window 1s --trickle 0
ok "10,000 idle connections" eventually field_is open 10000
grown=$(($(anonymous) - base))
pulse_held=$(awk '$1 == "Anonymous:" { print $2 * 1024 }' "/proc/$pulse/smaps_rollup")
echo "# server: $((grown / 10000)) bytes a connection; pulse: $pulse_held bytes in all"
if [ -n "$SANITIZE" ]; then
  skip "each takes at most 32 bytes" "sanitizers have memory of their own"
  skip "pulse holds at most 128 bytes for each" "sanitizers have memory of their own"
else
  ok "each takes at most 32 bytes" test "$grown" -le $((32 * 10000))
  ok "pulse holds at most 128 bytes for each" test "$pulse_held" -le $((128 * 10000))
fi
stop "$pulse"
ok "all close" eventually field_is open 0
if [ -n "$SANITIZE" ]; then
  skip "then it is back within 64 KiB of its base" "sanitizers have memory of their own"
else
  ok "then it is back within 64 KiB of its base" test $(($(anonymous) - base)) -le 65536
fi

# --- survivors do not hold the table ---
pulse_start --burst 10000 --bursts 1 --linger 10ms --window 60s --survivors 1% --trickle 0
ok "9,900 of 10,000 close" eventually field_is closed $((100 + 10000 + 9900))
is "100 survive" "$(field open)" 100
ok "the table holds at most 64 KiB" test "$(field table_bytes)" -le 65536
stop "$pulse"
stop "$server"

# --- a bare connection, in the other architectures whose connections have no thread ---
uring_here=$("$BUILD/server-glibc" --arch uring --listen 127.0.0.1:0 --status /nowhere/x 2>&1)
for arch in multi pool uring; do
  if [ $arch = uring ] && [[ $uring_here == *"no io_uring"* ]]; then
    skip "$arch: 10,000 idle connections" "$uring_here"
    continue
  fi
  start_server glibc --footprint none --arch $arch --workers 2
  "$BUILD/pulse" --connect "127.0.0.1:$port" --burst 100 --bursts 1 --linger 10ms --burst-gap 0 \
    --window 0 --trickle 0 >"$scratch/warm.out" 2>&1
  ok "$arch: warm-up" eventually field_is closed 100
  base=$(anonymous)
  pulse_start --burst 10000 --bursts 1 --linger 60s --window 1s --trickle 0
  ok "$arch: 10,000 idle connections" eventually field_is open 10000
  grown=$(($(anonymous) - base))
  echo "# $arch: $((grown / 10000)) bytes a connection"
  if [ -n "$SANITIZE" ]; then
    skip "$arch: each takes at most 32 bytes" "sanitizers have memory of their own"
  else
    ok "$arch: each takes at most 32 bytes" test "$grown" -le $((32 * 10000))
  fi
  stop "$pulse"
  ok "$arch: all close" eventually field_is open 0
  stop "$server"
done

# --- the probe agrees with /proc, and live with the footprint, at every sample ---
start_server glibc --footprint session --release quiet=2s
mkdir "$scratch/record"
start probe "$BUILD/probe" --status "$status" --record "$scratch/record"
probe=$pid
pulse_start --burst 10000 --bursts 2 --burst-gap 1s --linger 1s --window 60s --survivors 1% --trickle 0
ok "two bursts have gone" eventually field_is closed 19900
ok "and the release after them" eventually field_is releases 1
by_hand=$(anonymous)
# So that a sample is taken after the reading by hand, at rest: the probe sleeps between samples.
sleeps_of_probe() {
  awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$probe/status"
}
sleeps=$(sleeps_of_probe)
has_sampled() {
  [ "$(sleeps_of_probe)" -ge $((sleeps + 3)) ]
}
ok "and a sample behind it" eventually has_sampled
stop "$probe"
is "the probe ends well" $? 0
stop "$pulse"
stop "$server"
samples=$scratch/record/samples.csv
is "held agrees with smaps_rollup by hand" \
  "$(awk -F, 'END { print $2 }' "$samples")" "$by_hand"
ok "live equals footprint times open at every sample" awk -F, '
  /^[0-9]/ { n++; if ($6 != 8956 * ($3 - $4)) { print "row " NR ": " $0; bad = 1 } }
  END { exit bad || n < 100 }' "$samples"
ok "the peak was seen" awk -F, '/^[0-9]/ && $3 - $4 == 10000 { seen = 1 } END { exit !seen }' "$samples"
ok "time never goes back" awk -F, '
  /^[0-9]/ { if ($1 <= last) exit 1; last = $1 }' "$samples"
ok "a rollup follows each time that traffic goes quiet, and every second" awk -F, '
  /^[0-9]/ { n++ } END { exit n < 4 }' "$scratch/record/rollups.csv"
# A rollup follows a sample; where the next sample says the same, memory was at rest meanwhile.
if [ -n "$SANITIZE" ]; then
  skip "rollups agree with the samples around them, at rest" "sanitizers have memory of their own"
else
  ok "rollups agree with the samples around them, at rest" awk -F, '
    !/^[0-9]/ { next }
    NR == FNR { time[++n] = $1; anon[n] = $2; next }
    { while (i < n && time[i + 1] <= $1) i++
      if (i && i < n && anon[i] == anon[i + 1]) { compared++; if ($4 != anon[i]) { print "row " FNR; failed = 1 } } }
    END { exit failed || compared < 3 }' "$samples" "$scratch/record/rollups.csv"
fi

# --- the probe's own errors ---
refuses "no server named" 2 "say which server: --status FILE, --pid PID or --port PORT" "$BUILD/probe"
refuses "a process that is not there" 1 "process 4194304: there is none" "$BUILD/probe" --pid 4194304
refuses "a file that is no status page" 1 "not a status page" "$BUILD/probe" --status "$samples"
refuses "a folder that is not there" 1 "/nowhere/samples.csv: No such file" "$BUILD/probe" \
  --pid $$ --record /nowhere

done_testing
