#!/usr/bin/env bash
# Whose connection a socket is, with eBPF and without, where that is not plain.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

needs_bpf bill_table

# peer HOW...: leaves $server (pid), and $orders and $answers to talk to it.
peer() {
  local here
  here=$(dirname "${BASH_SOURCE[0]}")
  coproc PEER { exec "${prefix[@]}" python3 "$here/../lib/sockets.py" "$@"; }
  server=$PEER_PID
  exec {answers}<&"${PEER[0]}" {orders}>&"${PEER[1]}"
  read -r _ <&"$answers"
}

no_peer() {
  kill "$server"
  wait "$server" 2>/dev/null
  exec {answers}<&- {orders}>&-
}

bill() { # OPTIONS...
  "$BUILD/probe" --pid "$server" --bill "$@" >"$scratch/bill" 2>"$scratch/bill.err"
}

# billed END ROLE FIELD: 3 connections, 4 total
billed() {
  awk -v end="$1" -v role="$2" -v field="$3" \
    '$1 == end && $2 == role { found = $field } END { print found + 0 }' "$scratch/bill"
}

ends() {
  echo "$(billed server connection 3) $(billed client connection 3)"
}

loss() { # NAME
  awk -F, -v name="$1" '$1 == name { print $3 }' "$record/losses.csv"
}

# --- a server on any address, and a connection to the same port of another host ---
prefix=(unshare --net sh -c 'ip link set lo up && ip route add 198.51.100.1 dev lo && exec "$@"' sh)
if "${prefix[@]}" true 2>/dev/null; then
  peer elsewhere 198.51.100.1
  ok "the bill of a server on any address" bill
  is "a connection to that port elsewhere is no client of it" "$(ends)" "2 2"
  ok "the same from sock_diag" bill --no-bpf
  is "which agrees" "$(ends)" "2 2"
  no_peer
else
  for what in "bill of a server on any address" "connection elsewhere" "same from sock_diag" "agrees"; do
    skip "$what" "a network with a route of its own is not permitted here"
  done
fi
prefix=()

# --- a port that the server closes ---
peer closes
start_probe --pid "$server"
bill_has() {
  awk -v wanted="$1" '$1 == "server" && $2 == "connection" { found = $3 } END { exit found != wanted }' \
    "$pins/$probe/iters/bill"
}
ok "two ports, a connection to each" eventually bill_has 2
echo >&"$orders"
read -r _ <&"$answers"
ok "a port that was closed is not served any more" eventually bill_has 1
stop_probe
no_peer

# --- more in epoll than is looked for ---
peer watched
start_probe --pid "$server"
ok "a connection in five epoll sets" eventually bill_has 1
stop_probe
ok "what the walk left out is a loss" test "$(loss walk_cut)" -ge 1
is "others are none" "$(loss endpoints_full),$(loss addresses_full),$(loss bill_full)" "0,0,0"
no_peer

# --- closed, and not yet sent ---
peer orphaned
ok "the bill of a connection that the server has closed" bill
is "it is in the bill until the kernel is done with it" "$(ends)" "1 1"
has_queue() { # it shrinks while the client's window lets some of it through
  [ "$(billed server send_queue 4)" -ge 65536 ]
}
ok "with its queue" has_queue
ok "the same from sock_diag" bill --no-bpf
is "which agrees" "$(ends)" "1 1"
ok "and has the queue, too" has_queue
no_peer

# --- the pinned table and the printed one ---
coproc UNREAD { exec python3 "$(dirname "$0")/../lib/unread.py"; }
server=$UNREAD_PID
read -r _ <&"${UNREAD[0]}"
start_probe --pid "$server"
ok "the bill printed" bill
rows() {
  awk '$1 == "server" || $1 == "client" { $1 = $1; print }' "$1"
}
# One that the probe reads at the same moment is void.
pinned_bill() {
  cat "$pins/$probe/iters/bill" >"$scratch/pinned" && grep -q "^server connection" "$scratch/pinned"
}
ok "the pinned one read" eventually pinned_bill
is "iters/bill says the same, median and all" \
  "$(rows "$scratch/pinned")" "$(rows "$scratch/bill")"
stop_probe
done_testing
