/* Which columns and curves a new user should see first, judged from a few runs.
 *
 * Method   the newest runs are looked at (PROBE_RUNS rows of every candidate column, PROBE_DETAILS runs for their curves): params
 *          are worth a column when they differ between runs, metrics by what their names say and how many
 *          runs have them; a metric is a curve when a run has more than one point of it.
 * Why      counting over all runs would cost a scan of every column on the tall workspace; the newest runs are
 *          what the user came to see. The choice is only a start: it is kept once the user changes it. */
#include "views/runs_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"

enum { PROBE_RUNS = 64, PROBE_DETAILS = 8, PROBE_KEYS = 16, SHOW_PARAMS = 3, SHOW_METRICS = 6 };

static bool has_any(const char *key, const char *const *words)
{
	for (; *words; words++)
		if (strcasestr(key, *words))
			return true;
	return false;
}

static const char *const loss_words[] = { "loss", "rmse", "mse", "mae", "error", "perplex", "nll", "logloss", NULL };
static const char *const score_words[] = { "acc", "auc", "f1", "r2", "score", "precision", "recall", "bleu", "iou", "map", "reward", NULL };
static const char *const held_out_words[] = { "val", "test", "eval", "dev", "holdout", NULL };
static const char *const train_words[] = { "train", NULL };
static const char *const side_words[] = { "time", "_std", "seconds", "memory", "epoch", "learning_rate", "per_sec", "stage", NULL };

bool metric_is_loss(const char *key)
{
	return has_any(key, loss_words);
}

double metric_rank(const char *key, double share, const char *primary)
{
	double rank = 10 * share;
	if (primary && !strcmp(key, primary))
		rank += 100;
	if (!strncmp(key, "system/", 7))
		rank -= 20;
	if (has_any(key, side_words))
		rank -= 8;
	if (has_any(key, held_out_words))
		rank += 5;
	if (has_any(key, train_words))
		rank -= 1;
	if (has_any(key, score_words))
		rank += 3;
	else if (metric_is_loss(key))
		rank += 2;
	return rank;
}

/* As a curve: losses first, because they are what moves. */
static double curve_rank(const char *key, double share, const char *primary)
{
	double rank = metric_rank(key, share, NULL) + (metric_is_loss(key) ? 8 : 0);
	return rank + (primary && !strcmp(key, primary) ? 1 : 0);
}

/* ---- candidates -------------------------------------------------------------------------------- */

struct candidate { const char *key; enum col_kind kind; double rank; size_t col; };

static int by_rank(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	return x->rank != y->rank ? (x->rank < y->rank ? 1 : -1) : strcmp(x->key, y->key);
}

static size_t take_candidates(const struct run_keys *keys, enum col_kind kind, const char *primary, struct candidate *out, size_t most)
{
	struct candidate *all = mem_array(keys->n ? keys->n : 1, sizeof *all);
	int64_t top = 1;
	size_t n = 0;
	for (size_t i = 0; i < keys->n; i++)
		if (keys->at[i].kind == kind && keys->at[i].runs > top)
			top = keys->at[i].runs;
	for (size_t i = 0; i < keys->n; i++) {
		const struct run_key *k = &keys->at[i];
		double share = (double)k->runs / (double)top;
		if (k->kind == kind)
			all[n++] = (struct candidate){ k->key, kind, kind == COL_METRIC ? metric_rank(k->key, share, primary) : share, 0 };
	}
	qsort(all, n, sizeof *all, by_rank);
	n = n < most ? n : most;
	memcpy(out, all, n * sizeof *all);
	free(all);
	return n;
}

/* ---- what the newest runs say --------------------------------------------------------------------- */

/* How many different values a column has among the probed rows; up to 9 is enough to tell. */
static size_t distinct_values(const struct runs_snap *sn, size_t col, size_t *present)
{
	char seen[9][64];
	size_t n = 0, rows = runs_snap_count(sn);
	*present = 0;
	for (size_t i = 0; i < rows; i++) {
		struct run_cell c = runs_snap_cell(sn, i, col);
		if (!c.present)
			continue;
		++*present;
		char text[64];
		if (c.is_num)
			snprintf(text, sizeof text, "%.17g", c.num);
		else
			snprintf(text, sizeof text, "%s", c.text ? c.text : "");
		size_t k = 0;
		while (k < n && strcmp(seen[k], text))
			k++;
		if (k == n && n < 9)
			memcpy(seen[n++], text, sizeof text);
	}
	return n;
}

/* Params: those that vary, the commonest first; when none varies, the two commonest. */
static size_t rank_params(const struct runs_snap *sn, struct candidate *c, size_t n)
{
	size_t varying = 0, rows = runs_snap_count(sn);
	for (size_t i = 0; i < n; i++) {
		size_t present, kinds = distinct_values(sn, c[i].col, &present);
		c[i].rank = kinds > 1 ? (double)present / (double)(rows ? rows : 1) * 10 + (double)kinds / 4 : c[i].rank - 5;
		varying += kinds > 1;
	}
	qsort(c, n, sizeof *c, by_rank);
	size_t most = varying ? varying : 2;
	return n < most ? n : most;
}

struct curve_count { char *key; double rank; };

static int by_curve_rank(const void *a, const void *b)
{
	const struct curve_count *x = a, *y = b;
	return x->rank != y->rank ? (x->rank < y->rank ? 1 : -1) : strcmp(x->key, y->key);
}

/* How many of these runs have a curve of each metric. A series of one point has no block, so the index of the blocks tells,
 * without a look at the metrics themselves: a run may have thousands. */
static const char curves_sql[] = "SELECT n.text, count(*) FROM block b JOIN name n ON n.id = b.name_id"
	" WHERE b.run_id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) AND b.level = 0 AND b.seq = 0 GROUP BY b.name_id";
_Static_assert(PROBE_DETAILS == 8, "as many runs as the query names");

static enum status probe_curves(struct store *s, const struct runs_snap *sn, const char *primary, struct rank_probe *out, struct err *e)
{
	struct curve_count *at = NULL;
	size_t n = 0, cap = 0, rows = runs_snap_count(sn), step = rows / PROBE_DETAILS + 1;
	sqlite3_stmt *st = store_stmt(s, curves_sql, e);
	if (!st)
		return ST_FAILED;
	for (size_t i = 0; i * step < rows; i++)
		sqlite3_bind_int64(st, (int)i + 1, runs_snap_row(sn, i * step)->id);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *key = (const char *)sqlite3_column_text(st, 0);
		MEM_GROW(at, cap, n + 1);
		at[n++] = (struct curve_count){ mem_strdup(key), curve_rank(key, sqlite3_column_double(st, 1) / PROBE_DETAILS, primary) };
	}
	if (n)
		qsort(at, n, sizeof *at, by_curve_rank);
	out->curves = mem_array(n ? n : 1, sizeof *out->curves);
	out->n_curves = n;
	for (size_t i = 0; i < n; i++)
		out->curves[i] = at[i].key;
	free(at);
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s, e, "look for curves");
}

void rank_probe_free(struct rank_probe *p)
{
	for (size_t i = 0; i < p->n_curves; i++)
		free(p->curves[i]);
	free(p->curves);
	*p = (struct rank_probe){ 0 };
}

/* ---- the choice -------------------------------------------------------------------------------------- */

/* The metric that MLflow's users name as the one to compare by; new string or NULL. */
static char *primary_metric(struct store *s, const int64_t *exps, size_t n)
{
	sqlite3_stmt *st = n == 1 ? store_stmt(s, "SELECT value FROM experiment_tag WHERE experiment_id = ?1"
		" AND key = 'mlflow.experiment.primaryMetric.name'", NULL) : NULL;
	if (!st)
		return NULL;
	sqlite3_bind_int64(st, 1, exps[0]);
	char *key = sqlite3_step(st) == SQLITE_ROW ? mem_strdup((const char *)sqlite3_column_text(st, 0)) : NULL;
	sqlite3_reset(st);
	return key;
}

static void add_key(struct runs_columns *out, enum col_kind kind, const char *key)
{
	struct str spec = STR_INIT;
	col_format(&spec, &(struct col){ kind, key });
	columns_add(out, spec.p, NULL);
	str_free(&spec);
}

static void fill_columns(struct runs_columns *out, const struct candidate *params, size_t n_params, const struct candidate *metrics,
	size_t n_metrics, const struct rank_probe *probe)
{
	static const char *const first[] = { "name", "state", "age", "took" };
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		columns_add(out, first[i], NULL);
	out->at[0].pinned = true;
	for (size_t i = 0; i < n_params && i < SHOW_PARAMS; i++)
		add_key(out, COL_PARAM, params[i].key);
	for (size_t i = 0; i < n_metrics && i < SHOW_METRICS; i++)
		if (metrics[i].rank > 0)
			add_key(out, COL_METRIC, metrics[i].key);
	for (size_t i = 0; i < probe->n_curves; i++)
		if (metric_is_loss(probe->curves[i]) || i + 1 == probe->n_curves) {
			add_key(out, COL_SPARK, probe->curves[metric_is_loss(probe->curves[i]) ? i : 0]);
			break;
		}
}

enum status columns_choose(struct store *s, const int64_t *exps, size_t n, const struct run_keys *keys, struct runs_columns *out,
	struct rank_probe *probe, struct err *e)
{
	char *primary = primary_metric(s, exps, n);
	struct candidate params[PROBE_KEYS], metrics[SHOW_METRICS];
	size_t n_params = take_candidates(keys, COL_PARAM, NULL, params, PROBE_KEYS);
	size_t n_metrics = take_candidates(keys, COL_METRIC, primary, metrics, SHOW_METRICS);
	struct col cols[PROBE_KEYS];
	for (size_t i = 0; i < n_params; i++)
		cols[params[i].col = i] = (struct col){ COL_PARAM, params[i].key };
	struct runs_query q = { .experiments = exps, .n_experiments = n, .cols = cols, .n_cols = n_params, .first = PROBE_RUNS };
	struct runs_snap *sn = NULL;
	enum status st = runs_snap_build(s, &q, NULL, &sn, e);
	if (st == ST_OK) {
		n_params = rank_params(sn, params, n_params);
		st = probe_curves(s, sn, primary, probe, e);
		if (st == ST_OK && !out->n)
			fill_columns(out, params, n_params, metrics, n_metrics, probe);
		runs_snap_unref(sn);
	}
	free(primary);
	return st;
}
