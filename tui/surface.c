/* surface -- cells in one array, row after row; drawing is clipped per call.
 *
 * Cells      eight bytes each, so that a row is compared and cleared as memory. A full
 *            screen is painted dozens of times a second, so ASCII and the blocks that
 *            charts and rules use (U+2500..U+25FF, U+2800..U+28FF) never reach the
 *            Unicode tables: they are one cell wide and nothing in those blocks
 *            combines. All else goes through text_next() for cluster and width.
 * Clusters   a pool of length-prefixed strings; CELL_CLUSTER | offset is the cell's ch.
 *            surface_clear() empties it. It is bounded: overdrawing beyond 4 MiB of
 *            clusters gives replacement characters.
 * Wide       a lead cell and a follower with ch == 0. Overwriting one half blanks the
 *            other, so a row never holds half a character.
 * Lines      cells drawn by hline/vline remember in `flags` which of their four sides
 *            the line leaves by; a second line ors its sides in and the glyph follows from
 *            the sum. The ends of a line reach inwards only, so a line that ends on another
 *            makes a tee or a corner. Text over a line forgets it.
 */
#include "tui/surface.h"
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/base/text.h"

enum { LINE_UP = 1, LINE_DOWN = 2, LINE_LEFT = 4, LINE_RIGHT = 8 };
enum { CLUSTER_MAX = 60, POOL_MAX = 4 << 20, SIDE_MAX = 4096, REPLACEMENT = 0xFFFD };

struct surface {
	int w, h;
	int cursor_x, cursor_y;          /* x < 0: hidden */
	struct cell *cells;
	unsigned char *pool;
	size_t pool_len, pool_cap;
};

/* One thing to draw: a code point, or cluster bytes when cp == CELL_CLUSTER. */
struct glyph { uint32_t cp; int width; const char *p; size_t n; };

static const struct cell blank_cell = { ' ', ROLE_TEXT, ROLE_TEXT, 0, 0 };

static int clamp_side(int v)
{
	return v < 1 ? 1 : v > SIDE_MAX ? SIDE_MAX : v;
}

struct surface *surface_new(int w, int h)
{
	struct surface *s = mem_zalloc(sizeof *s);
	surface_resize(s, w, h);
	return s;
}

void surface_free(struct surface *s)
{
	if (!s)
		return;
	free(s->cells);
	free(s->pool);
	free(s);
}

void surface_resize(struct surface *s, int w, int h)
{
	s->w = clamp_side(w);
	s->h = clamp_side(h);
	free(s->cells);
	s->cells = mem_array((size_t)s->w * (size_t)s->h, sizeof *s->cells);
	surface_clear(s);
}

int surface_w(const struct surface *s)
{
	return s->w;
}

int surface_h(const struct surface *s)
{
	return s->h;
}

struct rect surface_all(const struct surface *s)
{
	return (struct rect){ 0, 0, s->w, s->h };
}

static struct cell *row_of(struct surface *s, int y)
{
	return s->cells + (size_t)y * (size_t)s->w;
}

const struct cell *surface_row(const struct surface *s, int y)
{
	return s->cells + (size_t)y * (size_t)s->w;
}

void surface_clear(struct surface *s)
{
	size_t n = (size_t)s->w * (size_t)s->h;
	for (size_t i = 0; i < n; i++)
		s->cells[i] = blank_cell;
	s->pool_len = 0;
	s->cursor_x = s->cursor_y = -1;
}

size_t surface_cell_text(const struct surface *s, const struct cell *c, char out[64])
{
	size_t n = 0;
	if (c->ch & CELL_CLUSTER) {
		const unsigned char *at = s->pool + (c->ch & ~CELL_CLUSTER);
		n = at[0];
		memcpy(out, at + 1, n);
	} else if (c->ch) {
		n = text_encode(c->ch, out);
	}
	out[n] = 0;
	return n;
}

/* ---- rectangles */

bool rect_has(struct rect r, int x, int y)
{
	return x >= r.x && y >= r.y && x - r.x < r.w && y - r.y < r.h;
}

static int min_int(int a, int b)
{
	return a < b ? a : b;
}

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

struct rect rect_cut(struct rect r, struct rect by)
{
	int x0 = max_int(r.x, by.x), x1 = min_int(r.x + r.w, by.x + by.w);
	int y0 = max_int(r.y, by.y), y1 = min_int(r.y + r.h, by.y + by.h);
	return (struct rect){ x0, y0, max_int(0, x1 - x0), max_int(0, y1 - y0) };
}

/* Coordinates are relative to the clip's own corner even where the clip leaves the surface. */
static struct rect area_on(const struct surface *s, struct rect clip, struct rect area)
{
	struct rect a = { clip.x + area.x, clip.y + area.y, area.w, area.h };
	return rect_cut(rect_cut(a, clip), surface_all(s));
}

/* ---- glyphs of a text */

/* Known to be one cell wide and never to combine with what stands before them. */
static bool is_plain_narrow(uint32_t cp)
{
	return (cp >= 0x2500 && cp <= 0x25FC) || (cp >= 0x2800 && cp <= 0x28FF) || (cp >= 0xA1 && cp <= 0xAC) ||
		(cp >= 0xAE && cp <= 0x2FF) || (cp >= 0x2190 && cp <= 0x21FF) || cp == 0x2026 || cp == 0x2713 || cp == 0x2717;
}

/* Nothing that starts with the byte at p can extend the character before it. */
static bool starts_afresh(const char *p, const char *end)
{
	if (p == end || (unsigned char)*p < 0x80)
		return true;
	return (unsigned char)p[0] == 0xE2 && end - p > 1 && (unsigned char)p[1] >= 0x94 && (unsigned char)p[1] <= 0xA3;
}

static void glyph_slow(const char **p, const char *end, struct glyph *g)
{
	uint32_t cp;
	size_t used = text_decode(*p, (size_t)(end - *p), &cp);
	struct grapheme gr;
	const char *at = *p;
	*g = (struct glyph){ cp, 1, *p, used };
	if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == REPLACEMENT || !text_next(&at, end, &gr) || gr.width <= 0 || gr.n < used) {
		g->cp = REPLACEMENT;
		*p += used;
		return;
	}
	g->width = gr.width > 2 ? 2 : gr.width;
	if (gr.n > used) {
		g->cp = CELL_CLUSTER;
		g->n = gr.n;
	}
	*p += gr.n;
}

/* The next glyph of p..end, p < end. */
static inline void glyph_next(const char **p, const char *end, struct glyph *g)
{
	unsigned char c = (unsigned char)**p;
	if (c >= 0x20 && c < 0x7F && (*p + 1 == end || (unsigned char)(*p)[1] < 0x80)) {
		*g = (struct glyph){ c, 1, *p, 1 };
		++*p;
		return;
	}
	if (c >= 0xC3) {
		uint32_t cp;
		size_t used = text_decode(*p, (size_t)(end - *p), &cp);
		if (is_plain_narrow(cp) && starts_afresh(*p + used, end)) {
			*g = (struct glyph){ cp, 1, *p, used };
			*p += used;
			return;
		}
	}
	glyph_slow(p, end, g);
}

static int width_of(const char *p, size_t n)
{
	const char *end = p + n;
	int w = 0;
	struct glyph g;
	while (p < end && w < 1 << 24) {
		glyph_next(&p, end, &g);
		w += g.width;
	}
	return w;
}

/* ---- putting cells */

/* Cells [x0, x1) of the row are about to be replaced: what would be left of a wide one becomes a blank. */
static inline void mend_wide(struct surface *s, struct cell *row, int x0, int x1)
{
	if (row[x0].ch == 0 && x0 > 0)
		row[x0 - 1].ch = ' ';
	if (x1 < s->w && row[x1].ch == 0)
		row[x1].ch = ' ';
}

static uint32_t pool_add(struct surface *s, const char *p, size_t n)
{
	while (n > CLUSTER_MAX) {
		n--;
		while (n && ((unsigned char)p[n] & 0xC0) == 0x80)
			n--;
	}
	if (s->pool_len + n + 1 > POOL_MAX)
		return REPLACEMENT;
	MEM_GROW(s->pool, s->pool_cap, s->pool_len + n + 1);
	uint32_t at = (uint32_t)s->pool_len;
	s->pool[at] = (unsigned char)n;
	memcpy(s->pool + at + 1, p, n);
	s->pool_len += n + 1;
	return CELL_CLUSTER | at;
}

static void put_glyph(struct surface *s, struct cell *row, struct rect c, int x, struct pen p, const struct glyph *g)
{
	if (x + g->width <= c.x || x >= c.x + c.w)
		return;
	if (g->width == 1) {
		mend_wide(s, row, x, x + 1);
		row[x] = (struct cell){ g->cp == CELL_CLUSTER ? pool_add(s, g->p, g->n) : g->cp, p.fg, p.bg, p.attr, 0 };
		return;
	}
	int x0 = max_int(x, c.x), x1 = min_int(x + 2, c.x + c.w);
	mend_wide(s, row, x0, x1);
	for (int i = x0; i < x1; i++)
		row[i] = (struct cell){ ' ', p.fg, p.bg, p.attr, 0 };
	if (x1 - x0 == 2) {
		row[x].ch = g->cp == CELL_CLUSTER ? pool_add(s, g->p, g->n) : g->cp;
		row[x + 1].ch = 0;
	}
}

int surface_textn(struct surface *s, struct rect clip, int x, int y, struct pen p, const char *text, size_t n)
{
	if (!text)
		return x;
	struct rect c = rect_cut(clip, surface_all(s));
	int ay = clip.y + y;
	if (c.w == 0 || ay < c.y || ay >= c.y + c.h)
		return x + width_of(text, n);
	struct cell *row = row_of(s, ay);
	const char *end = text + n;
	int ax = clip.x + x, right = c.x + c.w;
	struct glyph g;
	while (text < end && ax < right) {
		glyph_next(&text, end, &g);
		put_glyph(s, row, c, ax, p, &g);
		ax += g.width;
	}
	return ax - clip.x + width_of(text, (size_t)(end - text));
}

int surface_text(struct surface *s, struct rect clip, int x, int y, struct pen p, const char *text)
{
	return text ? surface_textn(s, clip, x, y, p, text, strlen(text)) : x;
}

int surface_textf(struct surface *s, struct rect clip, int x, int y, struct pen p, const char *fmt, ...)
{
	struct str t = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&t, fmt, ap);
	va_end(ap);
	int end = surface_textn(s, clip, x, y, p, t.p, t.len);
	str_free(&t);
	return end;
}

void surface_field(struct surface *s, struct rect clip, int x, int y, int width, int align, struct pen p, const char *text)
{
	if (width <= 0)
		return;
	size_t n = text ? strlen(text) : 0;
	int have = width_of(text, n);
	surface_fill(s, clip, (struct rect){ x, y, width, 1 }, p, ' ');
	struct rect field = rect_cut((struct rect){ clip.x + x, clip.y + y, width, 1 }, clip);
	int shift = clip.x + x - field.x;        /* < 0: the field begins left of the clip */
	if (have <= width) {
		int pad = align < 0 ? 0 : align > 0 ? width - have : (width - have) / 2;
		surface_textn(s, field, shift + pad, 0, p, text, n);
		return;
	}
	struct rect part = rect_cut((struct rect){ clip.x + x, clip.y + y, width - 1, 1 }, clip);
	surface_textn(s, part, clip.x + x - part.x, 0, p, text, n);
	surface_put(s, clip, x + width - 1, y, p, 0x2026);
}

void surface_put(struct surface *s, struct rect clip, int x, int y, struct pen p, uint32_t ch)
{
	struct rect a = area_on(s, clip, (struct rect){ x, y, 1, 1 });
	if (a.w == 0 || a.h == 0)
		return;
	struct cell *row = row_of(s, a.y);
	mend_wide(s, row, a.x, a.x + 1);
	row[a.x] = (struct cell){ ch < 0x20 || ch > 0x10FFFF ? REPLACEMENT : ch, p.fg, p.bg, p.attr, 0 };
}

void surface_fill(struct surface *s, struct rect clip, struct rect area, struct pen p, uint32_t ch)
{
	struct rect a = area_on(s, clip, area);
	if (a.w == 0)
		return;
	struct cell c = { ch < 0x20 || ch > 0x10FFFF ? REPLACEMENT : ch, p.fg, p.bg, p.attr, 0 };
	for (int y = a.y; y < a.y + a.h; y++) {
		struct cell *row = row_of(s, y);
		mend_wide(s, row, a.x, a.x + a.w);
		for (int x = a.x; x < a.x + a.w; x++)
			row[x] = c;
	}
}

/* Colours both halves of a wide character alike where an area's edge cuts it. */
static struct rect whole_glyphs(struct surface *s, struct rect a, int y)
{
	const struct cell *row = row_of(s, y);
	if (a.w && a.x > 0 && row[a.x].ch == 0) {
		a.x--;
		a.w++;
	}
	if (a.w && a.x + a.w < s->w && row[a.x + a.w].ch == 0)
		a.w++;
	return a;
}

void surface_paint_bg(struct surface *s, struct rect clip, struct rect area, uint8_t bg)
{
	struct rect a = area_on(s, clip, area);
	for (int y = a.y; y < a.y + a.h; y++) {
		struct rect r = whole_glyphs(s, a, y);
		struct cell *row = row_of(s, y);
		for (int x = r.x; x < r.x + r.w; x++)
			row[x].bg = bg;
	}
}

void surface_paint_attr(struct surface *s, struct rect clip, struct rect area, uint8_t attr)
{
	struct rect a = area_on(s, clip, area);
	for (int y = a.y; y < a.y + a.h; y++) {
		struct rect r = whole_glyphs(s, a, y);
		struct cell *row = row_of(s, y);
		for (int x = r.x; x < r.x + r.w; x++)
			row[x].attr |= attr;
	}
}

/* ---- lines that join */

static const uint16_t line_glyph[16] = {
	0x2500, 0x2502, 0x2502, 0x2502, 0x2500, 0x2518, 0x2510, 0x2524,
	0x2500, 0x2514, 0x250C, 0x251C, 0x2500, 0x2534, 0x252C, 0x253C,
};

static void put_line(struct surface *s, struct rect clip, int x, int y, struct pen p, uint8_t sides)
{
	struct rect a = area_on(s, clip, (struct rect){ x, y, 1, 1 });
	if (a.w == 0 || a.h == 0)
		return;
	struct cell *c = row_of(s, a.y) + a.x;
	sides |= c->flags & 15;
	mend_wide(s, row_of(s, a.y), a.x, a.x + 1);
	*c = (struct cell){ line_glyph[sides], p.fg, p.bg, p.attr, sides };
}

void surface_hline(struct surface *s, struct rect clip, int x, int y, int w, struct pen p)
{
	for (int i = 0; i < w; i++) {
		uint8_t sides = (uint8_t)((i > 0 || w == 1 ? LINE_LEFT : 0) | (i < w - 1 || w == 1 ? LINE_RIGHT : 0));
		put_line(s, clip, x + i, y, p, sides);
	}
}

void surface_vline(struct surface *s, struct rect clip, int x, int y, int h, struct pen p)
{
	for (int i = 0; i < h; i++) {
		uint8_t sides = (uint8_t)((i > 0 || h == 1 ? LINE_UP : 0) | (i < h - 1 || h == 1 ? LINE_DOWN : 0));
		put_line(s, clip, x, y + i, p, sides);
	}
}

/* ---- cursor, dumps */

void surface_cursor(struct surface *s, struct rect clip, int x, int y)
{
	struct rect c = rect_cut(clip, surface_all(s));
	bool shown = x >= 0 && rect_has(c, clip.x + x, clip.y + y);
	s->cursor_x = shown ? clip.x + x : -1;
	s->cursor_y = shown ? clip.y + y : -1;
}

bool surface_get_cursor(const struct surface *s, int *x, int *y)
{
	*x = s->cursor_x;
	*y = s->cursor_y;
	return s->cursor_x >= 0;
}

static void dump_row(const struct surface *s, int y, struct str *out)
{
	const struct cell *row = surface_row(s, y);
	char text[64];
	size_t start = out->len;
	for (int x = 0; x < s->w; x++)
		str_addn(out, text, surface_cell_text(s, row + x, text));
	while (out->len > start && out->p[out->len - 1] == ' ')
		str_cut(out, out->len - 1);
	str_addc(out, '\n');
}

void surface_dump(const struct surface *s, struct str *out)
{
	for (int y = 0; y < s->h; y++)
		dump_row(s, y, out);
}

static bool same_pen(const struct cell *a, const struct cell *b)
{
	return a->fg == b->fg && a->bg == b->bg && a->attr == b->attr;
}

static void dump_attr(struct str *out, uint8_t attr)
{
	static const struct { uint8_t bit; char name; } letters[] = {
		{ ATTR_BOLD, 'b' }, { ATTR_DIM, 'd' }, { ATTR_UNDERLINE, 'u' }, { ATTR_REVERSE, 'r' }, { ATTR_ITALIC, 'i' }, { ATTR_STRIKE, 's' },
	};
	str_addc(out, '/');
	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		if (attr & letters[i].bit)
			str_addc(out, letters[i].name);
}

void surface_dump_styles(const struct surface *s, struct str *out)
{
	for (int y = 0; y < s->h; y++) {
		const struct cell *row = surface_row(s, y);
		dump_row(s, y, out);
		for (int x = 0, end; x < s->w; x = end) {
			for (end = x + 1; end < s->w && same_pen(row + x, row + end); end++)
				;
			if (same_pen(row + x, &blank_cell))
				continue;
			str_addf(out, "%d %d..%d %s/%s", y, x, end - 1, role_name(row[x].fg), role_name(row[x].bg));
			dump_attr(out, row[x].attr);
			str_addc(out, '\n');
		}
	}
}
