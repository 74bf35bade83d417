/* verbs -- the shell commands of this domain: import, experiments, runs, metrics, artifacts. */
#ifndef MLYARD_RUNS_VERBS_H
#define MLYARD_RUNS_VERBS_H
#include <stddef.h>
#include "core/base/verb.h"
extern const struct verb runs_verbs[];
extern const size_t runs_n_verbs;
#endif
