#!/bin/sh
# run.sh [-s SCALE] [SHAPE...] -- benchmarks on demand; prints figures, never fails on one.
#
# Makes the databases once (at scale 1: 10 GB and some minutes) under ${XDG_CACHE_HOME:-$HOME/.cache}/mlyard-check
# and measures $MLYARD (default: $builddir/mlyard, ./mlyard). Run it alone on the machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scale=1
while getopts s: option; do
    case $option in s) scale=$OPTARG ;; *) echo "usage: run.sh [-s SCALE] [SHAPE...]" >&2; exit 2 ;; esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- points deep tall wide

mlyard=${MLYARD:-${builddir:-.}/mlyard}
[ -x "$mlyard" ] || { echo "run.sh: no program at $mlyard" >&2; exit 1; }
data=${XDG_CACHE_HOME:-$HOME/.cache}/mlyard-check/bench-$scale-$(cksum <"$here/gen.py" | cut -d' ' -f1)
mkdir -p "$data"
for shape; do
    [ -f "$data/$shape.db" ] || {
        python3 "$here/gen.py" "$shape" "$data/$shape.tmp" --scale "$scale"
        mv "$data/$shape.tmp" "$data/$shape.db"
    }
done
python3 "$here/bench.py" "$mlyard" "$data" "$@"
