/* view -- one tab's content: a class with a handful of functions and a table of commands.
 *
 * Data flow   store -> query (in a task) -> snapshot -> view -> cells; changes go the
 *             other way as commands. A view is stale when a topic it names changes:
 *             refresh() then starts tasks (ui_task), their results come back through apply().
 * Painting    same state, same cells; paint() starts nothing and asks nothing.
 * Extend      a view is one file views/<id>.c defining `const struct view_class view_<id>`
 *             and one row in views.am.
 */
#ifndef MLYARD_VIEWS_VIEW_H
#define MLYARD_VIEWS_VIEW_H
#include "core/base/cmd.h"
#include "core/base/str.h"
#include "core/base/topic.h"
#include "tui/event.h"
#include "tui/surface.h"
#include "tui/widget.h"

struct ui;
struct view_class {
	const char *id, *title;                              /* "runs", "Runs" */
	uint32_t topics;                                     /* what makes it stale */
	void *(*open)(struct ui *ui);                        /* never NULL; starts nothing slow; refresh() follows */
	void (*close)(void *v);
	void (*refresh)(void *v, uint32_t topics);           /* topics that changed; all bits: everything (start, user) */
	void (*paint)(void *v, struct paint *p);             /* the whole area between the bars, pane rules included */
	void (*model)(const void *v, struct str *out);       /* "key: value" lines, what tests assert on */
	const char *(*context)(const void *v);               /* innermost key context ("runs.chart"), or NULL: id only */
	const char *(*hints)(const void *v);                 /* commands for the bottom bar, best first: "runs.mark mark; runs.filter filter" */
	void (*mouse)(void *v, const struct event *ev, struct rect r);   /* may be NULL */
	const struct cmd *cmds; size_t n_cmds;
};
size_t view_count(void);
const struct view_class *view_at(size_t i);              /* in tab order */
#endif
