#!/usr/bin/env bash
# tidemark run --allocators preload:FILE: an allocator that nothing was linked with is a column like
# the others; what cannot be one is refused by name, before anything runs.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/libraries.sh"

[ -x "$BUILD/server-preload" ] || skip_all "sanitizers bring a malloc of their own"

short=(--rest 200ms --burst 50 --bursts 1 --linger 100ms --window 500ms --trickle 0)
runs=$scratch/runs
run=("$BUILD/tidemark" run --runs "$runs")
jemalloc=$(installed_library jemalloc)

# library NAME CODE: a shared library made of it.
library() {
  echo "$2" | "${CC:-gcc}" -shared -fPIC -w -o "$scratch/$1.so" -x c - -ldl
}

# A library that hangs keeps tidemark waiting for a while: meanwhile the others are looked at.
library hang '#include <unistd.h>
__attribute__((constructor)) static void begin(void) { for (;;) pause(); }'
timeout -k 1 150 "${run[@]}" --allocators "preload:$scratch/hang.so" >"$scratch/hang.out" 2>"$scratch/hang.err" &
hang=$!

# --- what cannot be an allocator ---
library innocent 'int innocent(void) { return 1; }'
library half '#include <stddef.h>
void *__libc_malloc(size_t);
void *malloc(size_t n) { return __libc_malloc(n); }'
library wrapper '#include <stddef.h>
void *__libc_malloc(size_t); void __libc_free(void *);
void *__libc_calloc(size_t, size_t); void *__libc_realloc(void *, size_t);
void *malloc(size_t n) { return __libc_malloc(n); }
void free(void *p) { __libc_free(p); }
void *calloc(size_t n, size_t m) { return __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { return __libc_realloc(p, n); }'
library crash '__attribute__((constructor)) static void begin(void) { __builtin_trap(); }'
library orphan 'int missing_function(void); int (*p)(void) = missing_function;'
mkdir "$scratch/a b"
cp "$scratch/innocent.so" "$scratch/a b/innocent.so"
echo "not a library" >"$scratch/text.so"
# Bytes 18 and 19 of an ELF file are its machine; 0xfeed is none.
cp "$scratch/innocent.so" "$scratch/alien.so"
printf '\xed\xfe' | dd of="$scratch/alien.so" bs=1 seek=18 conv=notrunc status=none

refuses "a library that is missing" 2 "preload:$scratch/no.so: No such file .*ldconfig" "${run[@]}" --allocators "preload:$scratch/no.so"
refuses "no library at all" 2 "preload: which library" "${run[@]}" --allocators glibc,preload
refuses "a file that is no library" 2 "text.so: it is not a shared library; give" "${run[@]}" --allocators "preload:$scratch/text.so"
refuses "one of another architecture" 2 "alien.so: it is built for another architecture" "${run[@]}" --allocators "preload:$scratch/alien.so"
refuses "one whose path cannot be preloaded" 2 "no path with a colon or a space" "${run[@]}" --allocators "preload:$scratch/a b/innocent.so"
refuses "one that is no allocator" 2 "--allocators preload:innocent.so: .*malloc is the C library's own.*; preload the shared library of an allocator" \
  "${run[@]}" --allocators "glibc,preload:$scratch/innocent.so"
refuses "half an allocator" 2 "preload:half.so: .*malloc is in .*half.so, but free in .*preload a whole" "${run[@]}" --allocators "preload:$scratch/half.so"
refuses "one that hands out the C library's blocks" 2 "wrapper.so, which hands out the C library's blocks" \
  "${run[@]}" --allocators "preload:$scratch/wrapper.so"
refuses "one that crashes" 2 "preload:crash.so: .* makes the server crash" "${run[@]}" --allocators "preload:$scratch/crash.so"
for status in 0 2 3; do
  library "end$status" "#include <unistd.h>
__attribute__((constructor)) static void begin(void) { _exit($status); }"
  refuses "one that ends the server with $status" 2 "--allocators preload:end$status.so: .*/end$status.so ends the server \\(exit status $status\\)" \
    "${run[@]}" --allocators "preload:$scratch/end$status.so" -- "${short[@]}"
done
library words '#include <unistd.h>
__attribute__((constructor)) static void begin(void) { write(2, "no licence\n", 11); _exit(2); }'
refuses "one that says why" 2 "--allocators preload:words.so: no licence" "${run[@]}" --allocators "preload:$scratch/words.so"
refuses "one that cannot be loaded" 2 "preload:orphan.so: .*(missing_function|cannot be preloaded)" "${run[@]}" --allocators "preload:$scratch/orphan.so"
mkfifo "$scratch/fifo.so"
refuses "one that is no file" 2 "fifo.so: it is not a shared library; give" timeout 60 "${run[@]}" --allocators "preload:$scratch/fifo.so"
refuses "the server by itself, without a library" 1 "no library was preloaded: start it with LD_PRELOAD" \
  env -u LD_PRELOAD "$BUILD/server-preload" --check
ok "nothing has run" [ ! -e "$runs" ]

# --- an allocator that we do not know: it never gives back; malloc_trim of its own, or none ---
bump='#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
static char *place; static size_t left;
void *malloc(size_t n) {
  size_t room = (n + 31) & ~(size_t)15; char *block;
  if (n > (size_t)1 << 40) return NULL;
  if (room > left) {
    left = room > 1 << 20 ? room : 1 << 20;
    place = mmap(NULL, left, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  block = place + 16; memcpy(place, &n, sizeof(n)); place += room; left -= room;
  return block;
}
void free(void *p) { }
void *calloc(size_t n, size_t m) { return malloc(n * m); }
void *realloc(void *p, size_t n) {
  size_t old = 0; void *q = malloc(n);
  if (p) memcpy(&old, (char *)p - 16, sizeof(old));
  if (p) memcpy(q, p, old < n ? old : n);
  return q;
}'
library bump "$bump"
library closed "$bump
#include <stdlib.h>
void *dlopen(const char *name, int flags) { abort(); }"
ok "to look who is live leaves no block of dlopen behind" env LD_PRELOAD="$scratch/closed.so" "$BUILD/server-preload" --check
library trim "$bump
int malloc_trim(size_t pad) { return 0; }"
MALLOC_CONF=stats_print:false "${run[@]}" --label bump --release every=100ms --json \
  --allocators "preload:$scratch/bump.so,preload:named=$scratch/trim.so,glibc" -- "${short[@]}" >"$scratch/out" 2>"$scratch/err"
is "an experiment with them" $? 0
directory=$(find "$runs" -maxdepth 1 -name '*-bump')
ok "who was live, and how it releases, is in run.json" python3 - "$directory" "$scratch" <<'END'
import glob, json, sys
directory, scratch = sys.argv[1:]
calls = {"preload:bump.so": "none that we know", "preload:named": "malloc_trim"}
files = {"preload:bump.so": "bump.so", "preload:named": "trim.so"}
seen = set()
for path in glob.glob(directory + "/0*/run.json"):
    run = json.load(open(path))
    assert run["verdict"] == "complete", run["reason"]
    server, name = run["server"], run["allocator"]
    seen.add(name)
    assert server["environment"]["MALLOC_CONF"] == "stats_print:false"
    if name == "glibc":
        assert "library" not in server and "LD_PRELOAD" not in server["environment"]
        continue
    assert server["library"] == f"{scratch}/{files[name]}", server["library"]
    assert server["environment"]["LD_PRELOAD"] == server["library"]
    assert server["version"] == files[name], server["version"]
    assert server["library"] in server["proof"] and server["proof"].endswith("release call: " + calls[name]), server["proof"]
assert len(seen) == 3, seen
END
ok "what has no release call says that nothing was released" \
  grep -q "released nothing: bump.so exports no release call" "$directory"/0*-preload_bump.so-every=100ms/server.log
ok "only the server has it: the others' logs are silent" \
  sh -c "! cat '$directory'/0*/probe.log '$directory'/0*/pulse.log | grep -q preload"

# --- mimalloc: what an option's place means goes by the version ---
# answers VERSION DELAY 23 24: what mi_version() and mi_option_get() return, the latter for 15, 23
# and 24; nobody may ask 1.x before 1.8.2.
answers() {
  echo "#include <stdlib.h>
int mi_version(void) { return $1; }
long mi_option_get(int place) {
  if ($1 < 182) abort();
  return place == 15 ? $2 : place == 23 ? $3 : place == 24 ? $4 : 0;
}"
}
# says_decay SERVER LIBRARY NS
says_decay() {
  start "decay$started" env LD_PRELOAD="$scratch/$2.so" "$BUILD/server-$1" --listen 127.0.0.1:0
  log=$scratch/decay$((started - 1)).err
  ok "$2 under server-$1 waits for $3 ns" grep -qE "decay_ns=$3( |$)" "$log"
  stop "$pid" 2>/dev/null
}
while read -r version delay third fourth ns; do
  code=$(answers "$version" "$delay" "$third" "$fourth")
  library "mi$version" "$bump
void mi_collect(_Bool force) { }
$code"
  says_decay preload "mi$version" "$ns"
  if [ "$version" -ge 182 ] && [ -x "$BUILD/server-mimalloc" ]; then
    library "mi${version}only" "$code"
    says_decay mimalloc "mi${version}only" "$ns"
  fi
done <<'END'
179 0 0 0 100000000
188 10 1048576 10 100000000
209 25 500 1 500000000
211 25 500 1 500000000
212 10 1048576 10 100000000
30403 1000 1048576 2 2000000000
END

# --- the same library, linked and preloaded ---
if [ "$jemalloc" != "" ] && [ -x "$BUILD/server-jemalloc" ]; then
  "${run[@]}" --label both --json --allocators "jemalloc,preload:$jemalloc" -- "${short[@]}" >"$scratch/out" 2>"$scratch/err"
  is "jemalloc linked and preloaded" $? 0
  directory=$(find "$runs" -maxdepth 1 -name '*-both')
  ok "they have the same version and the same decay" python3 - "$directory" <<'END'
import glob, json, sys
about = {}
for path in glob.glob(sys.argv[1] + "/0*/run.json"):
    run = json.load(open(path))
    about[run["allocator"].split(":")[0]] = run["server"]
assert about["preload"]["version"] == "jemalloc " + about["jemalloc"]["version"], about
assert about["preload"]["decay_ns"] == about["jemalloc"]["decay_ns"] == "10000000000", about
END
  start server env MALLOC_CONF=dirty_decay_ms:700 LD_PRELOAD="$jemalloc" "$BUILD/server-preload" --listen 127.0.0.1:0
  ok "a decay from the environment counts" grep -q decay_ns=700000000 "$scratch/server.err"
  stop "$pid" 2>/dev/null
else
  skip "jemalloc linked and preloaded" "libjemalloc is not installed"
fi

# --- one that hangs ---
wait "$hang"
is "one that hangs is refused" $? 2
ok "in one line" [ "$(wc -l <"$scratch/hang.err")" = 1 ]
ok "that names it" grep -q -- "--allocators preload:hang.so: .*hang.so keeps the server from starting" "$scratch/hang.err"

done_testing
