/* logistic -- logistic regression with an L2 penalty, over rows that are dense, sparse, or both at once.
 *
 * Minimises sum ln(1 + exp(-y (w x + b))) + l2/2 |w|^2 with y = 1, -1; the intercept b is not penalised (l2 is what scikit-learn calls 1/C).
 * Method   L-BFGS (Nocedal 1980; two-loop recursion) started from the inverse diagonal of the Hessian at 0, with backtracking. Ends when no component of
 *          the gradient is above `tolerance` times the number of rows, or after `rounds`. No randomness: equal data give equal weights.
 * Finite   data that can be separated, constant and equal columns give finite weights as long as l2 > 0.
 * Cost     a round is one pass over the data. Columns should be of about one scale.
 * Owns     the model its weights; logistic_free.
 */
#ifndef MLYARD_DRIFT_LOGISTIC_H
#define MLYARD_DRIFT_LOGISTIC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* Columns 0 .. n_dense-1 lie in dense, row by row; what follows is sparse: row i has index[k], value[k] for k in start[i] .. start[i+1]-1, indices from n_dense to n_columns-1. */
struct logistic_rows {
	size_t n, n_columns, n_dense;
	const double *dense;                         /* n x n_dense; may be NULL when n_dense is 0 */
	const size_t *start; const uint32_t *index; const float *value;      /* start NULL: nothing sparse; value NULL: all are 1 */
	const bool *positive;
};
struct logistic_options { double l2, tolerance; int rounds; };       /* 0: 1; 1e-4; 100 */
struct logistic { double *weights, intercept; size_t n_columns; int rounds; bool converged; };
/* chosen: the rows to learn from; NULL: all. Rows of one class only give weights of 0. */
void logistic_fit(const struct logistic_rows *x, const uint32_t *chosen, size_t n_chosen, const struct logistic_options *o, struct logistic *out);
double logistic_score(const struct logistic *m, const struct logistic_rows *x, size_t row);      /* log odds */
void logistic_free(struct logistic *m);
#endif
