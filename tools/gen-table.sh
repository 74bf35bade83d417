#!/bin/sh
# gen-table.sh PREFIX FILE... -- prints X(name) for each module file on a list; PREFIX is cut off the file name.
prefix=$1; shift
for f in "$@"; do b=${f##*/}; b=${b%.c}; printf 'X(%s)\n' "${b#"$prefix"}"; done
