#!/bin/bash
# tidemark report: from a run directory made by hand to the table, its JSON and report.html.
set -u
. "$(dirname "$0")/../lib/experiment.sh"

tidemark=${BUILD:-build}/tidemark
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
experiment=$folder/experiment
number=0

check() { # description, command...
	number=$((number + 1))
	if "${@:2}"; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		sed 's/^/# /' "$folder/err"
	fi
}

make_experiment() {
	mkdir -p "$experiment"
	cat >"$experiment/experiment.json" <<-'END'
		{"format": "tidemark experiment", "version": 1, "label": "<script>alert(1)</script>",
		 "realtime_ns": 1767225600000000000, "command": ["run", "--label", "it's"],
		 "environment": {"kernel": "6.1 & more", "cpus": 2, "page_size": 4096,
		                 "thp": "[always] madvise never",
		                 "first_touch_before_ns": 29000, "first_touch_after_ns": 2000}}
	END
	make_run "$experiment/001-glibc-quiet=1s" glibc quiet=1s
	add_probe_records "$experiment/001-glibc-quiet=1s" 3
	make_run "$experiment/002-glibc-native" glibc native
	make_run "$experiment/003-tcmalloc-native" tcmalloc native
	make_run "$experiment/004-tcmalloc-quiet=1s.part" tcmalloc quiet=1s
	make_run "$experiment/005-tcmalloc-quiet=1s" tcmalloc quiet=1s
	truncate -s 5000 "$experiment/005-tcmalloc-quiet=1s/samples.csv"
}

report() { # arguments...; path: where programs are found
	PATH=${path:-$PATH} "$tidemark" report "$@" >"$folder/out" 2>"$folder/err"
}

fails_with() { # exit status, text in the one line on stderr, arguments...
	local status

	report "${@:3}"
	status=$?
	[ "$status" = "$1" ] && [ "$(wc -l <"$folder/err")" = 1 ] && grep -qF -- "$2" "$folder/err"
}

json_has() { # python expression on "table"
	python3 -c "import json, sys
table = json.load(open(sys.argv[1]))
rows = {(row['allocator'], row['release']): row for row in table['rows']}
sys.exit(not ($1))" "$folder/out"
}

# Nothing is fetched, and only our own script runs: no address but the names of XML's vocabularies.
stands_alone() {
	[ "$(grep -c '<script' "$experiment/report.html")" = 1 ] &&
		grep -q "default-src 'none'" "$experiment/report.html" &&
		! sed 's/xmlns[:a-z]*="[^"]*"//g' "$experiment/report.html" |
		grep -qiE 'https?:|<link|<img|<iframe|src=|@import|url\(|javascript:'
}

without_gnuplot() {
	path=$folder/empty fails_with 1 "apt-get install gnuplot-nox" "$experiment" &&
		[ "$before" = "$(cksum <"$experiment/report.html")" ]
}

# Its figures would take a minute; SIGTERM ends it, and gnuplot, which has no signal blocked.
is_ended_while_it_draws() {
	local pid status

	mkdir "$folder/slow"
	cat >"$folder/slow/gnuplot" <<-END
		#!/bin/sh
		grep SigBlk: /proc/self/status >"$folder/blocked"
		echo \$\$ >"$folder/drawing"
		exec sleep 60
	END
	chmod +x "$folder/slow/gnuplot"
	PATH=$folder/slow:$PATH "$tidemark" report "$experiment" >"$folder/out" 2>"$folder/err" &
	pid=$!
	until [ -s "$folder/drawing" ]; do
		kill -0 "$pid" || return 1
		sleep 0.05
	done
	kill -TERM "$pid"
	wait "$pid"
	status=$?
	[ "$status" = 1 ] && grep -q "ended by a signal while gnuplot drew" "$folder/err" &&
		! kill -0 "$(cat "$folder/drawing")" 2>/dev/null &&
		grep -q "0000000000000000" "$folder/blocked" &&
		[ "$before" = "$(cksum <"$experiment/report.html")" ]
}

is_well_formed() {
	python3 - "$experiment/report.html" <<-'END'
		import html.parser, sys

		class Check(html.parser.HTMLParser):
		    open = []
		    ids = set()
		    void = {"meta", "br"}

		    def handle_starttag(self, tag, attributes):
		        for name, value in attributes:
		            if name == "id":
		                assert value not in self.ids, value
		                self.ids.add(value)
		        if tag not in self.void:
		            self.open.append(tag)

		    def handle_endtag(self, tag):
		        assert self.open.pop() == tag, tag

		check = Check()
		check.feed(open(sys.argv[1], encoding="utf-8").read())
		sys.exit(bool(check.open))
	END
}

mkdir "$folder/empty"
make_experiment

check "a report is written" report "$experiment"
page=$experiment/report.html
check "the table is on stdout" grep -qE '^glibc +native +90\.0 +90\.0 .* > 5\.0 s' "$folder/out"
check "a released floor is measured" grep -qE '^glibc +quiet=1s +90\.0 +12\.0 ' "$folder/out"
check "a damaged run is void, with the reason" \
	grep -qE '^void: 005-tcmalloc-quiet=1s: samples\.csv: line [0-9]+ is damaged' "$folder/out"
check "who gave it back is in a second table, a loss is marked" \
	grep -qE '^glibc +quiet=1s +76\.0 +1\.0 +0\.50\? +9\.5 +5\.00 +2628 +exact' "$folder/out"
check "what was not recorded is not 0" grep -qE '^glibc +native +(- +){6}-' "$folder/out"
check "a loss is named" grep -q '^001-glibc-quiet=1s: the probe lost 3 x events_dropped' \
	"$folder/out"
check "what is missing is said" \
	grep -q 'no record of releases and kernel memory in 2 of 3 runs' "$folder/out"
check "an unfinished run is nowhere" eval '! grep -q 004- "$folder/out" "$page"'
check "each release policy has its panels, and the bill a figure" \
	test "$(grep -c '<svg' "$page")" = 8
check "the figures are files as well, for the screen and for paper" \
	test "$(cd "$experiment/figures" && echo *)" = "$(echo bill.{pdf,svg} \
		cost-latency.{pdf,svg} {held,ratchet,retention}-{1-native,2-quiet-1s}.{pdf,svg})"
check "releases are marked on the curve" eval \
	'grep -q "policy releases" "$experiment/figures/held-2-quiet-1s.svg" &&
	 ! grep -q "allocator releases" "$page"'
check "the bill is drawn" grep -q '2500' "$experiment/figures/bill.svg"
check "and explained" grep -qF '128 B epitem' "$page"
check "no temporary file stays" \
	eval '[ -z "$(find "$experiment" -name "*.part" -type f)" ]'
check "the page stands alone" stands_alone
check "the page is well-formed, and no id is there twice" is_well_formed
check "what was typed is escaped" grep -qF '&lt;script&gt;alert(1)' "$page"
check "the command can be repeated" grep -qF '<span>--label</span> <span>&#39;it&#39;\&#39;&#39;s' "$page"
check "text in figures follows the page" \
	eval '! grep -qE "(fill|stroke)=.?.black|rgb\(  0,   0,   0\)" "$page"'
check "what makes the machine odd is said" eval \
	'grep -q "Transparent huge pages are on" "$page" &&
	 grep -q "took 29.0 µs before the runs and 2.0 after" "$page"'
check "the void run is in the report" grep -qF '<b>005-tcmalloc-quiet=1s</b>: samples.csv' "$page"
check "the sentence is in the report" grep -qF 'with release quiet=1s glibc held' "$page"

check "--json is one document" report --json "$experiment"
check "JSON has raw numbers" json_has \
	"rows['glibc', 'quiet=1s']['floor_bytes'] == 12 << 20 and \
	 rows['glibc', 'quiet=1s']['t90_ns'] == 10**9 and \
	 rows['glibc', 'quiet=1s']['release_stall_max_ns'] == 18000000 and \
	 rows['glibc', 'native']['minor_faults_last_burst'] == 200"
check "JSON says what is absent and censored" json_has \
	"rows['glibc', 'native']['t50_ns'] == {'censored_ns': 5 * 10**9} and \
	 rows['glibc', 'native']['floor_per_live'] is None and \
	 rows['glibc', 'native']['retention_15s'] is None"
check "JSON has what the probe saw and lost" json_has \
	"rows['glibc', 'quiet=1s']['released_by_policy_bytes'] == 76 << 20 and \
	 rows['glibc', 'quiet=1s']['refault_ratio'] == 0.5 and \
	 rows['glibc', 'quiet=1s']['kernel_source'] == 'exact' and \
	 rows['glibc', 'quiet=1s']['losses'][0]['touches'] == ['refault_ratio'] and \
	 rows['glibc', 'native']['released_by_policy_bytes'] is None and \
	 rows['glibc', 'native']['losses'] == []"
check "JSON lists void runs" json_has "table['void'][0]['run'] == '005-tcmalloc-quiet=1s'"

cp -r "$experiment" "$folder/void"
truncate -s 5000 "$folder"/void/*/samples.csv
check "a report in which no run is complete says so" \
	fails_with 1 "no run is complete" "$folder/void"

before=$(cksum <"$page")
check "without gnuplot the package is named, and the old report stays" without_gnuplot
check "a signal ends it while gnuplot draws, and gnuplot" is_ended_while_it_draws
rm -r "$experiment/figures"
: >"$experiment/figures"
check "figures that cannot be written are named" fails_with 1 figures "$experiment"
check "a directory that is none is named" \
	fails_with 1 "$folder/none is not the directory of an experiment" "$folder/none"
check "an empty experiment is named" eval \
	'rm -r "$experiment"/0*; fails_with 1 "no finished run in it" "$experiment"'
check "a missing directory is a usage error" fails_with 2 "name one run directory"
echo "1..$number"
