#!/bin/bash
# The commands of drift as a shell sees them: whole text in a pipe, lists with quotes, pages of many columns, what never ends.
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_CONFIG_HOME="$work/c" XDG_DATA_HOME="$work/d" XDG_STATE_HOME="$work/s" XDG_CACHE_HOME="$work/k"
cd "$work" || exit 99
bad=0
wrong() { echo "$1"; shift; printf '    %s\n' "$@"; bad=1; }
# said WHAT PATTERN...: each pattern is a line of out.
said() {
	local what=$1 p
	shift
	for p in "$@"; do grep -qE -- "$p" out || wrong "$what: no '$p'" "$(head -c 900 out)" "$(head -n 3 err)"; done
}

# Two sides of 400 rows: one column moves, y is 1 where p is above a half.
table() { awk -v seed="$1" -v by="$2" 'BEGIN { srand(seed); print "\"price, net\",k,y,p"; for (i = 0; i < 400; i++) { p = rand(); print rand() + by "," int(rand() * 5) "w," (p > 0.5) "," p } }'; }
table 3 0 >ref.csv
table 4 2 >cur.csv

# In a pipe the text is whole: head, table, reasons, all columns together, performance, data quality.
"$mlyard" drift run --reference ref.csv --current cur.csv --target y --probability p >out 2>err </dev/null
said 'drift run in a pipe' '^drifted: 1 of 4 columns' '^price, net +numeric +DRIFTED +ks ' '^Why$' '^price, net: distribution changed' '^All columns together$' '^Domain classifier' '^Performance$' \
	'^Accuracy +1' '^Data quality$'
! grep -q "$(printf '\t')" out || wrong "tabs in the text of a report"

# Lists: quotes hold a comma, options may be repeated.
"$mlyard" drift run --reference ref.csv --current cur.csv --columns '"price, net",k' --columns p --no-joint >out 2>err </dev/null
said 'quoted columns' '^drifted: 1 of 3 columns' '^price, net ' '^k ' '^p '
"$mlyard" drift run --reference ref.csv --current cur.csv --columns '"price, net"' --types '"price, net"=categorical' --no-joint >out 2>err </dev/null
said 'a quoted type' '^price, net +categorical '
"$mlyard" drift run --reference ref.csv --current cur.csv --columns k --tests chi_square --tests psi --json >out 2>err </dev/null
said 'repeated tests' '"name":"chi_square".*"name":"psi"'
"$mlyard" drift run --reference ref.csv --current cur.csv --columns '"price, net' >out 2>err </dev/null
got=$?
if [ $got != 2 ] || ! grep -q 'not closed' err; then wrong "an open quote: exit $got" "$(cat err)"; fi
"$mlyard" drift stream --file cur.csv --column p --detector adwin --detector kswin --json >out 2>err </dev/null
said 'repeated detectors' '"name":"adwin".*"name":"kswin"'
exit $bad
