#!/bin/sh
# From a monitor to a promotion: a red monitor holds a version back, by name; taking note of it does not let the version pass, recovery does.
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state" XDG_CONFIG_HOME="$work/config"
export TZ=UTC LC_ALL=C.UTF-8 MLYARD_USER=releaser
mkdir "$HOME" "$work/daily"
cd "$work" || exit 99
bad=0
# expect CODE PATTERN WORDS...: the exit code, and a pattern in what is said.
expect() {
	code=$1 pattern=$2
	shift 2
	"$mlyard" -w w.db "$@" >out 2>err </dev/null
	got=$?
	if [ $got != "$code" ] || ! cat err out | grep -qE -- "$pattern"; then
		echo "mlyard $*: exit $got, wanted $code with '$pattern': $(head -n 5 err out)"
		bad=1
	fi
}
# day FILE SHIFT SEED: 300 rows; incomes around 50 + SHIFT, ages around 40, by a congruential generator.
day() {
	awk -v shift="$2" -v s="$3" 'function u() { s = (s * 16807) % 2147483647; return s / 2147483647 }
		BEGIN { print "income,age"; for (i = 0; i < 300; i++) printf "%.2f,%.0f\n", 50 + shift + 10 * (u() + u() + u() - 1.5), 40 + 20 * (u() + u() - 1) }' >"$1"
}

cat >policy.yaml <<'YAML'
version: 1
rules:
  - {name: calm-data, to: Production, gates: [{drift: stable}]}
YAML
cat >income.yaml <<'YAML'
name: income-daily
model: churn
reference: reference.csv
source: {folder: daily}
window: {files: 1}
limits: {after: 1, clear: 1}
YAML
day reference.csv 0 11
day daily/1.csv 0 12
expect 0 'churn v1 is registered' models register churn --source /nowhere/one
expect 0 'drift.no report.stable.holds' gates check churn 1 Production
expect 0 'a monitor of this workspace' monitor add income.yaml
expect 0 '' monitor run income-daily
expect 0 'drift.stable.stable.holds.income-daily, drift report 1 of ' gates check churn 1 Production
expect 0 'would be in Production' models promote churn 1 Production --reason 'ready' --dry-run

day daily/2.csv 8 13
expect 10 '' monitor run income-daily --fail-on-drift
expect 0 'income-daily.drifted' monitor list
expect 10 'drift.drifted.stable.FAILS.income-daily, drift report 2 of ' gates check churn 1 Production
expect 4 'drift is drifted \(income-daily, drift report 2 of .*calm-data' models promote churn 1 Production --reason 'ready'
expect 0 '^1.None' models versions churn

# Somebody sees to it: that is on record, and the data are what they are.
expect 0 '' monitor ack income-daily --note 'the new shop'
expect 0 'acknowledged' alerts list
expect 4 'drifted' models promote churn 1 Production --reason 'ready'

day daily/3.csv 0 14
expect 0 '' monitor run income-daily
expect 0 'income-daily.stable' monitor list
expect 0 'churn v1 is in Production' models promote churn 1 Production --reason 'the data are back'
exit $bad
