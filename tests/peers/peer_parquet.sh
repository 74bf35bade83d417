#!/bin/sh
# peer_parquet.sh [SEED [TABLES]] -- random Parquet files of pyarrow, read here and compared value by value.
# The program that reads is tests/peers/dump_columns in the build folder: that of MLYARD, or $builddir, or this one. Exit status: 0 all the same; 1 a difference;
# 77 pyarrow could not be installed here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${builddir:-.}
[ -z "${MLYARD-}" ] || build=$(dirname "$MLYARD")
dump=$build/tests/peers/dump_columns
[ -x "$dump" ] || { echo "not ok - no program at $dump (make tests/peers/dump_columns)"; exit 1; }
python=$("$here/venv.sh" pyarrow) || exit $?
exec "$python" "$here/parquet_pyarrow.py" "$(cd "$(dirname "$dump")" && pwd)/$(basename "$dump")" "$@"
