/* Drift: whatever two columns of numbers hold, every test gives a statistic with a p between 0 and 1, or says why not; sides are sorted; detectors live. The first
 * byte says how many of the values that follow (8 bytes each) are the reference. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/drift_test.h"
#include "core/drift/stream.h"
#include "tests/fuzz/fuzz.h"

enum { MOST = 64 };

static void check_side(const struct side *s)
{
	MUST(s->n + s->missing + s->inf == s->rows && s->distinct <= s->n);
	for (size_t i = 1; i < s->n; i++)
		MUST(s->sorted[i - 1] <= s->sorted[i]);
}

static void check_tests(const struct pair *p)
{
	for (size_t i = 0; i < drift_test_count(); i++) {
		const struct drift_test *t = drift_test_at(i);
		struct test_options ours = { .permutations = 1, .seed = 3 }, theirs = { .evidently = true, .permutations = 1 };
		struct test_result r;
		drift_test_run(t, p, &ours, &r);
		MUST(r.why_not || !isnan(r.statistic));
		MUST(isnan(r.p) || (r.p >= 0 && r.p <= 1));
		if (strcmp(t->id, "total_variation") != 0)
			drift_test_run(t, p, &theirs, &r);
	}
}

static void check_streams(const double *v, size_t n)
{
	for (size_t d = 0; d < stream_count(); d++) {
		const struct stream_class *c = stream_at(d);
		void *state = mem_alloc(c->size);
		c->init(state, NULL, 1);
		for (size_t i = 0; i < n * 4; i++)
			MUST((unsigned)c->add(state, v[i % n]) <= STREAM_DRIFT);
		c->done(state);
		free(state);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	double v[MOST];
	size_t n = size > 1 ? (size - 1) / sizeof *v : 0;
	struct pair *p;
	n = n > MOST ? MOST : n;
	if (n == 0)
		return 0;
	memcpy(v, data + 1, n * sizeof *v);
	size_t ref = data[0] % (n + 1);
	MUST(pair_numbers(v, ref, v + ref, n - ref, &p, NULL) == ST_OK);
	check_side(&p->ref), check_side(&p->cur);
	check_tests(p);
	pair_free(p);
	check_streams(v, n);
	return 0;
}
