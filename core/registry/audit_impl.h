/* audit_impl -- what the files of the audit chain share: the bytes that are hashed. */
#ifndef MLYARD_REGISTRY_AUDIT_IMPL_H
#define MLYARD_REGISTRY_AUDIT_IMPL_H
#include <stddef.h>
#include "core/registry/audit.h"
#include "core/secret/key.h"

struct audit_text { const char *p; size_t n; };                      /* p NULL: the field is NULL */
enum { AUDIT_ACTOR, AUDIT_KEY_ID, AUDIT_ACTION, AUDIT_OBJECT, AUDIT_BEFORE, AUDIT_AFTER, AUDIT_REASON, AUDIT_TEXTS };
struct audit_record { int64_t seq, ms, up_ms, uid; const unsigned char *prev; struct audit_text text[AUDIT_TEXTS]; };

/* Fields with their lengths, appended; the words of a domain come first. */
void audit_put_bytes(struct str *out, const void *bytes, size_t n);
void audit_put_int(struct str *out, int64_t v);
/* What is hashed, appended. */
void audit_record_bytes(const struct audit_record *r, struct str *out);
/* scratch is cleared and reused, so that a million records need one buffer. */
void audit_hash(const struct audit_record *r, struct str *scratch, unsigned char hash[AUDIT_HASH]);
/* What the first record's `prev` must be. */
void audit_genesis(const char *uuid, unsigned char hash[AUDIT_HASH]);
void audit_hex(const unsigned char hash[AUDIT_HASH], char hex[2 * AUDIT_HASH + 1]);

/* What a user remembers of a workspace. A file that does not parse is ST_REFUSED. */
struct audit_memory { char uuid[AUDIT_UUID + 1]; struct audit_head head; int64_t kept_ms, checkpoint; };
enum { AUDIT_MEMORY_MOST = 1024 };
enum status audit_memory_parse(const char *text, size_t n, const char *name, struct audit_memory *out, struct err *e);
/* ST_NOT_FOUND: nothing is remembered. */
enum status audit_memory_load(const char *uuid, struct audit_memory *out, struct err *e);

/* A signed head. The signature of the one before is part of what is signed, so none can be left out or put elsewhere. */
struct audit_signed { int64_t n, seq, ms; unsigned char hash[AUDIT_HASH], before[KEY_SIGNATURE], signature[KEY_SIGNATURE]; char key_id[KEY_ID_HEX + 1]; };
extern const char audit_signed_domain[];
void audit_signed_bytes(const struct audit_signed *c, const char *uuid, struct str *out);
/* The newest; n 0: there is none. */
enum status audit_signed_last(struct store *s, struct audit_signed *out, struct err *e);

/* Runs the statement to its end. */
enum status audit_done(struct store *s, sqlite3_stmt *q, struct err *e, const char *what);
/* Sets registry time right after a clock that was far ahead; ST_REFUSED when there is nothing to set right. */
enum status audit_clock_accept(struct store *s, const struct actor *who, const char *reason, struct err *e);
/* The record that accepts what is wrong with `subject` ("workspace", "clock"): JSON of what was held before, and now. */
enum status audit_accept(struct store *s, const struct actor *who, const char *subject, const char *before, const char *after, const char *reason, struct err *e);
#endif
