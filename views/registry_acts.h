/* registry_acts -- decisions made from the Registry view: a deed is asked for what it still lacks, confirmed, and done in a task.
 *
 * A command makes a deed, fills in what it knows and lets it go (deed_go). A row of the table in registry_acts.c says what is asked: a name, a
 * text, a yes, a key. The answer of the store is the message; what is shown is read anew. One deed at a time.
 */
#ifndef MLYARD_VIEWS_REGISTRY_ACTS_H
#define MLYARD_VIEWS_REGISTRY_ACTS_H
#include "views/registry_internal.h"

enum deed_id { DEED_PROMOTE, DEED_ROLLBACK, DEED_REQUEST, DEED_WITHDRAW, DEED_COMMENT, DEED_APPROVE, DEED_REJECT, DEED_ALIAS, DEED_TAG, DEED_DESCRIBE,
	DEED_DELETE, DEEDS };
struct deed {
	enum deed_id id;
	int64_t model_id, version, request, expect_rev;      /* expect_rev -1: any */
	char *initial;                                       /* what the text is edited from */
	char *name, *text;                                   /* lane, alias or key; reason, comment or value. NULL: not said yet */
	bool remove, confirmed;
	bool *checked; size_t n_checked;
	char *secret, *key_file;                             /* passphrase in locked memory, or where the key file is */
	struct actor who;
	int64_t found;                                       /* back: the version a rollback brought */
};
struct deed *deed_new(enum deed_id id, int64_t model_id, int64_t version);
void deed_checked(struct deed *d, const bool *checked, size_t n);
void deed_free(struct deed *d);
void deed_go(struct registry_view *v, struct deed *d);       /* takes d */
void deed_drop(struct registry_view *v);                     /* what waits for an answer is not done */

/* ---- registry_keys.c ---- */
/* True: the deed has what it needs to sign; else it was asked for, or the reason why not was said and d is gone. */
bool deed_has_key(struct registry_view *v, struct deed *d);
/* In the task. */
enum status deed_vote(struct store *s, struct deed *d, bool approve, struct err *e);

void sheet_moved(struct registry_view *v, enum status st, const struct err *e);      /* registry_sheet.c: how the move ended */
void sheet_fill(const struct registry_view *v, struct deed *d);      /* reason and ticks, when a sheet is open */
void sheet_show_request(struct registry_view *v);            /* unless it is in sight already */
void sheet_own_change(struct registry_view *v);              /* what comes next from the store is our own doing */
#endif
