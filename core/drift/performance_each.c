/* performance_each -- a probability for each class: log loss and ROC AUC of many classes.
 *
 * Rows      those with a probability between 0 and 1 in each of the columns; known only where every class that occurs among the targets has a column.
 * Log loss  mean of -ln of what was given to the class that came, kept 2.2e-16 from 0 and 1, as with two classes.
 * AUC       each class that occurs against all others, and the mean over classes (macro, one against the rest: Provost and Domingos 2003). A row moves the AUC of each class by its placement
 *           less the mean of its side's, over the rows of that side (the parts of DeLong et al. 1988); what it moves the mean by, squared and added up over rows, is the variance. So it
 *           is known that the AUCs of classes come from the same rows.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/auc.h"
#include "core/drift/pair.h"
#include "core/drift/performance_impl.h"

const double **each_find(const struct classes *c, const struct drift_roles *roles, const struct frame *f)
{
	const double **each = roles->n_probabilities ? mem_zalloc((c->n + 1) * sizeof *each) : NULL;
	for (size_t i = 0; i < roles->n_probabilities; i++) {
		const uint32_t k = classes_find(c, roles->probabilities[i].of);
		const struct frame_col *col = frame_find(f, roles->probabilities[i].column);
		if (k != NO_CLASS && col && col->num)
			each[k] = col->num;
	}
	return each;
}

double each_at(const double *const *each, uint32_t class, size_t row)
{
	return each && class != NO_CLASS && each[class] && each[class][row] >= 0 && each[class][row] <= 1 ? each[class][row] : NAN;
}

uint32_t each_likeliest(const double *const *each, size_t n_classes, size_t row)
{
	uint32_t best = NO_CLASS;
	for (uint32_t k = 0; each && k < n_classes; k++)
		if (!isnan(each_at(each, k, row)) && (best == NO_CLASS || each[k][row] > each[best][row]))
			best = k;
	return best;
}

/* Rows of the sample that have all probabilities; *occurs: which classes are among their targets. False: one of those has no column. */
static bool choose_rows(const struct problem *p, const struct sample *s, uint32_t *rows, size_t *n, bool *occurs)
{
	*n = 0;
	for (size_t i = 0; i < s->n; i++) {
		bool whole = true;
		for (uint32_t k = 0; k < p->n_classes && whole; k++)
			whole = !s->each[k] || !isnan(each_at(s->each, k, s->row[i]));
		if (whole)
			rows[(*n)++] = (uint32_t)i, occurs[s->y[i]] = true;
	}
	for (uint32_t k = 0; k < p->n_classes; k++)
		if (occurs[k] && !s->each[k])
			return false;
	return *n > 0;
}

/* ---- AUC ---- */

struct side_scores { double *v; size_t n; };

static double below(const struct side_scores *s, double x)
{
	return ((double)count_below(s->v, s->n, x) + (double)count_to(s->v, s->n, x)) / 2 / (double)s->n;
}

/* AUC of a class against the rest; what each row moves it by is added to `moves`. */
static double auc_of_class(const struct sample *s, uint32_t class, const uint32_t *rows, size_t n, double *scratch, double *moves)
{
	struct side_scores is = { scratch, 0 }, rest = { scratch + n, 0 };
	struct auc a;
	for (size_t i = 0; i < n; i++) {
		struct side_scores *to = s->y[rows[i]] == class ? &is : &rest;
		to->v[to->n++] = s->each[class][s->row[rows[i]]] + 0.0;
	}
	sort_doubles(is.v, scratch + 2 * n, is.n);
	sort_doubles(rest.v, scratch + 2 * n, rest.n);
	if (!auc_sorted(is.v, is.n, rest.v, rest.n, &a))
		return NAN;
	for (size_t i = 0; i < n; i++) {
		const double x = s->each[class][s->row[rows[i]]];
		const bool own = s->y[rows[i]] == class;
		moves[i] += ((own ? below(&rest, x) : 1 - below(&is, x)) - a.value) / (double)(own ? is.n : rest.n);
	}
	return a.value;
}

static struct estimate macro_auc(const struct problem *p, const struct sample *s, const uint32_t *rows, size_t n, const bool *occurs)
{
	double *scratch = mem_array(3 * n + 1, sizeof *scratch), *moves = mem_zalloc((n + 1) * sizeof *moves), sum = 0, classes = 0, squares = 0;
	for (uint32_t k = 0; k < p->n_classes; k++) {
		const double auc = occurs[k] ? auc_of_class(s, k, rows, n, scratch, moves) : NAN;
		if (!isnan(auc))
			sum += auc, classes++;
	}
	for (size_t i = 0; i < n; i++)
		squares += moves[i] * moves[i];
	free(scratch), free(moves);
	if (!(classes > 0))
		return (struct estimate){ .value = NAN, .se = NAN, .unit = NAN };
	return (struct estimate){ .value = sum / classes, .se = sqrt(squares) / classes, .unit = 1, .form = EST_UNIT };
}

/* ---- both ---- */

static struct estimate each_loss(const struct sample *s, const uint32_t *rows, size_t n)
{
	double sum = 0, squares = 0;
	for (size_t i = 0; i < n; i++)
		sum -= log(fmin(fmax(s->each[s->y[rows[i]]][s->row[rows[i]]], DBL_EPSILON), 1 - DBL_EPSILON));
	const double mean = sum / (double)n;
	for (size_t i = 0; i < n; i++) {
		const double d = -log(fmin(fmax(s->each[s->y[rows[i]]][s->row[rows[i]]], DBL_EPSILON), 1 - DBL_EPSILON)) - mean;
		squares += d * d;
	}
	return (struct estimate){ .value = mean, .se = n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : NAN, .unit = fabs(mean), .form = EST_NORMAL };
}

void measure_each(const struct problem *p, const struct sample *s, struct estimate *out)
{
	uint32_t *rows = mem_array(s->n + 1, sizeof *rows);
	bool *occurs = mem_zalloc(p->n_classes + 1);
	size_t n;
	if (choose_rows(p, s, rows, &n, occurs)) {
		out[M_LOG_LOSS] = each_loss(s, rows, n);
		out[M_AUC] = macro_auc(p, s, rows, n, occurs);
	}
	free(rows), free(occurs);
}
