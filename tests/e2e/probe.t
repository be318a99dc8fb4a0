#!/usr/bin/env bash
# What the probe is asked to follow, and what it says where that cannot be: one line each.
. "$(dirname "$0")/../lib/tap.sh"

# --- options that contradict each other ---
one_of="--status, --pid and --port each name the server: give one of them"
refuses "--pid with --port" 2 "$one_of" "$BUILD/probe" --pid $$ --port 1
refuses "--pid with --status" 2 "$one_of" "$BUILD/probe" --pid $$ --status "$scratch/none"
refuses "no port" 2 "--port: '0' is out of range; give a TCP port .from 1 to 65535" \
	"$BUILD/probe" --port 0
refuses "too short an interval" 2 "--interval: '1us' is out of range; give a time from 1ms" \
	"$BUILD/probe" --pid $$ --interval 1us
refuses "--bill with --record" 2 "--bill prints and exits, it records nothing" \
  "$BUILD/probe" --pid $$ --bill --record "$scratch"
refuses "--bill with --churn" 2 "--churn counts while the probe runs" \
  "$BUILD/probe" --pid $$ --bill --churn
refuses "--duration of no record" 2 "--duration is that of a record" \
  "$BUILD/probe" --pid $$ --duration 1s

# --- processes that cannot be followed ---
if [ "$(awk '{ print int($9 / 2097152) % 2 }' /proc/2/stat 2>/dev/null)" = 1 ]; then
  refuses "a kernel thread" 1 "process 2: it is a kernel thread" "$BUILD/probe" --pid 2
else
  skip "a kernel thread" "process 2 is none here"
fi
sleep 1000 &
other=$!
refuses "the bill of a process that listens nowhere" 1 "process $other listens on no TCP port" \
  "$BUILD/probe" --pid "$other" --bill --no-bpf
is "prints no bill" "$(cat "$scratch/.out")" ""
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  refuses "a process without rights" 1 "process $other: not permitted to look at it" \
    setpriv --reuid 65534 --clear-groups --inh-caps=-all "$BUILD/probe" --pid "$other"
else
  skip "a process without rights" "only root can give them up, with setpriv"
fi

# --- a page whose server was killed, and its process number used again ---
start_server glibc
ok "a page of a server that lives" "$BUILD/probe" --status "$status" --bill --no-bpf
kill -9 "$server"
wait "$server" 2>/dev/null
refuses "a page whose server has ended" 1 "process $server: there is none" \
  "$BUILD/probe" --status "$status"
# As if the number had come round: the page's bytes 16 to 19 are its server's (docs/record.md).
python3 -c 'import struct, sys
page = open(sys.argv[1], "r+b"); page.seek(16); page.write(struct.pack("=I", int(sys.argv[2])))' \
  "$status" "$other"
refuses "a page whose number is another process's" 1 \
  "left by a server that has ended; process $other is another one" "$BUILD/probe" --status "$status"

# --- with nothing to record there is no end ---
start probe "$BUILD/probe" --pid "$other" --no-bpf --interval 1ms
kept=$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status")
ok "a probe that records nothing reserves no room ($kept KiB)" test "$kept" -lt 16384
ok "it ends in order" stop "$pid"
ok "and has sampled all the same" grep -Eq "^[^ ]+ [1-9][0-9]* samples|[1-9][0-9]* samples" \
  "$scratch/probe.err"
done_testing
