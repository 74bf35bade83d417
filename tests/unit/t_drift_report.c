/* The report page of the Drift view, over a series of reports that drift more from window to window, one of a thousand columns, and files of Evidently. */
#include "tests/unit/runs_bench.h"
#include "tests/unit/verdict_help.h"

#include <math.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/drift/export.h"
#include "core/drift/import_evidently.h"
#include "core/drift/report.h"
#include "core/registry/decide.h"
#include "core/registry/mlmodel.h"

enum { WINDOWS = 6, REF_ROWS = 2000, CUR_ROWS = 600, DAY_MS = 86400000, MANY = 1000 };
static const char *const plans[] = { "monthly", "yearly", "flex" };

/* The series: tenure moves left by 0.12 sd a window, plans lose the yearly ones and gain flex in the last, income loses values, the rest stay. */
static void fill_table(struct table *t, size_t rows, int window, uint64_t seed)
{
	const double shift = 0.12 * window, shares[] = { 0.6 + 0.05 * window, 0.4 - 0.05 * window - (window == WINDOWS ? 0.08 : 0), window == WINDOWS ? 0.08 : 0 };
	table_init(t, rows, seed);
	table_normals(t, "tenure", 30 - 9 * shift, 9);
	table_labels(t, "plan", 3, plans, shares);
	struct frame_col *income = table_normals(t, "income", 2500, 300);
	column_lose(t, income, 0.01 + 0.01 * window);
	table_normals(t, "age", 44, 12);
	table_normals(t, "distance", 0, 1);
	table_labels(t, "channel", 2, plans, (const double[]){ 0.5, 0.5 });
}

static void save(struct bench *b, struct report *r, int64_t *id)
{
	struct err e = { 0 };
	struct store *s = store_get(b->fx.pool, &e);
	assert_non_null(s);
	if (report_save(s, r, id, &e) != ST_OK)
		fail_msg("%s", e.text);
	store_put(b->fx.pool, s);
	report_free(r);
}

static int64_t save_window(struct bench *b, const struct table *ref, int window)
{
	struct table cur;
	int64_t id = 0;
	fill_table(&cur, CUR_ROWS, window, 100 + (uint64_t)window);
	struct report *r = compare_tables(ref, &cur, &(struct drift_options){ .name = "churn", .threads = 1 });
	r->ms = FIXTURE_NOW - (int64_t)(WINDOWS - window) * DAY_MS;
	r->current = "today.csv", r->reference = "ref.csv";
	save(b, r, &id);
	table_done(&cur);
	return id;
}

static struct bench *open_series(int w, int h, bool utf8, int64_t ids[WINDOWS])
{
	struct bench *b = bench_open(w, h, utf8, NULL);
	struct table ref;
	fill_table(&ref, REF_ROWS, 0, 7);
	for (int i = 0; i < WINDOWS; i++)
		ids[i] = save_window(b, &ref, i + 1);
	table_done(&ref);
	ui_changed(b->ui, TOPIC_DRIFT);
	bench_settle(b);
	bench_keys(b, "3");
	bench_run(b, "drift.report");
	return b;
}

static void expect_number(struct bench *b, const char *key, int64_t n)
{
	char text[32];
	snprintf(text, sizeof text, "%lld", (long long)n);
	expect(b, key, text);
}

/* ---- what is on the screen --------------------------------------------------------------------------------- */

static void screen_at_size(int w, int h, bool utf8, const char *keys, const char *name)
{
	int64_t ids[WINDOWS];
	struct bench *b = open_series(w, h, utf8, ids);
	bench_keys(b, keys);
	bench_compare_file(b, "drift-report", name);
	bench_close(b);
}

static void screens(void **state)
{
	(void)state;
	screen_at_size(80, 24, true, "Down", "80x24");
	screen_at_size(120, 36, true, "Down", "120x36");
	screen_at_size(200, 50, true, "Down", "200x50");
	screen_at_size(120, 36, false, "Down", "ascii");
	screen_at_size(80, 24, true, "Down Enter e", "feature-80x24");
	screen_at_size(120, 36, true, "Tab", "quality-120x36");
	screen_at_size(120, 36, true, "S-Tab", "about-120x36");
	screen_at_size(40, 12, true, "", "40x12");
}

static void the_list_ranks_by_severity_and_says_why(void **state)
{
	(void)state;
	int64_t ids[WINDOWS];
	struct bench *b = open_series(160, 40, true, ids);
	expect(b, "page", "report");
	expect(b, "verdict", "drifted");
	expect_number(b, "shown", ids[WINDOWS - 1]);
	expect(b, "rows", "6");
	bench_expect_on_screen(b, "churn · window");
	bench_expect_on_screen(b, "6 of 6");
	bench_expect_on_screen(b, "found at 5 % false discoveries");
	bench_run(b, "report.column plan");
	expect(b, "feature", "plan drifted");
	bench_expect_on_screen(b, "flex");
	bench_expect_on_screen(b, "new");
	bench_run(b, "report.column tenure");
	bench_expect_on_screen(b, "median");
	bench_expect_on_screen(b, "Kolmogorov-Smirnov *");
	bench_refused(b, "report.column nobody", "no column \"nobody\"");
	bench_close(b);
}

/* ---- windows ---------------------------------------------------------------------------------------------------- */

static void windows_are_walked_from_memory_and_keep_what_was_chosen(void **state)
{
	(void)state;
	int64_t ids[WINDOWS];
	struct bench *b = open_series(120, 36, true, ids);
	bench_run(b, "report.column tenure");
	bench_run(b, "report.ecdf");
	bench_run(b, "list.left");
	expect_number(b, "shown", ids[WINDOWS - 2]);
	expect(b, "feature", "tenure drifted");
	expect(b, "picture", "ecdf");
	bench_expect_on_screen(b, "5 of 6");
	char before[24];
	snprintf(before, sizeof before, " %lld", (long long)ids[WINDOWS - 3]);
	assert_non_null(strstr(bench_model(b, "kept"), before));             /* the next one back has been read already */
	for (int i = WINDOWS - 3; i >= 0; i--) {
		bench_run(b, "list.left");
		expect_number(b, "shown", ids[i]);
	}
	expect(b, "feature", "tenure unchanged");
	bench_run(b, "list.left");                                            /* nothing before it */
	expect_number(b, "shown", ids[0]);
	bench_run(b, "list.right");
	expect_number(b, "shown", ids[1]);
	bench_close(b);
}

/* The neighbour is drawn by the step itself: nothing is waited for. */
static void a_step_paints_the_neighbour_at_once(void **state)
{
	(void)state;
	int64_t ids[WINDOWS];
	struct bench *b = open_series(120, 36, true, ids);
	struct event ev = { .type = EV_KEY };
	assert_true(key_parse("Left", 4, &ev.key));
	ui_event(b->ui, &ev);
	ui_paint(b->ui);
	expect_number(b, "shown", ids[WINDOWS - 2]);
	bench_expect_on_screen(b, "5 of 6");
	bench_settle(b);
	bench_close(b);
}

/* ---- the list ------------------------------------------------------------------------------------------------------- */

static void order_and_filter(void **state)
{
	(void)state;
	int64_t ids[WINDOWS];
	struct bench *b = open_series(120, 36, true, ids);
	bench_run(b, "report.column plan");
	bench_run(b, "report.sort name");
	expect(b, "order", "name");
	expect(b, "feature", "plan drifted");                                 /* the cursor stays on its column */
	bench_run(b, "list.top");
	expect(b, "feature", "age unchanged");
	bench_run(b, "report.sort position");
	bench_run(b, "list.top");
	expect(b, "feature", "tenure drifted");
	bench_refused(b, "report.sort backwards", "is no order");
	bench_run(b, "drift.filter an");
	expect(b, "rows", "3");                                               /* plan, distance, channel */
	bench_run(b, "report.only");
	expect(b, "rows", "1");
	bench_run(b, "drift.filter nothing-like-it");
	expect(b, "rows", "0");
	bench_expect_on_screen(b, "no column has these letters");
	bench_run(b, "cancel");
	bench_run(b, "report.only");
	expect(b, "rows", "6");
	bench_close(b);
}

static void pictures_and_tabs(void **state)
{
	(void)state;
	int64_t ids[WINDOWS];
	struct bench *b = open_series(120, 36, true, ids);
	bench_run(b, "report.column tenure");
	bench_expect_on_screen(b, "reference 2,000 rows");
	bench_run(b, "report.ecdf");
	bench_expect_on_screen(b, "largest gap about");
	bench_run(b, "report.qq");
	bench_expect_on_screen(b, "quantiles, current over reference");
	bench_run(b, "report.quantiles");
	bench_expect_on_screen(b, "97.5 %");
	bench_run(b, "report.quantiles");
	expect(b, "picture", "histogram");
	bench_run(b, "report.beside");
	expect(b, "picture", "beside");
	bench_run(b, "drift.open");
	expect(b, "zoom", "yes");
	bench_run(b, "cancel");
	expect(b, "zoom", "no");
	bench_run(b, "report.tab performance");
	bench_expect_on_screen(b, "performance");
	bench_run(b, "report.tab about");
	bench_expect_on_screen(b, "today.csv");
	bench_expect_on_screen(b, "columns compared");
	bench_run(b, "report.tab");
	expect(b, "tab", "features");
	bench_refused(b, "report.tab nowhere", "there is no tab");
	bench_close(b);
}

/* ---- export ------------------------------------------------------------------------------------------------------------- */

static void a_report_is_written_and_not_over_another_file_unasked(void **state)
{
	(void)state;
	int64_t ids[WINDOWS];
	struct bench *b = open_series(120, 36, true, ids);
	struct str text = STR_INIT;
	struct err e = { 0 };
	char path[128], line[200];
	snprintf(path, sizeof path, "%s/out.md", b->fx.dir);
	snprintf(line, sizeof line, "report.export %s", path);
	bench_refused(b, "report.export /tmp/report.docx", ".html");
	bench_run(b, line);
	assert_int_equal(fs_read(path, 1 << 20, &text, &e), ST_OK);
	assert_non_null(strstr(text.p, "tenure"));
	assert_int_equal(fs_replace(path, "mine", 4, &e), ST_OK);
	bench_run(b, line);
	expect(b, "layer", "confirm");
	bench_keys(b, "Enter");                                               /* the default is no */
	str_clear(&text);
	assert_int_equal(fs_read(path, 1 << 20, &text, &e), ST_OK);
	assert_string_equal(text.p, "mine");
	bench_run(b, line);
	bench_keys(b, "y");
	str_clear(&text);
	assert_int_equal(fs_read(path, 1 << 20, &text, &e), ST_OK);
	assert_non_null(strstr(text.p, "tenure"));
	remove(path);
	str_free(&text);
	bench_close(b);
}

/* ---- reports of others, large ones, odd ones --------------------------------------------------------------------------------- */

static struct bench *open_one(struct report *r, int w, int h)
{
	struct bench *b = bench_open(w, h, true, NULL);
	int64_t id;
	save(b, r, &id);
	ui_changed(b->ui, TOPIC_DRIFT);
	bench_settle(b);
	bench_keys(b, "3");
	bench_run(b, "drift.report");
	return b;
}

static void evidently_reports_show_like_our_own(void **state)
{
	static const char *const files[] = { "v04_drift.json", "v04_drift.snapshot.json", "v07_drift.json", "v07_drift_notests.json", "v07_drift.snapshot.json" };
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[64];
		size_t n;
		struct report *r;
		struct err e = { 0 };
		snprintf(path, sizeof path, "evidently/%s", files[i]);
		char *text = golden_read(path, &n);
		assert_int_equal(import_evidently(text, n, files[i], &r, &e), ST_OK);
		free(text);
		r->ms = FIXTURE_NOW;
		struct bench *b = open_one(r, 120, 36);
		expect(b, "rows", "6");
		bench_run(b, "report.column city");
		expect(b, "feature", "city drifted");
		for (int tab = 0; tab < 5; tab++)
			bench_run(b, "report.tab");
		for (int k = 0; k < 5; k++)
			bench_keys(b, (const char *const[]){ "h", "v", "e", "Q", "t" }[k]);
		bench_run(b, "report.column age");
		if (i == 0)
			bench_compare_file(b, "drift-report", "evidently-120x36");
		bench_close(b);
	}
}

/* Figures made up: what the tabs do with each part. */
static void fill_performance(struct report *r)
{
	static const char *const labels[] = { "no", "yes" };
	static const double confusion_ref[] = { 900, 100, 150, 850 }, confusion_cur[] = { 280, 20, 90, 210 };
	static const struct report_metric metrics[] = { { .name = "accuracy", .title = "Accuracy", .ref = 0.875, .cur = 0.8167, .low = 0.7837, .high = 0.8456, .worse = true },
		{ .name = "log_loss", .title = "Log loss", .ref = 0.31, .cur = 0.312, .low = NAN, .high = NAN, .less_is_better = true },
		{ .name = "f1", .title = "F1", .ref = 0.85, .cur = 0.86, .low = 0.8, .high = 0.9, .estimated = true } };
	static const struct report_segment segments[] = { { "plan", "flex", 0, 48, NAN, 0.6, true }, { "plan", "yearly", 800, 60, 0.88, 0.87, false } };
	static const struct report_calibration bins[] = { { 0.1, 0.12, 500, 0.1, 0.15, 200 }, { 0.5, 0.48, 700, 0.5, 0.7, 200 }, { 0.9, 0.92, 800, 0.9, 0.97, 200 } };
	r->performance = (struct report_performance){ .task = "binary", .target = "churned", .prediction = "predicted", .probability = "p", .positive = "yes",
		.assumption = "estimates hold while the concept does", .segment_metric = "accuracy", .why_not = "", .metrics = metrics, .n_metrics = 3, .segments = segments, .n_segments = 2,
		.labels = labels, .n_labels = 2, .confusion_ref = confusion_ref, .confusion_cur = confusion_cur, .calibration = bins, .n_calibration = 3 };
}

static void fill_joint(struct report *r)
{
	static const struct report_weight weights[] = { { "tenure", 1.2 }, { "plan", -0.4 } };
	static const struct report_joint joint[] = { { .name = "domain_classifier", .title = "Domain classifier", .text = "a classifier tells the sides apart", .statistic = 0.76, .low = 0.74, .high = 0.78,
			.p_value = 1e-20, .threshold = 0.55, .drifted = true, .why_not = "", .weights = weights, .n_weights = 2 },
		{ .name = "mmd", .title = "Maximum mean discrepancy", .text = "", .statistic = NAN, .low = NAN, .high = NAN, .p_value = NAN, .threshold = NAN, .why_not = "too few rows" } };
	r->joint = joint, r->n_joint = 2;
}

static void performance_and_joint_drift_have_their_tabs(void **state)
{
	struct table ref, cur;
	(void)state;
	fill_table(&ref, REF_ROWS, 0, 7);
	fill_table(&cur, CUR_ROWS, WINDOWS, 8);
	struct report *r = compare_tables(&ref, &cur, &(struct drift_options){ .name = "model", .threads = 1 });
	r->ms = FIXTURE_NOW;
	fill_performance(r);
	fill_joint(r);
	struct str html = STR_INIT;
	export_html(&html, r, &(struct export_options){ 0 });
	static const char *const parts[] = { "<h2>Performance</h2>", "<span class=bad>worse</span>", "plan = flex", "estimates hold while the concept does", "Calibration of p", "Domain classifier",
		"<h2>Data quality</h2>", "prefers-color-scheme:dark", "@media print" };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strstr(html.p, parts[i]))
			fail_msg("the page lacks %s", parts[i]);
	assert_null(strstr(html.p, "<script"));
	str_free(&html);
	struct bench *b = open_one(r, 120, 60);
	bench_run(b, "report.tab performance");
	bench_compare_file(b, "drift-report", "performance-120x60");
	bench_run(b, "report.tab joint");
	bench_expect_on_screen(b, "95 % interval 0.74 to 0.78");
	bench_expect_on_screen(b, "too few rows");
	bench_expect_on_screen(b, "tenure");
	bench_close(b);
	table_done(&ref);
	table_done(&cur);
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* MLYARD_MEASURE=1 prints what reading and painting cost, in processor time: other programs do not count. */
static void a_report_of_a_thousand_columns(void **state)
{
	struct table ref, cur;
	struct report_column *columns;
	(void)state;
	fill_table(&ref, REF_ROWS, 0, 7);
	fill_table(&cur, CUR_ROWS, WINDOWS, 8);
	struct report *r = compare_tables(&ref, &cur, &(struct drift_options){ .name = "wide", .threads = 1 });
	columns = arena_array(r->arena, MANY, sizeof *columns);
	for (size_t i = 0; i < MANY; i++) {
		columns[i] = r->columns[i % r->n_columns];
		columns[i].position = i;
		columns[i].name = arena_printf(r->arena, "column_%04zu", i);
	}
	r->columns = columns, r->n_columns = MANY;
	table_done(&ref);
	table_done(&cur);
	struct bench *b = bench_open(160, 45, true, NULL);
	int64_t id;
	save(b, r, &id);
	ui_changed(b->ui, TOPIC_DRIFT);
	bench_settle(b);
	bench_keys(b, "3");
	struct err e = { 0 };
	struct store *store = store_get(b->fx.pool, &e);
	double begin = seconds();
	assert_int_equal(report_load(store, id, &r, &e), ST_OK);
	double start = seconds();
	report_free(r);
	store_put(b->fx.pool, store);
	bench_run(b, "drift.report");
	double shown = seconds();
	bench_run(b, "list.bottom");
	double moved = seconds();
	if (getenv("MLYARD_MEASURE"))
		print_message("1000 columns: read in %.1f ms; read and shown in %.1f ms, to the last one in %.1f ms\n", 1e3 * (start - begin), 1e3 * (shown - start), 1e3 * (moved - shown));
	expect(b, "rows", "1000");
	bench_run(b, "report.sort name");
	bench_run(b, "list.bottom");
	assert_non_null(strstr(bench_model(b, "feature"), "column_0999"));
	bench_close(b);
}

/* The signature is JSON inside JSON, as MLflow writes it. */
static void a_signature_names_its_inputs(void **state)
{
	size_t n;
	struct arena *a = arena_new();
	(void)state;
	const char *const *names = mlmodel_inputs("{\"signature\": {\"inputs\": \"[{\\\"name\\\": \\\"tenure, months\\\", \\\"type\\\": \\\"double\\\"}, {\\\"type\\\": \\\"long\\\"}, {\\\"name\\\": \\\"plan\\\"}]\"}}", a, &n);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "tenure, months");
	assert_string_equal(names[1], "plan");
	mlmodel_inputs("{\"signature\": {\"inputs\": \"[\"}}", a, &n);
	assert_int_equal(n, 0);
	mlmodel_inputs("", a, &n);
	assert_int_equal(n, 0);
	arena_free(a);
}

/* Three versions; the first and the third take "tenure". Their files lie in folders of their own. */
static void folder_of(struct bench *b, int version, bool make)
{
	char dir[96], file[112];
	struct err e = { 0 };
	struct str text = STR_INIT;
	snprintf(dir, sizeof dir, "%s/v%d", b->fx.dir, version);
	snprintf(file, sizeof file, "%s/MLmodel", dir);
	if (!make) {
		unlink(file);
		rmdir(dir);
		return;
	}
	assert_int_equal(mkdir(dir, 0700), 0);
	str_addf(&text, "signature:\n  inputs: '[{\"name\": \"%s\", \"type\": \"double\"}]'\n", version == 2 ? "age" : "tenure");
	assert_int_equal(fs_replace(file, text.p, text.len, &e), ST_OK);
	str_free(&text);
}

static void register_versions(struct bench *b)
{
	char dir[96];
	struct err e = { 0 };
	struct actor who;
	struct store *s = store_get(b->fx.pool, &e);
	actor_named(&who, "registrar");
	for (int v = 1; v <= 3; v++) {
		int64_t version = 0;
		folder_of(b, v, true);
		snprintf(dir, sizeof dir, "%s/v%d", b->fx.dir, v);
		const struct register_link feature = { .kind = "feature", .target = "accounts:tenure" };
		if (decide_register(s, &who, &(struct register_spec){ .model = "churner", .source = dir, .links = &feature, .n_links = v != 2 }, &version, &e) != ST_OK)
			fail_msg("%s", e.text);
		assert_int_equal(version, v);
	}
	store_put(b->fx.pool, s);
}

static void versions_that_take_the_column_are_named(void **state)
{
	struct table ref, cur;
	int64_t id;
	(void)state;
	fill_table(&ref, REF_ROWS, 0, 7);
	fill_table(&cur, CUR_ROWS, 3, 8);
	struct bench *b = bench_open(120, 50, true, NULL);
	register_versions(b);
	struct report *r = compare_tables(&ref, &cur, &(struct drift_options){ .name = "churn", .model = "churner", .threads = 1 });
	save(b, r, &id);
	ui_changed(b->ui, TOPIC_DRIFT);
	bench_settle(b);
	bench_keys(b, "3");
	bench_run(b, "drift.report");
	bench_run(b, "report.column tenure");
	bench_expect_on_screen(b, "used by churner v3, v1, in feature view accounts");
	bench_run(b, "report.column age");
	bench_expect_on_screen(b, "used by churner v2");
	bench_run(b, "report.column distance");
	bench_expect_gone(b, "used by");
	for (int v = 1; v <= 3; v++)
		folder_of(b, v, false);
	bench_close(b);
	table_done(&ref);
	table_done(&cur);
}

static void the_mouse_chooses_rows_and_tabs(void **state)
{
	(void)state;
	int64_t ids[WINDOWS];
	struct bench *b = open_series(120, 36, true, ids);
	bench_run(b, "report.sort position");
	bench_click(b, 8, 7);                                                 /* bar, rule, tabs, rule, head, first, second */
	expect(b, "feature", "income drifted");
	bench_click(b, 13, 2);
	expect(b, "tab", "quality");
	bench_mouse(b, MOUSE_WHEEL_DOWN, 30, 20);
	bench_click(b, 3, 2);
	expect(b, "tab", "features");
	bench_mouse(b, MOUSE_WHEEL_UP, 10, 10);
	expect(b, "feature", "plan drifted");
	bench_close(b);
}

static void what_is_not_there_is_said(void **state)
{
	(void)state;
	struct bench *b = bench_open(100, 30, true, NULL);
	bench_keys(b, "3");
	bench_refused(b, "drift.report", "no report is stored here");
	bench_refused(b, "drift.report x7", "is not the number of a report");
	bench_refused(b, "report.sort name", "no report is open");
	bench_run(b, "drift.report 4711");
	bench_expect_on_screen(b, "4711");
	bench_run(b, "cancel");
	expect(b, "page", "pulse");
	bench_close(b);
}

/* Every size down to nothing, every tab and picture. */
static void small_screens_stay_whole(void **state)
{
	static const int sizes[][2] = { { 20, 6 }, { 33, 9 }, { 60, 14 }, { 99, 21 }, { 101, 18 } };
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		int64_t ids[WINDOWS];
		struct bench *b = open_series(sizes[i][0], sizes[i][1], i % 2, ids);
		for (int zoom = 0; zoom < 2; zoom++) {
			bench_keys(b, "Down e Q t v h Enter Down PgDn e Q t v h");
			bench_keys(b, "Tab PgDn Up Tab Tab Down Tab PgDn Tab");
		}
		expect(b, "page", "report");
		bench_close(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens), cmocka_unit_test(the_list_ranks_by_severity_and_says_why), cmocka_unit_test(windows_are_walked_from_memory_and_keep_what_was_chosen),
		cmocka_unit_test(a_step_paints_the_neighbour_at_once), cmocka_unit_test(order_and_filter), cmocka_unit_test(pictures_and_tabs),
		cmocka_unit_test(a_report_is_written_and_not_over_another_file_unasked), cmocka_unit_test(evidently_reports_show_like_our_own),
		cmocka_unit_test(performance_and_joint_drift_have_their_tabs), cmocka_unit_test(a_report_of_a_thousand_columns), cmocka_unit_test(a_signature_names_its_inputs), cmocka_unit_test(versions_that_take_the_column_are_named), cmocka_unit_test(the_mouse_chooses_rows_and_tabs), cmocka_unit_test(what_is_not_there_is_said), cmocka_unit_test(small_screens_stay_whole),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
