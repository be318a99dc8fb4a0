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
  pids+=("$CLIENTS_PID")
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

kill -KILL "$(field pids | tr -d '[],' | cut -d' ' -f1)"
ok "a full worker that dies is replaced" eventually field_is replaced 1
left=$(field open)
ask "open $((room - left))"
ok "by one that has room" eventually field_is open "$room"
is "nobody is shed" "$(field shed)" "$shed"
ok "all leave" leave
ok "SIGTERM ends them in order" stop "$server"
done_testing
