#!/bin/sh
# peer_performance.sh [SEED [SETS]] -- performance of random models: metrics against scikit-learn, estimates without labels against the method written
# out in Python on scikit-learn's isotonic regression. The program is MLYARD, or mlyard in $builddir, or in this folder. Exit status: 0 all the same;
# 1 a difference; 77 scikit-learn could not be installed here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
mlyard=${MLYARD-${builddir:-.}/mlyard}
[ -x "$mlyard" ] || { echo "not ok - no program at $mlyard"; exit 1; }
python=$("$here/venv.sh" sklearn) || exit $?
exec "$python" "$here/performance_sklearn.py" "$(cd "$(dirname "$mlyard")" && pwd)/$(basename "$mlyard")" "$@"
