#!/usr/bin/env bash
# kill -9 of the probe, the server or tidemark in a burst: nothing of it stays, no process and, once
# the next run has begun, nothing pinned; and the next run is complete.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

needs_bpf releases_table bill_table

long=(--burst 100 --bursts 1 --linger 60s --window 60s --trickle 0)
short=(--burst 200 --bursts 1 --linger 200ms --window 1500ms --trickle 0)

# tidemark_start LABEL OPTIONS-OF-PULSE...: in the background; $tidemark is its pid.
tidemark_start() {
  local label=$1
  shift
  "$BUILD/tidemark" run --runs "$scratch/runs" --label "$label" --allocators glibc \
    --footprint session -- "$@" >"$scratch/$label.out" 2>"$scratch/$label.err" &
  tidemark=$!
}

# The server's page in a run that is under way; then $status serves for field().
is_up() { # LABEL CONNECTIONS
  status=$(find "$scratch/runs" -path "*-$1/*.part/status" 2>/dev/null | head -n 1)
  [ -n "$status" ] && [ "$(field open 2>/dev/null)" = "$2" ]
}

# child NAME: the pid of that child of tidemark.
child() {
  local pids pid
  read -ra pids <"/proc/$tidemark/task/$tidemark/children"
  for pid in "${pids[@]}"; do
    [ "$(cat "/proc/$pid/comm")" != "$1" ] || echo "$pid"
  done
}

is_pinned() { # PID
  [ -d "$pins/$1" ]
}

nothing_pinned() { # PID
  ! is_pinned "$1"
}

gone() { # PID...
  local pid
  for pid in "$@"; do
    [ ! -e "/proc/$pid" ] || return 1
  done
}

verdict() { # LABEL
  find "$scratch/runs" -path "*-$1/*/run.json" -exec \
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["verdict"])' {} \;
}

# no_losses LABEL: no map of that run was full, nothing was dropped. (Programs may miss events of
# others: page_freed runs at each page that the machine frees.)
no_losses() {
  local file
  file=$(find "$scratch/runs" -path "*-$1/*/losses.csv")
  [ -s "$file" ] && [ "$(column "$file" count program -)" = 0 ]
}

# kill_in_burst VICTIM: leaves the pids of those who took part in $server, $probe, $pulse.
kill_in_burst() {
  tidemark_start "kill-$1" "${long[@]}"
  ok "$1: a burst is up" eventually is_up "kill-$1" 100
  server=$(field pid)
  probe=$(child probe)
  pulse=$(child pulse)
  ok "$1: the probe has its pins" is_pinned "$probe"
  kill -9 "${!1}"
  wait "$tidemark" 2>/dev/null
  ended=$?
  ok "$1: no process stays" eventually gone "$tidemark" "$server" "$probe" "$pulse"
}

# next_run VICTIM: the one behind the accident.
next_run() {
  tidemark_start "after-$1" "${short[@]}"
  wait "$tidemark"
  is "$1: the next run ends with status 0" $? 0
  is "$1: it is complete" "$(verdict "after-$1")" complete
  ok "$1: nothing is missing from its record" no_losses "after-$1"
  ok "$1: nothing of the dead is pinned" nothing_pinned "$probe"
  ok "$1: no name of theirs is left" test ! -L "$pins/next-$probe"
}

is_named() { # PID
  grep -rqs "removed the pins of probes that are gone:.*\<$1\>" "$scratch/runs" --include=probe.log
}

# others_swept PID: it is not named in our logs, and somebody else's probe is at work here.
others_swept() {
  local folder
  ! is_named "$1" || return 1
  for folder in "$pins"/[0-9]*; do
    [ ! -e "/proc/${folder##*/}" ] || return 0
  done
  return 1
}

kill_in_burst probe
is "probe: the run fails" "$ended" 1
is "probe: and is void" "$(verdict kill-probe)" void
ok "probe: with the reason" grep -q "void: probe ended with killed by signal 9" \
  "$scratch/kill-probe.err"
dead=$probe
next_run probe
named="probe: the next probe names what it has removed"
if ! others_swept "$dead"; then
  ok "$named" is_named "$dead"
else
  skip "$named" "another probe on this machine was quicker"
fi

kill_in_burst server
is "server: the run fails" "$ended" 1
is "server: and is void" "$(verdict kill-server)" void
ok "server: the probe has taken its pins with it" nothing_pinned "$probe"
next_run server

kill_in_burst tidemark
is "tidemark: killed" "$ended" 137
ok "tidemark: the probe has taken its pins with it" nothing_pinned "$probe"
is "tidemark: nothing looks finished" "$(verdict kill-tidemark)" ""
next_run tidemark

done_testing
