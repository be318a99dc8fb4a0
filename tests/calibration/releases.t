#!/usr/bin/env bash
# What the probe says was released, against a program that releases known numbers of pages; and its
# RSS against the kernel's own, at every step.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

needs_own_memory
needs_bpf page_freed
page=$(getconf PAGESIZE)

# tell COMMAND: has the program do it; leaves its answer in $answer.
tell() {
  echo "$1" >&"$to_pages"
  read -r answer <&"$from_pages"
  [ "$answer" = "done" ] || read -r _ <&"$from_pages"
}

# same_rss AFTER: the probe's RSS of the program is that of /proc, at rest.
same_rss() {
  is "RSS after $1 is RssAnon of /proc" "$(process_field anon_bytes)" \
    "$(awk '$1 == "RssAnon:" { print $2 * 1024 }' "/proc/$pages/status")"
}

start_pages() {
  coproc PAGES { exec "$BUILD/tests/pages" 2>"$scratch/pages.err"; }
  pages=$PAGES_PID
  exec {to_pages}>&"${PAGES[1]}" {from_pages}<&"${PAGES[0]}"
  read -r answer <&"$from_pages"
}

stop_pages() {
  echo quit >&"$to_pages"
  exec {to_pages}>&- {from_pages}<&-
  wait "$pages" 2>/dev/null
}

# counted CALL ADVICE CAUSE COLUMN
counted() {
  column "$record/releases.csv" "$4" call "$1" advice "$2" cause "$3"
}

# freed DESCRIPTION CALL ADVICE CAUSE PAGES: exactly so many anonymous pages.
freed() {
  is "$1" "$(($(counted "$2" "$3" "$4" freed_bytes) / page))" "$5"
}

# --- one thread, and with another that faults meanwhile ---
for others in 0 1; do
  name="one thread"
  [ "$others" = 1 ] && name="another thread faulting"
  start_pages
  start_probe --pid "$pages"
  [ "$others" = 1 ] && tell "noise 1"
  for step in "touch 5000" "dontneed 3000" "touch 2000" "munmap 1500" "touch 1000" "mremap 700" \
    "up 900" "down 900" "below 100000" "touch 640" "free 640" "touch 123" "inside 123" "touch 900" \
    "over 800"; do
    tell "$step"
    [ "$others" = 0 ] && same_rss "$step"
  done
  if [ "$others" = 0 ]; then
    tell "draining 1" # MADV_FREE, too, has a batch
    lazy=$(awk '$1 == "LazyFree:" { print $2 * 1024 }' "/proc/$pages/smaps_rollup")
  else
    tell "noise 0"
  fi
  stop_probe
  stop_pages
  freed "$name: madvise(MADV_DONTNEED) of 3000 pages" madvise dontneed allocator 3000
  freed "$name: the same between release markers, 123 pages" madvise dontneed policy 123
  freed "$name: munmap of 1500 pages" munmap - allocator 1500
  freed "$name: mremap, shrinking by 700 pages" mremap - allocator 700
  freed "$name: brk, down by 900 pages" brk - allocator 900
  is "$name: of two brk one failed, in vain asking for less than none" \
    "$(counted brk - allocator calls) $(counted brk - allocator failed)" "2 1"
  # The other thread maps over its own all the time.
  [ "$others" = 0 ] && freed "$name: mmap over 800 pages" mmap - allocator 800
  freed "$name: madvise(MADV_FREE) frees none in the call" madvise free allocator 0
  is "$name: it asked for 640 pages" "$(counted madvise free allocator asked_bytes)" \
    "$((640 * page))"
  [ "$others" = 0 ] && is "LazyFree of smaps agrees" "$lazy" "$((640 * page))"
  is "$name: nothing was lost" "$(awk -F, 'NR > 2 && $1 != "missed" { n += $3 } END { print n + 0 }' \
    "$record/losses.csv")" 0
  is "$name: each call is an event" "$(awk -F, 'NR > 2' "$record/events.csv" | wc -l)" \
    "$(awk -F, 'NR > 2 { n += $6 } END { print n }' "$record/releases.csv")"
  is "$name: page tables are counted apart, and few" \
    "$(awk -F, 'NR > 2 && $1 != "mmap" { n += $10 } END { print n / '"$page"' < 200 }' "$record/releases.csv")" 1
done

# --- without draining ---
start_pages
start_probe --pid "$pages"
tell "draining 0"
tell "up 500"
tell "down 500"
stop_probe
stop_pages
missing=$((500 - $(counted brk - allocator freed_bytes) / page))
ok "undrained: within 31 pages a CPU ($missing missing of 500)" \
  test "${missing#-}" -le $((31 * $(nproc)))

# --- page by page: nothing is lost in small calls either ---
start_pages
start_probe --pid "$pages"
for ((i = 0; i < 40; i++)); do
  tell "touch 1"
  tell "munmap 1"
done
stop_probe
freed "40 times one page" munmap - allocator 40
is "40 calls" "$(counted munmap - allocator calls)" 40

# --- a stack ends where it stops to be one ---
stop_pages
start_pages
start_probe --pid "$pages"
tell "astray 2000"
stop_probe
is "2000 calls from frames that are none are one row, with a stack" "$(awk -F, '
  NR > 2 && $1 == "munmap" { rows++; calls += $6; stacks += $5 != "" }
  END { print rows, calls, stacks }' "$record/releases.csv")" "1 2000 1"
is "all stacks are there" "$(awk -F, '$1 == "stacks_missing" { print $3 }' "$record/losses.csv")" 0

# --- process_madvise ---
start_probe --pid "$pages"
tell "touch 800"
tell "self 800"
self=$answer
stop_probe
case $self in
refused*) skip "process_madvise on itself" "${self#refused: }" ;;
*) freed "process_madvise on itself, 800 pages" process_madvise dontneed allocator 800 ;;
esac
stop_pages

# --- processes that are forked later ---
start_pages
start_probe --pid "$pages"
tell "fork 777"
stop_probe
stop_pages
is "a child's 777 pages, within a batch a CPU" "$(awk -F, -v parent="$pages" -v page="$page" '
  NR > 2 && $1 == "madvise" && $2 == "dontneed" && $4 != parent {
    n = $9 / page; print (n <= 777 && n >= 777 - 31) }' "$record/releases.csv")" 1

# --- programs that are run later ---
# A child from before the probe runs another program, which is not followed; the process itself runs
# its own again, at other addresses.
mkfifo "$scratch/child" "$scratch/again"
bash -c 'read -r _ <"$1/child" && exec /bin/true &
  read -r _ <"$1/again" && exec bash -c "read -r _ <\"$1/again\"; exit 0"' \
  bash "$scratch" &
shell=$!
exec {to_child}<>"$scratch/child" {to_shell}<>"$scratch/again"
eventually pgrep -P "$shell" >/dev/null
child=$(pgrep -P "$shell")
start_probe --pid "$shell"
ok "a child from before is followed" grep -q "2 processes: the server and its workers" \
  "$scratch"/probe*.err
echo >&"$to_child"
ok "it has run another program" eventually sh -c "! grep -q bash /proc/$child/cmdline"
echo >&"$to_shell"
ok "and the shell its own again" eventually grep -q "exit 0" "/proc/$shell/cmdline"
echo >&"$to_shell"
wait "$shell" "$probe"
exec {to_child}>&- {to_shell}>&-
is "what the other program does is not the server's" \
  "$(column "$record/releases.csv" calls pid "$child")" 0
ok "what the shell did is" test "$(column "$record/releases.csv" calls pid "$shell")" -gt 0
ok "and all frames have names" sh -c \
  "grep -q + '$record/stacks.txt' && ! grep -q ' 0x' '$record/stacks.txt'"

# --- to swap: by itself, and from another process ---
swapfile=$scratch/swapfile
swap_off() {
  swapoff "$swapfile" 2>/dev/null
  finish
}
if ! dd if=/dev/zero of="$swapfile" bs=1M count=64 status=none ||
  ! chmod 600 "$swapfile" || ! mkswap "$swapfile" >/dev/null 2>&1 ||
  ! swapon "$swapfile" 2>"$scratch/swapon.err"; then
  skip "MADV_PAGEOUT" "no swapfile here: $(tail -n 1 "$scratch/swapon.err")"
  done_testing
fi
trap swap_off EXIT
start_pages
start_probe --pid "$pages"
tell "touch 640"
before=$(process_field anon_bytes)
tell "pageout 640"
same_rss "pageout 640"
swapped=$(process_field swap_bytes)
is "MADV_PAGEOUT of 640 pages: all are in swap" "$((swapped / page))" 640
is "and gone from RSS" "$(((before - $(process_field anon_bytes)) / page))" 640
tell "touch 320"
where=$(echo where >&"$to_pages" && read -r answer <&"$from_pages" && echo "$answer")
read -r answer <&"$from_pages"
ok "another process advises 320 pages" \
  python3 "$(dirname "$0")/../lib/advise.py" "$pages" "$where" $((320 * page)) pageout
same_rss "process_madvise from another process"
is "they are in swap" "$((($(process_field swap_bytes) - swapped) / page))" 320
stop_probe
stop_pages
is "written by madvise: 640 pages" \
  "$(($(counted madvise pageout allocator swapped_bytes) / page))" 640
is "written by process_madvise of another process: 320 pages of this one" \
  "$(($(column "$record/releases.csv" swapped_bytes call process_madvise cause unknown pid \
    "$pages") / page))" 320
done_testing
