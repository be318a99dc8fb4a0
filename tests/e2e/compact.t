#!/usr/bin/env bash
# Few scattered survivors of 2,000 connections, moved together by our own allocator while they talk:
# what is held comes near to what is in use, and nothing of what is said is lost.
. "$(dirname "$0")/../lib/tap.sh"

block_bytes=8956 # of the footprint "session"
server_slab=$BUILD/server-slab

# Of all processes of the server that hold connections.
anonymous() {
  local pids
  pids=$(field pids | tr -d '[],')
  # shellcheck disable=SC2046,SC2086 # they are words
  awk '$1 == "Anonymous:" { sum += $2 * 1024 } END { print sum }' \
    $(printf '/proc/%s/smaps_rollup ' $pids)
}

# clients COUNT SHARE: of whom one in SHARE will stay; leaves $to, $from and $clients
clients() {
  coproc CLIENTS { exec python3 tests/lib/scatter.py "$port" "$@"; }
  to=${CLIENTS[1]} from=${CLIENTS[0]} clients=$CLIENTS_PID
  answer
}

answer() {
  answer=
  read -r -t 120 answer <&"$from"
}

end_clients() {
  exec {to}>&-
  wait "$clients" 2>/dev/null
}

has_released() { # TIMES
  [ "$(field releases)" -ge "$1" ]
}

# The first connections make pages that stay: a loop's table, an allocator's descriptions.
warm_up() {
  clients 40 1
  end_clients
  eventually field_is open 0
  eventually has_released 1
  base=$(anonymous)
}

# most SURVIVORS: bytes that may be held with so many, a quarter more than is in use, and the pages
# that any number of connections takes.
most() {
  echo $(($1 * block_bytes * 5 / 4 + 65536))
}

is_packed() { # SURVIVORS
  [ $(($(anonymous) - base)) -le "$(most "$1")" ]
}

check_packed() { # ARCH SURVIVORS
  if [ -n "$SANITIZE" ]; then
    skip "$1: all but theirs is handed back" "sanitizers have memory of their own"
    return
  fi
  # Where there are rings, their buffers go only a second after the last word.
  ok "$1: all but theirs is handed back" eventually is_packed "$2"
  echo "# $1, $2 stay: $(($(anonymous) - base)) bytes held, $(($2 * block_bytes)) in use"
}

# survive ARCH SHARE: one in SHARE stays and talks meanwhile
survive() {
  local arch=$1 left=$((2000 / $2)) before
  clients 2000 "$2"
  is "$arch: 2,000 are open" "$answer" "open 2000"
  before=$(field releases)
  echo scatter >&"$to"
  answer
  is "$arch: $left stay" "$answer" "left $left"
  echo "talk $scratch/enough" >&"$to"
  ok "$arch: a release comes while they talk" eventually has_released $((before + 1))
  touch "$scratch/enough"
  answer
  is "$arch: nothing that they said was lost" "$answer" answered
  is "$arch: they are as they were" "$(field open live_bytes live_blocks)" \
    "$left $((left * block_bytes)) $((left * 4))"
  rm "$scratch/enough"
  check_packed "$arch" "$left"
  end_clients
  ok "$arch: they go" eventually field_is open 0
}

for arch in ${ARCHS:-single multi prefork pool uring}; do
  workers=()
  [ "$arch" = single ] || workers=(--workers 2)
  uring=$("$server_slab" --arch "$arch" --listen 127.0.0.1:0 --status /nowhere/x 2>&1)
  if [[ $uring == *"no io_uring"* ]]; then
    skip "$arch" "$uring"
    continue
  fi
  start_server slab --arch "$arch" "${workers[@]}" --protocol echo --footprint session \
    --release quiet=100ms --tune compact=on
  warm_up
  survive "$arch" 100
  survive "$arch" 10
  stop "$server"
  is "$arch: it ends with status 0" $? 0
  is "$arch: with nothing in use" "$(field open live_bytes state_bytes)" "0 0 0"
done

# --- without compaction ---
pinned() { # SURVIVORS
  [ $(($(anonymous) - base)) -gt "$(most "$1")" ]
}
released() { # SURVIVORS: but the release has been
  [ $(($(anonymous) - base)) -lt $(($1 * block_bytes * 4)) ]
}
if [ -n "$SANITIZE" ]; then
  skip "without compaction" "sanitizers have memory of their own"
else
  start_server slab --protocol echo --footprint session --release quiet=100ms
  warm_up
  clients 2000 100
  echo scatter >&"$to"
  answer
  ok "without compaction: empty pages are handed back" eventually released 20
  echo "# single, 20 stay: $(($(anonymous) - base)) bytes held, $((20 * block_bytes)) in use"
  ok "without compaction: but survivors pin others" pinned 20
  end_clients
  stop "$server"
fi

# --- thread says what it cannot ---
start_server slab --arch thread --protocol echo --footprint session --release quiet=100ms --tune compact=on
ok "thread: says that no block is moved" grep -q "no block is moved" "$server_err"
clients 50 10
echo scatter >&"$to"
answer
ok "thread: releases all the same" eventually has_released 1
is "thread: nobody is lost" "$(field open live_bytes)" "5 $((5 * block_bytes))"
end_clients
stop "$server"

# --- advice without swap ---
if [ "$(awk '/SwapTotal/ { print $2 }' /proc/meminfo)" = 0 ]; then
  start_server slab --footprint session --release quiet=50ms --tune advice=pageout
  "$BUILD/pulse" --connect "127.0.0.1:$port" --burst 10 --bursts 1 --linger 10ms --burst-gap 0 \
    --window 0 --trickle 0 >"$scratch/pulse.out" 2>&1
  ok "pageout says that it does nothing without swap" eventually grep -q \
    "released nothing: advice=pageout needs swap" "$server_err"
  stop "$server"
else
  skip "pageout says that it does nothing without swap" "there is swap"
fi

done_testing
