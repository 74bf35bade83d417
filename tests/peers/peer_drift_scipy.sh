#!/bin/sh
# peer_drift_scipy.sh [SEED [SETS]] -- every two-sample test and distance on random data, ours against a current SciPy's.
# The program asked is tests/peers/drift_probe in the build folder: that of MLYARD, or $builddir, or this one. Exit status: 0 all the same; 1 a difference;
# 77 scipy could not be installed here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${builddir:-.}
[ -z "${MLYARD-}" ] || build=$(dirname "$MLYARD")
probe=$build/tests/peers/drift_probe
[ -x "$probe" ] || { echo "not ok - no program at $probe (make tests/peers/drift_probe)"; exit 1; }
python=$("$here/venv.sh" scipy) || exit $?
exec "$python" "$here/drift_scipy.py" "$(cd "$(dirname "$probe")" && pwd)/$(basename "$probe")" "$@"
