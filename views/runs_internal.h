/* runs_internal -- what the rooms of the Runs view share: its state and who answers for which part.
 *
 * Rooms    runs.c            the view class: life, refresh, hints, model
 *          runs_commands.c   the command table
 *          runs_panes.c      layout, focus, drawers, mouse
 *          runs_load.c       questions to the store and what comes back: experiments, keys, snapshot
 *          runs_columns.c    which columns, chosen, kept, changed        runs_rank.c   which metric matters
 *          runs_table.c      rows, cursor, folds                         runs_spark.c      their sparklines
 *          runs_cells.c      what stands in its rows
 *          runs_empty.c      what stands there without rows
 *          runs_order.c      order and filter                            runs_moves.c      lists, marks, folds, copying
 *          runs_colcmds.c    commands on columns
 *          runs_marks.c      marked runs and their colours
 *          runs_detail.c     the run under the cursor                    runs_preview.c   its files
 *          runs_chart.c      which curves are wanted, here, asked for    runs_curves.c    points to buckets (in tasks)
 *          runs_chart_paint.c  the pane, its words   runs_chart_cache.c  repaints   runs_chart_cmds.c  crosshair, zoom, axes
 *          runs_changes.c    where detectors see a curve change
 *          runs_experiments.c  the list at the left
 * Flow     a command changes what is asked for and calls one of the *_want functions; these start a task when the
 *          answer at hand is not the answer to the question; apply puts it in place. Painting only reads.
 * Keys     everything that must survive a refresh is kept by run id: cursor, marks, folds, curves.
 */
#ifndef MLYARD_VIEWS_RUNS_INTERNAL_H
#define MLYARD_VIEWS_RUNS_INTERNAL_H
#include "core/base/cmd.h"
#include "core/base/fmt.h"
#include "core/drift/changes.h"
#include "core/runs/artifacts.h"
#include "core/runs/runs.h"
#include "tui/chart.h"
#include "tui/image.h"
#include "tui/layout.h"
#include "tui/table.h"
#include "views/ui.h"

struct runs_view;
enum runs_pane { PANE_NONE = -1, PANE_EXPERIMENTS, PANE_TABLE, PANE_DETAIL, PANE_CHART, RUNS_PANES };
enum runs_slot { SLOT_LOAD, SLOT_SPARK, SLOT_DETAIL, SLOT_CURVES, SLOT_CROSS, SLOT_LOOK, SLOT_FILES, SLOT_PREVIEW, SLOT_GOTO, SLOT_WORDS };
enum { RUNS_SORTS = 4, RUNS_SPARK = 48, RUNS_SPARK_CELLS = 24, RUNS_CURVES_MAX = 200, RUNS_COLORS = 8, RUNS_CHARTS = 9, RUNS_LEFT = 16 };

/* A set of run ids, kept sorted. */
struct idset { int64_t *at; size_t n, cap; };
bool idset_has(const struct idset *s, int64_t id);
void idset_put(struct idset *s, int64_t id, bool in);
void idset_fill(struct idset *s, const int64_t *ids, size_t n);   /* these and no others; for many at once */
void idset_free(struct idset *s);

/* ---- columns ---------------------------------------------------------------------------- */
struct runs_column { char *spec, *title; struct col col; char *key; int width; bool pinned; };   /* spec: col_format's text */
struct runs_columns { struct runs_column *at; size_t n, cap; };
bool columns_add(struct runs_columns *c, const char *spec, struct err *e);   /* at the end; false: not a column */
/* Also a key alone, as the command line takes it; *key: new or NULL, col borrows it. */
enum status columns_resolve(struct runs_view *v, const char *word, struct col *out, char **key, struct err *e);
int64_t columns_find(const struct runs_columns *c, const char *spec);
void columns_copy(struct runs_columns *to, const struct runs_columns *from);
void columns_clear(struct runs_columns *c);
void columns_remove(struct runs_columns *c, size_t i);
void columns_save(const struct runs_columns *c, struct str *out);
bool columns_load(struct runs_columns *c, const char *text);                 /* false: nothing usable in it */

/* What a metric's name says about it (runs_rank.c). */
struct rank_probe { char **curves; size_t n_curves; };                       /* metrics with a history, best to draw first */
bool metric_is_loss(const char *key);
double metric_rank(const char *key, double share, const char *primary);     /* as a column */
enum status columns_choose(struct store *s, const int64_t *exps, size_t n, const struct run_keys *keys, struct runs_columns *out,
	struct rank_probe *probe, struct err *e);
void rank_probe_free(struct rank_probe *p);

/* ---- the question and the answer ---------------------------------------------------------- */
struct runs_order { char *spec; bool desc; };
struct runs_ask {
	int64_t experiment;                       /* 0: all of them */
	struct idset several;                     /* not empty: these experiments instead */
	bool deleted, tree;
	char *filter;                             /* never NULL */
	struct runs_order order[RUNS_SORTS]; size_t n_order;
};
/* What the table needs beyond the snapshot: worked out with it, in the task. */
struct runs_shape {
	uint32_t *parent; bool *whole; bool nested;                   /* parent row or UINT32_MAX; per column: only whole numbers */
	struct run_progress *progress; size_t n_progress;             /* of what runs */
};
const struct run_progress *progress_of(const struct runs_view *v, int64_t run_id);   /* NULL: nothing can be said */
/* "≈2m left" at that moment; false when no end is known, or it should have come already. */
bool progress_left(const struct run_progress *p, int64_t now_ms, bool ascii, char *out, size_t cap);
size_t ask_experiments(const struct runs_ask *a, const int64_t **ids);        /* none: all */
void ask_setting_key(const struct runs_ask *a, const char *what, char *buf, size_t n);   /* what is kept for them */
enum load_want { LOAD_EXPERIMENTS = 1, LOAD_COLUMNS = 2, LOAD_FIRST = 4 };
void runs_load(struct runs_view *v, unsigned want);          /* supersedes what is under way */
void runs_reload(struct runs_view *v);                       /* the same question again, after what is under way */
void runs_load_done(struct runs_view *v);                    /* at close */
void filter_read_ahead(struct runs_view *v);                 /* while the filter prompt is open: what its words need */
void runs_shape_free(struct runs_shape *s);

/* ---- panes -------------------------------------------------------------------------------- */
struct runs_panes {
	struct layout layout;
	struct placed at[LAYOUT_MAX]; int n;      /* kept: where they were painted, and in what area */
	struct rect area;
	enum runs_pane focus, drawer;             /* drawer: a folded pane laid over the others */
	int drag;                                 /* split whose border is being dragged, or -1 */
	int drag_column;
	bool shaped;                              /* the user has shaped it: sizes are no longer ours to choose */
};
void panes_init(struct runs_view *v);
void panes_place(struct runs_view *v, struct rect area);
bool panes_has(const struct runs_view *v, enum runs_pane id, struct placed *out);   /* is it on the screen? */
void panes_paint_rules(const struct runs_view *v, struct paint *p);
void panes_clear_drawer(const struct runs_view *v, struct paint *p, const struct placed *at);   /* the ground of the drawer, with lines at its sides */
void panes_show(struct runs_view *v, enum runs_pane id);     /* brings it up, as a drawer where it must be, and focuses it */
bool panes_back(struct runs_view *v);                        /* one step out: drawer, zoom, focus; false: nothing to leave */
void panes_mouse(void *view, const struct event *ev, struct rect r);
const char *pane_name(enum runs_pane id);

/* ---- experiments --------------------------------------------------------------------------- */
struct runs_experiments { struct experiments *list; size_t cursor, top; int page; bool explicit; /* the user chose */
	struct { int64_t experiment, run; } left[RUNS_LEFT]; size_t n_left; };   /* where the cursor was in the ones visited last */
size_t exps_rows(const struct runs_view *v);
int64_t exps_id(const struct runs_view *v, size_t row);      /* 0: the row of all */
void exps_choose(struct runs_view *v, int64_t experiment);   /* this one, or all; not several any more */
enum status exps_mark(struct runs_view *v, struct err *e);   /* adds the one under the cursor to the several shown, or takes it out */
void exps_go(struct runs_view *v, size_t row);
const char *exps_note(const struct runs_view *v);            /* heads of its columns, for the pane's rule */
void exps_sync(struct runs_view *v);                         /* cursor onto the chosen experiment after a load */
void exps_move(struct runs_view *v, long rows);
void exps_paint(struct runs_view *v, struct paint *p);
const struct experiment *exps_find(const struct runs_view *v, int64_t id);

/* ---- table --------------------------------------------------------------------------------- */
struct spark_row { int64_t id; double at[RUNS_SPARK]; };
struct runs_table {
	struct table w;
	struct table_col *cols; uint64_t *placed; /* what each stands for: a hash of its spec */
	struct runs_columns columns;              /* what is shown */
	struct runs_columns answered;             /* what `snap` can answer */
	int *cell_of; size_t cap_cell_of;         /* per shown column: index into `answered`, or -1 */
	struct runs_snap *snap; struct runs_shape *shape;
	uint32_t *rows; size_t n_rows, cap_rows;  /* rows not hidden by a fold; rows == NULL: all */
	struct idset folded;
	struct idset folded_before; char *folds_of; /* folds from before the filter; the filter whose rows `folded` speaks of, NULL: none */
	int64_t cursor_id;                        /* 0: none */
	int64_t recall_id;                        /* where the cursor goes when that run arrives; 0: nowhere */
	bool automatic;                           /* the columns are our choice, not the user's */
	struct spark_row *spark; size_t n_spark, cap_spark; char *spark_key; uint64_t spark_version, spark_answer; bool spark_busy;
	char (*prefix)[96]; size_t n_prefix, cap_prefix; bool ascii;   /* of the paint under way; one for each row on the screen */
	int64_t now_ms;
};
void table_place_columns(struct runs_view *v);               /* after a change of columns or of the snapshot */
void table_show_rows(struct runs_view *v);                   /* after a change of folds or of the snapshot */
void filter_say_odd(struct runs_view *v);                    /* in the message line, unless it is being typed */
void table_install(struct runs_view *v, struct runs_snap *snap, struct runs_shape *shape);
void table_free(struct runs_view *v);
size_t table_snap_row(const struct runs_table *t, size_t shown);
bool table_is_brief(int width);                              /* states are signs alone */
void table_row_fn(void *data, size_t i, struct table_row *out);                                                     /* runs_cells.c */
void table_cell_fn(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out);
void table_pane_paint(struct runs_view *v, struct paint *p);
void empty_paint(struct runs_view *v, const struct paint *p);    /* instead of rows (runs_empty.c) */
void table_title(const struct runs_view *v, struct str *out);
void table_moved(struct runs_view *v);                       /* the cursor moved: follow it */
void table_want_spark(struct runs_view *v);
int64_t table_row_of(const struct runs_view *v, int64_t run_id);   /* index among the shown rows, or -1 */
const struct run_row *table_run(const struct runs_view *v, size_t shown);
const struct run_row *table_cursor_run(const struct runs_view *v);
char *runs_number(char *buf, double num);                    /* a metric: four digits, zeros kept; buf as for fmt.h */
const char *run_state_sign(uint8_t status, bool ascii);
enum role run_state_role(uint8_t status);
void table_goto(struct runs_view *v, int64_t run_id);
int table_column(const struct runs_view *v);                 /* under the column cursor, or -1 */
void table_cell_exact(const struct runs_view *v, size_t shown, size_t col, struct str *out);   /* for the clipboard: every digit */
void table_head_click(struct runs_view *v, size_t col, bool add);

/* ---- marks --------------------------------------------------------------------------------- */
struct runs_mark { int64_t id; int color; };                 /* color: 0..7, or -1 beyond eight marks */
struct runs_marks { struct runs_mark *at; size_t n, cap; struct idset set; int64_t anchor; };
void marks_set(struct runs_view *v, const int64_t *ids, size_t n, bool on);
void marks_clear(struct runs_view *v);
bool marks_has(const struct runs_view *v, int64_t id);
uint32_t marks_sign(const struct runs_view *v, int64_t id);
enum role marks_role(const struct runs_view *v, int64_t id); /* the colour of its mark and curve */

/* ---- detail -------------------------------------------------------------------------------- */
enum detail_kind { DROW_TEXT, DROW_HEAD, DROW_STATE, DROW_FACT, DROW_NOTE, DROW_PARAM, DROW_METRIC, DROW_TAG, DROW_DATASET, DROW_MODEL, DROW_FILE, DROW_PARENT };
struct detail_row { uint8_t kind, role, indent; const char *key, *value; size_t index; };   /* clean text, of the arena */
struct number_width { int whole, frac; };     /* cells before the point, and from it on */
struct runs_detail {
	struct run_detail *run; struct number_width numbers; struct artifacts *files; struct err files_err; bool files_here;
	int64_t wanted;                           /* run id asked for; 0: none */
	struct arena *arena; struct detail_row *rows; size_t n, cap; int built_w; bool dense;
	int key_w, num_int, num_frac;             /* kept: widths of the columns */
	size_t cursor, top; int page;
	char *find;
	struct image *picture; char *picture_title;   /* a preview that covers the view */
	uint64_t version;
};
void detail_want(struct runs_view *v, bool again);
void detail_free(struct runs_view *v);
void detail_build(struct runs_view *v, int width, int height);
void detail_paint(struct runs_view *v, struct paint *p);
void detail_title(const struct runs_view *v, struct str *out);
const char *runs_wrap(const char *p, const char *stop, int width);   /* where a line of so many cells ends, at a space if it can */
void detail_move(struct runs_view *v, long rows);
void detail_to(struct runs_view *v, size_t row);
bool detail_search(struct runs_view *v, int dir);
const char *detail_value(const struct runs_detail *d, const struct detail_row *r, char buf[FMT_MAX]);
void detail_open_row(struct runs_view *v);
const struct run_row *detail_parent(const struct runs_view *v);   /* NULL: not in the table */
void preview_file(struct runs_view *v, const struct artifact *a);
void preview_text(struct runs_view *v, const char *title, const char *bytes, size_t n);   /* JSON is laid out, all is cleaned */
void preview_close(struct runs_view *v);
void preview_paint(struct runs_view *v, struct paint *p);

/* ---- charts -------------------------------------------------------------------------------- */
struct curve_question { enum chart_x axis; bool log_x, windowed; double lo, hi, weight; int pixels; };
struct curve {
	int64_t run_id, start_ms; char *metric;
	struct chart_bucket *raw, *smooth; size_t n_raw, n_smooth;
	struct series_sum sum, was; bool missing, too_long;
	bool same_if, same;                       /* to a task: nothing to do while the points are those of `was`; and back: so it is */
	uint64_t asked, used;                     /* the question it answers; when it came, never the same twice */
	double cross; double cross_x; bool has_cross;
	bool watch; struct changes *changes;      /* detectors are asked; what they saw, NULL: nothing is known (not asked, too long) */
};
struct chart_kept { struct surface *cells; uint64_t hash; };  /* a chart as it was painted last (runs_chart_cache.c) */
struct runs_chart {
	char **metrics; size_t n_metrics, first;  /* metrics with curves; the one shown first */
	struct curve **curves; size_t n_curves, cap_curves;
	int64_t *subject; size_t n_subject;       /* runs drawn now */
	int64_t *wanted; size_t n_wanted; size_t left_out;   /* runs to be drawn; marked ones beyond the limit */
	struct curve_question ask; uint64_t version, asked_anew, stamp;   /* version: of question and data; asked_anew: when the question last changed */
	bool busy;
	bool changes;                             /* changes are looked for and marked */
	struct chart_flag *flags; size_t cap_flags;   /* of the chart being painted */
	bool picked;                              /* the first metric is the user's choice */
	uint64_t looked, bare;                    /* runs that were searched for a metric to draw, and when; runs that have none; 0: none */
	enum chart_x axis; bool log_x, log_y, windowed, grid_one; double lo, hi, weight;
	double cross; bool has_cross;
	struct chart_series *scratch; uint64_t *stamps; size_t cap_scratch, cap_stamps;   /* series of the chart being painted, and of which curves */
	struct chart_kept kept[RUNS_CHARTS];
	int shown, per_row, rows, plot_w;               /* kept: charts on the screen at the last paint */
	struct rect rect;                         /* kept */
};
void chart_init(struct runs_view *v);
void chart_free(struct runs_view *v);
void chart_want(struct runs_view *v);                        /* curves for what is marked or under the cursor */
void chart_stale(struct runs_view *v);                       /* points may have come */
void chart_pane_paint(struct runs_view *v, struct paint *p);
void chart_title(const struct runs_view *v, struct str *out);
void chart_set_metrics(struct runs_view *v, const struct rank_probe *probe);
void chart_add_metrics(struct runs_view *v, const struct run_detail *d);
bool chart_is_bare(const struct runs_view *v);               /* the runs to draw have no curve of any metric */
bool chart_select_metric(struct runs_view *v, const char *key);
struct curve *chart_curve(const struct runs_view *v, int64_t run_id, const char *metric);
size_t chart_visible(const struct runs_view *v);             /* how many charts are drawn */
bool chart_range(const struct runs_view *v, size_t chart, double *lo, double *hi);   /* the window, also when it is fitted */
struct rect chart_place(const struct runs_view *v, size_t chart);   /* in the pane */
size_t chart_series_of(struct runs_view *v, size_t chart);   /* fills scratch; how many */
void chart_fill(struct runs_view *v, size_t chart, struct chart *out);
void chart_paint_kept(struct chart_kept *k, const struct chart *c, const uint64_t *stamps, struct paint *p);
void chart_kept_free(struct chart_kept *k);
void chart_model(const struct runs_view *v, struct str *out);
/* Changes, of the run under the cursor or, when that is not drawn, of the first drawn one. */
int64_t changes_run(const struct runs_view *v);              /* 0: of none */
enum status changes_load(struct store *s, int64_t name_id, struct curve *c, struct err *e);   /* in tasks */
size_t changes_flags(struct runs_view *v, size_t chart);     /* fills flags; how many */
void changes_words(const struct runs_view *v, size_t chart, bool all, struct str *out);   /* " · ADWIN at step 120 (mean 0.91 to 0.84)"; all: every change */
void chart_cross_want(struct runs_view *v);
void chart_click(struct runs_view *v, int x, int y);
void chart_wheel(struct runs_view *v, int x, int y, bool in);
/* In tasks: one curve. Reads the store only. */
enum status curve_load(struct store *s, struct task *t, const struct curve_question *q, struct curve *c, struct err *e);
void curve_free(struct curve *c);

/* ---- the view ------------------------------------------------------------------------------- */
struct runs_view {
	struct ui *ui;
	struct runs_panes panes;
	struct runs_ask ask;
	struct run_keys *keys;
	struct runs_experiments exps;
	struct runs_table tab;
	struct runs_marks marks;
	struct runs_detail det;
	struct runs_chart chart;
	int64_t chart_run;                        /* drawn while nothing is marked: the run the cursor rested on */
	bool loaded, loading, slow, again; unsigned want; int slow_timer, follow_timer, geometry_timer; uint64_t geometry;
	struct err load_err;
	struct str words;                         /* of runs_words */
	char **menu; size_t n_menu;               /* what the open menu's items stand for */
	char *filter_before;                      /* what Escape in the filter prompt goes back to */
	int64_t run_before;                       /* the run under the cursor then */
};
enum { RUNS_CMDS = 71 };
extern const struct cmd runs_cmds[RUNS_CMDS];
void columns_changed(struct runs_view *v);   /* place, keep, and ask for what the snapshot lacks */
void runs_setting_key(const struct runs_view *v, const char *what, char *buf, size_t n);   /* "runs.WHAT.EXPERIMENT" */
const char *runs_words(const struct runs_view *v, const char *text);   /* "{command}" becomes its key; borrowed until the next call */
void runs_follow(struct runs_view *v);        /* the run under the cursor changed: detail and chart, after a rest */
bool runs_menu_take(struct runs_view *v, size_t n);   /* a fresh menu of n entries */
#endif
