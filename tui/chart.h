/* chart -- line charts in a few cells: braille, blocks or ASCII; axes people would choose.
 *
 * Data     series of buckets in x order, each a run of points with its extremes at their own x
 *          (see core/store/series.h; the structs are layout-compatible by design, but tui knows no store). Every
 *          extreme lands in its pixel: nothing is dropped. Non-finite values break the line; a point that is alone
 *          between two breaks is drawn as a small cross, for a single dot would be missed.
 * Axes     ticks 1-2-5 x 10^n (time: 1 2 5 10 15 30 s and min, 1 2 3 6 12 h, days, months); at most five y labels; the last value at the right end;
 *          y refits to the window unless fixed; log leaves out what is <= 0 and says how many.
 * Overlap  dots merge; where series share a cell the focused one gives the colour, else they take turns. A smoothed
 *          line's cell shows no raw dots, so that the line stays a line. With more than eight series, give all but the focused one ROLE_DIM.
 * Layout   title row (title, crosshair, footer), plot with y labels at its left, axis, x labels. From 44 columns on a gutter at the
 *          right holds mark and value of each series beside its end, from 72 on its label too (that is the legend). With a
 *          crosshair the gutter is a table of all series at that x instead, so nothing ever covers a curve and nothing moves.
 *          Small rectangles lose the gutter (values go to the title row), then the axis row, the x labels, the title, the y labels.
 * Threads  pure: paints from what is handed in, keeps nothing.
 */
#ifndef MLYARD_TUI_CHART_H
#define MLYARD_TUI_CHART_H
#include <stdint.h>
#include "tui/widget.h"

struct chart_bucket { double x0, x1, first, last, min, max, x_min, x_max; uint32_t n; bool gap; /* only non-finite */ };
struct chart_series {
	const char *label; enum role role; uint32_t mark;     /* mark: a distinguishing character for mono; 0: a..z by position */
	const struct chart_bucket *raw; size_t n_raw;         /* drawn dim when `smooth` is there */
	const struct chart_bucket *smooth; size_t n_smooth;   /* NULL: raw is the line */
	double last; bool focused;                            /* last: value of the series' last point, may be NaN */
	double cross; bool has_cross;                         /* exact value at the crosshair, if the owner knows it; else from the buckets */
};
enum chart_x { CHART_STEP, CHART_RELATIVE /* ms */, CHART_WALL /* unix ms */, CHART_NUMBER /* any, halves too */ };
enum chart_order { CHART_BY_VALUE /* highest first, non-finite last */, CHART_BY_SERIES };
struct chart_flag { double x; };              /* something happened at x */
struct chart {
	const char *title;
	const struct chart_series *series; size_t n_series;
	double x_lo, x_hi;               /* the window; x_lo == x_hi: fit to data; reversed is taken the right way round */
	double y_lo, y_hi; bool y_fixed;
	bool log_x, log_y, grid, labels; /* labels: last values (and the crosshair's) at the right end */
	enum chart_x x_kind;
	double crosshair; bool has_crosshair;
	const struct chart_flag *flags; size_t n_flags;   /* a sign on the axis and a dotted line behind the curves; without an axis row the line alone */
	enum chart_order order;          /* of the values at the crosshair */
	char footer[160];                /* filled by the owner; the chart adds what is clipped */
	const char *y_unit;              /* behind each y label: "%"; NULL: none */
	const char *empty;               /* what to say when there is no data; NULL: "no points yet" */
};
/* With axes and labels; small rectangles drop labels, then axes. */
void chart_paint(const struct chart *c, struct paint *p);
/* The window that is shown: as given, or fitted to the data; false when there is nothing to show. */
bool chart_window(const struct chart *c, double *lo, double *hi);
/* The x at a cell column counted from r's left edge (for mouse), kept inside the window, and the x range one cell covers
 * there (on a log axis it depends on the column). */
double chart_x_at(const struct chart *c, struct rect r, int cell_x);
double chart_cell_span(const struct chart *c, struct rect r);           /* at the crosshair, else in the middle */
struct rect chart_plot(const struct chart *c, struct rect r);           /* where curves go; same coordinates as r */
/* Value of a series at x (last point at or before, as far as its buckets know); NAN when none. */
double chart_value_at(const struct chart_series *s, double x);
/* `n` values as a line of `width` cells; NAN leaves a blank. Braille, eighth blocks or ASCII; an extreme is never dropped. */
void spark_paint(struct paint *p, int x, int y, int width, struct pen pen, const double *v, int n);
/* The same on a scale of its own, so that several lines compare. lo < hi. */
void spark_paint_scaled(struct paint *p, int x, int y, int width, struct pen pen, const double *v, int n, double lo, double hi);
/* Axis helpers, also for tests. All return the number of ticks in lo..hi, ascending, at most `most` (fewer when the next round
 * step is too wide; at least one where a round number lies inside). */
int axis_ticks(double lo, double hi, int most, double *out);            /* 1-2-5 steps; out holds `most` + 1 */
int axis_log_ticks(double lo, double hi, int most, double *out);
int axis_time_ticks(double lo_ms, double hi_ms, int most, bool wall, double *out);
#endif
