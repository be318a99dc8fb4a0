#!/usr/bin/env bash
# Clients that do wrong, on purpose or not: each is told so by the right status or close code and cut
# off, its memory is bounded, and the others are served meanwhile.
. "$(dirname "$0")/../lib/tap.sh"

hostile=tests/lib/hostile.py

# steps PROTOCOL
steps() {
  local http="requests_too_large junk slow_handshake pipelined_requests silent"
  case $1 in
  echo) echo floods ;;
  feed) echo "$http" junk_behind ;;
  websocket)
    echo "$http" deaf_to_close bytewise_handshake violations half_messages slow_message floods
    ;;
  esac
}

all_gone() {
  [ "$(field open live_bytes state_bytes)" = "0 0 0" ]
}

# attack ARCH PROTOCOL OPTIONS...
attack() {
  local arch=$1 protocol=$2 limit=() served=0 attacker
  shift 2
  [ "$protocol" = websocket ] && limit=(--websocket-limit 128K)
  start_server glibc --arch "$arch" --protocol "$protocol" "${limit[@]}" --footprint session \
    --timeout 500ms "$@"
  # shellcheck disable=SC2046 # they are words
  python3 "$hostile" "$port" "$status" "$protocol" $(steps "$protocol") >"$scratch/attack" 2>&1 &
  attacker=$!
  pids+=("$attacker")
  # Somebody else, again and again.
  while :; do
    python3 tests/lib/conform.py "$port" "$protocol" converse >>"$scratch/others" 2>&1 || served=$?
    kill -0 "$attacker" 2>/dev/null || break
  done
  ok "$arch $protocol: $(steps "$protocol")" wait "$attacker"
  sed 's/^/# /' "$scratch/attack"
  is "$arch $protocol: the others are served meanwhile" "$served" 0
  ok "$arch $protocol: of the hostile nothing is left" eventually all_gone
  stop "$server"
  is "$arch $protocol: the server ends with status 0" $? 0
}

uring_here=$("$BUILD/server-glibc" --arch uring --listen 127.0.0.1:0 --status /nowhere/x 2>&1)
# What multi, prefork and pool would do with them is done by the same code as in single.
for arch in single thread uring; do
  workers=()
  [ $arch = uring ] && workers=(--workers 2)
  if [ $arch = uring ] && [[ $uring_here == *"no io_uring"* ]]; then
    skip "uring" "$uring_here"
    continue
  fi
  for protocol in echo feed websocket; do
    attack "$arch" "$protocol" "${workers[@]}"
  done
done
attack single websocket --websocket-buffers 4K

done_testing
