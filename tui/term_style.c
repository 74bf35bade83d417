#include "tui/term_priv.h"
#include <stdio.h>
#include <string.h>

/* ---- palette */

static size_t color_code(const struct tcaps *c, struct color v, bool background, char out[20])
{
	int base = background ? 10 : 0;
	switch (v.kind) {
	case COLOR_BASIC:
		if (v.index < 8)
			return (size_t)snprintf(out, 20, "%d", 30 + base + v.index);
		if (c->bright)
			return (size_t)snprintf(out, 20, "%d", 90 + base + v.index - 8);
		return (size_t)snprintf(out, 20, "%d;5;%d", 38 + base, v.index);
	case COLOR_256:
		return (size_t)snprintf(out, 20, "%d;5;%d", 38 + base, v.index);
	case COLOR_RGB:
		return (size_t)snprintf(out, 20, "%d;2;%d;%d;%d", 38 + base, v.r, v.g, v.b);
	}
	return (size_t)snprintf(out, 20, "%d", 39 + base);
}

static uint8_t palette_id(struct palette *p, const struct tcaps *c, struct color v)
{
	if (v.kind == COLOR_NONE)
		v.kind = COLOR_DEFAULT;
	for (int i = 0; i < p->n; i++)
		if (color_same(p->at[i].color, v))
			return (uint8_t)i;
	struct palette_entry *e = &p->at[p->n];
	e->color = v;
	e->fg_n = (uint8_t)color_code(c, v, false, e->fg);
	e->bg_n = (uint8_t)color_code(c, v, true, e->bg);
	return (uint8_t)p->n++;
}

void palette_build(struct palette *p, const struct tcaps *c, const struct theme *theme, enum color_depth depth)
{
	_Static_assert(2 * ROLE_COUNT < 256, "every role's two colours have a number");
	struct theme t;
	theme_reduce(theme, depth, &t);
	p->n = 0;
	palette_id(p, c, (struct color){ .kind = COLOR_DEFAULT });
	for (int r = 0; r < ROLE_COUNT; r++) {
		p->fg[r] = palette_id(p, c, t.style[r].fg);
		p->bg[r] = palette_id(p, c, t.style[r].bg);
		p->attr[r] = t.style[r].attr & c->attrs;
		if (p->fg[r] || p->bg[r])
			p->attr[r] &= (uint8_t)~c->ncv;
	}
}

/* ---- pens */

bool pen_shows_blank(struct tpen p, uint8_t bg)
{
	return p.bg == bg && !(p.attr & ATTR_SHOWS_ON_BLANK);
}

struct tpen pen_for_blank(struct tpen now, uint8_t bg)
{
	return (struct tpen){ now.fg, bg, now.attr & (uint8_t)~ATTR_SHOWS_ON_BLANK };
}

struct codes { char text[SGR_MAX]; size_t n; };

static void add_code(struct codes *c, const char *code, size_t n)
{
	if (c->n)
		c->text[c->n++] = ';';
	memcpy(c->text + c->n, code, n);
	c->n += n;
}

static const struct { uint8_t bit; char on, off; } attr_codes[] = {
	{ ATTR_BOLD, '1', '2' }, { ATTR_DIM, '2', '2' }, { ATTR_UNDERLINE, '4', '4' }, { ATTR_REVERSE, '7', '7' }, { ATTR_ITALIC, '3', '3' }, { ATTR_STRIKE, '9', '9' },
};
enum { ATTR_CODES = sizeof attr_codes / sizeof *attr_codes };

static void add_attrs(struct codes *c, uint8_t attrs)
{
	for (int i = 0; i < ATTR_CODES; i++)
		if (attrs & attr_codes[i].bit)
			add_code(c, &attr_codes[i].on, 1);
}

/* Only what differs. 22 ends bold and dim alike, so the one that stays is said again. */
static void by_difference(const struct palette *p, struct tpen from, struct tpen to, struct codes *c)
{
	enum { WEIGHT = ATTR_BOLD | ATTR_DIM };
	uint8_t off = from.attr & (uint8_t)~to.attr, on = to.attr & (uint8_t)~from.attr;
	if (off & WEIGHT) {
		add_code(c, "22", 2);
		on |= to.attr & WEIGHT;
	}
	for (int i = 2; i < ATTR_CODES; i++)
		if (off & attr_codes[i].bit) {
			const char code[2] = { '2', attr_codes[i].off };
			add_code(c, code, 2);
		}
	add_attrs(c, on);
	if (from.fg != to.fg)
		add_code(c, p->at[to.fg].fg, p->at[to.fg].fg_n);
	if (from.bg != to.bg)
		add_code(c, p->at[to.bg].bg, p->at[to.bg].bg_n);
}

static void by_reset(const struct palette *p, struct tpen to, struct codes *c)
{
	if (to.attr || to.fg || to.bg)
		add_code(c, "0", 1);
	add_attrs(c, to.attr);
	if (to.fg)
		add_code(c, p->at[to.fg].fg, p->at[to.fg].fg_n);
	if (to.bg)
		add_code(c, p->at[to.bg].bg, p->at[to.bg].bg_n);
}

size_t sgr_change(const struct palette *p, const struct tcaps *c, const struct tpen *from, struct tpen to, char out[SGR_MAX])
{
	struct codes reset = { .n = 0 }, step = { .n = 0 };
	if (from && from->fg == to.fg && from->bg == to.bg && from->attr == to.attr)
		return 0;
	by_reset(p, to, &reset);
	const struct codes *best = &reset;
	if (from && (c->sgr_off || !(from->attr & (uint8_t)~to.attr))) {
		by_difference(p, *from, to, &step);
		if (step.n <= reset.n)
			best = &step;
	}
	out[0] = '\033';
	out[1] = '[';
	memcpy(out + 2, best->text, best->n);
	out[2 + best->n] = 'm';
	return best->n + 3;
}
