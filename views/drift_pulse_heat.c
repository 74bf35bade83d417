/* What a cell of the heat map says, and by which sign and colour. Every state has a sign of its own, so that nothing rests on colour. */
#include "views/drift_pulse.h"

#include <math.h>
#include <string.h>

#include "core/base/arena.h"

/* Below 1 a column does not drift; reports give at least 1 to those that do. */
static const float SLIGHT = 0.25f, SOME = 0.6f, STRONG = 3;

static const struct { const char *words; uint32_t sign; char ascii; uint8_t role, attr; } heats[HEAT_COUNT] = {
	[HEAT_BEYOND] = { "before the first window", ' ', ' ', ROLE_DIM, 0 },
	[HEAT_NOT_RUN] = { "not looked at", 0xb7 /* · */, '.', ROLE_DIM, 0 },
	[HEAT_ABSENT] = { "no such column then", 0x2013 /* – */, '-', ROLE_DIM, 0 },
	[HEAT_CALM] = { "unchanged", 0x2581, '_', ROLE_HEAT0, 0 },
	[HEAT_SLIGHT] = { "a little", 0x2582, ':', ROLE_HEAT1, 0 },
	[HEAT_SOME] = { "within its floor", 0x2583, '=', ROLE_HEAT2, 0 },
	[HEAT_MISSING] = { "no data", 0x25cb /* ○ */, '?', ROLE_DIM, 0 },
	[HEAT_WATCH] = { "watch", 0x2584, '+', ROLE_HEAT3, 0 },
	[HEAT_FAILED] = { "failed", 0x2717 /* ✗ */, 'x', ROLE_BAD, 0 },
	[HEAT_DRIFTED] = { "drifted", 0x2586, '#', ROLE_HEAT4, 0 },
	[HEAT_STRONG] = { "drifted far", 0x2587, '@', ROLE_HEAT5, 0 },
};

uint32_t heat_sign(const struct paint *p, enum heat h)
{
	return p->ascii || p->glyphs == GLYPHS_ASCII ? (uint32_t)heats[h].ascii : heats[h].sign;
}

struct pen heat_pen(enum heat h)
{
	return (struct pen){ heats[h].role, ROLE_TEXT, heats[h].attr };
}

const char *heat_words(enum heat h)
{
	return heats[h].words;
}

static enum heat heat_of_state(const struct pulse_window *w)
{
	static const uint8_t heat[] = { [PULSE_NOT_RUN] = HEAT_NOT_RUN, [PULSE_MISSING] = HEAT_MISSING, [PULSE_FAILED] = HEAT_FAILED, [PULSE_DONE] = HEAT_CALM };
	return !w ? HEAT_BEYOND : heat[w->state];
}

static enum heat heat_of(float severity, bool drifted, bool watch)
{
	if (drifted)
		return severity >= STRONG ? HEAT_STRONG : HEAT_DRIFTED;
	return watch ? HEAT_WATCH : severity >= SOME ? HEAT_SOME : severity >= SLIGHT ? HEAT_SLIGHT : HEAT_CALM;
}

enum heat heat_of_cell(const struct pulse_window *w, const struct pulse_cell *c)
{
	if (!w || w->state != PULSE_DONE)
		return heat_of_state(w);
	return isnan(c->severity) ? HEAT_ABSENT : heat_of(c->severity, c->drifted, c->watch);
}

/* ---- a group as a whole ---- */

/* The verdict of the report decides the colour, the worst column how strong it is. */
static enum heat heat_of_window(const struct pulse_group *g, size_t i, uint16_t *drifted)
{
	const struct pulse_window *w = &g->windows[i];
	float worst = 0;
	for (size_t r = 0; r < g->n_rows; r++) {
		const struct pulse_cell *c = &g->rows[r].cells[i];
		*drifted = (uint16_t)(*drifted + c->drifted);
		worst = c->severity > worst ? c->severity : worst;
	}
	if (w->state != PULSE_DONE)
		return heat_of_state(w);
	return heat_of(worst, strcmp(w->verdict, "drifted") == 0, strcmp(w->verdict, "watch") == 0);
}

void pulse_over_make(struct drift_view *v)
{
	struct pulse_page *s = pulse_page(v);
	arena_free(s->over_arena);
	s->over_arena = arena_new();
	s->n_over = v->pulse ? v->pulse->n : 0;
	s->over = arena_array(s->over_arena, s->n_over + 1, sizeof *s->over);
	for (size_t k = 0; k < s->n_over; k++) {
		const struct pulse_group *g = &v->pulse->groups[k];
		s->over[k].heat = arena_array(s->over_arena, g->n_windows + 1, 1);
		s->over[k].drifted = arena_array(s->over_arena, g->n_windows + 1, sizeof *s->over[k].drifted);
		for (size_t i = 0; i < g->n_windows; i++)
			s->over[k].heat[i] = (uint8_t)heat_of_window(g, i, &s->over[k].drifted[i]);
	}
}

enum heat pulse_heat(const struct drift_view *v, size_t row, size_t age)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_chosen(v);
	if (!g) {
		const struct pulse_group *of = &v->pulse->groups[row];
		return age < of->n_windows ? (enum heat)s->over[row].heat[of->n_windows - 1 - age] : HEAT_BEYOND;
	}
	return age < g->n_windows ? heat_of_cell(&g->windows[g->n_windows - 1 - age], &g->rows[row].cells[g->n_windows - 1 - age]) : HEAT_BEYOND;
}
