/* t_roles -- roles are found by name, checked where somebody names them, and decide what is compared and what stands first. */
#include "tests/unit/verdict_help.h"
#include "core/drift/roles.h"

static const char *const two[] = { "yes", "no" };

static void add_whole(struct table *t, const char *name, size_t step)
{
	struct frame_col *c = table_column(t, name, FRAME_NUMBER);
	c->integer = true;
	for (size_t i = 0; i < c->n; i++)
		c->num[i] = (double)(i / step);
}

static void fill(struct table *t, double yes, uint64_t seed)
{
	const double shares[] = { yes, 1 - yes };
	table_init(t, 400, seed);
	table_normals(t, "x", 0, 1);
	add_whole(t, "user_id", 1);
	add_whole(t, "shop_id", 5);
	struct frame_col *p = table_column(t, "Score", FRAME_NUMBER), *when = table_column(t, "seen", FRAME_TIME);
	for (size_t i = 0; i < p->n; i++)
		p->num[i] = stream_unit(&t->seed), when->num[i] = 1e12 + (double)i;
	table_labels(t, "Prediction", 2, two, shares);
	table_labels(t, "label", 2, two, (const double[]){ 0.5, 0.5 });
}

static enum status settle(struct drift_roles *r, const struct table *ref, struct arena *a, struct err *e)
{
	*e = (struct err){ 0 };
	return roles_settle(r, &ref->f, &ref->f, a, e);
}

static void test_found_by_name(void **state)
{
	(void)state;
	struct table t;
	struct drift_roles r = { 0 };
	struct err e;
	fill(&t, 0.5, 1);
	assert_int_equal(settle(&r, &t, t.a, &e), ST_OK);
	assert_string_equal(r.target, "label");
	assert_string_equal(r.prediction, "Prediction");
	assert_string_equal(r.probability, "Score");
	assert_string_equal(r.timestamp, "seen");
	assert_string_equal(r.id, "user_id");                    /* shop_id repeats */
	assert_string_equal(roles_of(&r, "Score"), "probability");
	assert_string_equal(roles_of(&r, "shop_id"), "");
	table_done(&t);
}

/* A score beyond 0..1 is no probability; two columns of times: none is chosen unless its name says so; "" means none. */
static void test_not_found(void **state)
{
	(void)state;
	struct table t;
	struct drift_roles r = { .target = "" };
	struct err e;
	fill(&t, 0.5, 1);
	t.cols[3].num[7] = 700;
	table_column(&t, "made", FRAME_TIME);
	assert_int_equal(settle(&r, &t, t.a, &e), ST_OK);
	assert_string_equal(r.target, "");
	assert_string_equal(r.probability, "");
	assert_string_equal(r.timestamp, "");
	table_column(&t, "Date", FRAME_TIME);
	r.timestamp = NULL;
	assert_int_equal(settle(&r, &t, t.a, &e), ST_OK);
	assert_string_equal(r.timestamp, "Date");
	table_done(&t);
}

static void test_named_wrongly(void **state)
{
	(void)state;
	static const char *const nowhere[] = { "nowhere" };
	struct table t;
	struct err e;
	fill(&t, 0.5, 1);
	struct drift_roles r = { .target = "nope" };
	assert_int_equal(settle(&r, &t, t.a, &e), ST_USAGE);
	assert_non_null(strstr(e.text, "'nope'"));
	r = (struct drift_roles){ .target = "label", .prediction = "label" };
	assert_int_equal(settle(&r, &t, t.a, &e), ST_USAGE);
	assert_non_null(strstr(e.text, "both target and prediction"));
	r = (struct drift_roles){ .segments = nowhere, .n_segments = 1 };
	assert_int_equal(settle(&r, &t, t.a, &e), ST_USAGE);
	r = (struct drift_roles){ .target = "Prediction" };      /* what is named is not given a second role */
	assert_int_equal(settle(&r, &t, t.a, &e), ST_OK);
	assert_string_equal(r.prediction, "");
	table_done(&t);
}

static bool some_note(const struct report *r, const char *part)
{
	for (size_t i = 0; i < r->n_notes; i++)
		if (strstr(r->notes[i], part))
			return true;
	return false;
}

static void test_in_the_report(void **state)
{
	(void)state;
	struct table ref, cur;
	struct err e;
	struct drift_roles roles = { 0 };
	fill(&ref, 0.5, 1), fill(&cur, 0.9, 2);
	for (size_t i = 0; i < 400; i++)
		cur.cols[1].num[i] += 1e6, cur.cols[0].num[i] += 5;
	assert_int_equal(roles_settle(&roles, &ref.f, &cur.f, ref.a, &e), ST_OK);
	struct report *r = compare_tables(&ref, &cur, &(struct drift_options){ .roles = &roles });
	assert_string_equal(r->columns[0].name, "label");        /* stable, and yet first: it is the target */
	assert_string_equal(r->columns[0].role, "target");
	assert_string_equal(r->columns[1].role, "prediction");
	assert_string_equal(r->columns[2].name, "x");
	assert_true(r->columns[1].drifted && r->columns[2].drifted && !r->columns[0].drifted);
	assert_string_equal(report_column(r, "user_id")->status, "id");
	assert_int_equal(report_column(r, "user_id")->n_tests, 0);
	assert_false(report_column(r, "user_id")->drifted);
	assert_string_equal(report_column(r, "seen")->status, "time");
	assert_true(some_note(r, "target is stable: column 'label'") && some_note(r, "prediction drifted: column 'Prediction'"));
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* Labels that are not there yet are no drift; a feature that went missing is. */
static void test_late_labels(void **state)
{
	(void)state;
	struct table ref, cur;
	struct err e;
	struct drift_roles roles = { 0 };
	fill(&ref, 0.5, 1), fill(&cur, 0.5, 2);
	struct frame_col *label = &cur.cols[cur.f.n_cols - 1], *x = &cur.cols[0];
	for (size_t i = 0; i < x->n; i++)
		x->num[i] = NAN, label->code[i] = FRAME_NO_CODE;
	label->missing = x->missing = x->n;
	assert_int_equal(roles_settle(&roles, &ref.f, &cur.f, ref.a, &e), ST_OK);
	struct report *r = compare_tables(&ref, &cur, &(struct drift_options){ .roles = &roles });
	const struct report_column *late = report_column(r, "label");
	assert_false(late->drifted || late->watch);
	assert_string_equal(late->status, "no labels yet");
	assert_int_equal(late->n_reasons, 0);
	assert_true(report_column(r, "x")->drifted);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* Those that are there are compared, and the note says how many; a current side without the column has none yet. */
static void test_some_labels(void **state)
{
	(void)state;
	struct table ref, cur;
	struct err e;
	struct drift_roles roles = { 0 };
	fill(&ref, 0.5, 1), fill(&cur, 0.5, 2);
	struct frame_col *label = &cur.cols[cur.f.n_cols - 1];
	const size_t have = label->n / 4;
	for (size_t i = have; i < label->n; i++)
		label->code[i] = FRAME_NO_CODE;
	label->missing = label->n - have;
	assert_int_equal(roles_settle(&roles, &ref.f, &cur.f, ref.a, &e), ST_OK);
	struct report *r = compare_tables(&ref, &cur, &(struct drift_options){ .roles = &roles });
	const struct report_column *some = report_column(r, "label");
	char note[96];
	snprintf(note, sizeof note, "compared on the %zu of %zu current rows that have a label", have, label->n);
	assert_false(some->drifted || some->watch);
	assert_string_equal(some->status, "compared");
	assert_string_equal(some->note, note);
	report_free(r);
	cur.f.n_cols--;
	r = compare_tables(&ref, &cur, &(struct drift_options){ .roles = &roles });
	assert_string_equal(report_column(r, "label")->status, "no labels yet");
	assert_string_equal(r->verdict, "stable");
	report_free(r);
	table_done(&ref), table_done(&cur);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_found_by_name), cmocka_unit_test(test_not_found), cmocka_unit_test(test_named_wrongly), cmocka_unit_test(test_in_the_report), cmocka_unit_test(test_late_labels), cmocka_unit_test(test_some_labels) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
