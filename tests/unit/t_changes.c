/* t_changes -- series watched by several detectors: where they fire, the means on both sides, scaling, and values that do not suit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "core/base/str.h"
#include "core/drift/changes.h"
#include "tests/unit/drift_help.h"

static struct changes *watch(const char *name, const double *v, size_t n)
{
	const struct stream_class *by[CHANGES_DETECTORS];
	struct err e = { 0 };
	size_t n_by;
	assert_int_equal(changes_detectors(&name, name != NULL, by, &n_by, &e), ST_OK);
	struct change_watch *w = changes_watch(by, n_by);
	for (size_t i = 0; i < n; i++)
		changes_add(w, (int64_t)i * 10, 1000 + (int64_t)i, v[i]);
	return changes_done(w);
}

/* 1,000 errors at a rate of 0.1, then 1,000 at 0.5, from one seed. */
static void make_errors(double v[2000])
{
	uint64_t state = 7;
	for (int i = 0; i < 2000; i++)
		v[i] = stream_unit(&state) < (i < 1000 ? 0.1 : 0.5);
}

/* The detectors' own golden test says at which value they fire; here each must fire where it does when it is alone. */
static void fires_where_the_detector_does(void **state)
{
	double v[2000];
	(void)state;
	make_errors(v);
	struct changes *c = watch("all", v, 2000);
	assert_int_equal(c->n_detectors, stream_count());
	for (size_t d = 0; d < c->n_detectors; d++) {
		const struct stream_class *by = c->detector[d].by;
		size_t fired = 0;
		if (!strcmp(by->id, "page_hinkley"))
			continue;
		void *own = test_malloc(by->size);
		by->init(own, NULL, 1);
		for (size_t i = 0; i < 2000; i++)
			if (by->add(own, v[i]) == STREAM_DRIFT) {
				assert_true(fired < c->detector[d].n);
				assert_int_equal(c->detector[d].at[fired].at.index, i);
				assert_int_equal(c->detector[d].at[fired].at.step, (int64_t)i * 10);
				assert_int_equal(c->detector[d].at[fired++].at.ms, 1000 + (int64_t)i);
			}
		by->done(own);
		test_free(own);
		assert_int_equal(fired, c->detector[d].n);
	}
	changes_free(c);
}

static double mean_of(const double *v, size_t from, size_t to)
{
	double sum = 0;
	for (size_t i = from; i < to; i++)
		sum += v[i];
	return sum / (double)(to - from);
}

static void means_are_of_the_pieces_between(void **state)
{
	double v[2000];
	(void)state;
	make_errors(v);
	struct changes *c = watch(NULL, v, 2000);
	assert_int_equal(c->n_detectors, 2);
	for (size_t d = 0; d < 2; d++) {
		size_t from = 0;
		const struct change_detector *k = &c->detector[d];
		assert_true(k->n >= 1);
		assert_true(k->at[k->n - 1].at.index > 1000 && k->at[k->n - 1].at.index < 1100);
		for (size_t i = 0; i < k->n; i++) {
			size_t here = (size_t)k->at[i].at.index + 1, next = i + 1 < k->n ? (size_t)k->at[i + 1].at.index + 1 : 2000;
			assert_true(near(k->at[i].before, mean_of(v, from, here), 1e-12, 0));
			assert_true(near(k->at[i].after, mean_of(v, here, next), 1e-12, 0));
			assert_int_equal(k->at[i].n_before, here - from);
			assert_int_equal(k->at[i].n_after, next - here);
			from = here;
		}
	}
	changes_free(c);
}

static void a_change_at_the_last_value_has_no_mean_behind_it(void **state)
{
	double v[2000];
	(void)state;
	make_errors(v);
	struct changes *c = watch("hddm_a", v, 2000);
	size_t last = (size_t)c->detector[0].at[c->detector[0].n - 1].at.index;
	changes_free(c);
	c = watch("hddm_a", v, last + 1);
	assert_int_equal(c->detector[0].at[c->detector[0].n - 1].n_after, 0);
	assert_true(isnan(c->detector[0].at[c->detector[0].n - 1].after));
	changes_free(c);
}

/* A unit of 1e6, an offset of 3e9: Page-Hinkley sees what it sees in the plain series, because it sees the scaled values. */
static void page_hinkley_does_not_depend_on_the_unit(void **state)
{
	double v[2000], far[2000];
	uint64_t seed = 11;
	(void)state;
	for (int i = 0; i < 2000; i++) {
		v[i] = stream_unit(&seed) + (i < 1000 ? 0 : 2);
		far[i] = v[i] * 1e6 + 3e9;
	}
	struct changes *a = watch("page_hinkley", v, 2000), *b = watch("page_hinkley", far, 2000);
	assert_int_equal(a->detector[0].n, b->detector[0].n);
	assert_true(a->scaled && b->scaled);
	assert_true(near(b->spread, a->spread * 1e6, 1e-9, 0));
	assert_true(near(b->median, a->median * 1e6 + 3e9, 1e-12, 0));
	bool seen = false;                                   /* early alarms on the calm part are the detector's own */
	for (size_t i = 0; i < a->detector[0].n; i++) {
		assert_int_equal(a->detector[0].at[i].at.index, b->detector[0].at[i].at.index);
		seen |= a->detector[0].at[i].at.index >= 1000 && a->detector[0].at[i].at.index < 1060;
	}
	assert_true(seen);
	changes_free(a);
	changes_free(b);
}

/* Median of 1..30 is 15.5; the absolute deviations are 0.5, 0.5, 1.5, 1.5 ... 14.5, 14.5 with the median 7.5 (by hand). */
static void the_scale_is_of_the_first_values(void **state)
{
	double v[100];
	(void)state;
	for (int i = 0; i < 100; i++)
		v[i] = i < 30 ? i + 1 : 1e9;
	struct changes *c = watch("page_hinkley", v, 100);
	assert_true(near(c->median, 15.5, 1e-15, 0));
	assert_true(near(c->spread, 1.4826 * 7.5, 1e-15, 0));
	changes_free(c);
	c = watch("page_hinkley", v, 3);                     /* fewer values than wanted: of those that came */
	assert_true(c->scaled && near(c->median, 2, 1e-15, 0));
	changes_free(c);
	for (int i = 0; i < 100; i++)
		v[i] = 4;
	c = watch("page_hinkley", v, 100);                   /* no spread at all */
	assert_true(c->spread == 1 && c->detector[0].n == 0);
	changes_free(c);
	c = watch("page_hinkley", v, 0);
	assert_true(!c->scaled && !c->values);
	changes_free(c);
}

static void other_values_put_the_error_detectors_aside(void **state)
{
	double v[2000];
	struct str why = STR_INIT;
	(void)state;
	make_errors(v);
	v[1999] = 0.25;
	struct changes *c = watch(NULL, v, 2000);
	assert_string_equal(c->detector[0].by->id, "adwin");
	assert_true(c->detector[0].used && c->detector[0].n > 0);
	assert_true(!c->detector[1].used && c->detector[1].n == 0);
	changes_why_unused(c, &c->detector[1], &why);
	assert_string_equal(why.p, "HDDM_A watches errors, 0 or 1; the value at index 1999 is 0.25");
	str_free(&why);
	changes_free(c);
}

static void values_that_are_not_finite_keep_their_place(void **state)
{
	double v[2000], gaps[4000];
	(void)state;
	make_errors(v);
	for (int i = 0; i < 2000; i++)
		gaps[2 * i] = i % 2 ? NAN : INFINITY, gaps[2 * i + 1] = v[i];
	struct changes *a = watch("adwin", v, 2000), *b = watch("adwin", gaps, 4000);
	assert_int_equal(b->values, 4000);
	assert_int_equal(b->not_finite, 2000);
	assert_int_equal(a->detector[0].n, b->detector[0].n);
	for (size_t i = 0; i < a->detector[0].n; i++) {
		assert_int_equal(b->detector[0].at[i].at.index, 2 * a->detector[0].at[i].at.index + 1);
		assert_true(a->detector[0].at[i].before == b->detector[0].at[i].before);
	}
	changes_free(a);
	changes_free(b);
}

static void names(void **state)
{
	const struct stream_class *by[CHANGES_DETECTORS];
	struct err e = { 0 };
	size_t n;
	(void)state;
	const char *const words[] = { "adwin", "kswin", "adwin", "cusum", "all", "adwin" };
	assert_int_equal(changes_detectors(words + 1, 1, by, &n, &e), ST_OK);
	assert_int_equal(n, 1);
	assert_int_equal(changes_detectors(words, 2, by, &n, &e), ST_OK);
	assert_int_equal(n, 2);
	assert_ptr_equal(by[1], stream_find("kswin"));
	assert_int_equal(changes_detectors(words, 3, by, &n, &e), ST_USAGE);
	assert_non_null(strstr(e.text, "twice"));
	assert_int_equal(changes_detectors(words + 3, 1, by, &n, &e), ST_USAGE);
	assert_non_null(strstr(e.text, "page_hinkley"));
	assert_int_equal(changes_detectors(words + 4, 2, by, &n, &e), ST_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_where_the_detector_does), cmocka_unit_test(means_are_of_the_pieces_between),
		cmocka_unit_test(a_change_at_the_last_value_has_no_mean_behind_it), cmocka_unit_test(page_hinkley_does_not_depend_on_the_unit),
		cmocka_unit_test(the_scale_is_of_the_first_values), cmocka_unit_test(other_values_put_the_error_detectors_aside),
		cmocka_unit_test(values_that_are_not_finite_keep_their_place), cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
