#!/usr/bin/env bash
# tidemark run: lists of factors, from the command line to run.json; what cannot be is refused before
# anything runs.
. "$(dirname "$0")/../lib/tap.sh"

short=(--rest 1100ms --burst 50 --bursts 1 --linger 100ms --window 1200ms --trickle 10 --trickles 1)
runs=$scratch/runs
run=("$BUILD/tidemark" run --runs "$runs" --allocators glibc)

no_runs() {
  [ ! -e "$runs" ]
}

# --- what it would do ---
"${run[@]}" --dry-run --release quiet=1s --tune tcache_count=3 --tune arena_max=1,tcache_count=3 --footprint 64,256 \
  --footprint session --survivors 0,1% --survivors-order scattered,oldest --memory-limit none,64M \
  --trickle on,off --repeat 3 -- "${short[@]}" >"$scratch/out" 2>"$scratch/err"
is "--dry-run ends with status 0" $? 0
is "it prints each run and how many there are" "$(grep -c '^[0-9]* *repeat' "$scratch/out") $(tail -n 1 "$scratch/out" | cut -d, -f1)" \
  "576 576 runs"
ok "the time that they take" grep -Eq "576 runs, about [0-9]+:[0-9]{2} minutes" "$scratch/out"
ok "both controls are said" sh -c "grep -q 'native is added as the control' '$scratch/err' &&
  grep -q -- \"--tune '', the defaults, is added as the control\" '$scratch/err'"
ok "each block holds each cell once" awk '/repeat/ { n[$3]++; if ($3 < last) bad = 1; last = $3 }
  END { exit bad || n[1] != 192 || n[2] != 192 || n[3] != 192 }' "$scratch/out"
ok "and runs nothing" no_runs
"${run[@]}" --dry-run --json -- "${short[@]}" >"$scratch/json" 2>"$scratch/err"
is "--dry-run --json: the time is that of pulse's schedule and a little more" \
  "$(python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(len(d["order"]), 2.5e9 < d["expected_ns"] < 6e9)' "$scratch/json")" \
  "1 True"

# --- every factor arrives ---
"${run[@]}" --tune arena_max=1,tcache_count=3 --footprint 64,256 --survivors 10% --survivors-order newest \
  --trickle on,off --label all --json -- "${short[@]}" >"$scratch/out" 2>"$scratch/err"
is "an experiment with many factors" $? 0
directory=$(find "$runs" -maxdepth 1 -name '*-all')
ok "each run is what its cell says" python3 - "$directory" <<'END'
import glob, json, sys
directory = sys.argv[1]
order = json.load(open(directory + "/experiment.json"))["order"]
assert len(order) == 4
for place, cell in enumerate(order, 1):
    folder, = glob.glob(f"{directory}/{place:03}-*")
    run = json.load(open(folder + "/run.json"))
    assert run["verdict"] == "complete", run["reason"]
    assert {key: run[key] for key in cell} == cell
    assert run["footprint"] == "64,256" and run["survivors"] == "10%"
    assert run["survivors_order"] == "newest" and run["memory_limit"] == 0
    effective = [tune.split(" ")[0] for tune in run["server"]["tune"]]
    assert effective == run["tune"], effective
    phases = open(folder + "/phases.csv").read()
    assert ("\ntrickle," in phases) == run["trickle"], phases
    told = run["pulse"]["command"]
    assert "newest" in told
    assert told[told.index("--linger") + 1] == "4s" # ours, which what stands behind "--" may change
assert sorted((cell["tune"], cell["trickle"]) for cell in order) == [
    ([], False), ([], True), (["arena_max=1", "tcache_count=3"], False), (["arena_max=1", "tcache_count=3"], True)]
END
ok "no folder's name has to be quoted" sh -c "! ls '$directory' | grep '[^[:alnum:]._=%@+-]'"
before=$(find "$runs" -mindepth 1 -maxdepth 1 | wc -l)

# --- what is asked for cannot be ---
refuses "an unknown knob" 2 "--tune frobnicate=1: glibc has no such knob; it has" "${run[@]}" --tune frobnicate=1
refuses "a value that the allocator refuses" 2 "--tune trim_threshold=x: glibc refused" "${run[@]}" --tune trim_threshold=x
refuses "a set without a value" 2 "--tune: 'mxfast' is not KEY=VALUE" "${run[@]}" --tune mxfast
refuses "a set for an allocator that is not there" 2 "'jemalloc' is not in this experiment" "${run[@]}" --tune jemalloc:narenas=1
refuses "the second footprint is bad" 2 "--footprint: '4Q' is not a footprint" "${run[@]}" --footprint 64 --footprint 4Q
refuses "a bad share" 2 "--survivors: 'few' is not a share" "${run[@]}" --survivors 1%,few
refuses "a bad order" 2 "survivor-order: 'first' is not scattered, oldest or newest" "${run[@]}" --survivors-order first
refuses "a bad limit" 2 "--memory-limit: '1X' is not a size" "${run[@]}" --memory-limit 1X
refuses "a bad switch" 2 "--trickle: 'yes' is not on or off" "${run[@]}" --trickle yes
refuses "trickles to be turned off where there are none" 2 "has no trickles to turn off" \
  "${run[@]}" --trickle on,off -- --trickle 0
refuses "a value twice" 2 "--release: 'close' stands there twice" "${run[@]}" --release close,native,close
refuses "a schedule longer than its limit" 2 "--time-limit 5 s: a run takes about .*; raise it" "${run[@]}" --time-limit 5s
refuses "a schedule without a burst" 2 "--bursts 0 behind the --: there is no burst" \
  "${run[@]}" -- --bursts 0 --trickles 1
refuses "a schedule without an end" 2 "--trickles 0: these never end" "${run[@]}" -- --trickles 0
refuses "a factor behind the --" 2 "--survivors=5% behind the -- .*use its option --survivors" "${run[@]}" -- --survivors=5%
refuses "an address behind the --" 2 "--connect behind the -- .*leave it out" "${run[@]}" -- --connect 127.0.0.1:1
refuses "a start behind the --" 2 "--start-at behind the -- .*leave it out" "${run[@]}" -- --start-at +1h
is "none of these left a run directory" "$(find "$runs" -mindepth 1 -maxdepth 1 | wc -l)" "$before"

done_testing
