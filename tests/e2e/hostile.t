#!/usr/bin/env bash
# Clients that do wrong, on purpose or not: each is told so by the right status or close code and cut
# off, its memory is bounded, and the others are served meanwhile.
#
# Of the architectures, multi and prefork are left out: what they do with a connection is loop.c, as
# in single; how they share the listener is nothing to a client, and is in architectures.t.
. "$(dirname "$0")/../lib/tap.sh"

hostile=tests/lib/hostile.py

# steps PROTOCOL
steps() {
  local http="requests_too_large junk doubtful_bodies slow_handshake pipelined_requests silent"
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

# Somebody else, again and again.
others() {
  local attacker=$1
  shift
  while :; do
    python3 tests/lib/conform.py "$@" converse || return
    kill -0 "$attacker" 2>/dev/null || return 0
  done
}

declare -A attackers bystanders servers pages

# attack NAME ARCH PROTOCOL OPTIONS...: begins it
attack() {
  local name=$1 arch=$2 protocol=$3 limit=()
  shift 3
  [ "$protocol" = websocket ] && limit=(--websocket-limit 128K)
  start_server glibc --arch "$arch" --protocol "$protocol" "${limit[@]}" --footprint session \
    --timeout 500ms "$@"
  servers[$name]=$server pages[$name]=$status
  # shellcheck disable=SC2046 # they are words
  python3 "$hostile" "$port" "$status" "$protocol" $(steps "$protocol") >"$scratch/$name" 2>&1 &
  attackers[$name]=$!
  others "${attackers[$name]}" "$port" "$protocol" >"$scratch/$name.others" 2>&1 &
  bystanders[$name]=$!
}

# judge NAME PROTOCOL: how it ended
judge() {
  local name=$1
  ok "$name: $(steps "$2")" wait "${attackers[$name]}"
  sed 's/^/# /' "$scratch/$name"
  wait "${bystanders[$name]}"
  is "$name: the others are served meanwhile" "$? $(tail -n 1 "$scratch/$name.others")" "0 "
  status=${pages[$name]}
  ok "$name: of the hostile nothing is left" eventually all_gone
  stop "${servers[$name]}"
  is "$name: the server ends with status 0" $? 0
}

uring_here=$("$BUILD/server-glibc" --arch uring --listen 127.0.0.1:0 --status /nowhere/x 2>&1)
for arch in single pool thread uring; do
  workers=()
  case $arch in pool | uring) workers=(--workers 2) ;; esac
  if [ $arch = uring ] && [[ $uring_here == *"no io_uring"* ]]; then
    skip "uring" "$uring_here"
    continue
  fi
  # Much of it is waiting: the protocols side by side.
  for protocol in echo feed websocket; do
    attack "$arch $protocol" "$arch" "$protocol" "${workers[@]}"
  done
  for protocol in echo feed websocket; do
    judge "$arch $protocol" "$protocol"
  done
done
attack "with buffers" single websocket --websocket-buffers 4K
judge "with buffers" websocket

done_testing
