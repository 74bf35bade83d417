/* drift_report -- what the rooms of the report page share.
 *
 * Rooms    drift_report.c           the page: tabs, moves, what it says of itself       drift_report_load.c      reading, the cache, walking windows, who uses a column
 *          drift_report_list.c      the features: order, filter, sparklines              drift_report_feature.c   the chosen one: verdict, picture, figures
 *          drift_report_picture.c   pictures of a column                                 drift_report_quality.c   findings; all about the report itself
 *          drift_report_performance.c   how good the model is                            drift_report_joint.c     all columns together
 *          drift_report_cmds.c      its commands                                         drift_report_export.c   writing it to a file
 *          drift_report_words.c     names and numbers in words                           drift_leaf.h            pages of text and tables
 * Cache    the last REPORT_KEPT reports that were read, by id; a stored report never changes. While one is shown, its neighbours in time are read into
 *          the cache, so that a step to the next window paints from memory. Until an answer is there the report before stays on the screen.
 * Kept     the chosen column by name, tab, picture, order, filter and zoom: they stay while windows are walked.
 */
#ifndef MLYARD_VIEWS_DRIFT_REPORT_H
#define MLYARD_VIEWS_DRIFT_REPORT_H
#include "core/drift/report.h"
#include "tui/table.h"
#include "views/drift_internal.h"
#include "views/drift_leaf.h"

enum { REPORT_KEPT = 8, REPORT_WIDE = 100, REPORT_SLOT_NEWER = 13, REPORT_SLOT_OLDER = 14, REPORT_SLOT_USES = 15 };
/* X(id, "name as a tab and a word") */
#define REPORT_TABS(X) X(FEATURES, "features") X(QUALITY, "quality") X(PERFORMANCE, "performance") X(JOINT, "joint") X(ABOUT, "about")
enum report_tab {
#define X(id, name) TAB_##id,
	REPORT_TABS(X)
#undef X
	TAB_COUNT
};
#define REPORT_PICTURES(X) X(HISTOGRAM, "histogram") X(BESIDE, "beside") X(ECDF, "ecdf") X(QQ, "q-q") X(QUANTILES, "quantiles")
enum report_picture_mode {
#define X(id, name) PICTURE_##id,
	REPORT_PICTURES(X)
#undef X
	PICTURE_COUNT
};
enum report_order { ORDER_SEVERITY, ORDER_NAME, ORDER_POSITION, ORDER_COUNT };

struct report_kept { int64_t id; uint64_t used; struct report *report; };
struct report_use { int64_t version; char *stage; };
struct report_uses { char *model; char *column; struct report_use *at; size_t n; struct str views; };       /* of a column: newest version first; views: names of feature views, with commas */
struct report_page {
	struct report_kept kept[REPORT_KEPT]; uint64_t clock;
	const struct report *shown; int64_t shown_id; struct err err;        /* shown: one of kept */
	enum report_tab tab; enum report_picture_mode picture; enum report_order order; bool only, zoom;
	char *filter, *column;                   /* column: the chosen one, by name; NULL: the first */
	struct table list; struct table_col cols[6]; size_t *rows;           /* indices of columns, in order */
	struct { double *v; } lines;                                         /* sparklines of the rows in sight */
	struct leaf *leaf[TAB_COUNT]; const void *leaf_of[TAB_COUNT];     /* of which report or column each was made */
	size_t top[TAB_COUNT]; int page_h;
	struct report_uses uses;
	struct rect list_at, feature_at; int tab_x[TAB_COUNT + 1];           /* kept: of the last paint; tab_x: where each begins; as the next: not shown */
	char *export_path;                       /* waits for a yes */
	struct drift_view *view; bool ascii;     /* ascii: of the last paint */
};
struct report_page *report_page(const struct drift_view *v);
void report_follow(struct drift_view *v);                    /* the cursor of the list has moved: its column is the chosen one */

/* ---- reading --------------------------------------------------------------------------------------------- */
void report_show(struct drift_view *v);                      /* what the stop is about: from the cache, or read */
bool report_step(struct drift_view *v, int dir);             /* to the next window that has a report; false: there is none */
void report_uses_want(struct drift_view *v);                 /* which versions take the chosen column */
void report_load_done(struct report_page *s);                /* frees what was kept */

/* ---- features --------------------------------------------------------------------------------------------- */
void report_list_init(struct report_page *s);
void report_list_sort(struct report_page *s);                /* order and filter anew; the cursor stays on its column */
void report_list_paint(struct drift_view *v, struct paint *p);
void report_choose(struct drift_view *v, const char *column);
const struct report_column *report_chosen(const struct report_page *s);      /* NULL: none */
void report_feature_paint(struct drift_view *v, struct paint *p);
void report_feature_scroll(struct report_page *s, enum drift_move m);
/* Any of the pictures; what a column lacks is said. */
void report_picture_paint(const struct report_column *c, enum report_picture_mode mode, struct paint *p);
bool report_has_picture(const struct report_column *c, enum report_picture_mode mode);

/* ---- other tabs -------------------------------------------------------------------------------------------- */
struct leaf *report_quality_leaf(const struct report *r);
struct leaf *report_performance_leaf(const struct report *r);
struct leaf *report_joint_leaf(const struct report *r);
struct leaf *report_about_leaf(const struct report *r);
void report_leaves_forget(struct report_page *s);

/* ---- words -------------------------------------------------------------------------------------------------- */
extern const char *const report_tab_names[TAB_COUNT], *const report_picture_names[PICTURE_COUNT], *const report_order_names[ORDER_COUNT];
/* "-20 %" where both are above zero, else a difference; "" unknown. */
char *report_change_words(char buf[FMT_MAX], double ref, double cur);
char *report_p_words(char buf[FMT_MAX], double p);
const char *report_verdict_words(const struct report_column *c);
#endif
