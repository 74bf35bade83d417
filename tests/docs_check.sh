#!/bin/sh
# The manual page, the completion scripts and the documents say what the program does: every command and option is in the
# manual, what is generated is up to date, and links in documents lead somewhere.
src=$(cd "${srcdir:-.}" && pwd) || exit 99
mlyard=${builddir:-.}/mlyard
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
bad=0
wrong() { echo "$*"; bad=1; }

for row in man:docs/mlyard.1 bash:completion/mlyard zsh:completion/_mlyard fish:completion/mlyard.fish; do
	"$mlyard" completion "${row%%:*}" >"$work/made" || wrong "mlyard completion ${row%%:*} fails"
	cmp -s "$work/made" "$src/${row#*:}" || wrong "${row#*:} is not what the program says; run: make update-docs"
done
if [ -f "$src/docs/keys.md" ]; then
	sh "$src/tools/gen-keys.sh" "$mlyard" >"$work/made" || wrong "tools/gen-keys.sh fails"
	cmp -s "$work/made" "$src/docs/keys.md" || wrong "docs/keys.md is not what the program says; run: make update-docs"
fi

# Commands and options as --help knows them, against the manual and the guide.
sed 's/\\-/-/g; s/\\&//g; s/\\e/\\/g' "$src/docs/mlyard.1" >"$work/man"
"$mlyard" --help | sed -n '/^Commands/,/^Options/p' | grep '^  ' | sed 's/^  //; s/   *.*//' >"$work/commands"
[ -s "$work/commands" ] || wrong "mlyard --help lists no commands"
while read -r line; do
	grep -qF ".SS $line" "$work/man" || wrong "the manual does not have: $line"
	name=$(echo "$line" | sed 's/ [[A-Z].*//')
	grep -qF "$name" "$src/docs/guide.md" || wrong "docs/guide.md does not mention: $name"
	# shellcheck disable=SC2086
	"$mlyard" $name --help >"$work/help" || wrong "mlyard $name --help fails"
	grep -oE -- '--[a-z-]+' "$work/help" | sort -u | while read -r option; do
		grep -qF -- "$option" "$work/man" || echo "the manual does not have: $name $option"
	done >"$work/missing"
	[ ! -s "$work/missing" ] || { cat "$work/missing"; bad=1; }
done <"$work/commands"

# Links between documents, and pictures.
for doc in "$src"/README.md "$src"/docs/*.md; do
	folder=$(dirname "$doc")
	grep -oE '\]\([^)#]+' "$doc" | sed 's/^](//' | grep -vE '^(https?|mailto):' | while read -r link; do
		[ -e "$folder/$link" ] || echo "$doc: dead link $link"
	done
done >"$work/links"
[ ! -s "$work/links" ] || { cat "$work/links"; bad=1; }

# Syntax, by the tools that are here.
for row in "bash -n:completion/mlyard" "zsh -n:completion/_mlyard" "fish -n:completion/mlyard.fish"; do
	tool=${row%%:*}
	! command -v "${tool%% *}" >/dev/null || $tool "$src/${row#*:}" || wrong "${row#*:}: $tool refuses it"
done
if command -v man >/dev/null && command -v groff >/dev/null; then
	LC_ALL=C.UTF-8 groff -man -Tutf8 -ww -z "$src/docs/mlyard.1" 2>"$work/roff"
	[ ! -s "$work/roff" ] || { cat "$work/roff"; bad=1; }
fi
exit $bad
