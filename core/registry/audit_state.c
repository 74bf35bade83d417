/* Checkpoints and their keys; and whether the tables say what the log says. Signatures cost most of all, so a thread of its own checks them
 * while the records are read; what is found is said afterwards, in the order of the checkpoints. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/registry/audit_check.h"
#include "core/registry/log_says.h"
#include "core/registry/policy_impl.h"
#include "core/registry/regsql.h"

/* ---- keys and checkpoints ---- */

static enum status load_keys(struct audit_check *c)
{
	sqlite3_stmt *q = reg_query(c->s, c->e, "SELECT key_id, public, actor, seq FROM reg_key WHERE kind = 'witness' ORDER BY seq", "");
	int rc = SQLITE_DONE;
	while (q && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (sqlite3_column_bytes(q, 1) != KEY_PUBLIC)
			continue;                            /* audit_check_state names it */
		MEM_GROW(c->keys, c->cap_keys, c->n_keys + 1);
		struct audit_witness *k = &c->keys[c->n_keys++];
		*k = (struct audit_witness){ .actor = mem_strdup(reg_column(q, 2)), .seq = sqlite3_column_int64(q, 3) };
		memcpy(k->bytes, sqlite3_column_blob(q, 1), KEY_PUBLIC);
		key_public_id(k->bytes, k->id);
	}
	return q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
}

/* false: the row is no checkpoint. */
static bool read_signed(sqlite3_stmt *q, struct audit_signed *h)
{
	*h = (struct audit_signed){ .n = sqlite3_column_int64(q, 0), .seq = sqlite3_column_int64(q, 1), .ms = sqlite3_column_int64(q, 3) };
	if (sqlite3_column_bytes(q, 2) != AUDIT_HASH || sqlite3_column_bytes(q, 4) != KEY_ID_HEX || sqlite3_column_bytes(q, 5) != KEY_SIGNATURE)
		return false;
	memcpy(h->hash, sqlite3_column_blob(q, 2), AUDIT_HASH);
	memcpy(h->key_id, sqlite3_column_text(q, 4), KEY_ID_HEX);
	memcpy(h->signature, sqlite3_column_blob(q, 5), KEY_SIGNATURE);
	return true;
}

static enum status load_signed(struct audit_check *c)
{
	sqlite3_stmt *q = reg_query(c->s, c->e, "SELECT n, seq, hash, ms, key_id, signature FROM audit_checkpoint ORDER BY n", "");
	struct audit_signed h;
	int rc = SQLITE_DONE;
	while (q && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (!read_signed(q, &h)) {
			audit_finding(c, 0, "checkpoint %" PRId64 " was altered: it has no hash, key or signature", h.n);
			continue;
		}
		MEM_GROW(c->signed_heads, c->cap_signed, c->n_signed + 1);
		c->signed_heads[c->n_signed++] = h;
	}
	return q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
}

static const struct audit_witness *witness_of(const struct audit_check *c, const char *id)
{
	for (size_t i = 0; i < c->n_keys; i++)
		if (strcmp(c->keys[i].id, id) == 0)
			return &c->keys[i];
	return NULL;
}

static void check_signatures(struct audit_check *c)
{
	struct str bytes = STR_INIT;
	for (size_t i = 0; i < c->n_signed; i++) {
		const struct audit_signed *h = &c->signed_heads[i];
		const struct audit_witness *k = witness_of(c, h->key_id);
		audit_signed_bytes(h, c->uuid, &bytes);
		c->holds[i] = k && key_verify(k->bytes, audit_signed_domain, bytes.p, bytes.len, h->signature);
	}
	str_free(&bytes);
}

/* Reads what nobody changes before it was joined, and writes only `holds`. */
static void *signatures_main(void *arg)
{
	check_signatures(arg);
	return NULL;
}

enum status audit_signed_begin(struct audit_check *c)
{
	enum status st = load_keys(c);
	if (st == ST_OK)
		st = load_signed(c);
	if (st != ST_OK)
		return st;
	for (size_t i = 1; i < c->n_signed; i++)
		memcpy(c->signed_heads[i].before, c->signed_heads[i - 1].signature, KEY_SIGNATURE);
	c->out->checkpoints = (int64_t)c->n_signed;
	c->holds = mem_zalloc(c->n_signed + 1);
	c->thread = pthread_create(&c->signatures, NULL, signatures_main, c) == 0;
	if (!c->thread)
		check_signatures(c);
	return ST_OK;
}

static void say_signature(struct audit_check *c, const struct audit_signed *h, bool holds)
{
	const struct audit_witness *k = witness_of(c, h->key_id);
	if (!k)
		audit_finding(c, 0, "checkpoint %" PRId64 " is signed with key %s, which was never introduced here as a witness", h->n, h->key_id);
	else if (!holds)
		audit_finding(c, 0, "checkpoint %" PRId64 " was altered: its signature does not hold", h->n);
	else if (k->seq > h->seq)
		audit_finding(c, 0, "checkpoint %" PRId64 " is signed with key %s before that key was introduced (record %" PRId64 ")", h->n, h->key_id, k->seq);
}

void audit_signed_end(struct audit_check *c)
{
	int64_t next = 1, seq = 0;
	if (!c->holds)
		return;
	if (c->thread)
		pthread_join(c->signatures, NULL);
	for (size_t i = 0; i < c->n_signed; i++) {
		const struct audit_signed *h = &c->signed_heads[i];
		if (h->n != next)
			audit_finding(c, 0, "checkpoints %" PRId64 " to %" PRId64 " are missing", next, h->n - 1);
		if (h->seq < seq)
			audit_finding(c, 0, "checkpoint %" PRId64 " signs an older record than the one before it", h->n);
		say_signature(c, h, c->holds[i]);
		next = h->n + 1;
		seq = h->seq;
	}
	free(c->holds);
	c->holds = NULL;
}

/* ---- rows and the records they name ---- */

/* Versions whose model's name is no other model's: records name models by it. */
#define VERSIONS_ALONE " FROM reg_version r JOIN model_version v ON v.id = r.version_id JOIN model m ON m.id = v.model_id" \
	" WHERE (m.namespace, m.name) NOT IN (SELECT namespace, name FROM model GROUP BY namespace, name HAVING count(*) > 1) "
/* Not the time of a record: a change has one time for all its records, at most MOMENT_MS before it is written, and none is before the latest record. */
#define MOMENT_MS "60000"
#define MOMENT(ms, seq) "(" ms " < a.ms - " MOMENT_MS " OR (" ms " > a.ms AND NOT EXISTS(SELECT 1 FROM audit b WHERE b.ms >= " ms " AND b.seq < " seq ")))"

/* Each row of each statement is a finding: the record it is about (or 0), and words. */
static const char *const row_checks[] = {
	"SELECT a.seq, 'key ' || k.key_id || ' is not the one that record ' || k.seq || ' introduced' FROM reg_key k LEFT JOIN audit a ON a.seq = k.seq"
	" WHERE a.seq IS NULL OR a.action <> 'key.introduce' OR a.object <> 'key:' || k.key_id OR a.actor <> k.actor OR a.uid <> k.uid"
	" OR (CASE WHEN json_valid(a.after) THEN json_extract(a.after, '$.public') END) IS NOT lower(hex(k.public))"
	" OR (CASE WHEN json_valid(a.after) THEN json_extract(a.after, '$.kind') END) IS NOT k.kind",
	"SELECT seq, 'the key of record ' || seq || ' is not among the keys any more' FROM audit WHERE action = 'key.introduce' AND object NOT IN (SELECT 'key:' || key_id FROM reg_key)",
	"SELECT 0, 'key ' || k.key_id || CASE WHEN k.revoked_ms IS NULL THEN ' was revoked by a record and is not marked so' ELSE ' is marked as revoked, and no record says so' END"
	" FROM reg_key k WHERE (k.revoked_ms IS NOT NULL) <> EXISTS(SELECT 1 FROM audit a WHERE a.object = 'key:' || k.key_id AND a.action = 'key.revoke')",
	"SELECT a.seq, 'policy ' || p.version || ' is not the one that record ' || p.seq || ' brought into force' FROM reg_policy p LEFT JOIN audit a ON a.seq = p.seq"
	" WHERE a.seq IS NULL OR a.action <> 'policy.apply' OR a.object <> 'policy:' || p.version"
	" OR (CASE WHEN json_valid(a.after) THEN json_extract(a.after, '$.hash') END) IS NOT lower(hex(p.hash))",
	"SELECT seq, 'the policy of record ' || seq || ' is not among the policies any more' FROM audit WHERE action = 'policy.apply' AND object NOT IN (SELECT 'policy:' || version FROM reg_policy)",
	"SELECT 0, 'request ' || r.id || ' names record ' || r.seq || ', which is not about it' FROM reg_request r LEFT JOIN audit a ON a.seq = r.seq WHERE a.object IS NOT 'request:' || r.id",
	"SELECT 0, doubt FROM (SELECT" LOG_DOUBTS_REQUEST "AS doubt FROM reg_request q JOIN model m ON m.id = q.model_id) WHERE doubt IS NOT NULL",
	"SELECT 0, 'vote ' || v.id || ' names record ' || v.seq || ', which is not about its request' FROM reg_vote v LEFT JOIN audit a ON a.seq = v.seq"
	" WHERE a.object IS NOT 'request:' || v.request_id OR a.actor IS NOT v.actor OR a.uid IS NOT v.uid",
	"SELECT seq, 'the request of record ' || seq || ' is not among the requests any more' FROM audit WHERE object > 'request:' AND object < 'request;' AND action = 'request.open'"
	" AND seq NOT IN (SELECT seq FROM reg_request)",
	"SELECT a.seq, 'what was said in record ' || a.seq || ' is not what the votes say' FROM audit a WHERE a.object > 'request:' AND a.object < 'request;'"
	" AND a.action IN ('request.approve', 'request.reject', 'request.comment') AND NOT EXISTS(SELECT 1 FROM reg_vote v WHERE v.request_id = CAST(substr(a.object, 9) AS INTEGER)"
	" AND v.seq = a.seq AND 'request.' || v.verdict = a.action AND v.comment = a.reason)",
	"SELECT 0, m.name || ' v' || v.version || ': its digest is not the last that was recorded'" VERSIONS_ALONE "AND lower(hex(coalesce(r.digest, ''))) IS NOT"
	" coalesce((SELECT CASE WHEN json_valid(a.after) THEN json_extract(a.after, '$.digest') END FROM audit a WHERE a.object = 'model:' || " REG_MODEL_NAME " || '/' || v.version"
	" AND a.action = 'model.digest' ORDER BY a.seq DESC LIMIT 1), '')",
	"SELECT 0, m.name || ' v' || v.version || ': who registered it is not who the record says'" VERSIONS_ALONE "AND r.registered_by IS NOT"
	" coalesce((SELECT a.actor FROM audit a WHERE a.object = 'model:' || " REG_MODEL_NAME " || '/' || v.version AND a.action = 'model.register' ORDER BY a.seq LIMIT 1), '')",
	"SELECT a.seq, 'the timeline of ' || m.name || ' says something else than record ' || a.seq FROM reg_held h JOIN model m ON m.id = h.model_id JOIN audit a ON a.seq = h.from_seq"
	" WHERE h.by <> a.actor OR (h.how <> 'source' AND h.kind = 'stage' AND (a.object <> 'model:' || " REG_MODEL_NAME " || '/' || h.version OR NOT instr(a.after, json_quote(h.name))))"
	" OR (h.how <> 'source' AND " MOMENT("h.from_ms", "h.from_seq") ")",
	"SELECT a.seq, 'the timeline of ' || m.name || ' ends something at another time than record ' || a.seq FROM reg_held h JOIN model m ON m.id = h.model_id JOIN audit a ON a.seq = h.to_seq"
	" WHERE h.to_ms > h.from_ms AND a.action <> 'model.source' AND " MOMENT("h.to_ms", "h.to_seq"),
	"SELECT 0, 'a model card names record ' || seq || ', which is not there' FROM reg_card WHERE seq NOT IN (SELECT seq FROM audit)",
	"SELECT 0, 'a version names record ' || rev || ', which is not there' FROM reg_version WHERE rev <> 0 AND rev NOT IN (SELECT seq FROM audit)",
	"SELECT 0, 'a model names record ' || rev || ', which is not there' FROM reg_model WHERE rev <> 0 AND rev NOT IN (SELECT seq FROM audit)",
	"SELECT 0, 'who held ' || name || ' names record ' || from_seq || ', which is not there' FROM reg_held WHERE from_seq NOT IN (SELECT seq FROM audit)",
	"SELECT 0, 'who held ' || name || ' names record ' || to_seq || ', which is not there' FROM reg_held WHERE to_seq IS NOT NULL AND to_seq NOT IN (SELECT seq FROM audit)",
	"SELECT 0, m.name || ' v' || v.version || ' is in ' || r.stage || ', and the timeline says otherwise' FROM reg_version r JOIN model_version v ON v.id = r.version_id"
	" JOIN model m ON m.id = v.model_id WHERE NOT r.deleted AND NOT EXISTS(SELECT 1 FROM reg_held h WHERE h.model_id = v.model_id AND h.kind = 'stage' AND h.version = v.version"
	" AND h.to_ms IS NULL AND h.name = r.stage)",
};

static enum status run_row_check(struct audit_check *c, const char *sql)
{
	sqlite3_stmt *q = store_stmt(c->s, sql, c->e);
	int rc = SQLITE_DONE;
	while (q && (rc = sqlite3_step(q)) == SQLITE_ROW)
		audit_finding(c, sqlite3_column_int64(q, 0), "%s", reg_column(q, 1));
	return q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
}

/* Every move that was read has begun a span. */
static enum status check_moves(struct audit_check *c)
{
	sqlite3_stmt *q = store_stmt(c->s, "SELECT DISTINCT from_seq FROM reg_held ORDER BY from_seq", c->e);
	int rc = SQLITE_DONE;
	size_t i = 0;
	while (q && ((rc = sqlite3_step(q)) == SQLITE_ROW || rc == SQLITE_DONE)) {
		int64_t seq = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : INT64_MAX;
		for (; i < c->n_moves && c->moves[i] < seq; i++)
			audit_finding(c, c->moves[i], "the timeline lacks what record %" PRId64 " says", c->moves[i]);
		if (rc == SQLITE_DONE)
			break;
		i += i < c->n_moves && c->moves[i] == seq;
	}
	return q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
}

static enum status check_key_ids(struct audit_check *c)
{
	sqlite3_stmt *q = store_stmt(c->s, "SELECT key_id, public FROM reg_key", c->e);
	int rc = SQLITE_DONE;
	while (q && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		char id[KEY_ID_HEX + 1] = "";
		if (sqlite3_column_bytes(q, 1) == KEY_PUBLIC)
			key_public_id(sqlite3_column_blob(q, 1), id);
		if (strcmp(id, reg_column(q, 0)) != 0)
			audit_finding(c, 0, "key %s was altered: that is not its id", reg_column(q, 0));
	}
	return q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
}

static enum status check_policy_texts(struct audit_check *c)
{
	sqlite3_stmt *q = store_stmt(c->s, "SELECT version, hash, text, seq FROM reg_policy", c->e);
	int rc = SQLITE_DONE;
	while (q && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		unsigned char hash[POLICY_HASH];
		policy_hash_of(reg_column(q, 2), (size_t)sqlite3_column_bytes(q, 2), hash);
		if (sqlite3_column_bytes(q, 1) != POLICY_HASH || memcmp(hash, sqlite3_column_blob(q, 1), POLICY_HASH) != 0)
			audit_finding(c, 0, "the text of policy %" PRId64 " was altered after record %" PRId64, (int64_t)sqlite3_column_int64(q, 0), (int64_t)sqlite3_column_int64(q, 3));
	}
	return q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
}

/* ---- stages and aliases against the last record that says something about them ---- */

struct said { char *name; int64_t version; bool deleted, settled; };      /* a version's stage, or an alias's version (0: none) */
struct model_state { int64_t id; char *object; struct said *versions, *aliases; size_t n_v, cap_v, n_a, cap_a, settled; };

static struct said *add_said(struct said **at, size_t *n, size_t *cap, const char *name, int64_t version, bool deleted)
{
	MEM_GROW(*at, *cap, *n + 1);
	struct said *x = &(*at)[(*n)++];
	*x = (struct said){ mem_strdup(name), version, deleted, false };
	return x;
}

static void state_free(struct model_state *m)
{
	for (size_t i = 0; i < m->n_v; i++)
		free(m->versions[i].name);
	for (size_t i = 0; i < m->n_a; i++)
		free(m->aliases[i].name);
	free(m->versions);
	free(m->aliases);
	free(m->object);
}

static enum status load_state(struct audit_check *c, struct model_state *m)
{
	int rc = SQLITE_DONE;
	sqlite3_stmt *q = reg_query(c->s, c->e, "SELECT r.stage, v.version, r.deleted FROM reg_version r JOIN model_version v ON v.id = r.version_id WHERE v.model_id = ? ORDER BY v.version", "i", m->id);
	while (q && (rc = sqlite3_step(q)) == SQLITE_ROW)
		add_said(&m->versions, &m->n_v, &m->cap_v, reg_column(q, 0), sqlite3_column_int64(q, 1), sqlite3_column_int(q, 2));
	enum status st = q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
	if (st != ST_OK)
		return st;
	q = reg_query(c->s, c->e, "SELECT alias, coalesce(version, 0) FROM reg_alias WHERE model_id = ?", "i", m->id);
	while (q && (rc = sqlite3_step(q)) == SQLITE_ROW)
		add_said(&m->aliases, &m->n_a, &m->cap_a, reg_column(q, 0), sqlite3_column_int64(q, 1), false);
	return q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
}

static int by_version(const void *key, const void *row)
{
	int64_t v = *(const int64_t *)key, w = ((const struct said *)row)->version;
	return v < w ? -1 : v > w;
}

static void settle_version(struct audit_check *c, struct model_state *m, int64_t seq, const char *number, json_t *says)
{
	int64_t version = strtoll(number, NULL, 10);
	struct said *x = m->n_v ? bsearch(&version, m->versions, m->n_v, sizeof *m->versions, by_version) : NULL;
	const char *stage = json_string_value(json_object_get(says, "stage"));
	if (!x || x->settled || !stage)
		return;
	x->settled = true;
	m->settled++;
	bool deleted = json_is_true(json_object_get(says, "deleted"));
	if (deleted != x->deleted)
		audit_finding(c, 0, "%s v%" PRId64 " %s, and record %" PRId64 " says otherwise", m->object + 6, version, x->deleted ? "is deleted" : "is not deleted", seq);
	else if (!deleted && strcmp(stage, x->name) != 0)
		audit_finding(c, 0, "%s v%" PRId64 " is in %s, and record %" PRId64 " says %s", m->object + 6, version, x->name, seq, stage);
}

static void settle_alias(struct audit_check *c, struct model_state *m, int64_t seq, const char *alias, json_t *says)
{
	int64_t version = json_integer_value(says);      /* null: 0 */
	for (size_t i = 0; i < m->n_a; i++) {
		struct said *x = &m->aliases[i];
		if (x->settled || strcmp(x->name, alias) != 0)
			continue;
		x->settled = true;
		m->settled++;
		if (version != x->version)
			audit_finding(c, 0, "alias %s of %s points to v%" PRId64 ", and record %" PRId64 " says v%" PRId64, alias, m->object + 6, x->version, seq, version);
	}
}

static void settle(struct audit_check *c, struct model_state *m, int64_t seq, const char *after, size_t n)
{
	json_error_t ignored;
	json_t *root = json_loadb(after, n, 0, &ignored), *says;
	const char *key;
	json_object_foreach(json_object_get(root, "versions"), key, says)
		settle_version(c, m, seq, key, says);
	json_object_foreach(json_object_get(root, "aliases"), key, says)
		settle_alias(c, m, seq, key, says);
	json_decref(root);
}

/* Records of the model and of its versions, newest first, until each version and alias had its last word. */
static enum status compare_model(struct audit_check *c, struct model_state *m)
{
	enum status st = load_state(c, m);
	if (st != ST_OK || m->n_v + m->n_a == 0)
		return st;
	sqlite3_stmt *q = reg_query(c->s, c->e, "SELECT seq, after FROM audit WHERE (object = ?1 OR (object > ?1 || '/' AND object < ?1 || '0')) AND after IS NOT NULL ORDER BY seq DESC", "t", m->object);
	int rc = SQLITE_DONE;
	while (q && m->settled < m->n_v + m->n_a && (rc = sqlite3_step(q)) == SQLITE_ROW)
		settle(c, m, sqlite3_column_int64(q, 0), reg_column(q, 1), (size_t)sqlite3_column_bytes(q, 1));
	for (size_t i = 0; i < m->n_v; i++)
		if (!m->versions[i].settled)
			audit_finding(c, 0, "%s v%" PRId64 " is in %s, and no record says so", m->object + 6, m->versions[i].version, m->versions[i].name);
	for (size_t i = 0; i < m->n_a; i++)
		if (!m->aliases[i].settled)
			audit_finding(c, 0, "alias %s of %s points to v%" PRId64 ", and no record says so", m->aliases[i].name, m->object + 6, m->aliases[i].version);
	return q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
}

/* Models of two sources may have one name, and records name models by it: of those nothing is compared. */
static const char models_sql[] = "WITH named(id, object) AS (SELECT m.id, 'model:' || " REG_MODEL_NAME " FROM model m"
	" WHERE EXISTS(SELECT 1 FROM reg_version r JOIN model_version v ON v.id = r.version_id WHERE v.model_id = m.id) OR EXISTS(SELECT 1 FROM reg_alias a WHERE a.model_id = m.id))"
	" SELECT id, object, (SELECT count(*) FROM named o WHERE o.object = n.object) FROM named n";

static enum status check_models(struct audit_check *c, int64_t *models, int64_t *twins)
{
	sqlite3_stmt *q = store_stmt(c->s, models_sql, c->e);
	enum status st = q ? ST_OK : ST_FAILED;
	int rc = SQLITE_DONE;
	while (st == ST_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (sqlite3_column_int64(q, 2) > 1) {
			++*twins;
			continue;
		}
		struct model_state m = { .id = sqlite3_column_int64(q, 0), .object = mem_strdup(reg_column(q, 1)) };
		st = compare_model(c, &m);
		state_free(&m);
		++*models;
	}
	if (st != ST_OK && q)
		sqlite3_reset(q);
	return st == ST_OK ? reg_done(c->s, q, rc, c->e) : st;
}

enum status log_doubts_model(struct store *s, int64_t model_id, struct err *e)
{
	struct audit_report found = { .proved = STR_INIT, .unproved = STR_INIT, .findings = STR_INIT };
	struct audit_check c = { .s = s, .out = &found, .e = e };
	struct model_state m = { .id = model_id };
	int64_t twins;
	enum status st = reg_int(s, e, 0, &twins, "SELECT count(*) FROM model o JOIN model m ON o.name = m.name AND o.namespace = m.namespace WHERE m.id = ? AND o.id <> m.id", "i", model_id);
	if (st == ST_OK && !twins)
		st = reg_text(s, e, &m.object, "SELECT 'model:' || " REG_MODEL_NAME " FROM model m WHERE m.id = ?", "i", model_id);
	if (st == ST_OK && m.object)
		st = compare_model(&c, &m);
	state_free(&m);
	if (st == ST_OK && c.findings)
		st = err_set(e, ST_REFUSED, "another program edited the workspace: %.*s; nothing is decided about this model: see mlyard audit verify, and put a backup back",
			(int)strcspn(found.findings.p, "\n"), found.findings.p);
	audit_report_free(&found);
	return st;
}

enum status audit_check_state(struct audit_check *c)
{
	int64_t models = 0, twins = 0;
	size_t before = c->findings;
	enum status st = check_key_ids(c);
	if (st == ST_OK)
		st = check_moves(c);
	for (size_t i = 0; st == ST_OK && i < sizeof row_checks / sizeof *row_checks; i++)
		st = run_row_check(c, row_checks[i]);
	if (st == ST_OK)
		st = check_policy_texts(c);
	if (st == ST_OK)
		st = check_models(c, &models, &twins);
	if (st != ST_OK)
		return st;
	if (c->findings == before && models)
		audit_say(&c->out->proved, "stages, aliases, digests and timelines of %" PRId64 " model%s, the requests, the keys and the policies are what the records about them say", models, models == 1 ? "" : "s");
	if (twins)
		audit_say(&c->out->unproved, "that stages and aliases of %" PRId64 " models agree with the log: they share their names with others", twins);
	audit_say(&c->out->unproved, "that descriptions, tags, cards and comments read as they were written: the log has who wrote when, not always the whole text");
	return st;
}
