#!/usr/bin/env bash
# Over bursts of connections the books balance: what the server held at first and faulted in is what
# it held at the end and what was freed.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

needs_own_memory
needs_bpf page_freed
page=$(getconf PAGESIZE)

# books: held at first, faulted in, freed, held at the end; in bytes.
books() {
  awk -F, -v page="$page" -v freed="$(column "$record/releases.csv" freed_bytes)" '
    NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
    NR == 3 { first = $at["anon_bytes"]; faults = $at["minor_faults"] }
    END {
      printf "%d %d %d %d\n", first, ($at["minor_faults"] - faults) * page, freed, $at["anon_bytes"]
    }' "$record/processes.csv"
}

bursts() { # COUNT
  "$BUILD/pulse" --connect "127.0.0.1:$port" --burst 5000 --bursts "$1" --linger 300ms \
    --burst-gap 500ms --window 1s --trickle 0
}

for allocator in glibc jemalloc; do
  [ -x "$BUILD/server-$allocator" ] || continue
  start_server "$allocator" --footprint session --release quiet=200ms
  # What is faulted in for the first time is not all anonymous: code, zero pages read before written.
  ok "$allocator: warm-up" bursts 1
  ok "$allocator: all close" eventually field_is closed 5000
  start_probe --status "$status"
  ok "$allocator: two bursts of 5,000" bursts 2
  ok "$allocator: all close again" eventually field_is closed 15000
  stop_probe
  read -r first faulted freed last < <(books)
  echo "# held $first, faulted in $faulted, freed $freed, held $last"
  missing=$((first + faulted - freed - last))
  ok "$allocator: the books balance within 1 %" test $((${missing#-} * 100)) -le "$faulted"
  ok "$allocator: most of it went through the hands of the policy" test \
    $((2 * $(column "$record/releases.csv" freed_bytes cause policy))) -ge "$freed"
  stop "$server"
done
done_testing
