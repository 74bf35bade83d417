#!/bin/sh
# gen-keys.sh MLYARD -- docs/keys.md from the commands of the program and their keys in each built-in keymap.
mlyard=${1:?usage: gen-keys.sh MLYARD}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for map in default vim emacs; do
	"$mlyard" commands --keymap "$map" >"$work/$map" </dev/null || exit 1
done
cat <<'END'
# Commands and keys

Made from the program by `make update-docs`. Every command can be run from the palette (`:`); `C-x` is Ctrl and x, `M-x` Alt (or Esc, then x),
`S-Up` Shift and the arrow; keys with a space between them are pressed one after the other.
END
awk -F '\t' '
	FNR == 1 { file++; next }
	{ id = $2 SUBSEP $1; keys[file, id] = $3 }
	file == 1 { order[++n] = id; help[id] = $4; where[id] = $2; name[id] = $1 }
	function cell(s) { gsub(/\\/, "\\\\", s); gsub(/\|/, "\\|", s); gsub(/</, "\\<", s); gsub(/\*/, "\\*", s); gsub(/_/, "\\_", s); gsub(/`/, "\\`", s); return s }
	END {
		for (i = 1; i <= n; i++) {
			id = order[i]
			if (where[id] != last) {
				last = where[id]
				printf "\n## %s\n\n| command | what it does | default | vim | emacs |\n|---|---|---|---|---|\n", last == "everywhere" ? "Everywhere" : "In: " last
			}
			printf "| %s | %s | %s | %s | %s |\n", cell(name[id]), cell(help[id]), cell(keys[1, id]), cell(keys[2, id]), cell(keys[3, id])
		}
	}' "$work/default" "$work/vim" "$work/emacs"
