#!/bin/sh
# Kills an import with SIGKILL at 200 different moments. What an earlier attempt committed must still be there (runs and points
# never get fewer), the workspace must be sound, and in the end it must equal one that was imported in peace.
srcdir=${srcdir:-.} builddir=${builddir:-.}
srcdir=$(cd "$srcdir" && pwd) builddir=$(cd "$builddir" && pwd)
bin=$builddir/mlyard kills=${KILLS:-200}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
HOME=$tmp; export HOME
demo=$srcdir/app/demo/mlflow.db
fail() { echo "not ok - $1"; exit 1; }
points() { sqlite3 -readonly "$1" 'SELECT coalesce(sum(n), 0) FROM metric' 2>/dev/null || echo 0; }
command -v sqlite3 >/dev/null || { echo "the sqlite3 shell is missing: apt-get install sqlite3"; exit 77; }

start=$(date +%s%N)
"$bin" -w "$tmp/calm.db" import "$demo" >"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "an import in peace"; }
took_us=$((($(date +%s%N) - start) / 1000))
i=0 last=0 finished=0
while [ $i -lt "$kills" ]; do
	i=$((i + 1))
	# After a finished import the next attempt starts on a fresh file, so that all kills hit work.
	[ $finished = 1 ] && { rm -f "$tmp/w.db"*; last=0 finished=0; }
	"$bin" -w "$tmp/w.db" import "$demo" >"$tmp/out" 2>&1 &
	pid=$!
	wait_us=$((took_us * ((i * 7919) % 1000) / 1000))
	sleep "$(printf '%d.%06d' $((wait_us / 1000000)) $((wait_us % 1000000)))"
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	status=$?
	[ $status -eq 0 ] && finished=1
	[ -s "$tmp/w.db" ] || continue
	now=$(points "$tmp/w.db")
	[ "$now" -ge "$last" ] || fail "kill $i lost points: $last before, $now after"
	last=$now
	if [ $((i % 10)) = 0 ]; then
		"$bin" -w "$tmp/w.db" doctor >"$tmp/doctor" 2>&1 || { cat "$tmp/doctor"; fail "the workspace is sound after kill $i"; }
	fi
done
"$bin" -w "$tmp/w.db" import "$demo" >"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "the import after the kills"; }
"$bin" -w "$tmp/w.db" doctor >"$tmp/doctor" 2>&1 || { cat "$tmp/doctor"; fail "the workspace is sound in the end"; }
"$bin" -w "$tmp/w.db" runs list --json >"$tmp/w.json" && "$bin" -w "$tmp/calm.db" runs list --json >"$tmp/calm.json" || fail "the runs can be listed"
cmp "$tmp/w.json" "$tmp/calm.json" || fail "the runs are the same as after a calm import"
[ "$(points "$tmp/w.db")" = "$(points "$tmp/calm.db")" ] || fail "the points are the same as after a calm import"
echo "ok - $kills kills, nothing lost"
