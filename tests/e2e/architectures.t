#!/usr/bin/env bash
# Every architecture with every protocol, on the C library's malloc and on our own: open, answer,
# half-close, reset, clients that do wrong, too few descriptors, an end in the middle of it.
# ARCHS="prefork uring" runs the pairs of these only.
. "$(dirname "$0")/../lib/tap.sh"

server_glibc=$BUILD/server-glibc
conform=tests/lib/conform.py

# Sockets of a test may not outlive it, and their number is what counts, not what a client saw.
all_gone() {
  [ "$(field open live_bytes state_bytes)" = "0 0 0" ]
}

# steps PROTOCOL: what applies to it
steps() {
  case $1 in
  idle) echo converse half_close reset ;;
  echo) echo converse half_close reset unread ;;
  feed) echo converse half_close reset half_handshake bytewise refusals ;;
  websocket) echo converse half_close reset unread half_handshake bytewise pipelined refusals violations ;;
  esac
}

# end_in_flight NAME PROTOCOL: SIGTERM while 20 clients are in the middle of something
end_in_flight() {
  local answer
  coproc HOLD { exec python3 "$conform" "$port" "$2" hold; }
  local out=${HOLD[0]} hold=$HOLD_PID
  read -r -t 60 answer <&"$out"
  is "$1 $2: 20 are held" "$answer" "held 20"
  kill "$server"
  read -r -t 60 answer <&"$out"
  is "$1 $2: SIGTERM ends them all" "$answer" "ended 20"
  wait "$hold" 2>/dev/null
  wait "$server"
  is "$1 $2: and the server, with status 0" $? 0
  is "$1 $2: nothing is left of them" "$(field open live_bytes state_bytes)" "0 0 0"
}

pair() {
  local steps
  steps=$(steps "$protocol")
  start_server "$allocator" --arch "$@" --footprint session --timeout 500ms
  # shellcheck disable=SC2086 # they are words
  ok "$allocator $arch $protocol: $steps" python3 "$conform" "$port" "$protocol" $steps
  ok "$allocator $arch $protocol: all are gone" eventually all_gone
  end_in_flight "$allocator $arch" "$protocol"
}

# Only in the background, where it has a shell of its own to become the server.
become_with_few_files() {
  ulimit -n 60
  exec "$@"
}

# few_files OPTIONS...: servers of every protocol, of that architecture
few_files() {
  local name protocol came line pids=() pages=()
  for protocol in idle echo feed websocket; do
    name=few-$allocator-$arch-$protocol
    start "$name" become_with_few_files "$BUILD/server-$allocator" --listen 127.0.0.1:0 \
      --protocol "$protocol" --status "$scratch/$name.status" --arch "$@"
    pids+=("$pid")
    pages+=("$scratch/$name.status:$protocol")
  done
  exec {came}< <(python3 tests/lib/overfull.py 150 "${pages[@]}" 2>&1)
  for protocol in idle echo feed websocket; do
    read -r -u "$came" line
    name="$allocator $arch $protocol"
    is "$name: of too many clients some are shed, none is left, others are served" "$line" \
      "shed left served"
    ok "$name: with the fix" grep -q "ulimit -n" "$scratch/few-$allocator-$arch-$protocol.err"
    stop "${pids[0]}"
    is "$name: it ends with status 0" $? 0
    pids=("${pids[@]:1}")
  done
  exec {came}<&-
}

# rests: while there is no memory to accept with, 30 times, 10 ms and more after each.
rests() {
  [ "$(cat "$scratch/memoryless")" -ge 290 ]
}

no_memory() {
  if ! ${CC:-gcc} -shared -fPIC -D_GNU_SOURCE tests/lib/memoryless.c -o "$scratch/memoryless.so" \
    -ldl 2>"$scratch/err"; then
    skip "uring: no memory to accept with" "cannot compile tests/lib/memoryless.c"
    return
  fi
  MEMORYLESS=$scratch/memoryless LD_PRELOAD=$scratch/memoryless.so \
    ASAN_OPTIONS=verify_asan_link_order=0 start_server glibc --arch uring --protocol echo
  ok "uring: who comes while there is no memory is served later" \
    python3 "$conform" "$port" echo converse
  ok "uring: it does not try without a rest" rests
  stop "$server"
}

uring_here=$("$server_glibc" --arch uring --listen 127.0.0.1:0 --status /nowhere/x 2>&1)

# every_pair OPTIONS...: of the allocator
every_pair() {
  local workers
  for arch in ${ARCHS:-single multi prefork pool thread uring}; do
    workers=()
    case $arch in multi | prefork | pool | uring) workers=(--workers 2) ;; esac
    if [ "$arch" = uring ] && [[ $uring_here == *"no io_uring"* ]]; then
      skip "$allocator: uring" "$uring_here"
      continue
    fi
    for protocol in idle echo feed websocket; do
      pair "$arch" "${workers[@]}" --protocol "$protocol" "$@"
    done
    few_files "$arch" "${workers[@]}" "$@"
  done
}

allocator=slab # its blocks move while connections talk
every_pair --tune compact=on --release every=50ms
allocator=glibc
every_pair

[[ "${ARCHS:-uring}" != *uring* || $uring_here == *"no io_uring"* ]] || no_memory

# --- one listener for all workers ---
protocol="echo"
for arch in multi prefork; do
  pair "$arch" --workers 3 --share listener --protocol echo
done

# --- websocket with buffers of its own ---
start_server glibc --protocol websocket --websocket-buffers 4K --timeout 500ms
# shellcheck disable=SC2046 # they are words
ok "websocket with buffers: the same" python3 "$conform" "$port" websocket $(steps websocket)
ok "websocket with buffers: all are gone" eventually all_gone
stop "$server"

# --- a worker dies ---
start_server glibc --arch prefork --workers 2 --protocol echo --footprint session
worker() {
  field pids | tr -d '[],' | cut -d' ' -f"$1"
}
ok "two workers" eventually sh -c "[ \$(python3 tests/lib/status.py $status pids | wc -w) = 2 ]"
coproc CLIENTS { exec python3 tests/lib/clients.py "$port" 40; }
clients_out=${CLIENTS[0]} clients_in=${CLIENTS[1]} clients=$CLIENTS_PID
read -r -t 60 _ <&"$clients_out"
ok "40 clients of two workers" eventually field_is open 40
first=$(worker 1) second=$(worker 2)
kill -KILL "$first"
ok "a worker that dies is replaced" eventually field_is replaced 1
lost=$((40 - $(field open)))
is "its connections are no longer counted" "$(field live_bytes)" $(((40 - lost) * 8956))
ok "it is said" grep -q "(pid $first) was killed by signal 9; it is replaced" "$server_err"
ok "the replacement serves" python3 "$conform" "$port" echo converse
exec {clients_in}>&-
wait "$clients" 2>/dev/null
ok "the account is complete" eventually field_is open 0
kill "$server"
wait "$server"
is "SIGTERM ends the parent with status 0" $? 0
is "and the workers" "$(ps -o pid= -p "$second" | wc -l)" 0

# --- a worker does not end; this goes on behind the others ---
start_server glibc --arch prefork --workers 2
ok "two workers again" eventually sh -c "[ \$(python3 tests/lib/status.py $status pids | wc -w) = 2 ]"
stuck=$server stuck_worker=$(worker 1) stuck_err=$server_err stuck_status=$status
kill -STOP "$stuck_worker"
kill "$stuck"

# --- releases are of the whole process ---
for arch in multi pool uring; do
  [ $arch = uring ] && [[ $uring_here == *"no io_uring"* ]] && continue
  start_server glibc --arch $arch --workers 3 --footprint session --release drop=50%
  coproc CLIENTS { exec python3 tests/lib/clients.py "$port" 200; }
  clients_out=${CLIENTS[0]} clients_in=${CLIENTS[1]} clients=$CLIENTS_PID
  read -r -t 60 _ <&"$clients_out"
  ok "$arch: 200 clients of three workers" eventually field_is open 200
  echo "close 90" >&"$clients_in"
  read -r -t 60 _ <&"$clients_out"
  ok "$arch: 90 of 200 go" eventually field_is closed 90
  is "$arch: drop=50% does not fire for them" "$(field releases)" 0
  echo "close 20" >&"$clients_in"
  read -r -t 60 _ <&"$clients_out"
  ok "$arch: it fires for 110, once" eventually field_is releases 1
  exec {clients_in}>&-
  wait "$clients" 2>/dev/null
  stop "$server"
done

# --- thread says what it cannot ---
start_server glibc --arch thread --release quiet=100ms --footprint session
ok "thread: says that only the process releases" grep -q "only the process releases" "$server_err"
python3 "$conform" "$port" idle converse
has_released() { # more than once, when the clients pause for so long
  [ "$(field releases)" -ge 1 ]
}
ok "thread: and it does" eventually has_released
stop "$server"

# --- the worker that does not end ---
wait "$stuck"
is "SIGTERM ends the parent of a worker that is stopped" $? 0
# Its number may have come round by now; its command line is that of its parent.
no_program_has() {
  ! grep -lsF "$1" /proc/[0-9]*/cmdline
}
ok "after it has killed it" no_program_has "$stuck_status"
ok "which is said" grep -q "killing 1 worker(s) that have not ended within 10 s" "$stuck_err"

# --- what does not go together ---
s=$server_glibc
refuses "workers without threads" 2 "--workers: only --arch multi, prefork, pool or uring" "$s" --workers 2
refuses "no workers" 2 "--workers: '0' is out of range; give a whole number from 1 to 4096" "$s" --arch multi --workers 0
refuses "too many workers" 2 "--workers: '4097' is out of range; give .* to 4096" "$s" --arch multi --workers 4097
refuses "a limit of nothing" 2 "--websocket-limit: '0' is out of range; give a size from 1 to 1G" \
	"$s" --protocol websocket --websocket-limit 0
refuses "too large buffers" 2 "--websocket-buffers: '2G' is out of range; give a size from 1 to 1G" \
	"$s" --protocol websocket --websocket-buffers 2G
refuses "a stack without threads" 2 "--stack: only --arch thread" "$s" --stack 64K
refuses "too small a stack" 2 "--stack: '31K' is not a size from 32K" "$s" --arch thread --stack 31K
refuses "too short a patience" 2 "--timeout: '900ns' is not a time of at least 1ms" "$s" --timeout 900ns
refuses "nothing to share" 2 "--share: only the workers" "$s" --arch pool --share listener
refuses "sharing something else" 2 "--share: 'cpu' is not port or listener" "$s" --arch multi --share cpu
refuses "a limit without messages" 2 "--websocket-limit: only --protocol websocket" "$s" --websocket-limit 1M
refuses "buffers without WebSocket" 2 "--websocket-buffers: only" "$s" --websocket-buffers 4K
refuses "a log of several processes" 2 "--log-every: not with --arch prefork" "$s" --arch prefork --log-every 10
# too_many_workers ARCH COUNT: prefork's need descriptors before there are any, the others' later.
too_many_workers() {
  sh -c 'ulimit -n 200; exec "$@"' sh "$s" --listen 127.0.0.1:0 --status "$scratch/many.status" \
    --arch "$1" --workers "$2" --ready-fd 9 9>"$scratch/ready" \
    >"$scratch/out" 2>"$scratch/err"
  is "$1: with descriptors for some of its workers it ends with status 1" $? 1
  ok "$1: with the fix" grep -q "Too many open files; .* ulimit -n, .* --workers$" "$scratch/err"
  is "$1: it has not said that it is ready" "$(wc -c <"$scratch/ready")" 0
}
too_many_workers multi 600
too_many_workers multi 60
too_many_workers prefork 600
[[ $uring_here == *"no io_uring"* ]] || too_many_workers uring 60

start_server glibc --arch multi
refuses "a port that another's workers share" 1 "Address already in use; choose another port" \
  "$s" --arch multi --listen "127.0.0.1:$port"
stop "$server"

done_testing
