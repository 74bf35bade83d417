/* The Runs view, driven through the workbench on a terminal that only keeps its cells.
 *
 * Screens are compared with tests/data/screens/runs-*.txt; MLYARD_WRITE_SCREENS=1 writes them anew, for looking at the difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/notice.h"
#include "tests/unit/runs_fixture.h"
#include "views/ui.h"

struct bench { struct fixture fx; struct workspace ws; struct loop *loop; struct tasks *tasks; struct term *term; struct ui *ui; struct str text; };

static void drained(void *arg, int fd, short revents)
{
	(void)fd, (void)revents;
	tasks_drain(((struct bench *)arg)->tasks);
}

static void paint(void *arg)
{
	ui_paint(((struct bench *)arg)->ui);
}

static void settle(struct bench *b)
{
	do
		loop_turn(b->loop, tasks_idle(b->tasks) ? 0 : 1000);
	while (!ui_idle(b->ui));
}

static void start(struct bench *b, int w, int h, bool utf8)
{
	static char title[] = "test";
	struct err e = { 0 };
	setenv("HOME", b->fx.dir, 1);
	unsetenv("XDG_CONFIG_HOME");
	clock_set_wall_ms(FIXTURE_NOW);
	b->ws = (struct workspace){ .pool = b->fx.pool, .title = title };
	b->loop = loop_new();
	b->tasks = tasks_new(2, 1);
	b->term = term_open_null(w, h, DEPTH_256, utf8);
	loop_watch(b->loop, tasks_fd(b->tasks), POLLIN, drained, b);
	b->ui = ui_new(&(struct ui_spec){ .ws = &b->ws, .loop = b->loop, .tasks = b->tasks, .term = b->term }, &e);
	if (!b->ui)
		fail_msg("%s", e.text);
	loop_before_sleep(b->loop, paint, b);
	settle(b);
}

static void stop(struct bench *b)
{
	ui_free(b->ui);
	tasks_free(b->tasks);
	term_close(b->term);
	loop_free(b->loop);
}

static struct bench *bench_open(int w, int h, bool utf8, void (*fill)(struct fixture *))
{
	struct bench *b = mem_zalloc(sizeof *b);
	str_init(&b->text);
	fx_open(&b->fx);
	if (fill)
		fill(&b->fx);
	fx_commit(&b->fx);
	start(b, w, h, utf8);
	return b;
}

static void bench_close(struct bench *b)
{
	stop(b);
	fx_close(&b->fx);
	clock_set_wall_ms(-1);
	str_free(&b->text);
	free(b);
}

/* A command that must succeed. */
static void run(struct bench *b, const char *line)
{
	struct err e = { 0 };
	if (ui_run_line(b->ui, line, &e) != ST_OK)
		fail_msg("%s: %s", line, e.text);
	settle(b);
}

static void refused(struct bench *b, const char *line, const char *words)
{
	struct err e = { 0 };
	if (ui_run_line(b->ui, line, &e) == ST_OK)
		fail_msg("%s succeeded", line);
	if (!strstr(e.text, words))
		fail_msg("%s: \"%s\" lacks \"%s\"", line, e.text, words);
	settle(b);
}

static void keys(struct bench *b, const char *names)
{
	while (*names) {
		size_t n = strcspn(names, " ");
		struct event ev = { .type = EV_KEY };
		assert_true(key_parse(names, n, &ev.key));
		ui_event(b->ui, &ev);
		names += n + strspn(names + n, " ");
	}
	settle(b);
}

static void mouse(struct bench *b, enum mouse_kind kind, int x, int y)
{
	ui_event(b->ui, &(struct event){ .type = EV_MOUSE, .mouse = kind, .button = 1, .x = x, .y = y });
	settle(b);
}

static void click(struct bench *b, int x, int y)
{
	mouse(b, MOUSE_PRESS, x, y);
	mouse(b, MOUSE_RELEASE, x, y);
}

static const char *screen(struct bench *b)
{
	str_clear(&b->text);
	surface_dump(ui_surface(b->ui), &b->text);
	return b->text.p;
}

/* The rest of the model's line "key: ...", in b->text. */
static const char *model(struct bench *b, const char *key)
{
	char start_of[64];
	str_clear(&b->text);
	str_addc(&b->text, '\n');
	ui_model(b->ui, &b->text);
	snprintf(start_of, sizeof start_of, "\n%s: ", key);
	char *at = strstr(b->text.p, start_of);
	if (!at)
		fail_msg("the model lacks %s in%s", key, b->text.p);
	at += strlen(start_of);
	at[strcspn(at, "\n")] = '\0';
	return at;
}

#define expect(b, key, value) assert_string_equal(model((b), (key)), (value))

static void expect_on_screen(struct bench *b, const char *words)
{
	if (!strstr(screen(b), words))
		fail_msg("\"%s\" is not on\n%s", words, b->text.p);
}

static void expect_gone(struct bench *b, const char *words)
{
	if (strstr(screen(b), words))
		fail_msg("\"%s\" is on\n%s", words, b->text.p);
}

/* ---- screens ----------------------------------------------------------------------------------------- */

static void compare_screen(struct bench *b, const char *name)
{
	const char *dir = getenv("srcdir");
	char path[512];
	struct str want = STR_INIT;
	struct err e = { 0 };
	snprintf(path, sizeof path, "%s/tests/data/screens/runs-%s.txt", dir ? dir : ".", name);
	screen(b);
	if (getenv("MLYARD_WRITE_SCREENS")) {
		assert_int_equal(fs_replace(path, b->text.p, b->text.len, &e), ST_OK);
		return;
	}
	if (fs_read(path, 1 << 20, &want, &e) != ST_OK)
		fail_msg("%s", e.text);
	if (strcmp(want.p, b->text.p))
		fail_msg("%s: the screen is\n%s\nit was\n%s", path, b->text.p, want.p);
	str_free(&want);
}

static void screens_at_four_sizes(void **state)
{
	static const struct { int w, h; const char *name; } at[] = { { 120, 36, "120x36" }, { 80, 24, "80x24" }, { 200, 50, "200x50" }, { 40, 12, "40x12" } };
	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		struct bench *b = bench_open(at[i].w, at[i].h, true, fx_fill);
		run(b, "list.down");
		run(b, "list.down");
		run(b, "list.down");
		run(b, "runs.mark");
		run(b, "runs.mark");
		compare_screen(b, at[i].name);
		bench_close(b);
	}
}

static void screen_in_ascii(void **state)
{
	(void)state;
	struct bench *b = bench_open(100, 30, false, fx_fill);
	run(b, "list.down");
	compare_screen(b, "ascii");
	bench_close(b);
}

static void nothing_to_show_says_what_to_do(void **state)
{
	(void)state;
	struct bench *b = bench_open(100, 24, true, NULL);
	expect_on_screen(b, "No runs in this workspace yet.");
	expect_on_screen(b, "mlyard import");
	refused(b, "runs.mark", "no run under the cursor");
	refused(b, "runs.mark-clear", "no run is marked");
	notice_post("t", NOTICE_BAD, NULL, "notes.db: not a SQLite database; mlyard imports MLflow databases (mlflow.db) and mlruns folders");
	run(b, "redraw");
	expect_on_screen(b, "notes.db: not a SQLite database; mlyard imports");
	expect_on_screen(b, "mlruns folders");
	expect_on_screen(b, "No runs in this workspace yet.");
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
	start(b, 120, 36, true);
	run(b, "runs.open");
	for (const char *p = screen(b); *p; p++)
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
	run(b, "list.up");
	expect(b, "cursor", "0");
	run(b, "list.bottom");
	expect(b, "cursor", "15");
	run(b, "list.down");
	expect(b, "run", "gbm-baseline");
	run(b, "list.top");
	run(b, "list.half-down");
	run(b, "list.page-up");
	expect(b, "cursor", "0");
	run(b, "list.right");
	expect(b, "column", "name");
	run(b, "list.left");
	expect(b, "column", "none");
	bench_close(b);
}

static void filter_keeps_parents_marks_and_cursor(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 5; i++)
		run(b, "list.down");
	expect(b, "run", "trial-7");
	run(b, "runs.mark");
	run(b, "list.up");
	run(b, "runs.filter metrics.val_auc>0.92 name:trial");
	expect(b, "matched", "6");
	expect(b, "rows", "7");                      /* with their parent */
	expect(b, "run", "trial-7");
	expect(b, "marks", "1 trial-7");
	expect_on_screen(b, "6 of 16 · metrics.val_auc>0.92 name:trial · 1 marked");
	run(b, "list.top");
	expect(b, "run", "sweep-7");
	run(b, "runs.next-match");
	expect(b, "run", "trial-9");
	run(b, "runs.prev-match");
	expect(b, "run", "trial-4");
	run(b, "runs.filter name:baseline");
	expect(b, "marks", "1 (hidden)");
	run(b, "runs.filter-clear");
	expect(b, "rows", "16");
	expect(b, "marks", "1 trial-7");
	refused(b, "runs.filter-clear", "no filter is set");
	bench_close(b);
}

static void filter_follows_the_typing_and_escape_goes_back(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "runs.filter");
	keys(b, "s e e d 7");
	expect(b, "rows", "1");
	expect_on_screen(b, "gbm-seed7");
	keys(b, "Esc");
	expect(b, "filter", "");
	expect(b, "rows", "16");
	run(b, "runs.filter");
	keys(b, "l i v e Enter");
	expect(b, "filter", "live");
	expect(b, "rows", "1");
	run(b, "runs.filter nothing-like-this");
	expect_on_screen(b, "No run matches the filter.");
	expect_on_screen(b, "C-g clears it, / changes it");
	bench_close(b);
}

static void sort_puts_the_best_first_then_turns_then_ends(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "runs.tree");
	run(b, "runs.sort metrics.loss");
	expect(b, "sort", "metrics.loss:asc");
	run(b, "list.top");
	expect(b, "run", "gbm-seed7");
	run(b, "list.bottom");
	run(b, "runs.sort metrics.val_auc:desc name:asc");
	expect(b, "sort", "metrics.val_auc:desc name:asc");
	run(b, "list.top");
	expect(b, "run", "gbm-seed7");
	expect_on_screen(b, "by val_auc ↓, name ↑");
	run(b, "runs.sort none");
	expect(b, "sort", "none");
	for (int i = 0; i < 7; i++)
		run(b, "list.right");
	expect(b, "column", "metrics.val_auc");
	run(b, "runs.sort-column");
	expect(b, "sort", "metrics.val_auc:desc");
	run(b, "runs.sort-column");
	expect(b, "sort", "metrics.val_auc:asc");
	run(b, "runs.sort-column");
	expect(b, "sort", "none");
	refused(b, "runs.sort nonsense.key", "no column \"nonsense.key\"; c lists them");
	run(b, "runs.sort val_auc loss:min:desc");   /* keys alone, as on the command line */
	expect(b, "sort", "metrics.val_auc:desc metrics.loss:min:desc");
	bench_close(b);
}

static void each_experiment_keeps_its_cursor(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "list.bottom");
	run(b, "runs.experiment digits-mlp");
	expect(b, "run", "mlp-0");
	run(b, "list.down");
	run(b, "runs.experiment churn-gbm");
	expect(b, "run", "gbm-baseline");
	run(b, "runs.experiment digits-mlp");
	expect(b, "run", "mlp-1");
	bench_close(b);
}

static void folds_hide_a_subtree(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 6; i++)
		run(b, "list.down");
	expect(b, "run", "trial-6");
	run(b, "runs.fold");
	expect(b, "run", "sweep-7");
	expect(b, "rows", "6");
	run(b, "list.down");
	expect(b, "run", "gbm-seed7");
	refused(b, "runs.fold", "no runs inside");
	run(b, "runs.fold-all");
	expect(b, "rows", "16");
	expect(b, "run", "gbm-seed7");
	run(b, "runs.fold-all");
	expect(b, "rows", "6");
	bench_close(b);
}

static void a_filter_opens_what_is_folded(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "runs.fold-all");
	expect(b, "rows", "6");
	run(b, "runs.filter name:trial-6");
	expect(b, "rows", "2");
	expect_on_screen(b, "trial-6");
	run(b, "runs.fold-all");                     /* folds of the filtered rows are their own */
	expect(b, "rows", "1");
	run(b, "runs.filter name:trial-5");
	expect(b, "rows", "2");
	run(b, "runs.filter-clear");
	expect(b, "rows", "6");
	run(b, "runs.filter name:trial-6");
	bench_close(b);
}

static void deleted_runs_and_experiments_on_request(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	expect_gone(b, "first-tries");
	run(b, "runs.deleted");
	expect_on_screen(b, "first-tries");
	run(b, "runs.experiment first-tries");
	expect(b, "rows", "1");
	run(b, "runs.experiment all");
	expect(b, "rows", "20");
	refused(b, "runs.experiment nobody", "no experiment");
	bench_close(b);
}

static void columns_are_kept_per_experiment(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "runs.column-add user");
	run(b, "runs.column-add loss:min");
	refused(b, "runs.column-add metrics.loss:min", "already");
	refused(b, "runs.column-add user", "already");
	expect(b, "column", "metrics.loss:min");
	for (int i = 0; i < 10; i++)
		run(b, "list.left");
	run(b, "runs.column-right");
	expect(b, "column", "state");
	expect(b, "columns", "name age state took params.lr params.depth metrics.val_auc metrics.val_loss metrics.loss spark.val_loss user metrics.loss:min");
	run(b, "runs.column-hide");
	run(b, "runs.column-pin");
	run(b, "runs.column-wider");
	const char *kept = "name age took params.lr params.depth metrics.val_auc metrics.val_loss metrics.loss spark.val_loss user metrics.loss:min";
	expect(b, "columns", kept);
	run(b, "runs.experiment digits-mlp");
	expect(b, "columns", "name state age took params.solver metrics.loss spark.loss");
	stop(b);
	start(b, 120, 36, true);
	expect(b, "experiment", "digits-mlp");
	run(b, "runs.experiment churn-gbm");
	expect(b, "columns", kept);
	refused(b, "runs.column-left", "no column is chosen");
	bench_close(b);
}

/* ---- live ------------------------------------------------------------------------------------------------------ */

static void change(struct bench *b, void (*fn)(struct fixture *))
{
	struct err e = { 0 };
	b->fx.s = store_get(b->fx.pool, &e);
	assert_int_equal(store_begin(b->fx.s, &e), ST_OK);
	fn(&b->fx);
	fx_commit(&b->fx);
	ui_changed(b->ui, TOPIC_RUNS | TOPIC_METRICS);
	settle(b);
}

static void add_a_run(struct fixture *f)
{
	fx_run(f, 70, 1, "gbm-new", 1, 0, -1, NULL);
	fx_trained(f, 70, 0, 0.2, 3, 0.95, false, true);
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

static void a_run_that_arrives_moves_nothing(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 4; i++)
		run(b, "list.down");
	expect(b, "run", "trial-8");
	change(b, add_a_run);
	expect(b, "rows", "17");
	expect(b, "run", "trial-8");
	expect(b, "cursor", "5");
	expect_on_screen(b, "gbm-new");
	bench_close(b);
}

static void points_that_arrive_reach_table_detail_and_chart(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "list.down");
	expect(b, "run", "gbm-live");
	run(b, "chart.metric loss");
	assert_non_null(strstr(model(b, "curve"), "gbm-live · loss · 602 points"));
	change(b, more_points);
	assert_non_null(strstr(model(b, "curve"), "gbm-live · loss · 642 points · last 0.05"));
	/* The axis of a live run grows in jumps. */
	expect(b, "window", "0 to 800, fitted");
	bench_close(b);
}

/* ---- charts ------------------------------------------------------------------------------------------------------- */

static void marked_runs_are_drawn_else_the_one_under_the_cursor(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 4; i++)
		run(b, "list.down");
	assert_non_null(strstr(model(b, "curve"), "trial-8 · val_loss · 61 points"));
	run(b, "runs.mark");
	run(b, "list.down");
	run(b, "runs.mark");
	expect(b, "marks", "2 trial-8 trial-6");
	expect_on_screen(b, "val_loss · 2 runs · by step");
	run(b, "runs.mark-clear");
	assert_non_null(strstr(model(b, "curve"), "trial-5"));
	run(b, "runs.mark-invert");
	expect_on_screen(b, "16 marked");
	bench_close(b);
}

static void crosshair_reads_exact_values(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	for (int i = 0; i < 4; i++)
		run(b, "list.down");
	run(b, "chart.metric loss");
	run(b, "chart.end");
	expect(b, "crosshair", "601");
	double t = 601.0 / 602, want = 0.166 + (0.9 - 0.166) * exp(-5 * t) * (1 + 0.1 * sin(601 * 0.7 + 19));
	const char *at = strstr(model(b, "curve"), "at crosshair ");
	assert_non_null(at);
	assert_true(fabs(strtod(at + 13, NULL) - want) < 1e-9);
	run(b, "chart.left");
	assert_true(strtod(model(b, "crosshair"), NULL) < 601);
	run(b, "chart.start");
	assert_true(strtod(model(b, "crosshair"), NULL) < 10);
	run(b, "cancel");
	screen(b);
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
		run(b, "list.down");
	run(b, "chart.metric loss");
	refused(b, "chart.pan-left", "all points are in sight");
	run(b, "chart.zoom-in");
	expect(b, "window", "150.25 to 450.75");
	run(b, "chart.pan-right");
	expect(b, "window", "225.375 to 525.875");
	run(b, "chart.pan-right");
	run(b, "chart.pan-right");
	expect(b, "window", "300.5 to 601");
	run(b, "chart.zoom-out");
	expect(b, "window", "0 to 601, fitted");
	for (int i = 0; i < 8; i++)
		run(b, "chart.zoom-in");
	refused(b, "chart.zoom-in", "nothing between");
	run(b, "chart.zoom-fit");
	expect(b, "window", "0 to 601, fitted");
	run(b, "chart.axis relative");
	expect(b, "window", "0 to 72120, fitted");
	run(b, "chart.axis wall");
	refused(b, "chart.log-x", "no logarithm");
	run(b, "chart.axis");
	expect(b, "axis", "step");
	run(b, "chart.log-x");
	run(b, "chart.log-y");
	expect(b, "log", "xy");
	bench_close(b);
}

static void smoothing_is_said_and_kept(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "list.down");
	run(b, "chart.smooth-more");
	run(b, "chart.smooth-more");
	expect(b, "smooth", "0.6");
	expect_on_screen(b, "smoothed 0.6, raw dim");
	stop(b);
	start(b, 120, 36, true);
	expect(b, "smooth", "0.6");
	run(b, "chart.smooth-less");
	run(b, "chart.smooth-less");
	refused(b, "chart.smooth-less", "nothing is smoothed");
	bench_close(b);
}

static void a_large_screen_has_more_charts(void **state)
{
	(void)state;
	struct bench *b = bench_open(200, 50, true, fx_fill);
	run(b, "list.down");
	expect(b, "charts", "2");
	run(b, "chart.grid");
	expect(b, "charts", "1");
	run(b, "chart.metric-next");
	expect(b, "metrics", "loss");
	run(b, "chart.metric-next");
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
		run(b, "pane.next");
		expect(b, "focus", order[i]);
	}
	run(b, "pane.prev");
	expect(b, "focus", "experiments");
	run(b, "pane.zoom");
	expect(b, "zoom", "experiments");
	expect_gone(b, "Runs of");
	run(b, "cancel");
	run(b, "pane.toggle detail");
	expect_gone(b, "in 14m32s,");
	run(b, "pane.toggle detail");
	expect(b, "focus", "detail");
	refused(b, "pane.toggle table", "no pane of that name");
	bench_close(b);
}

static void small_screens_open_drawers(void **state)
{
	(void)state;
	struct bench *b = bench_open(80, 24, true, fx_fill);
	expect_gone(b, "digits-mlp");
	run(b, "pane.toggle experiments");
	expect(b, "drawer", "experiments");
	expect_on_screen(b, "digits-mlp");
	run(b, "list.down");
	expect(b, "experiment", "digits-mlp");
	run(b, "runs.open");
	expect(b, "drawer", "none");
	expect(b, "focus", "table");
	run(b, "runs.open");
	expect(b, "drawer", "detail");
	expect_on_screen(b, "solver");
	run(b, "cancel");
	expect(b, "drawer", "none");
	bench_close(b);
}

static void layout_is_kept(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "pane.grow");
	run(b, "pane.grow");
	struct str before = STR_INIT;
	str_add(&before, screen(b));
	stop(b);
	start(b, 120, 36, true);
	assert_string_equal(screen(b), before.p);
	str_free(&before);
	bench_close(b);
}

static void the_detail_cursor_steps_over_blank_lines(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "list.down");
	run(b, "list.down");
	run(b, "runs.open");
	run(b, "pane.zoom");
	for (int i = 0; i < 30; i++) {
		const char *bar = strstr(screen(b), "\n▌");
		assert_non_null(bar);
		bar += strlen("\n▌");
		assert_int_not_equal(bar[strspn(bar, " ")], '\n');
		run(b, i < 15 ? "list.down" : "list.up");
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
	run(b, "list.down");
	expect(b, "metrics", "reward");
	run(b, "list.down");
	expect(b, "run", "gbm-queued");
	expect_on_screen(b, "No metric of this run has more than one point.");
	run(b, "list.down");
	expect(b, "metrics", "val_loss");
	run(b, "chart.metric loss");                 /* who chooses one keeps it */
	run(b, "list.up");
	run(b, "list.up");
	expect(b, "run", "other");
	expect(b, "metrics", "loss");
	bench_close(b);
}

static void detail_finds_and_opens(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	run(b, "list.down");
	run(b, "list.down");
	run(b, "runs.open");
	expect(b, "focus", "detail");
	expect_on_screen(b, "Learning rate against");
	run(b, "detail.find train.py");
	run(b, "detail.open");
	expect(b, "layer", "text");
	keys(b, "Esc");
	run(b, "detail.find nowhere-to-be-found");
	expect_on_screen(b, "is not in this run");
	refused(b, "runs.next-match", "is not in this run");
	run(b, "detail.next-section");
	run(b, "detail.next-section back");
	bench_close(b);
}

/* Column of the first line between panes in a row (blank to its left). */
static int border_at(struct bench *b, int y)
{
	const char *row = screen(b);
	for (int i = 0; i < y; i++)
		row = strchr(row, '\n') + 1;
	return (int)strspn(row, " ");
}

static void mouse_selects_sorts_scrolls_and_drags(void **state)
{
	(void)state;
	struct bench *b = bench_open(120, 36, true, fx_fill);
	click(b, 40, 6);
	expect(b, "run", "trial-9");
	click(b, 5, 4);
	expect(b, "experiment", "digits-mlp");
	expect(b, "focus", "experiments");
	click(b, 5, 3);
	char *line = NULL;
	for (const char *p = screen(b); *p && !line; p = strchr(p, '\n') + 1)
		if (strstr(p, "val_auc") && strcspn(p, "\n") > (size_t)(strstr(p, "val_auc") - p))
			line = mem_strndup(p, strcspn(p, "\n"));
	assert_non_null(line);
	int x = 0;
	for (const char *p = line; p < strstr(line, "val_auc"); p++)
		x += (*p & 0xc0) != 0x80;
	free(line);
	click(b, x + 2, 2);
	expect(b, "sort", "metrics.val_auc:desc");
	mouse(b, MOUSE_WHEEL_DOWN, 60, 8);
	int border = border_at(b, 10);
	mouse(b, MOUSE_PRESS, border, 10);
	mouse(b, MOUSE_DRAG, border + 13, 10);
	mouse(b, MOUSE_RELEASE, border + 13, 10);
	assert_int_equal(border_at(b, 10), border + 13);
	bench_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens_at_four_sizes), cmocka_unit_test(screen_in_ascii), cmocka_unit_test(nothing_to_show_says_what_to_do),
		cmocka_unit_test(foreign_text_is_cleaned), cmocka_unit_test(starts_at_the_newest_work), cmocka_unit_test(list_commands_move_and_hold_at_the_ends),
		cmocka_unit_test(filter_keeps_parents_marks_and_cursor), cmocka_unit_test(filter_follows_the_typing_and_escape_goes_back),
		cmocka_unit_test(sort_puts_the_best_first_then_turns_then_ends), cmocka_unit_test(each_experiment_keeps_its_cursor), cmocka_unit_test(folds_hide_a_subtree), cmocka_unit_test(a_filter_opens_what_is_folded),
		cmocka_unit_test(deleted_runs_and_experiments_on_request), cmocka_unit_test(columns_are_kept_per_experiment),
		cmocka_unit_test(a_run_that_arrives_moves_nothing), cmocka_unit_test(points_that_arrive_reach_table_detail_and_chart),
		cmocka_unit_test(marked_runs_are_drawn_else_the_one_under_the_cursor), cmocka_unit_test(crosshair_reads_exact_values),
		cmocka_unit_test(zoom_and_pan_stay_inside_the_data), cmocka_unit_test(smoothing_is_said_and_kept),
		cmocka_unit_test(a_large_screen_has_more_charts), cmocka_unit_test(panes_cycle_zoom_and_fold), cmocka_unit_test(small_screens_open_drawers),
		cmocka_unit_test(layout_is_kept), cmocka_unit_test(detail_finds_and_opens), cmocka_unit_test(the_detail_cursor_steps_over_blank_lines),
		cmocka_unit_test(a_metric_is_drawn_that_the_run_has), cmocka_unit_test(mouse_selects_sorts_scrolls_and_drags),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
