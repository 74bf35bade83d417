#!/bin/bash
# peer_postgres.sh [ROWS] -- a real PostgreSQL server of the test's own, on a socket in a temporary folder: tables read and counted where they lie, held against each other and
# against plain files; passwords, refusals, cancelling. Programs: mlyard and tests/peers/postgres_probe in the build folder: that of MLYARD, or $builddir, or this one.
# Exit status: 0 all well; 1 not; 77 no server or no libpq here.
set -u
rows=${1:-400000}
build=${builddir:-.}
[ -z "${MLYARD-}" ] || build=$(dirname "$MLYARD")
build=$(cd "$build" && pwd)
probe=$build/tests/peers/postgres_probe
[ -x "$probe" ] || { echo "not ok - no program at $probe (make tests/peers/postgres_probe)"; exit 1; }
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb 2>/dev/null || echo /none/x)")
cannot() { echo "peer_postgres: $1"; [ "${CI-}" = true ] && exit 1; exit 77; }
[ -x "$bin/initdb" ] || cannot "NO SERVER HERE (Debian: apt-get install postgresql)"
if [ "$(id -u)" = 0 ]; then
	id postgres >/dev/null 2>&1 || cannot "no user postgres to run a server as"
	as() { setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; }
else
	as() { "$@"; }
fi
work=$(mktemp -d /tmp/mlyard-pg.XXXXXX)
cd "$work" || exit 1
stop() { [ ! -d "$work/data" ] || as "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1; rm -rf "$work"; }
trap stop EXIT
trap 'exit 1' INT TERM HUP
mkdir -m 755 sock; export XDG_CONFIG_HOME=$work/x XDG_DATA_HOME=$work/x XDG_STATE_HOME=$work/x XDG_CACHE_HOME=$work/x
[ "$(id -u)" != 0 ] || chown postgres "$work" sock
as "$bin/initdb" -D "$work/data" -A trust -U owner -E UTF8 --locale=C >log 2>&1 || { tail -n 5 log; cannot "initdb failed"; }
printf 'local all reader scram-sha-256\nlocal all all trust\n' | as tee "$work/data/pg_hba.conf" >/dev/null
as "$bin/pg_ctl" -D "$work/data" -w -l "$work/data/server.log" -o "-k $work/sock -c listen_addresses='' -c fsync=off" start >>log 2>&1 || { cat "$work/data/server.log"; exit 1; }
unset PGPASSWORD PGPASSFILE PGSERVICE PGHOST PGUSER PGDATABASE PGPORT
at="postgres://owner@/postgres?host=$work/sock"
bad=0
check() { # WHAT, and a command that must succeed
	local what=$1; shift
	if "$@" >out 2>&1; then echo "ok - $what"; else echo "not ok - $what"; sed 's/^/    /' out | tail -n 25; bad=1; fi
}
says() { # WORDS COMMAND...: fails, and says so
	local words=$1; shift
	"$@" >said 2>&1 && { echo "it should have failed"; cat said; return 1; }
	grep -q -- "$words" said || { cat said; return 1; }
}

as "$bin/psql" -q -h "$work/sock" -U owner -d postgres -v ON_ERROR_STOP=1 -v rows="$rows" >log 2>&1 <<'SQL' || { cat log; exit 1; }
SELECT setseed(0.5);
CREATE SCHEMA "odd.schema";
CREATE TABLE ref AS SELECT i AS id, (random() + random() + random()) * 10 AS x, exp(random() * 20 - 10) AS wide, floor(random() * 50)::int AS n, (random() < 0.3) AS yes,
	CASE WHEN random() < 0.1 THEN NULL ELSE 'word ' || floor(-ln(random()) * 8)::int END AS kind, timestamp '2026-01-01' + random() * interval '30 days' AS "when" FROM generate_series(1, :rows) i;
CREATE TABLE cur AS SELECT i AS id, (random() + random() + random()) * 10 + 0.2 AS x, exp(random() * 20 - 10) AS wide, floor(random() * 52)::int AS n, (random() < 0.35) AS yes,
	CASE WHEN random() < 0.2 THEN NULL ELSE 'word ' || floor(-ln(random()) * 9)::int END AS kind, timestamp '2026-02-01' + random() * interval '30 days' AS "when" FROM generate_series(1, :rows) i;
CREATE TABLE "odd.schema"."Quoted ""Name" (a float8, "select" numeric, "ünï" text, d date, t timestamptz, f float4, big int8);
INSERT INTO "odd.schema"."Quoted ""Name" SELECT CASE i % 10 WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN 'Infinity' WHEN 2 THEN '-Infinity' WHEN 3 THEN NULL ELSE i END, i / 7.0,
	CASE i % 5 WHEN 0 THEN 'NA' WHEN 1 THEN '' WHEN 2 THEN NULL WHEN 3 THEN E'a\nb' ELSE 'дом' END, date '2026-01-01' + i % 40, CASE WHEN i % 9 = 0 THEN 'infinity' ELSE timestamptz '2026-01-01 12:00+02' + i * interval '1 second' END,
	i / 3.0, i * 1000000007::int8 FROM generate_series(1, 5000) i;
CREATE TABLE many AS SELECT 'key ' || (i % 20000) AS word, i::float8 AS v FROM generate_series(1, 60000) i;
CREATE ROLE reader LOGIN PASSWORD 'sesame opens';
GRANT SELECT ON ref, cur TO reader;
ANALYZE;
SQL

check "counted where it lies, as the values say" "$probe" compare "$at&table=ref" "$at&table=cur"
grep -E "rows|: [DW] " out | sed 's/^/    /'
check "odd names, NaN, infinities, missing words" "$probe" compare "$at&table=%22odd.schema%22.%22Quoted%20%22%22Name%22" "$at&table=%22odd.schema%22.%22Quoted%20%22%22Name%22"
check "more words than are kept" "$probe" compare "$at&table=many" "$at&table=many"
check "queries" "$probe" compare "$at&query=SELECT%20x,%20kind%20FROM%20ref%20WHERE%20n%20%3C%2020;" "$at&query=SELECT%20x,%20kind%20FROM%20cur"
check "a statement that lasts is ended" "$probe" cancel "$at" "SELECT pg_sleep(60)"

# The same rows as a file give the same report.
as "$bin/psql" -q -h "$work/sock" -U owner -d postgres -c "\\copy (SELECT x, n, kind FROM ref WHERE id <= 5000 ORDER BY id) TO STDOUT CSV HEADER" >ref.csv
as "$bin/psql" -q -h "$work/sock" -U owner -d postgres -c "\\copy (SELECT x, n, kind FROM cur WHERE id <= 5000 ORDER BY id) TO STDOUT CSV HEADER" >cur.csv
one() { "$build/mlyard" drift run --json "$@" | sed 's/"reference":"[^"]*"//; s/"current":"[^"]*"//; s/"[a-z_]*digest":"[^"]*"//g; s/"[a-z_]*time":"[^"]*"//g; s/"ms":[0-9]*//; s/"notes":\[[^]]*\]//'; }
same() { one --reference ref.csv --current cur.csv >files && one --reference "$at&query=SELECT%20x,n,kind%20FROM%20ref%20WHERE%20id%20%3C=%205000%20ORDER%20BY%20id" --current "$at&query=SELECT%20x,n,kind%20FROM%20cur%20WHERE%20id%20%3C=%205000%20ORDER%20BY%20id" >tables && [ -s files ] && cmp files tables; }
check "the same report as from files" same

as_reader="postgres://reader@/postgres?host=$work/sock&table=ref"
check "a password in the address is refused" says "password in an address" "$build/mlyard" drift run --reference "postgres://reader:sesame%20opens@/postgres?host=$work/sock&table=ref" --current cur.csv
check "and not repeated" sh -c '! grep -q sesame said'
check "without a password there is none" says "cannot connect" "$build/mlyard" drift run --reference "$as_reader" --current cur.csv
check "PGPASSWORD opens" env PGPASSWORD="sesame opens" "$build/mlyard" drift run --reference "$as_reader" --current cur.csv --columns x --json
check "and is not in the report" sh -c '! grep -q sesame out'
printf '*:*:*:reader:sesame opens\n' >pass; chmod 600 pass
check "a password file opens" env PGPASSFILE="$work/pass" "$build/mlyard" drift run --reference "$as_reader" --current cur.csv --columns x
check "writing is refused" says "read-only transaction\|cannot read this" "$build/mlyard" drift run --reference "$at&query=WITH%20w%20AS%20(DELETE%20FROM%20cur%20RETURNING%20x)%20SELECT%20x%20FROM%20w" --current cur.csv
check "one statement only" says "cannot read this" "$build/mlyard" drift run --reference "$at&query=SELECT%201)%20AS%20a;%20DROP%20TABLE%20cur;%20SELECT%20(1" --current cur.csv
check "a table that is not there" says "cannot read this" "$build/mlyard" drift run --reference "$at&table=nobody" --current cur.csv
check "no table named" says "name a table or a SELECT" "$build/mlyard" drift run --reference "$at" --current cur.csv
check "nobody wrote" test "$(as "$bin/psql" -qAt -h "$work/sock" -U owner -d postgres -c 'SELECT count(*) FROM cur')" = "$rows"
exit $bad
