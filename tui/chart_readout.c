/* Values beside a chart.
 *
 * One list serves three places: the gutter as labels at the curves' ends (moved apart where they collide), the gutter as a table at
 * the crosshair, or the title row where there is no gutter. All values carry the same number of decimals, chosen from the
 * y range, so that they can be compared down the column and nothing moves while the crosshair does.
 */
#include "tui/chart_parts.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/fmt.h"
#include "core/base/text.h"


static int by_value(const void *pa, const void *pb)
{
	const struct readout *a = pa, *b = pb;
	bool fa = isfinite(a->value), fb = isfinite(b->value);
	if (fa != fb)
		return fb - fa;
	if (fa && a->value != b->value)
		return a->value < b->value ? 1 : -1;
	return a->series < b->series ? -1 : a->series > b->series;
}

static size_t values_at_crosshair(const struct chart *c, struct readout *out)
{
	for (size_t i = 0; i < c->n_series; i++) {
		const struct chart_series *s = &c->series[i];
		bool ignored;
		size_t n;
		const struct chart_bucket *line = series_line(s, &n);
		out[i] = (struct readout){ .series = (uint32_t)i };
		out[i].value = buckets_at(line, n, c->crosshair, &out[i].beyond);
		out[i].raw = s->has_cross ? s->cross : buckets_at(s->raw, s->n_raw, c->crosshair, &ignored);
		if (!s->smooth)
			out[i].value = out[i].raw;
	}
	if (c->order == CHART_BY_VALUE)
		qsort(out, c->n_series, sizeof *out, by_value);
	return c->n_series;
}

/* Values at the curves' ends, in rank order, so that what is left out for want of rows is the least important. */
static size_t values_at_end(const struct chart *c, const struct chart_fit *f, const uint32_t *by_rank, struct readout *out)
{
	size_t n = 0;
	for (size_t k = 0; k < c->n_series; k++) {
		const struct chart_series *s = &c->series[by_rank[k]];
		struct readout r = { .series = by_rank[k] };
		bool last, ignored;
		double x;
		if (!series_end(s, f, &x, &r.y, &last))
			continue;
		r.value = last && !s->smooth ? s->last : chart_value_at(s, f->x.hi);
		r.raw = last ? s->last : buckets_at(s->raw, s->n_raw, f->x.hi, &ignored);
		out[n++] = r;
	}
	return n;
}

/* Rows 0..rows-1 for n <= rows labels in order of their wished rows: neighbours that collide form blocks that settle
 * around the mean of their wishes. */
static void spread(struct readout *r, int n, int rows)
{
	struct { int start, count, sum; } block[128];
	int blocks = 0;
	for (int i = 0; i < n; i++) {
		int b = blocks++;
		block[b].start = r[i].row;
		block[b].count = 1;
		block[b].sum = r[i].row;                   /* of wished row less place in the block */
		while (b > 0 && block[b - 1].start + block[b - 1].count > block[b].start) {
			block[b - 1].sum += block[b].sum - block[b].count * block[b - 1].count;
			block[b - 1].count += block[b].count;
			b--;
			blocks--;
			int start = (int)lrint((double)block[b].sum / block[b].count), most = rows - block[b].count;
			block[b].start = start > most ? most : start < 0 ? 0 : start;
		}
	}
	for (int b = 0, i = 0; b < blocks; b++)
		for (int k = 0; k < block[b].count; k++)
			r[i++].row = block[b].start + k;
}

static int by_height(const void *pa, const void *pb)
{
	const struct readout *a = pa, *b = pb;
	return a->row != b->row ? a->row - b->row : a->y != b->y ? (a->y < b->y ? 1 : -1) : (int)a->series - (int)b->series;
}

static uint32_t series_mark(const struct chart *c, uint32_t i)
{
	return c->series[i].mark ? c->series[i].mark : 'a' + i % 26;
}

char *chart_value_text(char buf[FMT_MAX], double v, int decimals, int width)
{
	if (isfinite(v) && decimals >= 0 && snprintf(buf, FMT_MAX, "%.*f", decimals, v) <= width)
		return buf;
	for (int digits = 4; digits > 0; digits--)
		if ((int)strlen(fmt_number(buf, v, digits)) <= width)
			break;
	return buf;
}

/* A line that only guides the eye is paler than text may be. */
static uint8_t text_role(const struct chart_series *s)
{
	return s->role == ROLE_RAW ? ROLE_DIM : (uint8_t)s->role;
}

static const char *entry_text(char buf[FMT_MAX], const struct readout *r, double v, const struct chart_layout *l, int width, const struct paint *p)
{
	if (!(r->beyond && isnan(v)))
		return chart_value_text(buf, v, l->decimals, width);
	buf[text_encode(paint_sign(p, SIGN_MISSING), buf)] = '\0';      /* not begun */
	return buf;
}

static void paint_entry(const struct chart *c, const struct chart_layout *l, struct paint *p, const struct readout *r, int y)
{
	const struct chart_series *s = &c->series[r->series];
	char buf[FMT_MAX];
	struct pen pen = r->beyond ? PEN(ROLE_DIM) : PEN(text_role(s));
	int x = l->gutter_x + 1;
	pen.attr = s->focused && c->n_series > 1 ? ATTR_BOLD : 0;
	if (l->marks) {
		paint_put(p, x, y, PEN(text_role(s)), series_mark(c, r->series));
		x += 2;
	}
	if (l->name_w) {
		const char *label = s->label ? s->label : "";
		paint_field(p, x, y, l->name_w, -1, PEN(s->focused ? ROLE_STRONG : ROLE_TEXT), label, strlen(label));
		x += l->name_w + 1;
	}
	const char *text = entry_text(buf, r, r->value, l, l->value_w, p);
	paint_field(p, x, y, l->value_w, l->name_w || l->both ? 1 : -1, pen, text, strlen(text));
	if (l->both && s->smooth) {
		text = entry_text(buf, r, r->raw, l, l->value_w, p);
		paint_field(p, x + l->value_w + 1, y, l->value_w, 1, PEN(ROLE_DIM), text, strlen(text));
	}
}

static void paint_more(const struct chart_layout *l, struct paint *p, int y, size_t k)
{
	char text[32];
	int n = snprintf(text, sizeof text, "+%zu more", k);
	paint_field(p, l->gutter_x + 1, y, l->gutter_w - 1, -1, PEN(ROLE_DIM), text, (size_t)n);
}

/* x in words: step 4,812 / 14m32s / 13:05:09, with the date where there is room. */
int chart_x_text(const struct chart *c, double x, char *out, size_t cap, int width)
{
	char buf[FMT_MAX];
	if (c->x_kind == CHART_RELATIVE && fabs(x) < 9e18)
		return snprintf(out, cap, "%s", fmt_duration(buf, (int64_t)x));
	if (c->x_kind == CHART_WALL && fabs(x) < 2e14) {
		fmt_time(buf, (int64_t)x);
		return snprintf(out, cap, "%s", width < 19 && strlen(buf) == 19 ? buf + 11 : buf);
	}
	if (x == floor(x) && fabs(x) < 9e15)
		fmt_count(buf, (int64_t)x);
	else
		fmt_number(buf, x, 6);
	return snprintf(out, cap, c->x_kind != CHART_NUMBER && width >= (int)strlen(buf) + 5 ? "step %s" : "%s", buf);
}

static void gutter_table(const struct chart *c, const struct chart_layout *l, struct paint *p, const struct readout *r, size_t n)
{
	char text[64];
	int rows = l->plot.h - 1, len = chart_x_text(c, c->crosshair, text, sizeof text, l->gutter_w - 1);
	paint_field(p, l->gutter_x + 1, l->plot.y, l->gutter_w - 1, -1, PEN(ROLE_CROSSHAIR), text, (size_t)len);
	size_t shown = n <= (size_t)rows ? n : (size_t)rows - (rows > 1), last = shown;
	for (size_t i = shown; i < n && shown > 0; i++)        /* the focused one is always there */
		if (c->series[r[i].series].focused) {
			last = i;
			break;
		}
	for (size_t i = 0; i < shown; i++)
		paint_entry(c, l, p, &r[last > shown && last < n && i == shown - 1 ? last : i], l->plot.y + 1 + (int)i);
	if (shown < n && rows > 1)
		paint_more(l, p, l->plot.y + rows, n - shown);
}

static void gutter_ends(const struct chart *c, const struct chart_fit *f, const struct chart_layout *l, struct paint *p,
	struct readout *r, size_t n)
{
	int rows = l->plot.h < 128 ? l->plot.h : 128;
	size_t most = n <= (size_t)rows ? n : (size_t)rows - 1;
	if (most < n)
		rows--;
	for (size_t i = 0; i < most; i++) {
		r[i].row = chart_row(f, l, r[i].y) - l->plot.y;
		if (r[i].row >= rows)
			r[i].row = rows - 1;
	}
	qsort(r, most, sizeof *r, by_height);
	spread(r, (int)most, rows);
	for (size_t i = 0; i < most; i++)
		paint_entry(c, l, p, &r[i], l->plot.y + r[i].row);
	if (most < n)
		paint_more(l, p, l->plot.y + rows, n - most);
}

size_t readout_make(const struct chart *c, const struct chart_fit *f, const uint32_t *by_rank, bool cross, struct readout *out)
{
	return cross ? values_at_crosshair(c, out) : values_at_end(c, f, by_rank, out);
}

void readout_gutter(const struct chart *c, const struct chart_fit *f, const struct chart_layout *l, struct paint *p,
	struct readout *r, size_t n, bool cross)
{
	if (l->gutter_w && cross)
		gutter_table(c, l, p, r, n);
	else if (l->gutter_w)
		gutter_ends(c, f, l, p, r, n);
}

/* Without a gutter: the x of the crosshair and as many values as fit, right-aligned before `to`; returns where they start. */
int readout_title(const struct chart *c, const struct chart_layout *l, struct paint *p, const struct readout *r, size_t n,
	bool cross, int from, int to)
{
	char text[64], buf[FMT_MAX];
	int len = cross ? chart_x_text(c, c->crosshair, text, sizeof text, to - from) : 0, used = len, most = 0;
	for (size_t i = 0; i < n && i < 8; i++, most++) {
		int need = (used ? 2 : 0) + (c->n_series > 1 ? 2 : 0) + (int)strlen(entry_text(buf, &r[i], r[i].value, l, CHART_VALUE_MAX, p));
		if (used + need > to - from)
			break;
		used += need;
	}
	if (used == 0 || used > to - from)
		return to;
	int x = to - used;
	if (len)
		x = paint_text(p, x, l->title_y, PEN(ROLE_CROSSHAIR), text);
	for (int i = 0; i < most; i++) {
		uint8_t role = r[i].beyond ? ROLE_DIM : text_role(&c->series[r[i].series]);
		x += i || len ? 2 : 0;
		if (c->n_series > 1) {
			paint_put(p, x, l->title_y, PEN(text_role(&c->series[r[i].series])), series_mark(c, r[i].series));
			x += 2;
		}
		x = paint_text(p, x, l->title_y, PEN(role), entry_text(buf, &r[i], r[i].value, l, CHART_VALUE_MAX, p));
	}
	return to - used;
}
