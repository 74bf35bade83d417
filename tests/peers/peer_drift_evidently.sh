#!/bin/sh
# peer_drift_evidently.sh [SEED [SETS]] -- a current Evidently and `drift run --compat evidently` on the same random data sets, and what Evidently writes imported.
# The program is that of MLYARD, or $builddir, or this folder's. Exit status: 0 all the same; 1 a difference; 77 Evidently could not be installed here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
program=${MLYARD-${builddir:-.}/mlyard}
[ -x "$program" ] || { echo "not ok - no program at $program"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CONFIG_HOME="$work" XDG_DATA_HOME="$work" XDG_STATE_HOME="$work" DO_NOT_TRACK=1
python=$("$here/venv.sh" evidently) || exit $?
"$python" "$here/drift_evidently.py" "$program" "$@"
