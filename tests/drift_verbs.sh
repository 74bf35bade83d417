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

# refused CODE PATTERN COMMAND...: this exit code, and words that match.
refused() {
	local code=$1 pattern=$2 got
	shift 2
	"$mlyard" "$@" >out 2>err
	got=$?
	if [ $got != "$code" ] || ! grep -qE -- "$pattern" err; then wrong "$*: exit $got, wanted $code and words like '$pattern'" "$(head -n 3 err)"; fi
}

# What has no end: stopped at the limit, at a line that does not end, at a device; nothing is left where copies are made.
mkdir tmp
export TMPDIR="$work/tmp"
refused 4 'has not ended after 5 MB.*raise --pipe-limit' drift run --reference /dev/stdin --current cur.csv --pipe-limit 5MB < <(yes 1,2)
refused 4 'has not ended after 5 MB' drift stream --file /dev/stdin --column 1 --pipe-limit 5MB < <(yes 1,2)
refused 4 'has not ended after 5 MB' drift expect --from /dev/stdin --pipe-limit 5MB < <(yes 1,2)
echo 'rows: {min: 1}' >expect.yaml
refused 4 'has not ended after 5 MB' drift check expect.yaml /dev/stdin --pipe-limit 5MB < <(yes 1,2)
refused 4 'no line ends in 64 MB' drift run --reference /dev/stdin --current cur.csv < <(cat /dev/zero)
refused 2 'device' drift run --reference /dev/zero --current cur.csv
refused 2 'pipe-limit needs a size' drift run --reference ref.csv --current cur.csv --pipe-limit much
[ -z "$(ls tmp)" ] || wrong "copies are left: $(ls tmp)"

# A named pipe is opened once: its writer is heard to the end. What comes from pipes is what comes from files.
mkfifo pipe
cat ref.csv >pipe &
"$mlyard" drift run --reference pipe --current cur.csv --json >out 2>err
wait $!
said 'a named pipe' '"n_ref":400'

# Interrupted while it copies: it ends at once, and the copy has no name.
yes 1,2 >pipe 2>err2 &
writer=$!
"$mlyard" drift run --reference pipe --current cur.csv >out 2>err &
reader=$!
for _ in $(seq 600); do ls -l /proc/$reader/fd 2>/dev/null | grep -q 'mlyard-.*deleted' && break; sleep 0.1; done
kill -TERM $reader
wait $reader
got=$?
wait $writer
if [ $got -lt 128 ] || [ -n "$(ls tmp)" ]; then wrong "stopped while it copies: exit $got, left: $(ls tmp)"; fi
unset TMPDIR

# Documents that cannot be: our words with place and cure, nothing stored.
doc() { printf '{"format":"mlyard drift report 1","dataset":{%s},"columns":[{"name":"a","position":1},{"name":"%s","position":%s}]}' "$3" "$1" "$2" >doc.json; }
doc b 1 ''
refused 1 'doc.json: columns\[1\], "b": its position 1 is that of columns\[0\]; number the columns' drift import doc.json -w w.db
doc a 2 ''
refused 1 'doc.json: columns\[1\], "a": columns\[0\] has this name already; give each' drift import doc.json -w w.db
doc b 2 '"n_ref":1e300'
refused 1 'doc.json: dataset: n_ref cannot be .*set that right' drift import doc.json -w w.db
doc b 2 '"n_ref":10'
"$mlyard" drift import doc.json -w w.db >out 2>err || wrong "a good document is refused" "$(cat err)"
"$mlyard" drift list -w w.db --json >out 2>err
[ "$(grep -o '"id":' out | wc -l)" = 1 ] || wrong "documents that were refused are stored" "$(cat out)"

# A first start that fails leaves nothing behind (the limit of a file's size stands for a full disk); the next one starts.
(ulimit -f 1; "$mlyard" drift run -w new.db --reference ref.csv --current cur.csv --columns k --no-joint >/dev/null 2>err)
[ $? = 1 ] && [ -z "$(ls new.db* 2>/dev/null)" ] || wrong "a start that failed: left '$(ls new.db* | tr '\n' ' ')'" "$(cat err)"
"$mlyard" drift run -w new.db --reference ref.csv --current cur.csv --columns k --no-joint >out 2>err || wrong "the start after one that failed" "$(cat err)"

# A page of a thousand columns draws two hundred, all when asked.
awk 'BEGIN { for (i = 0; i < 1000; i++) printf "c%d%s", i, i < 999 ? "," : "\n"; srand(5); for (r = 0; r < 20; r++) for (i = 0; i < 1000; i++) printf "%s%s", rand(), i < 999 ? "," : "\n" }' >wide.csv
"$mlyard" drift run --reference wide.csv --current wide.csv --no-joint --out some.html >out 2>err
"$mlyard" drift run --reference wide.csv --current wide.csv --no-joint --out all.html --all-pictures >out 2>err
[ "$(grep -c '<details' some.html)" = 200 ] && [ "$(grep -c '<details' all.html)" = 1000 ] || wrong "pictures: $(grep -c '<details' some.html) and $(grep -c '<details' all.html)"
grep -q '200 of 1,000 columns' some.html || wrong "the page does not say what it draws"
refused 2 'all-pictures belongs to' drift run --reference wide.csv --current wide.csv --all-pictures --out x.md

# What changes something or prints a file says so in one object with --json.
"$mlyard" drift export last e.json -w w.db --json >out 2>err
said 'drift export --json' '^\{"id":1,"file":"e.json"\}$'
"$mlyard" drift expect --from ref.csv --json >out 2>err
said 'drift expect --json' '^\{"from":"ref.csv","file":null,"text":"# proposed from ref.csv.*\}$'
"$mlyard" monitor example --json >out 2>err
said 'monitor example --json' '^\{"text":"# A monitor.*\}$'
refused 2 'reference is given twice' drift run --reference ref.csv --reference cur.csv --current cur.csv
refused 2 'limit needs a number from 0' alerts list --limit -2 -w w.db
exit $bad
