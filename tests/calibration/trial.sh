#!/usr/bin/env bash
# Does the report say "no difference" where there is none, and find one where there is?
#
# Each trial is an experiment of its own, with another seed: glibc under two names (A/A), and glibc
# that releases when it is quiet against glibc that does not (A/B). One line a trial, then the
# count: A/A must be "no difference" in at least 19 of 20, A/B must differ in all.
#
#   TRIALS=20 REPEAT=8 FIRST=1   how many, of how many blocks, from which seed on
#   KEEP=FOLDER                  leave the run directories there
#
# A trial takes some two minutes.
set -euo pipefail

BUILD=${BUILD:-build}
TRIALS=${TRIALS:-20}
REPEAT=${REPEAT:-8}
FIRST=${FIRST:-1}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tidemark-trial.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM

# verdicts FILE: "A/A kept, A/A cost, A/B kept", and exit status 0 when all are as they should be:
# bit 0 is set when A/A was found different, bit 1 when A/B was not.
verdicts() {
  python3 - "$1" <<'END'
import json
import sys

table = json.load(open(sys.argv[1]))
rows = {(row["allocator"], row["release"]): row for row in table["rows"]}


def describe(row, question):
    answer = row[question]
    if not answer:
        return "unknown", f"{question}: unknown"
    difference = row["differences"][answer["by"]]
    shown = [f"{difference[key]:.4g}" for key in ("median", "low", "high")]
    return answer["verdict"], (f"{question} {answer['verdict']}: {answer['by']} "
                               f"{shown[0]} ({shown[1]} to {shown[2]}), {difference['n']} pairs")


same = rows["glibc@again", "native"]
other = rows["glibc", "quiet=1s"]
kept, kept_text = describe(same, "kept")
cost, cost_text = describe(same, "cost")
less, less_text = describe(other, "kept")
void = f"; {len(table['void'])} void" if table["void"] else ""
print(f"A/A {kept_text}; {cost_text} | A/B {less_text}{void}")
sys.exit((1 if kept != "no difference" or cost != "no difference" else 0) |
         (2 if less != "less" else 0))
END
}

[ -x "$BUILD/server-glibc@again" ] || {
  echo "build the second name first: make ALLOCATOR=glibc PREFIX=/usr LABEL=again" >&2
  exit 2
}

same=0 found=0
for ((seed = FIRST; seed < FIRST + TRIALS; seed++)); do
  "$BUILD/tidemark" run --runs "${KEEP:-$scratch}" --label "trial-$seed" \
    --allocators glibc,glibc@again --release native,quiet=1s --repeat "$REPEAT" --seed "$seed" \
    --json -- --burst 1000 --bursts 1 --linger 200ms --window 2500ms --trickle 0 \
    >"$scratch/table.json" 2>"$scratch/log" || {
    tail -n 3 "$scratch/log" >&2
  }
  status=0
  line=$(verdicts "$scratch/table.json") || status=$?
  if [ -z "$line" ]; then
    line="no table" status=3
  fi
  [ $((status & 1)) = 0 ] && same=$((same + 1))
  [ $((status & 2)) = 0 ] && found=$((found + 1))
  echo "seed $seed: $line"
done
echo "A/A: no difference in $same of $TRIALS; A/B: found in $found of $TRIALS"
[ "$((same * 20))" -ge "$((TRIALS * 19))" ] && [ "$found" = "$TRIALS" ]
