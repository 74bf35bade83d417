#include "tests/unit/registry_bench.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/registry/models.h"

enum { HOUR_MS = 3600 * 1000 };
static const char *const people[PEOPLE] = { "requester", "registrar", "first approver", "second approver", "reader" };
static const char policy[] =
	"version: 1\n"
	"headline: val_auc\n"
	"roles:\n"
	"  admin: [registrar]\n"
	"  approver: [first approver, second approver]\n"
	"  viewer: [reader]\n"
	"default_role: contributor\n"
	"rules:\n"
	"  - name: two-approvers\n"
	"    models: churn\n"
	"    from: Staging\n"
	"    to: Production\n"
	"    gates: [val_auc >= production - 0.005, loss <= 0.18, {tag: owner}]\n"
	"    checklist: [rollback plan, owner informed]\n"
	"    approvals: {needed: 2, expire: 7d}\n"
	"    aliases: ['@champion']\n"
	"    rollback: {waive_gates: true, waive_approvals: true}\n"
	"  - name: digits-ready\n"
	"    models: digits\n"
	"    to: Production\n"
	"    gates: [{tag: owner}]\n";

#define DONE(call) done((call), &e, #call, __LINE__)
static void done(enum status st, const struct err *e, const char *what, int line)
{
	if (st != ST_OK)
		fail_msg("line %d: %s: %s", line, what, e->text);
}

static struct actor as(const struct registry_bench *r, enum person p)
{
	struct actor a;
	actor_named(&a, people[p]);
	if (r->keys[p])
		snprintf(a.key_id, sizeof a.key_id, "%s", key_of(r->keys[p])->id);
	return a;
}

static void later(struct registry_bench *r, int hours)
{
	clock_set_wall_ms(r->now_ms += (int64_t)hours * HOUR_MS);
}

static void make_keys(struct registry_bench *r)
{
	char file[128], path[128];
	struct err e = { 0 };
	snprintf(file, sizeof file, "%s/key.file", r->dir);
	DONE(key_file_create(file, &e));
	for (int i = 0; i < PEOPLE; i++) {
		const struct key_secret how = { .key_file = file };
		snprintf(path, sizeof path, "%s/%d.key", r->dir, i);
		DONE(key_create(path, KEY_APPROVAL, KEY_SEAL_FILE, people[i], &how, NULL, &e));
		DONE(key_unlock(path, &how, &r->keys[i], &e));
	}
}

static int64_t registered(struct registry_bench *r, struct store *s, enum person p, const char *model, const char *run)
{
	struct actor who = as(r, p);
	struct err e = { 0 };
	int64_t version = 0;
	const struct register_spec spec = { .model = model, .run = run, .source = "/nowhere/model" };
	DONE(decide_register(s, &who, &spec, &version, &e));
	return version;
}

static enum status promote(struct registry_bench *r, struct store *s, enum person p, int64_t version, const char *to, struct err *e)
{
	struct actor who = as(r, p);
	static const bool checked[2] = { true, true };
	const struct move m = { .model_id = r->churn, .version = version, .to = to, .reason = "better on the holdout", .expect_rev = -1, .checked = checked, .n_checked = 2 };
	return decide_promote(s, &who, &m, e);
}

static int64_t requested(struct registry_bench *r, struct store *s, int64_t version)
{
	struct actor who = as(r, REQUESTER);
	struct err e = { 0 };
	int64_t id = 0;
	static const bool checked[2] = { true, false };
	const struct move m = { .model_id = r->churn, .version = version, .to = "Production", .reason = "seasonal retrain", .expect_rev = -1, .checked = checked, .n_checked = 2 };
	DONE(decide_request(s, &who, &m, &id, &e));
	return id;
}

static void vote(struct registry_bench *r, struct store *s, enum person p, int64_t request)
{
	struct actor who = as(r, p);
	struct err e = { 0 };
	DONE(decide_vote(s, &who, r->keys[p], request, true, "looked at the curves", &e));
}

static void tag(struct registry_bench *r, struct store *s, int64_t version)
{
	struct actor who = as(r, REQUESTER);
	struct err e = { 0 };
	DONE(decide_tag(s, &who, r->churn, version, "owner", "team risk", &e));
}

/* The first two came into Production before there was a policy; the other three live under it. */
static void decide(struct registry_bench *r, struct store *s)
{
	struct err e = { 0 };
	struct actor registrar = as(r, REGISTRAR);
	registered(r, s, REGISTRAR, "churn", "gbm-baseline");
	DONE(model_find(s, "churn", &r->churn, &e));
	DONE(promote(r, s, REGISTRAR, 1, "Production", &e));
	later(r, 24 * 19);
	registered(r, s, REGISTRAR, "churn", "trial-6");
	DONE(promote(r, s, REGISTRAR, 2, "Production", &e));
	DONE(decide_alias(s, &registrar, r->churn, "champion", 2, "in use", &e));
	later(r, 24 * 16);
	DONE(policy_apply(s, &registrar, policy, strlen(policy), "two pairs of eyes", &e));
	for (int i = 0; i < 3; i++)
		registered(r, s, REGISTRAR, "churn", (const char *const[]){ "gbm-seed7", "trial-0", "trial-8" }[i]);
	DONE(promote(r, s, REGISTRAR, 3, "Staging", &e));
	DONE(promote(r, s, REGISTRAR, 4, "Staging", &e));
	tag(r, s, 3);
	registered(r, s, REQUESTER, "digits", "mlp-1");
	DONE(model_find(s, "digits", &r->digits, &e));
	later(r, 24 * 4);
	r->request = requested(r, s, 3);
	later(r, 1);
	vote(r, s, FIRST, r->request);
	later(r, 1);
}

struct registry_bench *registry_bench_open(enum person who, int w, int h, bool utf8)
{
	struct registry_bench *r = mem_zalloc(sizeof *r);
	struct err e = { 0 };
	char path[128];
	snprintf(r->dir, sizeof r->dir, "/tmp/mlyard-registry-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	setenv("MLYARD_USER", people[who], 1);
	snprintf(path, sizeof path, "%s/state", r->dir);
	setenv("XDG_STATE_HOME", path, 1);
	r->b = bench_open(w, h, utf8, fx_fill);
	snprintf(path, sizeof path, "%s/config", r->dir);
	setenv("XDG_CONFIG_HOME", path, 1);
	make_keys(r);
	clock_set_wall_ms(r->now_ms = FIXTURE_NOW - (int64_t)HOUR_MS * 24 * 40);
	struct store *s = store_get(r->b->fx.pool, &e);
	decide(r, s);
	store_put(r->b->fx.pool, s);
	bench_run(r->b, "tab registry");
	return r;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void registry_bench_close(struct registry_bench *r)
{
	for (int i = 0; i < PEOPLE; i++)
		key_free(r->keys[i]);
	bench_close(r->b);
	unsetenv("MLYARD_USER");
	unsetenv("MLYARD_KEY_FILE");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CONFIG_HOME");
	nftw(r->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(r);
}

void registry_bench_told(struct registry_bench *r)
{
	ui_changed(r->b->ui, TOPIC_MODELS);
	bench_settle(r->b);
}

enum status registry_bench_promote(struct registry_bench *r, enum person who, int64_t version, const char *to)
{
	struct err e = { 0 };
	struct store *s = store_get(r->b->fx.pool, &e);
	enum status st = promote(r, s, who, version, to, &e);
	store_put(r->b->fx.pool, s);
	return st;
}

void registry_bench_delete(struct registry_bench *r, enum person who, int64_t version)
{
	struct err e = { 0 };
	struct actor a = as(r, who);
	struct store *s = store_get(r->b->fx.pool, &e);
	DONE(decide_delete(s, &a, r->churn, version, "not wanted", &e));
	store_put(r->b->fx.pool, s);
}

void registry_bench_vote(struct registry_bench *r, enum person who, int64_t request, bool approve)
{
	struct err e = { 0 };
	struct actor a = as(r, who);
	struct store *s = store_get(r->b->fx.pool, &e);
	DONE(decide_vote(s, &a, r->keys[who], request, approve, "looked at it", &e));
	store_put(r->b->fx.pool, s);
}

void registry_bench_key(struct registry_bench *r, enum person who, const char *passphrase)
{
	struct err e = { 0 };
	char *path = key_path(KEY_APPROVAL), file[128];
	snprintf(file, sizeof file, "%s/key.file", r->dir);
	if (!passphrase)
		setenv("MLYARD_KEY_FILE", file, 1);
	const struct key_secret how = { .passphrase = passphrase, .n = passphrase ? strlen(passphrase) : 0, .key_file = passphrase ? NULL : file };
	DONE(key_create(path, KEY_APPROVAL, passphrase ? KEY_SEAL_PASSPHRASE : KEY_SEAL_FILE, people[who], &how, NULL, &e));
	free(path);
}
