/* drift_pulse -- the heat map between its rooms: state and cursor (drift_pulse.c), what a cell says (drift_pulse_heat.c), rows in order
 * (drift_pulse_order.c), its picture (drift_pulse_paint.c), the list of groups (drift_pulse_list.c).
 *
 * Shown    all groups, a row each (the overview), or the columns of one of them. group NULL: the overview, which there is only with several groups.
 * Age      a window is counted from the newest, 0, so that groups of different lengths share one axis, whose right end is now.
 * Steps    where not all windows fit, a step is several of them and shows the worst; else one, drawn in one to four cells.
 * Kept     group, row and window by name or key; a window that was the newest stays the newest.
 */
#ifndef MLYARD_VIEWS_DRIFT_PULSE_H
#define MLYARD_VIEWS_DRIFT_PULSE_H
#include "views/drift_internal.h"

/* What a cell says, in the order in which one wins over others of its step. */
enum heat { HEAT_BEYOND, HEAT_NOT_RUN, HEAT_ABSENT, HEAT_CALM, HEAT_SLIGHT, HEAT_SOME, HEAT_MISSING, HEAT_WATCH, HEAT_FAILED, HEAT_DRIFTED, HEAT_STRONG, HEAT_COUNT };
enum pulse_sort { SORT_WORST, SORT_LAST, SORT_OFTEN, SORT_NAME, SORT_POSITION, SORT_COUNT };
extern const char *const pulse_sort_names[SORT_COUNT];
enum { PULSE_WIDE = 100, LIST_DRAWER = 40, SCALE_MOST = 4 };

struct pulse_over { uint8_t *heat; uint16_t *drifted; };      /* of a group: a value a window */
struct pulse_page {
	char *group, *row, *window, *filter;     /* filter "": none. window NULL: the newest */
	char *pending; bool pending_model;       /* a group, or a model, that was asked for before the first load; NULL: none */
	bool list_focus, drawer, folded, only;
	enum pulse_sort sort;
	int scale;                               /* 0: as fits; n > 0: n cells a window; n < 0: -n windows a step */
	size_t *order, n_order, cap_order, n_idle, cursor, top;  /* rows that are shown, in order; n_idle: times and keys, never shown */
	size_t age;                              /* of the window under the cursor */
	size_t left;                             /* steps hidden at the right end */
	struct pulse_over *over; size_t n_over; struct arena *over_arena;   /* as pulse->groups */
	struct report *report; int64_t asked;    /* of the window under the cursor, for reasons; asked: being read */
	int page, steps;                         /* kept: rows and steps shown at the last paint */
	struct rect list, map; int cells_x, cells_w, rows_y;     /* kept, for the mouse: relative to map */
	size_t list_top;
};
static inline struct pulse_page *pulse_page(const struct drift_view *v)
{
	return v->state[DRIFT_PAGE_pulse];
}

/* ---- what is shown ---- */
const struct pulse_group *pulse_chosen(const struct drift_view *v);             /* NULL: the overview, or nothing at all */
const struct pulse_group *pulse_at(const struct drift_view *v);                 /* the chosen one, or the one under the cursor of the overview */
size_t pulse_windows(const struct drift_view *v);                               /* steps of the axis before they are put together */
const char *pulse_row_name(const struct drift_view *v, size_t row);             /* row: of the data, as in order[] */
const struct pulse_window *pulse_window(const struct pulse_group *g, size_t age);   /* NULL: beyond the oldest */
void pulse_choose(struct drift_view *v, const char *group);                     /* NULL: the overview */
const struct pulse_group *pulse_of_model(const struct drift_view *v, const char *model);       /* the worst about it; NULL: none */
void pulse_keep(struct drift_view *v);                                          /* remembers row and window under the cursor, asks for the report's reasons */

/* ---- what a cell says ---- */
enum heat heat_of_cell(const struct pulse_window *w, const struct pulse_cell *c);
enum heat pulse_heat(const struct drift_view *v, size_t row, size_t age);
void pulse_over_make(struct drift_view *v);                                     /* after a load */
uint32_t heat_sign(const struct paint *p, enum heat h);
struct pen heat_pen(enum heat h);
const char *heat_words(enum heat h);

/* ---- rows ---- */
bool pulse_row_idle(const struct pulse_group *g, size_t row);                   /* of times or keys: never compared */
size_t pulse_columns(const struct pulse_group *g);                              /* all rows but the idle ones */
void pulse_order(struct drift_view *v);                                         /* filters and sorts anew, and finds the cursor's row again */

/* ---- steps ---- */
struct pulse_steps { int cells; size_t each; };      /* cells of a step; windows in it */
struct pulse_steps pulse_steps_of(const struct drift_view *v, int room);
size_t pulse_worst_age(const struct drift_view *v, size_t row, size_t step, size_t each);   /* the window that a step shows */

/* ---- pictures ---- */
void pulse_paint(struct drift_view *v, struct paint *p);
void pulse_list_paint(struct drift_view *v, struct paint *p);
int pulse_list_width(const struct drift_view *v, int width);
void pulse_list_move(struct drift_view *v, enum drift_move m);
void pulse_list_click(struct drift_view *v, int y);
const char *pulse_state_sign(const struct paint *p, const struct pulse_group *g);
enum role pulse_state_role(const struct pulse_group *g);
#endif
