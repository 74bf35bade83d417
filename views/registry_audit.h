/* registry_audit -- what the rooms of the audit page share: the log as it is asked for and shown, and what a verification said. */
#ifndef MLYARD_VIEWS_REGISTRY_AUDIT_H
#define MLYARD_VIEWS_REGISTRY_AUDIT_H
#include "core/registry/audit.h"
#include "tui/table.h"
#include "views/registry_internal.h"

/* What the log is narrowed to: "model:churn actor:x action:policy since:3d some words". */
struct audit_filter { char *line, *object, *actor, *action, *text; int64_t since_ms, until_ms; };

struct audit_proof { bool known, running; int64_t seq, checkpoints, first_bad, head_at; double ms; enum status st; struct err err; struct str words; };
struct audit_view {
	struct audit_rows *data; struct err err;
	struct audit_filter filter; size_t most; int64_t before_seq;     /* before_seq: an older stretch of the log, 0: from its end */
	int64_t seq;                             /* under the cursor; 0: the newest */
	bool all;                                /* everything that the filter lets through is loaded */
	struct table table; struct table_col *cols;
	struct audit_proof proof;
};
struct audit_view *audit_of(const struct registry_view *v);
const struct audit_row *audit_row(const struct registry_view *v);        /* under the cursor; NULL: none */

/* Owns copies. ST_USAGE when a date does not read; the filter is unchanged then. */
enum status audit_filter_set(struct audit_filter *f, const char *line, struct err *e);
void audit_filter_done(struct audit_filter *f);
void audit_filter_query(const struct audit_filter *f, struct audit_query *q);       /* borrows */

void audit_load(struct registry_view *v);
void audit_verify_start(struct registry_view *v);

/* Appends "key: before -> after" lines: what a record changed; else the JSON as it is. */
void audit_changes(const struct audit_row *r, bool ascii, struct str *out);
void audit_story(const struct audit_row *r, bool ascii, struct str *out);           /* everything of a record, for a text layer */

void audit_table_init(struct audit_view *a);
void audit_paint(struct registry_view *v, struct paint *p);
#endif
