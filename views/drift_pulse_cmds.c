/* Commands of the pulse: which group, in which order, how wide, and the ways to what is red. */
#include "views/drift_pulse.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/drift_commands.h"

const char *drift_why_no_pulse(const struct cmd_ctx *c)
{
	return drift_page_id(c->view) == DRIFT_PAGE_pulse ? NULL : "the pulse is not on the screen";
}

const char *drift_why_no_map(const struct cmd_ctx *c)
{
	const char *why = drift_why_no_pulse(c);
	const struct drift_view *v = c->view;
	return why ? why : pulse_page(v)->n_order ? NULL : "nothing is shown here";
}

static void down_to_pulse(struct drift_view *v)
{
	while (drift_leave(v))
		;
}

/* Before the first load it is kept in mind. */
static bool later(struct drift_view *v, const char *name, bool model)
{
	struct pulse_page *s = pulse_page(v);
	if (v->loaded)
		return false;
	free(s->pending);
	s->pending = mem_strdup(name);
	s->pending_model = model;
	return true;
}

DRIFT_CMD(pulse)
{
	struct drift_view *v = c->view;
	if (argc > 1 && later(v, argv[1], false))
		return ST_OK;
	if (argc > 1 && !drift_group(v, argv[1]))
		return err_set(e, ST_NOT_FOUND, "no monitor and no series of reports is called \"%s\"", argv[1]);
	down_to_pulse(v);
	if (argc > 1)
		pulse_choose(v, argv[1]);
	else if (v->pulse && v->pulse->n > 1)
		pulse_choose(v, NULL);
	return ST_OK;
}

DRIFT_CMD(model)
{
	struct drift_view *v = c->view;
	const struct pulse_group *g = pulse_of_model(v, argv[1]);
	(void)argc;
	if (later(v, argv[1], true))
		return ST_OK;
	if (!g)
		return err_set(e, ST_NOT_FOUND, "no monitor and no report is about the model \"%s\"", argv[1]);
	down_to_pulse(v);
	pulse_choose(v, g->name);
	return ST_OK;
}

static void complete(const struct drift_view *v, bool models, const char *word, struct str *out)
{
	for (size_t i = 0; v->pulse && i < v->pulse->n; i++) {
		const char *name = models ? v->pulse->groups[i].model : v->pulse->groups[i].name;
		if (*name && text_fuzzy(name, word))
			str_addf(out, "%s\n", name);
	}
}

void drift_complete_group(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	if (index == 1)
		complete(c->view, false, word, out);
}

void drift_complete_model(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	if (index == 1)
		complete(c->view, true, word, out);
}

void drift_complete_sort(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	(void)c;
	for (int i = 0; index == 1 && i < SORT_COUNT; i++)
		if (text_fuzzy(pulse_sort_names[i], word))
			str_addf(out, "%s\n", pulse_sort_names[i]);
}

DRIFT_CMD(sort)
{
	struct drift_view *v = c->view;
	struct pulse_page *s = pulse_page(v);
	int to = (s->sort + 1) % SORT_COUNT;
	if (argc > 1)
		for (to = 0; to < SORT_COUNT && strcmp(argv[1], pulse_sort_names[to]) != 0; to++)
			;
	if (to == SORT_COUNT)
		return err_set(e, ST_USAGE, "columns are sorted by worst, last, often, name or position, not by %s", argv[1]);
	s->sort = (enum pulse_sort)to;
	ui_set_setting(v->ui, "drift.sort", pulse_sort_names[to]);
	pulse_order(v);
	pulse_keep(v);
	return ST_OK;
}

DRIFT_CMD(only)
{
	struct drift_view *v = c->view;
	struct pulse_page *s = pulse_page(v);
	(void)argc, (void)argv;
	s->only = !s->only;
	pulse_order(v);
	pulse_keep(v);
	if (s->only && !s->n_order)
		err_set(e, ST_OK, "nothing drifted");
	return ST_OK;
}

/* In reading order from the newest: older in the row of the cursor, then the newest of the next row; dir -1: the other way round. */
DRIFT_CMD(next_red)
{
	struct drift_view *v = c->view;
	struct pulse_page *s = pulse_page(v);
	(void)argc, (void)argv;
	size_t n = pulse_windows(v), all = n * s->n_order, at = s->cursor * n + s->age;
	for (size_t i = 1; i <= all; i++) {
		size_t to = (c->arg > 0 ? at + i : at + all - i) % all;
		if (pulse_heat(v, s->order[to / n], to % n) < HEAT_DRIFTED)
			continue;
		struct pulse_steps k = pulse_steps_of(v, s->cells_w);
		size_t step = to % n / k.each;
		s->cursor = to / n;
		s->age = to % n;
		if (step < s->left || (s->steps > 0 && step >= s->left + (size_t)s->steps))
			s->left = step > (size_t)s->steps / 2 ? step - (size_t)s->steps / 2 : 0;
		pulse_keep(v);
		return ST_OK;
	}
	return err_set(e, ST_NOT_FOUND, "nothing here drifted");
}

/* To the newest, to the oldest, or a page of windows on. */
DRIFT_CMD(window)
{
	struct drift_view *v = c->view;
	struct pulse_page *s = pulse_page(v);
	(void)argc, (void)argv, (void)e;
	long page = s->steps > 2 ? s->steps * 3 / 4 : 1, far = (long)pulse_windows(v);
	const long by[] = { page, -page, far, -far };
	for (long left = by[c->arg], one = left > 0 ? 1 : -1; left; left -= one) {
		size_t was = s->age;
		drift_page(v)->move(v, one > 0 ? DRIFT_LEFT : DRIFT_RIGHT);
		if (s->age == was)
			break;
	}
	return ST_OK;
}

/* Wider cells, or more windows a step; 0: as fits. */
DRIFT_CMD(zoom)
{
	struct drift_view *v = c->view;
	struct pulse_page *s = pulse_page(v);
	(void)argc, (void)argv;
	struct pulse_steps k = pulse_steps_of(v, s->cells_w);
	int scale = k.each > 1 ? -(int)k.each : k.cells;
	s->left = 0;
	if (!c->arg) {
		s->scale = 0;
		return ST_OK;
	}
	scale += (int)c->arg;
	if (scale > -2 && scale < 1)
		scale = c->arg > 0 ? 1 : -2;
	if (scale > SCALE_MOST || (scale < 0 && (size_t)-scale > pulse_windows(v)))
		return err_set(e, ST_REFUSED, c->arg > 0 ? "cells are not drawn wider" : "all windows are in one cell already");
	s->scale = scale;
	return ST_OK;
}

/* ---- the list beside the map --------------------------------------------------------------------------------------- */

const char *drift_why_no_list(const struct cmd_ctx *c)
{
	const char *why = drift_why_no_pulse(c);
	return why ? why : pulse_chosen(c->view) ? NULL : "all monitors are shown already";
}

DRIFT_CMD(pane_step)
{
	struct drift_view *v = c->view;
	struct pulse_page *s = pulse_page(v);
	(void)argc, (void)argv, (void)e;
	s->list_focus = !s->list_focus;
	s->drawer = s->list_focus && (v->area.w < PULSE_WIDE || s->folded);
	return ST_OK;
}

DRIFT_CMD(pane_toggle)
{
	struct drift_view *v = c->view;
	struct pulse_page *s = pulse_page(v);
	if (argc > 1 && strcmp(argv[1], "groups"))
		return err_set(e, ST_USAGE, "no pane of that name to fold: %s; there is groups", argv[1]);
	if (v->area.w < PULSE_WIDE)
		s->drawer = s->list_focus = !s->drawer;
	else {
		s->folded = !s->folded;
		s->list_focus = s->drawer = false;
	}
	return ST_OK;
}

/* ---- ways out -------------------------------------------------------------------------------------------------------- */

DRIFT_CMD(board)
{
	struct drift_view *v = c->view;
	const struct pulse_group *g = drift_in_hand(v);
	struct str line = STR_INIT;
	(void)argc, (void)argv;
	str_add(&line, "registry.model ");
	cmd_quote(&line, g->model);
	enum status st = ui_run_line(v->ui, "tab registry", e);
	if (st == ST_OK)
		st = ui_run_line(v->ui, line.p, e);
	str_free(&line);
	return st;
}

const char *drift_why_no_board(const struct cmd_ctx *c)
{
	const struct pulse_group *g = drift_in_hand(c->view);
	return !g ? "there is no monitor and no report here" : *g->model ? NULL : "no model is named for it";
}
