#!/bin/sh
# gen-bytes.sh NAME FILE... -- C array of {name, bytes, length} rows for text files compiled into the program.
name=$1; shift
i=0
for f in "$@"; do
	printf 'static const unsigned char %s_%d[] = {\n' "$name" "$i"
	od -v -A n -t u1 "$f" | sed 's/\([0-9][0-9]*\)/\1,/g'
	printf '0 };\n'; i=$((i + 1))
done
printf 'static const struct { const char *name; const unsigned char *bytes; unsigned long n; } %s[] = {\n' "$name"
i=0
for f in "$@"; do
	b=${f##*/}
	printf '\t{ "%s", %s_%d, sizeof %s_%d - 1 },\n' "${b%.*}" "$name" "$i" "$name" "$i"; i=$((i + 1))
done
printf '};\n'
