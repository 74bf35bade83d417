/* audit_verify -- one pass over the log, with the checkpoints beside it; then the tables, then the memory.
 *
 * Pass     one statement in the order of seq. Each record must carry the next number, the hash of the record before, and a hash that fits its own
 *          bytes and types. After a finding the pass goes on from the stored hash, so that one altered record is one finding and
 *          later ones are found, too.
 * Words    `proved` and `unproved` are written from what was really checked: nothing stands under `proved` that has a finding against it.
 * Speed    no allocation per record: columns are hashed where SQLite holds them, through one buffer.
 * Memory   is asked before the read transaction begins: inside it a record that was written meanwhile would look cut off.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/registry/audit_check.h"
#include "core/registry/regsql.h"

enum { MOST_FINDINGS = 100, RECORDS_BETWEEN_LOOKS = 4096 };

/* ---- words ---- */

void audit_say(struct str *lines, const char *fmt, ...)
{
	struct str raw = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&raw, fmt, ap);
	va_end(ap);
	text_clean(lines, raw.p, raw.len, 0);
	str_addc(lines, '\n');
	str_free(&raw);
}

void audit_finding(struct audit_check *c, int64_t seq, const char *fmt, ...)
{
	struct audit_report *r = c->out;
	if (seq && (!r->first_bad || seq < r->first_bad))
		r->first_bad = seq;
	if (c->findings++ >= MOST_FINDINGS)
		return;
	struct str raw = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&raw, fmt, ap);
	va_end(ap);
	audit_say(&r->findings, "%s", raw.p);
	str_free(&raw);
}

void audit_report_free(struct audit_report *r)
{
	str_free(&r->proved);
	str_free(&r->unproved);
	str_free(&r->findings);
}

/* ---- the pass ---- */

enum { C_SEQ, C_PREV, C_MS, C_UP_MS, C_ACTOR, C_UID, C_KEY_ID, C_ACTION, C_OBJECT, C_BEFORE, C_AFTER, C_REASON, C_HASH, COLUMNS };
static const char columns[] = "seq, prev, ms, up_ms, actor, uid, key_id, action, object, before, after, reason, hash";
static const struct { const char *name; int type; bool null; } expected[COLUMNS] = {
	[C_SEQ] = { "seq", SQLITE_INTEGER, false }, [C_PREV] = { "prev", SQLITE_BLOB, false }, [C_MS] = { "ms", SQLITE_INTEGER, false },
	[C_UP_MS] = { "up_ms", SQLITE_INTEGER, false }, [C_ACTOR] = { "actor", SQLITE_TEXT, false }, [C_UID] = { "uid", SQLITE_INTEGER, false },
	[C_KEY_ID] = { "key_id", SQLITE_TEXT, false }, [C_ACTION] = { "action", SQLITE_TEXT, false }, [C_OBJECT] = { "object", SQLITE_TEXT, false },
	[C_BEFORE] = { "before", SQLITE_TEXT, true }, [C_AFTER] = { "after", SQLITE_TEXT, true }, [C_REASON] = { "reason", SQLITE_TEXT, false },
	[C_HASH] = { "hash", SQLITE_BLOB, false },
};

struct pass {
	struct audit_check *c;
	unsigned char last[AUDIT_HASH];      /* hash stored with the record before */
	int64_t next, last_ms, backwards, first_backwards;
	size_t at;                           /* in c->signed_heads */
	struct str scratch;
};

/* The first column of a type or length that no record has; -1: none. */
static int odd_column(sqlite3_stmt *q)
{
	for (int i = 0; i < COLUMNS; i++) {
		int type = sqlite3_column_type(q, i);
		if (type != expected[i].type && !(type == SQLITE_NULL && expected[i].null))
			return i;
	}
	return sqlite3_column_bytes(q, C_PREV) != AUDIT_HASH ? C_PREV : sqlite3_column_bytes(q, C_HASH) != AUDIT_HASH ? C_HASH : -1;
}

static void read_record(sqlite3_stmt *q, struct audit_record *r)
{
	static const int text[AUDIT_TEXTS] = { C_ACTOR, C_KEY_ID, C_ACTION, C_OBJECT, C_BEFORE, C_AFTER, C_REASON };
	r->seq = sqlite3_column_int64(q, C_SEQ);
	r->ms = sqlite3_column_int64(q, C_MS);
	r->up_ms = sqlite3_column_int64(q, C_UP_MS);
	r->uid = sqlite3_column_int64(q, C_UID);
	r->prev = sqlite3_column_blob(q, C_PREV);
	for (int i = 0; i < AUDIT_TEXTS; i++) {
		const char *s = (const char *)sqlite3_column_text(q, text[i]);
		r->text[i] = (struct audit_text){ s, s ? (size_t)sqlite3_column_bytes(q, text[i]) : 0 };
	}
}

static void check_number(struct pass *p, int64_t seq)
{
	if (seq > p->next + 1)
		audit_finding(p->c, p->next, "records %" PRId64 " to %" PRId64 " are missing", p->next, seq - 1);
	else if (seq > p->next)
		audit_finding(p->c, p->next, "record %" PRId64 " is missing", p->next);
	else if (seq < p->next)
		audit_finding(p->c, seq, "record %" PRId64 " stands after record %" PRId64, seq, p->next - 1);
	p->next = seq + 1;
}

static void check_record(struct pass *p, sqlite3_stmt *q)
{
	struct audit_record r;
	unsigned char hash[AUDIT_HASH];
	int64_t seq = sqlite3_column_int64(q, C_SEQ);
	int odd = odd_column(q);
	check_number(p, seq);
	if (odd >= 0) {
		audit_finding(p->c, seq, "record %" PRId64 " was altered: its %s is no value that was ever written", seq, expected[odd].name);
		memset(p->last, 0, AUDIT_HASH);
		return;
	}
	read_record(q, &r);
	audit_hash(&r, &p->scratch, hash);
	const void *stored = sqlite3_column_blob(q, C_HASH);
	if (memcmp(hash, stored, AUDIT_HASH) != 0)
		audit_finding(p->c, seq, "record %" PRId64 " was altered: its hash does not fit its contents", seq);
	else if (memcmp(r.prev, p->last, AUDIT_HASH) != 0)
		audit_finding(p->c, seq, "record %" PRId64 " does not follow %s", seq, seq == 1 ? "from this workspace's identity" : "the record before it");
	if (r.ms < p->last_ms && !p->backwards++)
		p->first_backwards = seq;
	p->last_ms = r.ms;
	memcpy(p->last, stored, AUDIT_HASH);
}

/* Checkpoints of this record. The list is in the order of n; a seq that goes back was found by audit_check_signed. */
static void check_signed_here(struct pass *p, int64_t seq)
{
	struct audit_check *c = p->c;
	for (; p->at < c->n_signed && c->signed_heads[p->at].seq <= seq; p->at++) {
		const struct audit_signed *h = &c->signed_heads[p->at];
		if (h->seq != seq || memcmp(h->hash, p->last, AUDIT_HASH) == 0)
			continue;
		audit_finding(c, seq, "record %" PRId64 " is not the one that checkpoint %" PRId64 " signed: history was rewritten somewhere after record %" PRId64, seq, h->n,
			p->at ? c->signed_heads[p->at - 1].seq : 0);
	}
}

static enum status pass_start(struct pass *p)
{
	struct audit_check *c = p->c;
	p->next = c->from;
	if (c->from == 1) {
		audit_genesis(c->uuid, p->last);
		return ST_OK;
	}
	sqlite3_stmt *q = reg_query(c->s, c->e, "SELECT hash, ms FROM audit WHERE seq = ?", "i", c->from - 1);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW && sqlite3_column_bytes(q, 0) == AUDIT_HASH) {
		memcpy(p->last, sqlite3_column_blob(q, 0), AUDIT_HASH);
		p->last_ms = sqlite3_column_int64(q, 1);
	} else {
		audit_finding(c, c->from - 1, "record %" PRId64 " is missing or has no hash", c->from - 1);
	}
	while (p->at < c->n_signed && c->signed_heads[p->at].seq < c->from)
		p->at++;
	return reg_done(c->s, q, rc, c->e);
}

static enum status pass_over(struct pass *p)
{
	struct audit_check *c = p->c;
	struct str sql = STR_INIT;
	str_addf(&sql, "SELECT %s FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq", columns);
	sqlite3_stmt *q = reg_query(c->s, c->e, sql.p, "ii", c->from, c->to);
	str_free(&sql);
	int rc = q ? SQLITE_ROW : SQLITE_ERROR;
	while (q && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		check_record(p, q);
		check_signed_here(p, p->next - 1);
		if (++c->out->records % RECORDS_BETWEEN_LOOKS)
			continue;
		if (c->t)
			task_progress(c->t, c->out->records, c->to - c->from + 1);
		if (task_cancelled(c->t)) {
			sqlite3_reset(q);
			return err_set(c->e, ST_CANCELLED, "the verification was stopped at record %" PRId64, p->next - 1);
		}
	}
	return q ? reg_done(c->s, q, rc, c->e) : ST_FAILED;
}

/* What a checkpoint signed and nobody finds any more. */
static void check_end(struct pass *p)
{
	struct audit_check *c = p->c;
	c->out->head_seq = p->next - 1;
	memcpy(c->out->head, p->last, AUDIT_HASH);
	if (c->to >= p->next && c->out->records && c->to != INT64_MAX)
		audit_finding(c, p->next, "records %" PRId64 " to %" PRId64 " are missing", p->next, c->to);
	for (; p->at < c->n_signed; p->at++)
		if (c->signed_heads[p->at].seq <= c->to)
			audit_finding(c, p->next, "the log ends at record %" PRId64 ", but checkpoint %" PRId64 " signed record %" PRId64 ": its end was cut off", p->next - 1,
				c->signed_heads[p->at].n, c->signed_heads[p->at].seq);
	if (p->backwards)
		audit_say(&c->out->unproved, "that times are right: the wall clock went back %" PRId64 " time%s, first at record %" PRId64, p->backwards, p->backwards == 1 ? "" : "s", p->first_backwards);
}

/* ---- what it comes to ---- */

static void say_signed(struct audit_check *c)
{
	struct audit_report *r = c->out;
	if (!c->n_signed) {
		audit_say(&r->unproved, "that nobody who can write the file wrote the whole log anew: there is no signed checkpoint yet (mlyard audit checkpoint)");
		return;
	}
	const struct audit_signed *last = &c->signed_heads[c->n_signed - 1];
	if (!c->findings)
		audit_say(&r->proved, "%zu checkpoint%s hold%s, the last signs record %" PRId64 ": who rewrites anything up to there needs the key", c->n_signed, c->n_signed == 1 ? "" : "s",
			c->n_signed == 1 ? "s" : "", last->seq);
	for (size_t i = 0; i < c->n_keys; i++)
		audit_say(&r->unproved, "that key %s is %s's: only that person can say so", c->keys[i].id, c->keys[i].actor);
	if (r->head_seq > last->seq)
		audit_say(&r->unproved, "that nobody cut off or rewrote records after %" PRId64 " before somebody saw them: no checkpoint signs them yet", last->seq);
}

static void say_all(struct audit_check *c, bool whole)
{
	struct audit_report *r = c->out;
	if (!c->findings && r->records)
		audit_say(&r->proved, "records %" PRId64 " to %" PRId64 " have no gap, each is whole and carries the hash of the one before", c->from, r->head_seq);
	say_signed(c);
	if (!whole)
		audit_say(&r->unproved, "anything about records outside of %" PRId64 " to %" PRId64 ", nor that the tables agree with the log", c->from, r->head_seq);
	audit_say(&r->unproved, "who a name is: in a shared file a program says of itself who uses it; only approvals are signed by people");
}

static void check_memory(struct audit_check *c)
{
	struct audit_memory m;
	struct err words = { 0 };
	enum status st = audit_memory_check(c->s, &words);
	bool any = audit_memory_load(c->uuid, &m, NULL) == ST_OK;
	char date[FMT_MAX];
	c->out->remembered_seq = any ? m.head.seq : 0;
	if (st != ST_OK)
		audit_finding(c, any ? m.head.seq : 0, "%s", words.text);
	else if (any)
		audit_say(&c->out->proved, "record %" PRId64 ", which you saw on %s, is still there and nothing before it was changed since", m.head.seq, fmt_time(date, m.kept_ms));
	else
		audit_say(&c->out->unproved, "that this is the log it was yesterday: you have not seen it before");
}

static enum status verify_inside(struct audit_check *c, bool whole)
{
	struct pass p = { .c = c, .scratch = STR_INIT };
	enum status st = audit_check_signed(c);
	if (st == ST_OK)
		st = pass_start(&p);
	if (st == ST_OK)
		st = pass_over(&p);
	str_free(&p.scratch);
	if (st != ST_OK)
		return st;
	check_end(&p);
	say_all(c, whole);
	return whole ? audit_check_state(c) : ST_OK;
}

static void check_free(struct audit_check *c)
{
	for (size_t i = 0; i < c->n_keys; i++)
		free(c->keys[i].actor);
	free(c->keys);
	free(c->signed_heads);
}

static enum status conclude(struct audit_check *c, struct err *e)
{
	const struct audit_report *r = c->out;
	if (!c->findings)
		return ST_OK;
	if (c->findings > MOST_FINDINGS)
		audit_say(&c->out->findings, "and %zu more", c->findings - MOST_FINDINGS);
	return r->first_bad ? err_set(e, ST_CHECK, "the audit log does not hold: the first bad record is %" PRId64, r->first_bad)
		: err_set(e, ST_CHECK, "the audit log does not hold: %zu finding%s", c->findings, c->findings == 1 ? "" : "s");
}

enum status audit_verify(struct store *s, int64_t from, int64_t to, struct task *t, struct audit_report *out, struct err *e)
{
	struct err words;
	struct audit_check c = { .s = s, .t = t, .out = out, .e = e ? e : &words, .from = from ? from : 1, .to = to ? to : INT64_MAX };
	*out = (struct audit_report){ .proved = STR_INIT, .unproved = STR_INIT, .findings = STR_INIT };
	if (from < 0 || to < 0 || (to && to < c.from))
		return err_set(e, ST_USAGE, "records are verified from a number to a later one, both from 1 on");
	enum status st = audit_uuid(s, c.uuid, c.e);
	if (st == ST_OK)
		check_memory(&c);
	if (st == ST_OK)
		st = store_read_begin(s, c.e);
	if (st != ST_OK)
		return st;
	st = verify_inside(&c, c.from == 1 && !to);
	store_read_end(s);
	if (st == ST_OK)
		st = conclude(&c, c.e);
	check_free(&c);
	return st;
}
