/* chart_parts -- what chart.c, chart_axes.c, chart_fit.c, chart_axis.c, chart_raster.c, chart_readout.c, spark.c and histogram.c share; not for others.
 *
 * Axis     data to a position 0..1 and back. Linear axes are scaled by a power of two first, so that
 *          windows from denormals to 1e308 neither overflow nor vanish; a position is held to +-1e12.
 * Raster   2x4 dots a cell whatever the glyphs; a mask per cell in braille bit order (see raster_glyph).
 */
#ifndef MLYARD_TUI_CHART_PARTS_H
#define MLYARD_TUI_CHART_PARTS_H
#include <float.h>
#include "core/base/fmt.h"
#include "tui/chart.h"

enum { AXIS_TICKS_MAX = 24, AXIS_LABEL_MAX = 24 };
struct axis { double lo, hi; bool log; double pre, base, inv; };
/* lo < hi, both finite, both > 0 when log. */
void axis_set(struct axis *a, double lo, double hi, bool log);
double axis_pos(const struct axis *a, double v);
double axis_value(const struct axis *a, double pos);
/* Makes lo < hi far enough apart to draw in: a single value gets room around it. */
void axis_open(double *lo, double *hi, bool log);
int axis_log_time_ticks(double lo_ms, double hi_ms, int most, double *out);
/* Labels for ticks of one axis, told apart by as few characters as that takes. */
void axis_labels(const double *tick, int n, bool log, char out[][AXIS_LABEL_MAX]);
void axis_time_labels(const double *tick, int n, bool wall, char out[][AXIS_LABEL_MAX]);

/* Points of a bucket in x order: first, its extremes, last; what is not finite is left out and breaks the line. */
struct vertex { double x, y; };
int bucket_vertices(const struct chart_bucket *b, struct vertex out[4], bool *break_before, bool *break_after);

/* Both axes of a chart, and why there may be nothing to draw. */
enum fit_state { FIT_OK, FIT_NO_POINTS, FIT_NOT_FINITE, FIT_OUTSIDE /* of the window */, FIT_NOT_POSITIVE /* all <= 0 on a log axis */ };
struct chart_fit {
	struct axis x, y;
	uint64_t dropped; bool dropped_more;         /* points that a log axis leaves out; more: at least so many */
	double data_lo, data_hi;                     /* x of the data, FIT_OUTSIDE too */
};
enum fit_state chart_fit(const struct chart *c, struct chart_fit *f);
/* What is drawn as the series' line. */
const struct chart_bucket *series_line(const struct chart_series *s, size_t *n);
/* Last point known at or before x; *beyond: x lies before the series' start (then NAN) or after its end. */
double buckets_at(const struct chart_bucket *b, size_t n, double x, bool *beyond);
/* Where the line leaves the window or ends in it; false: it is not there. *last: it ends there. */
bool series_end(const struct chart_series *s, const struct chart_fit *f, double *x, double *y, bool *last);
/* Nothing in it breaks the line. */
static inline bool bucket_plain(const struct chart_bucket *b)
{
	return !b->gap && b->min >= -DBL_MAX && b->max <= DBL_MAX && b->first >= b->min && b->first <= b->max && b->last >= b->min && b->last <= b->max;
}

struct raster {
	int w, h;                        /* cells */
	struct axis x, y;
	double *edge;                    /* 2w + 1: data x of the borders between dot columns; the outer two are the window */
	uint8_t *mask[2];                /* layers: 0 lines, 1 raw data behind them */
	uint64_t *who;                   /* of lines: a bit for each rank that drew in the cell; the last stands for all beyond */
	bool above, below;               /* something lies beyond the window's top or bottom */
};
enum { RASTER_LINE, RASTER_RAW, RASTER_RANKS = 64 };
/* w, h >= 1. */
void raster_init(struct raster *r, int w, int h, const struct axis *x, const struct axis *y);
void raster_done(struct raster *r);
struct raster_pen { struct raster *r; int layer; uint64_t rank; bool down, joined; int col; double x, y, lo, hi; };
void raster_begin(struct raster_pen *p, struct raster *r, int layer, size_t rank);
void raster_to(struct raster_pen *p, double x, double y);
void raster_lift(struct raster_pen *p);                      /* ends the line; also call it last */
void raster_buckets(struct raster *r, int layer, size_t rank, const struct chart_bucket *b, size_t n);
/* Dot column and dot row of a position; may lie outside. */
int raster_col(const struct raster *r, double x);
int raster_row(const struct raster *r, double y);
uint32_t raster_glyph(uint8_t mask, enum glyphs g);          /* never a blank for a mask that is not 0 */

enum { CHART_GUTTER_FROM_W = 44, CHART_Y_LABELS = 5, CHART_VALUE_MIN = 6, CHART_VALUE_MAX = 9 };
struct chart_layout {
	int w, h;
	struct rect plot;
	int title_y, axis_y, label_y;                /* -1: none */
	int gutter_x, gutter_w, name_w, value_w;     /* gutter_w 0: none */
	int decimals;                                /* of values, from the y range; -1: four significant digits each */
	bool marks, both;                            /* both: smoothed and raw value */
	int n_y; double y_tick[CHART_Y_LABELS + 1]; char y_label[CHART_Y_LABELS + 1][AXIS_LABEL_MAX];
};
/* Parts of a w x h chart, and its axes, for other pictures over the same axes (histogram.h). */
void chart_lay_out(const struct chart *c, const struct chart_fit *f, int w, int h, struct chart_layout *l);
void chart_y_labels(const struct chart *c, const struct chart_fit *f, struct chart_layout *l);     /* takes their room from the plot */
void chart_axes_paint(const struct chart *c, const struct chart_fit *f, const struct chart_layout *l, struct paint *p);
int chart_column(const struct chart_fit *f, const struct chart_layout *l, double x);    /* cell column of an x, inside the plot */
int chart_row(const struct chart_fit *f, const struct chart_layout *l, double y);       /* cell row of a y, inside the plot */

struct readout { uint32_t series; double value, raw, y; bool beyond; int row; };
/* Values at the crosshair, or at the curves' ends; out holds n_series. */
size_t readout_make(const struct chart *c, const struct chart_fit *f, const uint32_t *by_rank, bool cross, struct readout *out);
void readout_gutter(const struct chart *c, const struct chart_fit *f, const struct chart_layout *l, struct paint *p,
	struct readout *r, size_t n, bool cross);
/* The x of the crosshair and as many values as fit, right-aligned before `to`; returns where they start. */
int readout_title(const struct chart *c, const struct chart_layout *l, struct paint *p, const struct readout *r, size_t n,
	bool cross, int from, int to);
/* A value in `width` cells: fewer digits where they do not fit. */
char *chart_value_text(char buf[FMT_MAX], double v, int decimals, int width);
/* x in words: step 4,812 / 14m32s / 13:05:09, with the date where there is room. */
int chart_x_text(const struct chart *c, double x, char *out, size_t cap, int width);
#endif
