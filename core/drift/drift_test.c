#include <math.h>
#include <string.h>
#include "core/drift/drift_test.h"

#define X(id) extern const struct drift_test drift_test_##id;
#include "core/drift/test_table.inc"
#undef X
static const struct drift_test *const table[] = {
#define X(id) &drift_test_##id,
#include "core/drift/test_table.inc"
#undef X
};

size_t drift_test_count(void)
{
	return sizeof table / sizeof *table;
}

const struct drift_test *drift_test_at(size_t i)
{
	return i < drift_test_count() ? table[i] : NULL;
}

const struct drift_test *drift_test_find(const char *id)
{
	for (size_t i = 0; i < drift_test_count(); i++)
		if (!strcmp(table[i]->id, id))
			return table[i];
	for (size_t i = 0; i < drift_test_count(); i++)
		if (table[i]->evidently_id && !strcmp(table[i]->evidently_id, id))
			return table[i];
	return NULL;
}

void test_cannot(struct test_result *r, const char *why)
{
	*r = (struct test_result){ .statistic = NAN, .p = NAN, .effect = NAN, .null_value = NAN, .why_not = why };
	for (int i = 0; i < TEST_EXTRAS; i++)
		r->extra[i] = NAN;
}

static bool fits(const struct drift_test *t, const struct pair *p)
{
	bool numbers = p->type != FRAME_CATEGORY && p->type != FRAME_TEXT;
	if (numbers)
		return (t->types & FOR_NUMBERS) || ((t->types & FOR_WORDS) && p->n_cats > 0);
	return t->types & (p->type == FRAME_TEXT ? FOR_TEXT | FOR_WORDS : FOR_WORDS);
}

void drift_test_run(const struct drift_test *t, const struct pair *p, const struct test_options *o, struct test_result *out)
{
	static const struct test_options plain = { .seed = 1 };
	test_cannot(out, NULL);
	if (!fits(t, p))
		test_cannot(out, t->types & FOR_NUMBERS ? "it is for numbers" : "it is for categories");
	else if ((p->n_ref == 0 || p->n_cur == 0) && strcmp(t->id, "missing") != 0)
		test_cannot(out, p->n_ref ? "the current data holds no value" : "the reference holds no value");
	else
		t->run(p, o ? o : &plain, out);
	if (!out->why_not && isnan(out->statistic) && !(o && o->evidently))
		test_cannot(out, "the values are too far apart to compute with");
}

double drift_test_score(const struct drift_test *t, const struct test_result *r)
{
	return t->kind == TEST_P_VALUE ? r->p : r->statistic;
}

bool drift_test_evidently_drifted(const struct drift_test *t, double score, double threshold)
{
	switch (t->evidently_op) {
	case '<': return score < threshold;
	case 'l': return score <= threshold;
	case 'g': return score >= threshold;
	case '>': return score > threshold;
	default: return false;
	}
}

const struct drift_test *drift_test_evidently_choice(const struct pair *p, bool category)
{
	size_t distinct = p->ref.sorted ? p->walk.distinct : p->n_cats;
	const char *id;
	if (p->n_ref == 0 || p->n_cur == 0)
		return NULL;
	if (p->n_ref > 1000)
		id = category || distinct <= 5 ? "jensenshannon" : "wasserstein";
	else
		id = distinct <= 2 ? "z" : category || distinct <= 5 ? "chisquare" : "ks";
	return drift_test_find(id);
}

/* phi^2 less what chance adds, against the least dimension less its own chance (Bergsma 2013). */
double cramers_v(double chi2, double rows, double columns, double n)
{
	if (!(n > 1) || rows < 2 || columns < 2 || isnan(chi2))
		return NAN;
	double phi = fmax(0, chi2 / n - (columns - 1) * (rows - 1) / (n - 1));
	if (phi == 0)
		return 0;
	double r = rows - (rows - 1) * (rows - 1) / (n - 1), c = columns - (columns - 1) * (columns - 1) / (n - 1);
	double least = fmin(r, c) - 1;
	return least > 0 ? fmin(1, sqrt(phi / least)) : 0;       /* nearly as many categories as rows: nothing can be said of them */
}
