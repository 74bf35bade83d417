/* gates_impl -- what the files gates*.c share. */
#ifndef MLYARD_REGISTRY_GATES_IMPL_H
#define MLYARD_REGISTRY_GATES_IMPL_H
#include "core/registry/gates.h"

/* One version being measured against one move. */
struct measuring {
	struct store *s;
	struct gate_report *r;
	int64_t now_ms;                              /* registry time: never before the last record */
	int64_t run_id, since_ms; bool since_known;  /* run 0: not here */
	const char *digest_state;                    /* asked for once */
};
/* A version's metric: run, then logged model, then tag. *from: in words; "" when it is nowhere. */
struct measured { bool there; double value; const char *from; };
enum status measure_metric(struct measuring *m, int64_t version_id, const char *key, struct measured *out, struct err *e);
/* Fills value, limit, source, numbers and ok of a result whose spec is set. */
enum status measure_gate(struct measuring *m, struct gate_result *g, struct err *e);
/* The newest version of the model in a lane other than the one measured, 0: none. */
enum status lane_holder(struct measuring *m, const char *lane, int64_t *version, int64_t *version_id, struct err *e);
/* The state of the version's files (digest.h); "verified" when all is well. */
enum status measure_files(struct measuring *m, struct err *e);
enum status measure_basis(struct measuring *m, struct err *e);
#endif
