/* verbs -- the shell commands of drift and data quality; app/verbs.c joins them. */
#ifndef MLYARD_DRIFT_VERBS_H
#define MLYARD_DRIFT_VERBS_H
#include <stddef.h>
#include "core/base/verb.h"
extern const struct verb drift_verbs[];
extern const size_t drift_n_verbs;
extern const struct verb monitor_verbs[];           /* monitors and alerts */
extern const size_t monitor_n_verbs;
#endif
