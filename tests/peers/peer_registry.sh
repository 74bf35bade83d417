#!/bin/sh
# peer_registry.sh -- real MLflow 3 and 2 change their registries, in SQLite and in folders; after every step mlyard's stages, aliases,
# versions, tags and descriptions must be MLflow's, and the same moves decided in mlyard must end as MLflow's do.
# MLYARD names the program (default: $builddir/mlyard, ./mlyard). Exit status: 0 all the same; 1 a difference; 77 MLflow could not be installed here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
mlyard=${MLYARD:-${builddir:-.}/mlyard}
[ -x "$mlyard" ] || { echo "not ok - no program at $mlyard"; exit 1; }
mlyard=$(cd "$(dirname "$mlyard")" && pwd)/$(basename "$mlyard")

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

for peer in mlflow3 mlflow2; do
    python=$("$here/venv.sh" "$peer") || exit $?
    for kind in sqlite folder; do
        mkdir "$work/$peer-$kind"
        uri=$work/$peer-$kind/mlruns
        [ "$kind" = folder ] || uri=sqlite:///$work/$peer-$kind/mlflow.db
        echo "# $peer, $kind"
        (cd "$work" && "$python" "$here/registry_mlflow.py" "$uri" "$mlyard" 2>"$work/log") || { failed=1; tail "$work/log"; }
    done
done
exit $failed
