#!/usr/bin/env bash
# tidemark run --server: any command that listens on a port is a column beside ours; what it does
# not tell is left out, and nothing of it stays.
. "$(dirname "$0")/../lib/tap.sh"

short=(--rest 200ms --burst 50 --bursts 2 --burst-gap 200ms --linger 100ms --window 300ms
  --trickle 10 --trickles 1 --trickle-gap 100ms)
peers=$(dirname "$0")/../peers
tidemark=$BUILD/tidemark
python=$(command -v python3)

# A server in Python: "fork" leaves four workers in sessions of their own, of which one ignores
# SIGTERM; the others are ways of not being there. usage: peer.py WAY PORT
cat >"$scratch/peer.py" <<'END'
import os, signal, socket, sys, time

way, port = sys.argv[1], int(sys.argv[2])
if way == "exit":
    sys.exit("I do not feel well")
if way == "sleep":
    time.sleep(3600)
listener = socket.socket(socket.AF_INET6 if way == "v6" else socket.AF_INET)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("::1" if way == "v6" else "127.0.0.1", 0 if way == "elsewhere" else port))
listener.listen(4096)
if way == "fork":
    for number in range(4):
        if os.fork() == 0:
            os.setsid()
            if number == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            break
ends = {"crash": lambda: os.kill(os.getpid(), signal.SIGSEGV), "leave": lambda: os._exit(0)}
connections = []
while True:
    connections.append(listener.accept()[0])
    if way in ends and len(connections) == 20:
        ends[way]()
END

# run LABEL ARGUMENTS...: in the foreground; $directory is what it left.
run() {
  "$tidemark" run --runs "$scratch/runs" --label "$1" --allocators none "${@:2}" \
    >"$scratch/out" 2>"$scratch/err"
  result=$?
  directory=$(find "$scratch/runs" -maxdepth 1 -name "*-$1")
}

# about EXPRESSION: of the (only) run, as d.
about() {
  python3 -c 'import json, sys; print(eval(sys.argv[2], {"d": json.load(open(sys.argv[1]))}))' \
    "$directory"/001-*/run.json "$1"
}

# nothing_stays: no process has the scratch folder in its command line.
nothing_stays() {
  ! grep -lsF "$scratch/peer.py" /proc/[0-9]*/cmdline
}

# --- the small servers of the README ---
run small --json --server "python3 $peers/idle.py {port}" -- "${short[@]}"
is "a server in Python" "$result" 0
is "its run is complete" "$(about 'd["verdict"]')" complete
is "its column has the name of the script" "$(about 'd["allocator"]')" idle.py
is "it is marked as not ours" "$(about 'd["foreign"]')" True
is "it has no policy and no knobs of ours" "$(about '[d["release"], d["tune"]]')" "['native', []]"
is "nobody knows how it shares its connections out" "$(about '[d["arch"], d["workers"]]')" "[None, None]"
ok "what it holds live is unknown" awk -F, '/^[0-9]/ { n++; if ($3 != "" || $6 != "") bad = 1 } END { exit bad || !n }' \
  "$directory"/001-*/samples.csv
ok "what it holds is recorded" awk -F, '/^[0-9]/ && $2 > 1000000 { n++ } END { exit !n }' "$directory"/001-*/samples.csv
ok "stdout is one valid document" python3 -m json.tool "$scratch/out"

if ! command -v go >/dev/null; then
  skip "a server in Go, beside ours" "go is not installed"
elif ! GOCACHE=$PWD/build/go-cache go build -o "$scratch/idle" "$peers/idle.go" 2>"$scratch/err"; then
  skip "a server in Go, beside ours" "go cannot build it: $(head -n 1 "$scratch/err")"
else
  "$tidemark" run --runs "$scratch/runs" --label go --allocators glibc \
    --server "little=env GOMEMLIMIT=8MiB '$scratch/idle' {port}" -- "${short[@]}" >"$scratch/out" 2>"$scratch/err"
  is "a server in Go, beside ours" $? 0
  ok "both are in the table" sh -c "grep -q '^glibc ' '$scratch/out' && grep -q '^little ' '$scratch/out'"
fi

# --- processes and addresses ---
run fork --server "$python $scratch/peer.py fork {port}" -- "${short[@]}"
is "a server that forks" "$(about 'd["verdict"]')" complete
ok "all its processes are recorded" sh -c \
  "[ ! -s '$directory'/001-*/processes.csv ] || [ \$(awk -F, '/^[0-9]/ { print \$2 }' '$directory'/001-*/processes.csv | sort -u | wc -l) != 1 ]"
ok "none of them stays, whatever session it is in" eventually nothing_stays
run v6 --server "v6='$python' '$scratch/peer.py' v6 {port}" -- "${short[@]}"
if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
  is "a server on ::1" "$(about 'd["verdict"]')" complete
else
  skip "a server on ::1" "no IPv6 on the loopback device"
fi

# --- servers that are not there ---
voids() { # DESCRIPTION WAY PATTERN [OPTIONS-OF-TIDEMARK...]
  run "$2" "${@:4}" --server "$python $scratch/peer.py $2 {port}" -- "${short[@]}"
  is "$1: the run is void" "$result $(about 'd["verdict"]')" "1 void"
  ok "$1: with the reason" grep -Eq "void: $3" "$scratch/err"
  ok "$1: nothing of it stays" eventually nothing_stays
}
voids "a server that exits" exit "the server ended before it listened \(exit status 1\): I do not feel well"
voids "a server that never listens" sleep "the server does not listen on port [0-9]+ after 2" --start-limit 2s
voids "a server that listens elsewhere" elsewhere "the server does not listen on port [0-9]+ after .*, but on 127.0.0.1:[0-9]+" \
  --start-limit 4s
voids "a server that crashes" crash "server ended with killed by signal 11"
voids "a server that leaves" leave "server ended by itself in the middle of the run"
refuses "a program that is not there" 2 "there is no program '/nonexistent/server'" \
  "$tidemark" run --dry-run --allocators none --server '/nonexistent/server {port}' -- "${short[@]}"
refuses "a program that is not in PATH" 2 "there is no program 'nonexistent-server' in PATH" \
  "$tidemark" run --dry-run --allocators none --server 'nonexistent-server {port}' -- "${short[@]}"

# --- tidemark is killed ---
"$tidemark" run --runs "$scratch/runs" --label kill --allocators none --server "$python $scratch/peer.py fork {port}" \
  -- --burst 10 --bursts 1 --window 60s --trickle 0 >"$scratch/out" 2>"$scratch/err" &
victim=$!
is_up() {
  find "$scratch/runs" -path '*-kill/*.part/phases.csv' | grep -q .
}
ok "a run is under way" eventually is_up
kill -9 "$victim"
wait "$victim" 2>/dev/null
ok "kill -9 of tidemark leaves none of its processes" eventually nothing_stays

# --- a memory limit ---
run limit --memory-limit 256M --server "$python $scratch/peer.py fork {port}" -- "${short[@]}"
if grep -q "cannot make a memory cgroup" "$scratch/err"; then
  skip "a server in a memory cgroup" "$(grep -o 'cannot make a memory cgroup.*' "$scratch/err")"
else
  is "a server in a memory cgroup" "$(about 'd["verdict"], d["memory_limit"]')" "('complete', 268435456)"
  run oom --memory-limit 2M --server "$python $scratch/peer.py fork {port}" -- "${short[@]}"
  ok "a server over its limit" grep -q "void: the kernel killed the server at its --memory-limit" "$scratch/err"
fi

# --- what is asked for cannot be ---
before=$(find "$scratch/runs" -mindepth 1 -maxdepth 1 | wc -l)
r=("$tidemark" run --runs "$scratch/runs" --server)
refuses "no {port}" 2 "--server 'sleep 5': write \{port\} where the command takes its port" "${r[@]}" "sleep 5"
refuses "a pipe" 2 "one command is wanted, without \|" "${r[@]}" "a {port} | b"
refuses "an open quote" 2 "a quote is not closed" "${r[@]}" "a '{port}"
refuses "a variable that is not set" 2 "a .variable in it is not set" "${r[@]}" "a \$NO_SUCH_VARIABLE {port}"
refuses "no command" 2 "there is no command in it" "${r[@]}" "name="
refuses "a name that is taken" 2 "there is a column 'glibc' already; name this one" "${r[@]}" "glibc=a {port}"
is "none of these left a run directory" \
  "$(find "$scratch/runs" -mindepth 1 -maxdepth 1 | wc -l)" "$before"

done_testing
