#!/usr/bin/env bash
# tidemark study: each question has an experiment that can be run in the time that is stated, and
# continues where it was interrupted.
. "$(dirname "$0")/../lib/tap.sh"

study=("$BUILD/tidemark" study --runs "$scratch/runs")

[ -x "$BUILD/server-jemalloc" ] || skip_all "the studies compare allocators that this build does not have"

"$BUILD/tidemark" study >"$scratch/list"
is "there are nine questions" "$(grep -c '?$' "$scratch/list")" 9
minutes() { # NAME
  awk -v name="$1" '$1 == name { print $2 }' "$scratch/list"
}
awk '$1 != "all" { print $1 }' "$scratch/list" >"$scratch/names"
plans() { # NAME
  "${study[@]}" --dry-run "$1" >"$scratch/out" && test -s "$scratch/out"
}
while read -r name; do
  ok "$name: its programs take its options" plans "$name"
  seconds=$(sed -nE 's/.*about ([0-9]+):0?([0-9]+) minutes/\1 * 60 + \2/p' "$scratch/out")
  ok "$name: it takes the time that is stated" \
    test $((seconds)) -le $(($(minutes "$name") * 60)) -a $((seconds)) -gt $((($(minutes "$name") - 1) * 60))
  ok "$name: six times each, for a difference" awk '/repeat/ { n[$3]++ } END { exit n[6] < 3 || n[6] != n[1] }' "$scratch/out"
done <"$scratch/names"
ok "asking runs nothing" test ! -e "$scratch/runs"

begin() {
  "${study[@]}" kernel >"$scratch/out" 2>"$scratch/err" &
  victim=$!
}
is_under_way() {
  find "$scratch/runs" -path '*-study-kernel/*.part/status' 2>/dev/null | grep -q .
}
begin
ok "a study runs" eventually is_under_way
kill -INT "$victim"
wait "$victim"
is "SIGINT ends it with status 130" $? 130
begin
ok "the next time it continues" eventually grep -q "0 of 18 runs are there already" "$scratch/err"
ok "in the same directory" eventually is_under_way
kill -INT "$victim"
wait "$victim"
is "of which there is one" "$(find "$scratch/runs" -mindepth 1 -maxdepth 1 | wc -l)" 1

refuses "an unknown study" 2 "there is no 'kernle'; did you mean kernel" "${study[@]}" kernle
refuses "two at a time" 2 "one name at a time" "${study[@]}" kernel busy
refuses "a bad option" 2 "--agian: unknown option; did you mean --again" "${study[@]}" --agian

done_testing
