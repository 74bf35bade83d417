/* registry_sheet -- what the two rooms of the promotion sheet share. */
#ifndef MLYARD_VIEWS_REGISTRY_SHEET_H
#define MLYARD_VIEWS_REGISTRY_SHEET_H
#include "core/base/arena.h"
#include "views/registry_internal.h"

/* Everything a sheet shows, of one moment: made in the task, immutable after. */
struct sheet_alias { const char *name; int64_t from; };          /* moves to the version with the transition; from 0: nobody had it */
struct sheet_data {
	struct arena *arena;
	struct policy *policy; struct gate_report *report;           /* report borrows policy */
	struct reg_requests *request;                                /* the open request for this move with its votes, or NULL */
	struct sheet_alias *aliases; size_t n_aliases;
	const char *latest;                                          /* the last change of the model in words */
	bool members;                                                /* the policy names people: their roles are advice in a shared file */
};

/* A line: a section's label, a sign, up to four cells. */
enum sheet_kind { SHEET_PLAIN, SHEET_GATE, SHEET_CHECK, SHEET_REASON };
struct sheet_row { enum sheet_kind kind; const char *label; char light; uint8_t role; const char *cell[4]; int item; };   /* item: -1: the cursor passes it over */

struct sheet {
	struct sheet_data *data;
	int64_t model_id, version; char *lane;                       /* what was asked for; data may still be about what was asked before */
	struct err err;                                              /* why there is no data */
	bool *checked; size_t n_checked;                             /* ticked here */
	char *reason;                                                /* never NULL */
	bool own;                                                    /* the model is changed by a decision of ours: no news */
	char *said;                                                  /* what happened to the model while the sheet was open, or NULL */
	size_t cursor;                                               /* checklist items, then the reason */
	int64_t confirm_rev;                                         /* what was shown when the move was asked for once more */
	size_t top; int page;
	struct arena *words; struct sheet_row *rows; size_t n_rows, cap_rows; int built_w; bool ascii, preview;   /* kept: lines for a width; 0: build anew */
	int gate_w[3];
};
void sheet_data_free(struct sheet_data *d);
/* The report, when it is about what was asked for; NULL: not read yet. */
const struct gate_report *sheet_report(const struct sheet *s);
/* What the sheet is to show: its subject when it is open; else, where there is room below the board, the card's next move. False: nothing. */
bool sheet_subject(const struct registry_view *v, int64_t *version, const char **lane);
const char *sheet_card_lane(const struct reg_card_row *card);    /* where it was asked to go, else the next lane; NULL: nowhere */
void sheet_want(struct registry_view *v, bool again);
void sheet_fresh(struct sheet *s);
void sheet_forget(struct sheet *s);                              /* its lines are built anew */
void sheet_say(struct sheet *s, const char *words);              /* what happened; NULL: nothing */
struct sheet *sheet_of(const struct registry_view *v);
size_t sheet_items(const struct sheet *s);
/* Why the move cannot be made now, in words that name the rule; NULL: it can. */
const char *sheet_why_not(const struct sheet *s);
void sheet_build(struct registry_view *v, int width, bool ascii);
int sheet_rows(struct registry_view *v, int width);
void sheet_paint(struct registry_view *v, struct paint *p);
#endif
