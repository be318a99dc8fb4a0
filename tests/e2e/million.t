#!/usr/bin/env bash
# tidemark million: many processes on both ends, a table at the end, and an end in order whatever
# happens on the way.
# shellcheck disable=SC2016,SC2317 # python programs; functions that "eventually" calls
. "$(dirname "$0")/../lib/tap.sh"

[ -z "$SANITIZE" ] || skip_all "with sanitizers, memory is theirs"

runs=$scratch/runs

# few FDS COMMAND...: with so many descriptors, hard limit as well.
few() {
  local fds=$1
  shift
  bash -c 'ulimit -n "$0" && exec "$@"' "$fds" "$@"
}

# json EXPRESSION: of the newest study, as m.
json() {
  python3 -c 'import json,sys; m = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
    "$(find "$runs" -name million.json | sort | tail -n 1)" "$1"
}

# children NAME: of that program of the study, which is the one child of tidemark of that name.
children() {
  local program
  program=$(ps -o pid=,comm= --ppid "$study" | awk -v name="$1" '$2 ~ "^" name { print $1 }')
  [ -n "$program" ] && ps -o pid= --ppid "$program" | tr -d ' '
}

# holds COUNT: so many connections are open at the server of the study's long pass.
holds() {
  local page
  page=$(find "$runs" -name cold-status 2>/dev/null)
  [ -n "$page" ] && [ "$(python3 "$(dirname "$0")/../lib/status.py" "$page" open)" = "$1" ]
}

within=() # a command that the study is given to
# begin OPTIONS...: a study that holds for an hour; leaves its pid in $study when all are open.
begin() {
  rm -rf "$runs"
  "${within[@]}" bash -c 'ulimit -n 300 && exec "$@"' - "$BUILD/tidemark" million --connections 1000 --hold 1h \
    --runs "$runs" "$@" >"$scratch/out" 2>"$scratch/err" &
  study=$!
  eventually holds 1000
}

# nothing_left: every program of a study has its folder among its words.
nothing_left() {
  ! pgrep -f "$runs"
}

# was_asked: a SIGTERM waits for one of those that do not hear (bit 14 of ShdPnd, proc(5)).
was_asked() {
  local pid
  for pid in "${deaf[@]}"; do
    awk '/^ShdPnd/ { found = substr($2, 13, 1) ~ /[4-7c-f]/ } END { exit !found }' "/proc/$pid/status" &&
      return 0
  done
  return 1
}

ended() {
  ! is_running "$study"
}

# void REASON: the study has ended with 1, says why, and has left nothing.
void() {
  eventually ended || return 1
  wait "$study"
  [ $? = 1 ] && [ "$(json 'm["verdict"]')" = void ] && json 'm["reason"]' | grep -E "$1" &&
    nothing_left && [ -z "$(find "$runs" -name '*.part')" ]
}

# --- a small one, with few descriptors ---
few 300 "$BUILD/tidemark" million --connections 2000 --hold 3s --runs "$runs" \
  --peers "$BUILD/tests" >"$scratch/out" 2>"$scratch/err"
is "2,000 with 300 descriptors a process: status 0" $? 0
is "complete" "$(json 'm["verdict"]')" complete
ok "several workers: no one has them all" test "$(json 'm["workers"]')" -ge 8
is "held for 5 s at the least" "$(json 'm["hold_ns"]')" 5000000000
ok "the table names what each takes" grep -E "server .*beyond its base" "$scratch/out"
ok "a connection has a place of 8 bytes in a descriptor table at each end, and few are empty" \
  [ "$(json '8 <= m["bytes_a_connection"]["tables_pair"] <= 64')" = True ]
ok "and the bare pair's rate" grep -E "bare pair: established in" "$scratch/out"
ok "the figure is drawn" test -s "$(find "$runs" -name growth.svg)"
is "each of its three panels names its axes" \
  "$(grep -cE '>(connections open|MiB|connections a second)<' "$(find "$runs" -name growth.svg)")" 6
ok "its numbers are beside it" test "$(wc -l <"$(find "$runs" -name growth.csv)")" -ge 20
ok "nothing is left of it" nothing_left

# --- what does not fit is said before anything is opened ---
refuses "a number that needs more memory than there is" 1 'memory|file-max|max_user_watches|files' \
  "$BUILD/tidemark" million --connections 100000000 --runs "$runs"
refuses "a floor that leaves nothing" 1 'lower --memory-floor' \
  "$BUILD/tidemark" million --connections 1000 --memory-floor 900G --runs "$runs"
"$BUILD/tidemark" million --connections 1000 --memory-floor 900G --json --runs "$runs" >/dev/full \
  2>"$scratch/err"
is "a full disk behind standard output is said" "$(tail -n 1 "$scratch/err")" \
  "tidemark: standard output could not be written"
# Of another user, who may have one process: RLIMIT_NPROC is not for root.
nobody=(setpriv --reuid 61235 --regid 61235 --clear-groups)
chmod 711 "$scratch"
install -d -m 777 "$scratch/nobody"
if ! "${nobody[@]}" test -x "$(readlink -f "$BUILD/pulse")" -a -w "$scratch/nobody" 2>"$scratch/err"; then
  skip "a process that cannot be made" "no other user can run it here: $(head -n 1 "$scratch/err")"
else
  refuses "a process that cannot be made" 1 'void: cannot start pulse: Resource temporarily unavailable' \
    "${nobody[@]}" prlimit --nproc=1 "$BUILD/tidemark" million --connections 1000 --runs "$scratch/nobody"
fi
refuses "no number" 2 '--connections' "$BUILD/tidemark" million --connections some
before=$(ls "$runs")
refuses "a server that is not there" 2 "--allocator nobody: there is no .*server-nobody" \
  "$BUILD/tidemark" million --allocator nobody --runs "$runs"
refuses "a pair that is not there" 2 "--peers $scratch: there is no accept in it" \
  "$BUILD/tidemark" million --peers "$scratch" --runs "$runs"
is "what is asked for wrongly leaves no directory" "$(ls "$runs")" "$before"
refuses "an operand" 2 'not an option' "$BUILD/tidemark" million 1000

# --- the bare pair's client, where nobody listens ---
"$BUILD/tests/dial" 5 1 1 0 </dev/null >"$scratch/out" 2>"$scratch/err"
is "a dial that reaches nobody: status 1, and no result" "$? $(cat "$scratch/out")" "1 "

# --- ends in order ---
begin
kill -KILL "$(children server | head -n 1)"
ok "a worker of the server is killed: void, and why" void 'worker of the server died.*signal 9'
begin
kill -KILL "$(children pulse | head -n 1)"
ok "a process of pulse is killed: void, and why" void 'pulse fell short.*connections lost.*worker [0-9]+ of [0-9]+ .* was killed by SIGKILL'
begin
kill -TERM "$study"
ok "a signal: void, and why" void 'ended by a signal'

# Neither hears what it is asked, as one that has a million to close may not for a minute.
begin
mapfile -t deaf < <(ps -o pid= --ppid "$study" | tr -d ' ')
kill -STOP "${deaf[@]}"
kill -TERM "$study"
ok "a signal: they are asked to end" eventually was_asked
kill -INT "$study"
ok "a second signal: its programs are killed" eventually ended
kill -CONT "${deaf[@]}" 2>/dev/null
is "said in one line" "$(grep -c 'a second signal' "$scratch/err")" 1
is "void all the same" "$(json 'm["reason"]')" 'ended by a signal'
ok "and their workers have ended" eventually nothing_left

begin
kill -KILL "$study"
ok "tidemark is killed: its programs end" eventually nothing_left
ok "and what they leave does not claim to be whole" eval \
  '[ -d "$runs"/*-million-"$study".part ] && [ -z "$(find "$runs" -name million.json)" ]'

# --- a figure that takes its time ---
rm -rf "$runs"
mkdir "$scratch/slow"
cat >"$scratch/slow/gnuplot" <<END
#!/bin/sh
echo \$\$ >"$scratch/drawing"
exec sleep 60
END
chmod +x "$scratch/slow/gnuplot"
PATH=$scratch/slow:$PATH "$BUILD/tidemark" million --connections 100 --hold 5s --runs "$runs" \
  >"$scratch/out" 2>"$scratch/err" &
study=$!
ok "it is drawn" eventually test -s "$scratch/drawing"
kill -TERM "$study"
wait "$study"
is "a signal while it is drawn: status 1" $? 1
ok "gnuplot has ended" eval '! kill -0 "$(cat "$scratch/drawing")" 2>/dev/null'
ok "and why is said" grep "ended by a signal while gnuplot drew" "$scratch/err"
is "what was measured is there" "$(json 'm["verdict"]')" complete

# --- the source ports are taken by others, in a network of its own ---
if ! unshare -n true 2>/dev/null; then
  skip "out of source ports: void, and why" "unshare -n is not permitted"
else
  rm -rf "$runs"
  unshare -n bash -c 'ip link set lo up && echo 40000 40399 >/proc/sys/net/ipv4/ip_local_port_range
    exec 3< <(exec python3 "$0" 40000 380); others=$!; read -r _ <&3
    ulimit -n 300 && "$@"; status=$?; kill "$others"; exit $status' "$(dirname "$0")/../lib/ports.py" \
    "$BUILD/tidemark" million --connections 1000 --hold 1h --runs "$runs" >/dev/null 2>&1 &
  study=$!
  ok "out of source ports: void, and why" void 'pulse fell short.*without a source port'
fi

# --- memory gets short while they are held, as /proc/meminfo of the test's own tells it ---
if ! unshare -m true 2>/dev/null; then
  skip "the memory guard: void, and why" "unshare -m is not permitted"
else
  meminfo() {
    printf 'MemTotal: 8000000 kB\nMemFree: 1 kB\nMemAvailable: %s kB\n' "$1" >"$scratch/meminfo"
  }
  meminfo 4000000
  : >"$scratch/zoneinfo"
  within=(unshare -m sh -c 'mount --bind "$0/meminfo" /proc/meminfo &&
    mount --bind "$0/zoneinfo" /proc/zoneinfo && exec "$@"' "$scratch")
  begin --memory-floor 1G
  meminfo 1000000
  ok "the memory guard: void, and why" void 'of memory were available'
fi

# --- a tenth of a million, where the machine has room ---
free=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
if [ "$free" -lt 3000 ]; then
  skip "100,000 connections" "$free MiB of memory are available, 3000 are wanted"
elif [ "$(awk '{ print int($1) }' /proc/loadavg)" -gt "$((16 * $(nproc)))" ]; then
  skip "100,000 connections" "others keep this machine busy (load $(cut -d' ' -f1 /proc/loadavg))"
elif "$BUILD/pulse" --check --burst 100000 --bursts 1 --trickle 0 2>"$scratch/err"; then
  rm -rf "$runs"
  "$BUILD/tidemark" million --connections 100000 --hold 4s --runs "$runs" >"$scratch/out" \
    2>"$scratch/err"
  is "100,000 connections: status 0" $? 0
  ok "the server keeps at most 64 bytes for each" \
    test "$(json 'm["bytes_a_connection"]["server"] <= 64')" = True
  ok "pulse at most 128" test "$(json 'm["bytes_a_connection"]["pulse"] <= 128')" = True
else
  skip "100,000 connections" "$(cat "$scratch/err")"
fi

done_testing
