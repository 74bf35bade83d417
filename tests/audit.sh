#!/bin/sh
# Keys and the audit log from the shell: made, shown, signed, exported; an older copy put back, found and accepted.
src=$(cd "${srcdir:-.}" && pwd) || exit 99
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" XDG_CACHE_HOME="$work/cache" XDG_DATA_HOME="$work/data" MLYARD_USER=requester
unset MLYARD_PASSPHRASE_FILE MLYARD_NOW_MS
bad=0
wrong() { echo "not as it should be: $*"; bad=1; }

# run CODE WORDS COMMAND...: exit status, and words that stand in what it prints.
run() {
	want=$1 words=$2
	shift 2
	"$mlyard" "$@" >"$work/out" 2>&1 </dev/null
	got=$?
	[ $got -eq "$want" ] || { wrong "$* ended with $got, not $want:"; cat "$work/out"; }
	[ -z "$words" ] || grep -qF -- "$words" "$work/out" || { wrong "$* does not say \"$words\":"; cat "$work/out"; }
}
w="$work/w.db"

run 3 'mlyard key init' key show
printf 'correct horse battery\n' >"$work/pass"
chmod 644 "$work/pass"
MLYARD_PASSPHRASE_FILE="$work/pass" run 4 'chmod 600' key init
chmod 600 "$work/pass"
printf 'short\n' >"$work/short"
chmod 600 "$work/short"
MLYARD_PASSPHRASE_FILE="$work/short" run 2 'a passphrase has 8' key init
MLYARD_PASSPHRASE_FILE="$work/pass" run 0 'key ' key init
run 0 'a passphrase' key show
run 0 '"owner":"requester"' key show --json
run 4 'there is a key already' key init --key-file "$work/kf"
grep -q 'correct horse' "$work/out" && wrong 'a passphrase was printed'
rm "$work/config/mlyard/keys/approval.key"
run 0 'first approver' key init --key-file "$work/kf" --name 'first approver'
[ "$(stat -c %a%s "$work/kf")" = 60032 ] || wrong 'the key file is not 32 bytes for its owner alone'
[ "$(stat -c %a "$work/config/mlyard/keys/approval.key")" = 600 ] || wrong 'the key can be read by others'

run 0 'models' -w "$w" import "$src/app/demo"
run 0 'digits-classifier' -w "$w" models list
run 0 'first seen' -w "$w" audit log
run 0 '"action":"model.source"' -w "$w" audit log --json --model digits-classifier
run 2 'needs a date' -w "$w" audit log --since yesterday
run 0 'no signed checkpoint' -w "$w" audit verify
run 0 'checkpoint 1 signs' -w "$w" audit checkpoint
run 0 '1 checkpoint holds' -w "$w" audit verify
run 0 '"holds":true' -w "$w" audit verify --json
run 2 'a whole number' -w "$w" audit verify --from x
run 0 '"type":"checkpoint"' -w "$w" audit export
run 0 '' -w "$w" audit export "$work/log.jsonl"
run 4 'left alone' -w "$w" audit export "$work/log.jsonl"
[ "$(grep -c '"type":"record"' "$work/log.jsonl")" -ge 5 ] || wrong 'records are missing in the export'
run 4 'nothing to accept' -w "$w" audit acknowledge --reason x
run 0 'record' doctor "$w"

cp "$w" "$work/old.db"
run 0 'checkpoint 2 signs' -w "$w" audit checkpoint
run 0 'v1' -w "$w" models alias digits-classifier challenger 1
cp "$work/old.db" "$w"
run 10 'history was cut' -w "$w" audit verify
run 10 '"holds":false' -w "$w" audit verify --json
run 4 'audit acknowledge' -w "$w" models alias digits-classifier challenger 1
run 10 'audit log' doctor "$w"
run 2 'needs a reason' -w "$w" audit acknowledge
run 0 'accepted and recorded' -w "$w" audit acknowledge --reason 'a backup was put back'
run 0 'holds' -w "$w" audit verify
run 0 'v1' -w "$w" models alias digits-classifier challenger 1
run 0 'a backup was put back' -w "$w" audit log --action audit.acknowledge

# One clock 400 days ahead: found, set right by an admin, and on record; what comes later is dated by the right clock.
year=$(( ($(date +%s) + 34560000) * 1000 ))
MLYARD_NOW_MS=$year run 0 'v2' -w "$w" models alias digits-classifier challenger 2
MLYARD_NOW_MS=$year run 0 'holds' -w "$w" audit verify
run 10 "ahead of this machine's clock" -w "$w" audit verify
run 10 'audit acknowledge --reason' doctor --quick "$w"
run 0 'v1' -w "$w" models alias digits-classifier challenger 1
run 0 'accepted and recorded' -w "$w" audit acknowledge --reason 'the build machine had a wrong clock'
run 0 'holds' -w "$w" audit verify
run 4 'nothing to accept' -w "$w" audit acknowledge --reason again
run 0 'v2' -w "$w" models alias digits-classifier challenger 2
run 0 'holds' -w "$w" audit verify
run 0 '"object":"clock"' -w "$w" audit log --json --action audit.acknowledge

id=$("$mlyard" key show --json | grep -o '"kind":"witness","id":"[0-9a-f]*' | grep -o '[0-9a-f]*$')
run 2 'needs a reason' -w "$w" key revoke "$id"
run 0 'out of use' -w "$w" key revoke "$id" --reason 'the machine was given away'
run 4 'was revoked' -w "$w" audit checkpoint
run 0 'holds' -w "$w" audit verify
run 4 'read-only' -w "$w" --read-only audit checkpoint
exit $bad
