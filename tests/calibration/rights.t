#!/usr/bin/env bash
# With less than root's rights, and with the server in a container: what can be had is had, what not
# is named with what is missing.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

needs_bpf bill_table
command -v setpriv >/dev/null || skip_all "setpriv is not installed"
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=+all)
chmod 755 "$scratch"
"${nobody[@]}" --inh-caps=-all test -x "$BUILD/probe" ||
  skip_all "user 65534 cannot reach $BUILD"

# probe_as CAPABILITIES OPTIONS...: as another user with only these, until it has started; what it
# said is in $said, and so is what it kept.
probe_as() {
  local capabilities=$1
  shift
  said=$scratch/said
  : >"$said"
  "${nobody[@]}" --inh-caps="$capabilities" --ambient-caps="$capabilities" "$BUILD/probe" "$@" \
    2>"$said" &
  pid=$!
  eventually grep -q "capabilities kept" "$said"
  stop "$pid"
}

says() { # PROGRAM REST-OF-ITS-LINE
  grep -Eq "^  $1 +$2" "$said"
}

mkdir -m 777 "$scratch/page"
status=$scratch/page/status
start server "${nobody[@]}" --inh-caps=-all "$BUILD/server-glibc" --listen 127.0.0.1:0 \
  --status "$status"
server=$pid

ok "with no rights it samples" probe_as -all --pid "$server"
ok "and names both capabilities" says page_freed \
  "skipped +not permitted: CAP_BPF and CAP_PERFMON are missing"
ok "with CAP_BPF alone" probe_as -all,+bpf --pid "$server"
ok "it names the other" says page_freed "skipped +not permitted: CAP_PERFMON is missing"
ok "with CAP_PERFMON alone" probe_as -all,+perfmon --pid "$server"
ok "it names the other" says page_freed "skipped +not permitted: CAP_BPF is missing"

ok "with both" probe_as -all,+bpf,+perfmon --pid "$server"
ok "bill, RSS and faults are had" sh -c \
  "grep -q 'bill_table  *attached' '$said' && grep -q 'processes_table  *attached' '$said'"
ok "releases want tracefs to be readable" says madvise_exit \
  "(attached|skipped +not permitted: CAP_DAC_READ_SEARCH is missing)"
ok "causes want uprobes" says release_end "(attached|skipped +not permitted: CAP_SYS_ADMIN is missing)"
ok "what stays is CAP_BPF" grep -Eq "capabilities kept: CAP_BPF$" "$said"
ok "with what was named all attach" probe_as -all,+bpf,+perfmon,+dac_read_search,+sys_admin \
  --pid "$server"
ok "none is skipped" sh -c "! grep -q skipped '$said'"
ok "and what stays is CAP_BPF" grep -Eq "capabilities kept: CAP_BPF$" "$said"

mkdir -m 755 "$scratch/theirs"
chown 65534 "$scratch/theirs"
start probe "$BUILD/probe" --status "$status" --record "$scratch/theirs"
ok "root records another user's server in that user's folder" stop "$pid"
ok "with all files" test -s "$scratch/theirs/samples.csv" -a -s "$scratch/theirs/releases.csv"
ok "and nothing was kept but CAP_BPF" grep -Eq "capabilities kept: CAP_BPF$" "$scratch/probe.err"

# --- containers ---
if unshare --net true 2>/dev/null && command -v nsenter >/dev/null && command -v ip >/dev/null; then
  status=$scratch/contained.status
  start contained unshare --net sh -c 'ip link set lo up; exec "$@"' sh "$BUILD/server-glibc" \
    --listen 127.0.0.1:3033 --status "$status"
  server=$pid
  nsenter --net="/proc/$server/ns/net" "$BUILD/pulse" --connect 127.0.0.1:3033 --burst 10 --bursts 1 \
    --linger 60s --window 0 --trickle 0 >/dev/null 2>&1 &
  ok "a server in a network of its own" eventually field_is open 10
  ok "its bill is read there" grep -Eq "^server +connection +10 " \
    <("$BUILD/probe" --pid "$server" --bill)
  start theirs unshare --net "${nobody[@]}" --inh-caps=-all "$BUILD/server-glibc" \
    --listen 0.0.0.0:3033 --status "$scratch/page/theirs"
  mkdir -m 777 "$scratch/nothing"
  refuses "which cannot be entered without rights" 1 "eBPF: Operation not permitted" \
    "${nobody[@]}" --inh-caps=-all "$BUILD/probe" --pid "$pid" --record "$scratch/nothing"
  is "leaves no file without a header" "$(find "$scratch/nothing" -empty)" ""
else
  skip "a server in a network of its own" "unshare --net is not permitted here"
  skip "which cannot be entered without rights" "unshare --net is not permitted here"
  skip "leaves no file without a header" "unshare --net is not permitted here"
  skip "its bill is read there" "unshare --net is not permitted here"
fi
if unshare --pid --fork --mount-proc true 2>/dev/null; then
  mkdir "$scratch/inside"
  unshare --pid --fork --mount-proc "$BUILD/probe" --pid 1 --record "$scratch/inside" \
    --duration 100ms 2>"$scratch/said"
  ok "a probe in a container says that it must be outside" grep -q \
    "the probe is in a pid namespace (a container) of its own; start it outside" "$scratch/said"
else
  skip "a probe in a container says that it must be outside" "unshare --pid is not permitted here"
fi
done_testing
