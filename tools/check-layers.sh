#!/bin/sh
# Which folder may include which; fails on the first include that points up, on curses outside tui/term.c and
# on a module file that is on no list.
cd "${srcdir:-.}" || exit 99
bad=0
check() { # folder allowed-regex
	out=$(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' -r "$1" --include='*.[ch]' | grep -vE "include[[:space:]]+\"($2)")
	[ -z "$out" ] || { printf '%s: forbidden include\n%s\n' "$1" "$out"; bad=1; }
}
check core/base 'core/base/|config\.h"'
check core/store 'core/(base|store)/|config\.h"'
check core 'core/|config\.h"'
check tui 'tui/|core/base/|config\.h"|.*\.inc"'
check views 'views/|tui/|core/|config\.h"'
out=$(grep -lE '#[[:space:]]*include[[:space:]]*<(n?curses|term)\.h>' -r core views app tui --include='*.[ch]' | grep -v '^tui/term.*\.c$')
[ -z "$out" ] || { echo "curses outside tui/term*.c: $out"; bad=1; }
for f in core/drift/test_*.c core/drift/stream_*.c; do
	[ ! -e "$f" ] || grep -qF "$f" core/drift/tests.am || { echo "$f is on no list"; bad=1; }
done
for f in core/runs/import_*.c views/*.c; do
	[ -e "$f" ] || continue
	case $f in views/ui*.c|views/layer*.c|views/views.c|views/*_*.c) continue ;; esac
	grep -qF "$f" core/runs/runs.am views/views.am || { echo "$f is on no list"; bad=1; }
done
exit $bad
