#include "tui/widget.h"
#include <string.h>
#include "core/base/text.h"

static const struct { uint32_t sign, ascii; } signs[SIGN_COUNT] = {
	[SIGN_MARK] = { 0x25C6, '*' }, [SIGN_BAR] = { 0x258C, '>' }, [SIGN_UP] = { 0x25B4, '^' }, [SIGN_DOWN] = { 0x25BE, 'v' },
	[SIGN_OPEN] = { 0x25BE, 'v' }, [SIGN_SHUT] = { 0x25B8, '>' }, [SIGN_LEFT] = { 0x2039, '<' }, [SIGN_RIGHT] = { 0x203A, '>' },
	[SIGN_RULE] = { 0x2502, '|' }, [SIGN_ELLIPSIS] = { 0x2026, '~' }, [SIGN_MISSING] = { 0x00B7, '.' },
};

uint32_t paint_sign(const struct paint *p, enum sign s)
{
	return p->ascii ? signs[s].ascii : signs[s].sign;
}

struct paint paint_sub(const struct paint *p, int x, int y, int w, int h)
{
	struct paint sub = *p;
	sub.r = rect_cut((struct rect){ p->r.x + x, p->r.y + y, w, h }, p->r);
	return sub;
}

int paint_text(const struct paint *p, int x, int y, struct pen pen, const char *text)
{
	return surface_text(p->s, p->r, x, y, pen, text);
}

void paint_put(const struct paint *p, int x, int y, struct pen pen, uint32_t ch)
{
	surface_put(p->s, p->r, x, y, pen, ch);
}

/* Bytes of the longest start that fits `width` cells; *used: its cells. */
static size_t fitting(const char *text, size_t n, int width, int *used)
{
	const char *at = text;
	struct grapheme g;
	*used = 0;
	while (text_next(&at, text + n, &g)) {
		if (*used + g.width > width)
			return (size_t)(g.p - text);
		*used += g.width;
	}
	return n;
}

void paint_field(const struct paint *p, int x, int y, int width, int align, struct pen pen, const char *text, size_t n)
{
	int used;
	if (width <= 0)
		return;
	size_t fits = fitting(text, n, width, &used);
	bool cut = fits < n;
	if (cut) {
		fits = fitting(text, fits, width - 1, &used);
		used++;
	}
	int pad = width - used, left = align < 0 ? 0 : align > 0 ? pad : pad / 2;
	if (left > 0)
		surface_fill(p->s, p->r, (struct rect){ x, y, left, 1 }, pen, ' ');
	int at = surface_textn(p->s, p->r, x + left, y, pen, text, fits);
	if (cut)
		surface_put(p->s, p->r, at++, y, pen, paint_sign(p, SIGN_ELLIPSIS));
	if (at < x + width)
		surface_fill(p->s, p->r, (struct rect){ at, y, x + width - at, 1 }, pen, ' ');
}
