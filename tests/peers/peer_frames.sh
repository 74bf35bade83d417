#!/bin/sh
# peer_frames.sh -- random tables are read as Python's csv and json, float() and pandas read them. The program
# that reads is tests/peers/dump_frame in the build folder: that of MLYARD, or $builddir, or this one. Exit status: 0 the same; 1 a difference; 77 no pandas here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${builddir:-.}
[ -z "${MLYARD-}" ] || build=$(dirname "$MLYARD")
program=$build/tests/peers/dump_frame
[ -x "$program" ] || { echo "not ok - no program at $program"; exit 1; }
python=$("$here/venv.sh" mlflow3) || exit $?
exec "$python" "$here/compare_frames.py" "$program" "$@"
