/* decide_help -- a workspace whose people have keys: roles as names, decisions in one line, a clock that the test turns. */
#ifndef MLYARD_TESTS_DECIDE_HELP_H
#define MLYARD_TESTS_DECIDE_HELP_H
#include <inttypes.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/registry/audit.h"
#include "core/registry/decide.h"
#include "core/registry/models.h"
#include "core/registry/policy.h"
#include "tests/unit/store_help.h"

#define START_MS INT64_C(1795300000000)
#define HOUR_MS INT64_C(3600000)

enum person { REQUESTER, REGISTRAR, FIRST, SECOND, ADMIN, READER, PEOPLE };
static const char *const people[PEOPLE] = { "requester", "registrar", "first approver", "second approver", "admin", "reader" };
static struct key *keys[PEOPLE];
static struct store_pool *pool;
static struct store *s;
static int64_t now_ms;

/* Two approvals by two people for Production, where one version holds the lane and carries the champion. */
static const char two_eyes[] =
	"version: 1\n"
	"roles:\n"
	"  admin: [admin]\n"
	"  approver: [first approver, second approver, registrar, requester]\n"
	"  viewer: [reader]\n"
	"default_role: contributor\n"
	"rules:\n"
	"  - name: two-approvers\n"
	"    from: Staging\n"
	"    to: Production\n"
	"    approvals: {needed: 2, expire: 3d}\n"
	"    aliases: ['@champion']\n"
	"    rollback: {waive_gates: true, waive_approvals: true}\n"
	"  - name: back\n"
	"    from: Archived\n"
	"    to: Production\n"
	"    approvals: {needed: 1}\n"
	"    rollback: {waive_gates: true, waive_approvals: true}\n";

static inline struct actor me(enum person p)
{
	struct actor a;
	actor_named(&a, people[p]);
	if (keys[p])
		snprintf(a.key_id, sizeof a.key_id, "%s", key_of(keys[p])->id);
	return a;
}

static inline void turn_clock(int64_t by_ms)
{
	clock_set_wall_ms(now_ms += by_ms);
}

/* Keys sealed by key files: those cost no argon2. */
static inline void make_keys(void)
{
	OK(key_file_create(in_folder("key.file"), &why));
	char *file = mem_strdup(in_folder("key.file"));
	const struct key_secret how = { .key_file = file };
	for (int i = 0; i < PEOPLE; i++) {
		char path[160];
		snprintf(path, sizeof path, "%s/%d.key", help_folder, i);
		OK(key_create(path, KEY_APPROVAL, KEY_SEAL_FILE, people[i], &how, NULL, &why));
		OK(key_unlock(path, &how, &keys[i], &why));
	}
	free(file);
}

static inline int decide_begin(void **state)
{
	if (help_folder_make(state) != 0)
		return -1;
	setenv("XDG_CONFIG_HOME", in_folder("config"), 1);
	setenv("XDG_STATE_HOME", in_folder("state"), 1);
	clock_set_wall_ms(now_ms = START_MS);
	memset(keys, 0, sizeof keys);
	make_keys();
	pool = pool_of("w.db");
	s = conn_of(pool);
	return 0;
}

static inline int decide_end(void **state)
{
	for (int i = 0; i < PEOPLE; i++)
		key_free(keys[i]);
	store_put(pool, s);
	store_pool_close(pool);
	clock_set_wall_ms(-1);
	return help_folder_remove(state);
}

static inline void write_in_folder(const char *name, const char *text)
{
	OK(fs_replace(in_folder(name), text, strlen(text), &why));
}

static inline void apply_policy(const char *text)
{
	struct actor who = me(ADMIN);
	OK(policy_apply(s, &who, text, strlen(text), "the test wants it", &why));
}

static inline int64_t model(const char *name)
{
	int64_t id = 0;
	OK(model_find(s, name, &id, &why));
	return id;
}

static inline enum status try_register(enum person p, const char *name, const char *semver, int64_t *version)
{
	struct actor who = me(p);
	const struct register_spec r = { .model = name, .source = "/nowhere/model", .semver = semver };
	return decide_register(s, &who, &r, version, &why);
}

static inline int64_t registered(const char *name)
{
	int64_t version = 0;
	OK(try_register(REGISTRAR, name, NULL, &version));
	return version;
}

static inline enum status try_promote_at(enum person p, const char *name, int64_t version, const char *to, int64_t rev)
{
	struct actor who = me(p);
	const struct move m = { .model_id = model(name), .version = version, .to = to, .reason = "better", .expect_rev = rev };
	return decide_promote(s, &who, &m, &why);
}

static inline enum status try_promote(enum person p, const char *name, int64_t version, const char *to)
{
	return try_promote_at(p, name, version, to, -1);
}

static inline enum status try_request(enum person p, const char *name, int64_t version, const char *to, int64_t *id)
{
	struct actor who = me(p);
	const struct move m = { .model_id = model(name), .version = version, .to = to, .reason = "better", .expect_rev = -1 };
	return decide_request(s, &who, &m, id, &why);
}

static inline int64_t requested(const char *name, int64_t version, const char *to)
{
	int64_t id = 0;
	OK(try_request(REQUESTER, name, version, to, &id));
	return id;
}

static inline enum status try_vote(enum person p, int64_t request, bool approve)
{
	struct actor who = me(p);
	return decide_vote(s, &who, keys[p], request, approve, "looked at it", &why);
}

static inline enum status try_rollback(enum person p, const char *name, const char *lane, int64_t *version)
{
	struct actor who = me(p);
	return decide_rollback(s, &who, model(name), lane, "it is worse", -1, version, &why);
}

/* First column of the first row as text, "NULL" for none; in one of four buffers by turns. */
static inline const char *ask(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline const char *ask(const char *fmt, ...)
{
	static char buffers[4][2048];
	static unsigned turn;
	char *b = buffers[turn++ % 4];
	struct str sql = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&sql, fmt, ap);
	va_end(ap);
	sqlite3_stmt *q;
	if (sqlite3_prepare_v2(store_db(s), sql.p, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql.p, sqlite3_errmsg(store_db(s)));
	const unsigned char *text = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_text(q, 0) : NULL;
	snprintf(b, sizeof *buffers, "%s", text ? (const char *)text : "NULL");
	sqlite3_finalize(q);
	str_free(&sql);
	return b;
}

static inline const char *stage_of(const char *name, int64_t version)
{
	return ask("SELECT r.stage FROM reg_version r JOIN model_version v ON v.id = r.version_id JOIN model m ON m.id = v.model_id WHERE m.name = '%s' AND v.version = %" PRId64, name, version);
}

static inline const char *alias_of(const char *name, const char *alias)
{
	return ask("SELECT a.version FROM reg_alias a JOIN model m ON m.id = a.model_id WHERE m.name = '%s' AND a.alias = '%s'", name, alias);
}

#define REFUSED(call, words) refused((call), ST_REFUSED, (words), #call, __FILE__, __LINE__)
#define FAILS(call, status, words) refused((call), (status), (words), #call, __FILE__, __LINE__)
static inline void refused(enum status st, enum status wanted, const char *words, const char *what, const char *file, int line)
{
	if (st == wanted && strstr(why.text, words))
		return;
	print_error("%s: %s: %s\nwanted %s with: %s\n", what, status_name(st), st == ST_OK ? "" : why.text, status_name(wanted), words);
	_fail(file, line);
}
#endif
