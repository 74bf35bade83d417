/* The axes of a chart in cells: ticks, lines and labels, for every picture that has a number along x and one along y. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "tui/chart_parts.h"

enum { X_LABELS = 12, Y_WIDTH_MIN = 4 };

/* Labels closer than two rows would stand one and two rows apart in turn, as rounding has it. */
static double rows_between(const struct chart_fit *f, const struct chart_layout *l)
{
	double least = INFINITY;
	for (int i = 1; i < l->n_y; i++)
		least = fmin(least, axis_pos(&f->y, l->y_tick[i]) - axis_pos(&f->y, l->y_tick[i - 1]));
	return least * l->plot.h;
}

void chart_y_labels(const struct chart *c, const struct chart_fit *f, struct chart_layout *l)
{
	int rows = l->plot.h, most = rows < 4 ? 2 : rows / 2 < CHART_Y_LABELS ? rows / 2 : CHART_Y_LABELS;
	int width = l->w >= CHART_GUTTER_FROM_W ? Y_WIDTH_MIN : 0;   /* so that 0.5 and 0.25 do not move the plot */
	if (l->w < 16 || rows < 2)
		return;
	do
		l->n_y = c->log_y ? axis_log_ticks(f->y.lo, f->y.hi, most, l->y_tick) : axis_ticks(f->y.lo, f->y.hi, most, l->y_tick);
	while (l->n_y > 2 && rows_between(f, l) < (c->log_y ? 1 : 2) && --most > 1);
	axis_labels(l->y_tick, l->n_y, c->log_y, l->y_label);
	for (int i = 0; c->y_unit && i < l->n_y; i++)
		snprintf(l->y_label[i] + strlen(l->y_label[i]), AXIS_LABEL_MAX - strlen(l->y_label[i]), "%s", c->y_unit);
	for (int i = 0; i < l->n_y; i++) {
		int n = (int)strlen(l->y_label[i]);
		width = n > width ? n : width;
	}
	if (width + 2 > l->w / 2) {
		l->n_y = 0;
		return;
	}
	l->plot.x = width + 2;                       /* a blank and the axis */
	l->plot.w -= l->plot.x;
}

static int x_ticks(const struct chart *c, const struct chart_fit *f, int most, double *tick)
{
	double lo = f->x.lo, hi = f->x.hi;
	if (c->x_kind == CHART_RELATIVE)
		return c->log_x ? axis_log_time_ticks(lo, hi, most, tick) : axis_time_ticks(lo, hi, most, false, tick);
	if (c->x_kind == CHART_WALL)
		return axis_time_ticks(lo, hi, most, true, tick);
	int n = c->log_x ? axis_log_ticks(lo, hi, most, tick) : axis_ticks(lo, hi, most, tick), whole = 0;
	for (int i = 0; i < n; i++)
		if (c->x_kind == CHART_NUMBER || tick[i] == floor(tick[i]))   /* there is no half step */
			tick[whole++] = tick[i];
	return whole;
}

static void x_labels(const struct chart *c, const double *tick, int n, char out[][AXIS_LABEL_MAX])
{
	if (c->x_kind == CHART_STEP || c->x_kind == CHART_NUMBER)
		axis_labels(tick, n, c->log_x, out);
	else
		axis_time_labels(tick, n, c->x_kind == CHART_WALL, out);
}

int chart_column(const struct chart_fit *f, const struct chart_layout *l, double x)
{
	double col = axis_pos(&f->x, x) * (2 * l->plot.w - 1) / 2;
	int cell = (int)(col < 0 ? 0 : col);
	return l->plot.x + (cell < l->plot.w ? cell : l->plot.w - 1);
}

/* Where the labels stand, each under its tick, kept on the row; false: two of them touch. */
static bool labels_fit(const struct chart_layout *l, const int *col, int n, char text[][AXIS_LABEL_MAX], int *at)
{
	int free_from = 0;
	for (int i = 0; i < n; i++) {
		int len = (int)strlen(text[i]), x = col[i] - len / 2;
		x = x + len > l->w ? l->w - len : x;
		at[i] = x < 0 ? 0 : x;
		if (at[i] < free_from)
			return false;
		free_from = at[i] + len + 2;
	}
	return true;
}

static void paint_x_axis(const struct chart *c, const struct chart_fit *f, const struct chart_layout *l, struct paint *p)
{
	double tick[AXIS_TICKS_MAX];
	char text[AXIS_TICKS_MAX][AXIS_LABEL_MAX];
	int col[AXIS_TICKS_MAX], at[AXIS_TICKS_MAX], n = 0, most = l->plot.w / 7;
	if (l->label_y < 0)
		return;
	for (most = most > X_LABELS ? X_LABELS : most < 1 ? 1 : most; most > 0; most--) {
		n = x_ticks(c, f, most, tick);
		x_labels(c, tick, n, text);
		for (int i = 0; i < n; i++)
			col[i] = chart_column(f, l, tick[i]);
		if (labels_fit(l, col, n, text, at))
			break;
		n = 0;
	}
	if (l->axis_y >= 0) {
		surface_fill(p->s, p->r, (struct rect){ l->plot.x, l->axis_y, l->plot.w, 1 }, PEN(ROLE_AXIS), p->ascii ? '-' : 0x2500);
		if (l->plot.x > 0)
			paint_put(p, l->plot.x - 1, l->axis_y, PEN(ROLE_AXIS), p->ascii ? '+' : 0x2514);
	}
	for (int i = 0; i < n; i++) {
		if (l->axis_y >= 0)
			paint_put(p, col[i], l->axis_y, PEN(ROLE_AXIS), p->ascii ? '+' : 0x252C);
		paint_text(p, at[i], l->label_y, PEN(ROLE_AXIS), text[i]);
	}
}

int chart_row(const struct chart_fit *f, const struct chart_layout *l, double y)
{
	int row = (int)lrint((1 - axis_pos(&f->y, y)) * (4 * l->plot.h - 1)) / 4;
	return l->plot.y + (row < 0 ? 0 : row >= l->plot.h ? l->plot.h - 1 : row);
}

static void paint_y_axis(const struct chart_fit *f, const struct chart_layout *l, struct paint *p)
{
	int x = l->plot.x - 1;
	if (x < 0)
		return;
	surface_fill(p->s, p->r, (struct rect){ x, l->plot.y, 1, l->plot.h }, PEN(ROLE_AXIS), p->ascii ? '|' : 0x2502);
	for (int i = 0; i < l->n_y; i++) {
		int y = chart_row(f, l, l->y_tick[i]);
		paint_put(p, x, y, PEN(ROLE_AXIS), p->ascii ? '+' : 0x2524);
		paint_field(p, 0, y, x - 1, 1, PEN(ROLE_AXIS), l->y_label[i], strlen(l->y_label[i]));
	}
}

static void paint_grid(const struct chart_fit *f, const struct chart_layout *l, struct paint *p)
{
	uint32_t ch = p->ascii ? '.' : p->glyphs == GLYPHS_BRAILLE ? 0x2508 : 0x00B7;
	int step = ch == 0x2508 ? 1 : 4;
	for (int i = 0; i < l->n_y; i++)
		for (int x = 0; x < l->plot.w; x += step)
			paint_put(p, l->plot.x + x, chart_row(f, l, l->y_tick[i]), PEN(ROLE_GRID), ch);
}

void chart_axes_paint(const struct chart *c, const struct chart_fit *f, const struct chart_layout *l, struct paint *p)
{
	if (c->grid)
		paint_grid(f, l, p);
	paint_y_axis(f, l, p);
	paint_x_axis(c, f, l, p);
}
