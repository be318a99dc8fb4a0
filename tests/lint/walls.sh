#!/usr/bin/env bash
# Holds the walls of the house: who may include whom. See CONTRIBUTING.md.
#
#   server/base stands on nothing above it; pulse, probes and analysis stand side by side on
#   server/base; server stands on allocators/allocator.h; allocators stand on the ground.
set -u
cd "$(dirname "$0")/../.." || exit 1

# includes FOLDER: each "FILE HEADER" of the folder's quoted includes.
includes() {
  grep -rHoE --include='*.[ch]' '^#include "[^"]+"' "$1" | sed 's/:#include "/ /; s/"$//'
}

# wall FOLDER ALLOWED: headers included below FOLDER must match the pattern.
wall() {
  includes "$1" | awk -v folder="$1" -v allowed="$2" '
    $2 !~ allowed { print $1 " includes " $2 ": " folder " may include only " allowed; bad = 1 }
    END { exit bad }'
}

failed=0
wall server/base '^server/base/' || failed=1
wall server '^(server/|allocators/allocator\.h$)' || failed=1
wall pulse '^(pulse|server/base)/' || failed=1
wall probes '^(probes|server/base)/|^[a-z_]+\.skel\.h$' || failed=1
wall analysis '^(analysis|server/base)/' || failed=1
for plugin in allocators/*/; do
  wall "${plugin%/}" "^(allocators/allocator\\.h\$|${plugin})" || failed=1
done

# An allocator is one folder: nothing outside of it names it, but documents and tests.
for plugin in allocators/*/; do
  name=$(basename "$plugin")
  [ "$name" = skeleton ] && continue
  if grep -rlwE --include='*.[ch]' "allocators/$name" server pulse probes analysis; then
    echo "above: a file outside of allocators/$name/ names its files"
    failed=1
  fi
done

extra=$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u |
  grep -vxE 'Makefile|README\.md|LICENSE|CHANGELOG\.md|CONTRIBUTING\.md|server|pulse|allocators|probes|analysis|tests|docs|\..*')
if [ -n "$extra" ]; then
  echo "top level: not in the plan: $extra"
  failed=1
fi
exit $failed
