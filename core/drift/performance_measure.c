/* performance_measure -- metrics of a sample, each with the standard error or the counts that its interval needs.
 *
 * Shares      accuracy, precision, recall, specificity of two classes: Wilson's (1927) score interval.
 * F1          = 2 s / (1 + s) with s = TP / (TP + FP + FN), which given its denominator is a share: Wilson's interval of s, carried over.
 * Macro       averages over the classes that occur in target or prediction, a class never predicted counting precision 0, as scikit-learn has it.
 *             Delta method over rows: a row of class i predicted as j moves the sum of F1 by 2 [i=j] / D_i - F_i / D_i - F_j / D_j, where D is a class's
 *             rows plus its predictions; the squares of those moves add up to the variance (Takahashi et al. 2022 derive the same by cells).
 * AUC         DeLong et al. (1988), auc.h; where no pair is misordered its variance is 0, and Wilson's interval at the smaller class's size stands in.
 * Means       log loss (probabilities kept 2.2e-16 from 0 and 1), Brier score, mean error, MAE, MAPE: normal, from the rows' own standard deviation.
 * RMSE        the root of the interval of the mean square. R2 = 1 - A / B: delta method, rows moving it by (e^2 - (A/B) (y - mean)^2) / B.
 * Harm        the interval of a difference of two estimates from their own intervals: Newcombe (1998) for shares, Zou and Donner (2008) for all.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/auc.h"
#include "core/drift/performance_impl.h"

/* ---- estimates ---- */

struct estimate estimate_share(double hits, double rows)
{
	return (struct estimate){ .value = rows > 0 ? hits / rows : NAN, .se = NAN, .hits = hits, .rows = rows, .unit = 1, .form = EST_SHARE };
}

static struct estimate normal(double value, double se, enum estimate_form form)
{
	return (struct estimate){ .value = value, .se = se, .unit = fabs(value), .form = form };
}

static struct estimate f1_share(double tp, double wrong)
{
	struct estimate e = estimate_share(tp, tp + wrong);
	e.form = EST_F1, e.value = 2 * tp / (2 * tp + wrong);
	return e;
}

static void wilson(double hits, double rows, double z, double *low, double *high)
{
	double share = hits / rows, z2 = z * z, centre = share + z2 / (2 * rows), half = z * sqrt(share * (1 - share) / rows + z2 / (4 * rows * rows)), all = 1 + z2 / rows;
	*low = hits == 0 ? 0 : fmax(0, (centre - half) / all);
	*high = hits == rows ? 1 : fmin(1, (centre + half) / all);
}

void estimate_interval(const struct estimate *e, double z, double *low, double *high)
{
	*low = *high = NAN;
	if (isnan(e->value) || e->form == EST_NONE)
		return;
	if (e->form == EST_GIVEN) {
		*low = e->low, *high = e->high;
		return;
	}
	if (e->form == EST_SHARE || e->form == EST_F1) {
		wilson(e->hits, e->rows, z, low, high);
		if (e->form == EST_F1)
			*low = 2 * *low / (1 + *low), *high = 2 * *high / (1 + *high);
		return;
	}
	double middle = e->form == EST_ROOT ? e->value * e->value : e->value;
	*low = middle - z * e->se, *high = middle + z * e->se;
	if (e->form == EST_ROOT)
		*low = sqrt(fmax(0, *low)), *high = sqrt(*high);
	if (e->form == EST_UNIT && !isnan(*low))
		*low = fmax(0, *low), *high = fmin(1, *high);
}

struct harm estimate_harm(const struct estimate *ref, const struct estimate *cur, bool less_is_better, bool by_size, double z)
{
	double rl, rh, cl, ch, r = ref->value, c = cur->value;
	estimate_interval(ref, z, &rl, &rh);
	estimate_interval(cur, z, &cl, &ch);
	if (by_size) {
		double hr = (rh - rl) / 2, hc = (ch - cl) / 2;
		r = fabs(r), c = fabs(c);
		rl = r - hr, rh = r + hr, cl = c - hc, ch = c + hc;
	}
	double size = less_is_better ? c - r : r - c;
	double one = less_is_better ? c - cl : ch - c, other = less_is_better ? rh - r : r - rl;
	return (struct harm){ size, size - sqrt(one * one + other * other) };
}

/* ---- means over rows ---- */

struct mean { double n, sum, m2; };              /* Welford 1962 */

static void mean_add(struct mean *m, double v)
{
	double d = v - (m->n > 0 ? m->sum / m->n : 0);
	m->sum += v, m->n++;
	m->m2 += d * (v - m->sum / m->n);
}

static double mean_of(const struct mean *m) { return m->n > 0 ? m->sum / m->n : NAN; }
static double mean_se(const struct mean *m) { return m->n > 1 ? sqrt(m->m2 / (m->n - 1) / m->n) : NAN; }
static struct estimate mean_estimate(const struct mean *m) { return normal(mean_of(m), mean_se(m), EST_NORMAL); }

/* ---- two classes ---- */

static void measure_two(const struct problem *p, const struct sample *s, struct estimate *out)
{
	double cell[2][2] = { { 0, 0 }, { 0, 0 } }, right = 0, rows = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (s->said[i] == NO_CLASS)
			continue;
		cell[s->y[i] == p->positive][s->said[i] == p->positive]++;
		right += s->y[i] == s->said[i], rows++;
	}
	double tn = cell[0][0], fp = cell[0][1], fn = cell[1][0], tp = cell[1][1];
	out[M_ACCURACY] = estimate_share(right, rows);
	out[M_PRECISION] = estimate_share(tp, tp + fp);
	out[M_RECALL] = estimate_share(tp, tp + fn);
	out[M_SPECIFICITY] = estimate_share(tn, tn + fp);
	out[M_F1] = f1_share(tp, fp + fn);
}

static struct estimate auc_estimate(const struct ranked *r)
{
	struct auc a;
	if (!auc_sorted(r->hits, r->n_hits, r->misses, r->n_misses, &a))
		return (struct estimate){ .value = NAN, .se = NAN };
	if (a.variance == 0) {
		double n = (double)(r->n_hits < r->n_misses ? r->n_hits : r->n_misses);
		return estimate_share(a.value * n, n);
	}
	struct estimate e = normal(a.value, sqrt(a.variance), EST_UNIT);
	e.unit = 1;
	return e;
}

static void measure_losses(const struct problem *p, const struct sample *s, struct estimate *out)
{
	struct mean loss = { 0 }, brier = { 0 };
	for (size_t i = 0; i < s->n; i++) {
		if (isnan(s->p[i]))
			continue;
		bool hit = sample_hit(p, s, i);
		double miss = hit ? 1 - s->p[i] : s->p[i];
		double kept = hit ? fmax(s->p[i], DBL_EPSILON) : fmin(s->p[i], 1 - DBL_EPSILON);
		mean_add(&loss, hit ? -log(fmin(kept, 1 - DBL_EPSILON)) : -log1p(-fmax(kept, DBL_EPSILON)));
		mean_add(&brier, miss * miss);
	}
	out[M_LOG_LOSS] = mean_estimate(&loss);
	out[M_BRIER] = mean_estimate(&brier);
}

/* ---- many classes ---- */

struct tally { double *hit, *of, *said, used, right, rows; };

static void tally_rows(const struct problem *p, const struct sample *s, struct tally *t)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->said[i] == NO_CLASS)
			continue;
		t->of[s->y[i]]++, t->said[s->said[i]]++, t->rows++;
		if (s->y[i] == s->said[i])
			t->hit[s->y[i]]++, t->right++;
	}
	for (size_t k = 0; k < p->n_classes; k++)
		t->used += t->of[k] + t->said[k] > 0;
}

static double part(double k, double n) { return n > 0 ? k / n : 0; }

struct macro { double precision, recall, f1; };

static struct macro class_values(const struct tally *t, size_t k)
{
	return (struct macro){ part(t->hit[k], t->said[k]), part(t->hit[k], t->of[k]), part(2 * t->hit[k], t->of[k] + t->said[k]) };
}

/* How far one row moves the sums over classes. */
static struct macro row_moves(const struct tally *t, uint32_t y, uint32_t said)
{
	struct macro a = class_values(t, y), b = class_values(t, said);
	double d = t->of[y] + t->said[y], e = t->of[said] + t->said[said], hit = y == said;
	return (struct macro){ (hit - b.precision) / t->said[said], (hit - a.recall) / t->of[y], (2 * hit / d) - a.f1 / d - b.f1 / e };
}

static void measure_many(const struct problem *p, const struct sample *s, struct estimate *out)
{
	double *memory = mem_zalloc(3 * (p->n_classes + 1) * sizeof *memory);
	struct tally t = { .hit = memory, .of = memory + p->n_classes, .said = memory + 2 * p->n_classes };
	struct macro sum = { 0 }, square = { 0 };
	tally_rows(p, s, &t);
	for (size_t k = 0; k < p->n_classes; k++) {
		struct macro m = class_values(&t, k);
		sum.precision += m.precision, sum.recall += m.recall, sum.f1 += m.f1;
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->said[i] != NO_CLASS) {
			struct macro m = row_moves(&t, s->y[i], s->said[i]);
			square.precision += m.precision * m.precision, square.recall += m.recall * m.recall, square.f1 += m.f1 * m.f1;
		}
	out[M_ACCURACY] = estimate_share(t.right, t.rows);
	if (t.rows > 0) {
		out[M_PRECISION] = normal(sum.precision / t.used, sqrt(square.precision) / t.used, EST_UNIT);
		out[M_RECALL] = normal(sum.recall / t.used, sqrt(square.recall) / t.used, EST_UNIT);
		out[M_F1] = normal(sum.f1 / t.used, sqrt(square.f1) / t.used, EST_UNIT);
	}
	free(memory);
}

static void measure_usual(const struct problem *p, const struct sample *s, struct estimate *out)
{
	double hits = 0;
	for (size_t i = 0; i < s->n; i++)
		hits += s->y[i] == p->usual;
	out[M_BASE_ACCURACY] = estimate_share(hits, (double)s->n);
}

static void measure_classes(const struct problem *p, const struct sample *s, struct estimate *out)
{
	measure_usual(p, s, out);
	if (p->has_said && p->task == TASK_BINARY)
		measure_two(p, s, out);
	else if (p->has_said)
		measure_many(p, s, out);
	if (p->has_p && p->task == TASK_BINARY) {
		struct ranked r;
		ranked_of(p, s, &r);
		out[M_AUC] = auc_estimate(&r);
		ranked_free(&r);
		measure_losses(p, s, out);
	}
	if (s->each && p->task == TASK_MULTICLASS)
		measure_each(p, s, out);
}

/* ---- numbers ---- */

static double centre_of(const struct sample *s)
{
	struct mean m = { 0 };
	for (size_t i = 0; i < s->n; i++)
		mean_add(&m, s->t[i]);
	return mean_of(&m);
}

static struct estimate r_squared(const struct sample *s, double mse, double centre)
{
	double b = 0, squares = 0, n = (double)s->n;
	for (size_t i = 0; i < s->n; i++)
		b += (s->t[i] - centre) * (s->t[i] - centre);
	b /= n;
	if (!(b > 0))
		return (struct estimate){ .value = NAN, .se = NAN };
	for (size_t i = 0; i < s->n; i++) {
		double e = s->f[i] - s->t[i], d = s->t[i] - centre, move = (e * e - mse / b * d * d) / b;
		squares += move * move;
	}
	struct estimate out = normal(1 - mse / b, sqrt(squares) / n, EST_NORMAL);
	out.unit = 1;
	return out;
}

static void measure_numbers(const struct problem *p, const struct sample *s, struct estimate *out)
{
	struct mean error = { 0 }, size = { 0 }, square = { 0 }, share = { 0 }, base = { 0 };
	double most = s->n ? 0 : NAN;
	for (size_t i = 0; i < s->n; i++) {
		double e = s->f[i] - s->t[i], a = fabs(e);
		mean_add(&error, e), mean_add(&size, a), mean_add(&square, e * e), mean_add(&base, fabs(p->median - s->t[i]));
		if (s->t[i] != 0)
			mean_add(&share, 100 * a / fabs(s->t[i]));
		most = fmax(most, a);
	}
	out[M_ME] = mean_estimate(&error);
	out[M_ME].unit = error.n > 1 ? sqrt(error.m2 / (error.n - 1)) : NAN;
	out[M_MAE] = mean_estimate(&size);
	out[M_RMSE] = normal(sqrt(mean_of(&square)), mean_se(&square), EST_ROOT);
	out[M_R2] = r_squared(s, mean_of(&square), centre_of(s));
	out[M_MAPE] = mean_estimate(&share);
	out[M_MAX_ERROR] = (struct estimate){ .value = most, .se = NAN };
	out[M_BASE_MAE] = mean_estimate(&base);
}

void measure(const struct problem *p, const struct sample *s, struct estimate out[METRICS])
{
	for (int i = 0; i < METRICS; i++)
		out[i] = (struct estimate){ .value = NAN, .se = NAN, .unit = NAN };
	if (p->task == TASK_REGRESSION)
		measure_numbers(p, s, out);
	else
		measure_classes(p, s, out);
}
