#!/usr/bin/env bash
# tidemark run --resume: killed anywhere and resumed, an experiment becomes complete, without a cell
# that runs twice once it was finished, and without a half-written run among them.
. "$(dirname "$0")/../lib/tap.sh"

short=(--rest 100ms --burst 20 --bursts 1 --linger 50ms --window 200ms --trickle 0)
runs=$scratch/runs
tidemark=$BUILD/tidemark

# launch ARGUMENTS...: in the background; $victim is its pid.
launch() {
  "$tidemark" run "$@" >"$scratch/out" 2>"$scratch/err" &
  victim=$!
}

# begin LABEL: a small experiment of four runs.
begin() {
  launch --runs "$runs" --label "$1" --allocators glibc --release native,close --repeat 2 -- "${short[@]}"
}

resume() {
  launch --resume "$directory" "$@"
}

ended() {
  wait "$victim" 2>/dev/null
}

# directory_of LABEL: sets $directory; false when there is none yet. What was begun again in the same
# second has a number behind its label.
directory_of() {
  directory=$(find "$runs" -maxdepth 1 -regex ".*-$1\(-[0-9]+\)?" 2>/dev/null | sort | tail -n 1)
  [ -n "$directory" ]
}

# The finished runs, each with what would change if it ran again.
finished() {
  find "$directory" -mindepth 2 -maxdepth 2 -name run.json -not -path '*.part/*' -printf '%p %i %T@\n' | sort
}

# is_complete: four runs, numbered as in the order, all complete, and nothing half written.
is_complete() {
  python3 - "$directory" <<'END'
import json, os, sys
directory = sys.argv[1]
experiment = json.load(open(directory + "/experiment.json"))
order = experiment["order"]
assert experiment["environment"]["first_touch_after_ns"] > 0
names = sorted(os.listdir(directory))
folders = [name for name in names if name[0].isdigit()]
assert not [name for name in names if name.endswith(".part")], names
assert len(folders) == len(order) == 4, folders
for place, (folder, cell) in enumerate(zip(folders, order), 1):
    run = json.load(open(f"{directory}/{folder}/run.json"))
    assert folder.startswith(f"{place:03}-"), folder
    assert run["verdict"] == "complete", run["reason"]
    assert all(run[key] == cell[key] for key in cell), (folder, cell)
END
}

# stands: what was finished before is untouched.
stands() {
  finished >"$scratch/now"
  sort -u "$scratch/before" | comm -23 - "$scratch/now" | (! grep .)
}

# --- killed at each step that changes the disk ---
if ! ${CC:-gcc} -shared -fPIC -D_GNU_SOURCE "$(dirname "$0")/../lib/killer.c" -o "$scratch/killer.so" -ldl \
  2>"$scratch/err"; then
  skip "killed at each step in turn" "cannot compile tests/lib/killer.c"
else
  export LD_PRELOAD=$scratch/killer.so ASAN_OPTIONS=verify_asan_link_order=0
  : >"$scratch/before"
  kills=0 status=137
  for ((step = 1; status == 137 && step < 40; step++)); do
    KILL_AT=$step begin steps
    ended
    status=$?
    kills=$((kills + (status == 137)))
    ! directory_of steps || break
  done
  is "killed in one second, attempt after attempt, a directory is made all the same" \
    "$(find "$runs" -maxdepth 1 -name "*-steps" | wc -l)" 1
  for ((step = 1; status == 137 && step < 40; step++)); do
    KILL_AT=$step resume
    ended
    status=$?
    kills=$((kills + (status == 137)))
    finished >>"$scratch/before"
  done
  unset LD_PRELOAD
  ok "killed at $kills steps, one after the other, it comes to its end" test "$status" = 0 -a "$kills" -gt 10
  directory_of steps
  ok "then it is complete" is_complete
  ok "no finished run was repeated" stands
  ok "its sessions are told" test "$(grep -c runs_before "$directory/experiment.json")" -gt 1
fi

# --- killed behind the last run ---
# sessions: how many of them experiment.json tells of.
sessions() {
  grep -c runs_before "$directory/experiment.json"
}

begin last
ended
directory_of last
finished >"$scratch/before"
is "it ran in one session" "$(sessions)" 1
python3 - "$directory/experiment.json" <<'END'
import json, sys
experiment = json.load(open(sys.argv[1]))
del experiment["environment"]["first_touch_after_ns"]
json.dump(experiment, open(sys.argv[1], "w"), indent=2)
END
if [ -e "$scratch/killer.so" ]; then
  # Writing and naming experiment.json with the session in it, and with what was measured.
  for step in 1 2 3 4; do
    KILL_AT=$step LD_PRELOAD=$scratch/killer.so ASAN_OPTIONS=verify_asan_link_order=0 resume
    ended
    is "killed at step $step of what is left then" $? 137
  done
  ok "that is not measured yet" sh -c "! grep -q first_touch_after '$directory/experiment.json'"
fi
resume
ended
is "the next session ends with status 0" $? 0
ok "it measures what was missing" is_complete
ok "and repeats no run" stands
told=$(sessions)
resume
ended
is "one more has nothing to do, and is not told" "$(sessions)" "$told"

# --- killed at any time ---
: >"$scratch/before"
seed=${SEED:-$$}
RANDOM=$seed
echo "# SEED=$seed"
for ((attempt = 0; attempt < 6; attempt++)); do
  if directory_of times; then
    resume
  else
    begin times
  fi
  sleep "0.$((RANDOM % 9000 + 1000))"
  sleep "$((RANDOM % 2))"
  ! is_running "$victim" || kill -9 "$victim"
  ended
  ! directory_of times || finished >>"$scratch/before"
done
directory_of times || { begin times && ended && directory_of times; }
resume
ended
is "killed at any time, the last resume ends with status 0" $? 0
ok "then it is complete" is_complete
ok "no finished run was repeated" stands

# --- nothing to do, nothing to find ---
finished >"$scratch/before"
resume --json
ended
is "resuming what is complete ends with status 0" $? 0
ok "it says so" grep -q "4 of 4 runs are there already" "$scratch/err"
ok "and prints the table" python3 -m json.tool "$scratch/out"
ok "and runs nothing" stands
samples=$(echo "$directory"/001-*/samples.csv)
mv "$samples" "$scratch/samples"
resume
ended
is "a run that its files make void counts for the exit status" $? 1
ok "and is counted" grep -q "1 of 4 runs are void" "$scratch/err"
mv "$scratch/samples" "$samples"

# --- interrupted ---
begin stop
is_under_way() {
  directory_of stop && [ "$(finished | wc -l)" = 1 ] && find "$directory" -name phases.csv -path '*.part/*' | grep -q .
}
ok "one run is over, another under way" eventually is_under_way
finished >"$scratch/before"
kill -INT "$victim"
ended
is "SIGINT ends it with status 130" $? 130
ok "and the command that completes it" grep -qF -- "run --resume $directory completes it" "$scratch/err"
resume --dry-run
ended
is "--dry-run tells what is left" "$(tail -n 1 "$scratch/out" | cut -d, -f1)" "3 runs"
cp -r "$directory" "$scratch/damaged"
resume
ended
is "it is resumed" $? 0
ok "then it is complete" is_complete
ok "no finished run was repeated" stands

# --- refused ---
exec 9<"$directory"
flock -n 9
refuses "a directory where another tidemark is at work" 2 "another tidemark is at work there" \
  "$tidemark" run --resume "$directory"
exec 9<&-
refuses "what is no experiment" 2 "--resume $scratch: .*experiment.json" "$tidemark" run --resume "$scratch"
refuses "what is not there" 2 "--resume /nowhere: No such file" "$tidemark" run --resume /nowhere
refuses "other options" 2 "leave the other options out \(--release\)" "$tidemark" run --resume "$directory" --release close
refuses "options that are no factor" 2 "leave the other options out \(--repeat=9\)" \
  "$tidemark" run --json --resume "$directory" --repeat=9
find "$scratch/damaged" -name run.json -not -path '*.part/*' -exec sh -c ': >"$1"' _ {} \;
"$tidemark" run --resume "$scratch/damaged" 2>"$scratch/err"
is "a damaged run is not repeated silently" $? 2
ok "but named, with what to do" grep -q "run.json is damaged; remove its folder" "$scratch/err"
rm "$scratch/damaged/experiment.json"
refuses "an experiment without its plan" 2 "experiment.json" "$tidemark" run --resume "$scratch/damaged"

done_testing
