#!/bin/bash
# Every plug-in keeps the promises of allocators/allocator.h: runs the programs that are made of
# tests/contract/, one for each plug-in and subject, and gives each of their cases a line of its own.
# Then puts another malloc before those that serve malloc: their proof has to say no.
set -u
. "$(dirname "$0")/../lib/libraries.sh"

build=${BUILD:-build}
output=$(mktemp)
trap 'rm -f "$output"' EXIT
number=0

result() { # ok|"not ok" description
	number=$((number + 1))
	echo "$1 $number - $2"
}

# cmocka's TAP has a plan of its own, and none of its lines when the program dies before it.
run() { # program, library to preload
	local name=${1##*/contract-}${2:+:${2##*/}} planned='' seen=0 status line

	timeout 120 env ${2:+LD_PRELOAD="$2"} "$1" >"$output" 2>&1
	status=$?
	while IFS= read -r line; do
		case $line in
		1..*) planned=${line#1..} ;;
		"ok "* | "not ok "*)
			seen=$((seen + 1))
			result "${line%%ok *}ok" "$name: ${line#* - }"
			;;
		"#"*) echo "$line" ;;
		*) echo "# $line" ;;
		esac
	done <"$output"
	if [ "$seen" != "$planned" ]; then
		result "not ok" "$name: $seen of ${planned:-?} cases, exit status $status"
	fi
}

library_of() { # program: the allocator that it is linked with
	ldd "$1" | awk '/lib(jemalloc|mimalloc|tcmalloc)/ { print $3; exit }'
}

# Prints a library that is not the program's own, from what the others are linked with.
foreign_library() { # program
	local own other library

	own=$(library_of "$1")
	for other in "$build"/tests/contract-*; do
		library=$(library_of "$other")
		if [ "$library" != "" ] && [ "$library" != "$own" ]; then
			echo "$library"
			return
		fi
	done
}

# The plug-in for any library, with each of those that are installed.
run_preloaded() { # program
	local name library

	for name in jemalloc mimalloc tcmalloc_minimal tbbmalloc_proxy; do
		library=$(installed_library "$name")
		if [ "$library" != "" ]; then
			run "$1" "$library"
		else
			result ok "${1##*/contract-}: lib$name # SKIP it is not installed"
		fi
	done
}

# Without any it has to say so, and not to measure the C library's under another name.
check_nothing_preloaded() { # program
	local said

	timeout 120 "$1" >"$output" 2>&1
	said=$(grep '^# .*no library was preloaded' "$output")
	if [ "$said" != "" ] && grep -q '^not ok .* the_proof_says_yes' "$output"; then
		result ok "preload: the proof says no without a library"
	else
		result "not ok" "preload: the proof says no without a library"
	fi
	echo "$said"
}

check_proof() { # program
	local name=${1##*/contract-} library

	library=$(foreign_library "$1")
	if [ "$library" = "" ]; then
		result ok "$name: the proof says no # SKIP no other allocator was built"
		return
	fi
	LD_PRELOAD=$library timeout 120 "$1" >"$output" 2>&1
	if grep -q '^not ok .* the_proof_says_yes' "$output"; then
		result ok "$name: the proof says no behind ${library##*/}"
	else
		result "not ok" "$name: the proof says no behind ${library##*/}"
	fi
	grep '^# .*malloc is' "$output"
}

for program in "$build"/tests/contract-*; do
	case $program in
	*-preload) run_preloaded "$program" ;;
	*) [ ! -x "$program" ] || run "$program" ;;
	esac
done
if [ -x "$build/tests/contract-allocator-preload" ]; then
	check_nothing_preloaded "$build/tests/contract-allocator-preload"
fi
for name in glibc jemalloc mimalloc tcmalloc; do
	for program in "$build"/tests/contract-{,allocator-}$name; do
		if [ -x "$program" ]; then
			check_proof "$program"
		fi
	done
done
if [ $number -eq 0 ]; then
	result "not ok" "there are programs to run: $build/tests/contract-*"
fi
echo "1..$number"
