#!/bin/sh
# The command line from outside: exit codes, what goes to which stream, workspaces by name and by path, doctor, backup.
src=$(cd "${srcdir:-.}" && pwd) || exit 99
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
demo=$src/app/demo
work=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME="$work/home" XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" MLYARD_DEMO="$demo"
unset XDG_STATE_HOME
mkdir "$HOME"
cd "$work" || exit 99
bad=0
tab=$(printf '\t')

# expect CODE PATTERN WORDS...: the exit code, and a pattern in what standard error (or, failing that, output) says.
expect() {
	code=$1 pattern=$2
	shift 2
	"$mlyard" "$@" >out 2>err </dev/null
	got=$?
	if [ $got != "$code" ]; then
		echo "mlyard $*: exit $got, not $code: $(head -n 3 err)"
		bad=1
	elif ! cat err out | grep -qE -- "$pattern"; then
		echo "mlyard $*: says nothing like '$pattern': $(head -n 3 err out)"
		bad=1
	fi
}
must() { # WORDS CONDITION...
	words=$1
	shift
	"$@" || { echo "does not hold: $words"; bad=1; }
}
lines() { wc -l <"$1" | tr -d ' '; }

# Words that are wrong, each with its own code and a way out.
expect 2 "did you mean 'mlyard runs list'" rnus list
expect 2 "did you mean 'mlyard import'" improt
expect 2 'mlyard --help' nosuchword
expect 2 'runs list, runs show' runs
expect 2 'unknown option --bogus' --bogus
expect 2 'did you mean --limit' runs list --limt 3
expect 2 'whole number' runs list --limit many
expect 2 'missing' runs show
expect 2 'too many' experiments list x
expect 2 'bash, zsh, fish' completion tcsh
expect 3 'No such file' ./nosuch
expect 3 'No such file' /nonexistent/mlflow.db
expect 3 'import PATH' runs list
expect 3 'no such workspace' -w "$work/none.db" runs list
expect 3 'no command' help nosuch
expect 3 'nothing to read here' "$HOME"
expect 3 '^mlyard: there is nothing at /nonexistent$' -w gone.db import /nonexistent
must 'a failed import is told once' [ "$(cat out err | grep -c nonexistent)" = 1 ]
expect 4 'read-only' --read-only import "$demo"
expect 0 '^mlyard [0-9]' --version
expect 0 'Commands' --help
expect 0 'Only runs of this experiment' runs list --help
expect 0 'Only runs of this experiment' help runs list
expect 0 'audit verify' audit --help
expect 0 'gates check' help gates
must 'reading makes no workspace' [ ! -e "$XDG_DATA_HOME/mlyard/workspace.db" ]

# The demo and paths without a terminal: the table of runs on standard output, a word on standard error.
before=$(cksum "$demo/mlflow.db")
expect 0 'no terminal' demo
must 'the demo lists its runs' [ "$(lines out)" -ge 60 ]
must 'columns are separated by tabs' grep -q "$tab" out
cp out demo.tsv
expect 0 '"total":' demo --json
expect 0 'no terminal' "$demo"
must 'the folder of the demo has the same runs' [ "$(lines out)" = "$(lines demo.tsv)" ]
expect 0 'no terminal' "$demo/mlflow.db"
expect 0 'no terminal' --read-only "$demo/mlflow.db"
must 'read-only shows them too' [ "$(lines out)" = "$(lines demo.tsv)" ]
must 'the source is as it was' [ "$before" = "$(cksum "$demo/mlflow.db")" ]
must 'nothing was left beside the source' [ -z "$(ls "$demo" | grep -vxE 'README.md|mlflow.db|mlruns|policy.yaml|served')" ]
if command -v script >/dev/null; then
	TERM=dumb script -qec "'$mlyard' demo" /dev/null >out 2>&1 </dev/null
	must 'TERM=dumb prints the table' [ "$(lines out)" -ge 60 ]
	must 'TERM=dumb gets no escape sequences' sh -c '! grep -q "$(printf "\033")" out'
fi

# A workspace of one's own.
expect 0 '' -w own.db import "$demo"
expect 0 'digits-mlp' -w own.db experiments list
expect 0 '' runs list -w own.db --limit 3
must 'a limit is kept, below a heading' [ "$(lines out)" = 4 ]
expect 0 '"total":' --json -w own.db runs list
expect 0 'no terminal' own.db
must 'a workspace file is opened as itself' [ "$(lines out)" = "$(lines demo.tsv)" ]
expect 3 'nosuch' -w own.db runs show nosuch
expect 0 'saved copy.db' -w own.db backup copy.db
expect 4 'copy.db' -w own.db backup copy.db
expect 0 '"bytes":' -w own.db backup --force copy.db --json
expect 0 '' -w copy.db runs list --limit 0
expect 0 'integrity' -w copy.db doctor
expect 0 '"ok":true' -w copy.db doctor --json
expect 0 'integrity' doctor "$demo"

# A mirror is found again from anywhere, in whatever order the paths are given.
mirror() { "$mlyard" doctor --quick "$@" </dev/null 2>/dev/null | sed -n "s/^ok${tab}workspace${tab}file${tab}\([^,]*\).*/\1/p"; }
mkdir elsewhere
cp "$demo/mlflow.db" elsewhere/
expect 0 '' "$demo/mlflow.db" elsewhere
one=$(mirror "$demo/mlflow.db" elsewhere)
must 'two paths have a mirror' [ -f "$one" ]
must 'their order does not matter' [ "$one" = "$(mirror elsewhere "$demo/mlflow.db")" ]
must 'nor does the present folder' [ "$one" = "$(cd elsewhere && mirror . "$demo/mlflow.db")" ]
must 'other paths have another mirror' [ "$one" != "$(mirror "$demo/mlflow.db")" ]

# A damaged file: doctor finds it and says so with its own exit code.
size=$(stat -c %s copy.db)
dd if=/dev/zero of=copy.db bs=512 seek=$((size / 1024)) count=$((size / 1024)) conv=notrunc 2>/dev/null
expect 10 'bad' -w copy.db doctor
expect 10 '"ok":false' -w copy.db doctor --json
echo 'no database at all, only some words in a file that is called so' >words.db
expect 10 'bad' -w words.db doctor
expect 1 'not a SQLite database' words.db

# So are paths that hold nothing to read.
head -c 20000 "$demo/mlflow.db" >short.db
mkdir empty locked
chmod 0 locked
expect 10 "^bad${tab}paths${tab}path.*not a SQLite" doctor --quick words.db
expect 10 "^bad${tab}paths.*cut short" doctor --quick short.db
expect 10 "^bad${tab}paths" doctor --quick empty
expect 10 "there is nothing at ./nosuch" doctor --quick ./nosuch
expect 0 "^ok${tab}paths.*MLflow database" doctor --quick "$demo"
if [ "$(id -u)" != 0 ]; then
	expect 10 'permission denied: .*locked' doctor --quick locked
	expect 4 'permission denied: .*locked' locked
	expect 4 'permission denied: .*locked' -w gone.db import locked
fi

# What happens is written to a file where one is named; a file that cannot be written stops nothing.
printf 'SQLite format 3\000 and nothing else' >torn.db
MLYARD_LOG=log expect 1 'torn.db' -w own.db import torn.db
must 'the log says what failed' grep -q ' warn .*torn.db' log
MLYARD_LOG=none/log expect 0 'none/log: No such file' drift tests

# Streams that are closed, full, or read only in part.
"$mlyard" --help >/dev/full 2>err
must 'a full disk is told' [ $? = 1 ]
"$mlyard" demo 2>err | head -n 1 >out
must 'a reader may go early' [ "$(lines out)" = 1 ]
must 'and hears nothing of it' [ "$(lines err)" = 1 ]
"$mlyard" doctor --quick <&- >out 2>&-
must 'closed descriptors do no harm' [ $? = 0 ]
mkdir import
expect 3 'nothing to read here' -- import
exit $bad
