/* means -- what the two tests of means share: moments of both sides in one unit. */
#ifndef MLYARD_DRIFT_MEANS_H
#define MLYARD_DRIFT_MEANS_H
#include "core/drift/drift_test.h"

struct means { double n, m, gap, m2_ref, m2_cur, cohen_d; };    /* gap: reference mean less current mean */
/* natural: in the data's own unit even where squares overflow, as tools without scaling have it. */
void means_of(const struct pair *p, bool natural, struct means *out);
#endif
