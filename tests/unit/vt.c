#include "vt.h"
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/surface.h"

static const struct color plain = { .kind = COLOR_DEFAULT };

struct vt_cell *vt_at(struct vt *v, int x, int y)
{
	return &v->cells[y * v->w + x];
}

static struct vt_cell blank(const struct vt *v)
{
	return (struct vt_cell){ .text = " ", .fg = plain, .bg = v->bce ? v->bg : plain, .width = 1 };
}

static void erase(struct vt *v, int y, int from, int to)
{
	for (int x = from; x < to; x++)
		*vt_at(v, x, y) = blank(v);
}

void vt_init(struct vt *v, int w, int h)
{
	memset(v, 0, sizeof *v);
	v->w = w;
	v->h = h;
	v->bottom = h - 1;
	str_init(&v->rest);
	v->fg = v->bg = plain;
	v->cursor = v->clusters = true;
	v->cells = mem_array((size_t)(w * h), sizeof *v->cells);
	for (int y = 0; y < h; y++)
		erase(v, y, 0, w);
}

void vt_done(struct vt *v)
{
	free(v->cells);
	str_free(&v->rest);
}

static void scroll(struct vt *v, int top, int bottom, int by)
{
	size_t row = (size_t)v->w * sizeof *v->cells;
	for (; by > 0; by--) {
		memmove(vt_at(v, 0, top), vt_at(v, 0, top + 1), row * (size_t)(bottom - top));
		erase(v, bottom, 0, v->w);
	}
	for (; by < 0; by++) {
		memmove(vt_at(v, 0, top + 1), vt_at(v, 0, top), row * (size_t)(bottom - top));
		erase(v, top, 0, v->w);
	}
}

static void line_feed(struct vt *v)
{
	v->wrap = false;
	if (v->y == v->bottom)
		scroll(v, v->top, v->bottom, 1);
	else if (v->y < v->h - 1)
		v->y++;
}

static void become_blank(struct vt_cell *c)
{
	c->text[0] = ' ';
	c->text[1] = 0;
	c->width = 1;
}

static void break_wide(struct vt *v, int x)
{
	struct vt_cell *c = vt_at(v, x, v->y);
	if (c->width == 0 && x > 0)
		become_blank(c - 1);
	if (c->width == 2 && x + 1 < v->w)
		become_blank(c + 1);
}

static void put(struct vt *v, const char *text, size_t n, int width)
{
	if (v->wrap || v->x + width > v->w) {
		v->wrapped++;
		line_feed(v);
		v->x = 0;
	}
	for (int i = 0; i < width; i++)
		break_wide(v, v->x + i);
	struct vt_cell c = { .fg = v->fg, .bg = v->bg, .attr = v->attr, .width = width };
	memcpy(c.text, text, n);
	*vt_at(v, v->x, v->y) = v->last = c;
	if (width == 2) {
		c.width = 0;
		c.text[0] = 0;
		*vt_at(v, v->x + 1, v->y) = c;
	}
	v->x += width;
	if (v->x >= v->w) {
		v->x = v->w - 1;
		v->wrap = true;
	}
}

/* Printable text: whole clusters, or their parts when the terminal knows none. */
static void print(struct vt *v, const char *p, size_t n)
{
	const char *end = p + n;
	struct grapheme g;
	while (p < end && text_next(&p, end, &g)) {
		if (v->clusters) {
			put(v, g.p, g.n, g.width);
			continue;
		}
		for (size_t i = 0, used; i < g.n; i += used) {
			uint32_t cp;
			used = text_decode(g.p + i, g.n - i, &cp);
			int width = text_width(g.p + i, used);
			if (cp != 0x200D && (cp < 0x300 || cp > 0x36F) && width > 0)
				put(v, g.p + i, used, width);
		}
	}
}

static int clamp(int v, int lo, int hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

static size_t sgr_color(const int *p, int n, struct color *c)
{
	if (n >= 3 && p[1] == 5) {
		*c = (struct color){ p[2] < 16 ? COLOR_BASIC : COLOR_256, (uint8_t)p[2], 0, 0, 0 };
		return 2;
	}
	if (n >= 5 && p[1] == 2) {
		*c = (struct color){ COLOR_RGB, 0, (uint8_t)p[2], (uint8_t)p[3], (uint8_t)p[4] };
		return 4;
	}
	return 0;
}

static struct color basic(int i)
{
	return (struct color){ COLOR_BASIC, (uint8_t)i, 0, 0, 0 };
}

static void sgr(struct vt *v, const int *p, int n)
{
	static const unsigned on[10] = { 0, ATTR_BOLD, ATTR_DIM, ATTR_ITALIC, ATTR_UNDERLINE, 0, 0, ATTR_REVERSE, 0, ATTR_STRIKE };
	for (int i = 0; i < n; i++) {
		int c = p[i];
		if (c == 0) {
			v->attr = 0;
			v->fg = v->bg = plain;
		} else if (c < 10 && on[c]) {
			v->attr |= on[c];
		} else if (c == 22) {
			v->attr &= ~(unsigned)(ATTR_BOLD | ATTR_DIM);
		} else if (c > 22 && c < 30 && on[c - 20]) {
			v->attr &= ~on[c - 20];
		} else if (c == 38 || c == 48) {
			i += (int)sgr_color(p + i, n - i, c == 38 ? &v->fg : &v->bg);
		} else if (c == 39) {
			v->fg = plain;
		} else if (c == 49) {
			v->bg = plain;
		} else if (c >= 30 && c < 38) {
			v->fg = basic(c - 30);
		} else if (c >= 40 && c < 48) {
			v->bg = basic(c - 40);
		} else if (c >= 90 && c < 98) {
			v->fg = basic(c - 82);
		} else if (c >= 100 && c < 108) {
			v->bg = basic(c - 92);
		} else {
			v->unknown++;
		}
	}
}

static void set_mode(struct vt *v, int mode, bool on)
{
	switch (mode) {
	case 25: v->cursor = on; break;
	case 12: case 1: case 7: break;
	case 1049: case 47: v->alternate = on; break;
	case 2004: v->paste = on; break;
	case 1002: case 1006: v->mouse = on; break;
	default: v->unknown++;
	}
}

static void clear_screen(struct vt *v, int kind)
{
	v->clears += kind >= 2 || (kind == 0 && v->x == 0 && v->y == 0);
	if (kind == 0)
		erase(v, v->y, v->x, v->w);
	for (int y = kind == 0 ? v->y + 1 : 0; y < v->h; y++)
		erase(v, y, 0, v->w);
}

static void csi(struct vt *v, bool private, const int *p, int n, char final)
{
	int one = n && p[0] ? p[0] : 1, two = n > 1 && p[1] ? p[1] : 1, first = n ? p[0] : 0;
	if (final != 'm' && final != 'b')
		v->wrap = false;
	switch (final) {
	case 'H': v->y = clamp(one, 1, v->h) - 1; v->x = clamp(two, 1, v->w) - 1; break;
	case 'A': v->y = clamp(v->y - one, 0, v->h - 1); break;
	case 'B': v->y = clamp(v->y + one, 0, v->h - 1); break;
	case 'C': v->x = clamp(v->x + one, 0, v->w - 1); break;
	case 'D': v->x = clamp(v->x - one, 0, v->w - 1); break;
	case 'G': v->x = clamp(one, 1, v->w) - 1; break;
	case 'd': v->y = clamp(one, 1, v->h) - 1; break;
	case 'J': clear_screen(v, first); break;
	case 'K': erase(v, v->y, first == 0 ? v->x : 0, first == 1 ? v->x + 1 : v->w); break;
	case 'X': erase(v, v->y, v->x, clamp(v->x + one, 0, v->w)); break;
	case 'b': for (int i = 0; i < one; i++) put(v, v->last.text, strlen(v->last.text), v->last.width); break;
	case 't': v->unknown += first != 22 && first != 23; break;     /* title stack */
	case 'S': scroll(v, v->top, v->bottom, one); break;
	case 'T': scroll(v, v->top, v->bottom, -one); break;
	case 'm': sgr(v, n ? p : &first, n ? n : 1); break;
	case 'r':
		v->top = n ? one - 1 : 0;
		v->bottom = n > 1 ? two - 1 : v->h - 1;
		v->x = v->y = 0;
		break;
	case 'h': case 'l':
		for (int i = 0; i < n; i++)
			private ? set_mode(v, p[i], final == 'h') : (void)(v->unknown += p[i] != 34);
		break;
	case 'c': v->unknown += !private; break;                        /* the linux console's cursor shape */
	default: v->unknown++;
	}
}

/* One escape sequence at s..end: its length, 0 when it is not complete. */
static size_t escape(struct vt *v, const char *s, const char *end)
{
	if (end - s < 2)
		return 0;
	if (s[1] == ']' || s[1] == 'P') {
		const char *stop = memchr(s, '\a', (size_t)(end - s));
		return stop ? (size_t)(stop - s) + 1 : 0;
	}
	if (s[1] == '(' || s[1] == ')')
		return end - s < 3 ? 0 : 3;
	if (s[1] != '[') {
		if (s[1] == 'M' && v->y == v->top)
			scroll(v, v->top, v->bottom, -1);
		else if (s[1] == 'M')
			v->y = clamp(v->y - 1, 0, v->h - 1);
		else if (s[1] != '7' && s[1] != '8' && s[1] != '>' && s[1] != '=' && s[1] != '\\')
			v->unknown++;
		return 2;
	}
	const char *at = s + 2;
	int p[16] = { 0 }, n = 0;
	bool private = at < end && *at == '?', digits = false;
	for (at += private; at < end && (*at < '@' || *at > '~'); at++) {
		if (*at >= '0' && *at <= '9') {
			p[n] = p[n] * 10 + (*at - '0');
			digits = true;
		} else if (*at == ';' && n < 15) {
			n++;
			digits = true;
		} else {
			v->unknown++;
		}
	}
	if (at == end)
		return 0;
	csi(v, private, p, digits ? n + 1 : 0, *at);
	return (size_t)(at - s) + 1;
}

static void control(struct vt *v, char c)
{
	if (c == '\r' || c == '\b')
		v->wrap = false;
	if (c == '\r')
		v->x = 0;
	else if (c == '\b')
		v->x = v->x > 0 ? v->x - 1 : 0;
	else if (c == '\n')
		line_feed(v);
	else if (c != '\a' && c != 0x0F)
		v->unknown++;
}

/* Bytes at the end that are the beginning of a character. */
static size_t split_character(const char *s, const char *end)
{
	for (size_t back = 1; back <= 3 && end - s >= (ptrdiff_t)back; back++) {
		unsigned char c = (unsigned char)end[-(ptrdiff_t)back];
		if (c >= 0xC0)
			return back < (c >= 0xF0 ? 4u : c >= 0xE0 ? 3u : 2u) ? back : 0;
	}
	return 0;
}

/* Takes what is complete; returns where it stopped. */
static const char *take(struct vt *v, const char *s, const char *end)
{
	while (s < end) {
		if (*s == 0x1B) {
			size_t used = escape(v, s, end);
			if (!used)
				return s;
			s += used;
		} else if ((unsigned char)*s < 0x20 || *s == 0x7F) {
			control(v, *s++);
		} else {
			const char *from = s;
			while (s < end && (unsigned char)*s >= 0x20 && *s != 0x7F)
				s++;
			size_t split = s == end ? split_character(from, end) : 0;
			print(v, from, (size_t)(s - from) - split);
			if (split)
				return s - split;
		}
	}
	return s;
}

void vt_feed(struct vt *v, const char *s, size_t n)
{
	str_addn(&v->rest, s, n);
	size_t used = (size_t)(take(v, v->rest.p, v->rest.p + v->rest.len) - v->rest.p);
	memmove(v->rest.p, v->rest.p + used, v->rest.len - used);
	str_cut(&v->rest, v->rest.len - used);
}
