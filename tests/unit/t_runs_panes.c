/* The panes around the table of runs: charts, detail, layout, mouse. */
#include "tests/unit/runs_bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/notice.h"

/* ---- charts ------------------------------------------------------------------------------------------------------- */

static void marked_runs_are_drawn_else_the_one_under_the_cursor(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 4; i++)
		bench_run(b, "list.down");
	assert_non_null(strstr(bench_model(b, "curve"), "trial-8 · val_loss · 61 points"));
	bench_run(b, "runs.mark");
	bench_run(b, "list.down");
	bench_run(b, "runs.mark");
	expect(b, "marks", "2 trial-8 trial-6");
	bench_expect_on_screen(b, "val_loss · 2 runs · by step");
	bench_run(b, "runs.mark-clear");
	assert_non_null(strstr(bench_model(b, "curve"), "trial-5"));
	bench_run(b, "runs.mark-invert");
	bench_expect_on_screen(b, "16 marked");
	bench_close(b);
}

static void letters_stand_for_colours_where_there_are_none(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 3; i++)
		bench_run(b, "list.down");
	bench_run(b, "runs.mark");
	bench_run(b, "runs.mark");
	bench_expect_on_screen(b, "◆ ├ trial-9");
	bench_expect_on_screen(b, "◆ trial-8");
	bench_run(b, "theme mono");
	bench_expect_on_screen(b, "a ├ trial-9");
	bench_expect_on_screen(b, "b ├ trial-8");
	bench_expect_on_screen(b, "b trial-8");
	bench_close(b);
}

static void crosshair_reads_exact_values(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 4; i++)
		bench_run(b, "list.down");
	bench_run(b, "chart.metric loss");
	bench_run(b, "chart.end");
	expect(b, "crosshair", "601");
	double t = 601.0 / 602, want = 0.166 + (0.9 - 0.166) * exp(-5 * t) * (1 + 0.1 * sin(601 * 0.7 + 19));
	const char *at = strstr(bench_model(b, "curve"), "at crosshair ");
	assert_non_null(at);
	assert_true(fabs(strtod(at + 13, NULL) - want) < 1e-9);
	bench_run(b, "chart.left");
	assert_true(strtod(bench_model(b, "crosshair"), NULL) < 601);
	bench_run(b, "chart.start");
	assert_true(strtod(bench_model(b, "crosshair"), NULL) < 10);
	bench_run(b, "cancel");
	bench_screen(b);
	str_clear(&b->text);
	ui_model(b->ui, &b->text);
	assert_null(strstr(b->text.p, "crosshair:"));
	bench_close(b);
}

static void zoom_and_pan_stay_inside_the_data(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 4; i++)
		bench_run(b, "list.down");
	bench_run(b, "chart.metric loss");
	bench_refused(b, "chart.pan-left", "all points are in sight");
	bench_run(b, "chart.zoom-in");
	expect(b, "window", "150.25 to 450.75");
	bench_run(b, "chart.pan-right");
	expect(b, "window", "225.375 to 525.875");
	bench_run(b, "chart.pan-right");
	bench_run(b, "chart.pan-right");
	expect(b, "window", "300.5 to 601");
	bench_run(b, "chart.zoom-out");
	expect(b, "window", "0 to 601, fitted");
	for (int i = 0; i < 8; i++)
		bench_run(b, "chart.zoom-in");
	bench_refused(b, "chart.zoom-in", "nothing between");
	bench_run(b, "chart.zoom-fit");
	expect(b, "window", "0 to 601, fitted");
	bench_run(b, "chart.axis relative");
	expect(b, "window", "0 to 72120, fitted");
	bench_run(b, "chart.axis wall");
	bench_refused(b, "chart.log-x", "no logarithm");
	bench_run(b, "chart.axis");
	expect(b, "axis", "step");
	bench_run(b, "chart.log-x");
	bench_run(b, "chart.log-y");
	expect(b, "log", "xy");
	bench_close(b);
}

static void smoothing_is_said_and_kept(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "list.down");
	bench_run(b, "chart.smooth-more");
	bench_run(b, "chart.smooth-more");
	expect(b, "smooth", "0.6");
	bench_expect_on_screen(b, "smoothed 0.6, raw dim");
	bench_stop(b);
	bench_start(b, 120, 36, true);
	expect(b, "smooth", "0.6");
	bench_run(b, "chart.smooth-less");
	bench_run(b, "chart.smooth-less");
	bench_refused(b, "chart.smooth-less", "nothing is smoothed");
	bench_close(b);
}

static void a_large_screen_has_more_charts(void **state)
{
	(void)state;
	struct bench *b = bench_open(200, 50, true, fx_fill);
	bench_run(b, "list.down");
	expect(b, "charts", "2");
	bench_run(b, "chart.grid");
	expect(b, "charts", "1");
	bench_run(b, "chart.metric-next");
	expect(b, "metrics", "loss");
	bench_run(b, "chart.metric-next");
	expect(b, "metrics", "val_loss");
	bench_close(b);
}

/* ---- panes --------------------------------------------------------------------------------------------------------- */

static void panes_cycle_zoom_and_fold(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	static const char *const order[] = { "detail", "chart", "experiments", "table" };
	for (int i = 0; i < 4; i++) {
		bench_run(b, "pane.next");
		expect(b, "focus", order[i]);
	}
	bench_run(b, "pane.prev");
	expect(b, "focus", "experiments");
	bench_run(b, "pane.zoom");
	expect(b, "zoom", "experiments");
	bench_expect_gone(b, "Runs of");
	bench_run(b, "cancel");
	bench_run(b, "pane.toggle detail");
	bench_expect_gone(b, "in 14m32s,");
	bench_run(b, "pane.toggle detail");
	expect(b, "focus", "detail");
	bench_refused(b, "pane.toggle table", "no pane of that name");
	bench_close(b);
}

static void small_screens_open_drawers(void **state)
{
	(void)state;
	struct bench *b = bench_open(80, 24, true, fx_fill);
	bench_expect_gone(b, "digits-mlp");
	bench_run(b, "pane.toggle experiments");
	expect(b, "drawer", "experiments");
	bench_expect_on_screen(b, "digits-mlp");
	bench_run(b, "list.down");
	expect(b, "experiment", "digits-mlp");
	bench_run(b, "runs.open");
	expect(b, "drawer", "none");
	expect(b, "focus", "table");
	bench_run(b, "runs.open");
	expect(b, "drawer", "detail");
	bench_expect_on_screen(b, "solver");
	bench_run(b, "cancel");
	expect(b, "drawer", "none");
	bench_close(b);
}

static void layout_is_kept(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "pane.grow");
	bench_run(b, "pane.grow");
	struct str before = STR_INIT;
	str_add(&before, bench_screen(b));
	bench_stop(b);
	bench_start(b, 120, 36, true);
	assert_string_equal(bench_screen(b), before.p);
	str_free(&before);
	bench_close(b);
}

static void the_detail_cursor_steps_over_blank_lines(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "list.down");
	bench_run(b, "list.down");
	bench_run(b, "runs.open");
	bench_run(b, "pane.zoom");
	for (int i = 0; i < 30; i++) {
		const char *bar = strstr(bench_screen(b), "\n▌");
		assert_non_null(bar);
		bar += strlen("\n▌");
		assert_int_not_equal(bar[strspn(bar, " ")], '\n');
		bench_run(b, i < 15 ? "list.down" : "list.up");
	}
	bench_close(b);
}

static void fill_with_another_metric(struct fixture *f)
{
	fx_fill(f);
	fx_run(f, 60, 1, "other", 3, 2, 1, NULL);
	fx_curve(f, 60, "reward", 50, FIXTURE_NOW - 2000, 1, 2, false);
	fx_run(f, 61, 1, "third", 3, 1, 1, NULL);
	fx_curve(f, 61, "entropy", 50, FIXTURE_NOW - 1000, 1, 2, false);
}

static void a_metric_is_drawn_that_the_run_has(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fill_with_another_metric);
	expect(b, "run", "third");
	expect(b, "metrics", "entropy");
	bench_run(b, "list.down");
	expect(b, "metrics", "reward");
	bench_run(b, "list.down");
	expect(b, "run", "gbm-queued");
	bench_expect_on_screen(b, "No metric of this run has more than one point.");
	bench_run(b, "list.down");
	expect(b, "metrics", "val_loss");
	bench_run(b, "chart.metric loss");                 /* who chooses one keeps it */
	bench_run(b, "list.up");
	bench_run(b, "list.up");
	expect(b, "run", "other");
	expect(b, "metrics", "loss");
	bench_close(b);
}

static void detail_finds_and_opens(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "list.down");
	bench_run(b, "list.down");
	bench_run(b, "runs.open");
	expect(b, "focus", "detail");
	bench_expect_on_screen(b, "Learning rate against");
	bench_run(b, "detail.find train.py");
	bench_run(b, "detail.open");
	expect(b, "layer", "text");
	bench_keys(b, "Esc");
	bench_run(b, "detail.find nowhere-to-be-found");
	bench_expect_on_screen(b, "is not in this run");
	bench_refused(b, "runs.next-match", "is not in this run");
	bench_run(b, "detail.next-section");
	bench_run(b, "detail.next-section back");
	bench_close(b);
}

/* Column of the first line between panes in a row (blank to its left). */
static int border_at(struct bench *b, int y)
{
	const char *row = bench_screen(b);
	for (int i = 0; i < y; i++)
		row = strchr(row, '\n') + 1;
	return (int)strspn(row, " ");
}

static void mouse_selects_sorts_scrolls_and_drags(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_click(b, 40, 6);
	expect(b, "run", "trial-9");
	bench_click(b, 5, 4);
	expect(b, "experiment", "digits-mlp");
	expect(b, "focus", "experiments");
	bench_click(b, 5, 3);
	char *line = NULL;
	for (const char *p = bench_screen(b); *p && !line; p = strchr(p, '\n') + 1)
		if (strstr(p, "val_auc") && strcspn(p, "\n") > (size_t)(strstr(p, "val_auc") - p))
			line = mem_strndup(p, strcspn(p, "\n"));
	assert_non_null(line);
	int x = 0;
	for (const char *p = line; p < strstr(line, "val_auc"); p++)
		x += (*p & 0xc0) != 0x80;
	free(line);
	bench_click(b, x + 2, 2);
	expect(b, "sort", "metrics.val_auc:desc");
	bench_mouse(b, MOUSE_WHEEL_DOWN, 60, 8);
	int border = border_at(b, 10);
	bench_mouse(b, MOUSE_PRESS, border, 10);
	bench_mouse(b, MOUSE_DRAG, border + 13, 10);
	bench_mouse(b, MOUSE_RELEASE, border + 13, 10);
	assert_int_equal(border_at(b, 10), border + 13);
	bench_close(b);
}

static void news_at(struct fixture *f, int64_t ms)
{
	struct err e = { 0 };
	char sql[96];
	snprintf(sql, sizeof sql, "UPDATE source SET last_ms = %lld", (long long)ms);
	assert_int_equal(store_exec(f->s, sql, &e), ST_OK);
}

static void news_now(struct fixture *f)
{
	news_at(f, FIXTURE_NOW);
}

static void news_before(struct fixture *f)
{
	news_at(f, FIXTURE_NOW - 3 * 60 * 1000 - 1000);
}

static void the_age_of_the_data_is_said(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_expect_gone(b, " data ");               /* nothing was ever read from this source */
	bench_change(b, news_before);
	bench_expect_on_screen(b, "data 3m ago");
	bench_change(b, news_now);
	bench_expect_on_screen(b, "data now");
	ui_unread_sources(b->ui, 1);
	ui_paint(b->ui);
	bench_expect_on_screen(b, "! data now");
	ui_unread_sources(b->ui, 0);
	ui_paint(b->ui);
	bench_expect_gone(b, "! data now");
	bench_close(b);
	b = bench_open(80, 24, true, fx_fill);
	bench_change(b, news_before);
	bench_expect_on_screen(b, "5 Log");           /* tabs come first */
	bench_close(b);
}

/* Seconds that pass change nothing on the screen; a minute does. */
static void the_age_is_painted_once_a_minute(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_change(b, news_now);
	for (int s = 1; s < 60; s++) {
		clock_set_wall_ms(FIXTURE_NOW + s * 1000);
		ui_unread_sources(b->ui, 0);
		assert_true(ui_idle(b->ui));
	}
	clock_set_wall_ms(FIXTURE_NOW + 60 * 1000);
	ui_unread_sources(b->ui, 0);
	assert_false(ui_idle(b->ui));
	ui_paint(b->ui);
	bench_expect_on_screen(b, "data 1m ago");
	bench_close(b);
}

static void a_notice_is_clicked_open(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	notice_post("test", NOTICE_WARN, NULL, "something needs a person");
	bench_change(b, news_now);
	ui_dirty(b->ui);
	ui_paint(b->ui);
	bench_expect_on_screen(b, "! 1 notice  data now");
	bench_click(b, 120 - 1 - 8 - 2 - 5, 0);
	bench_expect_on_screen(b, "something needs a person");
	bench_keys(b, "Esc");
	notice_clear("test");
	bench_close(b);
}

static enum status no_work(struct task *t, void *arg, struct err *e)
{
	(void)t, (void)arg, (void)e;
	return ST_OK;
}

static void nothing_done(void *arg, enum status st, const struct err *e)
{
	(void)arg, (void)st, (void)e;
}

static void tasks_and_log_follow_the_mouse(void **state)
{
	(void)state;
	struct bench *b = bench_open(80, 24, true, fx_fill);
	for (int i = 0; i < 60; i++)
		log_add(LOG_INFO, "line %d", i);
	bench_run(b, "tab log");
	bench_run(b, "list.top");
	expect(b, "top", "0");
	bench_mouse(b, MOUSE_WHEEL_DOWN, 10, 10);
	expect(b, "top", "3");
	bench_mouse(b, MOUSE_WHEEL_UP, 10, 10);
	expect(b, "top", "0");
	for (int i = 0; i < 4; i++)
		tasks_submit(b->tasks, &(struct task_spec){ .title = "nothing", .cls = TASK_QUICK, .work = no_work, .done = nothing_done });
	bench_settle(b);
	bench_run(b, "tab tasks");
	bench_click(b, 10, 5);
	expect(b, "cursor", "2");
	bench_mouse(b, MOUSE_WHEEL_UP, 10, 5);
	expect(b, "cursor", "2");                     /* all rows are in sight */
	bench_click(b, 10, 3);
	expect(b, "cursor", "0");
	bench_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marked_runs_are_drawn_else_the_one_under_the_cursor), cmocka_unit_test(letters_stand_for_colours_where_there_are_none), cmocka_unit_test(crosshair_reads_exact_values),
		cmocka_unit_test(zoom_and_pan_stay_inside_the_data), cmocka_unit_test(smoothing_is_said_and_kept), cmocka_unit_test(a_large_screen_has_more_charts),
		cmocka_unit_test(panes_cycle_zoom_and_fold), cmocka_unit_test(small_screens_open_drawers), cmocka_unit_test(layout_is_kept),
		cmocka_unit_test(the_detail_cursor_steps_over_blank_lines), cmocka_unit_test(a_metric_is_drawn_that_the_run_has),
		cmocka_unit_test(detail_finds_and_opens), cmocka_unit_test(mouse_selects_sorts_scrolls_and_drags),
		cmocka_unit_test(the_age_of_the_data_is_said), cmocka_unit_test(the_age_is_painted_once_a_minute), cmocka_unit_test(a_notice_is_clicked_open), cmocka_unit_test(tasks_and_log_follow_the_mouse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
