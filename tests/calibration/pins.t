#!/usr/bin/env bash
# What the probe pins while it runs, that people can read it, and that nothing of it stays.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/bpf.sh"

needs_bpf bill_table releases_table
command -v bpftool >/dev/null || PATH=$PATH:/usr/sbin
command -v bpftool >/dev/null || skip_all "bpftool is not installed"

# pinned PID: does the probe of that pid have pins?
pinned() {
  [ -d "$pins/$1" ]
}

not_pinned() {
  ! pinned "$1"
}

current_is() {
  [ "$(readlink "$pins/current")" = "$1" ]
}

dump() { # MAP
  bpftool --json map dump pinned "$pins/current/maps/$1"
}

start_server glibc --release quiet=200ms --footprint session
start_probe --status "$status"
"$BUILD/pulse" --connect "127.0.0.1:$port" --burst 1000 --bursts 1 --survivors 5% --linger 100ms \
  --window 60s --trickle 0 >"$scratch/pulse.out" 2>"$scratch/pulse.err" &
pulse=$!
ok "a burst has gone" eventually field_is open 50
if [ -n "$SANITIZE" ]; then
  skip "the policy has released" "a sanitizer replaces malloc, and malloc_trim does nothing"
else
  ok "the policy has released" eventually grep -q policy "$pins/$probe/iters/releases"
fi

# --- readable ---
ok "the folder has maps, progs, links and iters" \
  test -d "$pins/$probe/maps" -a -d "$pins/$probe/progs" -a -d "$pins/$probe/links" -a \
  -d "$pins/$probe/iters"
ok "current points to it" current_is "$probe"
ok "bpftool prints releases with names" grep -Eq '"cause":"CAUSE_(POLICY|ALLOCATOR)"' <(dump releases)
ok "and with what was freed" grep -Eq '"anon_pages":[1-9]' <(dump releases)
ok "targets has the server" grep -q "\"key\":${server}[,}]" <(dump targets)
ok "bpftool shows the programs" \
  bpftool prog show pinned "$pins/current/progs/page_freed"
ok "iters/bill: 50 connections of the server" \
  eventually grep -Eq '^server connection +50 ' "$pins/current/iters/bill"
is "iters/sockets: both ends of 50" "$(grep -cE '^(server|client) ' "$pins/current/iters/sockets")" 100
is "iters/processes: the server" "$(awk 'NR == 2 { print $1 }' "$pins/current/iters/processes")" \
  "$server"

ok "--port finds the same server" \
  grep -Eq '^server +connection +50 ' <("$BUILD/probe" --port "$port" --bill)

# --- two at once, and one that is killed ---
first=$probe
start_probe --pid "$server"
second=$probe
ok "two probes at once" pinned "$first"
ok "current is the newer" current_is "$second"
kill -9 "$first"
wait "$first" 2>/dev/null
ok "a killed probe leaves its pins" pinned "$first"
start_probe --pid "$server"
third=$probe
ok "the next one names them" grep -q "removed the pins of probes that are gone: $first\$" \
  "$probe_err"
ok "and removes them" not_pinned "$first"
ok "but not those of one that lives" pinned "$second"
stop "$third"
ok "an end in order takes its own" not_pinned "$third"
ok "and points current to the one that is left" current_is "$second"

# --- what stands in the way ---
gone=$(sh -c 'echo $$')
ln -s "$gone" "$pins/next-$gone"
# A folder by the number that the next one will have, which nobody has signed.
start unsigned sh -c 'mkdir "$1/$$" && shift && exec "$@"' sh "$pins" \
  "$BUILD/probe" --pid "$server"
unsigned=$pid
ok "a folder that a crash has left unfinished is no hindrance" \
  grep -q "pinned in $pins/$unsigned\$" "$scratch/unsigned.err"
ok "a link that a crash has left is gone" test ! -L "$pins/next-$gone"
stop "$unsigned"

# --- the server is killed ---
kill -9 "$server"
wait "$server" 2>/dev/null
ok "the probe ends with its server" wait "$second"
ok "nothing of theirs stays pinned" test ! -e "$pins/$first" -a ! -e "$pins/$second" -a ! -e "$pins/$third"
stop "$pulse"

# --- the common folder goes while another comes ---
cat >"$scratch/race.c" <<'END'
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Another probe ends just before this one makes its own folder in the common one. */
int mkdir(const char *path, mode_t mode)
{
	static int raced;

	if (strstr(path, "/tidemark/") && !raced++)
		rmdir("/sys/fs/bpf/tidemark");
	return mkdirat(AT_FDCWD, path, mode);
}
END
if [ -n "$SANITIZE" ]; then
  skip "the one that comes makes it again" "a sanitizer wants to be loaded first"
else
  "${CC:-cc}" -shared -fPIC -o "$scratch/race.so" "$scratch/race.c"
  sleep 1000 &
  idle=$!
  LD_PRELOAD=$scratch/race.so start raced "$BUILD/probe" --pid "$idle"
  ok "the one that comes makes it again" pinned "$pid"
  stop "$pid"
fi

# --- lines for people ---
refuses "a process that is gone" 1 "process $server: .*has the server ended" \
  "$BUILD/probe" --pid "$server"
refuses "a port without a server" 1 "port $port: nobody listens there" \
  "$BUILD/probe" --port "$port"
sleep 1000 &
other=$!
refuses "the bill of a process that listens nowhere" 1 "process $other listens on no TCP port" \
  "$BUILD/probe" --pid "$other" --bill
if command -v setpriv >/dev/null; then
  refuses "a process without rights" 1 "process $other: .*" \
    setpriv --reuid 65534 --clear-groups --inh-caps=-all "$BUILD/probe" --pid "$other"
else
  skip "a process without rights" "setpriv is not installed"
fi
done_testing
