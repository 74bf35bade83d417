#!/bin/sh
# The real terminal path: the program inside tmux, keys typed, the screen read back; then how it ends.
# Waits for conditions, never for the clock. Skipped (77) without tmux.
command -v tmux >/dev/null || { echo "tmux is missing: apt-get install tmux"; exit 77; }
srcdir=${srcdir:-.} builddir=${builddir:-.}
srcdir=$(cd "$srcdir" && pwd) builddir=$(cd "$builddir" && pwd)
tmp=$(mktemp -d) || exit 99
socket=$tmp/tmux own=
# The address of a socket has 107 bytes at most.
[ ${#socket} -le 100 ] || { own=$(mktemp -d /tmp/mlyard.XXXXXX) || exit 99; socket=$own/tmux; }
t() { tmux -S "$socket" "$@"; }
# What runs in the panes may still write while it ends.
trap 't kill-server 2>/dev/null; for i in 1 2 3 4 5 6 7 8 9; do rm -rf "$tmp" ${own:+"$own"} 2>/dev/null && break; sleep 0.2; done' EXIT
failed=0
ok() { echo "ok - $1"; }
bad() { echo "not ok - $1"; t capture-pane -p 2>/dev/null; failed=1; }
# until TEXT: the pane shows TEXT; what takes longer than five minutes does not come
until_shown() {
	i=0
	while [ $i -lt 6000 ]; do
		pane=$(t capture-pane -p 2>&1) || { echo "$pane"; return 1; }      # no server any more: nothing will come
		printf '%s\n' "$pane" | grep -qF -- "$1" && return 0
		i=$((i + 1)); sleep 0.05
	done
	return 1
}
# A lone Esc and a key right behind it would be one key with Alt: wait until it took effect.
until_gone() {
	i=0
	while [ $i -lt 6000 ]; do
		pane=$(t capture-pane -p 2>&1) || break
		printf '%s\n' "$pane" | grep -qF -- "$1" || return 0
		i=$((i + 1)); sleep 0.05
	done
	bad "$2"
}
until_dead() {
	i=0
	while [ $i -lt 6000 ]; do
		kill -0 "$1" 2>/dev/null || return 0
		i=$((i + 1)); sleep 0.05
	done
	return 1
}
check() { # NAME TEXT
	if until_shown "$2"; then ok "$1"; else bad "$1: no \"$2\""; fi
}
start() { # COLS ROWS: a shell, in which the program runs
	t kill-server 2>/dev/null
	# SHELL: that of the user may let nobody in.
	env -i PATH="$PATH" HOME="$tmp" SHELL=/bin/sh LC_ALL=C.UTF-8 TZ=UTC TERM=xterm-256color MLYARD_DEMO="$srcdir/app/demo" ASAN_OPTIONS="${ASAN_OPTIONS:-}" \
		tmux -S "$socket" -f /dev/null new-session -d -x "$1" -y "$2" 'exec bash --norc --noprofile -i' 2>"$tmp/err" || { cat "$tmp/err"; exit 99; }
	t send-keys ' PS1="REA""DY> "' Enter
	until_shown 'READY>' || { bad "a shell in tmux"; exit 1; }
}
launch() { t send-keys " $builddir/mlyard demo" Enter; check "${1:-the demo opens}" "digits-mlp"; }
child() { pgrep -P "$(t display-message -p '#{pane_pid}')" | head -n 1; }

start 120 36
launch
t send-keys ':'; check "the palette opens" "Commands"
t send-keys 'thm'; check "typing filters it" "theme"
t send-keys Escape; until_gone "Commands" "Esc closes the palette"
t send-keys '?'; check "help lists the keys" "Keys in Runs"
t send-keys Escape; until_gone "Keys in Runs" "Esc closes the help"
t send-keys 2; until_gone "digits-mlp" "a digit changes the tab"
t send-keys 1; check "and another comes back" "digits-mlp"
t send-keys '/'; t send-keys -l 'val_acc>0.9'; t send-keys Enter; check "a filter is typed" "of 17 · val_acc"
t resize-window -x 80 -y 24; check "80x24 is designed" "digits-mlp"
t resize-window -x 30 -y 8; check "a window too small says so" "mlyard needs"
t resize-window -x 200 -y 50; check "it grows again" "digits-mlp"
pid=$(child)
t send-keys C-z; check "suspended, the shell is back" "READY>"
t send-keys ' fg' Enter; check "resumed" "digits-mlp"
t send-keys q
until_dead "$pid" && ok "q ends it" || bad "q ends it"
check "the shell's screen is back" "READY>"
for signal in TERM INT QUIT HUP SEGV; do
	t send-keys ' clear' Enter
	launch "opens before $signal"
	pid=$(child)
	kill -"$signal" "$pid"
	until_dead "$pid" && ok "$signal ends it" || bad "$signal ends it"
	t send-keys " echo back-$signal" Enter
	check "after $signal the terminal is a shell's again" "back-$signal"
	[ "$(t display-message -p '#{alternate_on}')" = 0 ] && ok "$signal leaves no alternate screen" || bad "$signal leaves no alternate screen"
done
t send-keys " clear; TERM=dumb $builddir/mlyard demo | head -n 3; echo done-dumb" Enter
check "TERM=dumb prints a table" "done-dumb"
exit $failed
