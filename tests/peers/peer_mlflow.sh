#!/bin/sh
# peer_mlflow.sh -- real MLflow 3 and 2 write stores, SQLite and folders; mlyard must read them value for value,
# and follow them while they are written.  MLYARD names the program (default: $builddir/mlyard, ./mlyard).
# Exit status: 0 all the same; 1 a difference; 77 MLflow could not be installed here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
mlyard=${MLYARD:-${builddir:-.}/mlyard}
[ -x "$mlyard" ] || { echo "not ok - no program at $mlyard"; exit 1; }

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

uri_in() {      # KIND FOLDER
    mkdir -p "$2"
    case $1 in sqlite) echo "sqlite:///$2/mlflow.db" ;; *) echo "$2/mlruns" ;; esac
}

for peer in mlflow3 mlflow2; do
    python=$("$here/venv.sh" "$peer") || exit $?
    for kind in sqlite folder; do
        echo "# $peer, $kind"
        uri=$(uri_in "$kind" "$work/$peer-$kind")
        "$python" "$here/make_store.py" "$uri" 2>"$work/log" || {
            echo "not ok - make_store.py"; tail "$work/log"; failed=1; continue
        }
        "$python" "$here/compare_mlflow.py" "$uri" "$mlyard" 2>"$work/log" || { failed=1; tail "$work/log"; }
        uri=$(uri_in "$kind" "$work/$peer-$kind-live")
        "$python" "$here/live_mlflow.py" "$uri" "$mlyard" || failed=1
    done
done
exit $failed
