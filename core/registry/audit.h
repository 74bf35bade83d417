/* audit -- the chain of records: what changed, by whom, why; and proof that nobody rewrote it.
 *
 * Record   seq without gaps | hash of the record before | wall time, time since boot | actor, uid, key | action | object | before,
 *          after (JSON or NULL) | reason. hash = BLAKE2b-256 over "mlyard/audit/v1" and every field with its length, so that no two
 *          different records hash alike. The first record's `prev` is the hash of the workspace's uuid.
 *          Written in the transaction of the change itself.
 * Proof    1 the chain: any altered, dropped, swapped, inserted or doubled record breaks it. 2 signed checkpoints of (n, seq,
 *          hash, time), every AUDIT_CHECKPOINT_EVERY records or hour: a chain rewritten by somebody without the witness's key does not fit.
 *          3 every user's own memory of the last head seen, outside of the file: a cut tail or an older copy put back is noticed on
 *          the next open by everybody who had seen more.
 * Cannot   prove anything about a tail that was cut before anybody saw it and before a checkpoint; say who a name is in a
 *          shared file; keep a member of the group from writing the file. audit_verify says so.
 * Threads  any, each with its own store.
 */
#ifndef MLYARD_REGISTRY_AUDIT_H
#define MLYARD_REGISTRY_AUDIT_H
#include <stdbool.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"
#include "core/base/tasks.h"
#include "core/base/verb.h"
#include "core/registry/actor.h"
#include "core/store/store.h"

enum { AUDIT_HASH = 32, AUDIT_UUID = 36, AUDIT_CHECKPOINT_EVERY = 256, AUDIT_CHECKPOINT_MS = 3600 * 1000 };

/* Objects are written "workspace", "model:NAME", "model:NAME/7", "request:12", "policy:3", "key:ID". Texts are stored as given;
 * they are cleaned when shown. before, after: JSON or NULL. */
struct audit_entry { const char *action, *object, *before, *after, *reason; };
/* What audit_verify compares with the tables, so write it: "stage" in `after` of a record about model:NAME/V that moved it; "hash" (hex) in `after` of
 * policy.apply about policy:N; the row's seq where a table has one. */
/* Needs an open gate. *seq (may be NULL): its number. Makes the workspace's uuid with the first record. */
enum status audit_append(struct store *s, const struct actor *who, const struct audit_entry *x, int64_t *seq, struct err *e);

struct audit_head { int64_t seq, ms; unsigned char hash[AUDIT_HASH]; };
/* seq 0: nothing recorded yet. */
enum status audit_head(struct store *s, struct audit_head *out, struct err *e);
enum status audit_uuid(struct store *s, char out[AUDIT_UUID + 1], struct err *e);      /* "" before the first record */

/* Each finding one line. first_bad: seq of the first record that does not hold, 0: none. */
struct audit_report {
	int64_t records, first_bad, checkpoints, head_seq; unsigned char head[AUDIT_HASH];
	int64_t remembered_seq;              /* this user's memory; 0: none */
	struct str proved, unproved, findings;
};
void audit_report_free(struct audit_report *r);
/* from, to: seqs, 0 for the ends (from > 1 trusts the record before). ST_CHECK when something does not hold. Progress and cancel through t. */
enum status audit_verify(struct store *s, int64_t from, int64_t to, struct task *t, struct audit_report *out, struct err *e);

/* This user's memory of the head ($XDG_STATE_HOME/mlyard/<uuid>.head). check: ST_CHECK when the file no longer holds what was seen
 * ("history was cut or replaced: ..."); remember: after checking, keeps the newer head. Call check when a workspace is opened;
 * until audit_acknowledge, change_begin refuses. */
enum status audit_memory_check(struct store *s, struct err *e);
enum status audit_memory_keep(struct store *s, struct err *e);
/* An admin accepts a broken memory: recorded as action "audit.acknowledge" with what was remembered and what is there. */
enum status audit_acknowledge(struct store *s, const struct actor *who, const char *reason, struct err *e);

/* Registry time is never before a record, so a record of a clock that is far ahead holds it up. One that is more than AUDIT_AHEAD_MS ahead of this
 * machine's clock is a finding (ST_CHECK); with audit_acknowledge an admin says that this machine's clock is right: then only later records count. */
enum { AUDIT_AHEAD_MS = 24 * 3600 * 1000 };
enum status audit_latest(struct store *s, int64_t *seq, int64_t *ms, struct err *e);   /* the record that holds registry time up; 0: none */
enum status audit_clock_check(struct store *s, int64_t *seq, struct err *e);

/* Signs the head with this user's witness key (made unsealed, 0600, and introduced with a record when there is none) when
 * one is due, or always with force. */
enum status audit_checkpoint(struct store *s, const struct actor *who, bool force, struct err *e);

/* Introduces a public key: its row and its record ("key.introduce", object "key:ID"). Needs an open gate; nothing happens when it is known already,
 * ST_REFUSED when it was revoked. */
enum status audit_key_introduce(struct store *s, const struct actor *who, const struct key_public *k, struct err *e);
/* Takes a key out of use, a change of its own (ACT_KEY): its owner's or an admin's. What it signed before stays signed; votes by it count no more. */
enum status audit_key_revoke(struct store *s, const struct actor *who, const char *key_id, const char *reason, struct err *e);

/* The log, newest first. Strings are the arena's, cleaned, "" for NULL. */
struct audit_row { int64_t seq, ms, uid; const char *actor, *key_id, *action, *object, *before, *after, *reason; unsigned char hash[AUDIT_HASH]; };
/* object_prefix: whole parts, "model:churn" finds model:churn and model:churn/7 but not model:churn2. */
struct audit_query { const char *object_prefix, *actor, *action_prefix, *text; int64_t since_ms, until_ms, before_seq; size_t most; };   /* NULL and 0: any; most 0: all */
struct audit_rows { struct arena *arena; struct audit_row *at; size_t n; int64_t total; };   /* total: records in the log */
enum status audit_rows_load(struct store *s, const struct audit_query *q, struct audit_rows **out, struct err *e);
void audit_rows_free(struct audit_rows *r);
/* The record as one JSON object, exactly as stored, with hashes in hex: what `audit export` writes a line of. */
enum status audit_export(struct store *s, const struct audit_query *q, FILE *f, struct task *t, struct err *e);   /* oldest first, JSON Lines, then checkpoints and keys */
#endif
