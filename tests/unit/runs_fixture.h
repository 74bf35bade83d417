/* A small workspace for tests of the Runs view: two experiments and a deleted one, a sweep with trials, every state, curves. */
#ifndef MLYARD_TESTS_RUNS_FIXTURE_H
#define MLYARD_TESTS_RUNS_FIXTURE_H
#include <stdbool.h>
#include <stdint.h>
#include "core/store/series.h"
#include "core/store/store.h"

#define FIXTURE_NOW INT64_C(1795000000000)       /* 2026-11-18 11:06:40 UTC */

struct fixture { char dir[64], file[96]; struct store_pool *pool; struct store *s; };
int64_t fx_name(struct fixture *f, const char *key);
void fx_item(struct fixture *f, int kind, int64_t run, const char *key, const char *value);
void fx_points(struct fixture *f, int64_t run, const char *key, const struct point *p, size_t n);
void fx_curve(struct fixture *f, int64_t run, const char *key, size_t n, int64_t start_ms, double from, double to, bool bad);
void fx_run(struct fixture *f, int64_t id, int64_t exp, const char *name, int status, int64_t age_s, int64_t took_s, const char *parent);
void fx_trained(struct fixture *f, int64_t id, int64_t age_s, double lr, int depth, double auc, bool bad, bool curves);
void fx_fill(struct fixture *f);
void fx_open(struct fixture *f);
void fx_commit(struct fixture *f);
void fx_close(struct fixture *f);
#endif
