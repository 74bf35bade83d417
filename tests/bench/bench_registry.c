/* What the registry does with 10,000 versions in 500 models. Prints, asserts nothing.
 *
 *   bench_registry build FILE     makes such a workspace: runs with metrics, every version with the history of its lanes, a record for all of it
 *   bench_registry time FILE      promotions with gates, a request with its approval, rollbacks, boards, timelines, the proof of the log;
 *                                 on a copy, so that FILE stays as it was
 *   bench_registry digest PATH    the digest of the files there
 *
 * The history is written in one transaction past the gate of decisions, with the same records that decisions write. */
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/registry/audit.h"
#include "core/registry/decide.h"
#include "core/registry/digest.h"
#include "core/registry/models.h"
#include "core/registry/policy.h"
#include "core/registry/regsql.h"

enum { MODELS = 500, VERSIONS = 20, PRODUCTION = VERSIONS - 2 };
#define DAY_MS INT64_C(86400000)
#define BEGIN_MS INT64_C(1780000000000)

static struct err why;
static struct store_pool *pool;
static struct store *s;
static int64_t run_id, version_id;

static const char gated[] =
	"version: 1\n"
	"rules:\n"
	"  - name: ready\n"
	"    from: Staging\n"
	"    to: Production\n"
	"    gates:\n"
	"      - accuracy >= production - 0.05\n"
	"      - latency_ms <= production * 1.5\n"
	"      - accuracy >= 0.5\n"
	"      - {min_age: 1h}\n"
	"      - {tag: owner}\n"
	"    aliases: ['@champion']\n"
	"    rollback: {waive_gates: true, waive_approvals: true}\n";

static void must(enum status st)
{
	if (st == ST_OK)
		return;
	fprintf(stderr, "%s\n", why.text);
	exit(1);
}

static void open_file(const char *path, unsigned flags)
{
	must(store_pool_open(path, flags, &pool, &why));
	s = store_get(pool, &why);
	must(s ? ST_OK : ST_FAILED);
}

static void close_file(void)
{
	store_put(pool, s);
	store_pool_close(pool);
}

/* ---- building ---- */

static int64_t record(const char *action, const char *model, int version, const char *from, const char *to)
{
	static struct actor who;
	char object[64], before[96], after[96];
	int64_t seq;
	actor_named(&who, "requester");
	snprintf(object, sizeof object, "model:%s/%d", model, version);
	snprintf(before, sizeof before, "{\"versions\":{\"%d\":{\"stage\":\"%s\"}},\"aliases\":{}}", version, from ? from : "");
	snprintf(after, sizeof after, "{\"stage\":\"%s\",\"versions\":{\"%d\":{\"stage\":\"%s\"}},\"aliases\":{}}", to, version, to);
	const struct audit_entry x = { action, object, from ? before : NULL, after, "as every week" };
	must(audit_append(s, &who, &x, &seq, &why));
	return seq;
}

static void hold(int64_t model, int version, const char *lane, int64_t ms, int64_t seq)
{
	must(reg_exec(s, &why, "UPDATE reg_held SET to_ms = ?1, to_seq = ?2 WHERE model_id = ?3 AND kind = 'stage' AND version = ?4 AND to_ms IS NULL", "iiii", ms, seq, model, (int64_t)version));
	must(reg_exec(s, &why, "INSERT INTO reg_held(model_id, kind, name, version, from_ms, from_seq, by, how) VALUES(?, 'stage', ?, ?, ?, ?, 'requester', 'promote')", "itiii", model, lane,
		(int64_t)version, ms, seq));
}

static void make_run(int m, int v)
{
	char uuid[40];
	run_id++;
	snprintf(uuid, sizeof uuid, "%032" PRIx64, (uint64_t)run_id);
	must(reg_exec(s, &why, "INSERT INTO run(id, experiment_id, source_id, uuid, name, status, artifact_uri) VALUES(?, 1, 1, ?, 'trial', 3, '/nowhere')", "it", run_id, uuid));
	for (int64_t name = 1; name <= 10; name++) {
		char sql[256];
		double value = name == 1 ? 0.7 + 0.01 * v : name == 2 ? 20.0 - 0.1 * v + 0.01 * m : (double)name;
		snprintf(sql, sizeof sql, "INSERT INTO metric(name_id, run_id, n, first_step, last_step, first_ms, last_ms, last) VALUES(?, ?, 1, 0, 0, 0, 0, %.17g)", value);
		must(reg_exec(s, &why, sql, "ii", name, run_id));
	}
	must(reg_exec(s, &why, "INSERT INTO model_version(id, model_id, version, created_ms, updated_ms, user, source, run_uuid, status) VALUES(?1, ?2, ?3, ?4, ?4, 'registrar', '/nowhere', ?5, 'READY')",
		"iiiit", ++version_id, (int64_t)m, (int64_t)v, BEGIN_MS + v * DAY_MS, uuid));
}

static void make_version(int m, const char *model, int v)
{
	static const char *const lanes[] = { "None", "Staging", "Production", "Archived" };
	int last = v < PRODUCTION ? 3 : v == PRODUCTION ? 2 : v == PRODUCTION + 1 ? 1 : 0;
	int64_t seq = 0, at = 0;
	make_run(m, v);
	for (int lane = 0; lane <= last; lane++) {
		at = BEGIN_MS + (v + lane) * DAY_MS;
		clock_set_wall_ms(at);
		seq = record(lane ? lane == 3 ? "model.archive" : "model.promote" : "model.register", model, v, lane ? lanes[lane - 1] : NULL, lanes[lane]);
		hold(m, v, lanes[lane], at, seq);
	}
	must(reg_exec(s, &why, "INSERT INTO reg_version(version_id, stage, since_ms, stage_seen, registered_by, rev) VALUES(?, ?, ?, 'None', 'requester', ?)", "itii", version_id, lanes[last], at, seq));
	must(reg_exec(s, &why, "INSERT INTO reg_tag(model_id, version, key, value) VALUES(?, ?, 'owner', 'risk')", "ii", (int64_t)m, (int64_t)v));
	must(reg_exec(s, &why, "INSERT INTO reg_model(model_id, rev) VALUES(?1, ?2) ON CONFLICT(model_id) DO UPDATE SET rev = ?2", "ii", (int64_t)m, seq));
}

static void build(const char *path)
{
	static const char *const keys[] = { "accuracy", "latency_ms", "f1", "auc", "loss", "recall", "precision", "rows", "epochs", "minutes" };
	open_file(path, STORE_CREATE);
	clock_set_wall_ms(BEGIN_MS);
	must(store_begin(s, &why));
	must(store_exec(s, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'mlflow_db', '/nowhere/mlflow.db', 0, 0); INSERT INTO experiment(id, source_id, ext_id, name) VALUES(1, 1, '1', 'e')", &why));
	for (int i = 0; i < 10; i++)
		must(store_name_id(s, keys[i], strlen(keys[i]), &why) ? ST_OK : ST_FAILED);
	for (int m = 1; m <= MODELS; m++) {
		char model[32];
		snprintf(model, sizeof model, "model-%03d", m);
		must(reg_exec(s, &why, "INSERT INTO model(id, source_id, name, created_ms, updated_ms) VALUES(?, 1, ?, ?, ?)", "itii", (int64_t)m, model, BEGIN_MS, BEGIN_MS));
		for (int v = 1; v <= VERSIONS; v++)
			make_version(m, model, v);
	}
	must(store_commit(s, 0, &why));
	clock_set_wall_ms(BEGIN_MS + 60 * DAY_MS);
	struct actor admin;
	actor_named(&admin, "admin");
	must(policy_apply(s, &admin, gated, strlen(gated), "gates for all", &why));
	struct audit_head head;
	must(audit_head(s, &head, &why));
	printf("%d models, %d versions, %" PRId64 " records\n", MODELS, MODELS * VERSIONS, head.seq);
	close_file();
}

/* ---- measuring ---- */

static int64_t cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

enum { ROUNDS = 200 };
struct measure { int64_t wall[ROUNDS], cpu[ROUNDS]; };

static void percentiles(const char *what, struct measure *x)
{
	qsort(x->wall, ROUNDS, sizeof *x->wall, by_time);
	qsort(x->cpu, ROUNDS, sizeof *x->cpu, by_time);
	printf("  %-44s wall: median %6.2f ms, 99%% %6.2f ms   processor: median %6.2f ms, 99%% %6.2f ms\n", what, (double)x->wall[ROUNDS / 2] / 1e3, (double)x->wall[ROUNDS - 1 - ROUNDS / 100] / 1e3,
		(double)x->cpu[ROUNDS / 2] / 1e3, (double)x->cpu[ROUNDS - 1 - ROUNDS / 100] / 1e3);
}

static void promote(int i, const char *to)
{
	struct actor who;
	actor_named(&who, "requester");
	const struct move m = { .model_id = i % MODELS + 1, .version = PRODUCTION + 1, .to = to, .reason = "measured", .expect_rev = -1 };
	must(decide_promote(s, &who, &m, &why));
}

static void one_promotion(int i) { promote(i, "Production"); }

static void one_rollback(int i)
{
	struct actor who;
	actor_named(&who, "requester");
	must(decide_rollback(s, &who, i % MODELS + 1, "Production", "measured", -1, NULL, &why));
}

static void one_board(int i)
{
	struct reg_board *b;
	must(board_load(s, i % MODELS + 1, false, 0, &b, &why));
	board_free(b);
}

static void one_timeline(int i)
{
	struct reg_timeline *t;
	must(timeline_load(s, i % MODELS + 1, &t, &why));
	timeline_free(t);
}

static void one_list(int i)
{
	(void)i;
	struct reg_models *m;
	must(models_load(s, false, false, &m, &why));
	models_free(m);
}

static void one_due(int i)
{
	(void)i;
	models_adopt_due(s);
}

static void one_gates(int i)
{
	struct policy *p;
	struct gate_report *g;
	must(policy_load(s, &p, NULL, &why));
	must(gates_check(s, p, i % MODELS + 1, VERSIONS, "Production", GATES_FOR_PROMOTION, NULL, 0, &g, &why));
	gate_report_free(g);
	policy_free(p);
}

static void round_of(const char *what, void (*fn)(int))
{
	static struct measure x;
	for (int i = 0; i < ROUNDS; i++) {
		int64_t wall = clock_mono_us(), cpu = cpu_us();
		fn(i);
		x.cpu[i] = cpu_us() - cpu;
		x.wall[i] = clock_mono_us() - wall;
	}
	percentiles(what, &x);
}

static void verify(void)
{
	struct audit_report r = { 0 };
	int64_t t = clock_mono_us(), cpu = cpu_us();
	must(audit_verify(s, 0, 0, NULL, &r, &why));
	double seconds = (double)(clock_mono_us() - t) / 1e6, worked = (double)(cpu_us() - cpu) / 1e6;
	printf("  audit verify: %" PRId64 " records and the tables in %.0f ms (%.0f ms of processor time)\n", r.records, seconds * 1e3, worked * 1e3);
	audit_report_free(&r);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void measure(const char *path)
{
	struct str copy = STR_INIT, state = STR_INIT;
	str_addf(&copy, "%s.measured", path);
	str_addf(&state, "%s.state", path);      /* a memory of its own: the copy is younger than what was seen of the last one */
	setenv("XDG_STATE_HOME", state.p, 1);
	nftw(state.p, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	must(store_pool_open(path, 0, &pool, &why));
	must(store_backup(pool, copy.p, true, NULL, &why));
	store_pool_close(pool);
	open_file(copy.p, 0);
	clock_set_wall_ms(BEGIN_MS + 61 * DAY_MS);
	round_of("list of 500 models", one_list);
	round_of("board of a model (20 versions)", one_board);
	round_of("timeline of a model", one_timeline);
	round_of("gates of a version", one_gates);
	round_of("did a source change?", one_due);
	round_of("promotion with five gates", one_promotion);
	round_of("rollback", one_rollback);
	must(store_exec(s, "PRAGMA synchronous = OFF", &why));
	clock_set_wall_ms(BEGIN_MS + 62 * DAY_MS);
	for (int i = 0; i < ROUNDS; i++)
		promote(i, "Staging");
	clock_set_wall_ms(BEGIN_MS + 63 * DAY_MS);
	round_of("promotion with five gates, without fsync", one_promotion);
	verify();
	close_file();
	unlink(copy.p);
	str_add(&copy, ".gate");
	unlink(copy.p);
	nftw(state.p, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	str_free(&copy);
	str_free(&state);
}

/* Files as a digest reads them; compare with `cat` and `b2sum` of the same ones. */
static void digest_files(const char *path)
{
	struct digest d;
	int64_t t = clock_mono_us(), cpu = cpu_us();
	must(digest_path(path, NULL, &d, NULL, &why));
	double seconds = (double)(clock_mono_us() - t) / 1e6, worked = (double)(cpu_us() - cpu) / 1e6, mb = (double)d.bytes / 1e6;
	printf("%.0f MB in %lld files: %.2f s, %.0f MB/s; processor %.2f s, %.0f MB/s\n", mb, (long long)d.files, seconds, mb / seconds, worked, mb / worked);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(const char *path); } modes[] = { { "build", build }, { "time", measure }, { "digest", digest_files } };
	for (size_t i = 0; argc == 3 && i < sizeof modes / sizeof *modes; i++)
		if (strcmp(argv[1], modes[i].name) == 0) {
			modes[i].run(argv[2]);
			return 0;
		}
	fprintf(stderr, "usage: bench_registry build|time FILE, or: bench_registry digest PATH\n");
	return 2;
}
