/* joint_impl -- rows of several columns as a classifier takes them. */
#ifndef MLYARD_DRIFT_JOINT_IMPL_H
#define MLYARD_DRIFT_JOINT_IMPL_H
#include "core/drift/joint.h"
#include "core/drift/logistic.h"

struct joint_column { const struct frame_col *ref, *cur; };
struct joint_feature { uint32_t first, second; };            /* columns it speaks of; equal but for products */
struct joint_rows {
	struct logistic_rows x;                      /* dense: numbers, then squares and products; sparse: indicators and categories */
	size_t side[2], n_linear;                    /* rows of each side, reference first; dense columns that are plain numbers */
	struct joint_feature *feature; size_t room;  /* x.n_columns of them */
	double *dense; size_t *start; uint32_t *index; bool *positive;
};
/* Rows of a sample; columns are numbers, truth values or categories on both sides. */
void joint_encode(const struct joint_column *columns, size_t n, struct joint_rows *out);
void joint_rows_free(struct joint_rows *r);

#endif
