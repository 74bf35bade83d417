#!/bin/sh
# Decisions from the shell, as their users make them: exit codes, who is told what, JSON with stable keys.
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state"
mkdir "$HOME"
cd "$work" || exit 99
bad=0

# Each has keys of his own.
as() {
	MLYARD_USER=$1 XDG_CONFIG_HOME=$work/config-$1
	export MLYARD_USER XDG_CONFIG_HOME
}
# expect CODE PATTERN WORDS...: the exit code, and a pattern in what is said.
expect() {
	code=$1 pattern=$2
	shift 2
	"$mlyard" -w w.db "$@" >out 2>err </dev/null
	got=$?
	if [ $got != "$code" ] || ! cat err out | grep -qE -- "$pattern"; then
		echo "mlyard $*: exit $got, wanted $code with '$pattern': $(head -n 3 err out)"
		bad=1
	fi
}

cat >policy.yaml <<'YAML'
version: 1
rules:
  - name: two-eyes
    from: Staging
    to: Production
    approvals: 1
    checklist: [plan read, support told]
    aliases: ['@champion']
    rollback: {waive_gates: true, waive_approvals: true}
  - {name: back, from: Archived, to: Production, approvals: 1, rollback: {waive_gates: true, waive_approvals: true}}
YAML
as registrar
expect 0 'churn v1 is registered' models register churn --source /nowhere/one
expect 0 'churn v2 is registered' models register churn --source /nowhere/two
as requester
expect 2 'a reason is required' models promote churn 1 Staging
expect 2 'there is no lane "Nirvana"' models promote churn 1 Nirvana --reason x
expect 3 'newest version is 2' models promote churn 9 Staging --reason x
expect 3 'chrn' models promote chrn 1 Staging --reason x
expect 0 'churn v1 would be in Staging' models promote churn 1 Staging --reason x --dry-run
expect 0 'churn v1 is in Staging \(from None\), record [0-9]+' models promote churn 1 Staging --reason 'to be tried'
expect 4 'in Staging already' models promote churn 1 staging --reason x
expect 4 'checklist of two-eyes' models promote churn 1 Production --reason x --dry-run
expect 4 '"changes":\{"versions":\[\{"version":1,"from":"Staging","to":"Production"\}\],"aliases":\[\{"alias":"champion","from":null,"to":1\}\],"overtaken_requests":\[\]\},"allowed":false' \
	models promote churn 1 Production --reason x --dry-run --json
expect 2 'not on the checklist, which has: plan read; support told' models request churn 1 Production --reason x --check nothing
expect 0 '"done":true,"request":1,"model":"churn","version":1,"to":"Production","record":[0-9]+,"message":"request 1:' models request churn 1 Production --reason 'holds what it promised' --check 'plan read' --check 2 --json
expect 4 'request 1 by requester asks for this already' models request churn 1 Production --reason again
expect 0 '^1.*0 of 1.*open.*requester' models requests
expect 3 'mlyard key init' models approve 1
expect 3 'mlyard key init' models reject 1 --reason 'not yet'
expect 2 'give one' models reject 1 --reason a --comment b
expect 2 'no number of a request' models approve one
as approver
expect 0 'key .* of approver' key init --key-file "$work/secret"
expect 2 'name it with --key-file' models approve 1
expect 3 'no request 7' models approve 7 --key-file "$work/secret"
expect 0 'commented on request 1' models comment 1 'why today?'
expect 0 'approved by approver \(1 of 1\)' models approve 1 --key-file "$work/secret" --comment 'looked at it'
expect 4 'has approved request 1 already' models approve 1 --key-file "$work/secret"
expect 0 '"approvals":\{"needed":1,"given":1\},"votes":\[\{"actor":"approver","verdict":"comment".*"verdict":"approve","comment":"looked at it".*"signature_good":true' models requests --json
as requester
expect 0 'churn v1 is in Production \(from Staging\), champion points to v1' models promote churn 1 Production --reason 'everybody agrees'
expect 0 '"message":"churn v2 is in Production \(from None\), v1 went to Archived' models promote churn 2 Production --reason 'no rule for this' --json
expect 0 'churn v1 would be in Production \(from Archived\), v2 would go to Archived' models rollback churn Production --reason worse --dry-run
expect 0 'churn v1 is in Production' models rollback churn Production --reason worse
expect 3 'no version of churn that could come back' models rollback churn Production --reason worse
expect 0 'request 2' models request churn 2 Staging --reason 'once more'
expect 0 '"done":true,"request":2,"record"' models withdraw 2 --json
expect 4 'withdrawn' models comment 2 'too late'
expect 0 'done' models requests --all
expect 0 '"total":0' models requests --json
expect 0 'nothing is red' models auto
expect 0 '"dry_run":true,"moved":0,"lines":\[\]' models auto --dry-run --json
expect 4 'read-only' --read-only models promote churn 2 Staging --reason x
expect 0 'holds: [0-9]+ records' audit verify
exit $bad
