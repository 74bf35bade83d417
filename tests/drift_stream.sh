#!/bin/sh
# drift stream from outside: columns of files and metrics of runs, detectors by name, what does not suit, exit codes.
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
export TZ=UTC LC_ALL=C.UTF-8 MLYARD_NOW_MS=1795280000000
cd "$work" || exit 99
bad=0
# expect CODE PATTERN WORDS...: the exit code, and a pattern in what is printed.
expect() {
	code=$1 pattern=$2
	shift 2
	"$mlyard" "$@" >out 2>err </dev/null
	got=$?
	[ $got = "$code" ] || { echo "mlyard $*: exit $got, not $code: $(cat err)"; bad=1; }
	cat out err | grep -qE -- "$pattern" || { echo "mlyard $*: says nothing like '$pattern':"; cat out err; bad=1; }
}

# Every tenth of 600 answers is wrong, then every second of 400; an hour a row. One row lost its value.
awk 'BEGIN { print "when,wrong,loss,city"
	for (i = 0; i < 1000; i++)
		printf "2026-11-%02dT%02d:00:00Z,%s,%.3f,%s\n", 1 + (i / 24) % 20, i % 24, i == 5 ? "" : i < 600 ? (i % 10 == 0) : (i % 2 == 0), (i % 7) / 10 + (i >= 600), i % 2 ? "Oslo" : "Lima" }' >served.csv

expect 0 '^adwin.[0-9]+.[0-9]+.*' drift stream --file served.csv --column wrong
expect 0 '^hddm_a.6[0-9][0-9].6[0-9][0-9]..0[.]1' drift stream --file served.csv --column wrong
expect 0 'passed over: 1 missing' drift stream --file served.csv --column wrong
expect 10 '2 changes were seen' drift stream --file served.csv --column wrong --fail-on-drift
expect 0 '"drifted":true' drift stream --file served.csv --column wrong --json --time when
expect 0 '"name":"hddm_a","title":"HDDM_A","used":true,"why":null,"changes":\[\{"index":6[0-9]+,"step":6[0-9]+,"timestamp_ms":17' drift stream --file served.csv --column wrong --json --time when
expect 0 '"timestamp_ms":null' drift stream --file served.csv --column wrong --json
expect 0 'left out: HDDM_A watches errors, 0 or 1; the value at index 1 is 0[.]1' drift stream --file served.csv --column loss
expect 0 'left out: EDDM' drift stream --file served.csv --column loss --detector all
expect 0 '^kswin' drift stream --file served.csv --column loss --detector all
expect 0 'Page-Hinkley sees \(value - 0[.]3\) / 0[.]2965' drift stream --file served.csv --column loss --detector page_hinkley
expect 0 '"page_hinkley_scale":\{"median":0[.]3,"spread":0[.]2965' drift stream --file served.csv --column loss --detector page_hinkley --json
expect 2 'ddm.*0 or 1.*adwin, kswin and page_hinkley|DDM watches errors, 0 or 1.*adwin, kswin and page_hinkley' drift stream --file served.csv --column loss --detector ddm
expect 2 "no detector 'cusum'; there are adwin" drift stream --file served.csv --column loss --detector cusum
expect 2 'name the column' drift stream --file served.csv
expect 2 'name a series' drift stream
expect 2 'name a series' drift stream one two --file served.csv --column wrong
expect 2 'column belongs to --file' drift stream run metric --column x
expect 3 'there is no column|"nope" is not there|no column' drift stream --file served.csv --column nope
expect 3 '"city" holds no numbers' drift stream --file served.csv --column city
expect 3 '"loss" holds no times' drift stream --file served.csv --column wrong --time loss
head -n 301 served.csv >calm.csv
expect 0 'no change seen in 299 values' drift stream --file calm.csv --column wrong --fail-on-drift

# A metric of a run: its steps and times. 300 values around 0.2, then 300 around 0.8, at steps of 5.
mkdir -p store/0/0123456789abcdef0123456789abcdef/metrics store/0/0123456789abcdef0123456789abcdef/params store/0/0123456789abcdef0123456789abcdef/tags
cat >store/0/meta.yaml <<'END'
artifact_location: /tmp/none
creation_time: 1795000000000
experiment_id: '0'
last_update_time: 1795000000000
lifecycle_stage: active
name: Default
END
cat >store/0/0123456789abcdef0123456789abcdef/meta.yaml <<'END'
artifact_uri: /tmp/none
end_time: 1795001000000
entry_point_name: ''
experiment_id: '0'
lifecycle_stage: active
run_id: 0123456789abcdef0123456789abcdef
run_name: live-errors
run_uuid: 0123456789abcdef0123456789abcdef
source_name: ''
source_type: 4
source_version: ''
start_time: 1795000000000
status: 3
tags: []
user_id: tester
END
awk 'BEGIN { for (i = 0; i < 600; i++) printf "%.0f %.3f %d\n", 1795000000000 + i * 1000, (i < 300 ? 0.2 : 0.8) + (i % 3 - 1) / 100, i * 5 }' \
	>store/0/0123456789abcdef0123456789abcdef/metrics/error_rate
"$mlyard" -w ws.db import store >/dev/null 2>err || { cat err; bad=1; }
expect 10 '^adwin.3[0-9][0-9].1[5-9][0-9][0-9].1795000[0-9]+.0[.]2' -w ws.db drift stream live-errors error_rate --fail-on-drift
expect 0 '"values":600,"not_finite":0,"drifted":true' -w ws.db drift stream 0123 error_rate --json
expect 3 'did you mean "error_rate"' -w ws.db drift stream live-errors error
expect 3 'no such workspace|No such file' -w gone.db drift stream live-errors error_rate
[ ! -e gone.db ] || { echo "a workspace was made that was only read"; bad=1; }
exit $bad
