/* The Drift view, driven through the workbench over what monitors left (tests/unit/pulse_fixture.h). */
#include "tests/unit/pulse_fixture.h"
#include "tests/unit/runs_bench.h"

#include <stdlib.h>
#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_overview_shows_a_row_for_each_monitor_and_series), cmocka_unit_test(a_workspace_without_anything_says_what_to_do),
		cmocka_unit_test(the_map_shows_columns_by_windows), cmocka_unit_test(it_is_shown_at_any_size), cmocka_unit_test(each_state_of_a_cell_has_words_of_its_own),
		cmocka_unit_test(rows_are_sorted_and_filtered), cmocka_unit_test(what_is_red_is_found_one_after_the_other), cmocka_unit_test(windows_are_scrolled_and_put_together),
		cmocka_unit_test(a_cell_opens_its_report), cmocka_unit_test(the_list_chooses_what_the_map_shows), cmocka_unit_test(what_others_write_leaves_the_cursor_on_its_cell),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
