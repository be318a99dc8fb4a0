#!/usr/bin/env bash
# Runs every fuzz target for FUZZ_TIME seconds (make check: a few; make fuzz: minutes).
. "$(dirname "$0")/../lib/tap.sh"

targets=("$BUILD"/fuzz/*)
[ -x "${targets[0]}" ] || skip_all "no fuzz targets were built: clang has no -fsanitize=fuzzer here"

# Seeds, so that a short run reaches behind the first check.
mkdir "$scratch/record" "$scratch/words"
seed_record() {
  echo "# tidemark phases 1 boot_id=x monotonic_ns=1 realtime_ns=2"
  sed -n 's/.*{ "\(.*\)", offsetof(struct phase,.*/\1/p' server/base/record.c | paste -sd,
  echo "burst,1,5,6,7,8,10000,10000,0,0,0,0,0,0,0,100,1,2,3,4,5,6,7,8,0"
  echo "gap,1,5,,,8,0,0,0,0,0,0,0,0,0,100,,,,,,,,,0"
}
seed_record >"$scratch/record/seed"
for word in 64,700,4Kx2@200ms,1K@first-byte session quiet=2s drop=50% 1.5MiB 250ms '[::1]:3033' 127.0.0.1:0; do
  echo -n "$word" >"$scratch/words/$word"
done

for target in "${targets[@]}"; do
  name=$(basename "$target")
  mkdir -p "$scratch/$name"
  ok "$name: ${FUZZ_TIME:-5} s without a crash" env TMPDIR="$scratch" "$target" -max_total_time="${FUZZ_TIME:-5}" \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="${FUZZ_CRASHES:-$scratch}/" "$scratch/$name"
  awk '/stat::number_of_executed_units/ { print "# " $2 " inputs" }' "$scratch/.output"
done

done_testing
