/* The list of experiments: the row of all, then by name, deleted ones last when they are asked for.
 *
 * The table follows the cursor at once, as a list of mails follows its folders: there is no second key to press. Once
 * experiments are marked, the table shows those together and the cursor is free, until the last mark is gone. */
#include "views/runs_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/text.h"

size_t exps_rows(const struct runs_view *v)
{
	const struct experiments *x = v->exps.list;
	size_t n = x ? x->n : 0;
	while (n && !v->ask.deleted && x->at[n - 1].deleted)
		n--;                         /* deleted ones are last */
	return n ? n + 1 : 0;
}

int64_t exps_id(const struct runs_view *v, size_t row)
{
	return row && row < exps_rows(v) ? v->exps.list->at[row - 1].id : 0;
}

const struct experiment *exps_find(const struct runs_view *v, int64_t id)
{
	const struct experiments *x = v->exps.list;
	for (size_t i = 0; id && x && i < x->n; i++)
		if (x->at[i].id == id)
			return &x->at[i];
	return NULL;
}

void exps_sync(struct runs_view *v)
{
	size_t n = exps_rows(v);
	if (v->ask.several.n) {
		v->exps.cursor = v->exps.cursor < n ? v->exps.cursor : n ? n - 1 : 0;
		return;
	}
	v->exps.cursor = 0;
	for (size_t i = 1; i < n; i++)
		if (exps_id(v, i) == v->ask.experiment)
			v->exps.cursor = i;
}

/* Who comes back finds the cursor where it was. */
static void remember_cursor(struct runs_view *v)
{
	struct runs_experiments *x = &v->exps;
	size_t i = 0;
	while (i < x->n_left && x->left[i].experiment != v->ask.experiment)
		i++;
	if (i == RUNS_LEFT)
		memmove(&x->left[0], &x->left[1], (--i) * sizeof x->left[0]);
	x->left[i].experiment = v->ask.experiment;
	x->left[i].run = v->tab.cursor_id;
	x->n_left = i + 1 > x->n_left ? i + 1 : x->n_left;
}

static int64_t recalled_cursor(const struct runs_view *v, int64_t experiment)
{
	for (size_t i = 0; i < v->exps.n_left; i++)
		if (v->exps.left[i].experiment == experiment)
			return v->exps.left[i].run;
	return 0;
}

/* Other runs: nothing of the table's state speaks of them. */
static void ask_anew(struct runs_view *v)
{
	v->exps.explicit = true;
	v->tab.cursor_id = 0;
	table_to(&v->tab.w, 0);
	v->tab.w.top = 0;
	v->tab.w.col_cursor = -1;
	v->chart.windowed = v->chart.has_cross = false;
	exps_sync(v);
	runs_load(v, LOAD_EXPERIMENTS | LOAD_COLUMNS | LOAD_FIRST);
}

void exps_choose(struct runs_view *v, int64_t experiment)
{
	char id[32];
	if (v->loaded && !v->ask.several.n && experiment == v->ask.experiment)
		return;
	if (!v->ask.several.n)
		remember_cursor(v);
	idset_free(&v->ask.several);
	v->ask.experiment = experiment;
	v->tab.recall_id = recalled_cursor(v, experiment);
	snprintf(id, sizeof id, "%lld", (long long)experiment);
	ui_set_setting(v->ui, "runs.experiment", id);
	ask_anew(v);
}

enum status exps_mark(struct runs_view *v, struct err *e)
{
	struct runs_experiments *x = &v->exps;
	int64_t id = exps_id(v, x->cursor);
	bool on = !idset_has(&v->ask.several, id);
	if (!id)
		return err_set(e, ST_REFUSED, "this row is all of them; mark single ones below");
	if (!on && v->ask.several.n == 1) {
		exps_choose(v, id);                  /* the last mark: the table follows the cursor again */
		return ST_OK;
	}
	if (!v->ask.several.n)
		remember_cursor(v);
	idset_put(&v->ask.several, id, on);
	v->tab.recall_id = v->tab.cursor_id;
	if (x->cursor + 1 < exps_rows(v))
		x->cursor++;
	ask_anew(v);
	return ST_OK;
}

void exps_go(struct runs_view *v, size_t row)
{
	if (v->ask.several.n)
		v->exps.cursor = row;
	else
		exps_choose(v, exps_id(v, row));
}

void exps_move(struct runs_view *v, long rows)
{
	long n = (long)exps_rows(v), to = (long)v->exps.cursor + rows;
	if (!n)
		return;
	to = to < 0 ? 0 : to >= n ? n - 1 : to;
	exps_go(v, (size_t)to);
}

static void keep_visible(struct runs_experiments *x, size_t n, int h)
{
	size_t page = h > 0 ? (size_t)h : 1;
	x->page = h;
	if (x->cursor < x->top)
		x->top = x->cursor;
	if (x->cursor >= x->top + page)
		x->top = x->cursor - page + 1;
	if (x->top + page > n)
		x->top = n > page ? n - page : 0;
}

static int64_t count_of(const struct runs_view *v, const struct experiment *x)
{
	return x->runs + (v->ask.deleted ? x->deleted_runs : 0);
}

static int64_t count_all(const struct runs_view *v)
{
	int64_t n = 0;
	for (size_t i = 0; v->exps.list && i < v->exps.list->n; i++)
		if (v->ask.deleted || !v->exps.list->at[i].deleted)
			n += count_of(v, &v->exps.list->at[i]);
	return n;
}

/* Cells of the counts at the right (at least as wide as their head) and, where there is room, of the ages. */
enum { COUNT_LEAST = 4, AGE_W = 6, AGED_FROM = 32, NAME_X = 3 };

const char *exps_note(const struct runs_view *v)
{
	struct placed at;
	bool aged = panes_has(v, PANE_EXPERIMENTS, &at) && at.r.w >= AGED_FROM;
	return aged ? "runs  last" : "runs";
}

static void paint_row(const struct runs_view *v, const struct paint *p, int y, size_t row, int count_w)
{
	const struct experiment *x = row ? &v->exps.list->at[row - 1] : NULL;
	bool here = row == v->exps.cursor, aged = p->r.w >= AGED_FROM, chosen = v->ask.several.n ? x && idset_has(&v->ask.several, x->id) : here;
	char count[FMT_MAX], age[FMT_MAX] = "";
	struct str name = STR_INIT;
	fmt_count(count, x ? count_of(v, x) : count_all(v));
	if (aged && x && x->updated_ms > 0)
		fmt_age(age, clock_wall_ms() > x->updated_ms ? clock_wall_ms() - x->updated_ms : 0);
	text_clean(&name, x ? x->name : "all experiments", strlen(x ? x->name : "all experiments"), 0);
	int right = 2 + count_w + (aged ? AGE_W : 0);
	struct pen pen = PEN(x && x->deleted ? ROLE_OFF : chosen ? ROLE_STRONG : !x || !x->runs ? ROLE_DIM : ROLE_TEXT);
	int digits = (int)strlen(count), count_x = p->r.w - right + count_w - digits;
	paint_field(p, NAME_X, y, count_x - NAME_X - 1, -1, pen, name.p, name.len);
	paint_field(p, count_x, y, digits, 1, PEN(x && x->running ? ROLE_LIVE : ROLE_DIM), count, strlen(count));
	if (aged)
		paint_field(p, p->r.w - 2 - AGE_W, y, AGE_W, 1, PEN(ROLE_DIM), age, strlen(age));
	if (chosen && v->ask.several.n)
		paint_put(p, 1, y, PEN(ROLE_MARK), paint_sign(p, SIGN_MARK));
	if (here) {
		paint_put(p, 0, y, PEN(p->focus ? ROLE_ACCENT : ROLE_RULE), paint_sign(p, SIGN_BAR));
		surface_paint_bg(p->s, p->r, (struct rect){ 0, y, p->r.w, 1 }, p->focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
	}
	str_free(&name);
}

void exps_paint(struct runs_view *v, struct paint *p)
{
	size_t n = exps_rows(v);
	char count[FMT_MAX];
	int count_w = (int)strlen(fmt_count(count, count_all(v)));
	count_w = count_w > COUNT_LEAST ? count_w : COUNT_LEAST;
	keep_visible(&v->exps, n, p->r.h);
	for (int y = 0; y < p->r.h && v->exps.top + (size_t)y < n; y++)
		paint_row(v, p, y, v->exps.top + (size_t)y, count_w);
	if (!n && v->loaded)
		paint_text(p, 1, 0, PEN(ROLE_DIM), "none yet");
}
