#!/bin/bash
# Nasty data given to drift from the shell: every file ends in a report or in words that name the place, in bounded memory; one bad column never takes the rest down.
mlyard=$(cd "${builddir:-.}" && pwd)/mlyard
data=$(cd "${srcdir:-.}" && pwd)/tests/data
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC HOME="$work" XDG_CONFIG_HOME="$work/c" XDG_DATA_HOME="$work/d" XDG_STATE_HOME="$work/s" XDG_CACHE_HOME="$work/k"
cd "$work" || exit 99
bad=0
wrong() { echo "$1"; shift; printf '    %s\n' "$@"; bad=1; }

# good REF CUR PATTERN...: a report; each pattern is in its JSON.
good() {
	local ref=$1 cur=$2 p
	shift 2
	if ! "$mlyard" drift run --reference "$ref" --current "$cur" --json --no-save >out 2>err </dev/null; then wrong "drift run $ref $cur failed" "$(head -n 2 err)"; return; fi
	for p in "$@"; do grep -qE -- "$p" out || wrong "$ref, $cur: no '$p' in the report" "$(head -c 600 out)"; done
}
# refused PATTERN REF CUR: an exit code of its own (never a signal), and words.
refused() {
	"$mlyard" drift run --reference "$2" --current "$3" --json --no-save >out 2>err </dev/null
	local got=$?
	if [ $got = 0 ] || [ $got -ge 64 ] || ! grep -qE -- "$1" err; then wrong "$2, $3: exit $got, wanted words like '$1'" "$(head -n 2 err)"; fi
}

awk 'BEGIN { srand(3); print "x,k"; for (i = 0; i < 400; i++) print rand() "," int(rand() * 5) "w" }' >plain.csv

# Ragged rows: counted, the first named by its line.
awk 'NR == 7 { print $0 ",extra,more"; next } NR == 9 { print "0.5"; next } { print }' plain.csv >ragged.csv
good plain.csv ragged.csv '"name":"x"' 'line (7|9)'

# A column named twice, and no name at all.
{ echo 'x,x,'; tail -n +2 plain.csv | sed 's/,.*//; s/.*/&,&,&/'; } >twice.csv
good twice.csv twice.csv '"name":"x.1"'

# BOM, CRLF, a quoted line end; UTF-16.
{ printf '\357\273\277x,k\r\n'; tail -n +2 plain.csv | sed 's/$/\r/; 3s/,.*/,"a\nb"\r/'; } >bom.csv
good plain.csv bom.csv '"name":"x"' '"name":"k"'
{ printf '\377\376'; sed 's/./&\x00/g; s/$/\x0a\x00/' plain.csv | tr -d '\n' | sed 's/\x00\x00/\x00/g'; } >odd16.csv
"$mlyard" drift run --reference odd16.csv --current odd16.csv --no-save >out 2>err </dev/null
[ $? -lt 64 ] || wrong "odd UTF-16 ends in a signal"

# NUL bytes, and bytes that are no UTF-8, inside words.
sed '5s/,.*/,a\x00b/; 6s/,.*/,\xff\xfe/; 7s/,.*/,\x1b[31mred/' plain.csv >bytes.csv
good plain.csv bytes.csv 'NUL byte' '"name":"x"'
"$mlyard" drift run --reference plain.csv --current bytes.csv --no-save >out 2>&1 </dev/null
! grep -qP '\x1b|\x00' out || wrong "control bytes of the data reach the terminal"

# 10,000 columns, one of them empty, one of words, one constant.
awk 'BEGIN { srand(5); for (i = 1; i <= 10000; i++) printf "c%d%s", i, i < 10000 ? "," : "\n";
	for (r = 0; r < 30; r++) for (i = 1; i <= 10000; i++) printf "%s%s", i == 5 ? "" : i == 6 ? "word" : i == 7 ? 1 : int(rand() * 9000), i < 10000 ? "," : "\n" }' >wide.csv
good wide.csv wide.csv '"name":"c10000"' '"name":"c5"[^}]*"status":"no data"'
{ seq -s, 1 20000; seq -s, 1 20000; } >wider.csv
refused '16,?384 columns' wider.csv plain.csv

# One line of a gigabyte (no disk: a hole of NUL bytes) is refused in bounded memory.
{ echo x,k; echo 1,w; } >line.csv
truncate -s 1G line.csv
limit=
grep -qa __asan_init "$mlyard" || grep -qa __tsan_init "$mlyard" || limit=3000000     # in KiB, of addresses: the file itself is mapped
[ -z "$limit" ] || ulimit -S -v $limit
MALLOC_ARENA_MAX=1 refused '64 MB|16 MB|too long|longer' line.csv plain.csv          # an arena a thread would count as memory on a machine of many processors
grep -q 'line' err || wrong "no line is named for a line of a gigabyte" "$(cat err)"
[ -z "$limit" ] || ulimit -S -v unlimited
rm -f line.csv

# Parquet: a footer that lies about its length, one that is cut off, none at all.
head -c 200 /dev/zero >zero.parquet
{ printf 'PAR1'; head -c 100 /dev/zero; printf '\377\377\377\177PAR1'; } >lies.parquet
{ printf 'PAR1'; seq 200 | gzip -9n | tail -c +20 | head -c 100; printf '\144\000\000\000PAR1'; } >noise.parquet
head -c 400 "$data/parquet/pages.parquet" >cut.parquet
refused 'footer|Parquet|parquet' lies.parquet plain.csv
refused 'footer|Parquet|parquet|byte' noise.parquet plain.csv
"$mlyard" drift run --reference cut.parquet --current plain.csv --no-save >out 2>err </dev/null
[ $? -lt 64 ] || wrong "a Parquet file that is cut off ends in a signal"
"$mlyard" drift run --reference zero.parquet --current plain.csv --no-save >out 2>err </dev/null
[ $? -lt 64 ] || wrong "a file of zeros ends in a signal"

# Dates that are none: the column stays, the rest is compared.
awk 'BEGIN { print "d,x"; for (i = 0; i < 300; i++) print (i % 3 ? "2026-02-" 10 + i % 18 : "2026-02-31") "," i }' >dates.csv
good dates.csv dates.csv '"name":"d"' '"name":"x"'
awk 'BEGIN { print "d,x"; for (i = 0; i < 300; i++) print (i % 60 ? "2026-02-" 10 + i % 18 : "2026-13-99") "," i }' >fewdates.csv
good fewdates.csv fewdates.csv '"name":"d"[^}]*"type":"datetime"'

# Different columns: told, not fatal.
sed 's/,k/,other/; 1!s/^/1/' plain.csv >other.csv
good plain.csv other.csv '"name":"k"[^}]*"status":"only in reference"' '"name":"other"[^}]*"status":"only in current"' '"name":"x"[^}]*"status":"compared"'

# One bad column: empty on a side, infinite, of another type.
awk -F, 'NR == 1 { print "x,k,gone,huge,kind"; next } { print $0 "," "," (NR % 2 ? "inf" : "-inf") "," NR }' plain.csv >sick.csv
awk -F, 'NR == 1 { print "x,k,gone,huge,kind"; next } { print $0 "," NR ",1e308,word" NR % 3 }' plain.csv >well.csv
good sick.csv well.csv '"name":"gone"[^}]*"status":"no data"' '"name":"x"[^}]*"status":"compared"' '"name":"kind"'

# Nothing, a folder, what is not there.
: >empty.csv
echo x,k >header.csv
refused '.' empty.csv plain.csv
good header.csv plain.csv '"name":"x"' '"verdict":"watch"' '"name":"k"[^}]*"type":"categorical"' 'the reference has no rows'
good plain.csv header.csv '"verdict":"watch"' 'the current data have no rows'
! grep -q 'compared as' out || wrong "a side without rows is said to hold another type" "$(head -c 600 out)"
"$mlyard" drift run --reference plain.csv --current header.csv --no-save --fail-on-drift >out 2>err </dev/null
got=$?
if [ $got != 10 ] || ! grep -q 'nothing could be compared' err; then wrong "empty data pass the gate: exit $got" "$(cat err)"; fi

# A column of texts is one, though its lengths are what is compared.
awk 'BEGIN { srand(7); print "t"; for (i = 0; i < 300; i++) print "w" int(rand() * 1e6) " v" int(rand() * 1e6) }' >texts.csv
good texts.csv texts.csv '"name":"t"[^}]*"type":"text"'

# Packed files and other binary ones are no text of one column; through a pipe either.
gzip -c plain.csv >packed.csv
refused 'packed by gzip' packed.csv plain.csv
refused 'packed by gzip' plain.csv <(cat packed.csv)
printf 'PK\003\004junk' >book.xlsx
refused 'spreadsheet' book.xlsx plain.csv

# Where a report is to go is looked at before the work; its mode is the umask's, then that of the file that is there.
"$mlyard" drift run --reference plain.csv --current plain.csv --no-save --out nowhere/r.html >out 2>err </dev/null
if [ $? = 0 ] || [ -s out ] || ! grep -q nowhere err; then wrong "a folder that is not there is told late" "$(cat err)"; fi
mkdir folder.html
refused 'folder' plain.csv folder.html
(umask 027; "$mlyard" drift run --reference plain.csv --current plain.csv --no-save --out r.md >out 2>err </dev/null)
[ "$(stat -c %a r.md)" = 640 ] || wrong "mode of a new report: $(stat -c %a r.md)"
chmod 604 r.md
"$mlyard" drift run --reference plain.csv --current plain.csv --no-save --out r.md >out 2>err </dev/null
[ "$(stat -c %a r.md)" = 604 ] || wrong "mode of a report written again: $(stat -c %a r.md)"
[ "$(ls r.md* | wc -l)" = 1 ] || wrong "files beside the report: $(ls r.md*)"

# On a narrow terminal the reasons are whole.
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	sed 's/3w/9w/' plain.csv >moved.csv
	TERM=dumb script -qec "stty cols 80; '$mlyard' drift run --reference plain.csv --current moved.csv --no-save --no-joint" /dev/null >out 2>&1 </dev/null
	if ! grep -q '^Why' out || ! grep -q '^k: .*distribution changed.*: 9w' out; then wrong "the reasons are cut on a terminal" "$(head -n 12 out)"; fi
fi

# Row numbers that go on are no outliers.
awk 'BEGIN { print "id,x"; for (i = 0; i < 300; i++) print i "," i % 7 }' >ids.csv
awk 'BEGIN { print "id,x"; for (i = 0; i < 300; i++) print 100000 + i "," i % 7 }' >ids2.csv
good ids.csv ids2.csv '"role":"id"'
! grep -qE '"check":"(range|outliers)","column":"id"' out || wrong "ids outside the range are a finding"
refused 'folder' "$work" plain.csv

# A query is for data bases; a server that does not answer has an exit status of its own (4: built without libpq).
"$mlyard" drift run --reference plain.csv --current plain.csv --current-query 'SELECT 1' --no-save >out 2>err </dev/null
got=$?
if [ $got != 2 ] || ! grep -q 'cannot be queried' err; then wrong "a query of delimited text: exit $got" "$(cat err)"; fi
"$mlyard" drift run --reference 'postgres://127.0.0.1:1/db?table=t' --current plain.csv --no-save >out 2>err </dev/null
got=$?
if ! { [ $got = 5 ] && grep -q 'cannot connect' err; } && ! { [ $got = 4 ] && grep -q 'without libpq' err; }; then wrong "no server: exit $got" "$(cat err)"; fi
refused 'No such file' nowhere.csv plain.csv
exit $bad
