#!/bin/bash
# The report in a browser: figures, sorting, values under the pointer, links, widths, schemes, paper.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/experiment.sh

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
experiment=$folder/experiment

mkdir "$experiment"
cat >"$experiment/experiment.json" <<-'END'
	{"format": "tidemark experiment", "version": 1, "label": "client",
	 "realtime_ns": 1767225600000000000, "command": ["run", "--repeat", "2"],
	 "environment": {"kernel": "6.1", "cpus": 2, "page_size": 4096,
	                 "first_touch_before_ns": 900, "first_touch_after_ns": 1100}}
END
number=0
for cell in "glibc quiet=1s" "glibc native" "tcmalloc native" "tcmalloc quiet=1s"; do
	for repeat in 1 2; do
		number=$((number + 1))
		run=$experiment/00$number-${cell/ /-}-r$repeat
		# shellcheck disable=SC2086 # two words
		make_run "$run" $cell
		add_probe_records "$run" 0
		add_traffic "$run"
	done
done

if ! "${BUILD:-build}/tidemark" report "$experiment" >/dev/null 2>"$folder/err"; then
	sed 's/^/# /' "$folder/err"
	echo "Bail out! no report"
	exit 1
fi
# The browser keeps its files where they go in any case.
TMPDIR=$folder python3 tests/client/report.py "$experiment/report.html"
