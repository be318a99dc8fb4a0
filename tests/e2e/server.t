#!/usr/bin/env bash
# The server: what it serves, counts and says, with real connections.
. "$(dirname "$0")/../lib/tap.sh"

clients=tests/lib/clients.py

# clients_start COUNT [--send]: $clients_in and $clients_out talk with them.
clients_start() {
  coproc TALK { exec python3 "$clients" "$port" "$@"; }
  clients_pid=$TALK_PID
  clients_out=${TALK[0]}
  clients_in=${TALK[1]}
  read -r -t 60 answer <&"$clients_out"
}

clients_say() {
  echo "$1" >&"$clients_in"
  read -r -t 60 answer <&"$clients_out"
}

clients_end() {
  exec {clients_in}>&-
  wait "$clients_pid"
}

# --- opening, closing, the account ---
start_server glibc --footprint session
clients_start 25
ok "25 connections are counted" eventually field_is open 25
is "live is footprint times open" "$(field live_bytes)" $((25 * 8956))
is "live blocks too" "$(field live_blocks)" $((25 * 4))
clients_say "close 10"
ok "10 closes are counted" eventually field_is closed 10
is "live falls with them" "$(field live_bytes)" $((15 * 8956))
kill "$server"
clients_say ended
is "SIGTERM: every client sees the end" "$answer" "ended 15"
wait "$server"
is "and the server ends with status 0" $? 0
is "all are closed on the status page" "$(field open) $(field live_bytes) $(field state)" "0 0 2"
ok "the summary counts them" grep -q "served 25 connections, shed 0" "$server_out"
clients_end

# --- lifetimes: a sleeping loop wakes for them ---
start_server glibc --footprint 64,1Kx2@100ms,4K@first-byte
clients_start 5
ok "blocks with a lifetime go without traffic" eventually field_is live_bytes $((5 * 64))
clients_end
clients_start 5 --send
ok "data takes the first-byte block" eventually field_is live_bytes $((5 * (64 + 4096)))
clients_end
ok "a close gives all of it back" eventually field_is live_bytes 0
stop "$server"

# --- out of descriptors ---
# Only in the background, where it has a shell of its own to become the server.
become_with_few_files() {
  ulimit -n 40
  exec "$@"
}
start few become_with_few_files "$BUILD/server-glibc" --listen 127.0.0.1:0 --status "$scratch/few.status" \
  --log-every 1 --footprint 64Kx4
server=$pid status=$scratch/few.status
port=$(field port)
clients_start 60
all_decided() {
  [ $(($(field opened) + $(field shed))) = 60 ]
}
ok "too many clients: every one is either served or shed" eventually all_decided
ok "more than 20 are served" test "$(field opened)" -gt 20
is "it is said once" "$(grep -c "shedding a connection" "$scratch/few.err")" 1
ok "with the fix" grep -q "ulimit -n" "$scratch/few.err"
served=$(field opened)
clients_say "close 5"
ok "closing makes room" eventually field_is closed 5
(exec 3<>"/dev/tcp/127.0.0.1/$port" && exec sleep 60 <&3) &
ok "and new clients are served" eventually field_is opened $((served + 1))
stop "$server"
clients_end
# Blocks are touched, so that all live memory is held; statm is some pages behind.
holds_what_lives() {
  awk '/^ *[0-9]/ && $2 >= 20 { n++; if (!($3 + 0) || 2 * $3 < $4) { print; bad = 1 } }
    END { exit bad || !n }' "$1"
}
ok "what it held then is known" holds_what_lives "$scratch/few.out"
start few-threads become_with_few_files "$BUILD/server-glibc" --listen 127.0.0.1:0 \
  --status "$scratch/few-threads.status" --arch thread --log-every 1 --footprint 64Kx4
server=$pid status=$scratch/few-threads.status
port=$(field port)
clients_start 60
ok "thread: every client is either served or shed" eventually all_decided
stop "$server"
clients_end
ok "thread: what it held then is known" holds_what_lives "$scratch/few-threads.out"

# --- out of what the whole system shares: files, which others take, too, and room in epoll ---
if ! ${CC:-gcc} -shared -fPIC -D_GNU_SOURCE tests/lib/crowd.c -o "$scratch/crowd.so" -ldl 2>"$scratch/err"; then
  skip "the system has no more" "cannot compile tests/lib/crowd.c"
else
  for arch in single multi prefork pool thread; do
    CROWD=$scratch/crowd-$arch LD_PRELOAD=$scratch/crowd.so ASAN_OPTIONS=verify_asan_link_order=0 \
      start_server glibc --arch $arch --protocol echo
    steps=(shed starve shed)
    [ $arch = thread ] || steps+=(unwatched) # it has no epoll
    ok "$arch: the system has no more: ${steps[*]}" \
      python3 tests/lib/crowded.py "$port" "$status" "$scratch/crowd-$arch" "${steps[@]}"
    stop "$server"
    is "$arch: it ends with status 0" $? 0
  done
fi

# --- release policies ---
start_server glibc --footprint session --release quiet=1s
is "no release before any traffic" "$(field releases)" 0
clients_start 500
clients_end
ok "quiet fires once when traffic rests" eventually field_is releases 1
ok "its stall is recorded" test "$(field stall_max)" -gt 0
ok "and what of it was CPU time" test "$(field stall_cpu_max)" -gt 0
ok "the markers are exported" sh -c \
  "nm -D $BUILD/server-glibc | grep -c 'T tidemark_release_\(begin\|end\)' | grep -qx 2"
stop "$server"
start_server glibc --footprint session --release every=50ms
releases_reach() {
  [ "$(field releases)" -ge "$1" ]
}
ok "every fires without traffic, again and again" eventually releases_reach 3
stop "$server"

# A worker looks at itself, and not at the parent that it was a copy of.
if [ -n "$SANITIZE" ]; then
  skip "prefork: what a worker released is known" "sanitizers have memory of their own"
else
  start_server glibc --arch prefork --workers 1 --footprint 64Kx4 --release quiet=200ms
  clients_start 60
  ok "prefork: 60 clients" eventually field_is open 60
  clients_say "close 40"
  # Of 10 that have become free below those who stay.
  released_5_megabytes() {
    [ "$(field released_bytes)" -ge 5000000 ]
  }
  ok "prefork: what a worker released is known" eventually released_5_megabytes
  stop "$server"
  clients_end
fi

# --- log ---
start_server glibc --footprint 64 --log-every 10
clients_start 30
ok "the last client is counted" eventually field_is open 30
clients_end
ok "all gone" eventually field_is open 0
ok "--log-every: a head, then a line whenever ten more came or went" awk '
  NR == 1 { head = $1 == "cycle" && $2 == "clients" && $3 == "held_kib"; next }
  { step = int($2 / 10); if (step == last) repeated = 1; last = step }
  $2 == 30 && $6 == 30 { full = 1 }
  END { exit !(head && full && last == 0 && !repeated) }' "$server_out"
stop "$server"

# --- what it says of itself ---
start_server glibc
ok "it says which allocator is live, and how it knows" grep -q "proof=malloc is in" "$server_err"
refuses "a port in use" 1 "--listen 127.0.0.1:$port: Address already in use; choose another port" \
  "$BUILD/server-glibc" --listen "127.0.0.1:$port"
stop "$server"
s=$BUILD/server-glibc
refuses "an unknown option" 2 "did you mean --footprint" "$s" --footprints 1
refuses "a bad footprint" 2 "--footprint: '64x0' is not a footprint" "$s" --footprint 64x0
refuses "a footprint of too many blocks" 2 "'64x300,4Kx4@50ms' is out of range; give .* 256 blocks" \
	"$s" --footprint 64x300,4Kx4@50ms
refuses "an unknown preset" 2 "--footprint: 'sesion' is not .*session" "$s" --footprint sesion
refuses "a bad policy" 2 "--release: 'quite=1s' is not a release policy" "$s" --release quite=1s
refuses "a policy without its unit" 2 "--release: 'quiet=1' is not" "$s" --release quiet=1
refuses "an unknown protocol" 2 "--protocol: 'http' is not a protocol" "$s" --protocol http
refuses "an unknown architecture" 2 "--arch: 'dual' is not an architecture" "$s" --arch dual
refuses "a name instead of an address" 2 "--listen: 'localhost:1' is not a numeric" "$s" --listen localhost:1
refuses "an unknown knob" 2 "glibc has no such knob; it has .*trim_threshold" "$s" --tune frobnicate=1
ok "--check ends without listening" "$s" --check --tune arena_max=1 --listen 127.0.0.1:1 --status /nowhere/x
refuses "--check of a value that the allocator refuses" 2 "trim_threshold=x: glibc refused the value" "$s" --check --tune trim_threshold=x
refuses "a knob without a value" 2 "--tune: 'mxfast' is not KEY=VALUE" "$s" --tune mxfast
refuses "a status page that cannot be written" 1 "--status /nowhere/x: No such file" "$s" \
  --listen 127.0.0.1:0 --status /nowhere/x
refuses "an operand" 2 "'session': not an option" "$s" session

done_testing
