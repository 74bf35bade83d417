/* drift_internal -- what the rooms of the Drift view share: its state, its pages, who answers for which part.
 *
 * Way      Pulse (all monitors, features by windows) -> Report of a window (features ranked, one of them drawn; quality; performance) and back.
 *          Beside it: the alerts, and the list of stored reports. Enter goes deeper, Escape one step back.
 * Rooms    drift.c            life of the view, what it reads              drift_commands.c   the command table
 *          drift_pages.c      the stack of pages, moves, mouse             drift_acts.c       acknowledge, silence, baseline, run a monitor now
 *          drift_pulse.c      the heat map (drift_pulse.h names its own rooms)
 *          drift_alerts.c     alerts and what waits to be sent             drift_reports.c    all stored reports
 *          drift_list.c       what both of these lists have in common
 *          drift_report.c     a report: tabs, list of features, walking windows (drift_report.h names its own rooms)
 * A page   is one file that defines `const struct drift_page drift_page_<id>` and one X(<id>) in DRIFT_PAGES; it gets a task slot, the key
 *          context "drift.<id>" and a place for its state. Its commands are rows of drift_commands.c.
 * Flow     one task reads the pulse (pulse.h); pages that show more ask for it in want(), with their own slot. Painting only reads.
 * Kept     monitors, windows, columns are kept by name, key and id, never by row, so that everything survives a refresh.
 */
#ifndef MLYARD_VIEWS_DRIFT_INTERNAL_H
#define MLYARD_VIEWS_DRIFT_INTERNAL_H
#include "core/base/fmt.h"
#include "core/drift/monitor.h"
#include "core/drift/pulse.h"
#include "views/ui.h"

#define DRIFT_PAGES(X) X(pulse) X(report) X(alerts) X(reports)
enum drift_page_id {
#define X(id) DRIFT_PAGE_##id,
	DRIFT_PAGES(X)
#undef X
	DRIFT_PAGE_COUNT
};
enum { DRIFT_SLOT_LOAD, DRIFT_SLOT_ACT, DRIFT_SLOT_RUN, DRIFT_SLOT_PAIR, DRIFT_SLOT_PAGES, DRIFT_STACK = 6 };
#define DRIFT_SLOT(page) (DRIFT_SLOT_PAGES + (int)(page))

/* What a page is about. group: name of a pulse group; "" none (a report that belongs to no series). Texts are copied where they are kept. */
struct drift_subject { int64_t report_id; const char *group, *column; };
enum drift_move { DRIFT_DOWN, DRIFT_UP, DRIFT_PAGE_DOWN, DRIFT_PAGE_UP, DRIFT_HALF_DOWN, DRIFT_HALF_UP, DRIFT_TOP, DRIFT_BOTTOM, DRIFT_LEFT, DRIFT_RIGHT };

struct drift_deed;
struct drift_view;
struct drift_page {
	const char *id, *context;                /* "pulse", "drift.pulse" */
	void *(*open)(struct drift_view *v);                                        /* made with the view; starts nothing */
	void (*close)(void *state);
	void (*want)(struct drift_view *v, bool again);                             /* it came up, or (again) what it shows may have changed */
	void (*paint)(struct drift_view *v, struct paint *p);                       /* its whole area, title rule included */
	void (*model)(const struct drift_view *v, struct str *out);                 /* "key: value" lines */
	const char *(*hints)(const struct drift_view *v);
	void (*move)(struct drift_view *v, enum drift_move m);
	enum status (*enter)(struct drift_view *v, struct err *e);                  /* may be NULL */
	bool (*leave)(struct drift_view *v);                                        /* one step back inside; false: leave the page. May be NULL */
	void (*filter)(struct drift_view *v, const char *text);                     /* live while it is typed; NULL: nothing to filter */
	void (*mouse)(struct drift_view *v, const struct event *ev, int x, int y);  /* may be NULL */
};
#define X(id) extern const struct drift_page drift_page_##id;
DRIFT_PAGES(X)
#undef X

struct drift_stop { enum drift_page_id page; int64_t report_id; char *group, *column; };
struct drift_view {
	struct ui *ui;
	struct drift_stop stack[DRIFT_STACK]; int n_stack;       /* [0]: the pulse */
	void *state[DRIFT_PAGE_COUNT];
	struct pulse *pulse;                     /* NULL before the first load */
	bool loaded, loading, again, looking; struct err load_err;        /* looking: a run of a monitor is under way */
	struct drift_deed *act;                         /* waits for an answer (drift_acts.h); NULL: none */
	struct rect area;                        /* kept: of the last paint */
};

/* ---- the stack --------------------------------------------------------------------------------------- */
const struct drift_page *drift_page(const struct drift_view *v);                /* on top */
enum drift_page_id drift_page_id(const struct drift_view *v);
const struct drift_stop *drift_about(const struct drift_view *v);               /* of the top */
void drift_go(struct drift_view *v, enum drift_page_id page, const struct drift_subject *about);      /* a page that is there already comes up with the new subject */
void drift_about_set(struct drift_view *v, const struct drift_subject *about);  /* the top page is about something else now (walking windows) */
bool drift_leave(struct drift_view *v);
long drift_rows_of(enum drift_move m, int page, size_t n);   /* rows a move means in a list */

/* ---- the pulse, for all pages ------------------------------------------------------------------------------ */
const struct pulse_group *drift_group(const struct drift_view *v, const char *name);          /* NULL: none */
const struct pulse_window *drift_window_of(const struct pulse_group *g, int64_t report_id);   /* NULL: none */
const struct pulse_row *drift_row(const struct pulse_group *g, const char *column);           /* NULL: none */
const struct pulse_group *drift_in_hand(const struct drift_view *v);            /* what acts are about: under the cursor of the pulse, else the page's; NULL: none */
const struct pulse_group *drift_alerts_group(const struct drift_view *v);        /* of the alert under the cursor of its page */
/* The next window in this direction (dir 1: newer) that has a report; NULL: none. */
const struct pulse_window *drift_walk(const struct pulse_group *g, int64_t report_id, int dir);

/* ---- signs and words that all pages share -------------------------------------------------------------------- */
enum role drift_role(bool drifted, bool watch);              /* BAD, WARN, DIM */
const char *drift_sign(const struct paint *p, bool drifted, bool watch);        /* one cell: drifted, watch, unchanged; differ without colour */
#endif
