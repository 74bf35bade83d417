/* export_html_picture -- distributions of both sides as inline SVG.
 *
 * Reference   an area; current data: a line. So they differ without colour too, as in the terminal.
 * Scale       y is the share of all rows of a side, with what lies beyond the edges counted; ticks are round numbers.
 * Size        an area and a line are one path each: some 300 bytes a side, whatever the rows.
 */
#include <math.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/drift/export_html.h"

enum { PLOT_W = 500, PLOT_H = 170, LEFT = 40, FOOT = 20, ROW_H = 30, BARS_SHOWN = 20, LABEL_W = 150, MINI_W = 120, MINI_H = 26, STRIP_H = 56, MOST_TICKS = 8 };
struct frame { double lo, hi, top; int w, h; };                  /* x window, highest y */

static double rows_of(const double *v, size_t n, const double outside[2])
{
	double s = fmax(0, outside[0]) + fmax(0, outside[1]);
	for (size_t i = 0; i < n; i++)
		s += fmax(0, v[i]);
	return s > 0 ? s : 1;
}

static double highest(const double *v, size_t n, double rows)
{
	double top = 0;
	for (size_t i = 0; i < n; i++)
		top = fmax(top, v[i] / rows);
	return top;
}

static double picture_top(const struct report_picture *p)
{
	double top = fmax(highest(p->ref, p->n, rows_of(p->ref, p->n, p->ref_outside)), highest(p->cur, p->n, rows_of(p->cur, p->n, p->cur_outside)));
	return top > 0 ? top * 1.05 : 1;
}

static void svg(struct str *out, int w, int h, const char *what, const char *name)
{
	str_addf(out, "<svg role=img viewBox=\"0 0 %d %d\" width=%d height=%d><title>%s of ", w, h, w, h, what);
	html_text(out, name);
	str_add(out, "</title>");
}

/* ---- axes ---- */

/* The smallest step of 1, 2 or 5 times a power of ten of which at most `most` fit into a length. */
static double round_step(double length, int most)
{
	static const double steps[] = { 1, 2, 5, 10 };
	double least = length / most, power = pow(10, floor(log10(least)));
	for (int i = 0; i < 4; i++)
		if (steps[i] * power >= least)
			return steps[i] * power;
	return 10 * power;
}

static double x_of(const struct frame *f, double v)
{
	double at = (fmin(f->hi, fmax(f->lo, v)) - f->lo) / (f->hi - f->lo);
	return LEFT + at * (f->w - LEFT);
}

static double y_of(const struct frame *f, double v)
{
	return f->h - v / f->top * (f->h - 4);
}

static void x_axis(struct str *out, const struct frame *f)
{
	char text[FMT_MAX];
	double step = round_step(f->hi - f->lo, MOST_TICKS);
	str_addf(out, "<path class=a d=\"M%d %dH%d\"/>", LEFT, f->h, f->w);
	for (double i = ceil(f->lo / step); i * step <= f->hi && step > 0; i++)
		str_addf(out, "<text x=%.0f y=%d text-anchor=middle>%s</text>", fmin(x_of(f, i * step), f->w - 12), f->h + 15, fmt_number(text, i * step + 0.0, 6));
}

static void y_axis(struct str *out, const struct frame *f)
{
	char text[FMT_MAX];
	double step = round_step(f->top, 4);
	for (double i = 0; i * step <= f->top; i++)
		str_addf(out, "<path class=g d=\"M%d %.1fH%d\"/><text x=%d y=%.0f text-anchor=end>%s%%</text>", LEFT, y_of(f, i * step), f->w, LEFT - 5, y_of(f, i * step) + 4, fmt_number(text, 100 * i * step, 3));
}

/* ---- bars over edges ---- */

static void steps(struct str *out, const struct frame *f, const char *class, const struct report_picture *p, const double *v, double rows, int left)
{
	double width = (double)(f->w - left);
	str_addf(out, "<path class=%s d=\"M%d %d", class, left, f->h);
	for (size_t i = 0; i < p->n; i++)
		str_addf(out, "V%.1fH%.1f", f->h - v[i] / rows / f->top * (f->h - 4), left + width * (double)(i + 1) / (double)p->n);
	str_addf(out, "V%d\"/>", f->h);
}

static void histogram(struct str *out, const struct report_column *c)
{
	const struct report_picture *p = &c->picture;
	const struct frame f = { p->edges[0], p->edges[p->n], picture_top(p), PLOT_W, PLOT_H };
	double n = rows_of(p->ref, p->n, p->ref_outside), m = rows_of(p->cur, p->n, p->cur_outside);
	svg(out, PLOT_W, PLOT_H + FOOT, "Histograms", c->name);
	y_axis(out, &f);
	steps(out, &f, "r", p, p->ref, n, LEFT);
	steps(out, &f, "c", p, p->cur, m, LEFT);
	x_axis(out, &f);
	str_add(out, "</svg>");
}

/* ---- labels ---- */

static void label_row(struct str *out, int y, const char *label, double ref, double cur, double top, const char *mark)
{
	struct str cut = STR_INIT;
	double room = PLOT_W - LABEL_W - 120;
	text_fit(&cut, label, strlen(label), 20);
	str_addf(out, "<text class=l x=0 y=%d>", y + 17);
	html_text(out, cut.p ? cut.p : "");
	str_addf(out, "</text><rect class=r x=%d y=%d width=%.1f height=11 /><rect class=cb x=%d y=%d width=%.1f height=11 />", LABEL_W, y + 2, ref / top * room, LABEL_W, y + 14, cur / top * room);
	str_addf(out, "<text x=%d y=%d text-anchor=end>%.1f%% \xe2\x86\x92 %.1f%%%s</text>", PLOT_W, y + 17, 100 * ref, 100 * cur, mark);
	str_free(&cut);
}

static void label_bars(struct str *out, const struct report_column *c)
{
	const struct report_picture *p = &c->picture;
	size_t shown = p->n < BARS_SHOWN ? p->n : BARS_SHOWN, fresh = c->n_gained < 5 ? c->n_gained : 5;
	double n = rows_of(p->ref, p->n, p->ref_outside), m = rows_of(p->cur, p->n, p->cur_outside), top = picture_top(p), rest[2] = { 0, 0 };
	for (size_t i = shown; i < p->n; i++)
		rest[0] += p->ref[i] / n, rest[1] += p->cur[i] / m;
	rest[0] += fmax(0, p->ref_outside[1]) / n, rest[1] += fmax(0, p->cur_outside[1]) / m;
	for (size_t i = 0; i < fresh; i++)
		top = fmax(top, c->gained[i].rows / m), rest[1] -= fmax(0, c->gained[i].rows) / m;
	bool others = rest[0] > 0 || rest[1] > 1e-12;
	top = fmax(top, fmax(rest[0], rest[1]));
	svg(out, PLOT_W, (int)(shown + fresh + others) * ROW_H, "Shares", c->name);
	for (size_t i = 0; i < shown; i++)
		label_row(out, (int)i * ROW_H, p->labels[i], p->ref[i] / n, p->cur[i] / m, top, p->ref[i] > 0 && p->cur[i] == 0 ? " lost" : "");
	for (size_t i = 0; i < fresh; i++)
		label_row(out, (int)(shown + i) * ROW_H, c->gained[i].name, 0, fmax(0, c->gained[i].rows) / m, top, " new");
	if (others)
		label_row(out, (int)(shown + fresh) * ROW_H, "others", rest[0], fmax(0, rest[1]), top, "");
	str_add(out, "</svg>");
}

/* ---- quantiles ---- */

static bool window(const struct report_column *c, struct frame *f)
{
	const double *x = c->ref.quantiles, *y = c->cur.quantiles;
	if (!x || !y)
		return false;
	*f = (struct frame){ c->picture.edges ? c->picture.edges[0] : fmin(x[0], y[0]), c->picture.edges ? c->picture.edges[c->picture.n] : fmax(x[REPORT_QUANTILES - 1], y[REPORT_QUANTILES - 1]), 1,
		PLOT_W, PLOT_H };
	return f->hi > f->lo && isfinite(f->hi - f->lo);
}

static void curve(struct str *out, const struct frame *f, const char *class, const double *q)
{
	str_addf(out, "<path class=%s d=\"", class);
	for (int i = 0; i < REPORT_QUANTILES; i++)
		str_addf(out, "%c%.1f %.1f", i ? 'L' : 'M', x_of(f, q[i]), y_of(f, (double)i / (REPORT_QUANTILES - 1)));
	str_add(out, "\"/>");
}

static void functions(struct str *out, const struct report_column *c)
{
	struct frame f;
	if (!window(c, &f))
		return;
	svg(out, PLOT_W, PLOT_H + FOOT, "Distribution functions", c->name);
	y_axis(out, &f);
	curve(out, &f, "rl", c->ref.quantiles);
	curve(out, &f, "c", c->cur.quantiles);
	x_axis(out, &f);
	str_add(out, "</svg>");
}

/* 5 to 95 % of the rows as a line, the middle half as a box, the median as a stroke. */
static void strip(struct str *out, const struct frame *f, const double *q, int y, const char *line, const char *box)
{
	double a = x_of(f, q[2]), b = x_of(f, q[10]), m = x_of(f, q[20]), c = x_of(f, q[30]), d = x_of(f, q[38]);
	str_addf(out, "<path class=%s d=\"M%.1f %dH%.1f\"/><rect class=%s x=%.1f y=%d width=%.1f height=14 /><path class=m d=\"M%.1f %dv18\"/>", line, a, y + 7, d, box, b, y, fmax(1, c - b), m, y - 2);
}

static void strips(struct str *out, const struct report_column *c)
{
	struct frame f;
	if (!window(c, &f))
		return;
	svg(out, PLOT_W, STRIP_H, "Quantiles", c->name);
	str_addf(out, "<text x=%d y=16 text-anchor=end>ref</text><text x=%d y=42 text-anchor=end>cur</text>", LEFT - 5, LEFT - 5);
	strip(out, &f, c->ref.quantiles, 4, "rl", "r");
	strip(out, &f, c->cur.quantiles, 30, "c", "cb");
	str_add(out, "</svg>");
}

void html_pictures(struct str *out, const struct report_column *c)
{
	if (!c->picture.n)
		return;
	str_add(out, "<div class=plots>");
	if (c->picture.edges && c->picture.edges[c->picture.n] > c->picture.edges[0])
		histogram(out, c);
	else if (c->picture.labels)
		label_bars(out, c);
	if (!c->picture.labels) {
		functions(out, c);
		strips(out, c);
	}
	str_add(out, "</div>");
}

void html_mini(struct str *out, const struct report_column *c)
{
	const struct report_picture *p = &c->picture;
	const struct frame f = { 0, 1, p->n ? picture_top(p) : 1, MINI_W, MINI_H };
	if (!p->n)
		return;
	str_addf(out, "<svg viewBox=\"0 0 %d %d\" width=%d height=%d>", MINI_W, MINI_H, MINI_W, MINI_H);
	steps(out, &f, "r", p, p->ref, rows_of(p->ref, p->n, p->ref_outside), 0);
	steps(out, &f, "c", p, p->cur, rows_of(p->cur, p->n, p->cur_outside), 0);
	str_add(out, "</svg>");
}

/* ---- calibration ---- */

static void calibration_curve(struct str *out, const struct frame *f, const struct report_performance *p, bool current)
{
	bool first = true;
	str_addf(out, "<path class=%s d=\"", current ? "c" : "rl");
	for (size_t i = 0; i < p->n_calibration; i++) {
		const struct report_calibration *c = &p->calibration[i];
		double x = current ? c->predicted_cur : c->predicted_ref, y = current ? c->observed_cur : c->observed_ref;
		if (!isfinite(x) || !isfinite(y))
			continue;
		str_addf(out, "%c%.1f %.1f", first ? 'M' : 'L', x_of(f, x), y_of(f, y));
		first = false;
	}
	str_add(out, "\"/>");
}

void html_calibration(struct str *out, const struct report_performance *p)
{
	const struct frame f = { 0, 1, 1, 320, 240 };
	svg(out, 320, 240 + FOOT, "Calibration", p->probability ? p->probability : "");
	y_axis(out, &f);
	str_addf(out, "<path class=a d=\"M%.1f %.1fL%.1f %.1f\"/>", x_of(&f, 0), y_of(&f, 0), x_of(&f, 1), y_of(&f, 1));
	calibration_curve(out, &f, p, false);
	calibration_curve(out, &f, p, true);
	x_axis(out, &f);
	str_add(out, "</svg>");
}
