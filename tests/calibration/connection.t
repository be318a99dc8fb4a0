#!/usr/bin/env bash
# What an idle connection costs in the server's anonymous memory, with no footprint: 32 bytes at the
# most, and 96 where a feed remembers what it is called and when it is due.
. "$(dirname "$0")/../lib/tap.sh"

[ -z "$SANITIZE" ] || skip_all "sanitizers have memory of their own"

[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 10100 ] ||
  skip_all "10,000 connections need as many descriptors; see ulimit -n"

architectures=single,multi,prefork,pool
uring_here=$("$BUILD/server-glibc" --arch uring --listen 127.0.0.1:0 --status /nowhere/x 2>&1)
if [[ $uring_here == *"no io_uring"* ]]; then
  skip "uring" "$uring_here"
else
  architectures+=,uring
fi

ok "every architecture is measured" sh -c "tests/bench/bench.py --build '$BUILD' --idle --rounds 1 \
  --protocols echo,feed,websocket --contenders $architectures --json >'$scratch/bench'"
while read -r protocol name bytes; do
  most=32
  [ "$protocol" = feed ] && most=96
  ok "$protocol, $name: $bytes bytes a connection" [ "$bytes" -le $most ]
done < <(python3 -c 'import json, math, sys
for row in json.load(sys.stdin)["rows"]:
    print(row["protocol"], row["name"], math.ceil(row["user"]))' <"$scratch/bench")

done_testing
