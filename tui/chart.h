/* chart -- line charts in a few cells: braille, blocks or ASCII; axes people would choose.
 *
 * Data     series of buckets in x order, each a run of points with its extremes at their own x
 *          (see core/store/series.h; the structs are layout-compatible by design, but tui knows no store). Every
 *          extreme lands in its pixel: nothing is dropped. Non-finite values break the line.
 * Axes     ticks 1-2-5 x 10^n (time: 1 2 5 10 15 30 s, m, h, d); at most five y labels; the last value at the right end;
 *          y refits to the window unless fixed; log leaves out what is <= 0 and says how many.
 * Overlap  dots merge; where two series share a cell, the focused one gives the colour.
 */
#ifndef MLYARD_TUI_CHART_H
#define MLYARD_TUI_CHART_H
#include <stdint.h>
#include "tui/widget.h"

struct chart_bucket { double x0, x1, first, last, min, max, x_min, x_max; uint32_t n; bool gap; /* only non-finite */ };
struct chart_series {
	const char *label; enum role role; uint32_t mark;     /* mark: a distinguishing character for mono */
	const struct chart_bucket *raw; size_t n_raw;         /* drawn dim when `smooth` is there */
	const struct chart_bucket *smooth; size_t n_smooth;   /* NULL: raw is the line */
	double last; bool focused;
};
enum chart_x { CHART_STEP, CHART_RELATIVE /* ms */, CHART_WALL /* unix ms */ };
struct chart {
	const char *title;
	const struct chart_series *series; size_t n_series;
	double x_lo, x_hi;               /* the window; x_lo == x_hi: fit to data */
	double y_lo, y_hi; bool y_fixed;
	bool log_x, log_y, grid, labels; /* labels: last values at the right end */
	enum chart_x x_kind;
	double crosshair; bool has_crosshair;
	char footer[160];                /* filled by the owner; the chart adds what is clipped */
};
/* With axes and labels; small rectangles drop labels, then axes. */
void chart_paint(const struct chart *c, struct paint *p);
/* The x at a cell column of the rectangle (for mouse) and the x range one cell covers. */
double chart_x_at(const struct chart *c, struct rect r, int cell_x);
double chart_cell_span(const struct chart *c, struct rect r);
struct rect chart_plot(const struct chart *c, struct rect r);           /* where curves go */
/* Value of a series at x (last point at or before); NAN when none. */
double chart_value_at(const struct chart_series *s, double x);
/* `n` values as a line of `width` cells; NAN leaves a blank. Eighth blocks, braille or ASCII. */
void spark_paint(struct paint *p, int x, int y, int width, struct pen pen, const double *v, int n);
/* Axis helpers, also for tests. */
int axis_ticks(double lo, double hi, int most, double *out);            /* 1-2-5 steps; out holds `most` + 1 */
int axis_log_ticks(double lo, double hi, int most, double *out);
int axis_time_ticks(double lo_ms, double hi_ms, int most, bool wall, double *out);
#endif
