/* machine -- what must hold of a registry after every step, asked of the tables and of the log alone.
 *
 * Replay   reads the audit records from the last one seen on and keeps what they say of stages and aliases, as a reader of the log would;
 *          at each record no model may have two versions in Production. machine_agrees then holds the replay against the tables.
 */
#ifndef MLYARD_TESTS_MACHINE_H
#define MLYARD_TESTS_MACHINE_H
#include <jansson.h>

#include "tests/unit/decide_help.h"

enum { REPLAY_MODELS = 8, REPLAY_VERSIONS = 256, REPLAY_ALIASES = 8 };
struct replayed_version { char stage[32]; bool known, deleted; };
struct replayed_alias { char name[32]; int64_t version; };
struct replayed_model { char name[32]; struct replayed_version v[REPLAY_VERSIONS]; struct replayed_alias a[REPLAY_ALIASES]; size_t n_a; };
struct replay { int64_t seq; struct replayed_model m[REPLAY_MODELS]; size_t n; };

static inline struct replayed_model *replay_model(struct replay *r, const char *object)
{
	char name[32];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(object + 6, "/"), object + 6);
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->m[i].name, name) == 0)
			return &r->m[i];
	assert_true(r->n < REPLAY_MODELS);
	memcpy(r->m[r->n].name, name, sizeof name);
	return &r->m[r->n++];
}

static inline void replay_alias(struct replayed_model *m, const char *alias, int64_t version)
{
	size_t i = 0;
	while (i < m->n_a && strcmp(m->a[i].name, alias) != 0)
		i++;
	assert_true(i < REPLAY_ALIASES);
	if (i == m->n_a)
		snprintf(m->a[m->n_a++].name, sizeof m->a[0].name, "%s", alias);
	m->a[i].version = version;
}

/* One record: the state before it must be what the replay says, the state after it is taken over. */
static inline void replay_record(struct replay *r, const char *object, const char *before, const char *after)
{
	const char *key;
	json_t *value;
	if (strncmp(object, "model:", 6) != 0 || !after)
		return;
	struct replayed_model *m = replay_model(r, object);
	json_t *was = before ? json_loads(before, 0, NULL) : NULL, *is = json_loads(after, 0, NULL);
	assert_non_null(is);
	json_object_foreach(json_object_get(is, "versions"), key, value) {
		int64_t n = strtoll(key, NULL, 10);
		assert_in_range(n, 1, REPLAY_VERSIONS - 1);
		struct replayed_version *v = &m->v[n];
		const char *from = json_string_value(json_object_get(json_object_get(json_object_get(was, "versions"), key), "stage"));
		assert_false(v->deleted);
		if (v->known && from)
			assert_true(strcmp(from, v->stage) == 0 || strcmp(v->stage, json_string_value(json_object_get(value, "stage"))) == 0);
		snprintf(v->stage, sizeof v->stage, "%s", json_string_value(json_object_get(value, "stage")));
		v->deleted = json_is_true(json_object_get(value, "deleted"));
		v->known = true;
	}
	json_object_foreach(json_object_get(is, "aliases"), key, value)
		replay_alias(m, key, json_integer_value(value));
	json_decref(was);
	json_decref(is);
	int holders = 0;
	for (size_t i = 0; i < REPLAY_VERSIONS; i++)
		holders += m->v[i].known && !m->v[i].deleted && strcmp(m->v[i].stage, "Production") == 0;
	if (holders > 1)
		fail_msg("%s: %d versions in Production after %s", m->name, holders, after);
}

/* From the last record seen to the head, one state of the file. */
static inline void replay_on(struct replay *r)
{
	int rc;
	sqlite3_stmt *q = store_stmt(s, "SELECT seq, object, before, after FROM audit WHERE seq > ? ORDER BY seq", &why);
	assert_non_null(q);
	sqlite3_bind_int64(q, 1, r->seq);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		assert_int_equal(sqlite3_column_int64(q, 0), r->seq + 1);
		r->seq++;
		replay_record(r, (const char *)sqlite3_column_text(q, 1), (const char *)sqlite3_column_text(q, 2), (const char *)sqlite3_column_text(q, 3));
	}
	assert_int_equal(rc, SQLITE_DONE);
	sqlite3_reset(q);
}

/* Questions whose answer is always 0. */
static const struct { const char *sql, *words; } never[] = {
	{ "SELECT count(*) FROM (SELECT 1 FROM reg_version r JOIN model_version v ON v.id = r.version_id WHERE NOT r.deleted AND r.stage = 'Production' GROUP BY v.model_id HAVING count(*) > 1)",
		"two versions of a model in Production" },
	{ "SELECT count(*) FROM model_version v JOIN reg_version r ON r.version_id = v.id WHERE (SELECT count(*) FROM reg_held h WHERE h.model_id = v.model_id AND h.kind = 'stage'"
		" AND h.version = v.version AND h.to_ms IS NULL AND h.name = r.stage) <> NOT r.deleted", "a version whose open span is not its stage" },
	{ "SELECT count(*) FROM reg_held h WHERE h.kind = 'stage' AND h.to_ms IS NULL AND NOT EXISTS(SELECT 1 FROM model_version v JOIN reg_version r ON r.version_id = v.id"
		" WHERE v.model_id = h.model_id AND v.version = h.version AND r.stage = h.name AND NOT r.deleted)", "a span of a stage that nobody holds" },
	{ "SELECT count(*) FROM reg_alias a WHERE a.version IS NOT NULL AND NOT EXISTS(SELECT 1 FROM model_version v JOIN reg_version r ON r.version_id = v.id"
		" WHERE v.model_id = a.model_id AND v.version = a.version AND NOT r.deleted)", "an alias that points to no living version" },
	{ "SELECT count(*) FROM reg_alias a WHERE (SELECT count(*) FROM reg_held h WHERE h.model_id = a.model_id AND h.kind = 'alias' AND h.name = a.alias AND h.to_ms IS NULL"
		" AND h.version IS a.version) <> (a.version IS NOT NULL)", "an alias whose open span is another" },
	{ "SELECT count(*) FROM reg_held WHERE to_ms < from_ms OR (to_ms IS NULL) <> (to_seq IS NULL)", "a span that ends before it begins" },
	{ "SELECT count(*) FROM reg_held h WHERE NOT EXISTS(SELECT 1 FROM audit a WHERE a.seq = h.from_seq) OR (h.to_seq IS NOT NULL AND NOT EXISTS(SELECT 1 FROM audit a WHERE a.seq = h.to_seq))",
		"a span without its record" },
	{ "SELECT count(*) FROM reg_version r WHERE r.rev = 0 OR NOT EXISTS(SELECT 1 FROM audit a WHERE a.seq = r.rev)", "a version without a record" },
	{ "SELECT count(*) FROM (SELECT 1 FROM reg_request WHERE state = 'open' GROUP BY model_id, version, to_stage HAVING count(*) > 1)", "two open requests for one move" },
	{ "SELECT count(*) FROM reg_vote v JOIN reg_request q ON q.id = v.request_id WHERE v.verdict = 'approve' AND v.actor = q.requester", "a request approved by who asked" },
	{ "SELECT count(*) FROM (SELECT 1 FROM reg_vote WHERE verdict = 'approve' AND void_why IS NULL GROUP BY request_id, key_id HAVING count(*) > 1)", "two approvals by one key" },
};

/* The tables hold together and say what the log says. In one state of the file. */
static inline void machine_agrees(struct replay *r)
{
	OK(store_read_begin(s, &why));
	replay_on(r);
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (number_of(s, never[i].sql))
			fail_msg("%s", never[i].words);
	sqlite3_stmt *q = store_stmt(s, "SELECT m.name, v.version, r.stage, r.deleted FROM reg_version r JOIN model_version v ON v.id = r.version_id JOIN model m ON m.id = v.model_id", &why);
	assert_non_null(q);
	while (sqlite3_step(q) == SQLITE_ROW) {
		char object[64];
		snprintf(object, sizeof object, "model:%s", (const char *)sqlite3_column_text(q, 0));
		const struct replayed_version *v = &replay_model(r, object)->v[sqlite3_column_int64(q, 1)];
		assert_true(v->known);
		assert_string_equal(v->stage, (const char *)sqlite3_column_text(q, 2));
		assert_int_equal(v->deleted, sqlite3_column_int(q, 3) != 0);
	}
	sqlite3_reset(q);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->m[i].n_a; k++) {
			const char *now = alias_of(r->m[i].name, r->m[i].a[k].name);
			assert_int_equal(strtoll(now, NULL, 10), r->m[i].a[k].version);
		}
	store_read_end(s);
}

static inline void log_is_whole(void)
{
	struct audit_report report = { 0 };
	if (audit_verify(s, 0, 0, NULL, &report, &why) != ST_OK)
		fail_msg("%s\n%s", why.text, report.findings.p);
	audit_report_free(&report);
}

/* ---- chance, from a seed that a failure prints ---- */

static uint64_t chance_state;
static inline uint32_t chance(uint32_t below)
{
	uint64_t z = chance_state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) % below);
}
#endif
