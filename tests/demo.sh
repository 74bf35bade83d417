#!/bin/sh
# The demo's registry: decided once, by its own rules, with every record in place; a second start adds nothing, and a start that was
# killed half-way is finished by the next.
src=$(cd "${srcdir:-.}" && pwd) || exit 99
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
export MLYARD_DEMO="$src/app/demo" MLYARD_NOW_MS=1795300000000 LC_ALL=C.UTF-8 TZ=UTC
bad=0
printf '#! demo\nexpect Experiments\n' >"$work/look.script"

start() { "$mlyard" --script "$work/look.script" demo >"$work/screen" 2>&1 || { echo "the demo does not start:"; cat "$work/screen"; bad=1; }; }
find_file() { file=$(find "$work/cache/mlyard" -name '*.db') ; }
records() { "$mlyard" -w "$file" audit log --json | tr ',' '\n' | grep -c '"seq":'; }
# expect CODE PATTERN WORDS...
expect() {
	code=$1 pattern=$2
	shift 2
	"$mlyard" -w "$file" "$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got = "$code" ] || { echo "mlyard $*: exit $got, not $code: $(cat "$work/err")"; bad=1; }
	cat "$work/out" "$work/err" | grep -qE -- "$pattern" || { echo "mlyard $*: says nothing like '$pattern':"; cat "$work/out" "$work/err"; bad=1; }
}

start
find_file
# A waiting request with one of two approvals; a version that its metrics keep out; what was rolled back may come again, with an approval.
expect 10 '"allowed":false,.*"approvals":\{"needed":2,"given":1\},"why_not":"1 of 2 approvals' gates check --json cancer-screening 2 Production
expect 10 'val_acc is 0.953333, and classifier .* asks for >= 0.972778' gates check digits-classifier 3 Production
expect 10 '0 of 1 approvals' gates check diabetes-progression 2 Production
expect 10 'is in Production already' gates check wine-cultivar champion Production
expect 10 'is in Production already' gates check diabetes-progression 1 Production
expect 0 'no findings' policy check "$src/app/demo/policy.yaml"
expect 0 '^  - name: screening$' policy show
sed -n '/^```yaml$/,/^```$/p' "$src/docs/policy.md" | grep -v '^```' >"$work/example.yaml"
expect 0 'no findings; lanes: 5, rules: 3, freezes: 1' policy check "$work/example.yaml"
expect 0 'holds' audit verify
first=$(records)
# Half a year of weeks, looked at by the engine: one monitor is calm; of the alerts one is open and one was taken note of.
windows() { "$mlyard" -w "$file" monitor list --json | tr ',' '\n' | grep -c '"windows":26'; }
[ "$(windows)" = 3 ] || { echo "not all 78 windows were looked at:"; "$mlyard" -w "$file" monitor list; bad=1; }
expect 0 '^progression-inputs.stable.diabetes-progression' monitor list
expect 0 '^screening-inputs.drifted.cancer-screening' monitor list
expect 0 'screening-answers.drift.open' alerts list
expect 0 'screening-inputs.drift.acknowledged.*first approver' alerts list
[ "$first" -ge 30 ] || { echo "only $first records"; bad=1; }
[ ! -e "$work/config/mlyard" ] || { echo "the demo left keys among the user's own"; bad=1; }

start
[ "$(records)" = "$first" ] || { echo "a second start made $(records) records of $first"; bad=1; }

# Killed at some moments: whatever was done then, the next start ends with the same records.
for after in 0.05 0.2 0.4; do
	rm -rf "$work/cache" "$work/state"
	timeout -s KILL $after "$mlyard" --script "$work/look.script" demo >/dev/null 2>&1
	start
	find_file
	[ "$(records)" = "$first" ] || { echo "killed after $after s: $(records) records, not $first"; bad=1; }
	expect 0 'holds' audit verify
	[ "$(windows)" = 3 ] || { echo "killed after $after s: windows are missing"; bad=1; }
done
exit $bad
