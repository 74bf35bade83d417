/* audit_verify -- the records (audit_pass.c), the signatures and the tables (audit_state.c), the memory; and what all that comes to.
 *
 * Words    `proved` and `unproved` are written from what was really checked: nothing stands under `proved` that has a finding against it.
 * Memory   is asked before the read transaction begins: inside it a record that was written meanwhile would look cut off.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/registry/audit_check.h"

enum { MOST_FINDINGS = 100 };

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

static enum status check_clock(struct audit_check *c)
{
	struct err words;
	int64_t seq;
	enum status st = audit_clock_check(c->s, &seq, &words);
	if (st == ST_CHECK)
		audit_finding(c, seq, "%s", words.text);
	return st == ST_CHECK ? ST_OK : st;
}

static enum status verify_inside(struct audit_check *c, bool whole)
{
	enum status st = audit_signed_begin(c);
	if (st == ST_OK)
		st = audit_check_records(c);
	audit_signed_end(c);
	if (st != ST_OK)
		return st;
	say_all(c, whole);
	return whole ? audit_check_state(c) : ST_OK;
}

static void check_free(struct audit_check *c)
{
	for (size_t i = 0; i < c->n_keys; i++)
		free(c->keys[i].actor);
	free(c->keys);
	free(c->signed_heads);
	free(c->moves);
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
	if (st == ST_OK && !to)
		st = check_clock(&c);
	store_read_end(s);
	if (st == ST_OK)
		st = conclude(&c, c.e);
	check_free(&c);
	return st;
}
