/* Layout and painting of a chart.
 *
 * Order      fit the window and the y range, place the parts, draw all series into one raster, then the cells: curve dots where
 *            there are any, else crosshair, else grid. Labels last.
 * Colours    every series has a rank (focused first, then by position). Where lines share a cell the focused one gives the colour; else
 *            they take turns, two cells each, so that a line under another is seen as dashes instead of ending.
 */
#include "tui/chart_parts.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { NAMES_FROM_W = 72, RAW_FROM_W = 100, NAME_WIDTH_MAX = 20 };

/* ---- layout ---- */

static bool has_smooth(const struct chart *c)
{
	for (size_t i = 0; i < c->n_series; i++)
		if (c->series[i].smooth)
			return true;
	return false;
}

static int longest_label(const struct chart *c)
{
	int w = 0;
	for (size_t i = 0; i < c->n_series; i++) {
		int n = c->series[i].label ? text_width(c->series[i].label, strlen(c->series[i].label)) : 0;
		w = n > w ? n : w;
	}
	return w;
}

/* As many as give the smallest last value, and the range, four digits; on a log axis, and where that takes too many, each value
 * has its own. */
static int value_decimals(const struct chart *c, const struct axis *y)
{
	if (y->log || fmax(fabs(y->lo), fabs(y->hi)) >= 1e6)
		return -1;
	double least = y->hi - y->lo;
	for (size_t i = 0; i < c->n_series; i++) {
		double last = fabs(c->series[i].last);
		least = last > 0 && last < least ? last : least;
	}
	int d = 3 - (int)floor(log10(least));
	return d < 0 ? 0 : d > 6 ? -1 : d;
}

static int value_width(const struct chart *c, const struct chart_fit *f, int decimals)
{
	char buf[FMT_MAX];
	size_t w = strlen(chart_value_text(buf, f->y.lo, decimals, CHART_VALUE_MAX));
	size_t hi = strlen(chart_value_text(buf, f->y.hi, decimals, CHART_VALUE_MAX));
	w = hi > w ? hi : w;
	for (size_t i = 0; i < c->n_series && i < 64; i++) {
		size_t n = strlen(chart_value_text(buf, c->series[i].last, decimals, CHART_VALUE_MAX));
		w = n > w ? n : w;
	}
	return w < CHART_VALUE_MIN ? CHART_VALUE_MIN : (int)w;
}

static void place_gutter(const struct chart *c, const struct chart_fit *f, struct chart_layout *l)
{
	if (!c->labels || l->w < CHART_GUTTER_FROM_W || l->plot.h < 2)
		return;
	l->marks = c->n_series > 1;
	l->value_w = value_width(c, f, l->decimals);
	if (l->w >= NAMES_FROM_W && l->marks) {
		int most = l->w / 5 < NAME_WIDTH_MAX ? l->w / 5 : NAME_WIDTH_MAX, longest = longest_label(c);
		l->name_w = longest < most ? longest : most;
	}
	l->both = l->w >= RAW_FROM_W && has_smooth(c);
	l->gutter_w = 1 + (l->marks ? 2 : 0) + (l->name_w ? l->name_w + 1 : 0) + l->value_w + (l->both ? 1 + l->value_w : 0);
}

void chart_lay_out(const struct chart *c, const struct chart_fit *f, int w, int h, struct chart_layout *l)
{
	*l = (struct chart_layout){ .w = w, .h = h, .plot = { 0, 0, w, h }, .title_y = -1, .axis_y = -1, .label_y = -1 };
	bool values = (c->labels || c->has_crosshair) && (w < CHART_GUTTER_FROM_W || h < 4 || !c->labels);
	if (h >= 3 && ((c->title && *c->title) || c->footer[0] || values)) {
		l->title_y = 0;
		l->plot.y = 1;
		l->plot.h--;
	}
	if (h >= 5 && w >= 16) {
		l->label_y = h - 1;
		l->plot.h--;
	}
	if (h >= 9 && l->label_y > 0) {
		l->axis_y = h - 2;
		l->plot.h--;
	}
	l->decimals = value_decimals(c, &f->y);
	place_gutter(c, f, l);
	l->plot.w -= l->gutter_w;
	chart_y_labels(c, f, l);
	if (l->plot.w < 1)
		l->plot.w = 1;
	l->gutter_x = l->plot.x + l->plot.w;
}

/* ---- curves ---- */

/* Ranks in drawing order: by_rank[0] is the series whose colour wins everywhere. */
static void rank_series(const struct chart *c, uint32_t *by_rank)
{
	size_t n = 0;
	for (int focused = 1; focused >= 0; focused--)
		for (size_t i = 0; i < c->n_series; i++)
			if (c->series[i].focused == (focused == 1))
				by_rank[n++] = (uint32_t)i;
}

static void draw_series(const struct chart *c, const uint32_t *by_rank, struct raster *r)
{
	for (size_t rank = 0; rank < c->n_series; rank++) {
		const struct chart_series *s = &c->series[by_rank[rank]];
		if (s->smooth) {
			raster_buckets(r, RASTER_RAW, rank, s->raw, s->n_raw);
			raster_buckets(r, RASTER_LINE, rank, s->smooth, s->n_smooth);
		} else {
			raster_buckets(r, RASTER_LINE, rank, s->raw, s->n_raw);
		}
	}
}

/* The rank whose colour the cell in column x takes. */
static unsigned rank_shown(uint64_t who, int x, bool focus)
{
	if (focus && who & 1)
		return 0;
	for (int turn = x / 2 % __builtin_popcountll(who); turn > 0; turn--)
		who &= who - 1;
	return (unsigned)__builtin_ctzll(who);
}

static void paint_dots(const struct chart *c, const uint32_t *by_rank, const struct raster *r, const struct chart_layout *l, struct paint *p)
{
	bool focus = c->series[by_rank[0]].focused;
	for (int y = 0; y < r->h; y++)
		for (int x = 0; x < r->w; x++) {
			size_t cell = (size_t)y * (size_t)r->w + (size_t)x;
			struct pen pen = PEN(ROLE_RAW);
			uint8_t mask = r->mask[RASTER_LINE][cell];
			if (mask) {
				const struct chart_series *s = &c->series[by_rank[rank_shown(r->who[cell], x, focus)]];
				pen = PEN((uint8_t)s->role);
				if (s->focused && c->n_series > 1)
					pen.attr = ATTR_BOLD;
			} else {
				mask = r->mask[RASTER_RAW][cell];
			}
			if (mask)
				paint_put(p, l->plot.x + x, l->plot.y + y, pen, raster_glyph(mask, p->ascii ? GLYPHS_ASCII : p->glyphs));
		}
}

static bool crosshair_shown(const struct chart *c, const struct chart_fit *f)
{
	return c->has_crosshair && c->crosshair >= f->x.lo && c->crosshair <= f->x.hi;
}

static void paint_crosshair(const struct chart *c, const struct chart_fit *f, const struct chart_layout *l, struct paint *p)
{
	if (!crosshair_shown(c, f))
		return;
	int x = chart_column(f, l, c->crosshair);
	uint32_t ch = p->ascii ? ':' : p->glyphs == GLYPHS_BRAILLE ? 0x254E : 0x2502;
	surface_fill(p->s, p->r, (struct rect){ x, l->plot.y, 1, l->plot.h }, PEN(ROLE_CROSSHAIR), ch);
	if (l->axis_y >= 0)
		paint_put(p, x, l->axis_y, PEN(ROLE_CROSSHAIR), p->ascii ? '+' : 0x2534);
}

static void paint_flags(const struct chart *c, const struct chart_fit *f, const struct chart_layout *l, struct paint *p)
{
	for (size_t i = 0; i < c->n_flags; i++) {
		if (!(c->flags[i].x >= f->x.lo && c->flags[i].x <= f->x.hi))
			continue;
		int x = chart_column(f, l, c->flags[i].x);
		surface_fill(p->s, p->r, (struct rect){ x, l->plot.y, 1, l->plot.h }, PEN(ROLE_WARN), p->ascii ? ':' : 0x250A);
		if (l->axis_y >= 0)
			paint_put(p, x, l->axis_y, PEN(ROLE_WARN), p->ascii ? '^' : 0x25B2);
	}
}

/* ---- title and footer ---- */

static void footer_text(const struct chart *c, const struct chart_fit *f, bool above, bool below, const struct paint *p, char *out, size_t cap)
{
	char buf[FMT_MAX];
	const char *dot = p->ascii ? " - " : " \u00b7 ";
	int n = 0;
	*out = '\0';
	if (above || below)
		n = snprintf(out, cap, "cut at the %s", above && below ? "top and bottom" : above ? "top" : "bottom");
	if (f->dropped)
		n += snprintf(out + n, cap - (size_t)n, "%s%s%s %s %s 0 left out", n ? dot : "", f->dropped_more ? "over " : "",
			fmt_count(buf, (int64_t)f->dropped), f->dropped == 1 && !f->dropped_more ? "point" : "points", p->ascii ? "<=" : "\u2264");
	if (c->footer[0])
		snprintf(out + n, cap - (size_t)n, "%s%s", n ? dot : "", c->footer);
}

static void paint_title(const struct chart *c, const struct chart_fit *f, const struct chart_layout *l, struct paint *p,
	const struct readout *r, size_t n, const char *footer)
{
	const char *title = c->title ? c->title : "";
	int right = l->w, title_w = text_width(title, strlen(title)), footer_w = text_width(footer, strlen(footer));
	if (l->title_y < 0)
		return;
	int room = title_w < l->w / 2 ? title_w : l->w / 2;
	if (l->gutter_w == 0 && (c->labels || c->has_crosshair))
		right = readout_title(c, l, p, r, n, crosshair_shown(c, f), room + 2, right);
	right -= right < l->w ? 2 : 0;
	room = right - title_w - 3;
	if (footer_w && room >= 8) {
		footer_w = footer_w < room ? footer_w : room;
		right -= footer_w;
		paint_field(p, right, l->title_y, footer_w, 1, PEN(ROLE_DIM), footer, strlen(footer));
		right -= 2;
	}
	paint_field(p, 0, l->title_y, right, -1, PEN(p->focus ? ROLE_TITLE_FOCUS : ROLE_STRONG), title, strlen(title));
}

static void paint_empty(const struct chart *c, const struct chart_fit *f, enum fit_state why, struct paint *p)
{
	static const char *const words[] = { [FIT_NO_POINTS] = "no points yet", [FIT_NOT_FINITE] = "only NaN and infinite values",
		[FIT_OUTSIDE] = "no points here", [FIT_NOT_POSITIVE] = "nothing above 0 for a log axis" };
	const char *title = c->title ? c->title : "";
	char text[160], lo[64], hi[64];
	int y = p->r.h > 1 && *title ? (p->r.h + 1) / 2 : p->r.h / 2;
	if (p->r.h > 1 && *title)
		paint_field(p, 0, 0, p->r.w, -1, PEN(p->focus ? ROLE_TITLE_FOCUS : ROLE_STRONG), title, strlen(title));
	int n = snprintf(text, sizeof text, "%s", why == FIT_NO_POINTS && c->empty ? c->empty : words[why]);
	if (why == FIT_OUTSIDE) {
		chart_x_text(c, f->data_lo, lo, sizeof lo, 40);
		chart_x_text(c, f->data_hi, hi, sizeof hi, 19);
		n = snprintf(text, sizeof text, "%s: the data run from %s to %s", words[why], lo, hi);
	}
	n = n < (int)sizeof text ? n : (int)sizeof text - 1;
	int width = text_width(text, (size_t)n);
	paint_field(p, width < p->r.w ? (p->r.w - width) / 2 : 0, y, width < p->r.w ? width : p->r.w, -1, PEN(ROLE_DIM), text, (size_t)n);
}

void chart_paint(const struct chart *c, struct paint *p)
{
	struct chart_fit f;
	struct chart_layout l;
	struct raster r;
	char footer[256];
	if (p->r.w < 1 || p->r.h < 1)
		return;
	enum fit_state why = chart_fit(c, &f);
	if (why != FIT_OK) {
		paint_empty(c, &f, why, p);
		return;
	}
	chart_lay_out(c, &f, p->r.w, p->r.h, &l);
	uint32_t *by_rank = mem_array(c->n_series, sizeof *by_rank);
	struct readout *out = mem_array(c->n_series, sizeof *out);
	rank_series(c, by_rank);
	raster_init(&r, l.plot.w, l.plot.h, &f.x, &f.y);
	draw_series(c, by_rank, &r);
	chart_axes_paint(c, &f, &l, p);
	paint_flags(c, &f, &l, p);
	paint_crosshair(c, &f, &l, p);
	paint_dots(c, by_rank, &r, &l, p);
	bool cross = crosshair_shown(c, &f);
	size_t n = readout_make(c, &f, by_rank, cross, out);
	readout_gutter(c, &f, &l, p, out, n, cross);
	footer_text(c, &f, r.above, r.below, p, footer, sizeof footer);
	paint_title(c, &f, &l, p, out, n, footer);
	raster_done(&r);
	free(by_rank);
	free(out);
}

/* ---- for the mouse and the keys ---- */

struct rect chart_plot(const struct chart *c, struct rect r)
{
	struct chart_fit f;
	struct chart_layout l;
	if (r.w < 1 || r.h < 1 || chart_fit(c, &f) != FIT_OK)
		return r;
	chart_lay_out(c, &f, r.w, r.h, &l);
	return (struct rect){ r.x + l.plot.x, r.y + l.plot.y, l.plot.w, l.plot.h };
}

static double x_of_cell(const struct axis *x, struct rect plot, double cell)
{
	double pos = (2 * cell + 0.5) / (2 * plot.w - 1);
	return axis_value(x, pos < 0 ? 0 : pos > 1 ? 1 : pos);
}

/* Where curves go in r, and the x axis along it; false when there is nothing to show. */
static bool x_axis_of(const struct chart *c, struct rect r, struct rect *plot, struct axis *x)
{
	double lo, hi;
	if (!chart_window(c, &lo, &hi))
		return false;
	*plot = chart_plot(c, r);
	axis_set(x, lo, hi, c->log_x);
	return true;
}

double chart_x_at(const struct chart *c, struct rect r, int cell_x)
{
	struct rect plot;
	struct axis x;
	if (!x_axis_of(c, r, &plot, &x))
		return NAN;
	return x_of_cell(&x, plot, cell_x - (plot.x - r.x));
}

double chart_cell_span(const struct chart *c, struct rect r)
{
	struct rect plot;
	struct axis x;
	if (!x_axis_of(c, r, &plot, &x))
		return NAN;
	double at = c->has_crosshair ? axis_pos(&x, c->crosshair) : 0.5, cell = 2.0 / (2 * plot.w - 1);
	at = at > 1 - cell ? 1 - cell : at;
	at = at < 0 ? 0 : at;
	return axis_value(&x, at + cell > 1 ? 1 : at + cell) - axis_value(&x, at);
}
