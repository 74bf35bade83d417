/* L-BFGS over theta = weights, then the intercept.
 *
 * Past     the last HISTORY steps s and changes of the gradient y, in a ring; a pair without curvature (s y <= 0) is left out.
 * Scale    the diagonal of the Hessian at 0, n/4 at most for a column of variance 1, is the first guess of H, times sy / yHy of the newest pair.
 * Step     the whole one first, halved until Armijo's condition holds; near the minimum the objective's own rounding is allowed, else the last steps never end.
 */
#include "core/drift/logistic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/lanes.h"

enum { HISTORY = 8, USUAL_ROUNDS = 100, MOST_HALVINGS = 40 };
static const double usual_tolerance = 1e-4, armijo = 1e-4, rounding = 4e-16, large = 0x1p1000, least = 0x1p-10;

/* ---- rows and vectors ---- */

static void add(double *out, const double *v, double times, size_t n)
{
	size_t i = 0;
	for (; i + 2 <= n; i += 2)
		lanes_put(out + i, lanes_at(out + i) + times * lanes_at(v + i));
	for (; i < n; i++)
		out[i] += times * v[i];
}

static double sparse_value(const struct logistic_rows *x, size_t k) { return x->value ? (double)x->value[k] : 1; }

static double row_dot(const struct logistic_rows *x, size_t row, const double *w)
{
	double sum = x->n_dense ? lanes_dot(x->dense + row * x->n_dense, w, x->n_dense) : 0;
	for (size_t k = x->start ? x->start[row] : 0; x->start && k < x->start[row + 1]; k++)
		sum += sparse_value(x, k) * w[x->index[k]];
	return sum;
}

static void row_add(const struct logistic_rows *x, size_t row, double times, double *out)
{
	if (x->n_dense)
		add(out, x->dense + row * x->n_dense, times, x->n_dense);
	for (size_t k = x->start ? x->start[row] : 0; x->start && k < x->start[row + 1]; k++)
		out[x->index[k]] += times * sparse_value(x, k);
}

static void row_add_squares(const struct logistic_rows *x, size_t row, double times, double *out)
{
	const double *v = x->n_dense ? x->dense + row * x->n_dense : NULL;
	for (size_t i = 0; i < x->n_dense; i++)
		out[i] += times * v[i] * v[i];
	for (size_t k = x->start ? x->start[row] : 0; x->start && k < x->start[row + 1]; k++)
		out[x->index[k]] += times * sparse_value(x, k) * sparse_value(x, k);
}

/* ---- the objective: theta is the weights with the intercept behind them ---- */

struct fit {
	const struct logistic_rows *x; const uint32_t *chosen; size_t n, dims;
	double l2, *diagonal;
	double *theta, *gradient, *next, *next_gradient, *step, value;
	struct { double *s, *y, rho; } past[HISTORY]; size_t n_past, newest;
};

static size_t row_at(const struct fit *f, size_t i) { return f->chosen ? f->chosen[i] : i; }

/* Logarithms of 1 + small, at most 2, are taken of products of them before these leave the range; those of little more than 1 one by one, as they would lose digits. */
static double objective(const struct fit *f, const double *theta, double *gradient)
{
	size_t d = f->dims - 1;
	double loss = 0, intercept = 0, product = 1;
	for (size_t i = 0; i < d; i++)
		gradient[i] = f->l2 * theta[i];
	for (size_t i = 0; i < f->n; i++) {
		size_t row = row_at(f, i);
		double sign = f->x->positive[row] ? 1 : -1, margin = sign * (row_dot(f->x, row, theta) + theta[d]);
		double small = exp(-fabs(margin)), wrong = (margin > 0 ? small : 1) / (1 + small);       /* chance of the other class */
		loss += margin > 0 ? 0 : -margin;
		if (small > least)
			product *= 1 + small;
		else
			loss += log1p(small);
		if (product > large)
			loss += log(product), product = 1;
		row_add(f->x, row, -sign * wrong, gradient);
		intercept -= sign * wrong;
	}
	gradient[d] = intercept;
	return loss + log(product) + f->l2 / 2 * lanes_dot(theta, theta, d);
}

/* Diagonal of the Hessian at 0, where every row has weight 1/4. */
static void diagonal_fill(struct fit *f)
{
	size_t d = f->dims - 1;
	for (size_t i = 0; i < d; i++)
		f->diagonal[i] = f->l2;
	for (size_t i = 0; i < f->n; i++)
		row_add_squares(f->x, row_at(f, i), 0.25, f->diagonal);
	f->diagonal[d] = 0.25 * (double)f->n;
}

/* ---- L-BFGS ---- */

static double largest(const double *v, size_t n)
{
	double most = 0;
	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(v[i]));
	return most;
}

/* step = -H gradient, with H from the last HISTORY steps. */
static void direction(struct fit *f)
{
	double alpha[HISTORY], scale = 1;
	size_t n = f->dims;
	for (size_t i = 0; i < n; i++)
		f->step[i] = -f->gradient[i];
	for (size_t k = 0; k < f->n_past; k++) {
		size_t at = (f->newest + HISTORY - k) % HISTORY;
		alpha[k] = f->past[at].rho * lanes_dot(f->past[at].s, f->step, n);
		add(f->step, f->past[at].y, -alpha[k], n);
	}
	if (f->n_past) {
		const double *y = f->past[f->newest].y;
		double yy = 0;
		for (size_t i = 0; i < n; i++)
			yy += y[i] * y[i] / f->diagonal[i];
		scale = 1 / (f->past[f->newest].rho * yy);
	}
	for (size_t i = 0; i < n; i++)
		f->step[i] *= scale / f->diagonal[i];
	for (size_t k = f->n_past; k-- > 0; ) {
		size_t at = (f->newest + HISTORY - k) % HISTORY;
		add(f->step, f->past[at].s, alpha[k] - f->past[at].rho * lanes_dot(f->past[at].y, f->step, n), n);
	}
}

/* Halves the step until the objective falls enough (Armijo), up to its own rounding; false: it does not any more. */
static bool search(struct fit *f)
{
	double slope = lanes_dot(f->gradient, f->step, f->dims), t = 1;
	for (int i = 0; slope < 0 && i < MOST_HALVINGS; i++, t /= 2) {
		memcpy(f->next, f->theta, f->dims * sizeof *f->next);
		add(f->next, f->step, t, f->dims);
		double value = objective(f, f->next, f->next_gradient);
		if (value <= f->value + armijo * t * slope + rounding * sqrt((double)f->n) * fabs(f->value)) {
			f->value = value;
			return true;
		}
	}
	return false;
}

static void swap(double **a, double **b)
{
	double *c = *a;
	*a = *b, *b = c;
}

static void remember(struct fit *f)
{
	size_t at = f->n_past ? (f->newest + 1) % HISTORY : 0;
	double *s = f->past[at].s, *y = f->past[at].y;
	for (size_t i = 0; i < f->dims; i++)
		s[i] = f->next[i] - f->theta[i], y[i] = f->next_gradient[i] - f->gradient[i];
	double sy = lanes_dot(s, y, f->dims);
	if (sy > 0 && isfinite(1 / sy)) {
		f->past[at].rho = 1 / sy;
		f->newest = at, f->n_past += f->n_past < HISTORY;
	}
	swap(&f->theta, &f->next);
	swap(&f->gradient, &f->next_gradient);
}

static void minimise(struct fit *f, const struct logistic_options *o, struct logistic *out)
{
	double enough = (o->tolerance > 0 ? o->tolerance : usual_tolerance) * (double)f->n;
	int most = o->rounds > 0 ? o->rounds : USUAL_ROUNDS;
	diagonal_fill(f);
	f->value = objective(f, f->theta, f->gradient);
	while (!(out->converged = largest(f->gradient, f->dims) <= enough) && out->rounds < most) {
		direction(f);
		if (!search(f))
			return;
		remember(f);
		out->rounds++;
	}
}

static bool both_classes(const struct fit *f)
{
	size_t positive = 0;
	for (size_t i = 0; i < f->n; i++)
		positive += f->x->positive[row_at(f, i)];
	return positive > 0 && positive < f->n;
}

void logistic_fit(const struct logistic_rows *x, const uint32_t *chosen, size_t n_chosen, const struct logistic_options *o, struct logistic *out)
{
	static const struct logistic_options usual;
	enum { VECTORS = 6 + 2 * HISTORY };
	struct fit f = { .x = x, .chosen = chosen, .n = chosen ? n_chosen : x->n, .dims = x->n_columns + 1 };
	double *room = mem_zalloc(VECTORS * f.dims * sizeof *room), *at = room, **own[6] = { &f.diagonal, &f.theta, &f.gradient, &f.next, &f.next_gradient, &f.step };
	o = o ? o : &usual;
	f.l2 = o->l2 > 0 ? o->l2 : 1;
	for (size_t i = 0; i < 6; i++, at += f.dims)
		*own[i] = at;
	for (size_t i = 0; i < HISTORY; i++, at += 2 * f.dims)
		f.past[i].s = at, f.past[i].y = at + f.dims;
	*out = (struct logistic){ .weights = mem_zalloc((x->n_columns + 1) * sizeof(double)), .n_columns = x->n_columns };
	if (both_classes(&f)) {
		minimise(&f, o, out);
		memcpy(out->weights, f.theta, x->n_columns * sizeof(double));
		out->intercept = f.theta[x->n_columns];
	}
	free(room);
}

double logistic_score(const struct logistic *m, const struct logistic_rows *x, size_t row)
{
	return row_dot(x, row, m->weights) + m->intercept;
}

void logistic_free(struct logistic *m)
{
	free(m->weights);
	*m = (struct logistic){ 0 };
}
