#!/bin/sh
# Runs every tests/scripts/*.script through the real program on a terminal that only keeps its cells, and compares what it
# prints with the .out file beside it. First line of a script: "#! ARGS", then optional "#! VAR=VALUE" lines (environment).
# UPDATE=1 writes the .out files anew: look at the difference before you keep it.
srcdir=${srcdir:-.} builddir=${builddir:-.}
srcdir=$(cd "$srcdir" && pwd)
bin=$(cd "$builddir" && pwd)/mlyard
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
failed= ran=0 held=0
for script in "$srcdir"/tests/scripts/${ONLY:-*}.script; do
	name=$(basename "$script" .script) out=${script%.script}.out
	mkdir -p "$tmp/$name"
	args=$(sed -n '1s/^#! *//p' "$script")
	env=$(sed -n '2,9s/^#! *//p' "$script")
	ran=$((ran + 1))
	# shellcheck disable=SC2086 # words of both lists are meant to split
	(cd "$srcdir" && env -i PATH="$PATH" HOME="$tmp/$name" LC_ALL=C.UTF-8 TZ=UTC MLYARD_DEMO="$srcdir/app/demo" MLYARD_NOW_MS=1795300000000 \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" TSAN_OPTIONS="${TSAN_OPTIONS:-}" $env \
		"$bin" --script "$script" $args) >"$tmp/$name.got" 2>"$tmp/$name.err" </dev/null
	status=$?
	if [ -n "${UPDATE:-}" ]; then
		cp "$tmp/$name.got" "$out"
	elif [ $status -ne 0 ]; then
		tail -n 60 "$tmp/$name.got"; echo "not ok - $name (exit $status)"; cat "$tmp/$name.err"; failed="$failed $name"
	elif ! diff -u "$out" "$tmp/$name.got"; then
		echo "not ok - $name"; failed="$failed $name"
	else
		held=$((held + 1))
		echo "ok - $name"
	fi
done
echo "$held of $ran scripts hold${failed:+; not:$failed}"
[ $ran -gt 0 ] && [ -z "$failed" ]
