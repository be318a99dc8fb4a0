# shellcheck shell=bash disable=SC2034
# tap.sh - for end-to-end tests: TAP on stdout, a scratch folder, and programs that end with the
# test, also when it fails. Source it first; call done_testing last.

BUILD=${BUILD:-build}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tidemark-test.XXXXXX")
tests=0
failures=0
started=0

# running: the pids of the background programs that have not ended. Only they are signalled: the
# number of one that has ended may belong to another test's program by now.
running() {
  jobs -pr
}

is_running() {
  grep -qx "$1" <<<"$(running)"
}

nothing_runs() {
  [ -z "$(running)" ]
}

# Of a test that died in the middle, one may be stopped, or wait for another that is.
finish() {
  local pid
  for pid in $(running); do
    kill "$pid" 2>/dev/null
    kill -CONT "$pid" 2>/dev/null
  done
  if ! eventually nothing_runs; then
    for pid in $(running); do
      kill -KILL "$pid" 2>/dev/null
      wait "$pid" 2>/dev/null
    done
  fi
  rm -rf "$scratch"
}
trap finish EXIT
trap 'echo "# ended by a signal"; exit 1' INT TERM

# ok DESCRIPTION COMMAND...: passes when the command does; shows what it printed when not.
ok() {
  local description=$1
  shift
  tests=$((tests + 1))
  if "$@" >"$scratch/.output" 2>&1; then
    echo "ok $tests - $description"
  else
    failures=$((failures + 1))
    echo "not ok $tests - $description"
    echo "#   failed: $*"
    sed 's/^/#   /' "$scratch/.output" | tail -n 20
  fi
}

# is DESCRIPTION GOT WANTED
is() {
  local description=$1 got=$2 wanted=$3
  tests=$((tests + 1))
  if [ "$got" = "$wanted" ]; then
    echo "ok $tests - $description"
  else
    failures=$((failures + 1))
    echo "not ok $tests - $description"
    printf "#   got:    %s\n#   wanted: %s\n" "$got" "$wanted" | head -n 20
  fi
}

# skip DESCRIPTION REASON
skip() {
  tests=$((tests + 1))
  echo "ok $tests - $1 # SKIP $2"
}

# skip_all REASON: for a test that cannot run here at all.
skip_all() {
  echo "1..0 # SKIP $1"
  exit 0
}

done_testing() {
  echo "1..$tests"
  exit "$((failures > 0))"
}

# refuses DESCRIPTION STATUS PATTERN COMMAND...: the command ends with that status and says one
# line on stderr, which matches the pattern.
refuses() {
  local description=$1 wanted=$2 pattern=$3 status
  shift 3
  "$@" >"$scratch/.out" 2>"$scratch/.err" </dev/null
  status=$?
  tests=$((tests + 1))
  if [ "$status" = "$wanted" ] && [ "$(wc -l <"$scratch/.err")" = 1 ] &&
    grep -Eq -- "$pattern" "$scratch/.err"; then
    echo "ok $tests - $description"
  else
    failures=$((failures + 1))
    echo "not ok $tests - $description"
    printf "#   status %s, wanted %s; wanted a line like: %s\n" "$status" "$wanted" "$pattern"
    sed 's/^/#   stderr: /' "$scratch/.err"
  fi
}

# start NAME COMMAND...: starts a program that takes --ready-fd in the background, waits until it
# is ready, and leaves its pid in $pid and its output in $scratch/NAME.{out,err}.
start() {
  local name=$1 ready
  shift
  mkfifo "$scratch/$name.ready"
  "$@" --ready-fd 9 9>"$scratch/$name.ready" >"$scratch/$name.out" 2>"$scratch/$name.err" &
  pid=$!
  started=$((started + 1))
  # The open of the FIFO waits for the writer; the read ends when it dies.
  if ! read -r -t 60 ready <"$scratch/$name.ready" && [ -z "$ready" ] && ! is_running "$pid"; then
    echo "# $name did not start:"
    sed 's/^/#   /' "$scratch/$name.err"
  fi
  rm -f "$scratch/$name.ready"
}

# start_server ALLOCATOR OPTIONS...: on a free port; leaves $server (pid), $port and $status (file).
start_server() {
  local name=server$((started + 1)) allocator=$1
  shift
  status=$scratch/$name.status
  start "$name" "$BUILD/server-$allocator" --listen 127.0.0.1:0 --status "$status" "$@"
  server=$pid
  server_out=$scratch/$name.out
  server_err=$scratch/$name.err
  port=$(field port)
}

# field NAME...: values of the server's status page. (-IS: Python begins in half the time.)
field() {
  python3 -IS "$(dirname "${BASH_SOURCE[0]}")/status.py" "$status" "$@"
}

# eventually COMMAND...: tries until it succeeds; fails when it has not after two minutes, which is
# generous: also for a machine that is slow, or that others keep busy.
eventually() {
  local end=$((SECONDS + 120))
  while [ "$SECONDS" -lt "$end" ]; do
    "$@" && return 0
    sleep 0.05
  done
  echo "# never came true: $*"
  return 1
}

# field_is NAME VALUE
field_is() {
  [ "$(field "$1")" = "$2" ]
}

# stop PID: ends a program in order and returns its exit status.
stop() {
  ! is_running "$1" || kill "$1"
  wait "$1"
}
