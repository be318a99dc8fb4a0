# shellcheck shell=bash
# libraries.sh - shared libraries that are installed here. Source it.

# installed_library NAME: prints the path of libNAME.so.*, as the dynamic linker finds it for
# programs of this machine's own kind; nothing when there is none.
installed_library() {
  local path

  for path in $(PATH=$PATH:/usr/sbin:/sbin ldconfig -p | awk -v name="lib$1.so." 'index($1, name) == 1 { print $NF }'); do
    if env LD_PRELOAD="$path" true 2>&1 | grep -q 'cannot be preloaded'; then
      continue
    fi
    echo "$path"
    return
  done
}
