/* audit_check -- a verification under way: what audit_verify.c and audit_state.c share. */
#ifndef MLYARD_REGISTRY_AUDIT_CHECK_H
#define MLYARD_REGISTRY_AUDIT_CHECK_H
#include <pthread.h>
#include "core/registry/audit_impl.h"

struct audit_witness { unsigned char bytes[KEY_PUBLIC]; char id[KEY_ID_HEX + 1]; char *actor; int64_t seq; };
struct audit_check {
	struct store *s;
	struct task *t;
	struct audit_report *out;
	struct err *e;
	char uuid[AUDIT_UUID + 1];
	int64_t from, to;                    /* seqs; to: the head when it was not given */
	size_t findings;
	struct audit_witness *keys; size_t n_keys, cap_keys;
	struct audit_signed *signed_heads; size_t n_signed, cap_signed;
	int64_t *moves; size_t n_moves, cap_moves;           /* seqs of records that say which version came into a lane, as they were read */
	bool *holds; pthread_t signatures; bool thread;      /* of signed_heads: their signatures; checked by a thread of its own */
};
/* One line; seq: the record it is about, 0: none. The first hundred are kept. */
void audit_finding(struct audit_check *c, int64_t seq, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void audit_say(struct str *lines, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Reads keys and checkpoints and begins to check the signatures; `end` waits for that and says what was found. Both, also after a failure between. */
enum status audit_signed_begin(struct audit_check *c);
void audit_signed_end(struct audit_check *c);
/* The records from c->from to c->to, and the checkpoints' hashes beside them. */
enum status audit_check_records(struct audit_check *c);
/* That the tables say what the records say. */
enum status audit_check_state(struct audit_check *c);
#endif
