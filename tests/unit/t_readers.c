/* JSON Lines and SQLite: what becomes of members, nested values, odd numbers, tables and queries; what is refused. */
#include <math.h>
#include <sqlite3.h>

#include "tests/unit/frame_help.h"

static void lines_of_json(void **state)
{
	static const struct { const char *text, *cells, *note; } t[] = {
		{ "{\"a\":1,\"b\":\"x\"}\n{\"a\":2.5,\"b\":\"y\"}\n", "1|x\n2.5|y\n", NULL },
		{ "{\"a\":1}\n\n{\"b\":true}\r\n{\"b\":false,\"a\":3}", "1|-\n-|1\n3|0\n", NULL },
		{ "\xEF\xBB\xBF{\"a\":null,\"b\":\"\"}\n", "-|-\n", NULL },
		{ "{\"a\":[1, 2],\"b\":{\"c\": 3}}\n", "[1,2]|{\"c\":3}\n", "2 nested values read as text, first in \"a\"" },
		{ "{\"a\":NaN,\"b\":\"NaN\"}\n{\"a\":-Infinity,\"b\":\"a NaN\"}\n", "-|-\n-inf|a NaN\n", NULL },
		{ "{\"a\":123456789012345678901234567890}\n", "1.2345678901234568e+29\n", NULL },
		{ "{\"a\":1}\nnonsense\n[1]\n{\"a\":2}\n", "1\n2\n", "2 lines left out, first line 2" },
		{ "{\"a\":1,\"a\":2}\n", "2\n", NULL },
		{ "{\"d\":\"2026-11-21T12:05:09Z\"}\n", "1795262709000\n", NULL },
		{ "{\"a\":\"\\u00e4\\ud83d\\ude00\"}\n", "\xC3\xA4\xF0\x9F\x98\x80\n", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct frame *f = data_frame("x.jsonl", t[i].text, NULL);
		char *got = cells(f);
		if (strcmp(got, t[i].cells) || (t[i].note ? !strstr(f->notes.p, t[i].note) : f->notes.len != 0))
			fail_msg("%zu: %s\n--\n%s\n--\n%s", i, t[i].text, got, f->notes.p);
		free(got);
		frame_free(f);
	}
}

static void json_that_is_refused(void **state)
{
	static const struct { const char *text, *words; } t[] = {
		{ "[{\"a\":1}]\n", "x.jsonl:1: no object; one JSON object a line is read" }, { "{\n\"a\":1}\n", "x.jsonl:1: " }, { "\n\n", "empty" },
		{ "{\"a\":1\n", "x.jsonl:1: " },
	};
	struct frame *f;
	struct err e;
	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		assert_int_equal(data_read("x.jsonl", t[i].text, strlen(t[i].text), NULL, &f, &e), ST_FAILED);
		if (!strstr(e.text, t[i].words))
			fail_msg("%zu: %s", i, e.text);
	}
	struct str s = STR_INIT;
	for (int i = 0; i < 3000; i++)
		str_addf(&s, "{\"a\":%d}\n", i);
	const struct frame_options small = { .budget = 1000 };
	assert_int_equal(data_read("x.jsonl", s.p, s.len, &small, &f, &e), ST_REFUSED);
	str_clear(&s);
	str_add(&s, "{");
	for (int i = 0; i < 17000; i++)
		str_addf(&s, "%s\"c%d\":1", i ? "," : "", i);
	str_add(&s, "}\n");
	assert_int_equal(data_read("x.jsonl", s.p, s.len, NULL, &f, &e), ST_REFUSED);
	assert_non_null(strstr(e.text, "more than 16384 names"));
	str_free(&s);
}

static void json_columns_chosen(void **state)
{
	static const char *const want[] = { "b" };
	struct frame *f = data_frame("x", "{\"a\":1,\"b\":2}\n{\"c\":3}\n", &(struct frame_options){ .columns = want, .n_columns = 1 });
	(void)state;
	assert_int_equal(f->n_cols, 1);
	expect_cells(f, "2\n-\n");
	frame_free(f);
}

static void make_db(struct data_file *d, const char *sql)
{
	sqlite3 *db;
	data_write(d, "x.db", "", 0);
	assert_int_equal(sqlite3_open(d->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static const char two_tables[] =
	"CREATE TABLE \"a \"\"b\"(n INTEGER, x REAL, s TEXT, y BOOLEAN, b BLOB);"
	"INSERT INTO \"a \"\"b\" VALUES (1, 1.5, 'x', 1, x'41'), (2, NULL, NULL, 0, NULL), (-3, 2e300, 'NA', 1, 'B');"
	"CREATE TABLE big(i INTEGER PRIMARY KEY); WITH RECURSIVE c(i) AS (SELECT -5 UNION ALL SELECT i + 1 FROM c WHERE i < 45000) INSERT INTO big SELECT i FROM c;"
	"CREATE TABLE hidden(_rowid_ INTEGER, v TEXT); INSERT INTO hidden VALUES (7, 'q'), (7, 'r');"
	"CREATE TABLE keyed(k TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO keyed VALUES ('z');"
	"CREATE VIEW seen AS SELECT n * 2 AS twice FROM \"a \"\"b\";";

static void tables_and_queries(void **state)
{
	static const struct { const char *query, *cells; } t[] = {
		{ "a \"b", "1|1.5|x|1|A\n2|-|-|0|-\n-3|2.0000000000000001e+300|-|1|B\n" }, { "hidden", "7|q\n7|r\n" }, { "keyed", "z\n" }, { "seen", "2\n4\n-6\n" },
		{ "SELECT count(*), sum(i) FROM big", "45006|1012522485\n" }, { "  with t as (select 1 as one, 'w' as w) select * from t ;", "1|w\n" },
		{ "SELECT n, n FROM \"a \"\"b\" ORDER BY n", "-3|-3\n1|1\n2|2\n" },
	};
	struct data_file d;
	struct frame *f;
	struct err e;
	(void)state;
	make_db(&d, two_tables);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct frame_options o = { .query = t[i].query };
		if (frame_read(d.path, &o, NULL, &f, &e) != ST_OK)
			fail_msg("%s: %s", t[i].query, e.text);
		expect_cells(f, t[i].cells);
		frame_free(f);
	}
	assert_int_equal(frame_read(d.path, &(struct frame_options){ .query = "big" }, NULL, &f, &e), ST_OK);
	assert_int_equal(f->n_rows, 45006);
	for (size_t i = 0; i < f->n_rows; i++)
		assert_true(f->cols[0].num[i] == (double)i - 5);
	assert_true(f->cols[0].integer);
	frame_free(f);
	data_remove(&d);
}

static void queries_that_are_refused(void **state)
{
	static const struct { const char *query; enum status rc; const char *words; } t[] = {
		{ NULL, ST_USAGE, "there are: a \"b, big, hidden, keyed, seen" }, { "nowhere", ST_USAGE, "is no table there" }, { "DELETE FROM big", ST_USAGE, "SELECT" },
		{ "WITH x AS (SELECT 1) DELETE FROM big", ST_REFUSED, "only reading" }, { "SELECT 1; SELECT 2", ST_USAGE, "one SELECT" },
		{ "SELECT load_extension('x')", ST_FAILED, "not authorized" }, { "SELECT * FROM nowhere", ST_FAILED, "nowhere" },
	};
	struct data_file d;
	struct frame *f;
	struct err e;
	(void)state;
	make_db(&d, two_tables);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct frame_options o = { .query = t[i].query };
		const enum status rc = frame_read(d.path, &o, NULL, &f, &e);
		if (rc != t[i].rc || !strstr(e.text, t[i].words))
			fail_msg("%s: %d %s", t[i].query ? t[i].query : "", rc, e.text);
	}
	assert_int_equal(frame_read(d.path, &(struct frame_options){ .query = "big", .budget = 1000 }, NULL, &f, &e), ST_REFUSED);
	data_remove(&d);
}

/* A writer in the middle of its work keeps it: we neither wait for ever nor change the file. */
static void live_files(void **state)
{
	struct data_file d;
	struct frame *f;
	struct err e;
	sqlite3 *db;
	unsigned char before[32], after[32];
	(void)state;
	make_db(&d, "CREATE TABLE t(v); INSERT INTO t VALUES (1), (2)");
	assert_int_equal(frame_digest_file(d.path, before, &e), ST_OK);
	assert_int_equal(sqlite3_open(d.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE; INSERT INTO t VALUES (3)", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(frame_read(d.path, NULL, NULL, &f, &e), ST_OK);
	expect_cells(f, "1\n2\n");
	frame_free(f);
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(frame_digest_file(d.path, after, &e), ST_OK);
	assert_memory_equal(before, after, 32);
	data_remove(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_json), cmocka_unit_test(json_that_is_refused), cmocka_unit_test(json_columns_chosen), cmocka_unit_test(tables_and_queries),
		cmocka_unit_test(queries_that_are_refused), cmocka_unit_test(live_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
