#!/usr/bin/env bash
# tidemark run: from the command line to the run directory, in good and in bad days.
. "$(dirname "$0")/../lib/tap.sh"

allocators=glibc
[ -x "$BUILD/server-jemalloc" ] && allocators=glibc,jemalloc
short=(--burst 200 --bursts 2 --burst-gap 1200ms --linger 200ms --window 1500ms --trickle 50
  --trickles 1 --trickle-gap 100ms --linger 100ms)
long=(--burst 100 --bursts 1 --linger 60s --window 60s --trickle 0)
run=("$BUILD/tidemark" run --runs "$scratch/runs")

# tidemark_start ARGUMENTS...: in the background; $tidemark is its pid.
tidemark_start() {
  "${run[@]}" "$@" >"$scratch/out" 2>"$scratch/err" &
  tidemark=$!
}

# newest LABEL: the run directory of that label.
newest() {
  find "$scratch/runs" -maxdepth 1 -name "*-$1" | sort | tail -n 1
}

json() {
  python3 -c 'import json, sys; print(eval(sys.argv[2], {"d": json.load(open(sys.argv[1]))}))' "$@"
}

# The server's page in a run that is under way; then $status serves for field().
has_status() {
  status=$(find "$scratch/runs" -path "*-$1/*.part/status" 2>/dev/null | head -n 1)
  [ -n "$status" ] && [ "$(field open 2>/dev/null)" = "$2" ]
}

gone() {
  ! kill -0 "$1" 2>/dev/null
}

# --- a whole experiment ---
tidemark_start --label whole --allocators "$allocators" --release quiet=300ms --footprint session \
  --survivors 1% --json -- "${short[@]}"
wait "$tidemark"
is "an experiment ends with status 0" $? 0
ok "native is added as the control" grep -q "native is added as the control" "$scratch/err"
ok "stdout is one valid JSON document" python3 -m json.tool "$scratch/out"
directory=$(newest whole)
runs=$(find "$directory" -mindepth 2 -name run.json | wc -l)
is "each cell has its folder" "$runs" "$(json "$directory/experiment.json" 'len(d["order"])')"
ok "and nothing half written" sh -c "! find '$directory' -name '*.part' | grep -q ."
first=$(find "$directory" -path '*glibc-quiet*' -name run.json)
is "a run is complete" "$(json "$first" 'd["verdict"]')" complete
is "it says what was live" "$(json "$first" '"malloc is in" in d["server"]["proof"]')" True
ok "its files are there" test -s "${first%/*}/samples.csv" -a -s "${first%/*}/rollups.csv" -a \
  -s "${first%/*}/phases.csv"
is "phases are in order" "$(awk -F, '/^[a-z]/ && $1 != "phase" { printf "%s%s ", $1, $2 }' "${first%/*}/phases.csv")" \
  "warmup1 rest1 burst1 gap1 burst2 window1 trickle1 "
ok "the policy fired after each burst" awk -F, '/^[0-9]/ { n = $11 } END { exit n < 2 }' "${first%/*}/samples.csv"
ok "the report is written" test -s "$directory/report.html"
ok "the environment says what shapes the result" json "$directory/experiment.json" \
  '[d["environment"][k] for k in ("kernel", "cpus", "thp", "swap", "revision", "first_touch_before_ns", "first_touch_after_ns")]'
ok "tidemark report gives the same table" sh -c \
  "'$BUILD/tidemark' report --json '$directory' | cmp - '$scratch/out'"

# --- what is asked for cannot be ---
before=$(find "$scratch/runs" -mindepth 1 -maxdepth 1 | wc -l)
refuses "an unknown allocator" 2 "there is no 'jemaloc'|there is no 'glib'; did you mean glibc" \
  "${run[@]}" --allocators glib
refuses "an unknown policy" 2 "--release: 'quite=1s' is not a release policy" \
  "${run[@]}" --allocators glibc --release quite=1s
refuses "a bad footprint" 2 "--footprint: '4Q' is not a footprint" \
  "${run[@]}" --allocators glibc --footprint 4Q
refuses "a bad option of pulse" 2 "pulse: --brust: unknown option; did you mean --burst" \
  "${run[@]}" --allocators glibc -- --brust 10
refuses "a bad option" 2 "--repaet: unknown option; did you mean --repeat" "${run[@]}" --repaet 3
refuses "no repeats" 2 "--repeat: '0' is out of range; give a whole number from 1 to 10000" "${run[@]}" --repeat 0
refuses "pulse's options without --" 2 "options of pulse stand behind a lone --" "${run[@]}" whole
refuses "a folder that cannot be" 2 "--runs /proc/nowhere: No such file" \
  "$BUILD/tidemark" run --allocators glibc --runs /proc/nowhere
refuses "an unknown command" 2 "'rnu': no such command; did you mean run" "$BUILD/tidemark" rnu
refuses "a report of nothing" 1 "experiment.json" "$BUILD/tidemark" report "$scratch"
is "none of these left a run directory" \
  "$(find "$scratch/runs" -mindepth 1 -maxdepth 1 | wc -l)" "$before"

# --- a limit too low for the server: pulse shares its connections out among processes ---
(
  ulimit -n 1000
  exec "${run[@]}" --label low --allocators glibc -- --burst 2000 --bursts 1 --linger 200ms --window 300ms --trickle 0
) >"$scratch/out" 2>"$scratch/err"
is "too few descriptors for the burst: status 1" $? 1
ok "what the server shed makes it void, and the limit is named with its fix" grep -Eq \
  "void: the server shed [1-9][0-9]* connections: Too many open files .*ulimit -n" "$scratch/err"

# --- the server dies in a burst ---
tidemark_start --label death --allocators glibc -- "${long[@]}"
ok "a burst is up" eventually has_status death 100
server=$(field pid)
kill -9 "$server"
wait "$tidemark"
is "a server that dies makes the experiment fail" $? 1
ok "with the reason" grep -q "void: server ended with killed by signal 9" "$scratch/err"
death=$(find "$(newest death)" -name run.json)
is "the run is void" "$(json "$death" 'd["verdict"]')" void
ok "what was measured is kept" awk -F, '/^[0-9]/ && $3 - $4 == 100 { n++ } END { exit n < 3 }' \
  "${death%/*}/samples.csv"

# --- interrupted ---
tidemark_start --label stop --allocators glibc -- "${long[@]}"
ok "a burst is up" eventually has_status stop 100
server=$(field pid)
kill -INT "$tidemark"
wait "$tidemark"
is "SIGINT ends it with status 130" $? 130
ok "no server stays" gone "$server"
is "the run is void, with the reason" "$(json "$(find "$(newest stop)" -name run.json)" 'd["reason"]')" interrupted

# --- killed ---
tidemark_start --label kill --allocators glibc -- "${long[@]}"
ok "a burst is up" eventually has_status kill 100
server=$(field pid)
kill -9 "$tidemark"
wait "$tidemark" 2>/dev/null
ok "kill -9 of tidemark leaves no server behind" eventually gone "$server"
ok "and nothing that looks finished" sh -c "! find '$(newest kill)' -path '*[a-z]/run.json' | grep -q ."

# --- a full disk ---
mkdir "$scratch/disk"
if mount -t tmpfs -o size=64k tidemark-test "$scratch/disk" 2>/dev/null; then
  "$BUILD/tidemark" run --runs "$scratch/disk" --label full --allocators glibc -- "${short[@]}" \
    >"$scratch/out" 2>"$scratch/err"
  is "a full disk makes it fail" $? 1
  ok "one line says so" grep -q "No space left on device" "$scratch/err"
  umount "$scratch/disk"
else
  skip "a full disk makes it fail" "cannot mount a small file system here"
  skip "one line says so" "cannot mount a small file system here"
fi

# --- a memory limit ---
tidemark_start --label limit --allocators glibc --memory-limit 64M -- "${short[@]}"
wait "$tidemark"
result=$?
if grep -q "cannot make a memory cgroup" "$scratch/err"; then
  skip "a memory limit is obeyed" "$(grep -o 'cannot make a memory cgroup.*' "$scratch/err")"
  skip "a server over its limit is void" "no memory cgroup"
else
  is "a server within its memory limit" "$result" 0
  tidemark_start --label oom --allocators glibc --memory-limit 4M --footprint 64K -- "${short[@]}"
  wait "$tidemark"
  ok "a server over its limit is void, with the reason" grep -q "void: the kernel killed the server at its --memory-limit" "$scratch/err"
fi
ok "no cgroup stays" sh -c "! find /sys/fs/cgroup -type d -name 'tidemark-$tidemark' | grep -q ."

done_testing
