/* roles -- what columns mean: the target, what the model predicted, with which probability, ids and times.
 *
 * Judged   target and prediction are compared like other columns and named first; id and timestamp columns are not compared.
 * Found    by name where nobody says: target, label, y_true; prediction, y_pred; probability, score, proba; id, ..._id (all distinct). What is
 *          found is noted in the report; a role that somebody names must exist on the reference side.
 */
#ifndef MLYARD_DRIFT_ROLES_H
#define MLYARD_DRIFT_ROLES_H
#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/io/frame.h"

struct class_column { const char *of, *column; };      /* a class, and the column of its probabilities */
struct drift_roles {
	const char *target, *prediction, *probability, *timestamp, *id;   /* names of columns; NULL: look for one; "": there is none */
	const char *positive;                        /* the class that the probability is about; NULL: "1", "true", "yes" or the later of two in order */
	const char *const *segments; size_t n_segments;      /* columns to slice by; none: all with few values */
	const struct class_column *probabilities; size_t n_probabilities;        /* of each class; never looked for */
	double threshold;                            /* of the probability where there is no prediction; 0: 0.5 */
};
/* Fills what is NULL from the names of the reference's columns. ST_USAGE: a named column is not there. Texts live in the frames or the arena. */
enum status roles_settle(struct drift_roles *roles, const struct frame *ref, const struct frame *cur, struct arena *a, struct err *e);
bool roles_may_be_id(const struct frame_col *c);           /* called id or ..._id, and no value repeats */
const char *roles_of(const struct drift_roles *roles, const char *column);     /* "target", ...; "": none */
#endif
