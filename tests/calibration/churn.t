#!/usr/bin/env bash
# --churn against the number of connections: accept makes a file and a socket inode for each, close
# frees the file; and nobody else's calls are counted.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

needs_bpf page_freed
connections=1000

bursts() { # PORT
  "$BUILD/pulse" --connect "127.0.0.1:$1" --burst "$connections" --bursts 1 --linger 100ms \
    --window 0 --trickle 0
}

# churned CALL COLUMN [CACHE]
churned() {
  column "$record/churn.csv" "$2" call "$1" ${3:+cache "$3"}
}

start_server glibc
other=$port
start_server glibc
start_probe --status "$status" --churn
if ! grep -Eq "^  churn_alloc +attached" "$probe_err"; then
  skip_all "$(grep -E "^  churn_alloc " "$probe_err")"
fi
ok "a burst of $connections" bursts "$port"
ok "all close" eventually field_is closed "$connections"
ok "a burst at another server" bursts "$other"
stop_probe

inodes=$(churned accept allocations sock_inode_cache)
echo "# accept: $inodes socket inodes, $(churned accept allocations) objects;" \
  "close: $(churned close frees) freed"
ok "accept makes a socket inode a connection" test "$inodes" -ge "$connections"
# accept() makes the inode before it looks for a connection, so the server asks first whether one waits.
ok "none for nobody, and those of another server are not counted" test \
  "$inodes" -le $((connections + connections / 10))
ok "close frees more than one object a connection" test "$(churned close frees)" -gt "$connections"
ok "no map was full" test "$(column "$record/losses.csv" count program -)" = 0

start_probe --status "$status"
stop_probe
ok "without --churn there is no churn.csv" test ! -e "$record/churn.csv"
done_testing
