/* Dots.
 *
 * Method     a pen walks a polyline through data space. While its vertices stay in one dot column, only their lowest and
 *            highest y are kept, in data space; leaving the column draws that span and the line to the next
 *            vertex. So a bucket costs a few compares and a column one or two logarithms, however many buckets share
 *            it, and no extreme can be missed: each is a vertex at its own x.
 * Columns    are found by walking a table of the data x at their borders, which is why a logarithmic x costs nothing per point.
 *            Column -1 and 2w lie outside the window: what falls there is not drawn, but lines from there into the
 *            window are, cut at its edge (Liang and Barsky's parametric clip).
 * Alone      a line that ends as it began, in one dot, is drawn as a cross of five: one dot between gaps would be missed.
 * Invariants I1 a set dot lies inside the w x h cells.  I2 a vertex inside the window sets the dot of its position.
 */
#include "tui/chart_parts.h"
#include <math.h>
#include <stdlib.h>
#include "core/base/mem.h"

/* Braille bit of dot (column & 1, row & 3). */
static const uint8_t dot_bit[2][4] = { { 0x01, 0x02, 0x04, 0x40 }, { 0x08, 0x10, 0x20, 0x80 } };

void raster_init(struct raster *r, int w, int h, const struct axis *x, const struct axis *y)
{
	size_t cells = (size_t)w * (size_t)h, edges = 2 * (size_t)w + 1;
	char *block = mem_zalloc(edges * sizeof *r->edge + cells * (sizeof *r->who + 2));
	*r = (struct raster){ .w = w, .h = h, .x = *x, .y = *y, .edge = (double *)(void *)block };
	r->who = (uint64_t *)(void *)(r->edge + edges);
	r->mask[0] = (uint8_t *)(r->who + cells);
	r->mask[1] = r->mask[0] + cells;
	int cols = 2 * w;
	for (int i = 1; i < cols; i++)
		r->edge[i] = axis_value(x, (i - 0.5) / (cols - 1));
	r->edge[0] = x->lo;
	r->edge[cols] = x->hi;
}

void raster_done(struct raster *r)
{
	free(r->edge);
	*r = (struct raster){ 0 };
}

static int whole(double v)
{
	return (int)lrint(v > 1e8 ? 1e8 : v > -1e8 ? v : -1e8);
}

int raster_col(const struct raster *r, double x)
{
	return whole(axis_pos(&r->x, x) * (2 * r->w - 1));
}

static double dot_y(const struct raster *r, double y)
{
	return (1 - axis_pos(&r->y, y)) * (4 * r->h - 1);
}

int raster_row(const struct raster *r, double y)
{
	return whole(dot_y(r, y));
}

/* ---- dots, dot coordinates inside the raster ---- */

static void claim(struct raster *r, int layer, size_t cell, uint8_t bits, uint64_t rank)
{
	r->mask[layer][cell] |= bits;
	if (layer == RASTER_LINE)
		r->who[cell] |= rank;
}

static void dot(struct raster *r, int layer, int cx, int cy, uint64_t rank)
{
	claim(r, layer, (size_t)(cy >> 2) * (size_t)r->w + (size_t)(cx >> 1), dot_bit[cx & 1][cy & 3], rank);
}

/* Rows y0..y1 of one dot column, a cell at a time. */
static void span(struct raster *r, int layer, int cx, int y0, int y1, uint64_t rank)
{
	for (int cy = y0 & ~3; cy <= y1; cy += 4) {
		uint8_t bits = 0;
		for (int k = cy < y0 ? y0 - cy : 0; k < 4 && cy + k <= y1; k++)
			bits |= dot_bit[cx & 1][k];
		claim(r, layer, (size_t)(cy >> 2) * (size_t)r->w + (size_t)(cx >> 1), bits, rank);
	}
}

/* Bresenham's line; both ends inside. */
static void line(struct raster *r, int layer, int x0, int y0, int x1, int y1, uint64_t rank)
{
	int dx = abs(x1 - x0), dy = -abs(y1 - y0), sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1, err = dx + dy;
	for (;;) {
		dot(r, layer, x0, y0, rank);
		if (x0 == x1 && y0 == y1)
			return;
		int e2 = 2 * err;
		if (e2 >= dy) {
			err += dy;
			x0 += sx;
		}
		if (e2 <= dx) {
			err += dx;
			y0 += sy;
		}
	}
}

/* One border of the clip: narrows [t0, t1] of a line that moves by `d` per unit and starts `q` inside. */
static bool clip_side(double d, double q, double *t0, double *t1)
{
	if (d == 0)
		return q >= 0;
	double t = q / d;
	if (d < 0) {
		if (t > *t1)
			return false;
		*t0 = fmax(*t0, t);
	} else {
		if (t < *t0)
			return false;
		*t1 = fmin(*t1, t);
	}
	return *t0 <= *t1;
}

static int within(double v, int n)
{
	int i = whole(v);
	return i < 0 ? 0 : i >= n ? n - 1 : i;
}

static void clipped_line(struct raster *r, int layer, double x0, double y0, double x1, double y1, uint64_t rank)
{
	double t0 = 0, t1 = 1, dx = x1 - x0, dy = y1 - y0;
	int w = 2 * r->w, h = 4 * r->h;
	if (!clip_side(-dx, x0 + 0.5, &t0, &t1) || !clip_side(dx, w - 0.5 - x0, &t0, &t1)
	    || !clip_side(-dy, y0 + 0.5, &t0, &t1) || !clip_side(dy, h - 0.5 - y0, &t0, &t1))
		return;
	line(r, layer, within(x0 + t0 * dx, w), within(y0 + t0 * dy, h), within(x0 + t1 * dx, w), within(y0 + t1 * dy, h), rank);
}

/* ---- the pen ---- */

void raster_begin(struct raster_pen *p, struct raster *r, int layer, size_t rank)
{
	*p = (struct raster_pen){ .r = r, .layer = layer, .rank = (uint64_t)1 << (rank < RASTER_RANKS ? rank : RASTER_RANKS - 1) };
}

/* Dot column of x: -1 and 2w outside the window. Walks from the pen's column, since x rarely goes far or back. */
static int column(const struct raster *r, int from, double x)
{
	int cols = 2 * r->w, c = from < 0 ? 0 : from >= cols ? cols - 1 : from;
	if (x < r->edge[0])
		return -1;
	if (x > r->edge[cols])
		return cols;
	while (c > 0 && x < r->edge[c])
		c--;
	while (c < cols - 1 && x >= r->edge[c + 1])
		c++;
	return c;
}

static void flush(struct raster_pen *p)
{
	struct raster *r = p->r;
	int h = 4 * r->h;
	if (p->col < 0 || p->col >= 2 * r->w)
		return;
	r->above |= p->hi > r->y.hi;
	r->below |= p->lo < r->y.lo;
	int top = raster_row(r, p->hi), bottom = p->lo == p->hi ? top : raster_row(r, p->lo);
	if (bottom < 0 || top >= h)
		return;
	span(r, p->layer, p->col, top < 0 ? 0 : top, bottom >= h ? h - 1 : bottom, p->rank);
}

static void connect(struct raster_pen *p, int col, double x, double y)
{
	struct raster *r = p->r;
	int w = 2 * r->w;
	double y0 = dot_y(r, p->y), y1 = dot_y(r, y);
	bool inside = p->col >= 0 && p->col < w && col >= 0 && col < w;
	double x0 = inside ? p->col : axis_pos(&r->x, p->x) * (w - 1), x1 = inside ? col : axis_pos(&r->x, x) * (w - 1);
	clipped_line(r, p->layer, x0, y0, x1, y1, p->rank);
}

/* A line of one point: as a cross, as far as that lies inside. */
static void cross(struct raster_pen *p)
{
	static const int8_t arm[][2] = { { -1, 0 }, { 1, 0 }, { 0, -1 }, { 0, 1 } };
	struct raster *r = p->r;
	int row = raster_row(r, p->hi), w = 2 * r->w, h = 4 * r->h;
	if (p->col < 0 || p->col >= w || row < 0 || row >= h)
		return;
	for (size_t i = 0; i < sizeof arm / sizeof *arm; i++) {
		int cx = p->col + arm[i][0], cy = row + arm[i][1];
		if (cx >= 0 && cx < w && cy >= 0 && cy < h)
			dot(r, p->layer, cx, cy, p->rank);
	}
}

void raster_lift(struct raster_pen *p)
{
	if (p->down) {
		flush(p);
		if (!p->joined && raster_row(p->r, p->lo) == raster_row(p->r, p->hi))
			cross(p);
	}
	p->down = p->joined = false;
}

void raster_to(struct raster_pen *p, double x, double y)
{
	struct raster *r = p->r;
	if (!isfinite(x) || !isfinite(y) || (r->y.log && y <= 0) || (r->x.log && x <= 0)) {
		raster_lift(p);
		return;
	}
	int col = column(r, p->col, x);
	if (p->down && col == p->col) {
		p->lo = y < p->lo ? y : p->lo;
		p->hi = y > p->hi ? y : p->hi;
	} else {
		if (p->down) {
			flush(p);
			connect(p, col, x, y);
			p->joined = true;
		}
		p->down = true;
		p->col = col;
		p->lo = p->hi = y;
	}
	p->x = x;
	p->y = y;
}

int bucket_vertices(const struct chart_bucket *b, struct vertex out[4], bool *break_before, bool *break_after)
{
	int n = 0;
	*break_before = b->gap || !isfinite(b->first);
	*break_after = b->gap || !isfinite(b->last);
	if (b->gap)
		return 0;
	if (isfinite(b->first))
		out[n++] = (struct vertex){ b->x0, b->first };
	if (b->n > 1 && isfinite(b->min) && isfinite(b->max)) {
		bool min_first = b->x_min <= b->x_max;
		out[n++] = min_first ? (struct vertex){ b->x_min, b->min } : (struct vertex){ b->x_max, b->max };
		out[n++] = min_first ? (struct vertex){ b->x_max, b->max } : (struct vertex){ b->x_min, b->min };
	}
	if (b->n > 1 && isfinite(b->last))
		out[n++] = (struct vertex){ b->x1, b->last };
	return n;
}

/* Buckets that lie in the pen's column as a whole only widen the span there: most of a long series. Returns how many of the
 * first do. */
static size_t same_column(struct raster_pen *p, const struct chart_bucket *b, size_t n)
{
	const struct raster *r = p->r;
	if (!p->down || p->col < 0 || p->col >= 2 * r->w)
		return 0;
	double left = r->edge[p->col], right = r->edge[p->col + 1], lo = p->lo, hi = p->hi, above = r->y.log ? 0 : -INFINITY;
	bool closed = p->col == 2 * r->w - 1;
	size_t i = 0;
	for (; i < n && b[i].x0 >= left && (b[i].x1 < right || (closed && b[i].x1 == right)) && bucket_plain(&b[i]) && b[i].min > above; i++) {
		lo = b[i].min < lo ? b[i].min : lo;
		hi = b[i].max > hi ? b[i].max : hi;
	}
	if (i == 0)
		return 0;
	p->lo = lo;
	p->hi = hi;
	p->x = b[i - 1].x1;
	p->y = b[i - 1].last;
	return i;
}

void raster_buckets(struct raster *r, int layer, size_t rank, const struct chart_bucket *b, size_t n)
{
	struct raster_pen p;
	raster_begin(&p, r, layer, rank);
	for (size_t i = 0; n && (i += same_column(&p, &b[i], n - i)) < n; i++) {
		struct vertex v[4];
		bool before, after;
		int k = bucket_vertices(&b[i], v, &before, &after);
		if (before)
			raster_lift(&p);
		for (int j = 0; j < k; j++)
			raster_to(&p, v[j].x, v[j].y);
		if (after)
			raster_lift(&p);
	}
	raster_lift(&p);
}

/* ---- glyphs ---- */

static uint32_t block_glyph(uint8_t mask)
{
	static const uint16_t quarter[16] = { ' ', 0x2598, 0x259D, 0x2580, 0x2596, 0x258C, 0x259E, 0x259B,
		0x2597, 0x259A, 0x2590, 0x259C, 0x2584, 0x2599, 0x259F, 0x2588 };
	return quarter[(mask & 0x03 ? 1 : 0) | (mask & 0x18 ? 2 : 0) | (mask & 0x44 ? 4 : 0) | (mask & 0xA0 ? 8 : 0)];
}

/* Rows 0..3 that a dot column of the mask fills: their number and the sum of their indices. */
static int column_rows(uint8_t mask, int cx, int *sum, int *top, int *bottom)
{
	int n = 0;
	for (int k = 0; k < 4; k++)
		if (mask & dot_bit[cx][k]) {
			n++;
			*sum += k;
			*top = k < *top ? k : *top;
			*bottom = k > *bottom ? k : *bottom;
		}
	return n;
}

/* The character whose ink lies most like the dots: slopes, spans, then a dash at its height. */
static uint32_t ascii_glyph(uint8_t mask)
{
	static const char flat[] = "\"--_", point[] = "'--.";
	int left_sum = 0, right_sum = 0, top = 3, bottom = 0;
	int left = column_rows(mask, 0, &left_sum, &top, &bottom), right = column_rows(mask, 1, &right_sum, &top, &bottom);
	if (left + right == 0)
		return ' ';
	if (left + right >= 7)
		return '#';
	if (left == 4 || right == 4)
		return '|';
	if (left && right) {
		int lean = left_sum * right - right_sum * left;        /* > 0: the left column's middle lies lower */
		if (bottom - top >= 1 && abs(lean) >= left * right)
			return lean > 0 ? '/' : '\\';
		if (bottom - top >= 2)
			return '|';
		return (unsigned char)flat[(left_sum + right_sum) / (left + right)];
	}
	return (unsigned char)(bottom - top >= 1 ? '|' : point[top]);
}

uint32_t raster_glyph(uint8_t mask, enum glyphs g)
{
	if (g == GLYPHS_BRAILLE)
		return 0x2800u + mask;
	return g == GLYPHS_BLOCK ? block_glyph(mask) : ascii_glyph(mask);
}
