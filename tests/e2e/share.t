#!/usr/bin/env bash
# Processes that share a listener: one that is full leaves what waits to those that have room.
. "$(dirname "$0")/../lib/tap.sh"

# Only in the background, where it has a shell of its own to become the server.
become_with_few_files() {
  ulimit -n 60
  exec "$@"
}

# come COUNT: so many clients, each served or shed in the end.
come() {
  coproc CLIENTS { exec python3 tests/lib/clients.py "$port" "$1"; }
  out=${CLIENTS[0]} in=${CLIENTS[1]} clients=$CLIENTS_PID
  came=$((came + $1))
  read -r -t 60 _ <&"$out" && eventually all_came
}

all_came() {
  local opened shed
  read -r opened shed <<<"$(field opened shed)"
  [ $((opened + shed)) = "$came" ]
}

# ask ORDER: of the clients
ask() {
  echo "$1" >&"$in"
  read -r -t 60 _ <&"$out"
}

leave() {
  exec {in}>&-
  wait "$clients" 2>/dev/null
  eventually field_is open 0
}

# nth_worker N: of those that there are
nth_worker() {
  field pids | tr -d '[],' | cut -d' ' -f"$1"
}

workers_are() {
  [ "$(field pids | wc -w)" = "$1" ]
}

status=$scratch/status came=0
start server become_with_few_files "$BUILD/server-glibc" --listen 127.0.0.1:0 --status "$status" \
  --arch prefork --workers 3 --share listener
server=$pid
port=$(field port)
ok "more come than all have room for" come 200
read -r room shed <<<"$(field opened shed)"
is "no worker sheds before all are full" "$(field full)" 3
ok "and then they do ($room served, $shed shed)" test "$shed" -gt 0
ok "they leave" leave
ok "so that all have room again" eventually field_is full 0

ok "as many come as there is room for" come "$room"
is "nobody is shed" "$(field open shed)" "$room $shed"
for _ in 1 2 3; do
  ask "close 7"
  ok "seven leave" eventually field_is open $((room - 7))
  ask "open 7"
  ok "seven others come" eventually field_is open "$room"
  is "nobody is shed" "$(field shed)" "$shed"
done

kill -KILL "$(nth_worker 1)"
ok "a full worker that dies is replaced" eventually field_is replaced 1
left=$(field open)
ask "open $((room - left))"
ok "by one that has room" eventually field_is open "$room"
is "nobody is shed" "$(field shed)" "$shed"
ok "all leave" leave
ok "SIGTERM ends them in order" stop "$server"

# --- one that died and cannot be replaced has no room ---
if ! ${CC:-gcc} -shared -fPIC -D_GNU_SOURCE tests/lib/childless.c -o "$scratch/childless.so" -ldl \
  2>"$scratch/err"; then
  skip "nobody waits for one that is dead" "cannot compile tests/lib/childless.c"
else
  status=$scratch/childless.status came=0
  CHILDLESS=$scratch/childless LD_PRELOAD=$scratch/childless.so \
    ASAN_OPTIONS=verify_asan_link_order=0 start childless become_with_few_files \
    "$BUILD/server-glibc" --listen 127.0.0.1:0 --status "$status" --arch prefork --workers 2 \
    --share listener
  server=$pid
  port=$(field port)
  # Of two that are full, one has left the listener to the other.
  for worker in 1 2; do
    ok "more come than both have room for" come 120
    touch "$scratch/childless"
    kill -KILL "$(nth_worker $worker)"
    ok "worker $worker dies, and cannot be replaced" eventually workers_are 1
    ask "open 5"
    came=$((came + 5))
    ok "those who come are served or shed by the other" eventually all_came
    rm "$scratch/childless"
    ok "it is replaced as soon as that can be" eventually workers_are 2
    ok "all leave" leave
    ok "so that there is room again" eventually field_is full 0
  done
  stop "$server"
fi
done_testing
