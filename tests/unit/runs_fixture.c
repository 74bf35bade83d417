#include "tests/unit/runs_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/store/series.h"

/* SQLite's own format: %Q quotes a text or gives NULL. */
static void fx_sql(struct fixture *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *sql = sqlite3_vmprintf(fmt, ap);
	va_end(ap);
	struct err e = { 0 };
	if (store_exec(f->s, sql, &e) != ST_OK)
		fail_msg("%s: %s", sql, e.text);
	sqlite3_free(sql);
}

int64_t fx_name(struct fixture *f, const char *key)
{
	struct err e = { 0 };
	int64_t id = store_name_id(f->s, key, strlen(key), &e);
	if (!id)
		fail_msg("%s", e.text);
	return id;
}

void fx_item(struct fixture *f, int kind, int64_t run, const char *key, const char *value)
{
	int64_t name = fx_name(f, key);
	fx_sql(f, "INSERT INTO %s(name_id, run_id, value) VALUES(%lld, %lld, %Q)", kind == 1 ? "param" : "tag", (long long)name, (long long)run, value);
	fx_sql(f, "INSERT INTO experiment_key(experiment_id, kind, name_id, runs) SELECT experiment_id, %d, %lld, 1 FROM run WHERE id = %lld"
		" ON CONFLICT DO UPDATE SET runs = runs + 1", kind, (long long)name, (long long)run);
}

void fx_points(struct fixture *f, int64_t run, const char *key, const struct point *p, size_t n)
{
	struct err e = { 0 };
	size_t added;
	int64_t name = fx_name(f, key);
	if (series_append(f->s, run, name, p, n, true, &added, &e) != ST_OK)
		fail_msg("%s", e.text);
	fx_sql(f, "INSERT INTO experiment_key(experiment_id, kind, name_id, runs) SELECT experiment_id, 0, %lld, 1 FROM run WHERE id = %lld"
		" ON CONFLICT DO UPDATE SET runs = runs + 1", (long long)name, (long long)run);
}

/* A falling curve with a wave that differs from run to run; `bad` ends in NaN. */
void fx_curve(struct fixture *f, int64_t run, const char *key, size_t n, int64_t start_ms, double from, double to, bool bad)
{
	struct point *p = mem_array(n, sizeof *p);
	for (size_t i = 0; i < n; i++) {
		double t = (double)i / (double)n;
		double y = to + (from - to) * exp(-5 * t) * (1 + 0.1 * sin((double)i * 0.7 + (double)run));
		p[i] = (struct point){ (int64_t)i, start_ms + (int64_t)i * 120, bad && i + 10 > n ? (double)NAN : y };
	}
	fx_points(f, run, key, p, n);
	free(p);
}

void fx_run(struct fixture *f, int64_t id, int64_t exp, const char *name, int status, int64_t age_s, int64_t took_s, const char *parent)
{
	int64_t start = FIXTURE_NOW - age_s * 1000;
	char end[32] = "NULL";
	if (took_s >= 0)
		snprintf(end, sizeof end, "%lld", (long long)(start + took_s * 1000));
	fx_sql(f, "INSERT INTO run(id, experiment_id, source_id, uuid, name, status, user, entry, start_ms, end_ms, deleted, parent)"
		" VALUES(%lld, %lld, 1, 'run%029lld', %Q, %d, 'ann', 'train.py', %lld, %s, %d, %Q)", (long long)id, (long long)exp, (long long)id, name, status,
		(long long)start, end, exp == 3, parent);
}

void fx_trained(struct fixture *f, int64_t id, int64_t age_s, double lr, int depth, double auc, bool bad, bool curves)
{
	char text[32];
	int64_t start = FIXTURE_NOW - age_s * 1000;
	snprintf(text, sizeof text, "%g", lr);
	fx_item(f, 1, id, "lr", text);
	snprintf(text, sizeof text, "%d", depth);
	fx_item(f, 1, id, "depth", text);
	fx_item(f, 1, id, "seed", "7");
	if (!curves)
		return;
	fx_points(f, id, "val_auc", &(struct point){ 600, start, auc }, 1);
	fx_curve(f, id, "loss", 602, start, 0.9, 1.1 - auc, bad);
	fx_curve(f, id, "val_loss", 61, start, 1.0, 1.2 - auc, bad);
}

static const char fx_sweep[] = "run00000000000000000000000000010";

void fx_fill(struct fixture *f)
{
	static const char *const exps[] = { "churn-gbm", "digits-mlp", "first-tries" };
	fx_sql(f, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'test', '/nowhere', 0, 0)");
	for (int i = 0; i < 3; i++)
		fx_sql(f, "INSERT INTO experiment(id, source_id, ext_id, name, deleted, created_ms, updated_ms) VALUES(%d, 1, '%d', %Q, %d, 0, %lld)", i + 1, i + 1,
			exps[i], i == 2, (long long)(FIXTURE_NOW - i * 86400000));
	fx_run(f, 1, 1, "gbm-baseline", 3, 259200, 62, NULL);
	fx_trained(f, 1, 259200, 0.1, 4, 0.9304, false, true);
	fx_run(f, 2, 1, "gbm-seed7", 3, 7300, 72, NULL);
	fx_trained(f, 2, 7300, 0.03, 6, 0.9412, false, true);
	fx_run(f, 10, 1, "sweep-7", 3, 7200, 872, NULL);
	fx_item(f, 2, 10, "mlflow.note.content", "Learning rate against depth. The deep ones overfit.");
	for (int i = 0; i < 10; i++) {
		char name[20];
		bool bad = i == 9;
		snprintf(name, sizeof name, "trial-%d", i);
		fx_run(f, 11 + i, 1, name, bad ? 4 : 3, 7100 - i * 70, bad ? 41 : 69 + i, fx_sweep);
		fx_trained(f, 11 + i, 7100 - i * 70, 0.01 * (1 << (i % 5)), 4 + 2 * (i % 3), 0.91 + 0.003 * i, bad, true);
	}
	fx_run(f, 30, 1, "gbm-live", 1, 240, -1, NULL);
	fx_trained(f, 30, 240, 0.05, 6, 0.9188, false, true);
	fx_run(f, 31, 1, "gbm-killed", 5, 90000, 300, NULL);
	fx_trained(f, 31, 90000, 0.05, 8, 0.9, false, false);
	fx_run(f, 32, 1, "gbm-queued", 2, 60, -1, NULL);
	for (int i = 0; i < 3; i++) {
		char name[16];
		snprintf(name, sizeof name, "mlp-%d", i);
		fx_run(f, 40 + i, 2, name, 3, 172800 + i * 100, 50, NULL);
		fx_item(f, 1, 40 + i, "solver", i ? "adam" : "sgd");
		fx_curve(f, 40 + i, "loss", 200, FIXTURE_NOW - 172800000, 2.3, 0.1 * (i + 1), false);
	}
	fx_run(f, 50, 3, "old", 3, 9000000, 10, NULL);
}

void fx_open(struct fixture *f)
{
	struct err e = { 0 };
	snprintf(f->dir, sizeof f->dir, "/tmp/mlyard-runs-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->file, sizeof f->file, "%s/w.mlyard", f->dir);
	if (store_pool_open(f->file, STORE_CREATE, &f->pool, &e) != ST_OK)
		fail_msg("%s", e.text);
	f->s = store_get(f->pool, &e);
	assert_non_null(f->s);
	assert_int_equal(store_begin(f->s, &e), ST_OK);
}

void fx_commit(struct fixture *f)
{
	struct err e = { 0 };
	if (store_commit(f->s, 3, &e) != ST_OK)
		fail_msg("%s", e.text);
	store_put(f->pool, f->s);
	f->s = NULL;
}

void fx_close(struct fixture *f)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".gate" };
	store_pool_close(f->pool);
	for (int i = 0; i < 4; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s%s", f->file, ends[i]);
		unlink(path);
	}
	rmdir(f->dir);
}
