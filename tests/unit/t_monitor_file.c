/* The monitor's file: what a good one says, and the words with which bad ones are refused. */
#include "core/io/frame.h"
#include "tests/unit/monitor_help.h"

#define HEAD "name: m\nreference: ref.csv\nsource: {folder: in}\nwindow: {files: 1}\n"

static struct monitor_file *parsed(const char *text)
{
	struct monitor_file *f;
	OK(monitor_parse(text, strlen(text), "/a/b/m.yaml", &f, &why));
	return f;
}

static void test_example(void **state)
{
	(void)state;
	struct monitor_file *f = parsed(monitor_example);
	assert_string_equal(f->name, "income-inputs");
	assert_int_equal(f->window.kind, WINDOW_FILES);
	assert_int_equal(f->limits.after, 2);
	monitor_file_free(f);
	/* With every comment taken away that hides a key, it still holds, but for the choices that exclude each other. */
	struct str all = STR_INIT;
	for (const char *p = monitor_example; *p; ) {
		size_t n = strcspn(p, "\n") + 1;
		const bool hidden = !strncmp(p, "# tell:", 7) || !strncmp(p, "#   - ", 6) || !strncmp(p, "# on_red:", 9) || !strncmp(p, "# roles:", 8) || !strncmp(p, "# types:", 8) || !strncmp(p, "  # share:", 10)
			|| !strncmp(p, "  # columns:", 12) || !strncmp(p, "  # performance:", 16);
		const char *mark = memchr(p, '#', n);
		if (hidden)
			str_addn(&all, p, (size_t)(mark - p));
		str_addn(&all, hidden ? mark + 2 : p, n - (hidden ? (size_t)(mark + 2 - p) : 0));
		p += n;
	}
	f = parsed(all.p);
	assert_int_equal(f->n_tell, 5);
	assert_true(f->has_on_red);
	assert_int_equal(f->limits.n_metrics, 2);
	monitor_file_free(f);
	str_free(&all);
}

static void test_values(void **state)
{
	(void)state;
	struct monitor_file *f = parsed("name: m\nmodel: shop/fraud/Production\nreference: {path: r.db, query: SELECT 1}\nsource: {sqlite: a.db, table: t}\n"
		"window: {every: 1w, wait: 2h}\nroles: {timestamp: at, target: y}\nstart: 2026-11-20\nschedule: {every: 6h}\ncatch_up: 9\nmissing: ignore\n"
		"tests: [ks, psi]\ncolumns: [a, b]\ntypes: {zip: categorical}\nread: {delimiter: \"\\t\", decimal: \",\", header: false}\nalpha: 0.01\ncompat: evidently\ncalibrate: false\n"
		"limits: {share: 0.25, after: 3}\ntell:\n  - email: {server: smtp://h:25, from: a@b, to: c@d, on: trouble}\n");
	assert_string_equal(f->model, "shop/fraud");
	assert_string_equal(f->version, "Production");
	assert_string_equal(f->reference_query, "SELECT 1");
	assert_int_equal(f->source.kind, SOURCE_SQLITE);
	assert_string_equal(f->source.query, "t");
	assert_string_equal(f->window.time, "at");
	assert_int_equal(f->window.every_ms, 7 * HELP_DAY_MS);
	assert_int_equal(f->window.wait_ms, 7200000);
	assert_true(f->has_start && f->start_ms == HELP_START_MS - HELP_DAY_MS);
	assert_int_equal(f->schedule_ms, 21600000);
	assert_int_equal(f->catch_up, 9);
	assert_int_equal(f->missing, MISSING_IGNORE);
	assert_int_equal(f->n_tests, 2);
	assert_int_equal(f->types[0].type, FRAME_CATEGORY);
	assert_int_equal(f->read.delimiter, '\t');
	assert_int_equal(f->read.decimal, ',');
	assert_true(f->read.no_header && f->evidently && f->no_calibration);
	assert_int_equal(f->limits.when, RED_NEVER);
	assert_int_equal(f->limits.after, 3);
	assert_int_equal(f->tell[0].on, TELL_TROUBLE);
	char *path = monitor_path(f, "x.csv");
	assert_string_equal(path, "/a/b/x.csv");
	free(path);
	monitor_file_free(f);
}

static void test_bad(void **state)
{
	(void)state;
	static const struct { const char *text, *says; } rows[] = {
		{ "", "m.yaml" },
		{ "[a]", "m.yaml:1:1: a monitor, as a map, is needed here, not a list\n" },
		{ "name: m\n", "m.yaml:1:1: a monitor needs \"reference\"; mlyard monitor example prints one\nm.yaml:1:1: a monitor needs \"source\"; mlyard monitor example prints one\n"
			"m.yaml:1:1: a monitor needs \"window\"; mlyard monitor example prints one\n" },
		{ HEAD "shedule: 6h\n", "m.yaml:5:1: a monitor has no key \"shedule\"; did you mean \"schedule\"?\n" },
		{ HEAD "name: n\n", "m.yaml:5:1: \"name\" stands already in line 1\n" },
		{ HEAD "schedule: 6\n", "m.yaml:5:11: \"schedule\": a span of time with its unit, like 24h or 7d, is needed here, not \"6\"\n" },
		{ HEAD "start: tomorrow\n", "m.yaml:5:8: \"start\": a date, like 2026-11-20 or 2026-11-20T14:30Z, is needed here, not \"tomorrow\"\n" },
		{ HEAD "tests: [ks, wasserstien]\n", "m.yaml:5:8: there is no test \"wasserstien\"; did you mean \"wasserstein\"?\n" },
		{ HEAD "types: {a: number}\n", "m.yaml:5:12: \"a\": numeric, boolean, datetime, categorical or text is needed here, not \"number\"\n" },
		{ HEAD "limits: {after: 0}\n", "m.yaml:5:17: \"after\": a whole number from 1 to 1000 is needed here, not \"0\"\n" },
		{ HEAD "limits: {columns: {a: much}}\n", "m.yaml:5:23: \"a\": a number that is not negative is needed here, not \"much\"\n" },
		{ HEAD "tell: [slak: {}]\n", "m.yaml:5:8: there is no receiver \"slak\"; did you mean \"slack\"?\n" },
		{ HEAD "tell: [slack: {}]\n", "m.yaml:5:15: slack needs the \"url\" of an incoming webhook: {from_env: NAME} or {from_file: PATH}\n" },
		{ HEAD "tell: [slack: {url: https://hooks.slack.com/services/T/B/geheim}]\n", "m.yaml:5:21: \"url\" of Slack is a secret, and this file is no place for it; write it as url: {from_env: NAME}"
			" or {from_file: PATH}\n" },
		{ HEAD "tell: [webhook: {url: \"https://a.example/x?key=geheim\"}]\n", "m.yaml:5:23: \"url\" holds a secret, and this file is no place for it; write it as url: {from_env: NAME} or {from_file: PATH}\n" },
		{ HEAD "tell: [webhook: {url: http://a.example/x}]\n", "m.yaml:5:23: \"url\" is not encrypted: http is for this machine only, say https\n" },
		{ HEAD "tell: [pagerduty: {routing_key: geheim}]\n", "m.yaml:5:33: \"routing_key\" is a secret, and this file is no place for it; write it as routing_key: {from_env: NAME}"
			" or {from_file: PATH}\n" },
		{ HEAD "tell: [webhook: {url: https://a.example/, headers: {authorization: geheim}}]\n", "m.yaml:5:68: \"authorization\" carries a secret, and this file is no place for it; write it as"
			" authorization: {from_env: NAME} or {from_file: PATH}\n" },
		{ HEAD "tell: [webhook: {url: https://a.example/, headers: {Host: b}}]\n", "m.yaml:5:53: \"Host\" is set by mlyard itself\n" },
		{ HEAD "tell: [command: {run: \"rm -r x\"}]\n", "m.yaml:5:23: \"run\": a list of the program and its arguments (there is no shell) is needed here, not \"rm -r x\"\n" },
		{ HEAD "tell: [slack: {url: {from_env: A, from_file: b}}]\n", "m.yaml:5:21: a value from elsewhere needs one of from_env and from_file\n" },
		{ HEAD "on_red: {runs: [x]}\n", "m.yaml:5:9: on_red needs \"run\": a list of the program and its arguments\nm.yaml:5:10: the section on_red has no key \"runs\"; did you mean \"run\"?\n" },
		{ "name: m\nreference: r\nsource: {folder: a, file: b}\nwindow: {files: 1}\n", "m.yaml:3:21: a source is one of folder, file, sqlite and postgres, not two of them\nm.yaml:4:9: windows of files need a folder\n" },
		{ "name: m\nreference: r\nsource: {postgres: \"postgres://u:geheim@h/d?table=t\"}\nwindow: {rows: 5}\n", "m.yaml:3:20: the address holds a password, and this file is no place for it; write it to"
			" ~/.pgpass, or name a service of libpq\n" },
		{ "name: m\nreference: r\nsource: {postgres: h}\nwindow: {rows: 5}\n", "m.yaml:3:20: an address of PostgreSQL is needed here: postgres://HOST/DATABASE?table=NAME\n" },
		{ "name: m\nreference: r\nsource: {sqlite: a}\nwindow: {rows: 5}\n", "m.yaml:3:9: sqlite needs a table or a query\n" },
		{ "name: m\nreference: r\nsource: {file: a}\nwindow: {every: 1d}\n", "m.yaml:4:9: a window of time needs its column: time: NAME, or the role timestamp\n" },
		{ "name: m\nreference: r\nsource: {file: a}\nwindow: {rows: 10, time: t}\n", "m.yaml:4:20: \"time\" belongs to windows of time (every:)\n" },
		{ "name: m\nreference: r\nsource: {folder: a}\nwindow: {files: 1, every: 1d, time: t}\n", "m.yaml:4:31: \"time\" belongs to windows of time (every:)\n" },
		{ "name: m\nreference: r\nsource: {file: a}\nwindow: {rows: 5, every: 1d}\n", "m.yaml:4:9: a window needs one of every (time), rows and files, not several\n" },
		{ "name: m\nreference: r\nsource: {file: a}\nwindow: {every: 6h, time: t, zone: UTC}\n", "m.yaml:4:36: a zone belongs to windows of whole days, like 1d or 1w: shorter ones are the same everywhere\n" },
		{ "name: m\nreference: r\nsource: {file: a}\nwindow: {every: 1d, time: t, zone: ../../etc/passwd}\n", "m.yaml:4:36: that is no name of a time zone; one is called like Europe/Berlin\n" },
		{ HEAD "missing: loudly\n", "m.yaml:5:10: \"missing\": tell, ignore or alert is needed here, not \"loudly\"\n" },
		{ "name: m\nreference: r\nsource: {folder: a}\nwindow: {every: 1d, time: t}\n", "m.yaml:4:9: the windows of a folder are its files (files: 1); for windows of time or rows name one file or a table\n" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct monitor_file *f = NULL;
		struct str findings = STR_INIT;
		if (monitor_read(rows[i].text, strlen(rows[i].text), "m.yaml", &f, &findings, &why) == ST_OK)
			fail_msg("row %zu was taken", i);
		if (strncmp(findings.p, rows[i].says, i ? findings.len : strlen(rows[i].says)) || strstr(why.text, "geheim"))
			fail_msg("row %zu: %s", i, findings.p);
		str_free(&findings);
	}
}

/* What a person or a fuzzer may do to a good file: cut it anywhere, or change any byte. Nothing crashes, and errors have words. */
static void test_torn(void **state)
{
	(void)state;
	const size_t n = strlen(monitor_example);
	char *text = mem_strdup(monitor_example);
	for (size_t i = 0; i < n; i += 3) {
		struct monitor_file *f = NULL;
		if (monitor_parse(text, i, "m", &f, &why) != ST_OK)
			assert_true(*why.text);
		monitor_file_free(f);
		const char keep = text[i];
		text[i] = "\0{[:\xff#\n"[i % 7];
		f = NULL;
		if (monitor_parse(text, n, "m", &f, &why) != ST_OK)
			assert_true(*why.text);
		monitor_file_free(f);
		text[i] = keep;
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_example), cmocka_unit_test(test_values), cmocka_unit_test(test_bad), cmocka_unit_test(test_torn) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
