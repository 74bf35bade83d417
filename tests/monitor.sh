#!/bin/sh
# Monitors and alerts from the shell: exit codes, what scripts get, locks between processes, watching and stopping.
src=$(cd "${srcdir:-.}" && pwd) || exit 99
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
export MLYARD_USER=ann TZ=UTC LC_ALL=C.UTF-8
mkdir "$HOME" "$work/in"
cd "$work" || exit 99
bad=0
: "$src"

# expect CODE PATTERN WORDS...: the exit code, and a pattern in what standard error or output says.
expect() {
	code=$1 pattern=$2
	shift 2
	"$mlyard" -w w.db "$@" >out 2>err </dev/null
	got=$?
	if [ $got != "$code" ]; then
		echo "mlyard $*: exit $got, not $code: $(head -n 3 err)"
		bad=1
	elif ! cat err out | grep -qE -- "$pattern"; then
		echo "mlyard $*: says nothing like '$pattern': $(head -n 5 err out)"
		bad=1
	fi
}

# 200 rows of x by a rule, moved by $1: 0 is the reference's distribution, 10 is beyond its range.
data() {
	awk -v shift="$1" 'BEGIN { print "x,c"; for (i = 0; i < 200; i++) printf "%.1f,%s\n", (i * 37 % 101) / 10 + shift, i % 2 ? "a" : "b" }'
}
data 0 >ref.csv
data 0 >in/1.csv
data 10 >in/2.csv
cat >m.yaml <<'END'
name: inputs
reference: ref.csv
source: {folder: in, glob: "*.csv"}
window: {files: 1}
tell:
  - command: {run: [sh, -c, 'cat >> told; echo >> told']}
END

# The file.
expect 0 '^name: income-inputs' monitor example
expect 0 'windows a first run would look at: 2' monitor check m.yaml
expect 0 '"due":\["1.csv","2.csv"\]' monitor check m.yaml --json
sed 's/window:/windw:/' m.yaml >bad.yaml
expect 10 'bad.yaml:4:1: a monitor has no key "windw"; did you mean "window"\?' monitor check bad.yaml
expect 10 '"ok":false,"findings":\["bad.yaml:' monitor check bad.yaml --json
expect 1 'bad.yaml:[0-9]*:[0-9]*:.*more: mlyard monitor check' monitor add bad.yaml
expect 3 'cannot open nowhere.yaml' monitor add nowhere.yaml
sed 's/tell:/model: nobody\ntell:/' m.yaml >model.yaml
expect 3 'nobody' monitor add model.yaml
# What is named and not there is told with its place; columns, metrics and models with what is near.
"$mlyard" monitor check model.yaml >out 2>&1 || { echo "a model must be where there is no workspace: $(cat out)"; bad=1; }
grep -q 'nobody was not looked at: there is no workspace yet' out || { echo "check does not say that no model was looked for: $(cat out)"; bad=1; }
cat >names.yaml <<'END'
name: names
reference: ref.csv
source: {folder: in}
window: {files: 1}
columns: [x, cc]
roles: {target: y, segments: [c, d]}
limits: {columns: {xx: 0.1, c: drifted}, performance: {acuracy: worse, rmse: 1}}
END
expect 10 'names.yaml:5:14: the reference has no column "cc"; did you mean "c"\?' monitor check names.yaml
expect 10 'names.yaml:6:17: the reference has no column "y"' monitor check names.yaml
expect 10 'names.yaml:6:34: the reference has no column "d"' monitor check names.yaml
expect 10 'names.yaml:7:20: the reference has no column "xx"; did you mean "x"\?' monitor check names.yaml
expect 10 'names.yaml:7:56: there is no metric "acuracy"; did you mean "accuracy"\?' monitor check names.yaml
expect 10 '"findings":\[\],"notes":\["names.yaml:5:14: ' monitor check names.yaml --json

# Running.
expect 0 'there are no monitors' monitor list
expect 0 'is a monitor of this workspace now' monitor add m.yaml
expect 0 'v1 is registered' models register somebody --source /nowhere/model
expect 10 'model.yaml:5:8: no model is called "nobody"' monitor check model.yaml
sed 's/nobody/somebodi/' model.yaml >near.yaml
expect 10 'near.yaml:5:8: no model is called "somebodi"; near it: somebody' monitor check near.yaml
sed 's/nobody/somebody/' model.yaml >near.yaml
expect 0 'a first run would look at: 2' monitor check near.yaml
sed 's/nobody/somebody\/4/' model.yaml >near.yaml
expect 10 'near.yaml:5:8: .*4' monitor check near.yaml
expect 3 'did you mean inputs' monitor run input
expect 2 'name a monitor, or say --all' monitor run
expect 10 'window 2.csv \(2 of 2\): drifted' monitor run inputs --fail-on-drift
expect 0 '^inputs.drifted.' monitor list
expect 0 '"name":"inputs","state":"drifted".*"windows":2,"missing":0,"failed":0,"alerts_open":1,"waiting":0' monitor list --json
expect 0 '"name":"inputs","windows":0' monitor run --all --json
expect 0 '^2.csv.done.drifted.RED.200' monitor show inputs
expect 0 '"key":"2.csv","state":"done","rows":200,"report":2,"verdict":"drifted","red":true' monitor show inputs --json
[ "$(grep -c '"schema":"mlyard.alert/1"' told)" = 1 ] || { echo "the command was not told once"; bad=1; }

# Alerts.
expect 0 '^1.inputs.drift.open.*1 sent' alerts list
expect 0 'command sh.sent.1' alerts show 1
expect 0 '"kind":"drift","state":"open".*"told":\[\{"kind":"command"' alerts show 1 --json
expect 2 'by its number' alerts show one
expect 3 'there is no alert 9' alerts show 9
expect 0 'acknowledged by ann' alerts ack 1 --note 'known'
expect 0 'acknowledged by ann.*known' alerts show 1
expect 0 '"state":"acknowledged".*"acked_by":"ann","note":"known"' alerts list --json
expect 0 '1 alert acknowledged' monitor ack inputs
data 0 >in/3.csv
expect 0 'within|1 window' monitor run inputs
expect 4 'no open alert' monitor ack inputs
expect 0 'no such alerts' alerts list
expect 0 'recovered' alerts list --all

# Silence, baseline.
expect 2 'one of --until DATE' monitor silence inputs
expect 2 'in the past' monitor silence inputs --until 2020-01-01
expect 0 'tells nobody until' monitor silence inputs --for 2d --reason 'moving'
expect 0 'silent until' monitor list
data 10 >in/4.csv
expect 0 '1 new alert' monitor run inputs
[ "$(grep -c '"schema"' told)" = 2 ] || { echo "a silenced monitor told somebody"; bad=1; }
expect 0 'tells again' monitor silence inputs --off
expect 0 '1 sent' alerts retry 3
expect 3 'there is no window' monitor baseline inputs 9.csv
expect 0 'that window' monitor baseline inputs 4.csv
data 10 >in/5.csv
expect 0 'window 5.csv \(1 of 1\): stable' monitor run inputs
expect 0 'reference of its file' monitor baseline inputs --file

# What is given up is said by the list and by doctor.
cat >fails.yaml <<'END'
name: fails
reference: ref.csv
source: {folder: in, glob: "2*"}
window: {files: 1}
tell: [webhook: {url: {from_env: MLYARD_T_NOWHERE}}]
END
export MLYARD_T_NOWHERE=http://127.0.0.1:1/geheim
expect 0 '' monitor add fails.yaml
expect 0 '1 to be tried again' monitor run fails
expect 5 '1 to be tried again' alerts retry
grep -q geheim out err && { echo "a secret is told"; bad=1; }
grep -qa geheim w.db w.db-wal 2>/dev/null && { echo "a secret is kept"; bad=1; }
export MLYARD_T_NOWHERE=gopher://127.0.0.1/geheim
expect 5 '1 given up' alerts retry
expect 0 '1 message was given up' alerts list
expect 0 'alerts.*given up' doctor
expect 0 'removed' monitor remove fails

# The time limit of a command ends all that it started, also what does not heed the request.
cat >deaf.yaml <<'END'
name: deaf
reference: ref.csv
source: {folder: in, glob: "1*"}
window: {files: 1}
tell: [command: {run: [sh, -c, 'sh -c "trap \"\" TERM; echo \$\$ >deaf; while :; do sleep 1; done" & while [ ! -s deaf ]; do :; done; exec yes'], timeout: 1s}]
limits: {red: watch, columns: {gone: 1}}
END
expect 0 '' monitor add deaf.yaml
expect 0 '1 to be tried again' monitor run deaf
expect 0 'took longer than' alerts show "$("$mlyard" -w w.db alerts list --json | sed -n 's/.*"id":\([0-9]*\),"monitor":"deaf".*/\1/p')"
deaf=$(cat deaf)
n=0
while grep -q '^State:.[^Z]' "/proc/$deaf/status" 2>/dev/null && [ $n -lt 3000 ]; do n=$((n + 1)); sleep 0.1; done
[ $n -lt 3000 ] || { echo "a command's child outlived its time limit"; kill -9 "$deaf"; bad=1; }
expect 0 'removed' monitor remove deaf

# Two processes: the second is refused and says who is at it.
cat >slow.yaml <<'END'
name: slow
reference: ref.csv
source: {folder: in, glob: "1*"}
window: {files: 1}
tell: [command: {run: [sh, -c, 'echo on > begun; read x < go; true'], timeout: 20m}]
limits: {red: watch, columns: {gone: 1}}
END
mkfifo go
expect 0 '' monitor add slow.yaml
"$mlyard" -w w.db monitor run slow 2>first >/dev/null &
first=$!
n=0
while [ ! -e begun ] && [ $n -lt 3000 ]; do n=$((n + 1)); sleep 0.1; done
# It is sending now, so the run itself is over: another may look, and what it has to send waits its turn.
expect 0 '0 windows' monitor run slow
: >go
wait $first || { echo "the first run failed: $(cat first)"; bad=1; }
expect 0 '1 sent' alerts list
expect 0 'removed' monitor remove slow

# Watching: a new file is seen, SIGTERM ends it cleanly.
"$mlyard" -w w.db monitor watch inputs 2>watch.err >/dev/null &
watch=$!
n=0
while ! grep -q watching watch.err && [ $n -lt 3000 ]; do n=$((n + 1)); sleep 0.1; done
data 0 >in/6.csv
while ! grep -q 'window 6.csv' watch.err && [ $n -lt 3000 ]; do n=$((n + 1)); sleep 0.1; done
grep -q 'window 6.csv' watch.err || { echo "watch did not see a new file: $(cat watch.err)"; bad=1; }
kill -TERM $watch
wait $watch || { echo "watch ended with $?"; bad=1; }
exit $bad
