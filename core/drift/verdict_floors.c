/* verdict_floors -- floors that a reference with a time axis sets itself: how far do its own chunks lie from the whole?
 *
 * The rows with a time are put in its order and cut into chunks of the current data's size, at least FEWEST and at most MOST of them. Each
 * chunk is compared with the whole reference; the floor of a test is the mean of its effects + 3 standard deviations. What the reference does
 * by itself every day is then no drift, and a reference that holds still makes small changes visible.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/verdict_impl.h"

enum { FEWEST = 6, MOST = 20, CHUNK_ROWS = 30 };

static const struct frame_col *time_axis(const struct compare *c)
{
	const struct frame_col *found = NULL;
	if (c->o->time_column)
		return frame_find(c->ref, c->o->time_column);
	for (size_t i = 0; i < c->ref->n_cols; i++) {
		if (c->ref->cols[i].type != FRAME_TIME)
			continue;
		if (found)
			return NULL;
		found = &c->ref->cols[i];
	}
	return found;
}

struct moment { double at; uint32_t row; };

static int by_time(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at ? 1 : x->row < y->row ? -1 : x->row > y->row;
}

void floors_prepare(struct compare *c)
{
	const struct frame_col *axis = c->o->no_calibration || c->o->evidently ? NULL : time_axis(c);
	size_t n = 0, rows = c->cur->n_rows ? c->cur->n_rows : 1;
	if (!axis || !axis->num || axis->n < FEWEST * CHUNK_ROWS)
		return;
	struct moment *m = mem_array(axis->n, sizeof *m);
	for (size_t i = 0; i < axis->n; i++)
		if (isfinite(axis->num[i]))
			m[n++] = (struct moment){ axis->num[i], (uint32_t)i };
	qsort(m, n, sizeof *m, by_time);
	if (n >= FEWEST * CHUNK_ROWS && m[0].at < m[n - 1].at) {
		size_t chunks = n / rows;
		c->order = mem_array(n, sizeof *c->order);
		for (size_t i = 0; i < n; i++)
			c->order[i] = m[i].row;
		c->n_order = n, c->time_name = axis->name;
		c->n_chunks = chunks < FEWEST ? FEWEST : chunks > MOST ? MOST : chunks;
	}
	free(m);
}

/* Rows order[from..to) of a column, as a column of their own; its values are to be freed. */
static void *take_rows(const struct frame_col *from, const uint32_t *order, size_t n, struct frame_col *out)
{
	*out = *from;
	out->n = n, out->missing = out->nan = out->inf = out->mixed = 0;
	if (from->num) {
		out->num = mem_array(n, sizeof *out->num);
		for (size_t i = 0; i < n; i++)
			out->num[i] = from->num[order[i]];
		return out->num;
	}
	out->code = mem_array(n, sizeof *out->code);
	for (size_t i = 0; i < n; i++)
		out->code[i] = from->code[order[i]];
	return out->code;
}

/* A calibrated floor is at least the fixed one divided by this. */
static const double most_below_fixed = 5;

struct effects { double sum, sum2; size_t n; };

static void add_chunk(const struct column_work *w, const struct frame_col *ref, const struct frame_col *chunk, struct effects *all)
{
	struct pair *p;
	if (pair_new(ref, chunk, &p, NULL) != ST_OK)
		return;
	for (size_t i = 0; i < w->n_tests; i++) {
		struct test_result r;
		drift_test_run(work_test(w, i), p, NULL, &r);
		if (!r.why_not && isfinite(r.effect)) {
			double size = fabs(r.effect);
			all[i].sum += size, all[i].sum2 += size * size, all[i].n++;
		}
	}
	pair_free(p);
}

void floors_calibrate(const struct compare *c, struct column_work *w, const struct frame_col *ref)
{
	struct effects all[VERDICT_TESTS + 4] = { { 0 } };
	if (!c->n_chunks || strcmp(w->out.status, "compared") != 0)
		return;
	for (size_t k = 0; k < c->n_chunks; k++) {
		size_t from = c->n_order * k / c->n_chunks, to = c->n_order * (k + 1) / c->n_chunks;
		struct frame_col chunk;
		void *values = take_rows(ref, c->order + from, to - from, &chunk);
		add_chunk(w, ref, &chunk, all);
		free(values);
	}
	for (size_t i = 0; i < w->n_tests; i++) {
		double n = (double)all[i].n, mean = all[i].sum / n;
		/* What must concern one row in a hundred does so always; and chunks that happen to be alike make no trifle matter. */
		const double least = w->tests[i].threshold / (report_is_own_check(w->tests[i].name) ? 1 : most_below_fixed);
		if (all[i].n >= FEWEST && !isnan(w->tests[i].threshold))
			w->tests[i].threshold = fmax(least, mean + 3 * sqrt(fmax(0, all[i].sum2 / n - mean * mean)));
	}
}
