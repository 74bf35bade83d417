/* The Drift view, driven through the workbench over what monitors left (tests/unit/pulse_fixture.h). */
#include "tests/unit/pulse_fixture.h"
#include "tests/unit/runs_bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fs.h"
#include "core/drift/report.h"

static struct bench *opened(int w, int h, bool utf8)
{
	setenv("TZ", "UTC", 1);
	struct bench *b = bench_open(w, h, utf8, pulse_fill);
	bench_run(b, "tab drift");
	return b;
}

static void screen(struct bench *b, const char *name)
{
	bench_compare_file(b, "drift", name);
}

/* ---- all of them ------------------------------------------------------------------------------------------ */

static void the_overview_shows_a_row_for_each_monitor_and_series(void **state)
{
	(void)state;
	struct bench *b = opened(120, 36, true);
	expect(b, "shown", "all");
	expect(b, "order", "uploads churn-daily credit-weekly wine by hand");
	expect(b, "row", "uploads");
	expect(b, "cell", "failed");
	bench_expect_on_screen(b, "batch-05.csv: permission denied");
	bench_run(b, "list.down");
	bench_expect_on_screen(b, "tenure_months: Kolmogorov-Smirnov D 0.225 is above its floor");
	screen(b, "all-120x36");
	bench_run(b, "drift.open");
	expect(b, "shown", "churn-daily");
	bench_run(b, "cancel");
	expect(b, "shown", "all");
	expect(b, "row", "churn-daily");
	bench_close(b);
}

static void a_workspace_without_anything_says_what_to_do(void **state)
{
	(void)state;
	struct bench *b = bench_open(80, 24, true, NULL);
	bench_run(b, "tab drift");
	bench_expect_on_screen(b, "mlyard monitor example > m.yaml");
	bench_refused(b, "drift.open", "nothing to open");
	bench_refused(b, "drift.next-red", "nothing is shown here");
	bench_close(b);
}

/* ---- one of them -------------------------------------------------------------------------------------------- */

static void the_map_shows_columns_by_windows(void **state)
{
	(void)state;
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.pulse churn-daily");
	expect(b, "row", "tenure_months");
	expect(b, "window", "2026-11-17");
	expect(b, "cell", "drifted far");
	bench_expect_on_screen(b, "Kolmogorov-Smirnov D 0.225 is above its floor");
	bench_expect_on_screen(b, "1 alert open");
	screen(b, "pulse-120x36");
	bench_close(b);
}

static void it_is_shown_at_any_size(void **state)
{
	(void)state;
	static const struct { int w, h; bool utf8; const char *name; } sizes[] = { { 80, 24, true, "pulse-80x24" }, { 200, 50, true, "pulse-200x50" }, { 80, 24, false, "pulse-ascii" } };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct bench *b = opened(sizes[i].w, sizes[i].h, sizes[i].utf8);
		bench_run(b, "drift.pulse churn-daily");
		screen(b, sizes[i].name);
		bench_close(b);
	}
	struct bench *b = opened(20, 6, true);                /* too small for anything: painted without harm */
	bench_run(b, "drift.pulse churn-daily");
	bench_run(b, "list.down");
	bench_run(b, "list.left");
	bench_close(b);
}

static void each_state_of_a_cell_has_words_of_its_own(void **state)
{
	(void)state;
	struct bench *b = opened(200, 50, true);
	static const struct { const char *row; int age; const char *cell; } cells[] = {
		{ "tenure_months", 7, "drifted" }, { "tenure_months", 8, "not looked at" }, { "tenure_months", 18, "failed" }, { "tenure_months", 39, "no data" },
		{ "region", 30, "no such column then" }, { "support_calls", 0, "watch" }, { "tenure_months", 0, "drifted far" },
	};
	bench_run(b, "drift.pulse churn-daily");
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		struct str line = STR_INIT;
		str_addf(&line, "drift.filter %s", cells[i].row);
		bench_run(b, line.p);
		bench_run(b, "drift.newest");
		for (int k = 0; k < cells[i].age; k++)
			bench_run(b, "list.left");
		expect(b, "row", cells[i].row);
		expect(b, "cell", cells[i].cell);
		str_free(&line);
	}
	bench_run(b, "drift.filter-clear");
	expect(b, "rows", "14");
	bench_close(b);
}

static void rows_are_sorted_and_filtered(void **state)
{
	(void)state;
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.pulse churn-daily");
	bench_run(b, "drift.sort position");
	expect(b, "order", "age contract tenure_months monthly_charge plan support_calls region payment_method");
	expect(b, "row", "tenure_months");                   /* the cursor stays on its column */
	bench_run(b, "drift.sort name");
	expect(b, "order", "age contract internet_service late_payments monthly_charge paperless partner payment_method");
	bench_run(b, "drift.sort often");
	assert_non_null(strstr(bench_model(b, "order"), "tenure_months plan total_charges"));
	bench_run(b, "drift.sort last");
	assert_non_null(strstr(bench_model(b, "order"), "tenure_months plan support_calls"));
	bench_refused(b, "drift.sort sideways", "sorted by worst, last, often, name or position");
	bench_run(b, "drift.sort worst");
	bench_run(b, "drift.only");
	expect(b, "rows", "3");
	bench_run(b, "drift.only");
	bench_keys(b, "/ p a y Enter");
	expect(b, "rows", "2");
	expect(b, "filter", "pay");
	bench_run(b, "cancel");
	expect(b, "filter", "");
	expect(b, "rows", "14");
	bench_close(b);
}

static void what_is_red_is_found_one_after_the_other(void **state)
{
	(void)state;
	struct bench *b = opened(200, 50, true);
	bench_run(b, "drift.pulse churn-daily");
	for (int i = 0; i < 8; i++)
		bench_run(b, "drift.next-red");
	expect(b, "row", "plan");
	expect(b, "age", "0");
	for (int i = 0; i < 3; i++)
		bench_run(b, "drift.next-red");
	expect(b, "row", "total_charges");
	expect(b, "age", "26");
	bench_run(b, "drift.next-red");
	expect(b, "row", "tenure_months");                   /* round to the first */
	expect(b, "age", "0");
	bench_run(b, "drift.prev-red");
	expect(b, "row", "total_charges");
	bench_run(b, "drift.pulse credit-weekly");
	bench_refused(b, "drift.next-red", "nothing here drifted");
	bench_close(b);
}

static void windows_are_scrolled_and_put_together(void **state)
{
	(void)state;
	struct bench *b = opened(80, 24, true);
	bench_run(b, "drift.pulse churn-daily");
	expect(b, "step", "1 cells, 1 windows");
	bench_expect_on_screen(b, "older");
	bench_run(b, "drift.oldest");
	expect(b, "age", "59");
	bench_expect_on_screen(b, "newer");
	bench_run(b, "drift.zoom-out");
	expect(b, "step", "1 cells, 2 windows");
	bench_run(b, "drift.newest");
	bench_run(b, "list.left");
	bench_run(b, "list.left");
	expect(b, "age", "4");                               /* of two that drifted equally far the newer */
	bench_run(b, "list.left");
	bench_run(b, "list.left");
	expect(b, "cell", "not looked at");
	bench_run(b, "drift.zoom-in");
	bench_run(b, "drift.zoom-in");
	expect(b, "step", "2 cells, 1 windows");
	bench_run(b, "drift.zoom-in");
	bench_run(b, "drift.zoom-in");
	expect(b, "step", "4 cells, 1 windows");
	bench_refused(b, "drift.zoom-in", "not drawn wider");
	bench_run(b, "drift.zoom-fit");
	expect(b, "step", "1 cells, 1 windows");
	bench_close(b);
}

static void a_cell_opens_its_report(void **state)
{
	(void)state;
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.pulse churn-daily");
	bench_run(b, "list.down");
	bench_run(b, "drift.open");
	expect(b, "page", "report");
	expect(b, "group", "churn-daily");
	expect(b, "column", "plan");
	bench_run(b, "cancel");
	expect(b, "page", "pulse");
	expect(b, "row", "plan");
	for (int i = 0; i < 8; i++)
		bench_run(b, "list.left");
	bench_refused(b, "drift.open", "this window has no report: not looked at");
	bench_run(b, "drift.model credit");
	expect(b, "shown", "credit-weekly");
	bench_refused(b, "drift.model nobody", "about the model \"nobody\"");
	bench_refused(b, "drift.pulse nobody", "is called \"nobody\"");
	bench_close(b);
}

static void the_list_chooses_what_the_map_shows(void **state)
{
	(void)state;
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.pulse churn-daily");
	bench_run(b, "pane.next");
	expect(b, "focus", "list");
	bench_run(b, "list.down");
	expect(b, "shown", "credit-weekly");
	bench_run(b, "list.top");
	expect(b, "shown", "uploads");
	bench_run(b, "drift.open");
	expect(b, "focus", "map");
	bench_click(b, 5, 3);                                /* the second of the list */
	expect(b, "shown", "churn-daily");
	bench_run(b, "pane.toggle");
	bench_expect_gone(b, "Watched");
	bench_run(b, "pane.toggle groups");
	bench_expect_on_screen(b, "Watched");
	bench_close(b);
	b = opened(80, 24, true);
	bench_run(b, "drift.pulse churn-daily");
	bench_expect_gone(b, "Watched");
	bench_run(b, "pane.toggle");
	bench_expect_on_screen(b, "Watched");
	bench_run(b, "cancel");
	bench_expect_gone(b, "Watched");
	bench_close(b);
}

static void more_windows(struct fixture *f)
{
	struct err e = { 0 };
	assert_int_equal(store_exec(f->s, "INSERT INTO monitor_window(monitor_id, seq, key, first, last, state, ran_ms) VALUES(1, 60, '2026-11-18', 1794960000000, 1795046400000, 'missing',"
		" 1795000000000); UPDATE monitor SET state = 'stable' WHERE id = 1", &e), ST_OK);
}

static void what_others_write_leaves_the_cursor_on_its_cell(void **state)
{
	(void)state;
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.pulse churn-daily");
	bench_run(b, "list.down");
	bench_run(b, "list.left");
	expect(b, "window", "2026-11-16");
	bench_change(b, more_windows);
	ui_changed(b->ui, TOPIC_DRIFT);
	bench_settle(b);
	expect(b, "shown", "churn-daily");
	expect(b, "row", "plan");
	expect(b, "window", "2026-11-16");
	expect(b, "age", "2");
	bench_run(b, "drift.newest");
	expect(b, "cell", "no data");
	bench_close(b);
}

static void what_was_asked_before_the_first_look_is_shown_after_it(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, pulse_fill);
	struct err e = { 0 };
	assert_int_equal(ui_run_line(b->ui, "tab drift", &e), ST_OK);
	assert_int_equal(ui_run_line(b->ui, "drift.model credit", &e), ST_OK);       /* nothing was read in between */
	bench_settle(b);
	expect(b, "shown", "credit-weekly");
	bench_close(b);
	b = bench_open(120, 36, true, pulse_fill);
	assert_int_equal(ui_run_line(b->ui, "tab drift", &e), ST_OK);
	assert_int_equal(ui_run_line(b->ui, "drift.model nobody", &e), ST_OK);
	bench_settle(b);
	bench_expect_on_screen(b, "about the model \"nobody\"");
	expect(b, "shown", "all");
	bench_close(b);
}

static void with_models(struct fixture *f)
{
	struct err e = { 0 };
	pulse_fill(f);
	if (store_exec(f->s, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'test', '/nowhere', 0, 0);"
		"INSERT INTO model(id, source_id, name, created_ms, updated_ms) VALUES(1, 1, 'alpha', 9, 9), (2, 1, 'churn', 1, 1);"
		"INSERT INTO model_version(id, model_id, version, stage, created_ms, updated_ms) VALUES(1, 1, 1, 'None', 9, 9), (2, 2, 2, 'None', 1, 1)", &e) != ST_OK)
		fail_msg("%s", e.text);
}

static void the_model_of_a_monitor_is_on_the_board(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, with_models);
	bench_run(b, "tab drift");
	bench_refused(b, "drift.board", "no model is named for it");
	bench_run(b, "drift.pulse churn-daily");
	bench_run(b, "drift.board");                         /* the board was never open before */
	expect(b, "view", "registry");
	expect(b, "model", "churn");
	bench_run(b, "registry.model alpha");
	bench_run(b, "tab drift");
	bench_run(b, "drift.board");
	expect(b, "model", "churn");
	bench_close(b);
}

/* ---- alerts ------------------------------------------------------------------------------------------------- */

static void alerts_are_listed_and_taken(void **state)
{
	(void)state;
	setenv("MLYARD_USER", "operator two", 1);
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.alerts");
	expect(b, "alerts", "3");
	expect(b, "alert", "3 churn-daily drift 2026-11-12 open by nobody");
	expect(b, "told", "1 sent 1 waiting 0 failed");
	screen(b, "alerts-120x36");
	bench_run(b, "drift.filter trouble");
	expect(b, "alert", "2 churn-daily trouble 2026-10-30 acknowledged by operator");
	bench_expect_on_screen(b, "upload was cut, asked for a new one");
	bench_refused(b, "drift.open", "this alert has no report");
	bench_run(b, "cancel");
	bench_run(b, "list.top");
	bench_keys(b, "a");
	expect(b, "layer", "prompt");
	bench_keys(b, "m i n e Enter");
	expect(b, "alert", "3 churn-daily drift 2026-11-12 acknowledged by operator two");
	bench_expect_on_screen(b, "Alerts · 0 open");
	bench_expect_on_screen(b, ": mine");
	bench_run(b, "list.top");
	bench_run(b, "drift.open");
	expect(b, "page", "report");
	expect(b, "report", "154");
	expect(b, "group", "churn-daily");
	bench_run(b, "drift.pulse churn-daily");
	bench_refused(b, "drift.ack", "churn-daily has no open alert");
	bench_close(b);
	unsetenv("MLYARD_USER");
}

/* ---- acts ------------------------------------------------------------------------------------------------------ */

static void a_monitor_is_silenced_until_a_date(void **state)
{
	(void)state;
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.pulse churn-daily");
	bench_refused(b, "drift.unsilence", "churn-daily is not silent");
	bench_refused(b, "drift.silence yesterday", "");
	bench_refused(b, "drift.silence 2020-01-01", "that is in the past");
	bench_keys(b, "u 2 d Enter");
	bench_expect_on_screen(b, "silent for 2d");
	bench_run(b, "drift.silence 2026-12-24 holidays");
	bench_expect_on_screen(b, "silent for 5w");
	bench_run(b, "drift.unsilence");
	bench_expect_gone(b, "silent for");
	bench_run(b, "drift.pulse 'wine by hand'");
	bench_refused(b, "drift.silence 2d", "reports without a monitor");
	bench_close(b);
}

static void a_window_becomes_the_reference_after_a_question(void **state)
{
	(void)state;
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.pulse churn-daily");
	bench_run(b, "list.left");
	bench_run(b, "drift.baseline");
	expect(b, "layer", "confirm");
	bench_expect_on_screen(b, "Make window 2026-11-16 the reference of churn-daily?");
	bench_expect_on_screen(b, "from the next window that is looked at");
	bench_keys(b, "n");
	bench_expect_gone(b, "baseline 2026-11-16");
	for (int i = 0; i < 8; i++)
		bench_run(b, "list.left");
	bench_refused(b, "drift.baseline", "no data that others could be compared with");
	bench_refused(b, "drift.baseline sideways", "drift.baseline file goes back");
	bench_close(b);
}

static void nothing_is_changed_in_a_read_only_workspace(void **state)
{
	(void)state;
	static const char *const acts[] = { "drift.ack mine", "drift.silence 2d", "drift.unsilence", "drift.baseline", "drift.run", "drift.add m.yaml", "drift.remove" };
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.pulse churn-daily");
	b->ws.read_only = true;
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		bench_refused(b, acts[i], "read-only");
	bench_close(b);
}

static void write_rows(const char *dir, const char *name, int n, double shift)
{
	struct str text = STR_INIT;
	struct err e = { 0 };
	char path[160];
	str_add(&text, "x,y\n");
	for (int i = 0; i < n; i++)
		str_addf(&text, "%.4f,%d\n", i % 97 / 97.0 + shift, i % 7);
	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(fs_replace(path, text.p, text.len, &e), ST_OK);
	str_free(&text);
}

static void a_monitor_is_added_run_and_removed(void **state)
{
	(void)state;
	static const char file[] = "name: fresh\nreference: ref.csv\nsource: {file: cur.csv}\nwindow: {rows: 200}\n";
	static const char *const files[] = { "ref.csv", "cur.csv", "m.yaml" };
	struct bench *b = bench_open(120, 36, true, NULL);
	struct err e = { 0 };
	char path[160], line[200];
	write_rows(b->fx.dir, "ref.csv", 1000, 0);
	write_rows(b->fx.dir, "cur.csv", 401, 0.5);
	snprintf(path, sizeof path, "%s/m.yaml", b->fx.dir);
	assert_int_equal(fs_replace(path, file, strlen(file), &e), ST_OK);
	bench_run(b, "tab drift");
	snprintf(line, sizeof line, "drift.add %s", path);
	bench_run(b, line);
	expect(b, "shown", "fresh");
	expect(b, "window", "none");
	bench_run(b, "drift.run");
	bench_expect_on_screen(b, "fresh: 2 windows looked at, 2 beyond the limits");
	expect(b, "rows", "2");
	expect(b, "row", "x");
	assert_non_null(strstr(bench_model(b, "cell"), "drifted"));
	bench_run(b, "drift.run");
	bench_expect_on_screen(b, "fresh: nothing new to look at");
	bench_run(b, "drift.baseline");
	bench_keys(b, "y");
	bench_expect_on_screen(b, "baseline ");
	bench_run(b, "drift.baseline file");
	bench_keys(b, "y");
	bench_expect_gone(b, "baseline 2");
	bench_run(b, "drift.remove");
	bench_expect_on_screen(b, "Remove the monitor fresh?");
	bench_keys(b, "y");
	bench_expect_on_screen(b, "fresh is removed");
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", b->fx.dir, files[i]);
		assert_int_equal(remove(path), 0);
	}
	bench_close(b);
}

/* ---- reports ----------------------------------------------------------------------------------------------------- */

static void reports_are_filtered_marked_compared_and_deleted(void **state)
{
	(void)state;
	struct bench *b = opened(120, 36, true);
	bench_run(b, "drift.reports");
	expect(b, "reports", "89");                          /* 56 + 26 + 4 + 3 */
	bench_refused(b, "drift.compare", "mark the two reports");
	bench_keys(b, "/ w i n e Enter");
	expect(b, "reports", "3");
	bench_run(b, "drift.mark");
	bench_run(b, "drift.mark");
	expect(b, "marked", "2");
	bench_run(b, "drift.delete");
	bench_expect_on_screen(b, "Delete the 2 marked reports?");
	bench_keys(b, "y");
	expect(b, "reports", "1");
	expect(b, "marked", "0");
	bench_run(b, "cancel");
	expect(b, "reports", "87");
	bench_run(b, "drift.filter drifted");
	bench_run(b, "drift.open");
	expect(b, "page", "report");
	expect(b, "group", "churn-daily");
	bench_run(b, "cancel");
	expect(b, "page", "reports");
	bench_close(b);
}

static void two_stored(struct fixture *f)
{
	struct err e = { 0 };
	static const double edges[] = { 0, 1, 2 }, ref[] = { 50, 50 }, now[2][2] = { { 50, 50 }, { 80, 20 } };
	int64_t id;
	assert_int_equal(store_commit(f->s, 0, &e), ST_OK);
	for (int i = 0; i < 2; i++) {
		struct report_test t = { .name = "ks", .title = "KS", .effect_name = "D", .primary = true, .statistic = i * 0.3, .effect = i * 0.3, .p_value = 0.5, .p_adjusted = 0.5, .threshold = 0.1,
			.null_value = 0, .low = NAN, .high = NAN, .why_not = "" };
		struct report_column c = { .name = "income", .type = "number", .role = "", .status = "compared", .drifted = i == 1, .severity = i * 3, .note = "", .differs = "", .tests = &t, .n_tests = 1,
			.missing_low = NAN, .missing_high = NAN, .picture = { .n = 2, .edges = edges, .ref = ref, .cur = now[i] }, .ref = { .rows = 100 }, .cur = { .rows = 100 } };
		struct report r = { .name = "by hand", .origin = "", .mode = "mlyard", .ms = FIXTURE_NOW + i, .reference = "r.csv", .current = "c.csv", .model = "", .verdict = i ? "drifted" : "stable",
			.drifted = i == 1, .n_ref = 100, .n_cur = 100, .columns = &c, .n_columns = 1,
			.performance = { .task = "", .target = "", .prediction = "", .probability = "", .positive = "", .assumption = "", .segment_metric = "", .why_not = "" } };
		if (report_save(f->s, &r, &id, &e) != ST_OK)
			fail_msg("%s", e.text);
	}
	assert_int_equal(store_begin(f->s, &e), ST_OK);
}

static void two_reports_are_compared_bin_by_bin(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, two_stored);
	bench_run(b, "tab drift");
	bench_run(b, "drift.reports");
	bench_run(b, "drift.mark");
	bench_run(b, "drift.mark");
	bench_run(b, "drift.compare");
	expect(b, "layer", "text");
	bench_expect_on_screen(b, "first   report 1");
	bench_expect_on_screen(b, "30.0 %");                 /* half of |0.5 - 0.8| + |0.5 - 0.2| */
	bench_expect_on_screen(b, "stable    drifted");
	bench_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_overview_shows_a_row_for_each_monitor_and_series), cmocka_unit_test(a_workspace_without_anything_says_what_to_do),
		cmocka_unit_test(the_map_shows_columns_by_windows), cmocka_unit_test(it_is_shown_at_any_size), cmocka_unit_test(each_state_of_a_cell_has_words_of_its_own),
		cmocka_unit_test(rows_are_sorted_and_filtered), cmocka_unit_test(what_is_red_is_found_one_after_the_other), cmocka_unit_test(windows_are_scrolled_and_put_together),
		cmocka_unit_test(a_cell_opens_its_report), cmocka_unit_test(the_list_chooses_what_the_map_shows), cmocka_unit_test(what_others_write_leaves_the_cursor_on_its_cell),
		cmocka_unit_test(what_was_asked_before_the_first_look_is_shown_after_it), cmocka_unit_test(the_model_of_a_monitor_is_on_the_board), cmocka_unit_test(alerts_are_listed_and_taken), cmocka_unit_test(a_monitor_is_silenced_until_a_date), cmocka_unit_test(a_window_becomes_the_reference_after_a_question),
		cmocka_unit_test(nothing_is_changed_in_a_read_only_workspace), cmocka_unit_test(a_monitor_is_added_run_and_removed),
		cmocka_unit_test(reports_are_filtered_marked_compared_and_deleted), cmocka_unit_test(two_reports_are_compared_bin_by_bin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
