#include "core/drift/compare.h"

#include <math.h>
#include <string.h>

static bool same_bins(const struct report_picture *a, const struct report_picture *b)
{
	if (!a->n || a->n != b->n || !a->edges != !b->edges)
		return false;
	for (size_t i = 0; a->edges && i <= a->n; i++)
		if (a->edges[i] != b->edges[i])
			return false;
	for (size_t i = 0; a->labels && b->labels && i < a->n; i++)
		if (strcmp(a->labels[i], b->labels[i]) != 0)
			return false;
	return true;
}

static double total(const struct report_picture *p)
{
	double sum = p->cur_outside[0] + p->cur_outside[1];
	for (size_t i = 0; i < p->n; i++)
		sum += p->cur[i];
	return sum;
}

static double moved(const struct report_picture *a, const struct report_picture *b)
{
	double n = total(a), m = total(b), sum = 0;
	if (!same_bins(a, b) || !(n > 0) || !(m > 0))
		return NAN;
	for (size_t i = 0; i < a->n; i++)
		sum += fabs(a->cur[i] / n - b->cur[i] / m);
	for (int i = 0; i < 2; i++)
		sum += fabs(a->cur_outside[i] / n - b->cur_outside[i] / m);
	return sum / 2;
}

static double effect_of(const struct report_column *c)
{
	for (size_t i = 0; c && i < c->n_tests; i++)
		if (c->tests[i].primary)
			return c->tests[i].effect;
	return NAN;
}

static const char *verdict_of(const struct report_column *c)
{
	return !c ? "absent" : c->drifted ? "drifted" : c->watch ? "watch" : strcmp(c->status, "compared") == 0 ? "stable" : c->status;
}

static struct compare_line line_of(const char *name, const struct report_column *a, const struct report_column *b)
{
	return (struct compare_line){ name, verdict_of(a), verdict_of(b), a, b, effect_of(a), effect_of(b), a && b ? moved(&a->picture, &b->picture) : NAN };
}

struct compare_line *report_compare(const struct report *first, const struct report *second, struct arena *a, size_t *n)
{
	struct compare_line *out = arena_array(a, first->n_columns + second->n_columns + 1, sizeof *out);
	*n = 0;
	for (size_t i = 0; i < first->n_columns; i++)
		out[(*n)++] = line_of(first->columns[i].name, &first->columns[i], report_column(second, first->columns[i].name));
	for (size_t i = 0; i < second->n_columns; i++)
		if (!report_column(first, second->columns[i].name))
			out[(*n)++] = line_of(second->columns[i].name, NULL, &second->columns[i]);
	return out;
}

bool report_same_reference(const struct report *first, const struct report *second)
{
	return !first->has_digests || !second->has_digests || memcmp(first->reference_digest, second->reference_digest, sizeof first->reference_digest) == 0;
}
