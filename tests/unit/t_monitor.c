/* Monitors: windows of files, time and rows; hysteresis; catching up; trouble; silence; locks; what a crash leaves behind. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "core/registry/regsql.h"
#include "tests/unit/monitor_help.h"

#define FILES "name: m\nreference: ref.csv\nsource:\n  folder: in\n  glob: \"*.csv\"\nwindow:\n  files: 1\n"
#define SEEN "SELECT group_concat(key || ' ' || state || CASE state WHEN 'done' THEN ' ' || verdict ELSE '' END, ', ') FROM (SELECT * FROM monitor_window ORDER BY seq)"
#define ALERTS "SELECT group_concat(kind || ' ' || state, ', ') FROM (SELECT * FROM alert ORDER BY id)"

static struct store_pool *files_pool(void)
{
	OK(fs_mkdirs(in_folder("in"), &why));
	help_data("ref.csv", 400, 0);
	return pool_of("w.db");
}

/* ---- windows ---- */

static void test_files(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	help_data("in/day-2.csv", 400, 0);
	help_data("in/day-10.csv", 400, 10);
	help_data("in/day-11.csv.tmp", 400, 10);
	help_data("in/other.txt", 400, 10);
	struct monitor_done done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.windows, 2);
	assert_int_equal(done.drifted, 1);
	assert_int_equal(done.alerts, 1);
	SAYS(pool, SEEN, "day-2.csv done stable, day-10.csv done drifted");
	SAYS(pool, "SELECT group_concat(red) FROM (SELECT red FROM monitor_window ORDER BY seq)", "0,1");
	SAYS(pool, "SELECT state FROM monitor", "drifted");
	done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.windows, 0);
	/* A file that comes later comes later, whatever its name. */
	help_data("in/day-1.csv", 400, 0);
	done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.windows, 1);
	SAYS(pool, "SELECT key FROM monitor_window ORDER BY seq DESC LIMIT 1", "day-1.csv");
	SAYS(pool, ALERTS, "drift closed, recovered closed");
	assert_int_equal(help_number(pool, "SELECT count(*) FROM drift_report WHERE name = 'm'"), 3);
	store_pool_close(pool);
}

static void write_days(const int *days, size_t n)
{
	struct str text = STR_INIT;
	str_add(&text, "t,x\n");
	for (size_t i = 0; i < n; i++)
		help_day(&text, days[i], 100, 0);
	help_write("grows.csv", text.p);
	str_free(&text);
}

/* Days 0, 1 and 3 have rows; it is noon of day 4. Day 3 is over, but nothing later is there and a day has not passed since. */
static void test_time(void **state)
{
	(void)state;
	struct str ref = STR_INIT;
	struct store_pool *pool = pool_of("w.db");
	str_add(&ref, "t,x\n");
	help_day(&ref, -10, 400, 0);
	help_write("ref.csv", ref.p);
	str_free(&ref);
	write_days((const int[]){ 0, 1, 3 }, 3);
	const int64_t id = help_add(pool, "m.yaml", "name: m\nreference: ref.csv\nsource: {file: grows.csv}\nwindow: {every: 1d, time: t}\n");
	struct store *s = conn_of(pool);
	OK(store_begin(s, &why));
	OK(store_exec(s, "UPDATE monitor SET added_ms = 1795219200000", &why));     /* as if it had been added at the beginning of day 0 */
	OK(store_commit(s, 0, &why));
	store_put(pool, s);
	struct monitor_done done = help_run(pool, id, HELP_START_MS + 4 * HELP_DAY_MS + HELP_DAY_MS / 2);
	assert_int_equal(done.windows, 2);
	assert_int_equal(done.missing, 1);
	assert_int_equal(done.alerts, 0);
	SAYS(pool, SEEN, "2026-11-21 done stable, 2026-11-22 done stable, 2026-11-23 missing");
	assert_int_equal(help_number(pool, "SELECT next_ms FROM monitor"), HELP_START_MS + 5 * HELP_DAY_MS);
	/* Time passes and nothing comes: day 3 is complete by waiting; days 4 and 5 are missing at the end, which is trouble, once. */
	done = help_run(pool, id, HELP_START_MS + 7 * HELP_DAY_MS);
	assert_int_equal(done.windows, 1);
	assert_int_equal(done.missing, 2);
	assert_int_equal(done.alerts, 1);
	SAYS(pool, "SELECT state FROM monitor", "trouble");
	done = help_run(pool, id, HELP_START_MS + 8 * HELP_DAY_MS);
	assert_int_equal(done.missing, 1);
	assert_int_equal(done.alerts, 0);
	SAYS(pool, ALERTS, "trouble open");
	/* Rows again: the trouble is over. */
	write_days((const int[]){ 0, 1, 3, 7, 8 }, 5);
	done = help_run(pool, id, HELP_START_MS + 8 * HELP_DAY_MS + HELP_DAY_MS / 2);
	assert_int_equal(done.windows, 1);
	SAYS(pool, ALERTS, "trouble closed, recovered closed");
	SAYS(pool, "SELECT state FROM monitor", "stable");
	store_pool_close(pool);
}

/* ---- what is missing ---- */

#define DAILY "name: m\nreference: ref.csv\nsource: {folder: in}\nwindow: {files: 1, every: 1d}\n"
#define HOURS(n) ((n) * INT64_C(3600000))

static void added_at(struct store_pool *pool, int64_t ms)
{
	struct store *s = conn_of(pool);
	OK(store_begin(s, &why));
	OK(reg_exec(s, &why, "UPDATE monitor SET added_ms = ?1", "i", ms));
	OK(store_commit(s, 0, &why));
	store_put(pool, s);
}

/* Files of days 21, 22 and 24 (HELP_START is the 21st): the 23rd is missing, which is no alert. The 25th does not come: trouble, when it is over for a day. */
static void test_missing_file(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", DAILY);
	added_at(pool, HELP_START_MS);
	help_data("in/p-2026-11-21.csv", 400, 0);
	help_data("in/p-2026-11-22.csv", 400, 0);
	struct monitor_done done = help_run(pool, id, HELP_START_MS + 2 * HELP_DAY_MS + HOURS(1));
	assert_int_equal(done.windows, 2);
	assert_int_equal(done.missing, 0);
	/* The 23rd may come until the 25th begins. */
	assert_int_equal(help_number(pool, "SELECT next_ms FROM monitor"), HELP_START_MS + 4 * HELP_DAY_MS);
	help_data("in/p-2026-11-24.csv", 400, 0);
	done = help_run(pool, id, HELP_START_MS + 4 * HELP_DAY_MS - HOURS(1));
	assert_int_equal(done.missing, 1);
	assert_int_equal(done.alerts, 0);
	SAYS(pool, SEEN, "p-2026-11-21.csv done stable, p-2026-11-22.csv done stable, p-2026-11-23.csv missing, p-2026-11-24.csv done stable");
	SAYS(pool, "SELECT state FROM monitor", "stable");
	done = help_run(pool, id, HELP_START_MS + 6 * HELP_DAY_MS - 1);
	assert_int_equal(done.missing + done.alerts, 0);
	done = help_run(pool, id, HELP_START_MS + 6 * HELP_DAY_MS);
	assert_int_equal(done.missing, 1);
	assert_int_equal(done.alerts, 1);
	SAYS(pool, "SELECT state FROM monitor", "trouble");
	assert_int_equal(help_run(pool, id, HELP_START_MS + 6 * HELP_DAY_MS + 1).missing, 0);
	/* Both come late, one under another name of its day: they take the places that were missing. The newest one ends the trouble. */
	help_data("in/p-2026-11-23.csv", 400, 10);
	help_data("in/again_20261125T0730.csv", 400, 0);
	done = help_run(pool, id, HELP_START_MS + 6 * HELP_DAY_MS + 2);
	assert_int_equal(done.windows, 2);
	assert_int_equal(done.missing, 0);
	SAYS(pool, SEEN, "p-2026-11-21.csv done stable, p-2026-11-22.csv done stable, p-2026-11-23.csv done drifted, p-2026-11-24.csv done stable, "
		"again_20261125T0730.csv done stable");
	SAYS(pool, ALERTS, "trouble closed, recovered closed");
	SAYS(pool, "SELECT state FROM monitor", "stable");
	store_pool_close(pool);
}

/* Old files before the monitor: gaps are missing, what did not come after them before it was added was promised by nobody. */
static void test_missing_before(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", DAILY);
	added_at(pool, HELP_START_MS);
	help_data("in/20261101.csv", 400, 0);
	help_data("in/20261104.csv", 400, 0);
	help_data("in/notes.csv", 400, 0);
	struct monitor_done done = help_run(pool, id, HELP_START_MS + HOURS(1));
	assert_int_equal(done.windows, 3);
	SAYS(pool, SEEN, "20261101.csv done stable, 20261102.csv missing, 20261103.csv missing, 20261104.csv done stable, notes.csv done stable");
	assert_int_equal(help_run(pool, id, HELP_START_MS + 2 * HELP_DAY_MS).alerts, 1);
	SAYS(pool, "SELECT group_concat(key) FROM monitor_window WHERE seq > 4", "20261121.csv");
	/* A year that is a mistake is told instead of a million missing days. */
	help_data("in/21990101.csv", 400, 0);
	help_run(pool, id, HELP_START_MS + 2 * HELP_DAY_MS);
	assert_int_equal(help_number(pool, "SELECT count(*) FROM monitor_window"), 6);
	store_pool_close(pool);
}

/* Seven days in the names are enough to see a gap without being told, and never an end; with missing: ignore nothing is guessed. */
static void test_missing_guessed(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	char name[64];
	const int64_t id = help_add(pool, "m.yaml", FILES), ignoring = help_add(pool, "i.yaml", "name: i\nreference: ref.csv\nsource: {folder: in}\nwindow: {files: 1}\nmissing: ignore\n");
	for (int day = 1; day <= 11; day++) {
		snprintf(name, sizeof name, "in/d_2026_11_%02d.csv", day);
		if (day != 10)
			help_data(name, 200, 0);
	}
	struct monitor_done done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.windows, 10);
	assert_int_equal(done.missing, 1);
	assert_int_equal(done.alerts, 0);
	SAYS(pool, "SELECT key FROM monitor_window WHERE state = 'missing'", "d_2026_11_10.csv");
	assert_int_equal(help_run(pool, id, HELP_START_MS + 30 * HELP_DAY_MS).missing, 0);
	assert_int_equal(help_run(pool, ignoring, HELP_START_MS).missing, 0);
	/* A pause of more than a month is a pause. */
	help_data("in/d_2027_02_01.csv", 200, 0);
	assert_int_equal(help_run(pool, id, HELP_START_MS + 90 * HELP_DAY_MS).missing, 0);
	store_pool_close(pool);
}

/* Files of weekdays: nothing is missing at weekends, but a Wednesday is. */
static void test_weekdays_are_no_gap(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	char name[64];
	const int64_t id = help_add(pool, "m.yaml", FILES);
	for (int day = 2; day <= 20; day++) {          /* 2026-11-02 is a Monday */
		snprintf(name, sizeof name, "in/2026-11-%02d.csv", day);
		if ((day - 2) % 7 < 5 && day != 11)
			help_data(name, 100, 0);
	}
	assert_int_equal(help_run(pool, id, HELP_START_MS).missing, 1);
	SAYS(pool, "SELECT key FROM monitor_window WHERE state = 'missing'", "2026-11-11.csv");
	store_pool_close(pool);
}

static void test_missing_hours(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", "name: m\nreference: ref.csv\nsource: {folder: in}\nwindow: {files: 1, every: 6h, wait: 1h}\nmissing: ignore\n");
	added_at(pool, HELP_START_MS);
	help_data("in/a-2026-11-21T06.csv", 200, 0);
	help_data("in/a-2026-11-22T00.csv", 200, 0);
	help_run(pool, id, HELP_START_MS + HELP_DAY_MS + HOURS(13));
	SAYS(pool, "SELECT group_concat(key || ' ' || state, ', ') FROM (SELECT * FROM monitor_window ORDER BY seq)", "a-2026-11-21T06.csv done, a-2026-11-21T12.csv missing, "
		"a-2026-11-21T18.csv missing, a-2026-11-22T00.csv done, a-2026-11-22T06.csv missing");
	SAYS(pool, "SELECT count(*) FROM alert", "0");
	store_pool_close(pool);
}

/* missing: alert. Two in a row raise one alert, two that are there end it; silence at the end is trouble and not both. */
static void test_missing_alert(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", DAILY "missing: alert\nlimits: {after: 2, clear: 2}\ntell: [command: {run: [sh, -c, 'cat >> told; echo >> told'], on: [missing]}]\n");
	added_at(pool, HELP_START_MS);
	help_data("in/2026-11-21.csv", 200, 0);
	help_data("in/2026-11-23.csv", 200, 0);
	assert_int_equal(help_run(pool, id, HELP_START_MS + 3 * HELP_DAY_MS).alerts, 0);
	help_data("in/2026-11-26.csv", 200, 0);
	struct monitor_done done = help_run(pool, id, HELP_START_MS + 6 * HELP_DAY_MS);
	assert_int_equal(done.missing, 2);
	assert_int_equal(done.alerts, 1);
	SAYS(pool, ALERTS, "missing open");
	SAYS(pool, "SELECT title FROM alert", "m: window 2026-11-25.csv is missing");
	SAYS(pool, "SELECT state FROM monitor", "stable");
	assert_true(fs_is_file(in_folder("told")));
	help_data("in/2026-11-27.csv", 200, 0);
	help_run(pool, id, HELP_START_MS + 7 * HELP_DAY_MS);
	SAYS(pool, ALERTS, "missing closed, recovered closed");
	assert_int_equal(help_run(pool, id, HELP_START_MS + 11 * HELP_DAY_MS).alerts, 1);
	SAYS(pool, "SELECT group_concat(kind) FROM alert WHERE state = 'open'", "trouble");
	store_pool_close(pool);
}

/* ---- a zone ---- */

/* Europe's clocks go forward on 2026-03-29 and back on 2026-10-25: the days of Berlin begin at 23:00 UTC in winter and at 22:00 in summer. One row an hour; a window's
 * rows are its hours. The rule is in a file made here: no transitions, and the footer of RFC 8536. */
static void test_zone(void **state)
{
	(void)state;
	static const unsigned char head[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4\0\0\0\0\0\0LMT";
	static const char footer[] = "\nCET-1CEST,M3.5.0,M10.5.0/3\n";
	struct str zone = STR_INIT, text = STR_INIT;
	struct store_pool *pool = pool_of("w.db");
	char when[FMT_MAX];
	str_addn(&zone, (const char *)head, sizeof head), str_addn(&zone, (const char *)head, sizeof head), str_addn(&zone, footer, sizeof footer - 1);
	OK(fs_mkdirs(in_folder("zones/Europe"), &why));
	OK(fs_replace(in_folder("zones/Europe/Berlin"), zone.p, zone.len, &why));
	setenv("TZDIR", in_folder("zones"), 1);
	const int64_t begin = INT64_C(1792706400000);    /* 2026-10-22 22:00 UTC, midnight of the 23rd in Berlin */
	str_add(&text, "t,x\n");
	for (int h = 0; h < 5 * 24; h++)
		str_addf(&text, "%s,%.1f\n", fmt_time_iso(when, begin + HOURS(h)), (h * 37 % 101) / 10.0);
	help_write("grows.csv", text.p);
	help_write("ref.csv", text.p);
	const int64_t id = help_add(pool, "m.yaml", "name: m\nreference: ref.csv\nsource: {file: grows.csv}\nwindow: {every: 1d, time: t, zone: Europe/Berlin}\n");
	assert_int_equal(help_run(pool, id, begin + HOURS(5 * 24 - 1)).windows, 4);
	SAYS(pool, "SELECT group_concat(key || ' ' || rows, ', ') FROM (SELECT * FROM monitor_window ORDER BY seq)", "2026-10-23 24, 2026-10-24 24, 2026-10-25 25, 2026-10-26 24");
	/* Another zone would cut the days otherwise. */
	struct store *s = conn_of(pool);
	int64_t same;
	help_write("m.yaml", "name: m\nreference: ref.csv\nsource: {file: grows.csv}\nwindow: {every: 1d, time: t}\n");
	assert_int_equal(monitor_add(s, in_folder("m.yaml"), &same, &why), ST_REFUSED);
	store_put(pool, s);
	unsetenv("TZDIR");
	str_free(&zone), str_free(&text);
	store_pool_close(pool);
}

/* A clock that is a year ahead for one run makes a year of days missing. When it is right again they are forgotten, and days whose rows came late are looked at. */
static void test_clock_ahead(void **state)
{
	(void)state;
	struct str ref = STR_INIT;
	struct store_pool *pool = pool_of("w.db");
	str_add(&ref, "t,x\n");
	help_day(&ref, -10, 400, 0);
	help_write("ref.csv", ref.p);
	str_free(&ref);
	write_days((const int[]){ 0, 1 }, 2);
	const int64_t id = help_add(pool, "m.yaml", "name: m\nreference: ref.csv\nsource: {file: grows.csv}\nwindow: {every: 1d, time: t}\ncatch_up: 1000\n");
	added_at(pool, HELP_START_MS);
	assert_int_equal(help_run(pool, id, HELP_START_MS + 365 * HELP_DAY_MS).missing, 362);      /* days 2 to 363: 364 is over, but may come for a day */
	SAYS(pool, "SELECT state FROM monitor", "trouble");
	write_days((const int[]){ 0, 1, 2, 3, 4 }, 5);
	struct monitor_done done = help_run(pool, id, HELP_START_MS + 4 * HELP_DAY_MS + HOURS(1));
	assert_int_equal(done.windows, 2);
	assert_int_equal(done.missing, 0);
	SAYS(pool, "SELECT group_concat(key || ' ' || state, ', ') FROM (SELECT * FROM monitor_window ORDER BY seq)", "2026-11-21 done, 2026-11-22 done, 2026-11-23 done, 2026-11-24 done");
	SAYS(pool, "SELECT state FROM monitor", "stable");
	/* The day that was not over yet is looked at when it is. */
	write_days((const int[]){ 0, 1, 2, 3, 4, 5 }, 6);
	assert_int_equal(help_run(pool, id, HELP_START_MS + 5 * HELP_DAY_MS + HOURS(1)).windows, 1);
	SAYS(pool, "SELECT count(*) FROM monitor_window WHERE state = 'missing'", "0");
	store_pool_close(pool);
}

static void test_rows(void **state)
{
	(void)state;
	struct store_pool *pool = pool_of("w.db");
	struct str text = STR_INIT;
	help_data("ref.csv", 400, 0);
	str_add(&text, "x,c\n");
	help_rows(&text, 300, 0);
	str_cut(&text, text.len - 1);                /* the last line is being written */
	help_write("grows.csv", text.p);
	const int64_t id = help_add(pool, "m.yaml", "name: m\nreference: ref.csv\nsource: {file: grows.csv}\nwindow: {rows: 100, step: 50}\n");
	struct monitor_done done = help_run(pool, id, HELP_START_MS);
	/* Windows begin at 0, 50, 100, 150; the one at 200 needs row 300. */
	assert_int_equal(done.windows, 4);
	SAYS(pool, "SELECT group_concat(key || ' ' || rows, ', ') FROM (SELECT * FROM monitor_window ORDER BY seq)", "1-100 100, 51-150 100, 101-200 100, 151-250 100");
	str_addc(&text, '\n');
	help_write("grows.csv", text.p);
	assert_int_equal(help_run(pool, id, HELP_START_MS).windows, 1);
	SAYS(pool, "SELECT key FROM monitor_window ORDER BY seq DESC LIMIT 1", "201-300");
	/* Cut: not the same data any more. */
	help_data("grows.csv", 120, 0);
	done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.alerts, 1);
	SAYS(pool, "SELECT state FROM monitor", "trouble");
	str_free(&text);
	store_pool_close(pool);
}

static void test_catch_up(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	char name[32];
	const int64_t id = help_add(pool, "m.yaml", FILES "catch_up: 3\n");
	for (int i = 0; i < 7; i++) {
		snprintf(name, sizeof name, "in/f%d.csv", i);
		help_data(name, 100, 0);
	}
	struct monitor_done done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.windows, 3);
	assert_int_equal(done.left, 4);
	assert_int_equal(help_run(pool, id, HELP_START_MS).left, 1);
	done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.windows, 1);
	assert_int_equal(done.left, 0);
	assert_int_equal(help_number(pool, "SELECT count(DISTINCT key) FROM monitor_window WHERE state = 'done'"), 7);
	store_pool_close(pool);
}

/* ---- hysteresis ---- */

/* r: red, .: not. Expected by hand: o opens, c closes, - nothing. */
static void test_hysteresis(void **state)
{
	(void)state;
	static const struct { int after, clear; const char *windows, *steps; } rows[] = {
		{ 1, 1, ".r.rr..", "-oco-c-" }, { 2, 1, "r.rr.rr", "---oc-o" }, { 1, 3, "r..r...", "o-----c" }, { 3, 2, "rrr.r..rr.rrr", "--o---c-----o" }, { 2, 2, "rrrr", "-o--" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct hysteresis h = { 0 };
		for (size_t k = 0; rows[i].windows[k]; k++) {
			static const char signs[] = { [STEP_NONE] = '-', [STEP_OPENS] = 'o', [STEP_CLOSES] = 'c' };
			const char got = signs[hysteresis_step(&h, rows[i].windows[k] == 'r', rows[i].after, rows[i].clear)];
			if (got != rows[i].steps[k])
				fail_msg("row %zu, window %zu: %c, not %c", i, k, got, rows[i].steps[k]);
		}
	}
}

static void test_limits(void **state)
{
	(void)state;
	struct report_test tests[] = { { .name = "ks", .primary = true, .effect = 0.2, .statistic = 0.2 } };
	struct report_column columns[] = { { .name = "a", .drifted = true, .tests = tests, .n_tests = 1 }, { .name = "b" } };
	struct report_metric metrics[] = { { .name = "accuracy", .ref = 0.9, .cur = 0.7 }, { .name = "rmse", .ref = 1, .cur = 2, .less_is_better = true, .worse = true }, { .name = "f1", .cur = NAN } };
	struct report r = { .verdict = "drifted", .share = 0.5, .n_drifted = 1, .n_compared = 2, .columns = columns, .n_columns = 2, .performance = { .metrics = metrics, .n_metrics = 3 } };
	static const struct { const char *limits; bool red; const char *why; } rows[] = {
		{ "red: drifted", true, "1 of 2 columns drifted" },
		{ "red: never", false, "" },
		{ "share: 0.5", false, "" },
		{ "share: 0.4", true, "50.0 % of the columns drifted, more than 40.0 %" },
		{ "columns: {a: 0.3}", false, "" },
		{ "columns: {a: 0.15}", true, "the effect of a is 0.2, more than 0.15" },
		{ "columns: {a: drifted, b: drifted}", true, "a drifted" },
		{ "columns: {gone: 0.1}", true, "the column gone is in neither side" },
		{ "performance: {accuracy: 0.8}", true, "accuracy is 0.7, less than 0.8" },
		{ "performance: {accuracy: worse, f1: 0.5, unknown: 1}", false, "" },
		{ "performance: {rmse: worse}", true, "rmse went from 1 to 2" },
		{ "performance: {rmse: 2.5}", false, "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str text = STR_INIT, said = STR_INIT;
		struct monitor_file *f;
		str_addf(&text, FILES "limits: {%s}\n", rows[i].limits);
		OK(monitor_parse(text.p, text.len, "m.yaml", &f, &why));
		if (monitor_is_red(&f->limits, &r, &said) != rows[i].red || strcmp(said.p, rows[i].why))
			fail_msg("%s: \"%s\"", rows[i].limits, said.p);
		monitor_file_free(f);
		str_free(&text), str_free(&said);
	}
}

/* ---- trouble ---- */

static void test_source_vanishes(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	help_data("in/a.csv", 100, 0);
	help_run(pool, id, HELP_START_MS);
	assert_int_equal(rename(in_folder("in"), in_folder("away")), 0);
	assert_int_equal(help_run(pool, id, HELP_START_MS).alerts, 1);
	assert_int_equal(help_run(pool, id, HELP_START_MS).alerts, 0);
	SAYS(pool, ALERTS, "trouble open");
	SAYS(pool, "SELECT state FROM monitor", "trouble");
	assert_int_equal(rename(in_folder("away"), in_folder("in")), 0);
	help_run(pool, id, HELP_START_MS);
	SAYS(pool, ALERTS, "trouble closed, recovered closed");
	SAYS(pool, "SELECT state FROM monitor", "stable");
	assert_int_equal(help_number(pool, "SELECT count(*) FROM monitor_window"), 1);
	store_pool_close(pool);
}

/* A damaged file fails as long as it is the newest, and is looked at again until it is whole. */
static void test_failed_window(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	help_write("in/a.csv", "PAR1 this is no Parquet file PAR1");
	struct monitor_done done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.failed, 1);
	assert_int_equal(done.alerts, 1);
	assert_int_equal(help_run(pool, id, HELP_START_MS).alerts, 0);
	SAYS(pool, SEEN, "a.csv failed");
	help_data("in/a.csv", 100, 0);
	assert_int_equal(help_run(pool, id, HELP_START_MS).windows, 1);
	SAYS(pool, SEEN, "a.csv done stable");
	SAYS(pool, ALERTS, "trouble closed, recovered closed");
	store_pool_close(pool);
}

/* A window that failed and is not the newest stays so until it is asked for; then it is kept and says nothing of how things are now. */
static void test_again(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	const struct monitor_watching again = { .again = true };
	struct monitor_done done;
	help_write("in/a.csv", "PAR1 this is no Parquet file PAR1");
	help_data("in/b.csv", 400, 0);
	help_run(pool, id, HELP_START_MS);
	SAYS(pool, SEEN, "a.csv failed, b.csv done stable");
	help_data("in/a.csv", 400, 10);
	assert_int_equal(help_run(pool, id, HELP_START_MS).windows, 0);
	OK(monitor_run_saying(pool, id, HELP_START_MS, NULL, &again, &done, &why));
	assert_int_equal(done.windows, 1);
	SAYS(pool, SEEN, "a.csv done drifted, b.csv done stable");
	SAYS(pool, ALERTS, "trouble closed, recovered closed");
	SAYS(pool, "SELECT state FROM monitor", "stable");
	store_pool_close(pool);
}

/* The reference is away: trouble, and no window pays for it. */
static void test_reference_away(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	help_data("in/a.csv", 400, 0);
	help_data("in/b.csv", 400, 0);
	unlink(in_folder("ref.csv"));
	struct monitor_done done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.failed, 0);
	assert_int_equal(done.alerts, 1);
	assert_int_equal(help_number(pool, "SELECT count(*) FROM monitor_window"), 0);
	help_data("ref.csv", 400, 0);
	assert_int_equal(help_run(pool, id, HELP_START_MS).windows, 2);
	SAYS(pool, ALERTS, "trouble closed, recovered closed");
	store_pool_close(pool);
}

/* Windows of another kind would mix up what was looked at. */
static void test_other_windows(void **state)
{
	(void)state;
	struct store_pool *pool = pool_of("w.db");
	help_data("ref.csv", 400, 0);
	help_data("grows.csv", 250, 0);
	struct str file = STR_INIT;
	str_addf(&file, "name: m\nreference: ref.csv\nsource: {file: grows.csv}\nwindow: {rows: %d}\n", 100);
	const int64_t id = help_add(pool, "m.yaml", file.p);
	assert_int_equal(help_run(pool, id, HELP_START_MS).windows, 2);
	str_clear(&file);
	str_addf(&file, "name: m\nreference: ref.csv\nsource: {file: grows.csv}\nwindow: {rows: %d}\n", 50);
	help_write("m.yaml", file.p);
	assert_int_equal(help_run(pool, id, HELP_START_MS).alerts, 1);
	assert_int_equal(help_number(pool, "SELECT count(*) FROM monitor_window"), 2);
	struct store *s = conn_of(pool);
	int64_t other;
	assert_int_equal(monitor_add(s, in_folder("m.yaml"), &other, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "it cuts windows otherwise than the 2 that were looked at"));
	store_put(pool, s);
	str_free(&file);
	store_pool_close(pool);
}

/* A name with an escape sequence in it names no window. */
static void test_odd_names(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	help_data("in/a\033[31m.csv", 100, 0);
	help_data("in/b \xc3\xa4.csv", 100, 0);
	assert_int_equal(help_run(pool, id, HELP_START_MS).windows, 1);
	SAYS(pool, SEEN, "b \xc3\xa4.csv done stable");
	store_pool_close(pool);
}

/* The file becomes wrong: trouble, told by what is remembered; put right, it goes on. */
static void test_file_breaks(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES "tell: [command: {run: [\"true\"]}]\n");
	help_write("m.yaml", FILES "wat: 1\n");
	assert_int_equal(help_run(pool, id, HELP_START_MS).alerts, 1);
	SAYS(pool, "SELECT state FROM outbox", "sent");
	char *document = help_text(pool, "SELECT document FROM alert");
	assert_non_null(strstr(document, "a monitor has no key \\\"wat\\\""));
	free(document);
	help_write("m.yaml", FILES "catch_up: 7\n");
	help_run(pool, id, HELP_START_MS);
	SAYS(pool, ALERTS, "trouble closed, recovered closed");
	store_pool_close(pool);
}

/* ---- silence, acknowledgement, baseline ---- */

/* What lists say of alert 1; its command is not counted among those who were told. */
static void told_is(struct store *s, const char *want)
{
	struct alert_rows *rows;
	struct str words = STR_INIT;
	OK(alert_list(s, &(struct alert_query){ 0 }, &rows, &why));
	const struct alert_row *first = &rows->at[rows->n - 1];
	assert_int_equal(first->id, 1);
	alert_told_words(first, &words);
	assert_string_equal(words.p, want);
	str_free(&words);
	alert_rows_free(rows);
}

static void test_silence(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES "tell: [command: {run: [touch, told]}]\non_red: [touch, retrained]\n");
	struct store *s = conn_of(pool);
	OK(monitor_silence(s, id, HELP_START_MS + 1000, "moving house", &why));
	help_data("in/a.csv", 400, 10);
	assert_int_equal(help_run(pool, id, HELP_START_MS).alerts, 1);
	SAYS(pool, "SELECT group_concat(state) FROM outbox", "withheld,withheld");
	told_is(s, "no retraining while silenced");
	/* After it: the alert is there and silent; its end, too, is not told to who was not told of the beginning. */
	help_data("in/b.csv", 400, 0);
	help_run(pool, id, HELP_START_MS + 2000);
	SAYS(pool, "SELECT group_concat(state) FROM outbox", "withheld,withheld,withheld");
	assert_false(fs_is_file(in_folder("told")));
	size_t n;
	OK(outbox_retry(s, 1, HELP_START_MS + 3000, &n, &why));
	assert_int_equal(n, 2);
	struct outbox_done sent;
	OK(outbox_send(pool, HELP_START_MS + 3000, NULL, &sent, &why));
	assert_int_equal(sent.sent, 2);
	assert_true(fs_is_file(in_folder("told")) && fs_is_file(in_folder("retrained")));
	told_is(s, "1 sent, retraining ended well");
	store_put(pool, s);
	store_pool_close(pool);
}

static void test_ack(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	help_data("in/a.csv", 400, 10);
	help_run(pool, id, HELP_START_MS);
	struct store *s = conn_of(pool);
	struct alert_rows *rows;
	OK(alert_ack(s, 1, "ann", "on it\033[2J", &why));
	OK(alert_list(s, &(struct alert_query){ .open_only = true }, &rows, &why));
	assert_int_equal(rows->n, 1);
	assert_string_equal(rows->at[0].state, "acknowledged");
	assert_string_equal(rows->at[0].acked_by, "ann");
	assert_null(strchr(rows->at[0].note, '\033'));
	alert_rows_free(rows);
	assert_int_equal(alert_ack(s, 9, "ann", NULL, &why), ST_NOT_FOUND);
	help_data("in/b.csv", 400, 0);
	help_run(pool, id, HELP_START_MS);
	assert_int_equal(alert_ack(s, 1, "ann", NULL, &why), ST_REFUSED);
	store_put(pool, s);
	store_pool_close(pool);
}

static void test_baseline(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	help_data("in/a.csv", 400, 10);
	help_run(pool, id, HELP_START_MS);
	struct store *s = conn_of(pool);
	assert_int_equal(monitor_baseline(s, id, "b.csv", &why), ST_NOT_FOUND);
	OK(monitor_baseline(s, id, "a.csv", &why));
	store_put(pool, s);
	help_data("in/b.csv", 400, 10);
	help_data("in/c.csv", 400, 0);
	help_run(pool, id, HELP_START_MS);
	SAYS(pool, SEEN, "a.csv done drifted, b.csv done stable, c.csv done drifted");
	store_pool_close(pool);
}

/* ---- two processes, crashes ---- */

static const char *stop_at; static int stop_after, stop_pipe;

static void kill_here(const char *point)
{
	if (!strcmp(point, stop_at) && stop_after-- == 0)
		kill(getpid(), SIGKILL);
}

static void wait_here(const char *point)
{
	if (!strcmp(point, stop_at)) {
		if (write(stop_pipe, "x", 1) != 1)
			_exit(9);
		for (;;)
			pause();
	}
}

/* A process that runs the monitor until the point does something. No connection may be open when it begins. */
static pid_t run_in_child(void (*at)(const char *), const char *point, int after)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	struct store_pool *pool;
	struct monitor_done done;
	stop_at = point, stop_after = after, monitor_test_point = at;
	if (store_pool_open(in_folder("w.db"), 0, &pool, NULL) != ST_OK)
		_exit(8);
	monitor_run(pool, 1, HELP_START_MS, NULL, &done, NULL);
	_exit(0);
}

static void test_lock(void **state)
{
	(void)state;
	int fds[2], status;
	char c, pid_words[32];
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	help_data("in/a.csv", 100, 0);
	store_pool_close(pool);
	assert_int_equal(pipe(fds), 0);
	stop_pipe = fds[1];
	pid_t pid = run_in_child(wait_here, "compared", 0);
	assert_int_equal(read(fds[0], &c, 1), 1);
	pool = pool_of("w.db");
	struct monitor_done done;
	assert_int_equal(monitor_run(pool, id, HELP_START_MS, NULL, &done, &why), ST_REFUSED);
	snprintf(pid_words, sizeof pid_words, "process %ld, since ", (long)pid);
	assert_non_null(strstr(why.text, pid_words));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	/* The lock went with its holder; the window was not lost. */
	assert_int_equal(help_run(pool, id, HELP_START_MS).windows, 1);
	store_pool_close(pool);
	close(fds[0]), close(fds[1]);
}

/* Killed at every point of every window, and while sending: afterwards each window is there once, with one report, one alert and one message in all. */
static void test_killed(void **state)
{
	(void)state;
	static const struct { const char *point; int times; } points[] = { { "compared", 4 }, { "stored", 4 }, { "committed", 4 }, { "sending", 1 } };
	int killed = 0, status;
	store_pool_close(files_pool());
	for (int i = 0; i < 4; i++) {
		char name[32];
		snprintf(name, sizeof name, "in/%d.csv", i);
		help_data(name, 100, i >= 2 ? 10 : 0);
	}
	for (size_t p = 0; p < sizeof points / sizeof *points; p++)
		for (int k = 0; k < points[p].times; k++) {
			unlink(in_folder("w.db")), unlink(in_folder("w.db-wal")), unlink(in_folder("w.db-shm")), unlink(in_folder("told"));
			struct store_pool *pool = pool_of("w.db");
			const int64_t id = help_add(pool, "m.yaml", FILES "tell: [command: {run: [sh, -c, \"echo x >> told\"]}]\n");
			store_pool_close(pool);
			waitpid(run_in_child(kill_here, points[p].point, k), &status, 0);
			killed += WIFSIGNALED(status);
			pool = pool_of("w.db");
			help_run(pool, id, HELP_START_MS);
			SAYS(pool, SEEN, "0.csv done stable, 1.csv done stable, 2.csv done drifted, 3.csv done drifted");
			assert_int_equal(help_number(pool, "SELECT count(*) FROM drift_report"), 4);
			SAYS(pool, ALERTS, "drift open");
			SAYS(pool, "SELECT group_concat(state) FROM outbox", "sent");
			store_pool_close(pool);
			struct str told = STR_INIT;
			OK(fs_read(in_folder("told"), 100, &told, &why));
			assert_string_equal(told.p, "x\n");
			str_free(&told);
		}
	assert_int_equal(killed, 13);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, help_folder_make, help_folder_remove)
	const struct CMUnitTest tests[] = {
		TEST(test_files), TEST(test_time), TEST(test_rows), TEST(test_missing_file), TEST(test_missing_before), TEST(test_missing_guessed), TEST(test_weekdays_are_no_gap),
		TEST(test_missing_hours), TEST(test_missing_alert), TEST(test_zone), TEST(test_clock_ahead), TEST(test_catch_up), TEST(test_hysteresis), TEST(test_limits), TEST(test_source_vanishes), TEST(test_failed_window), TEST(test_again), TEST(test_reference_away), TEST(test_other_windows), TEST(test_odd_names),
		TEST(test_file_breaks), TEST(test_silence), TEST(test_ack), TEST(test_baseline), TEST(test_lock), TEST(test_killed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
