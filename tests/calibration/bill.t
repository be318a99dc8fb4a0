#!/usr/bin/env bash
# The bill against the growth of the kernel's slab caches, and of ports and a queue to the byte.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

needs_bpf bill_table
[ -r /proc/slabinfo ] || skip_all "/proc/slabinfo is not readable"
[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 10100 ] ||
  skip_all "the hard limit of open files, $(ulimit -Hn), is below 10,100 (ulimit -Hn)"

bill() {
  "$BUILD/probe" --pid "$server" --bill >"$scratch/bill" 2>"$scratch/bill.err"
}

# billed END ROLE FIELD: 3 connections, 4 total, 5 least, 6 median, 7 most
billed() {
  awk -v end="$1" -v role="$2" -v field="$3" \
    '$1 == end && $2 == role { found = $field } END { print found + 0 }' "$scratch/bill"
}

has_connections() { # COUNT
  bill && [ "$(billed server connection 3)" = "$1" ] && [ "$(billed client connection 3)" = "$1" ]
}

# growth CONNECTIONS: bytes by which the caches grew that have an object more for each connection.
# Somebody who looks into /proc meanwhile makes inodes there, each with a dentry and a security blob.
growth() {
  awk -v least="$(($1 * 9 / 10))" -v page="$(getconf PAGESIZE)" '
    NR == FNR { before[$1] = $2; next }
    $1 == "proc_inode_cache" { proc = $2 - before[$1]; next }
    $5 > 0 && $2 - before[$1] >= least { more[$1] = $2 - before[$1]; bytes[$1] = $6 * page / $5 }
    END {
      for (cache in more) {
        if (proc > 0 && (cache == "dentry" || cache == "lsm_inode_cache")) more[cache] -= proc
        sum += more[cache] * bytes[cache]
      }
      printf "%d\n", sum
    }' "$scratch/slabs.before" "$scratch/slabs.after"
}

# Each time from an address that nobody in TIME_WAIT has, with whom its ports would be shared.
address=0
open_connections() { # COUNT
  address=$((address + 1))
  "$BUILD/pulse" --connect "127.0.0.1:$port" --burst "$1" --bursts 1 --linger 60s --window 0 \
    --trickle 0 --source-range "127.77.$((RANDOM % 256)).$address/32" >"$scratch/pulse.out" 2>"$scratch/pulse.err" &
  pulse=$!
  eventually field_is open "$1"
}

# measure COUNT: leaves what the bill explains and by how much the caches grew.
measure() {
  ok "no connections, no bill" eventually has_connections 0
  cp /proc/slabinfo "$scratch/slabs.before"
  ok "$1 idle connections" open_connections "$1"
  ok "$1 connections at either end" eventually has_connections "$1"
  cp /proc/slabinfo "$scratch/slabs.after"
  explained=$(($(billed server connection 4) + $(billed client connection 4)))
  grown=$(growth "$1")
  sed -n 's/^read in/# read in/p' "$scratch/bill"
  stop "$pulse"
  closed=$((closed + $1))
  ok "all close" eventually field_is closed "$closed"
}

# explains COUNT LEAST MOST: the bill is so many percent of the growth, in one try of four: others
# who connect meanwhile add to it, and a TIME_WAIT that ends takes its port's buckets with it.
explains() {
  local percent try
  for ((try = 0; try < 4; try++)); do
    [ $((fresh)) = 0 ] || start_ring
    measure "$1"
    [ $((fresh)) = 0 ] || stop "$server"
    percent=$(awk -v a="$explained" -v b="$grown" 'BEGIN { printf "%.1f", b ? 100 * a / b : 0 }')
    echo "# $1 connections: $explained of $grown bytes are in the bill, $percent %"
    within "$percent" "$2" "$3" && break
  done
  ok "$1: the bill explains $2 to $3 % of the growth" within "$percent" "$2" "$3"
}

within() { # NUMBER LEAST MOST
  awk -v n="$1" -v least="$2" -v most="$3" 'BEGIN { exit !(n >= least && n <= most) }'
}

# A ring keeps the requests that it ever had, so that its second burst would add none.
start_ring() {
  start_server glibc --footprint none --arch uring
  closed=0
}

fresh=0
start_server glibc --footprint none
# What is allocated once, at the first connections, is no part of any.
"$BUILD/pulse" --connect "127.0.0.1:$port" --burst 10000 --bursts 1 --linger 10ms --burst-gap 0 \
  --window 0 --trickle 0 >"$scratch/warm.out" 2>&1
ok "warm-up" eventually field_is closed 10000
closed=10000

# Of so few the caches' own reserves, one for each CPU, are a part that is not small.
explains 1000 97 115
explains 10000 98 102
ok "closing returns the bill to zero connections" eventually has_connections 0
stop "$server"

# --- io_uring ---
uring_here=$("$BUILD/server-glibc" --arch uring --listen 127.0.0.1:0 --status /nowhere/x 2>&1)
if [[ $uring_here == *"no io_uring"* ]]; then
  skip "of a server with io_uring" "$uring_here"
else
  fresh=1
  explains 10000 98 102
  for role in ring_request ring_poll; do
    is "each has a $role" "$(billed server $role 3)" 10000
    is "the median one is that of all" "$(billed server $role 4)" \
      "$((10000 * $(billed server $role 6)))"
  done
fi

# --- ports, and unread data, to the byte ---
start_peer() { # NAME
  coproc PEER { exec python3 "$(dirname "$0")/../lib/$1.py"; }
  server=$PEER_PID
  read -r port <&"${PEER[0]}"
}
start_peer buckets
ok "the bill of three connections from two ports" bill
is "each has a bucket of its port and address" "$(billed client bind2_bucket 3)" 3
is "the one that is alone on its port has one of that" "$(billed client bind_bucket 3)" 1
is "a server's connections have none" \
  "$(billed server bind_bucket 3) $(billed server bind2_bucket 3)" "0 0"
stop "$server"
start_peer unread
ok "the bill of a server in Python" bill
# ss asks sock_diag, which reads the same sk_rmem_alloc by another way.
wanted=$(ss -Htmn "sport = :$port" | sed -n 's/.*skmem:(r\([0-9]*\),.*/\1/p')
is "unread data is in the bill to the byte of sk_rmem_alloc" "$(billed server receive_queue 4)" \
  "$wanted"
ok "and it is not nothing ($wanted)" test "${wanted:-0}" -ge 100000
done_testing
