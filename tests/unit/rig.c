#include "rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tui/term_caps.h"

void rig_open(struct rig *r, const char *name, int w, int h, const char *theme, int depth, bool ascii)
{
	struct term_options o = { .depth = depth, .ascii = ascii };
	struct tcaps caps;
	struct err e;
	memset(r, 0, sizeof *r);
	str_init(&r->sink);
	assert_int_equal(tcaps_load(&caps, name, &e), ST_OK);
	r->t = term_open_sink(name, w, h, &o, &r->sink, &e);
	assert_non_null(r->t);
	assert_int_equal(theme_load(&r->theme, theme, NULL, &e), ST_OK);
	term_set_theme(r->t, &r->theme);
	theme_reduce(&r->theme, term_caps(r->t)->depth, &r->theme);
	r->s = surface_new(w, h);
	vt_init(&r->vt, w, h);
	r->vt.bce = caps.bce;
	r->attrs = caps.attrs;
	r->ncv = caps.ncv;
	tcaps_done(&caps);
}

void rig_close(struct rig *r)
{
	term_close(r->t);
	surface_free(r->s);
	str_free(&r->sink);
	vt_done(&r->vt);
}

/* What a cell should look like, worked out from the theme's contract. */
static struct vt_cell expected(const struct rig *r, const struct cell *c)
{
	const struct style *fg = &r->theme.style[c->fg], *bg = &r->theme.style[c->bg == ROLE_TEXT ? c->fg : c->bg];
	struct vt_cell e = { .fg = fg->fg, .bg = bg->bg, .attr = c->attr | (fg->attr & r->attrs) };
	if (c->bg != ROLE_TEXT)
		e.attr |= bg->attr;
	e.attr &= r->attrs;
	if (e.fg.kind != COLOR_DEFAULT || e.bg.kind != COLOR_DEFAULT)
		e.attr &= ~(unsigned)r->ncv;
	surface_cell_text(r->s, c, e.text);
	return e;
}

static bool shown_right(const struct vt_cell *e, const struct vt_cell *v)
{
	const unsigned visible = ATTR_UNDERLINE | ATTR_REVERSE | ATTR_STRIKE;
	if (strcmp(e->text, v->text) != 0 || !color_same(e->bg, v->bg))
		return false;
	if (strcmp(e->text, " ") == 0 && !(e->attr & visible))
		return !(v->attr & visible);
	return e->attr == v->attr && color_same(e->fg, v->fg);
}

void rig_check(struct rig *r, bool spill)
{
	int x, y, cx, cy;
	for (y = 0; y < r->vt.h; y++)
		for (x = 0; x < r->vt.w; x++) {
			const struct cell *c = surface_row(r->s, y) + x;
			struct vt_cell e = expected(r, c), *v = vt_at(&r->vt, x, y);
			if (spill && ((c->ch & CELL_CLUSTER) || (c->ch == 0 && (c[-1].ch & CELL_CLUSTER))))
				continue;
			if (!shown_right(&e, v))
				fail_msg("%d,%d: want '%s' %d/%d %x, shown '%s' %d/%d %x", x, y, e.text, e.fg.index, e.bg.index, e.attr, v->text, v->fg.index, v->bg.index, v->attr);
		}
	assert_int_equal(r->vt.unknown, 0);
	assert_int_equal(r->vt.rest.len, 0);
	assert_int_equal(r->vt.wrapped, 0);
	bool cursor = surface_get_cursor(r->s, &cx, &cy);
	if (cursor)
		assert_true(r->vt.x == cx && r->vt.y == cy);
}

void rig_present(struct rig *r)
{
	str_clear(&r->sink);
	term_present(r->t, r->s);
	r->bytes = r->sink.len;
	vt_feed(&r->vt, r->sink.p, r->sink.len);
}

void rig_show(struct rig *r)
{
	rig_present(r);
	rig_check(r, false);
}
