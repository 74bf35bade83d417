#!/bin/sh
# bench_drift_peers.sh [ROWS [TIMES]] -- the drift of 50 numeric columns x ROWS + ROWS rows (1,000,000) from CSV: mlyard, a plain SciPy script and Evidently's preset on the same files in
# one session, mlyard and SciPy by turns TIMES times (3), Evidently once (at a million rows it takes minutes and 5 GB). Prints wall and processor seconds, peak memory, the load,
# versions and ratios of the best times, and says whether SciPy and mlyard came to the same numbers. Like every benchmark it never fails on a figure; it fails when the numbers differ.
# The program is that of MLYARD, or $builddir/mlyard, or ./mlyard, with tests/bench/bench_frame beside it (make bench-programs). EVIDENTLY=no leaves Evidently out.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mlyard=${MLYARD:-${builddir:-.}/mlyard}
build=$(cd "$(dirname "$mlyard")" && pwd)
rows=${1:-1000000} times=${2:-3}
[ -x "$build/mlyard" ] || { echo "bench_drift_peers.sh: no program at $build/mlyard" >&2; exit 1; }
[ -x "$build/tests/bench/bench_frame" ] || { echo "bench_drift_peers.sh: make tests/bench/bench_frame first" >&2; exit 1; }
python=$("$here/../peers/venv.sh" evidently)
data=${XDG_CACHE_HOME:-$HOME/.cache}/mlyard-check/bench-drift-$rows
mkdir -p "$data"
# Drift in some columns: the shift is a twentieth of what a column spreads.
[ -f "$data/ref.csv" ] || { "$build/tests/bench/bench_frame" make "$rows" 1 0 >"$data/tmp.csv"; mv "$data/tmp.csv" "$data/ref.csv"; }
[ -f "$data/cur.csv" ] || { "$build/tests/bench/bench_frame" make "$rows" 2 0.5 >"$data/tmp.csv"; mv "$data/tmp.csv" "$data/cur.csv"; }
DO_NOT_TRACK=1 PYTHONDONTWRITEBYTECODE=1 exec "$python" "$here/drift_peers.py" "$build/mlyard" "$data" "$times"
