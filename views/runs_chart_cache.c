/* Charts as they were painted last, to be copied while nothing about them changes.
 *
 * Why      the view is repainted for every key and once a second; 200 curves in four charts take milliseconds to raster, and
 *          moving the cursor in the table changes none of their dots.
 * Key      a hash of everything that a chart is painted from: its settings, size and place in time, and per series the
 *          stamp of its curve (stamps are never used twice), label, colour, focus and value at the crosshair. */
#include "views/runs_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211u;         /* FNV-1a */
	return h;
}

#define MIX(h, value) mix((h), &(value), sizeof (value))

static uint64_t mix_text(uint64_t h, const char *text)
{
	return text ? mix(h, text, strlen(text) + 1) : MIX(h, text);
}

static uint64_t mix_series(uint64_t h, const struct chart_series *s, uint64_t stamp)
{
	h = mix_text(MIX(h, stamp), s->label);
	h = MIX(MIX(MIX(h, s->role), s->mark), s->focused);
	if (s->has_cross)
		h = MIX(h, s->cross);
	return MIX(h, s->has_cross);
}

static uint64_t chart_hash(const struct chart *c, const uint64_t *stamps, const struct paint *p)
{
	uint64_t h = 14695981039346656037u;
	h = mix_text(mix_text(mix_text(h, c->title), c->footer), c->empty);
	h = MIX(MIX(MIX(MIX(h, c->x_lo), c->x_hi), c->log_x), c->log_y);
	h = MIX(MIX(MIX(MIX(h, c->x_kind), c->has_crosshair), c->crosshair), c->n_series);
	h = MIX(MIX(MIX(MIX(h, p->r.w), p->r.h), p->glyphs), p->ascii);
	for (size_t i = 0; i < c->n_flags; i++)
		h = MIX(h, c->flags[i].x);
	for (size_t i = 0; i < c->n_series; i++)
		h = mix_series(h, &c->series[i], stamps[i]);
	return h;
}

static void copy_cells(const struct paint *to, const struct surface *from, int w, int h)
{
	char text[64];
	for (int y = 0; y < h; y++) {
		const struct cell *row = surface_row(from, y);
		for (int x = 0; x < w; x++) {
			struct pen pen = { row[x].fg, row[x].bg, row[x].attr };
			bool wide = x + 1 < w && row[x + 1].ch == 0;
			if (!row[x].ch || (row[x].ch == ' ' && pen.bg == ROLE_TEXT && !pen.attr))
				continue;
			if (row[x].ch >= CELL_CLUSTER || wide)
				surface_textn(to->s, to->r, x, y, pen, text, surface_cell_text(from, &row[x], text));
			else
				surface_put(to->s, to->r, x, y, pen, row[x].ch);
		}
	}
}

void chart_paint_kept(struct chart_kept *k, const struct chart *c, const uint64_t *stamps, struct paint *p)
{
	uint64_t hash = chart_hash(c, stamps, p);
	if (p->r.w < 1 || p->r.h < 1)
		return;
	if (!k->cells || k->hash != hash) {
		if (!k->cells)
			k->cells = surface_new(p->r.w, p->r.h);
		surface_resize(k->cells, p->r.w, p->r.h);
		surface_clear(k->cells);
		struct paint own = *p;
		own.s = k->cells;
		own.r = surface_all(k->cells);
		chart_paint(c, &own);
		k->hash = hash;
	}
	copy_cells(p, k->cells, p->r.w, p->r.h);
}

void chart_kept_free(struct chart_kept *k)
{
	surface_free(k->cells);
	k->cells = NULL;
}
