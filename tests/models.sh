#!/bin/sh
# The commands about models from outside: what they print and promise to scripts, exit codes, refusals; cards through an editor.
src=$(cd "${srcdir:-.}" && pwd) || exit 99
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
work=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME="$work/home" XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
export MLYARD_USER=registrar MLYARD_NOW_MS=1795280000000 TZ=UTC LC_ALL=C.UTF-8
unset VISUAL EDITOR
mkdir "$HOME" "$work/store"
cd "$work" || exit 99
bad=0

# expect CODE PATTERN WORDS...: the exit code, and a pattern in what standard error (or, failing that, output) says.
expect() {
	code=$1 pattern=$2
	shift 2
	"$mlyard" -w w.db "$@" >out 2>err </dev/null
	got=$?
	if [ $got != "$code" ]; then
		echo "mlyard $*: exit $got, not $code: $(head -n 3 err)"
		bad=1
	elif ! cat err out | grep -qE -- "$pattern"; then
		echo "mlyard $*: says nothing like '$pattern': $(head -n 3 err out)"
		bad=1
	fi
}
# same WHAT EXPECTED: the last output is exactly that.
same() {
	[ "$(cat out)" = "$2" ] || { echo "$1: $(cat out)"; bad=1; }
}

cp -r "$src/tests/data/mlflow/mlruns_2.17.2" store/mlruns
chmod -R u+w store
expect 0 'model' import store/mlruns

# Reading.
expect 0 '^m1' models list
expect 0 '"total":1' models list --json
expect 0 '^m1' models show m1
expect 0 '"latest_versions":\{"Archived":1,"Production":2\}' models show m1 --json
expect 0 '"aliases":\{"champion":2,"old":1\}' models show m1 --json
expect 0 '^2.Production' models versions m1
expect 0 '"model":"m1","version":2,"stage":"Production"' models show m1 champion --json
expect 0 '^stage.stage.Archived.Production.differs$' models compare m1 1 Production
expect 0 '"differing":' models compare m1 1 2 --json
expect 0 'made by run parent' models lineage m1 2
expect 0 '"kind":"run","name":"parent"' models lineage m1 2 --json
expect 0 'Production.*or before' models timeline m1
since=$("$mlyard" -w w.db models show m1 2 --json | sed 's/.*"since_ms":\([0-9]*\).*/\1/')
first=$("$mlyard" -w w.db models show m1 1 --json | sed 's/.*"since_ms":\([0-9]*\).*/\1/')
expect 0 when models at m1 --when now --json
same 'models at' "{\"model\":\"m1\",\"when\":\"2026-11-21T16:53:20.000Z\",\"stages\":{\"Archived\":{\"version\":1,\"since_ms\":$first,\"by\":\"source mlruns\"},\"Production\":{\"version\":2,\"since_ms\":$since,\"by\":\"source mlruns\"}},\"aliases\":{\"champion\":{\"version\":2,\"since_ms\":1795280000000,\"by\":\"source mlruns\"},\"old\":{\"version\":1,\"since_ms\":1795280000000,\"by\":\"source mlruns\"}}}"
expect 0 'stages' models at m1 --when 1999-01-01 --json
same 'models at, before everything' '{"model":"m1","when":"1999-01-01T00:00:00.000Z","stages":{},"aliases":{}}'

# What is not there, and what makes no sense.
expect 3 'near it: m1' models show m11
expect 3 'its newest version is' models show m1 9
expect 3 'no version, alias or lane' models show m1 nowhere
expect 2 'no moment' models at m1 --when tomorrow
expect 2 'KEY=VALUE' models tag m1 word
expect 2 'which version' models alias m1 champion
expect 2 'no kind of link' models link m1 2 cousin:m1/1
expect 2 'say why' models delete m1 1
expect 2 'write KIND:TARGET' models register own --run parent --parent m1/2
expect 4 'register its versions there' models register m1 --run parent

# Changing.
expect 0 'record' models describe m1 2 'said here'
expect 0 'record' models tag m1 2 owner=growth
expect 0 '"owner":"growth"' models show m1 2 --json
expect 0 'record' models tag m1 2 owner --remove
expect 0 'record' models alias m1 challenger 1
expect 0 '"challenger":1' models show m1 --json
expect 0 'record' models alias m1 challenger --remove
expect 0 'v1 is registered' models register own --source /nowhere/model --semver 1.0.0 --parent fine-tuned:m1/2 --dataset customers@9f2c:train --dataset s3://bucket/file@ab --feature profile:age --feature profile:plan
expect 4 'does not come after' models register own --source /nowhere/model --semver 0.9.0
expect 0 '"target":"customers","detail":"digest 9f2c, split train"' models show own 1 --json
expect 0 '"target":"s3://bucket/file","detail":"digest ab"' models show own 1 --json
expect 0 'profile:plan' models lineage own 1
expect 0 'fine tuned from version m1 v2' models lineage own 1
expect 0 'own v1' models lineage m1 2
expect 0 'record' models link own 1 deployed:eu-west
expect 0 'deployed place eu-west' models lineage own 1
expect 0 'record' models link own 1 deployed:eu-west --remove
expect 3 'files' models digest own 1
expect 0 '' import store/mlruns
expect 0 'said here' models show m1 2

# Digests.
mkdir model
echo 'flavors: {sklearn: {sklearn_version: 1.5.0}}' >model/MLmodel
expect 0 'v2 is registered' models register own --source "$work/model" --semver 1.0.1
expect 0 '^[0-9a-f]{64}  45 B in 1 file$' models digest own 2
expect 0 '"digest_state":"verified","flavors":"sklearn 1.5.0"' models show own 2 --json
echo '# changed' >>model/MLmodel
expect 0 '"digest_state":"changed since"' models show own 2 --json

# Cards.
expect 0 '^## Intended use' models card own 2
expect 10 'not written: intended use' models card own 2 --check
expect 10 '"complete":false,"missing":\["intended use"' models card own 2 --check --json
for section in 'Intended use' Data Metrics Limitations Fairness Owner; do printf '## %s\n\nsaid\n\n' "$section"; done >card.md
expect 0 'revision 1' models card own 2 --set card.md
expect 0 'all sections are written' models card own 2 --check
expect 0 'unchanged' models card own 2 --set card.md
expect 2 'which editor' models card own 2 --edit
# shellcheck disable=SC2016  # the editor's own variable
printf '#!/bin/sh\n[ "$1" = --wait ] || exit 1\nprintf "more\\n" >>"$2"\n' >editor
chmod +x editor
EDITOR="./editor --wait" expect 0 'revision 2' models card own 2 --edit
expect 0 '^more$' models card own 2
EDITOR=false expect 1 'ended with an error' models card own 2 --edit

# Deleting; its number stays taken.
expect 0 'record' models delete own 2 --reason 'made for a test'
expect 0 '"version":2.*"deleted":true' models versions own --deleted --json
expect 0 'v3 is registered' models register own --source /nowhere/model

# A clock that is behind the latest record: now is not before it.
MLYARD_NOW_MS=1700000000000 expect 0 '^stage.*None.*3' models at own --when now
MLYARD_NOW_MS=1700000000000 expect 0 '^stage.*None.*3' models at own

# Nothing is changed where nothing may be.
expect 4 'read-only' --read-only models describe m1 2 x
expect 0 '' --read-only models show m1 2
expect 0 'hold' audit verify
# A rule that guards a lane from one side only: a warning, no error; none where the policy is strict.
printf 'version: 1\nrules:\n  - name: careful\n    from: Staging\n    to: Production\n    approvals: {needed: 1}\n' >"$work/half.yaml"
"$mlyard" policy check "$work/half.yaml" >"$work/half.out" || { echo "a warning is no error"; bad=1; }
grep -q 'half.yaml:3:1: the rule "careful" guards Production from Staging only: from None, Development, Archived a version moves there without any rule' "$work/half.out" ||
	{ echo "no warning of lanes that stay free:"; cat "$work/half.out"; bad=1; }
"$mlyard" policy check --json "$work/half.yaml" | grep -q '"ok":true,"findings":\[\],"warnings":\[{"line":3,' || { echo "the warning is not in the JSON"; bad=1; }
printf 'strict: true\n' >>"$work/half.yaml"
"$mlyard" policy check "$work/half.yaml" | grep -q 'guards' && { echo "a strict policy has no free lanes"; bad=1; }
exit $bad
