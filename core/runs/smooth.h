/* smooth -- the exponential moving average that TensorBoard's slider shows, value for value.
 *
 * Rule     s <- s*w + (1 - w)*y from s = 0; shown: s / (1 - w^n), n counting the finite values so far. Values that are not
 *          finite pass through and do not advance n. A series whose values are all equal comes back untouched. w = 0 is the
 *          series itself; w = 1 shows 0 (nothing is divided out), as TensorBoard does.
 * Why      smoothing the full history, not what is left after sampling: the curve does not depend on the window.
 * Source   TensorBoard, line_chart_v2/data_transformer.ts, classicSmoothing.
 * Threads  pure.
 */
#ifndef MLYARD_RUNS_SMOOTH_H
#define MLYARD_RUNS_SMOOTH_H
#include <stddef.h>
/* out may be y itself. w is held to 0..1; a NaN weight counts as 0. */
void smooth_ema(const double *y, size_t n, double w, double *out);
#endif
