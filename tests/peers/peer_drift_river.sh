#!/bin/sh
# peer_drift_river.sh [SEED [SETS]] -- every detector on random streams fires where a current river's does.
# The program asked is tests/peers/drift_probe in the build folder: that of MLYARD, or $builddir, or this one. Exit status: 0 all the same; 1 a difference;
# 77 river could not be installed here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${builddir:-.}
[ -z "${MLYARD-}" ] || build=$(dirname "$MLYARD")
probe=$build/tests/peers/drift_probe
[ -x "$probe" ] || { echo "not ok - no program at $probe (make tests/peers/drift_probe)"; exit 1; }
python=$("$here/venv.sh" river) || exit $?
exec "$python" "$here/drift_river.py" "$(cd "$(dirname "$probe")" && pwd)/$(basename "$probe")" "$@"
