/* The Runs view as a whole and its table: screens, rows, order, filter, columns, what arrives while it is open. */
#include "tests/unit/runs_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/notice.h"
#include "core/store/series.h"

static void screens_at_four_sizes(void **state)
{
	static const struct { int w, h; const char *name; } at[] = { { 120, 36, "120x36" }, { 80, 24, "80x24" }, { 200, 50, "200x50" }, { 40, 12, "40x12" } };
	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		struct bench *b = bench_open(at[i].w, at[i].h, true, fx_fill);
		bench_run(b, "list.down");
		bench_run(b, "list.down");
		bench_run(b, "list.down");
		bench_run(b, "runs.mark");
		bench_run(b, "runs.mark");
		bench_compare(b, at[i].name);
		bench_close(b);
	}
}

static void screen_in_ascii(void **state)
{
	(void)state;
	struct bench *b = bench_open(100, 30, false, fx_fill);
	bench_run(b, "list.down");
	bench_compare(b, "ascii");
	bench_close(b);
}

static void nothing_to_show_says_what_to_do(void **state)
{
	(void)state;
	struct bench *b = bench_open(100, 24, true, NULL);
	bench_expect_on_screen(b, "No runs in this workspace yet.");
	bench_expect_on_screen(b, "mlyard import");
	bench_refused(b, "runs.mark", "no run under the cursor");
	bench_refused(b, "runs.mark-clear", "no run is marked");
	notice_post("t", NOTICE_BAD, NULL, "notes.db: not a SQLite database; mlyard imports MLflow databases (mlflow.db) and mlruns folders");
	bench_run(b, "redraw");
	bench_expect_on_screen(b, "notes.db: not a SQLite database; mlyard imports");
	bench_expect_on_screen(b, "mlruns folders");
	bench_expect_on_screen(b, "No runs in this workspace yet.");
	notice_clear("t");
	bench_close(b);
}

static void foreign_text_is_cleaned(void **state)
{
	(void)state;
	struct bench *b = mem_zalloc(sizeof *b);
	str_init(&b->text);
	fx_open(&b->fx);
	fx_fill(&b->fx);
	fx_run(&b->fx, 60, 1, "\x1b[31mred\x1b]0;t\x07\xe2\x80\xae" "evil\xff", 3, 1, 1, NULL);
	fx_item(&b->fx, 1, 60, "\x1b[2Jkey", "\x9b" "1mvalue\nnext");
	fx_item(&b->fx, 2, 60, "mlflow.note.content", "a\x1b[5mb\xe2\x80\x8b" "c");
	fx_commit(&b->fx);
	bench_start(b, 120, 36, true);
	bench_run(b, "runs.open");
	for (const char *p = bench_screen(b); *p; p++)
		assert_true((unsigned char)*p >= 0x20 || *p == '\n');
	assert_null(strstr(b->text.p, "\xe2\x80\xae"));
	bench_close(b);
}

/* ---- table ------------------------------------------------------------------------------------------------ */

static void starts_at_the_newest_work(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	expect(b, "experiment", "churn-gbm");
	expect(b, "rows", "16");
	expect(b, "run", "gbm-queued");
	expect(b, "columns", "name state age took params.lr params.depth metrics.val_auc metrics.val_loss metrics.loss spark.val_loss");
	bench_close(b);
}

static void list_commands_move_and_hold_at_the_ends(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "list.up");
	expect(b, "cursor", "0");
	bench_run(b, "list.bottom");
	expect(b, "cursor", "15");
	bench_run(b, "list.down");
	expect(b, "run", "gbm-baseline");
	bench_run(b, "list.top");
	bench_run(b, "list.half-down");
	bench_run(b, "list.page-up");
	expect(b, "cursor", "0");
	bench_run(b, "list.right");
	expect(b, "column", "name");
	bench_run(b, "list.left");
	expect(b, "column", "none");
	bench_close(b);
}

static void more_points(struct fixture *f)
{
	struct point p[40];
	for (int i = 0; i < 40; i++)
		p[i] = (struct point){ 602 + i, FIXTURE_NOW - 240000 + (602 + i) * 120, 0.05 };
	size_t added;
	struct err e = { 0 };
	assert_int_equal(series_append(f->s, 30, fx_name(f, "loss"), p, 40, true, &added, &e), ST_OK);
}

static void filter_keeps_parents_marks_and_cursor(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 5; i++)
		bench_run(b, "list.down");
	expect(b, "run", "trial-7");
	bench_run(b, "runs.mark");
	bench_run(b, "list.up");
	bench_run(b, "runs.filter metrics.val_auc>0.92 name:trial");
	expect(b, "matched", "6");
	expect(b, "rows", "7");                      /* with their parent */
	expect(b, "run", "trial-7");
	expect(b, "marks", "1 trial-7");
	bench_expect_on_screen(b, "6 of 16 · metrics.val_auc>0.92 name:trial · 1 marked");
	bench_run(b, "list.top");
	expect(b, "run", "sweep-7");
	bench_run(b, "runs.filter name:trial");      /* another filter: from the parent to what matches */
	expect(b, "run", "trial-9");
	bench_run(b, "runs.filter metrics.val_auc>0.92 name:trial");
	bench_run(b, "list.top");
	bench_change(b, more_points);                /* the same one: the parent may be looked at */
	expect(b, "run", "sweep-7");
	bench_run(b, "runs.next-match");
	expect(b, "run", "trial-9");
	bench_run(b, "runs.prev-match");
	expect(b, "run", "trial-4");
	bench_run(b, "runs.filter name:baseline");
	expect(b, "marks", "1 (hidden)");
	bench_run(b, "runs.filter-clear");
	expect(b, "rows", "16");
	expect(b, "marks", "1 trial-7");
	bench_refused(b, "runs.filter-clear", "no filter is set");
	bench_close(b);
}

static void filter_follows_the_typing_and_escape_goes_back(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "runs.filter");
	bench_keys(b, "s e e d 7");
	expect(b, "rows", "1");
	bench_expect_on_screen(b, "gbm-seed7");
	bench_expect_on_screen(b, "Enter accept  Tab complete  Esc back");
	expect(b, "run", "gbm-seed7");
	bench_keys(b, "Esc");
	expect(b, "filter", "");
	expect(b, "rows", "16");
	expect(b, "run", "gbm-queued");              /* where it was */
	bench_run(b, "runs.filter");
	bench_keys(b, "l i v e Enter");
	expect(b, "filter", "live");
	expect(b, "rows", "1");
	bench_run(b, "runs.filter \"loss > 'abc'\"");
	bench_expect_on_screen(b, "loss > \"abc\": a metric needs a number");
	bench_run(b, "runs.filter-clear");
	bench_run(b, "runs.filter");
	bench_keys(b, "l o s s > \" x \"");
	bench_expect_on_screen(b, "loss > \"x\": a metric needs a number");
	bench_keys(b, "Enter");
	bench_expect_on_screen(b, "loss > \"x\": a metric needs a number; a text is params.loss or tags.loss");
	bench_run(b, "runs.filter nothing-like-this");
	bench_expect_on_screen(b, "No run matches the filter.");
	bench_expect_on_screen(b, "C-g clears it, / changes it");
	bench_close(b);
}

static void sort_puts_the_best_first_then_turns_then_ends(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "runs.tree");
	bench_run(b, "runs.sort metrics.loss");
	expect(b, "sort", "metrics.loss:asc");
	bench_run(b, "list.top");
	expect(b, "run", "gbm-seed7");
	bench_run(b, "list.bottom");
	bench_run(b, "runs.sort metrics.val_auc:desc name:asc");
	expect(b, "sort", "metrics.val_auc:desc name:asc");
	bench_run(b, "list.top");
	expect(b, "run", "gbm-seed7");
	bench_expect_on_screen(b, "by val_auc ↓, name ↑");
	bench_run(b, "runs.sort none");
	expect(b, "sort", "none");
	for (int i = 0; i < 7; i++)
		bench_run(b, "list.right");
	expect(b, "column", "metrics.val_auc");
	bench_run(b, "runs.sort-column");
	expect(b, "sort", "metrics.val_auc:desc");
	bench_run(b, "runs.sort-column");
	expect(b, "sort", "metrics.val_auc:asc");
	bench_run(b, "runs.sort-column");
	expect(b, "sort", "none");
	bench_refused(b, "runs.sort nonsense.key", "no column \"nonsense.key\"; c lists them");
	bench_run(b, "runs.sort val_auc loss:min:desc");   /* keys alone, as on the command line */
	expect(b, "sort", "metrics.val_auc:desc metrics.loss:min:desc");
	bench_close(b);
}

static void each_experiment_keeps_its_cursor(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "list.bottom");
	bench_run(b, "runs.experiment digits-mlp");
	expect(b, "run", "mlp-0");
	bench_run(b, "list.down");
	bench_run(b, "runs.experiment churn-gbm");
	expect(b, "run", "gbm-baseline");
	bench_run(b, "runs.experiment digits-mlp");
	expect(b, "run", "mlp-1");
	bench_close(b);
}

static void several_experiments_are_shown_together(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "pane.prev");
	expect(b, "focus", "experiments");
	bench_run(b, "list.up");
	bench_refused(b, "runs.mark", "this row is all of them");
	bench_expect_on_screen(b, "Runs of all experiments · 19");
	bench_run(b, "list.down");
	bench_run(b, "runs.mark");                   /* one: as before, but it stays when the cursor goes on */
	expect(b, "rows", "16");
	bench_expect_on_screen(b, "Runs of churn-gbm · 16");
	bench_run(b, "runs.mark");
	expect(b, "rows", "19");
	expect(b, "selected", "churn-gbm");
	bench_expect_on_screen(b, "Runs of 2 experiments · 19");
	bench_expect_on_screen(b, "experiment");
	bench_run(b, "list.up");
	expect(b, "rows", "19");
	bench_run(b, "runs.mark");                   /* takes one out */
	bench_expect_on_screen(b, "Runs of digits-mlp · 3");
	bench_run(b, "runs.mark-clear");
	expect(b, "experiment", "digits-mlp");
	bench_run(b, "list.up");
	expect(b, "experiment", "churn-gbm");
	bench_run(b, "runs.mark");
	bench_run(b, "runs.mark");
	bench_run(b, "runs.experiment digits-mlp");
	expect(b, "rows", "3");
	bench_close(b);
}

static void folds_hide_a_subtree(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 6; i++)
		bench_run(b, "list.down");
	expect(b, "run", "trial-6");
	bench_run(b, "runs.fold");
	expect(b, "run", "sweep-7");
	expect(b, "rows", "6");
	bench_run(b, "list.down");
	expect(b, "run", "gbm-seed7");
	bench_refused(b, "runs.fold", "no runs inside");
	bench_run(b, "runs.fold-all");
	expect(b, "rows", "16");
	expect(b, "run", "gbm-seed7");
	bench_run(b, "runs.fold-all");
	expect(b, "rows", "6");
	bench_close(b);
}

static void a_filter_opens_what_is_folded(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "runs.fold-all");
	expect(b, "rows", "6");
	bench_run(b, "runs.filter name:trial-6");
	expect(b, "rows", "2");
	bench_expect_on_screen(b, "trial-6");
	bench_run(b, "runs.fold-all");                     /* folds of the filtered rows are their own */
	expect(b, "rows", "1");
	bench_run(b, "runs.filter name:trial-5");
	expect(b, "rows", "2");
	bench_run(b, "runs.filter-clear");
	expect(b, "rows", "6");
	bench_run(b, "runs.filter name:trial-6");
	bench_close(b);
}

static void deleted_runs_and_experiments_on_request(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_expect_gone(b, "first-tries");
	bench_run(b, "runs.deleted");
	bench_expect_on_screen(b, "first-tries");
	bench_run(b, "runs.experiment first-tries");
	expect(b, "rows", "1");
	bench_run(b, "runs.experiment all");
	expect(b, "rows", "20");
	bench_refused(b, "runs.experiment nobody", "no experiment");
	bench_close(b);
}

static void a_column_without_room_comes_into_sight(void **state)
{
	(void)state;
	struct bench *b = bench_open(80, 24, true, fx_fill);
	bench_expect_gone(b, " loss");
	struct err e = { 0 };
	assert_int_equal(ui_run_line(b->ui, "runs.column-add metrics.loss", &e), ST_OK);
	assert_string_equal(e.text, "loss had no room: < moves it left, z widens the table");
	bench_settle(b);
	expect(b, "column", "metrics.loss");
	bench_expect_on_screen(b, " loss");
	bench_refused(b, "runs.column-add metrics.loss", "loss is a column already");
	bench_close(b);
}

static void columns_are_kept_per_experiment(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "runs.column-add user");
	bench_run(b, "runs.column-add loss:min");
	bench_refused(b, "runs.column-add metrics.loss:min", "already");
	bench_refused(b, "runs.column-add user", "already");
	expect(b, "column", "metrics.loss:min");
	for (int i = 0; i < 10; i++)
		bench_run(b, "list.left");
	bench_run(b, "runs.column-right");
	expect(b, "column", "state");
	expect(b, "columns", "name age state took params.lr params.depth metrics.val_auc metrics.val_loss metrics.loss spark.val_loss user metrics.loss:min");
	bench_run(b, "runs.column-hide");
	bench_run(b, "runs.column-pin");
	bench_run(b, "runs.column-wider");
	const char *kept = "name age took params.lr params.depth metrics.val_auc metrics.val_loss metrics.loss spark.val_loss user metrics.loss:min";
	expect(b, "columns", kept);
	bench_run(b, "runs.experiment digits-mlp");
	expect(b, "columns", "name state age took params.solver metrics.loss spark.loss");
	bench_stop(b);
	bench_start(b, 120, 36, true);
	expect(b, "experiment", "digits-mlp");
	bench_run(b, "runs.experiment churn-gbm");
	expect(b, "columns", kept);
	bench_refused(b, "runs.column-left", "no column is chosen");
	bench_close(b);
}

static void fill_half_way(struct fixture *f)
{
	struct point p[240];
	for (int i = 0; i < 240; i++)
		p[i] = (struct point){ i, FIXTURE_NOW - (240 - i) * 1000, 1.0 / (i + 1) };
	fx_fill(f);
	fx_run(f, 70, 1, "half-way", 1, 240, -1, NULL);
	fx_item(f, 1, 70, "max_steps", "480");
	fx_points(f, 70, "loss", p, 240);
}

static void a_run_with_a_plan_says_how_far_it_is(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fill_half_way);
	bench_expect_on_screen(b, "● 50 %      4m  ≈3m left");
	bench_expect_on_screen(b, "● running   4m        4m");          /* gbm-live states no plan */
	bench_run(b, "list.down");
	expect(b, "run", "half-way");
	bench_expect_on_screen(b, "● running, 50 %, ≈3m left");
	clock_set_wall_ms(FIXTURE_NOW + 3600000);    /* long silent: what is left cannot be told any more */
	bench_run(b, "redraw");
	bench_expect_on_screen(b, "● 50 %      1h        1h");
	bench_close(b);
}

/* ---- live ------------------------------------------------------------------------------------------------------ */

static void add_a_run(struct fixture *f)
{
	fx_run(f, 70, 1, "gbm-new", 1, 0, -1, NULL);
	fx_trained(f, 70, 0, 0.2, 3, 0.95, false, true);
}

static void a_run_that_arrives_moves_nothing(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 4; i++)
		bench_run(b, "list.down");
	expect(b, "run", "trial-8");
	bench_change(b, add_a_run);
	expect(b, "rows", "17");
	expect(b, "run", "trial-8");
	expect(b, "cursor", "5");
	bench_expect_on_screen(b, "gbm-new");
	bench_close(b);
}

static void points_that_arrive_reach_table_detail_and_chart(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "list.down");
	expect(b, "run", "gbm-live");
	bench_run(b, "chart.metric loss");
	assert_non_null(strstr(bench_model(b, "curve"), "gbm-live · loss · 602 points"));
	bench_change(b, more_points);
	assert_non_null(strstr(bench_model(b, "curve"), "gbm-live · loss · 642 points · last 0.05"));
	/* The axis of a live run grows in jumps. */
	expect(b, "window", "0 to 800, fitted");
	bench_close(b);
}

static void a_jump(struct fixture *f)
{
	struct point p[100];
	for (int i = 0; i < 100; i++)
		p[i] = (struct point){ 602 + i, FIXTURE_NOW - 240000 + (602 + i) * 120, 40 };
	size_t added;
	struct err e = { 0 };
	assert_int_equal(series_append(f->s, 30, fx_name(f, "loss"), p, 100, true, &added, &e), ST_OK);
}

/* A jump from below 3 to 40 after step 601: ADWIN asks every 32 values, so it sees it between 602 and 701. */
static void changes_are_marked_as_points_arrive(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	bench_run(b, "list.down");
	bench_run(b, "chart.metric loss");
	assert_null(strstr(bench_screen(b), "ADWIN"));
	bench_run(b, "runs.drift");
	assert_null(strstr(bench_model(b, "changes"), "at step 6"));
	bench_change(b, a_jump);
	assert_non_null(strstr(bench_model(b, "changes"), "ADWIN at step 6"));
	bench_run(b, "runs.drift");
	assert_null(strstr(bench_screen(b), "ADWIN"));
	bench_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens_at_four_sizes), cmocka_unit_test(screen_in_ascii), cmocka_unit_test(nothing_to_show_says_what_to_do),
		cmocka_unit_test(foreign_text_is_cleaned), cmocka_unit_test(starts_at_the_newest_work), cmocka_unit_test(list_commands_move_and_hold_at_the_ends),
		cmocka_unit_test(filter_keeps_parents_marks_and_cursor), cmocka_unit_test(filter_follows_the_typing_and_escape_goes_back),
		cmocka_unit_test(sort_puts_the_best_first_then_turns_then_ends), cmocka_unit_test(each_experiment_keeps_its_cursor),
		cmocka_unit_test(several_experiments_are_shown_together), cmocka_unit_test(folds_hide_a_subtree), cmocka_unit_test(a_filter_opens_what_is_folded), cmocka_unit_test(deleted_runs_and_experiments_on_request),
		cmocka_unit_test(a_column_without_room_comes_into_sight), cmocka_unit_test(columns_are_kept_per_experiment), cmocka_unit_test(a_run_with_a_plan_says_how_far_it_is), cmocka_unit_test(a_run_that_arrives_moves_nothing),
		cmocka_unit_test(points_that_arrive_reach_table_detail_and_chart), cmocka_unit_test(changes_are_marked_as_points_arrive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
