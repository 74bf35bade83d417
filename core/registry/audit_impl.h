/* audit_impl -- what the files of the audit chain share: the bytes that are hashed. */
#ifndef MLYARD_REGISTRY_AUDIT_IMPL_H
#define MLYARD_REGISTRY_AUDIT_IMPL_H
#include <stddef.h>
#include "core/registry/audit.h"

struct audit_text { const char *p; size_t n; };                      /* p NULL: the field is NULL */
enum { AUDIT_ACTOR, AUDIT_KEY_ID, AUDIT_ACTION, AUDIT_OBJECT, AUDIT_BEFORE, AUDIT_AFTER, AUDIT_REASON, AUDIT_TEXTS };
struct audit_record { int64_t seq, ms, up_ms, uid; const unsigned char *prev; struct audit_text text[AUDIT_TEXTS]; };

/* Fields with their lengths, appended; the words of a domain come first. */
void audit_put_bytes(struct str *out, const void *bytes, size_t n);
void audit_put_int(struct str *out, int64_t v);
/* scratch is cleared and reused, so that a million records need one buffer. */
void audit_hash(const struct audit_record *r, struct str *scratch, unsigned char hash[AUDIT_HASH]);
/* What the first record's `prev` must be. */
void audit_genesis(const char *uuid, unsigned char hash[AUDIT_HASH]);
void audit_hex(const unsigned char hash[AUDIT_HASH], char hex[2 * AUDIT_HASH + 1]);
/* Runs the statement to its end. */
enum status audit_done(struct store *s, sqlite3_stmt *q, struct err *e, const char *what);
#endif
