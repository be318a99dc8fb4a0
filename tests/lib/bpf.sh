# shellcheck shell=bash disable=SC2034,SC2154
# bpf.sh - for calibration tests: the probe with its eBPF part. Source it behind tap.sh.

pins=/sys/fs/bpf/tidemark

# needs_bpf [PROGRAM...]: skips the test where the probe cannot attach (these programs of) its own.
needs_bpf() {
  local program
  : >"$scratch/needs.err"
  "$BUILD/probe" --pid $$ >"$scratch/needs.out" 2>"$scratch/needs.err" &
  pid=$!
  eventually probe_has_begun
  grep -q "capabilities kept" "$scratch/needs.err" || skip_all "the probe does not start"
  stop "$pid"
  for program in page_freed processes_table "$@"; do
    grep -Eq "^  $program +attached" "$scratch/needs.err" ||
      skip_all "$(grep -E "^  $program " "$scratch/needs.err" || echo "$program: not loaded")"
  done
}

# probe_has_begun: or has ended.
probe_has_begun() {
  grep -q "capabilities kept" "$scratch/needs.err" || ! is_running "$pid"
}

# needs_own_memory: skips a test that counts pages exactly, where a sanitizer allocates and keeps some.
needs_own_memory() {
  [ -z "$SANITIZE" ] || skip_all "sanitizers have memory of their own, and replace malloc"
}

# start_probe OPTIONS...: records into $record, speaks into $probe_err; leaves its pid in $probe.
start_probe() {
  local name=probe$((started + 1))
  record=$scratch/$name.record
  probe_err=$scratch/$name.err
  mkdir "$record"
  start "$name" "$BUILD/probe" --record "$record" "$@"
  probe=$pid
}

stop_probe() {
  stop "$probe"
}

# process_field NAME: of the followed process, as the kernel has it now.
process_field() {
  awk -v name="${1^^}" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) field = i }
    NR == 2 { print $field }' "$pins/$probe/iters/processes"
}

# column FILE COLUMN [NAME VALUE]...: the sum of a column over the rows with these values.
column() {
  local file=$1 wanted=$2
  shift 2
  awk -F, -v wanted="$wanted" -v conditions="$*" '
    NR == 2 {
      for (i = 1; i <= NF; i++) at[$i] = i
      count = split(conditions, condition, " ")
    }
    NR > 2 {
      for (i = 1; i < count; i += 2)
        if ($at[condition[i]] != condition[i + 1]) next
      sum += $at[wanted]
    }
    END { print sum + 0 }' "$file"
}
