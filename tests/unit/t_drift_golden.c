/* t_drift_golden -- every value of the golden set against ours.
 *
 * tests/data/drift/golden.json holds what SciPy 1.10.1, NumPy 1.24.2 and Evidently 0.7.21 say of 51 pairs of columns. Block "reference" is SciPy, "evidently"
 * Evidently (score, outcome, threshold or error, and the test it would choose), "spec_numpy2" the binned distances under NumPy 2. A row of a table below says which
 * field belongs to which of our tests; a field that no row names is an error, so that nothing goes by unread.
 * Tolerances: distances 1e-9 relative, p 1e-8 relative or 1e-14 absolute. Looser only where the golden value itself is noise, with the reason beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/drift/drift_test.h"
#include "core/drift/special.h"
#include "tests/unit/drift_help.h"

enum { LEVENE_CASES = 29 };
static int wrong, compared, levene_seen;

static void expect(const char *where, const char *block, const char *what, double got, double want, double relative, double absolute)
{
	compared++;
	if (near(got, want, relative, absolute))
		return;
	wrong++;
	print_error("%s %s %s: got %.17g, want %.17g\n", where, block, what, got, want);
}

static void expect_p(const char *where, const char *block, const char *what, double got, double want)
{
	/* 1 - cdf of a series cut at 1e-7: its small values are noise */
	bool series = !strcmp(what, "cvm") || !strcmp(what, "cramer_von_mises");
	/* a share of 1,000 permutations: equality of sums depends on their order */
	bool drawn = !strcmp(what, "TVD");
	/* sums of counts in single precision, in an order of their own */
	bool single = !strcmp(where, "small_20_20") && !strcmp(what, "cramer_von_mises");
	expect(where, block, what, got, want, 1e-8, drawn ? 0.0021 : single ? 1e-8 : series ? 1e-13 : 1e-14);
}

static void expect_distance(const char *where, const char *block, const char *what, double got, double want)
{
	/* sqrt(1 - x) near 0 keeps half the digits */
	bool root = !strcmp(what, "hellinger");
	/* SciPy's squares of subnormal gaps vanish; ours are scaled */
	bool vanished = !strcmp(where, "denormal") && (!strcmp(what, "energy") || !strcmp(what, "ed"));
	/* and its products of a difference below 1 and the least double are 0 or that double again */
	bool grainy = !strcmp(where, "denormal") && !strcmp(what, "wasserstein");
	/* a quadratic form in the inverse of rounding noise: two different constants */
	if (!strcmp(where, "const_diff") && !strcmp(what, "epps_singleton"))
		want = INFINITY;
	expect(where, block, what, got, want, 1e-9, vanished ? 1e-150 : grainy ? 1e-318 : root ? 1e-6 : 0);
}

/* ---- SciPy ---- */

struct field { const char *name, *test; bool evidently; const char *value; };      /* value: of "statistic" */
static const struct field fields[] = {
	{ "ks_auto", "ks", false, "statistic" }, { "wasserstein", "wasserstein_plain", false, "value" }, { "energy", "energy", false, "value" },
	{ "anderson", "anderson", true, "statistic" }, { "cvm", "cramer_von_mises", true, "statistic" },
	{ "mwu_less", "mann_whitney", true, "U1" }, { "mwu_two_sided", "mann_whitney", false, "U1" },
	{ "ttest", "t", true, "statistic" }, { "welch", "welch", true, "statistic" }, { "epps_singleton", "epps_singleton", true, "statistic" },
	{ "chisquare", "chi_square", true, "statistic" }, { "chi2_contingency", "chi_square", false, "statistic" },
	{ "g_test", "g", true, "statistic" }, { "fisher", "fisher", false, NULL }, { "tvd", "total_variation", false, "value" },
};

static void check_field(const char *where, const struct field *f, const json_t *want, const struct pair *p)
{
	struct test_options o = { .evidently = f->evidently, .numpy1 = true, .seed = 1, .permutations = 9 };
	if (!strcmp(f->name, "cvm") && p->ref.n <= 20 && p->cur.n <= 20)
		o.evidently = false;             /* SciPy counts paths in whole numbers */
	struct test_result r;
	const struct drift_test *t = drift_test_find(f->test);
	drift_test_run(t, p, &o, &r);
	if (json_object_get(want, "error")) {
		compared++;
		if (!r.why_not)
			wrong++, print_error("%s %s: should have refused\n", where, f->name);
		return;
	}
	if (r.why_not) {
		wrong++, print_error("%s %s: %s\n", where, f->name, r.why_not);
		return;
	}
	if (f->value)
		expect_distance(where, "statistic", f->name, r.statistic, golden_number(json_object_get(want, f->value)));
	if (json_object_get(want, "pvalue"))
		expect_p(where, "p", f->name, r.p, golden_number(json_object_get(want, "pvalue")));
	if (json_object_get(want, "dof"))
		expect(where, "dof", f->name, r.extra[0], golden_number(json_object_get(want, "dof")), 0, 0);
}

/* What no test's main result says. */
static bool check_other(const char *where, const char *name, const json_t *want, const struct pair *p)
{
	double n = (double)p->ref.n, m = (double)p->cur.n, d = fmax(p->walk.d_plus, p->walk.d_minus), value = golden_number(json_object_get(want, "value"));
	struct test_options o = { .evidently = true };
	struct test_result r;
	if (!strcmp(name, "ks_exact"))
		expect_p(where, "p", name, smirnov_two_sample_exact(d, (int)n, (int)m), golden_number(json_object_get(want, "pvalue")));
	else if (!strcmp(name, "ks_asymp"))
		expect_p(where, "p", name, kolmogorov_upper(nearbyint(n * m / (n + m)), d), golden_number(json_object_get(want, "pvalue")));
	else if (!strcmp(name, "effect_cohen_d")) {
		drift_test_run(drift_test_find("t"), p, &o, &r);
		expect_distance(where, "effect", name, r.effect, value);
	} else if (!strcmp(name, "l_infinity")) {
		drift_test_run(drift_test_find("total_variation"), p, NULL, &r);
		expect_distance(where, "extra", name, r.extra[0], value);
	} else
		return false;
	return true;
}

static void check_ks(const char *where, const json_t *want, const struct pair *p)
{
	struct test_result r;
	drift_test_run(drift_test_find("ks"), p, NULL, &r);
	expect(where, "location", "ks", r.extra[0], golden_number(json_object_get(want, "location")), 0, 0);
	expect(where, "sign", "ks", r.extra[1], golden_number(json_object_get(want, "sign")), 0, 0);
	expect(where, "exact", "ks", r.extra[2], !strcmp(json_string_value(json_object_get(want, "mode")), "exact"), 0, 0);
}

static void check_reference(const char *where, json_t *block, const struct pair *p)
{
	const char *name;
	json_t *want;
	json_object_foreach(block, name, want) {
		const struct field *f = NULL;
		for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
			if (!strcmp(fields[i].name, name))
				f = &fields[i];
		if (f)
			check_field(where, f, want, p);
		else if (!check_other(where, name, want, p))
			fail_msg("%s: nothing reads %s", where, name);
		if (!strcmp(name, "ks_auto"))
			check_ks(where, want, p);
	}
}

/* ---- Evidently ---- */

static void check_score(const char *where, const char *name, const json_t *want, const struct drift_test *t, const struct pair *p)
{
	struct test_options o = { .evidently = true, .numpy1 = true };
	struct test_result r;
	drift_test_run(t, p, &o, &r);
	if (json_object_get(want, "error")) {
		compared++;
		if (!r.why_not)
			wrong++, print_error("%s %s: should have refused\n", where, name);
		return;
	}
	double score = drift_test_score(t, &r), gold = golden_number(json_object_get(want, "score"));
	if (r.why_not)
		wrong++, print_error("%s %s: %s\n", where, name, r.why_not);
	if (t->kind == TEST_P_VALUE)
		expect_p(where, "evidently", name, score, gold);
	else
		expect_distance(where, "evidently", name, score, gold);
	expect(where, "threshold", name, t->evidently_threshold, golden_number(json_object_get(want, "threshold")), 0, 0);
	expect(where, "drifted", name, drift_test_evidently_drifted(t, score, t->evidently_threshold), json_is_true(json_object_get(want, "drifted")), 0, 0);
}

static void check_choice(const char *where, const json_t *want, const struct pair *p, bool category)
{
	const struct drift_test *t = drift_test_evidently_choice(p, category);
	compared += 2;
	if (!t || strcmp(t->evidently_id, json_string_value(json_object_get(want, "method"))) ||
		strcmp(t->evidently_title, json_string_value(json_object_get(want, "display_name"))))
		wrong++, print_error("%s: would choose %s\n", where, t ? t->evidently_id : "none");
	else
		check_score(where, t->evidently_id, want, t, p);
}

static void check_mmd(const char *where, const json_t *want, const struct pair *p)
{
	struct test_options o = { .evidently = true, .permutations = 1, .seed = 1 };
	struct test_result r;
	if (!strcmp(where, "offset_1e9"))        /* x^2 - 2xy + y^2 of values near 1e9: nothing is left of the distance there */
		return;
	drift_test_run(drift_test_find("empirical_mmd"), p, &o, &r);
	if (json_object_get(want, "error"))
		assert_non_null(r.why_not);
	else                                     /* a difference of sums near 1 that cancel */
		expect(where, "evidently", "mmd", r.statistic, golden_number(json_object_get(want, "value")), 1e-9, 1e-14);
}

static void check_evidently(const char *where, json_t *block, const struct pair *p, bool category)
{
	const char *name;
	json_t *want;
	json_object_foreach(block, name, want) {
		if (!strcmp(name, "error")) {
			assert_null(drift_test_evidently_choice(p, category));
			compared++;
		} else if (!strcmp(name, "default"))
			check_choice(where, want, p, category);
		else if (!strcmp(name, "empirical_mmd_statistic"))
			check_mmd(where, want, p);
		else {
			const struct drift_test *t = drift_test_find(name);
			if (!t)
				fail_msg("%s: no test %s", where, name);
			check_score(where, name, want, t, p);
		}
	}
}

/* ---- NumPy 2, and what the columns themselves say ---- */

static void check_numpy2(const char *where, json_t *block, const struct pair *p)
{
	const char *name;
	json_t *want;
	json_object_foreach(block, name, want) {
		struct test_options o = { .evidently = true };
		struct test_result r;
		drift_test_run(drift_test_find(name), p, &o, &r);
		expect_distance(where, "numpy2", name, r.statistic, golden_number(want));
		/* ours counts shares, not densities, so that edges that round far from 0 and products that vanish do no harm */
		bool extreme = p->walk.unit != 1 || !strcmp(where, "offset_1e9");
		drift_test_run(drift_test_find(name), p, NULL, &r);
		if (strcmp(name, "hellinger") != 0 || !extreme)
			expect_distance(where, "default", name, r.statistic, golden_number(want));
	}
}

static void check_side(const char *where, const json_t *want, const struct side *s)
{
	if (!want)
		return;
	expect(where, "summary", "mean", s->mean, golden_number(json_object_get(want, "mean")), 1e-9, 1e-12 * s->max);
	if (s->unit == 1)                        /* else NumPy's squares overflow or vanish */
		expect(where, "summary", "std_ddof1", side_sd(s, 1), golden_number(json_object_get(want, "std_ddof1")), 1e-9, 0);
	if (s->unit == 1 && json_object_get(want, "std_ddof0"))
		expect(where, "summary", "std_ddof0", side_sd(s, 0), golden_number(json_object_get(want, "std_ddof0")), 1e-9, 0);
	expect(where, "summary", "min", s->min, golden_number(json_object_get(want, "min")), 0, 0);
	expect(where, "summary", "max", s->max, golden_number(json_object_get(want, "max")), 0, 0);
	expect(where, "summary", "q25", quantile_sorted(s->sorted, s->n, 0.25), golden_number(json_object_get(want, "q25")), 1e-12, 0);
	expect(where, "summary", "q50", quantile_sorted(s->sorted, s->n, 0.5), golden_number(json_object_get(want, "q50")), 1e-12, 0);
	expect(where, "summary", "q75", quantile_sorted(s->sorted, s->n, 0.75), golden_number(json_object_get(want, "q75")), 1e-12, 0);
}

static void check_counts(const char *where, const json_t *one, const struct pair *p)
{
	const struct { const char *key; size_t got; } rows[] = {
		{ "n_ref", p->ref.rows }, { "n_cur", p->cur.rows }, { "n_ref_clean", p->n_ref }, { "n_cur_clean", p->n_cur },
		{ "missing_ref", p->ref.missing }, { "missing_cur", p->cur.missing }, { "nunique_ref", p->ref.distinct }, { "nunique_cur", p->cur.distinct },
		{ "nunique_both", p->ref.sorted ? p->n_ref && p->n_cur ? p->walk.distinct : p->ref.distinct + p->cur.distinct : p->n_cats },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json_t *v = json_object_get(one, rows[i].key);
		if (v)
			expect(where, "count", rows[i].key, (double)rows[i].got, json_number_value(v), 0, 0);
	}
}

static void check_case(json_t *one)
{
	const char *id = json_string_value(json_object_get(one, "id"));
	bool category = strcmp(json_string_value(json_object_get(one, "kind")), "num") != 0;
	struct arena *a = arena_new();
	struct pair *p;
	struct err e;
	assert_int_equal(pair_new(golden_column(a, one, "ref"), golden_column(a, one, "cur"), &p, &e), ST_OK);
	check_counts(id, one, p);
	check_reference(id, json_object_get(one, "reference"), p);
	check_evidently(id, json_object_get(one, "evidently"), p, category);
	check_numpy2(id, json_object_get(one, "spec_numpy2"), p);
	check_side(id, json_object_get(json_object_get(one, "summary"), "ref"), &p->ref);
	check_side(id, json_object_get(json_object_get(one, "summary"), "cur"), &p->cur);
	pair_free(p);
	arena_free(a);
}

/* levene.txt: SciPy of a newer release, which the set itself does not hold. Offsets of 1e9 leave a double's steps in every distance from the median. */
static void check_levene(const char *table, const char *id, const struct pair *p)
{
	char key[64];
	const int n = snprintf(key, sizeof key, "\n%s ", id);
	const char *at = strstr(table, key);
	struct test_result r;
	char *end;
	if (!at)
		return;
	const double statistic = strtod(at + n, &end), value = strtod(end, NULL), steps = strcmp(id, "offset_1e9") == 0 ? 1e-5 : 1e-9;
	drift_test_run(drift_test_find("levene"), p, NULL, &r);
	expect(id, "levene", "statistic", r.statistic, statistic, steps, 1e-12);
	expect(id, "levene", "p", r.p, value, 10 * steps, 1e-14);
	levene_seen++;
}

static void golden_levene(void **state)
{
	size_t n, i;
	char *text = golden_read("golden.json", &n), *table = golden_read("levene.txt", &i);
	json_error_t e;
	json_t *all = json_loadb(text, n, 0, &e), *one;
	(void)state;
	json_array_foreach(json_object_get(all, "cases"), i, one) {
		struct arena *a = arena_new();
		struct pair *p;
		struct err err;
		assert_int_equal(pair_new(golden_column(a, one, "ref"), golden_column(a, one, "cur"), &p, &err), ST_OK);
		check_levene(table, json_string_value(json_object_get(one, "id")), p);
		pair_free(p);
		arena_free(a);
	}
	assert_int_equal(levene_seen, LEVENE_CASES);
	assert_int_equal(wrong, 0);
	json_decref(all);
	free(text), free(table);
}

static void golden_values(void **state)
{
	size_t n, i;
	char *text = golden_read("golden.json", &n);
	json_error_t e;
	json_t *all = json_loadb(text, n, 0, &e), *one;
	(void)state;
	assert_non_null(all);
	json_array_foreach(json_object_get(all, "cases"), i, one)
		check_case(one);
	print_message("%d values compared\n", compared);
	assert_int_equal(json_array_size(json_object_get(all, "cases")), 51);
	assert_true(compared > 3900);
	json_decref(all);
	free(text);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(golden_values), cmocka_unit_test(golden_levene) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
