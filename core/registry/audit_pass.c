/* audit_pass -- one pass over the records, in the order of their numbers, with the checkpoints beside them.
 *
 * Record   must carry the next number, the hash of the record before, and a hash that fits its own bytes and types. After a finding the
 *          pass goes on from the stored hash, so that one altered record is one finding and later ones are found, too.
 * Threads  reading and hashing take about the same time, so one thread reads records into batches and another hashes them. A batch
 *          goes round: free, read (by us), hashed (by the other), judged (by us, in order), free. Which thread owns a batch is its state,
 *          under the mutex. Where no thread can be had, the same is done in turns.
 * Memory   three batches of 512 records or a megabyte; nothing is allocated per record.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/registry/audit_check.h"
#include "core/registry/regsql.h"

enum { RECORDS_BETWEEN_LOOKS = 4096, BATCHES = 3, BATCH_RECORDS = 512, BATCH_BYTES = 1 << 20 };

enum { C_SEQ, C_PREV, C_MS, C_UP_MS, C_ACTOR, C_UID, C_KEY_ID, C_ACTION, C_OBJECT, C_BEFORE, C_AFTER, C_REASON, C_HASH, COLUMNS };
static const char read_sql[] = "SELECT seq, prev, ms, up_ms, actor, uid, key_id, action, object, before, after, reason, hash FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq";
static const char *const column_names[COLUMNS] = { "seq", "prev", "ms", "up_ms", "actor", "uid", "key_id", "action", "object", "before", "after", "reason", "hash" };

enum { TEXT_ACTION = 2 };                /* among the texts of a record */
struct entry {
	int64_t seq, ms;
	const char *odd;                     /* column whose value no record has; NULL: none */
	size_t from, n;                      /* its bytes */
	bool follows, fits;
	unsigned char stored[AUDIT_HASH];
};
enum batch_state { FREE, READ, HASHED };
struct batch { enum batch_state state; struct entry at[BATCH_RECORDS]; size_t n; struct str bytes; };

struct pass {
	struct audit_check *c;
	unsigned char last[AUDIT_HASH];      /* hash stored with the record read before */
	int64_t next, last_ms, backwards, first_backwards;
	size_t at;                           /* in c->signed_heads */
	struct batch *batch; size_t reading;
	pthread_t hasher; bool threaded, ending;
	pthread_mutex_t mu; pthread_cond_t changed;
};

/* ---- hashing ---- */

static void hash_batch(struct batch *b)
{
	unsigned char hash[AUDIT_HASH];
	for (size_t i = 0; i < b->n; i++) {
		struct entry *x = &b->at[i];
		if (x->odd)
			continue;
		crypto_generichash(hash, AUDIT_HASH, (const unsigned char *)b->bytes.p + x->from, x->n, NULL, 0);
		x->fits = memcmp(hash, x->stored, AUDIT_HASH) == 0;
	}
}

static void set_state(struct pass *p, struct batch *b, enum batch_state state)
{
	pthread_mutex_lock(&p->mu);
	b->state = state;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mu);
}

/* false: it will not come to that any more. */
static bool wait_for(struct pass *p, struct batch *b, enum batch_state state)
{
	pthread_mutex_lock(&p->mu);
	while (b->state != state && !p->ending)
		pthread_cond_wait(&p->changed, &p->mu);
	bool there = b->state == state;
	pthread_mutex_unlock(&p->mu);
	return there;
}

static void *hasher_main(void *arg)
{
	struct pass *p = arg;
	for (size_t i = 0; wait_for(p, &p->batch[i], READ); i = (i + 1) % BATCHES) {
		hash_batch(&p->batch[i]);
		set_state(p, &p->batch[i], HASHED);
	}
	return NULL;
}

/* ---- judging ---- */

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

/* Checkpoints of this record. The list is in the order of n; a seq that goes back is found by audit_signed_end. */
static void check_signed_here(struct pass *p, const struct entry *x)
{
	struct audit_check *c = p->c;
	for (; p->at < c->n_signed && c->signed_heads[p->at].seq <= x->seq; p->at++) {
		const struct audit_signed *h = &c->signed_heads[p->at];
		if (h->seq != x->seq || memcmp(h->hash, x->stored, AUDIT_HASH) == 0)
			continue;
		audit_finding(c, x->seq, "record %" PRId64 " is not the one that checkpoint %" PRId64 " signed: history was rewritten somewhere after record %" PRId64, x->seq, h->n,
			p->at ? c->signed_heads[p->at - 1].seq : 0);
	}
}

static void judge(struct pass *p, const struct entry *x)
{
	check_number(p, x->seq);
	if (x->odd)
		audit_finding(p->c, x->seq, "record %" PRId64 " was altered: its %s is no value that was ever written", x->seq, x->odd);
	else if (!x->fits)
		audit_finding(p->c, x->seq, "record %" PRId64 " was altered: its hash does not fit its contents", x->seq);
	else if (!x->follows)
		audit_finding(p->c, x->seq, "record %" PRId64 " does not follow %s", x->seq, x->seq == 1 ? "from this workspace's identity" : "the record before it");
	if (x->ms < p->last_ms && !p->backwards++)
		p->first_backwards = x->seq;
	p->last_ms = x->ms;
	check_signed_here(p, x);
}

static bool was_handed_over(struct pass *p, struct batch *b)
{
	pthread_mutex_lock(&p->mu);
	bool yes = b->state != FREE;
	pthread_mutex_unlock(&p->mu);
	return yes;
}

/* The batch at hand becomes free again, once what is in it was hashed. */
static void judge_batch(struct pass *p, struct batch *b)
{
	if (!was_handed_over(p, b))
		return;
	if (p->threaded)
		wait_for(p, b, HASHED);
	else
		hash_batch(b);
	for (size_t i = 0; i < b->n; i++)
		judge(p, &b->at[i]);
	b->n = 0;
	str_clear(&b->bytes);
	set_state(p, b, FREE);
}

/* ---- reading ---- */

/* As a blob a text is what the page holds; as a text it would be copied for the NUL at its end. Its type is asked before that. */
static const char *read_text(sqlite3_stmt *q, int column, struct audit_text *out)
{
	int type = sqlite3_column_type(q, column);
	*out = (struct audit_text){ NULL, 0 };
	if (type == SQLITE_TEXT) {
		const char *bytes = sqlite3_column_blob(q, column);
		*out = (struct audit_text){ bytes ? bytes : "", (size_t)sqlite3_column_bytes(q, column) };
	}
	return type == SQLITE_TEXT || (type == SQLITE_NULL && (column == C_BEFORE || column == C_AFTER)) ? NULL : column_names[column];
}

static const char *read_int(sqlite3_stmt *q, int column, int64_t *out)
{
	*out = sqlite3_column_int64(q, column);
	return sqlite3_column_type(q, column) == SQLITE_INTEGER ? NULL : column_names[column];
}

static const char *read_hash(sqlite3_stmt *q, int column, const unsigned char **out)
{
	*out = sqlite3_column_blob(q, column);
	return sqlite3_column_type(q, column) == SQLITE_BLOB && sqlite3_column_bytes(q, column) == AUDIT_HASH ? NULL : column_names[column];
}

/* The name of a column whose value is of a type or length that no record has; NULL: none. */
static const char *read_record(sqlite3_stmt *q, struct audit_record *r, const unsigned char **hash)
{
	static const int text[AUDIT_TEXTS] = { C_ACTOR, C_KEY_ID, [TEXT_ACTION] = C_ACTION, C_OBJECT, C_BEFORE, C_AFTER, C_REASON };
	const char *odd = NULL, *found;
	r->seq = sqlite3_column_int64(q, C_SEQ);
	if ((found = read_hash(q, C_PREV, &r->prev)) || (found = read_int(q, C_MS, &r->ms)) || (found = read_int(q, C_UP_MS, &r->up_ms)) || (found = read_int(q, C_UID, &r->uid)))
		odd = found;
	for (int i = 0; i < AUDIT_TEXTS; i++)
		if ((found = read_text(q, text[i], &r->text[i])))
			odd = found;
	return (found = read_hash(q, C_HASH, hash)) ? found : odd;
}

static bool is_move(const struct audit_text *action)
{
	static const char *const moves[] = { "model.register", "model.promote", "model.archive", "model.rollback" };
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
		if (action->n == strlen(moves[i]) && memcmp(action->p, moves[i], action->n) == 0)
			return true;
	return false;
}

static void remember_move(struct audit_check *c, int64_t seq)
{
	MEM_GROW(c->moves, c->cap_moves, c->n_moves + 1);
	c->moves[c->n_moves++] = seq;
}

static void take_record(struct pass *p, struct batch *b, sqlite3_stmt *q)
{
	struct audit_record r = { .seq = 0 };
	const unsigned char *stored;
	const char *odd = read_record(q, &r, &stored);
	struct entry *x = &b->at[b->n++];
	*x = (struct entry){ .odd = odd, .seq = r.seq, .ms = r.ms, .from = b->bytes.len };
	if (!x->odd) {
		if (is_move(&r.text[TEXT_ACTION]))
			remember_move(p->c, r.seq);
		audit_record_bytes(&r, &b->bytes);
		x->n = b->bytes.len - x->from;
		x->follows = memcmp(r.prev, p->last, AUDIT_HASH) == 0;
		memcpy(x->stored, stored, AUDIT_HASH);
	}
	memcpy(p->last, x->stored, AUDIT_HASH);
}

/* Hands the batch over, and makes the next one free, which was handed over first. */
static void turn(struct pass *p)
{
	set_state(p, &p->batch[p->reading], READ);
	p->reading = (p->reading + 1) % BATCHES;
	judge_batch(p, &p->batch[p->reading]);
}

static enum status look_up(struct pass *p)
{
	struct audit_check *c = p->c;
	if (c->t)
		task_progress(c->t, c->out->records, c->to == INT64_MAX ? 0 : c->to - c->from + 1);
	return task_cancelled(c->t) ? err_set(c->e, ST_CANCELLED, "the verification was stopped after %" PRId64 " records", c->out->records) : ST_OK;
}

static enum status read_all(struct pass *p)
{
	struct audit_check *c = p->c;
	sqlite3_stmt *q = reg_query(c->s, c->e, read_sql, "ii", c->from, c->to);
	enum status st = q ? ST_OK : ST_FAILED;
	int rc = SQLITE_DONE;
	while (st == ST_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		struct batch *b = &p->batch[p->reading];
		take_record(p, b, q);
		if (b->n == BATCH_RECORDS || b->bytes.len >= BATCH_BYTES)
			turn(p);
		if (++c->out->records % RECORDS_BETWEEN_LOOKS == 0)
			st = look_up(p);
	}
	for (int i = 0; i < BATCHES; i++)
		turn(p);
	if (st == ST_OK)
		return reg_done(c->s, q, rc, c->e);
	if (q)
		sqlite3_reset(q);
	return st;
}

/* ---- the ends ---- */

static enum status begin(struct pass *p)
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

/* What was asked for, or signed, and is not there any more. */
static void end(struct pass *p)
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

static void open_batches(struct pass *p)
{
	p->batch = mem_zalloc(BATCHES * sizeof *p->batch);
	for (int i = 0; i < BATCHES; i++)
		str_init(&p->batch[i].bytes);
	pthread_mutex_init(&p->mu, NULL);
	pthread_cond_init(&p->changed, NULL);
	p->threaded = pthread_create(&p->hasher, NULL, hasher_main, p) == 0;
}

static void close_batches(struct pass *p)
{
	pthread_mutex_lock(&p->mu);
	p->ending = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mu);
	if (p->threaded)
		pthread_join(p->hasher, NULL);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->mu);
	for (int i = 0; i < BATCHES; i++)
		str_free(&p->batch[i].bytes);
	free(p->batch);
}

enum status audit_check_records(struct audit_check *c)
{
	struct pass p = { .c = c };
	enum status st = begin(&p);
	if (st != ST_OK)
		return st;
	open_batches(&p);
	st = read_all(&p);
	close_batches(&p);
	if (st == ST_OK)
		end(&p);
	return st;
}
