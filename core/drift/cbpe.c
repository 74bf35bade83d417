/* cbpe -- how good a classifier probably is on rows without labels: confidence-based performance estimation as NannyML describes it.
 *
 * Idea        a calibrated probability c says how often rows like this one are positive. Summed over the rows called positive that is the expected number of
 *             true positives, 1 - c that of false ones; likewise below the threshold. Metrics follow from the expected confusion matrix, ROC AUC from the rows
 *             in order of the raw score, each a positive with weight c and a negative with weight 1 - c.
 * Calibrating isotonic regression (Zadrozny and Elkan 2002) of label on probability, by pooling adjacent violators (Ayer et al. 1955), linear between blocks;
 *             only where it helps: over SPLITS random splits, nine tenths to learn and one to check, stratified by class, the expected calibration error of all
 *             checked rows must come out less than without. Not where there is one class only, or AUC is above 0.999. The draws have a fixed seed.
 * Band        labels drawn from the probabilities would scatter the realised metric: each row adds c (1 - c) times the square of what its label moves the
 *             metric by (delta method for ratios and AUC). sd is the root; it is what the assumption allows, not more.
 * Many classes  the probability is that of the predicted class: c is the chance that the row is right, their mean the accuracy. Nothing else follows.
 * Cost        sorts, then linear passes over distinct probabilities.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/auc.h"
#include "core/drift/performance_impl.h"
#include "core/drift/random.h"

enum { SPLITS = 10, CHECKED_PART = 10 };
static const double nearly_perfect = 0.999;

/* ---- isotonic regression ---- */

struct block { double from, to, hits, rows; };
struct isotonic { struct block *at; size_t n; };

static double block_value(const struct block *b) { return b->hits / b->rows; }

static void isotonic_fit(const struct level *l, size_t n, struct isotonic *out)
{
	*out = (struct isotonic){ .at = mem_array(n + 1, sizeof *out->at) };
	for (size_t i = 0; i < n; i++) {
		struct block b = { l[i].p, l[i].p, l[i].hits, l[i].hits + l[i].misses };
		if (b.rows == 0)
			continue;
		for (; out->n && block_value(&out->at[out->n - 1]) >= block_value(&b); out->n--) {
			const struct block *last = &out->at[out->n - 1];
			b = (struct block){ last->from, b.to, last->hits + b.hits, last->rows + b.rows };
		}
		out->at[out->n++] = b;
	}
}

/* *at moves up with p, so that a walk over ascending p is linear. */
static double isotonic_at(const struct isotonic *f, double p, size_t *at)
{
	while (*at + 1 < f->n && p >= f->at[*at + 1].from)
		++*at;
	const struct block *b = &f->at[*at];
	if (p <= b->to || *at + 1 == f->n)
		return block_value(b);
	const struct block *next = b + 1;
	double t = (p - b->to) / (next->from - b->to);
	return block_value(b) + t * (block_value(next) - block_value(b));
}

/* ---- does it help? ---- */

/* Rows of equal counts a bin; a level that lies across an end is split in proportion, as rows of equal probability in random order would be on average. */
static double error_of(const struct level *l, size_t n)
{
	double all = 0, room, sum = 0, p = 0, hits = 0;
	for (size_t i = 0; i < n; i++)
		all += l[i].hits + l[i].misses;
	room = all / CALIBRATION_BINS;
	for (size_t i = 0; i < n; i++) {
		double left = l[i].hits + l[i].misses, share = l[i].hits / left;
		while (left > 0) {
			double take = fmin(left, room);
			p += take * l[i].p, hits += take * share, room -= take, left -= take;
			if (room > 1e-9 * all)
				continue;
			sum += fabs(p - hits);
			p = hits = 0, room = all / CALIBRATION_BINS;
		}
	}
	return all > 0 ? (sum + fabs(p - hits)) / all : 0;
}

/* Draws `need` of the sorted values into one list and leaves the rest in the other (Knuth, algorithm S). */
static void draw(const double *v, size_t n, size_t need, struct random *rng, double *taken, double *rest)
{
	for (size_t i = 0, left = need; i < n; i++)
		if (random_unit(rng) * (double)(n - i) < (double)left)
			*taken++ = v[i], left--;
		else
			*rest++ = v[i];
}

struct split { struct ranked learn, check; };

static void split_make(const struct ranked *r, struct random *rng, struct split *s)
{
	size_t h = (r->n_hits + CHECKED_PART / 2) / CHECKED_PART, m = (r->n_misses + CHECKED_PART / 2) / CHECKED_PART;
	s->check.n_hits = h, s->check.n_misses = m, s->learn.n_hits = r->n_hits - h, s->learn.n_misses = r->n_misses - m;
	draw(r->hits, r->n_hits, h, rng, s->check.hits, s->learn.hits);
	draw(r->misses, r->n_misses, m, rng, s->check.misses, s->learn.misses);
}


static void apply(const struct isotonic *f, const double *v, size_t n, double *out)
{
	for (size_t i = 0, at = 0; i < n; i++)
		out[i] = isotonic_at(f, v[i], &at);
}

static double pooled_error(struct ranked *pooled)
{
	size_t n;
	ranked_sort(pooled);
	struct level *l = ranked_levels(pooled, &n);
	double e = error_of(l, n);
	free(l);
	return e;
}

static void ranked_make(struct ranked *r, size_t hits, size_t misses)
{
	*r = (struct ranked){ .hits = mem_array(hits + 1, sizeof(double)), .misses = mem_array(misses + 1, sizeof(double)) };
}

static void check_split(const struct split *s, struct ranked *before, struct ranked *after)
{
	size_t n;
	struct isotonic f;
	struct level *l = ranked_levels(&s->learn, &n);
	isotonic_fit(l, n, &f);
	memcpy(before->hits + before->n_hits, s->check.hits, s->check.n_hits * sizeof(double));
	memcpy(before->misses + before->n_misses, s->check.misses, s->check.n_misses * sizeof(double));
	apply(&f, s->check.hits, s->check.n_hits, after->hits + before->n_hits);
	apply(&f, s->check.misses, s->check.n_misses, after->misses + before->n_misses);
	before->n_hits = after->n_hits += s->check.n_hits;
	before->n_misses = after->n_misses += s->check.n_misses;
	free(f.at);
	free(l);
}

static bool helps(const struct ranked *r)
{
	struct random rng = { 42 };
	struct split s;
	struct ranked before, after;
	struct auc a;
	if (!auc_sorted(r->hits, r->n_hits, r->misses, r->n_misses, &a) || a.value > nearly_perfect || r->n_hits < CHECKED_PART || r->n_misses < CHECKED_PART)
		return false;
	ranked_make(&s.learn, r->n_hits, r->n_misses), ranked_make(&s.check, r->n_hits, r->n_misses);
	ranked_make(&before, SPLITS * (r->n_hits / CHECKED_PART + 1), SPLITS * (r->n_misses / CHECKED_PART + 1));
	ranked_make(&after, SPLITS * (r->n_hits / CHECKED_PART + 1), SPLITS * (r->n_misses / CHECKED_PART + 1));
	for (int i = 0; i < SPLITS; i++) {
		split_make(r, &rng, &s);
		check_split(&s, &before, &after);
	}
	bool yes = pooled_error(&after) < pooled_error(&before);
	ranked_free(&s.learn), ranked_free(&s.check);
	ranked_free(&before), ranked_free(&after);
	return yes;
}

/* ---- what is to be expected ---- */

struct expected { double c, called, not_called; };   /* a level of the current rows: calibrated probability, rows called positive, rows not */

static struct expected *expect(const struct problem *p, const struct sample *s, const struct isotonic *f, size_t *n)
{
	struct ranked r;
	ranked_make(&r, s->n, s->n);
	for (size_t i = 0; i < s->n; i++) {
		if (isnan(s->p[i]) || s->said[i] == NO_CLASS)
			continue;
		if (p->task == TASK_MULTICLASS || s->said[i] == p->positive)
			r.hits[r.n_hits++] = s->p[i] + 0.0;
		else
			r.misses[r.n_misses++] = s->p[i] + 0.0;
	}
	ranked_sort(&r);
	struct level *l = ranked_levels(&r, n);
	struct expected *e = mem_array(*n + 1, sizeof *e);
	for (size_t i = 0, at = 0; i < *n; i++)
		e[i] = (struct expected){ f ? isotonic_at(f, l[i].p, &at) : l[i].p, l[i].hits, l[i].misses };
	free(l);
	ranked_free(&r);
	return e;
}

/* Each metric is a ratio: (a sum over rows of u + v y) / (of x + z y), with coefficients for rows called positive and for the others. */
static const struct ratio { int metric; double u[2], v[2], x[2], z[2]; } ratios[] = {
	{ M_ACCURACY, { 1, 0 }, { -1, 1 }, { 1, 1 }, { 0, 0 } },
	{ M_PRECISION, { 0, 0 }, { 0, 1 }, { 0, 1 }, { 0, 0 } },
	{ M_RECALL, { 0, 0 }, { 0, 1 }, { 0, 0 }, { 1, 1 } },
	{ M_SPECIFICITY, { 1, 0 }, { -1, 0 }, { 1, 1 }, { -1, -1 } },
	{ M_F1, { 0, 0 }, { 0, 2 }, { 0, 1 }, { 1, 1 } },
};

static void estimate_ratio(const struct ratio *r, const struct expected *e, size_t n, struct cbpe *out)
{
	double top = 0, bottom = 0, variance = 0;
	for (size_t i = 0; i < n; i++) {
		const double rows[2] = { e[i].not_called, e[i].called };
		for (int k = 0; k < 2; k++)
			top += rows[k] * (r->u[k] + r->v[k] * e[i].c), bottom += rows[k] * (r->x[k] + r->z[k] * e[i].c);
	}
	double value = top / bottom;
	for (size_t i = 0; i < n; i++) {
		double spread = e[i].c * (1 - e[i].c), not_called = r->v[0] - value * r->z[0], called = r->v[1] - value * r->z[1];
		variance += spread * (e[i].not_called * not_called * not_called + e[i].called * called * called);
	}
	out->value[r->metric] = bottom > 0 ? value : NAN;
	out->sd[r->metric] = bottom > 0 ? sqrt(variance) / bottom : NAN;
}

static void estimate_auc(const struct expected *e, size_t n, struct cbpe *out)
{
	double positives = 0, negatives = 0, below = 0, area = 0, above, variance = 0;
	for (size_t i = 0; i < n; i++) {
		double rows = e[i].called + e[i].not_called;
		positives += rows * e[i].c, negatives += rows * (1 - e[i].c);
	}
	if (!(positives > 0) || !(negatives > 0))
		return;
	for (size_t i = 0; i < n; i++) {
		double rows = e[i].called + e[i].not_called, here = rows * (1 - e[i].c);
		area += rows * e[i].c * (below + here / 2), below += here;
	}
	double value = area / positives / negatives;
	below = 0, above = positives;
	for (size_t i = 0; i < n; i++) {
		double rows = e[i].called + e[i].not_called, hits = rows * e[i].c, misses = rows - hits;
		double as_positive = (below + misses / 2) / negatives - value, as_negative = (above - hits / 2) / positives - value, move = as_positive / positives - as_negative / negatives;
		variance += rows * e[i].c * (1 - e[i].c) * move * move;
		below += misses, above -= hits;
	}
	out->value[M_AUC] = value, out->sd[M_AUC] = sqrt(variance);
}

void cbpe_estimate(const struct problem *p, const struct sample *ref, const struct sample *cur, struct cbpe *out)
{
	struct ranked r;
	struct isotonic f = { 0 };
	size_t n, levels;
	for (int i = 0; i < METRICS; i++)
		out->value[i] = out->sd[i] = NAN;
	ranked_of(p, ref, &r);
	out->calibrated = helps(&r);
	struct level *l = ranked_levels(&r, &levels);
	isotonic_fit(l, levels, &f);
	struct expected *e = expect(p, cur, out->calibrated ? &f : NULL, &n);
	for (size_t i = 0; i < (p->task == TASK_BINARY ? sizeof ratios / sizeof *ratios : 0); i++)
		estimate_ratio(&ratios[i], e, n, out);
	if (p->task == TASK_BINARY)
		estimate_auc(e, n, out);
	else
		estimate_ratio(&(struct ratio){ M_ACCURACY, { 0, 0 }, { 0, 1 }, { 0, 1 }, { 0, 0 } }, e, n, out);
	free(e), free(l), free(f.at);
	ranked_free(&r);
}
