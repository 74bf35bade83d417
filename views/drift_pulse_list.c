/* The groups beside the map: monitors and series of reports, worst first, each with its state, what drifted in its newest window, alerts, and
 * how long ago it was looked at. */
#include "views/drift_pulse.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"

enum { LIST_MIN = 26, LIST_MOST = 40, BEHIND = 15 /* cells for counts and age */ };

static const struct { const char *state, *sign, *ascii; enum role role; } states[] = {
	{ "drifted", "▲", "^", ROLE_BAD }, { "trouble", "✗", "x", ROLE_BAD }, { "watch", "◌", "o", ROLE_WARN }, { "stable", "✓", "+", ROLE_GOOD }, { "new", "·", ".", ROLE_DIM },
};

static size_t state_row(const struct pulse_group *g)
{
	size_t i = 0, last = sizeof states / sizeof *states - 1;
	while (i < last && strcmp(states[i].state, g->state) != 0)
		i++;
	return i;
}

const char *pulse_state_sign(const struct paint *p, const struct pulse_group *g)
{
	size_t i = state_row(g);
	return p->ascii ? states[i].ascii : states[i].sign;
}

enum role pulse_state_role(const struct pulse_group *g)
{
	return states[state_row(g)].role;
}

int pulse_list_width(const struct drift_view *v, int width)
{
	int w = LIST_MIN;
	for (size_t i = 0; v->pulse && i < v->pulse->n; i++) {
		const char *name = v->pulse->groups[i].name;
		int need = 4 + text_width(name, strlen(name)) + BEHIND;
		w = need > w ? need : w;
	}
	int most = width * 3 / 10 < LIST_MOST ? width * 3 / 10 : LIST_MOST;
	return w < most ? w : most;
}

static size_t chosen_row(const struct drift_view *v)
{
	const struct pulse_group *g = pulse_chosen(v);
	return g ? (size_t)(g - v->pulse->groups) : 0;
}

/* Drifted columns of the newest window that was looked at. */
static unsigned drifted_now(const struct drift_view *v, size_t group)
{
	const struct pulse_group *g = &v->pulse->groups[group];
	size_t i = g->n_windows;
	while (i && g->windows[i - 1].state != PULSE_DONE)
		i--;
	return i ? pulse_page(v)->over[group].drifted[i - 1] : 0;
}

static void paint_row(const struct drift_view *v, const struct paint *p, int y, size_t i)
{
	const struct pulse_group *g = &v->pulse->groups[i];
	const struct pulse_window *w = pulse_window(g, 0);
	char age[FMT_MAX] = "", text[32];
	bool cursor = i == chosen_row(v), silent = g->silent_until_ms > clock_wall_ms();
	unsigned drifted = drifted_now(v, i);
	int right = p->r.w - 1;
	paint_text(p, 2, y, PEN(pulse_state_role(g)), pulse_state_sign(p, g));
	paint_field(p, 4, y, right - BEHIND - 4, -1, PEN(cursor ? ROLE_STRONG : ROLE_TEXT), g->name, strlen(g->name));
	if (drifted) {
		int n = snprintf(text, sizeof text, "%u", drifted);
		paint_field(p, right - BEHIND + 1, y, 4, 1, PEN(pulse_state_role(g)), text, (size_t)n);
	}
	if (silent)
		paint_text(p, right - 8, y, PEN(ROLE_DIM), "z");
	if (g->alerts_open) {
		int n = snprintf(text, sizeof text, "!%zu", g->alerts_open);
		paint_field(p, right - 8, y, 3, 1, PEN(ROLE_BAD), text, (size_t)n);
	}
	if (w && w->ms)
		fmt_age(age, clock_wall_ms() > w->ms ? clock_wall_ms() - w->ms : 0);
	paint_field(p, right - 4, y, 4, 1, PEN(ROLE_DIM), age, strlen(age));
	if (cursor) {
		paint_put(p, 0, y, PEN(p->focus ? ROLE_ACCENT : ROLE_RULE), paint_sign(p, SIGN_BAR));
		surface_paint_bg(p->s, p->r, (struct rect){ 0, y, p->r.w, 1 }, p->focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
	}
}

void pulse_list_paint(struct drift_view *v, struct paint *p)
{
	struct pulse_page *s = pulse_page(v);
	char title[64];
	size_t page = p->r.h > 1 ? (size_t)p->r.h - 1 : 0, at = chosen_row(v);
	snprintf(title, sizeof title, "Watched · %zu", v->pulse->n);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title, NULL, p->focus);
	s->list_top = at < s->list_top ? at : page && at >= s->list_top + page ? at + 1 - page : s->list_top;
	for (size_t i = 0; i < page && s->list_top + i < v->pulse->n; i++)
		paint_row(v, p, 1 + (int)i, s->list_top + i);
}

static void choose_row(struct drift_view *v, size_t i)
{
	pulse_choose(v, v->pulse->groups[i].name);
}

void pulse_list_move(struct drift_view *v, enum drift_move m)
{
	const struct pulse_page *s = pulse_page(v);
	long to = (long)chosen_row(v) + drift_rows_of(m, s->list.h - 1, v->pulse->n), last = (long)v->pulse->n - 1;
	choose_row(v, to < 0 ? 0 : to > last ? (size_t)last : (size_t)to);
}

void pulse_list_click(struct drift_view *v, int y)
{
	size_t i = pulse_page(v)->list_top + (size_t)(y > 0 ? y - 1 : 0);
	if (i < v->pulse->n)
		choose_row(v, i);
}
