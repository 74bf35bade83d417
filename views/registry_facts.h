/* registry_facts -- what is known of a thing, as labelled lines under headings: one column, two or three where there is the width.
 *
 * Owns     everything lives in its arena: made in a task, handed over as a whole, painted and searched on the UI thread.
 * Kept     lines for a width, scroll position, the last hit of a search.
 */
#ifndef MLYARD_VIEWS_REGISTRY_FACTS_H
#define MLYARD_VIEWS_REGISTRY_FACTS_H
#include "core/base/arena.h"
#include "views/registry_internal.h"

enum { FACTS_COLUMNS = 3, FACTS_LABEL_MOST = 26 };
struct fact { const char *label, *value; uint8_t role; bool head; };         /* head: label is a heading, value stands dim behind it */
struct fact_line { size_t fact; const char *p; size_t n; };                  /* p NULL: a blank line */
struct fact_column { struct fact_line *at; size_t n, cap; int label_w; };
struct facts {
	struct arena *arena;
	struct fact *at; size_t n, cap;
	struct fact_column column[FACTS_COLUMNS]; int columns, width;            /* kept; width 0: lines are to be made */
	size_t top, lines; int page;
	char *find; size_t hit;                                                  /* hit: a fact; SIZE_MAX: none */
};
struct facts *facts_new(void);
void facts_free(struct facts *f);
void facts_head(struct facts *f, const char *label, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The value is cleaned text; empty ones are left out. */
void facts_add(struct facts *f, enum role role, const char *label, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void facts_paint(struct facts *f, const struct paint *p);
void facts_move(struct facts *f, enum registry_move m);
/* f is what `before` has become after a change: the scroll position, the word that was looked for and its hit are taken over. */
void facts_keep_place(struct facts *f, struct facts *before);
bool facts_find(struct facts *f, const char *needle, int dir);               /* as registry_page.find */
#endif
