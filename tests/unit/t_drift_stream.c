/* t_drift_stream -- detectors against the golden streams: the same detections at the same values, as many warnings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "core/drift/changes.h"
#include "tests/unit/drift_help.h"

/* Segments of 0/1 with a probability, or uniform between two values, from one SplitMix64. */
static double *make_stream(const json_t *spec, size_t n)
{
	double *v = malloc(n * sizeof *v);
	uint64_t state = (uint64_t)json_integer_value(json_object_get(spec, "seed"));
	bool errors = !strcmp(json_string_value(json_object_get(spec, "kind")), "bern");
	const json_t *segs = json_object_get(spec, "segs"), *seg;
	size_t at = 0, i;
	assert_non_null(v);
	json_array_foreach(segs, i, seg) {
		double a = json_number_value(json_array_get(seg, 1)), b = json_number_value(json_array_get(seg, 2));
		for (json_int_t k = json_integer_value(json_array_get(seg, 0)); k > 0; k--) {
			double u = stream_unit(&state);
			v[at++] = errors ? u < a : a + (b - a) * u;
		}
	}
	assert_int_equal(at, n);
	return v;
}

static void check_stream(const json_t *one, const double *v, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += v[i];
	assert_true(near(sum, json_number_value(json_object_get(one, "sum")), 1e-12, 0));
	for (size_t i = 0; i < 5; i++)
		assert_true(near(v[i], json_number_value(json_array_get(json_object_get(one, "first5"), i)), 1e-15, 1e-15));
}

static const struct { const char *gold, *id; bool two_sided; } names[] = {
	{ "ADWIN", "adwin", false }, { "PageHinkley", "page_hinkley", false }, { "DDM", "ddm", false }, { "EDDM", "eddm", false },
	{ "HDDM_A", "hddm_a", false }, { "HDDM_W", "hddm_w", false }, { "HDDM_A_two", "hddm_a", true }, { "HDDM_W_two", "hddm_w", true },
};

static void check_detector(const char *where, const char *gold, const json_t *want, const double *v, size_t n)
{
	size_t row = 0, fired = 0;
	while (row < sizeof names / sizeof *names && strcmp(names[row].gold, gold) != 0)
		row++;
	assert_true(row < sizeof names / sizeof *names);
	const struct stream_class *c = stream_find(names[row].id);
	double params[8];
	int64_t warned = 0, first = -1;
	enum stream_state before = STREAM_QUIET;
	memcpy(params, c->defaults, sizeof params);
	for (int i = 0; i < 8 && c->params[i]; i++)
		if (!strcmp(c->params[i], "two_sided"))
			params[i] = names[row].two_sided;
	void *state = malloc(c->size);
	assert_non_null(state);
	c->init(state, params, 1);
	const json_t *drift = json_object_get(want, "drift");
	for (size_t i = 0; i < n; i++) {
		enum stream_state s = c->add(state, v[i]);
		if (s == STREAM_DRIFT && json_integer_value(json_array_get(drift, fired++)) != (json_int_t)i)
			fail_msg("%s %s: fires at %zu", where, gold, i);
		if (s == STREAM_WARNING && warned++ == 0)
			first = (int64_t)i;
		/* the golden count lets a warning of EDDM stand while it fires */
		warned += s == STREAM_DRIFT && before == STREAM_WARNING && !strcmp(c->id, "eddm");
		before = s;
	}
	c->done(state);
	free(state);
	if (fired != json_array_size(drift))
		fail_msg("%s %s: %zu detections, not %zu", where, gold, fired, json_array_size(drift));
	if (warned != json_integer_value(json_object_get(want, "n_warning")))
		fail_msg("%s %s: %d warnings, not %d", where, gold, (int)warned, (int)json_integer_value(json_object_get(want, "n_warning")));
	const json_t *at = json_object_get(want, "first_warning");
	if (warned && first != json_integer_value(at))
		fail_msg("%s %s: first warning at %d", where, gold, (int)first);
}

static void golden_streams(void **unused)
{
	size_t size;
	char *text = golden_read("stream_golden.json", &size);
	json_error_t e;
	json_t *all = json_loadb(text, size, 0, &e), *one, *want;
	const char *where, *gold;
	int checked = 0;
	(void)unused;
	assert_non_null(all);
	json_object_foreach(json_object_get(all, "streams"), where, one) {
		size_t n = (size_t)json_integer_value(json_object_get(one, "n"));
		double *v = make_stream(json_object_get(one, "spec"), n);
		check_stream(one, v, n);
		json_object_foreach(json_object_get(one, "expected"), gold, want)
			check_detector(where, gold, want, v, n), checked++;
		free(v);
	}
	assert_int_equal(checked, 28);
	json_decref(all);
	free(text);
}

/* No golden draws exist for KSWIN: it must see a clear step soon, rarely fire without one (each value is a test at 0.005), and repeat itself. */
static void kswin_sees_steps(void **unused)
{
	const struct stream_class *c = stream_find("kswin");
	char state[1024];
	int early[2] = { 0, 0 };
	size_t seen[2] = { 0, 0 };
	(void)unused;
	assert_true(c->size <= sizeof state);
	for (int round = 0; round < 2; round++) {
		uint64_t g = 5;
		c->init(state, NULL, 42);
		for (size_t i = 0; i < 1000; i++)
			if (c->add(state, stream_unit(&g) + (i >= 500 ? 2 : 0)) == STREAM_DRIFT) {
				early[round] += i < 500;
				seen[round] = i >= 500 && !seen[round] ? i : seen[round];
			}
		c->done(state);
	}
	assert_in_range(seen[0], 500, 529);
	assert_true(early[0] <= 3);
	assert_int_equal(seen[0], seen[1]);
	assert_int_equal(early[0], early[1]);
}

static void odd_values_do_no_harm(void **unused)
{
	static const double odd[] = { NAN, INFINITY, -INFINITY, 1e300, -1e300, 5e-324, 0, -0.0, 1, 1, 1 };
	(void)unused;
	for (size_t d = 0; d < stream_count(); d++) {
		const struct stream_class *c = stream_at(d);
		void *state = malloc(c->size);
		assert_non_null(state);
		memset(state, 0x5a, c->size);
		c->init(state, NULL, 7);
		for (int i = 0; i < 5000; i++) {
			enum stream_state s = c->add(state, odd[i % 11]);
			assert_true(s == STREAM_QUIET || s == STREAM_WARNING || s == STREAM_DRIFT);
		}
		c->done(state);
		free(state);
		assert_ptr_equal(stream_find(c->id), c);
		assert_non_null(c->title);
		assert_non_null(c->source);
	}
	assert_true(stream_count() >= 7 && stream_count() <= CHANGES_DETECTORS);
	assert_null(stream_find("none"));
	assert_null(stream_at(7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_streams), cmocka_unit_test(kswin_sees_steps), cmocka_unit_test(odd_values_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
