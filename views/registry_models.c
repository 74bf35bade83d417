/* The list of models: name, the version in Production, how many versions, how many requests wait. The page follows the cursor at once. */
#include "views/registry_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { REQUESTS_W = 5, VERSIONS_W = 5, PRODUCTION_W = 6, RIGHT_W = REQUESTS_W + VERSIONS_W + PRODUCTION_W };

static size_t models_n(const struct registry_view *v)
{
	return v->models.list ? v->models.list->n : 0;
}

const struct reg_model_row *models_row(const struct registry_view *v)
{
	const struct registry_models *m = &v->models;
	return m->cursor < models_n(v) && m->list->at[m->cursor].id == v->model_id ? &m->list->at[m->cursor] : NULL;
}

const struct reg_model_row *models_by_name(const struct registry_view *v, const char *name)
{
	for (size_t i = 0; i < models_n(v); i++)
		if (!strcmp(v->models.list->at[i].name, name))
			return &v->models.list->at[i];
	return NULL;
}

void models_sync(struct registry_view *v)
{
	v->models.cursor = 0;
	for (size_t i = 0; i < models_n(v); i++)
		if (v->models.list->at[i].id == v->model_id)
			v->models.cursor = i;
}

int models_wanted_w(const struct registry_view *v)
{
	int longest = 0;
	for (size_t i = 0; i < models_n(v); i++) {
		int w = text_width(v->models.list->at[i].name, strlen(v->models.list->at[i].name));
		longest = w > longest ? w : longest;
	}
	return longest + RIGHT_W + 3;
}

/* The pages about one model as a whole follow; what is about a version of the other model is left. */
void models_choose(struct registry_view *v, int64_t model_id)
{
	if (model_id == v->model_id)
		return;
	v->model_id = model_id;
	models_sync(v);
	const struct reg_model_row *m = models_row(v);
	ui_set_setting(v->ui, "registry.model", m ? m->name : NULL);
	v->board.version = 0;
	v->board.most = BOARD_FIRST;
	const struct registry_page *top = registry_page(v);
	if (!top->of_model)
		registry_home(v);
	else if (top->want)
		top->want(v, true);
	registry_load(v);
}

void models_move(struct registry_view *v, enum registry_move m)
{
	long n = (long)models_n(v), to = (long)v->models.cursor;
	if (m == REG_RIGHT)
		registry_focus(v, FOCUS_PAGE);
	if (m >= REG_LEFT || !n)
		return;
	to += registry_rows_of(m, v->models.page, (size_t)n);
	to = to < 0 ? 0 : to >= n ? n - 1 : to;
	models_choose(v, v->models.list->at[to].id);
}

void models_click(struct registry_view *v, int y)
{
	size_t row = v->models.top + (size_t)y;
	if (y >= 0 && row < models_n(v))
		models_choose(v, v->models.list->at[row].id);
}

static void keep_visible(struct registry_models *m, size_t n, int h)
{
	size_t page = h > 0 ? (size_t)h : 1;
	m->page = h;
	if (m->cursor < m->top)
		m->top = m->cursor;
	if (m->cursor >= m->top + page)
		m->top = m->cursor - page + 1;
	if (m->top + page > n)
		m->top = n > page ? n - page : 0;
}

/* From the right: requests that wait, versions, the one in Production; the name has the rest. */

static void right_field(const struct paint *p, int y, int behind, int w, enum role role, const char *text)
{
	paint_field(p, p->r.w - behind - w, y, w, 1, PEN(role), text, strlen(text));
}

static void paint_row(const struct registry_view *v, const struct paint *p, int y, size_t row)
{
	const struct reg_model_row *m = &v->models.list->at[row];
	bool here = row == v->models.cursor;
	char text[FMT_MAX + 8], count[FMT_MAX];
	int w = p->r.w;
	if (m->requests) {
		snprintf(text, sizeof text, "%s%s", p->ascii ? "?" : "◆", fmt_si(count, (double)m->requests));
		right_field(p, y, 1, REQUESTS_W - 2, ROLE_WARN, text);
	}
	right_field(p, y, REQUESTS_W, VERSIONS_W - 1, ROLE_DIM, fmt_si(count, (double)m->versions));
	snprintf(text, sizeof text, m->production ? "v%lld" : p->ascii ? "." : "·", (long long)m->production);
	right_field(p, y, REQUESTS_W + VERSIONS_W, PRODUCTION_W - 1, m->production ? ROLE_GOOD : ROLE_DIM, text);
	paint_field(p, 2, y, w - 2 - RIGHT_W, -1, PEN(m->deleted ? ROLE_OFF : here ? ROLE_STRONG : m->versions ? ROLE_TEXT : ROLE_DIM), m->name, strlen(m->name));
	if (here) {
		bool focus = p->focus;
		paint_put(p, 0, y, PEN(focus ? ROLE_ACCENT : ROLE_RULE), paint_sign(p, SIGN_BAR));
		surface_paint_bg(p->s, p->r, (struct rect){ 0, y, w, 1 }, focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
	}
}

void models_paint(struct registry_view *v, struct paint *p)
{
	size_t n = models_n(v);
	int w = p->r.w;
	if (!n) {
		if (v->loaded)
			paint_text(p, 2, 0, PEN(ROLE_DIM), "none yet");
		return;
	}
	paint_text(p, 2, 0, PEN(ROLE_HEAD), "model");
	right_field(p, 0, REQUESTS_W + VERSIONS_W, PRODUCTION_W - 1, ROLE_HEAD, "prod");
	right_field(p, 0, REQUESTS_W, VERSIONS_W - 1, ROLE_HEAD, "vers");
	right_field(p, 0, 1, REQUESTS_W - 2, ROLE_HEAD, "ask");
	struct paint rows = paint_sub(p, 0, 1, w, p->r.h - 1);
	keep_visible(&v->models, n, rows.r.h);
	for (int y = 0; y < rows.r.h && v->models.top + (size_t)y < n; y++)
		paint_row(v, &rows, y, v->models.top + (size_t)y);
}
