/* t_job -- from two names to a report: both sides at once, types of the reference, chosen rows, trouble on either side; what is remembered of a source. */
#include <math.h>
#include "core/base/jsonw.h"
#include "core/drift/job.h"
#include "core/drift/remember.h"
#include "core/io/frame_build.h"
#include "core/io/sketch.h"
#include "tests/unit/frame_help.h"
#include "tests/unit/store_help.h"
#include "tests/unit/verdict_help.h"

enum { ROWS = 400 };

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in_folder(name), "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

/* Rows of: when (an hour apart from 2026-01-01), v (uniform, later ones moved by `shift`), code (`code` and i % 5). */
static void put_table(const char *name, size_t rows, double shift, const char *code, uint64_t seed)
{
	struct str s = STR_INIT;
	str_add(&s, "when,v,code\n");
	for (size_t i = 0; i < rows; i++) {
		const double v = stream_unit(&seed) + (i >= rows / 2 ? shift : 0);
		str_addf(&s, "2026-01-%02zuT%02zu:00:00Z,%.6f,", 1 + i / 24, i % 24, v);
		str_addf(&s, "%s%d\n", code, (int)(i % 5));
	}
	put(name, s.p);
	str_free(&s);
}

static struct report *run_job(struct drift_job *j)
{
	struct report *r;
	struct err e = { 0 };
	j->reference = j->reference ? j->reference : in_folder("ref.csv"), j->current = j->current ? j->current : in_folder("cur.csv");
	if (drift_job_run(j, NULL, &r, &e) != ST_OK)
		fail_msg("%s", e.text);
	return r;
}

static bool some_note(const struct report *r, const char *part)
{
	for (size_t i = 0; i < r->n_notes; i++)
		if (strstr(r->notes[i], part))
			return true;
	return false;
}

static void both_sides_are_read(void **state)
{
	(void)state;
	put_table("ref.csv", 360, 0, "a", 1), put_table("cur.csv", 240, 0, "a", 2);
	struct drift_job j = { .compare.no_calibration = true };
	struct report *r = run_job(&j);
	assert_true(r->n_ref == 360 && r->n_cur == 240 && r->n_columns == 3);
	assert_string_equal(r->verdict, "stable");
	const struct report_test *ks = test_named(report_column(r, "v"), "ks");
	assert_true(isnan(ks->low) && isnan(ks->high));
	unsigned char sum[32];
	struct err e;
	assert_int_equal(frame_digest_file(in_folder("ref.csv"), sum, &e), ST_OK);
	assert_memory_equal(sum, r->reference_digest, 32);
	report_free(r);
}

/* The reference's codes are words ("x1"), the current ones look like numbers: they are read as they are written, so that 07 is no 7. */
static void current_is_read_like_the_reference(void **state)
{
	(void)state;
	put_table("ref.csv", 300, 0, "0", 1), put_table("cur.csv", 300, 0, "0", 2);
	const struct frame_override words[] = { { "code", FRAME_CATEGORY } };
	struct drift_job j = { .read_reference = { .types = words, .n_types = 1 }, .compare.no_calibration = true };
	struct report *r = run_job(&j);
	assert_string_equal(report_column(r, "code")->type, "categorical");
	assert_true(report_column(r, "code")->all_gained == 0);
	assert_string_equal(report_column(r, "code")->picture.labels[0], "00");
	report_free(r);
	put("ref.csv", "id,k\n1,x\n2,07\n3,x\n4,07\n5,x\n6,07\n7,x\n8,07\n9,x\n10,07\n11,x\n12,07\n");
	put("cur.csv", "id,k\n1,07\n2,07\n3,07\n4,07\n5,07\n6,07\n7,07\n8,07\n9,07\n10,07\n11,07\n12,07\n");
	struct drift_job k = { .reference = NULL };
	r = run_job(&k);
	assert_true(report_column(r, "k")->all_gained == 0 && report_column(r, "k")->all_lost == 1);
	assert_true(some_note(r, "column \"k\" by itself would be numeric; read as categorical, like the reference"));
	report_free(r);
}

static void numbers_of_the_reference_decide(void **state)
{
	struct str s = STR_INIT;
	(void)state;
	put_table("ref.csv", 200, 0, "", 1);
	str_add(&s, "v,code\n");
	for (int i = 0; i < 200; i++)
		str_addf(&s, "%s,%d\n", i % 4 ? "0.5" : "broken", i % 5);
	put("cur.csv", s.p);
	str_free(&s);
	struct drift_job j = { .compare.no_calibration = true };
	struct report *r = run_job(&j);
	assert_true(report_column(r, "v")->cur.missing == 50 && report_column(r, "v")->cur.mixed == 50);
	assert_true(some_note(r, "column \"v\" by itself would be categorical; read as numeric"));
	assert_string_equal(report_column(r, "when")->status, "only in reference");
	report_free(r);
}

static void rows_are_chosen(void **state)
{
	(void)state;
	put_table("ref.csv", ROWS, 1, "a", 1), put_table("cur.csv", ROWS, 1, "b", 1);
	struct drift_job j = { .rows_reference = { .count = 200 }, .rows_current = { .first = 200 }, .compare.no_calibration = true };
	struct report *r = run_job(&j);
	assert_true(r->n_ref == 200 && r->n_cur == 200);
	assert_true(report_column(r, "v")->ref.max < 1 && report_column(r, "v")->cur.min >= 1);       /* the shift begins at row 200 */
	report_free(r);
	/* 2026-01-02T00:00Z is 1767312000 s; half open: 24 rows of one day */
	const int64_t day = INT64_C(1767312000000);
	struct drift_job k = { .rows_current = { .time_column = "when", .from_ms = day, .to_ms = day + 86400000 }, .compare.no_calibration = true };
	r = run_job(&k);
	assert_true(r->n_ref == ROWS && r->n_cur == 24);
	assert_true(report_column(r, "when")->cur.min == (double)day && report_column(r, "when")->cur.max == (double)day + 82800000.0);
	report_free(r);
}

static char *said_of(struct drift_job *j, struct drift_kept *kept)
{
	struct str text = STR_INIT;
	struct jsonw w;
	j->kept = kept;
	struct report *r = run_job(j);
	r->ms = 0;
	jsonw_init(&w, &text);
	report_json(&w, r);
	report_free(r);
	return str_take(&text);
}

/* Windows of one file, read once and read each time, say the same, byte for byte; codes that look like numbers are words like the reference's; a file that changed is read again. */
static void what_is_kept_changes_nothing(void **state)
{
	(void)state;
	put_table("ref.csv", 360, 0, "a", 1), put_table("cur.csv", 360, 1, "", 2);
	struct drift_kept *kept = drift_kept_new();
	for (int round = 0; round < 2; round++) {
		for (size_t first = 0; first <= 360; first += 120) {
			struct drift_job j = { .compare.no_calibration = true, .rows_current = { .first = first % 360, .count = first == 360 ? 360 : 120 } };
			char *once = said_of(&j, NULL), *again = said_of(&j, kept);
			assert_string_equal(once, again);
			free(once), free(again);
		}
		/* More rows, and of another kind: the size differs, whatever the clock of the file system shows. */
		put_table("cur.csv", 480, 2, "b", 3);
		put_table("ref.csv", 420, 0, "b", 5);
	}
	drift_kept_free(kept);
}

static void words_that_no_row_holds_are_gone(void **state)
{
	(void)state;
	struct frame *f = data_frame("a.csv", "k,x\nred,1\ngreen,2\nblue,nan\ngreen,4\n,5\nred,inf\n", NULL);
	const uint32_t rows[] = { 1, 2, 4, 5 };
	frame_take_rows(f, rows, 4);
	expect_cells(f, "green|2\nblue|-\n-|5\nred|inf\n");
	assert_int_equal(f->cols[0].n_words, 3);
	assert_memory_equal(f->cols[0].words[0].p, "green", 5);
	assert_int_equal(f->cols[0].missing, 1);
	assert_int_equal(f->cols[1].missing, 1);
	assert_int_equal(f->cols[1].inf, 1);
	frame_free(f);
}

static void expect_trouble(const struct drift_job *j, enum status want, const char *part)
{
	struct report *r;
	struct err e = { 0 };
	assert_int_equal(drift_job_run(j, NULL, &r, &e), want);
	assert_null(r);
	if (!strstr(e.text, part))
		fail_msg("\"%s\" does not say \"%s\"", e.text, part);
}

static void trouble_names_its_side(void **state)
{
	(void)state;
	put_table("ref.csv", 100, 0, "a", 1), put_table("cur.csv", 100, 0, "a", 2);
	const char *ref = in_folder("ref.csv"), *cur = in_folder("cur.csv"), *none = in_folder("none.csv");
	expect_trouble(&(struct drift_job){ .reference = ref, .current = none }, ST_NOT_FOUND, "none.csv");
	expect_trouble(&(struct drift_job){ .reference = none, .current = cur }, ST_NOT_FOUND, "none.csv");
	const struct frame_override odd[] = { { "vv", FRAME_NUMBER } };
	expect_trouble(&(struct drift_job){ .reference = ref, .current = cur, .read_reference = { .types = odd, .n_types = 1 } }, ST_USAGE, "'vv'");
	expect_trouble(&(struct drift_job){ .reference = ref, .current = cur, .rows_current = { .time_column = "nowhen", .from_ms = 1 } }, ST_USAGE, "'nowhen'");
	expect_trouble(&(struct drift_job){ .reference = ref, .current = cur, .rows_current = { .first = 100 } }, ST_NOT_FOUND, "no rows");
}

static void chosen_columns_are_all_that_is_read(void **state)
{
	static const char *const only[] = { "v" };
	(void)state;
	put_table("ref.csv", 300, 0, "a", 1), put_table("cur.csv", 300, 0, "a", 2);
	struct drift_job j = { .compare = { .columns = only, .n_columns = 1 } };
	struct report *r = run_job(&j);
	assert_true(r->n_columns == 1 && r->duplicates_ref == 0);
	report_free(r);
}

/* ---- larger than the budget ---- */

/* Numbers with 3 and with 9 digits, five categories, some missing values. */
static void put_large(const char *name, size_t rows, double shift, uint64_t seed)
{
	struct str s = STR_INIT;
	str_add(&s, "v,w,k,few\n");
	for (size_t i = 0; i < rows; i++) {
		const double a = stream_unit(&seed), b = stream_unit(&seed) + stream_unit(&seed) + shift;
		if (i % 50)
			str_addf(&s, "%.3f", a);
		str_addf(&s, ",%.9f,k%d,%d\n", b, (int)(5 * stream_unit(&seed)), (int)(3 * a));
	}
	put(name, s.p);
	str_free(&s);
}

/* What the sketch says encloses what the whole data say; verdicts are the same where the intervals leave no doubt. */
static void sketches_enclose_what_memory_says(void **state)
{
	enum { N = 120000 };
	(void)state;
	put_large("ref.csv", N, 0, 5), put_large("cur.csv", N, 0.3, 6);
	struct drift_job small = { .read_reference = { .budget = 1000000 }, .joint = JOINT_NEVER }, whole = { .joint = JOINT_NEVER };
	struct report *a = run_job(&small), *b = run_job(&whole);
	assert_true(a->rank_error > 0 && b->rank_error == 0 && some_note(a, "larger than the budget"));
	assert_memory_equal(a->reference_digest, b->reference_digest, 32);
	assert_true(isnan(a->duplicates_ref));
	assert_true(some_note(a, "in the median column") && !some_note(a, "tests that were chosen"));
	static const char *const names[] = { "v", "w", "few" }, *const tests[] = { "ks", "wasserstein" };
	for (int i = 0; i < 3; i++)
		for (int t = 0; t < 2; t++) {
			const struct report_column *x = report_column(a, names[i]), *y = report_column(b, names[i]);
			const struct report_test *p = test_named(x, tests[t]), *q = test_named(y, tests[t]);
			assert_true(x->ref.missing == y->ref.missing && x->cur.missing == y->cur.missing);
			assert_true(p && p->low <= p->high);
			if (!q)
				continue;                              /* few values are compared by their shares when they are in memory */
			assert_true(p->low <= q->statistic + 1e-12 && q->statistic <= p->high + 1e-12);
			assert_true(t || q->p_value <= p->p_value + 1e-12);
		}
	assert_true(report_column(a, "w")->drifted && !report_column(a, "v")->drifted && report_column(a, "k")->drifted == report_column(b, "k")->drifted);
	const struct report_test *chi = test_named(report_column(a, "k"), "chi_square");
	assert_true(chi->p_value == test_named(report_column(b, "k"), "chi_square")->p_value);
	double bars = report_column(a, "w")->picture.ref_outside[0] + report_column(a, "w")->picture.ref_outside[1];
	for (size_t i = 0; i < report_column(a, "w")->picture.n; i++)
		bars += report_column(a, "w")->picture.ref[i];
	assert_true(bars == N);
	struct str text = STR_INIT;
	struct jsonw w;
	struct report *back;
	jsonw_init(&w, &text);
	report_json(&w, a);
	OK(report_read(text.p, text.len, "t", &back, &why));
	assert_true(back->rank_error == a->rank_error && test_named(report_column(back, "w"), "ks")->high == test_named(report_column(a, "w"), "ks")->high);
	str_free(&text);
	report_free(back), report_free(a), report_free(b);
	small.joint = JOINT_USUAL;
	a = run_job(&small);
	assert_int_equal(a->n_joint, 3);
	assert_true(a->joint[0].sampled && strstr(a->joint[0].text, "; from a sample of ") && strstr(a->joint[0].text, " of 120,000 rows of the reference"));
	report_free(a);
	small.rows_current.first = 5;
	expect_trouble(&small, ST_REFUSED, "rows cannot be chosen");
}

/* Where the counts cannot tell, nothing is called drift: here all values lie in few bins and D is only known to be somewhere between. */
static void doubt_is_watched(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct table ref, cur;
	table_init(&ref, 5000, 1), table_init(&cur, 5000, 2);
	table_normals(&ref, "x", 0, 1), table_normals(&cur, "x", 0.4, 1);
	double *sample = arena_array(arena, 2, sizeof *sample);
	struct sketch_plan *p = mem_zalloc(sizeof *p);
	sample[0] = 0, sample[1] = 3;
	sketch_plan_add(p, "x", FRAME_NUMBER, sample, 2, 0, 1);
	struct sketch *a = sketch_of(&ref.f, p), *b = sketch_of(&cur.f, p);
	const struct drift_options plain = { 0 };
	struct report *r;
	OK(drift_compare_sketches(a, b, &plain, &r, &why));
	const struct report_test *ks = test_named(report_column(r, "x"), "ks");
	assert_true(ks->low < ks->high && ks->high > 0.3);
	report_free(r);
	/* the same with all of the difference inside one bin: the lower end is nothing, the upper end everything */
	for (size_t i = 0; i < 5000; i++)
		ref.cols[0].num[i] = 1 + (double)i / 10000, cur.cols[0].num[i] = 2 + (double)i / 10000;
	sketch_free(a), sketch_free(b);
	a = sketch_of(&ref.f, p), b = sketch_of(&cur.f, p);
	OK(drift_compare_sketches(a, b, &plain, &r, &why));
	ks = test_named(report_column(r, "x"), "ks");
	assert_true(ks->low == 0 && ks->high == 1 && ks->p_value == 1);
	report_free(r);
	sketch_free(a), sketch_free(b), sketch_plan_free(p);
	table_done(&ref), table_done(&cur), arena_free(arena);
}

/* What cannot be done is said: chosen tests, a time axis, metrics, joint drift; columns of one side only are there; distances stand on bins of the reference. */
static void sketches_say_what_they_cannot(void **state)
{
	enum { N = 60000 };
	struct str x = STR_INIT, y = STR_INIT;
	uint64_t seed = 9;
	(void)state;
	str_add(&x, "v,score,label,gone\n"), str_add(&y, "v,score,label,fresh\n");
	for (int i = 0; i < N; i++) {
		str_addf(&x, "%.5f,%.5f,%d,1.5\n", stream_unit(&seed), stream_unit(&seed), i % 2);
		str_addf(&y, "%.5f,%.5f,%d,2.5\n", stream_unit(&seed) * 0.5, stream_unit(&seed), i % 2);
	}
	put("said_ref.csv", x.p), put("said_cur.csv", y.p);
	char *ref = mem_strdup(in_folder("said_ref.csv")), *cur = mem_strdup(in_folder("said_cur.csv"));
	const struct drift_test *const tests[] = { drift_test_find("energy") };
	struct drift_job j = { .reference = ref, .current = cur, .read_reference = { .budget = 400000 }, .compare = { .tests = tests, .n_tests = 1, .time_column = "v" },
		.roles = { .target = "label", .probability = "score" } };
	struct report *r;
	struct err e;
	OK(drift_job_run(&j, NULL, &r, &e));
	assert_true(some_note(r, "the tests that were chosen need all rows") && some_note(r, "from the time axis v"));
	assert_string_equal(report_column(r, "gone")->status, "only in reference");
	assert_string_equal(report_column(r, "fresh")->status, "only in current");
	assert_string_equal(r->performance.task, "binary");
	assert_non_null(strstr(r->performance.sample, "from a sample of "));
	/* Half of the reference's bins are empty now, the others hold twice as much. By hand, middles being 1/2 and 3/2 of a share: 2 JS^2 = ln(2) / 2 + ln(2/3) / 2 + ln(4/3). */
	const struct report_test *js = test_named(report_column(r, "v"), "jensen_shannon"), *psi = test_named(report_column(r, "v"), "psi");
	const double want = sqrt((0.5 * log(2) + 0.5 * log(2.0 / 3) + log(4.0 / 3)) / 2);
	assert_true(fabs(js->statistic - want) < 0.02 && isnan(js->low) && js->p_value < 1e-9 && psi->statistic > 1);
	assert_true(report_column(r, "v")->drifted && !report_column(r, "score")->drifted);
	report_free(r), free(ref), free(cur);
	str_free(&x), str_free(&y);
}

/* What takes whole rows is said of samples, and says so: a changed relation, a changed spread, other words, a model that got worse. In memory all rows say the same. */
static double normal(uint64_t *seed)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += stream_unit(seed);
	return sum;
}

static void put_rows(const char *name, int n, bool later, uint64_t seed)
{
	static const char *const words[] = { "alpha", "beta", "gamma", "delta", "iota", "kappa", "lambda", "sigma" };
	struct str s = STR_INIT;
	str_add(&s, "a,b,s,text,target,probability\n");
	for (int i = 0; i < n; i++) {
		const double a = normal(&seed), e = normal(&seed), p = stream_unit(&seed);
		str_addf(&s, "%.5f,%.5f,%.5f,", a, later ? e : 0.8 * a + 0.6 * e, normal(&seed) * (later ? 1.3 : 1));
		for (int k = 0; k < 6; k++)
			str_addf(&s, "%s ", words[(int)(8 * stream_unit(&seed))]);
		str_addf(&s, "%s,%d,%.5f\n", later && i % 2 ? "late" : "soon", stream_unit(&seed) < (later ? 0.25 + 0.5 * p : p), p);
	}
	put(name, s.p);
	str_free(&s);
}

static const struct report_metric *metric_named(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->performance.n_metrics; i++)
		if (strcmp(r->performance.metrics[i].name, name) == 0)
			return &r->performance.metrics[i];
	return NULL;
}

static void samples_say_what_takes_rows(void **state)
{
	enum { N = 60000 };
	(void)state;
	put_rows("rows_ref.csv", N, false, 3), put_rows("rows_cur.csv", N, true, 4);
	char *ref = mem_strdup(in_folder("rows_ref.csv")), *cur = mem_strdup(in_folder("rows_cur.csv"));
	struct drift_job j = { .reference = ref, .current = cur, .read_reference = { .budget = 4 << 20 } };
	struct report *r, *whole, *back;
	struct err e;
	OK(drift_job_run(&j, NULL, &r, &e));
	j.read_reference.budget = 0;
	OK(drift_job_run(&j, NULL, &whole, &e));
	assert_true(r->sample_ref > 1000 && r->sample_ref < N / 4 && r->sample_cur > 1000 && whole->sample_ref == 0 && !*whole->performance.sample);
	for (int i = 0; i < 3; i++)
		assert_true(r->joint[i].drifted && r->joint[i].sampled && whole->joint[i].drifted && !whole->joint[i].sampled);
	const struct report_test *spread = test_named(report_column(r, "s"), "levene");
	assert_true(spread->sampled && spread->drifted && fabs(spread->effect - log(1.3)) < 0.1 && !test_named(report_column(r, "s"), "ks")->sampled);
	assert_false(report_column(r, "a")->drifted || report_column(r, "b")->drifted);
	const struct report_column *text = report_column(r, "text");
	assert_string_equal(text->type, "text");
	assert_true(text->drifted && test_named(text, "text_classifier")->sampled && !test_named(text, "missing")->sampled && text->ref.rows == N);
	assert_non_null(strstr(text->note, "from a sample of "));
	const struct report_metric *acc = metric_named(r, "accuracy"), *all = metric_named(whole, "accuracy");
	assert_true(acc->worse && all->worse && acc->low < all->cur && all->cur < acc->high && fabs(acc->ref - all->ref) < 0.05);
	assert_non_null(strstr(r->performance.sample, " of 60,000 rows of the reference"));
	struct str doc = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &doc);
	report_json(&w, r);
	OK(report_read(doc.p, doc.len, "t", &back, &why));
	assert_true(back->sample_ref == r->sample_ref && back->sample_cur == r->sample_cur && back->joint[1].sampled && test_named(report_column(back, "s"), "levene")->sampled);
	assert_string_equal(back->performance.sample, r->performance.sample);
	str_free(&doc);
	report_free(back), report_free(r), report_free(whole);
	free(ref), free(cur);
}

/* Categories of more values than are kept: those that are frequent are judged one by one, the rest as one. `later`: how many of a hundred rows the first of the frequent ones loses to
 * the second; `fresh`: how many are of a value that only this side has, one that is frequent there; `others`: how many different values make the other half. */
static void put_categories(const char *name, int n, int later, int fresh, int others, uint64_t seed)
{
	struct str s = STR_INIT;
	str_add(&s, "c,v\n");
	for (int i = 0; i < n; i++) {
		const int part = (int)(100 * stream_unit(&seed)), which = (int)(others * stream_unit(&seed));
		const double v = stream_unit(&seed);
		if (part < fresh)
			str_addf(&s, "fresh,%.6f\n", v);
		else if (part < 50)
			str_addf(&s, "big%d,%.6f\n", part < 25 - later ? 0 : 1, v);
		else
			str_addf(&s, "small-%07d,%.6f\n", which, v);
	}
	put(name, s.p);
	str_free(&s);
}

static struct report *category_report(int later, int fresh, int ref_others, int cur_others)
{
	enum { N = 150000 };
	struct drift_job j = { .read_reference = { .budget = 2 << 20 }, .joint = JOINT_NEVER };
	struct report *r;
	struct err e;
	put_categories("many_ref.csv", N, 0, 0, ref_others, 31), put_categories("many_cur.csv", N, later, fresh, cur_others, 32);
	char *ref = mem_strdup(in_folder("many_ref.csv")), *cur = mem_strdup(in_folder("many_cur.csv"));
	j.reference = ref, j.current = cur;
	OK(drift_job_run(&j, NULL, &r, &e));
	assert_true(r->rank_error > 0);
	free(ref), free(cur);
	return r;
}

static void many_categories_are_judged(void **state)
{
	(void)state;
	struct report *same = category_report(0, 0, 20000, 20000), *moved = category_report(15, 0, 20000, 20000);
	const struct report_column *x = report_column(same, "c"), *y = report_column(moved, "c");
	assert_string_equal(x->status, "compared");
	assert_true(!x->drifted && !x->watch && y->drifted);
	assert_non_null(strstr(x->note, "are counted exactly and judged one by one"));
	assert_non_null(strstr(x->note, "new categories are not judged"));
	assert_true(!test_named(x, "new_categories") && test_named(x, "lost_categories") && x->all_gained == 0);
	/* Cramer's V of shares 25, 25, 50 and 10, 40, 50 of equal sides: V^2 = sum (p - q)^2 / (p + q) / 2 = (0.15^2 / 0.35 + 0.15^2 / 0.65) / 2 */
	const double want = sqrt((0.0225 / 0.35 + 0.0225 / 0.65) / 2);
	assert_true(fabs(test_named(y, "chi_square")->effect - want) < 0.02);
	report_free(same), report_free(moved);
	/* a reference whose values are all known says what is new; a value that the plan has fixed may be seen to be lost */
	struct report *r = category_report(0, 5, 300, 20000);
	const struct report_column *c = report_column(r, "c");
	const struct report_test *new = test_named(c, "new_categories");
	if (!new || !new->drifted || !c->drifted || c->all_gained < 2)
		fail_msg("%zu new categories, %s: %s", c->all_gained, c->status, c->note);
	assert_string_equal(c->gained[0].name, "(all others)");         /* no row of the reference is left: what the sketch has not kept is new too */
	assert_string_equal(c->gained[1].name, "fresh");
	assert_null(strstr(c->note, "new categories are not judged"));
	report_free(r);
}

/* ---- parts of a task ---- */

static void parts_add_up(void **state)
{
	(void)state;
	struct task *whole = task_part_new(NULL), *a = task_part_new(whole), *b = task_part_new(whole);
	task_progress(a, 10, 100);
	task_progress(b, 5, 50);
	assert_false(task_cancelled(a));
	task_part_stop(a);
	assert_true(task_cancelled(a) && !task_cancelled(b) && !task_cancelled(whole));
	task_part_stop(whole);
	assert_true(task_cancelled(b));
	task_part_free(a), task_part_free(b), task_part_free(whole);
}

/* ---- memory ---- */

static void what_was_named_is_remembered(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("w.mlyard");
	struct store *s = conn_of(p);
	struct arena *a = arena_new();
	const struct frame_override types[] = { { "zip", FRAME_CATEGORY }, { "at", FRAME_TIME } }, later[] = { { "zip", FRAME_TEXT } };
	const char *const segments[] = { "city" };
	const struct remembered said = { types, 2, { .target = "y", .segments = segments, .n_segments = 1 }, NULL }, again = { later, 1, { .target = "label" }, NULL };
	OK(remember_save(s, "/data/jan.csv", &said, &why));
	OK(remember_save(s, "/data/jan.csv", &again, &why));
	struct remembered got = { 0 };
	OK(remember_load(s, "/data/jan.csv", &got, a, &why));
	assert_int_equal(got.n_types, 2);
	assert_string_equal(got.types[1].name, "zip");
	assert_int_equal(got.types[1].type, FRAME_TEXT);
	assert_string_equal(got.roles.target, "label");
	assert_null(got.roles.prediction);
	assert_string_equal(got.roles.segments[0], "city");
	assert_non_null(strstr(got.note, "zip = text"));
	/* what is said now goes first; other sources know nothing; a file knows what was said of its folder */
	struct remembered now = { types, 1, { .target = "" }, NULL };
	OK(remember_load(s, "/data/jan.csv", &now, a, &why));
	assert_int_equal(now.types[0].type, FRAME_CATEGORY);
	assert_string_equal(now.roles.target, "");
	struct remembered none = { 0 };
	OK(remember_load(s, "/data/feb.csv", &none, a, &why));
	assert_true(!none.n_types && !none.note);
	OK(remember_save(s, "/data", &again, &why));
	OK(remember_load(s, "/data/feb.csv", &none, a, &why));
	assert_int_equal(none.n_types, 1);
	OK(remember_forget(s, "/data/jan.csv", &why));
	assert_int_equal(number_of(s, "SELECT count(*) FROM column_type WHERE source = '/data/jan.csv'"), 0);
	arena_free(a);
	store_put(p, s);
	store_pool_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_are_read), cmocka_unit_test(current_is_read_like_the_reference), cmocka_unit_test(numbers_of_the_reference_decide),
		cmocka_unit_test(rows_are_chosen), cmocka_unit_test(what_is_kept_changes_nothing), cmocka_unit_test(words_that_no_row_holds_are_gone), cmocka_unit_test(trouble_names_its_side),
		cmocka_unit_test(chosen_columns_are_all_that_is_read), cmocka_unit_test(sketches_enclose_what_memory_says), cmocka_unit_test(sketches_say_what_they_cannot), cmocka_unit_test(samples_say_what_takes_rows), cmocka_unit_test(many_categories_are_judged), cmocka_unit_test(doubt_is_watched), cmocka_unit_test(parts_add_up), cmocka_unit_test(what_was_named_is_remembered),
	};
	return cmocka_run_group_tests(tests, help_folder_make, help_folder_remove);
}
