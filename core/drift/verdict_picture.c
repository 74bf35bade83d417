/* verdict_picture -- the bars of a column, over edges or labels that the reference alone fixes.
 *
 * Numbers with at most REPORT_LABELS values in the reference: a bar each. Else REPORT_BINS equal bins over the reference's range, which is cut at three
 * times the distance of the quartiles beyond them, so that one far value does not push all others into one bar.
 * Words: the reference's most frequent ones. What finds no bar is counted at the ends.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/drift/verdict_impl.h"

static int by_reference(const void *a, const void *b)
{
	const struct category *x = *(const struct category *const *)a, *y = *(const struct category *const *)b;
	return x->ref > y->ref ? -1 : x->ref < y->ref ? 1 : x < y ? -1 : x > y;
}

static const char *label(struct column_work *w, const struct category *c)
{
	char buf[FMT_MAX];
	return isnan(c->value) ? label_of(w->arena, c->word.p, c->word.n) : arena_strdup(w->arena, fmt_exact(buf, c->value));
}

static void label_bars(struct column_work *w, const struct pair *p)
{
	struct report_picture *out = &w->out.picture;
	const struct category **list = mem_array(p->n_cats ? p->n_cats : 1, sizeof *list);
	size_t n = 0, kept;
	for (size_t i = 0; i < p->n_cats; i++) {
		if (p->cats[i].ref > 0)
			list[n++] = &p->cats[i];
		else
			out->cur_outside[1] += p->cats[i].cur;
	}
	if (is_words(p->type))
		qsort(list, n, sizeof *list, by_reference);
	kept = n < REPORT_LABELS ? n : REPORT_LABELS;
	double *ref = arena_array(w->arena, kept, sizeof *ref), *cur = arena_array(w->arena, kept, sizeof *cur);
	const char **labels = arena_array(w->arena, kept, sizeof *labels);
	for (size_t i = 0; i < kept; i++)
		labels[i] = label(w, list[i]), ref[i] = list[i]->ref, cur[i] = list[i]->cur;
	for (size_t i = kept; i < n; i++)
		out->ref_outside[1] += list[i]->ref, out->cur_outside[1] += list[i]->cur;
	free(list);
	out->n = kept, out->labels = labels, out->ref = ref, out->cur = cur;
}

static const double *edges_of(struct arena *a, const struct side *s)
{
	double q1 = quantile_sorted(s->sorted, s->n, 0.25), q3 = quantile_sorted(s->sorted, s->n, 0.75), reach = 3 * (q3 - q1);
	double lo = reach > 0 ? fmax(s->min, q1 - reach) : s->min, hi = reach > 0 ? fmin(s->max, q3 + reach) : s->max;
	double *edges = arena_array(a, REPORT_BINS + 1, sizeof *edges);
	for (int i = 0; i <= REPORT_BINS; i++)
		edges[i] = lo + (hi / REPORT_BINS - lo / REPORT_BINS) * i;
	edges[REPORT_BINS] = hi;
	return edges;
}

static const double *count_bars(struct arena *a, const double *edges, const struct side *s, double outside[2])
{
	double *bars = arena_array(a, REPORT_BINS, sizeof *bars);
	size_t before = count_below(s->sorted, s->n, edges[0]);
	outside[0] = (double)before;
	for (int i = 0; i < REPORT_BINS; i++) {
		size_t upto = i == REPORT_BINS - 1 ? count_to(s->sorted, s->n, edges[i + 1]) : count_below(s->sorted, s->n, edges[i + 1]);
		bars[i] = (double)(upto - before);
		before = upto;
	}
	outside[1] = (double)(s->n - before);
	return bars;
}

void picture_fill(struct column_work *w, const struct pair *p)
{
	struct report_picture *out = &w->out.picture;
	if (!p->n_ref)
		return;
	if (is_words(p->type) || (p->n_cats && p->ref.distinct <= REPORT_LABELS)) {
		label_bars(w, p);
		return;
	}
	if (p->ref.min == p->ref.max)
		return;
	out->edges = edges_of(w->arena, &p->ref);
	out->ref = count_bars(w->arena, out->edges, &p->ref, out->ref_outside);
	out->cur = count_bars(w->arena, out->edges, &p->cur, out->cur_outside);
	out->n = REPORT_BINS;
}
