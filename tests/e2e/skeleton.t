#!/usr/bin/env bash
# Adding an allocator is adding a folder: a copy of the skeleton gets a binary and a row in the
# table, with no other file touched.
. "$(dirname "$0")/../lib/tap.sh"

# The copy has the objects too, so that only what belongs to the new folder is built.
mkdir "$scratch/tree"
cp -a Makefile server pulse allocators probes analysis tests "$scratch/tree/"
mkdir -p "$scratch/tree/$(dirname "$BUILD")"
cp -a "$BUILD" "$scratch/tree/$BUILD"
cd "$scratch/tree" || exit 1
cp -r allocators/skeleton allocators/x
sed -i '/^EXAMPLE/d' allocators/x/allocator.mk

ok "the new folder builds" make ${CC:+CC="$CC"} ${SANITIZE:+SANITIZE="$SANITIZE"} programs
ok "into a server of its name" test -x "$BUILD/server-x"
"$BUILD/tidemark" run --runs runs --allocators glibc,x --footprint 4K -- --burst 100 --bursts 1 \
  --linger 100ms --window 1500ms --trickle 0 >table 2>err
is "an experiment with it is complete" $? 0
ok "it has a row in the table" grep -Eq '^x +native ' table
ok "the control has its own" grep -Eq '^glibc +native ' table
ok "the skeleton is built, so that it stays true" test -x "$BUILD/examples/server-skeleton"
start_server x --footprint 4K
ok "the server says who is live" grep -q "allocator=x" "$server_err"
stop "$server"
cd / || exit 1

done_testing
