/* Bars of two sides. The reference fills cells from below, in eighths; the outline of the current data is a line through the chart's
 * raster, a vertex a dot column, so that steps stay upright. Both know a bar by the values that a column covers. */
#include "tui/histogram.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/chart_parts.h"

enum { EIGHTHS = 8, GAP = 2, LEGEND_FROM_H = 4 };
/* A role without one of the rows' grounds stands for the screen's; the area's own ground closes the seams between full cells. */
static const struct pen fill_pen = PEN(ROLE_FILL), top_pen = PEN_ON(ROLE_FILL, ROLE_AXIS), line_pen = { ROLE_S2, ROLE_TEXT, ATTR_BOLD };
enum { SHOW_REF = 1, SHOW_CUR = 2 };

double histogram_rows(const double *bars, size_t n, const double beyond[2])
{
	double sum = fmax(0, beyond[0]) + fmax(0, beyond[1]);        /* fmax passes over NaN */
	for (size_t i = 0; bars && i < n; i++)
		sum += fmax(0, bars[i]);
	return sum;
}

static double highest(const double *bars, size_t n, double rows)
{
	double top = 0;
	for (size_t i = 0; bars && i < n && rows > 0; i++)
		top = fmax(top, bars[i] / rows);
	return top;
}

/* The highest bar that meets the part [from, to] of the axis, positions 0..1. */
static double bar_over(const struct histogram *h, const double *bars, double from, double to)
{
	double lo = h->edges[0], width = h->edges[h->n] - lo, best = 0, mid = lo + width * (from + to) / 2;
	size_t first = 0, end = h->n;
	while (end - first > 1) {
		size_t half = first + (end - first) / 2;
		if (h->edges[half] <= mid)
			first = half;
		else
			end = half;
	}
	best = bars[first];
	for (size_t i = first; i-- > 0 && h->edges[i] > lo + width * from;)          /* narrower than a dot */
		best = fmax(best, bars[i]);
	for (size_t i = first + 1; i < h->n && h->edges[i + 1] < lo + width * to; i++)
		best = fmax(best, bars[i]);
	return best;
}

static uint32_t fill_glyph(const struct paint *p, int eighths)
{
	if (p->ascii || p->glyphs == GLYPHS_ASCII)
		return eighths == EIGHTHS ? ':' : '.';
	if (p->glyphs == GLYPHS_BLOCK)
		return eighths * 2 >= EIGHTHS ? 0x2592 : 0x2581;
	return 0x2580u + (uint32_t)eighths;
}

/* Height of the reference in a column of cells. */
static int fill_eighths(const struct histogram *h, const struct chart_fit *f, const struct rect *plot, double rows, int x)
{
	double share = h->ref && rows > 0 ? bar_over(h, h->ref, (double)x / plot->w, (x + 1.0) / plot->w) / rows : 0;
	int eighths = (int)lrint(share * 100 / f->y.hi * plot->h * EIGHTHS), most = plot->h * EIGHTHS;
	return eighths > most ? most : eighths < 1 && share > 0 ? 1 : eighths;
}

static void paint_fill(const struct histogram *h, const struct chart_fit *f, const struct rect *plot, double rows, struct paint *p)
{
	for (int x = 0; x < plot->w; x++) {
		int eighths = fill_eighths(h, f, plot, rows, x);
		for (int row = 0; row * EIGHTHS < eighths; row++) {
			int left = eighths - row * EIGHTHS;
			paint_put(p, plot->x + x, plot->y + plot->h - 1 - row, left < EIGHTHS ? top_pen : fill_pen, fill_glyph(p, left < EIGHTHS ? left : EIGHTHS));
		}
	}
}

/* Where the area fills half a cell or more, the line crosses it on the area's own ground. */
static void paint_line(const struct histogram *h, const struct chart_fit *f, const struct rect *plot, double rows, double under, struct paint *p)
{
	struct raster r;
	struct raster_pen pen;
	struct axis x;
	int dots = 2 * plot->w;
	axis_set(&x, 0, dots - 1, false);
	raster_init(&r, plot->w, plot->h, &x, &f->y);
	raster_begin(&pen, &r, RASTER_LINE, 0);
	raster_to(&pen, 0, 0);
	for (int d = 0; d < dots; d++)
		raster_to(&pen, d, bar_over(h, h->cur, (double)d / dots, (d + 1.0) / dots) / rows * 100);
	raster_to(&pen, dots - 1, 0);
	raster_lift(&pen);
	for (int i = 0; i < r.w * r.h; i++) {
		struct pen ink = line_pen;
		if (under > 0 && fill_eighths(h, f, plot, under, i % r.w) - (r.h - 1 - i / r.w) * EIGHTHS >= EIGHTHS / 2)
			ink.bg = ROLE_FILL;
		if (r.mask[RASTER_LINE][i])
			paint_put(p, plot->x + i % r.w, plot->y + i / r.w, ink, raster_glyph(r.mask[RASTER_LINE][i], p->ascii ? GLYPHS_ASCII : p->glyphs));
	}
	raster_done(&r);
}

static double beyond_share(const double beyond[2], double rows)
{
	return rows > 0 ? (fmax(0, beyond[0]) + fmax(0, beyond[1])) / rows : 0;
}

static int legend_entry(const struct paint *p, int x, struct pen pen, uint32_t glyph, const char *name, double rows, double beyond)
{
	char n[FMT_MAX], b[FMT_MAX], text[160];
	paint_put(p, x, 0, pen, glyph);
	paint_put(p, x + 1, 0, pen, glyph);
	int len = snprintf(text, sizeof text, "%s %s rows", name, fmt_count(n, (int64_t)rows));
	if (beyond > 0)
		snprintf(text + len, sizeof text - (size_t)len, ", %s %% beyond", fmt_number(b, 100 * beyond, 2));
	int w = text_width(text, strlen(text));
	paint_field(p, x + 3, 0, p->r.w - x - 3, -1, PEN(ROLE_DIM), text, strlen(text));
	return x + 3 + w + GAP + 1;
}

static void paint_legend(const struct histogram *h, double n_ref, double n_cur, unsigned show, struct paint *p)
{
	int x = 0;
	if (show & SHOW_REF && h->ref)
		x = legend_entry(p, x, fill_pen, fill_glyph(p, EIGHTHS), "reference", n_ref, beyond_share(h->ref_beyond, n_ref));
	if (show & SHOW_CUR && h->cur)
		legend_entry(p, x, line_pen, p->ascii || p->glyphs == GLYPHS_ASCII ? '-' : p->glyphs == GLYPHS_BLOCK ? 0x2580 : 0x2812, "current", n_cur, beyond_share(h->cur_beyond, n_cur));
}

static void paint_sides(const struct histogram *h, double top, unsigned show, struct paint *p)
{
	const struct chart c = { .x_kind = CHART_NUMBER, .y_unit = "%" };
	double n_ref = histogram_rows(h->ref, h->n, h->ref_beyond), n_cur = histogram_rows(h->cur, h->n, h->cur_beyond);
	int legend = p->r.h >= LEGEND_FROM_H;
	struct paint in = paint_sub(p, 0, legend, p->r.w, p->r.h - legend);
	struct chart_layout l;
	struct chart_fit f = { 0 };
	if (in.r.w < 1 || in.r.h < 1)
		return;
	axis_set(&f.x, h->edges[0], h->edges[h->n], false);
	axis_set(&f.y, 0, top * 100, false);
	chart_lay_out(&c, &f, in.r.w, in.r.h, &l);
	if (legend)
		paint_legend(h, n_ref, n_cur, show, p);
	chart_axes_paint(&c, &f, &l, &in);
	if (show & SHOW_REF && h->ref && n_ref > 0)
		paint_fill(h, &f, &l.plot, n_ref, &in);
	if (show & SHOW_CUR && h->cur && n_cur > 0)
		paint_line(h, &f, &l.plot, n_cur, show & SHOW_REF ? n_ref : 0, &in);
}

void histogram_paint(const struct histogram *h, struct paint *p)
{
	double top = fmax(highest(h->ref, h->n, histogram_rows(h->ref, h->n, h->ref_beyond)), highest(h->cur, h->n, histogram_rows(h->cur, h->n, h->cur_beyond)));
	double width = h->n ? h->edges[h->n] - h->edges[0] : 0;
	if (!(width > 0) || !isfinite(width) || !(top > 0)) {
		paint_field(p, 0, p->r.h / 2, p->r.w, 0, PEN(ROLE_DIM), "no values to draw", strlen("no values to draw"));
		return;
	}
	top *= 1.04;                                 /* a little air, so that the highest bar is seen to end */
	if (!h->beside || p->r.w < HISTOGRAM_BESIDE) {
		paint_sides(h, top, SHOW_REF | SHOW_CUR, p);
		return;
	}
	int half = (p->r.w - GAP) / 2;
	struct paint left = paint_sub(p, 0, 0, half, p->r.h), right = paint_sub(p, half + GAP, 0, half, p->r.h);
	paint_sides(h, top, SHOW_REF, &left);
	paint_sides(h, top, SHOW_CUR, &right);
}
