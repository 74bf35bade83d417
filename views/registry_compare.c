/* Two versions side by side: what differs first in mind, the rest on request.
 *
 * Which    the base stands left: the version in Production unless one was marked or named. Of two marked ones the older is the base.
 * Sign     a difference of numbers is right minus left. Green and red only for metrics that a gate of the policy names, for only there it is
 *          known which way is better. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/table.h"
#include "views/registry_commands.h"
#include "views/registry_internal.h"

enum { COL_KIND, COL_KEY, COL_A, COL_B, COL_DELTA, COLS, KIND_W = 9, KEY_LEAST = 16, KEY_MOST = 30, DELTA_W = 20, GAPS = 12, VALUE_LEAST = 8 };
struct compare {
	struct reg_diff *data; struct err err; int64_t model_id;
	bool only; size_t *shown, n_shown;               /* only: what differs; shown: rows of data */
	struct table table; struct table_col *cols; char head_a[48], head_b[48];
	const struct registry_view *v; char *find;
};
struct trip { int64_t model_id, a, b; struct reg_diff *data; };

static struct compare *compare_of(const struct registry_view *v)
{
	return v->state[PAGE_compare];
}

static const struct reg_diff_row *row_at(const struct compare *c, size_t i)
{
	return c->data && i < c->n_shown ? &c->data->at[c->shown[i]] : NULL;
}

/* ---- cells ------------------------------------------------------------------------------------------------ */

/* 1: more is better, -1: less is, 0: nobody said. */
static int direction(const struct registry_view *v, const char *metric)
{
	for (size_t i = 0; v->policy && i < v->policy->n_rules; i++)
		for (size_t k = 0; k < v->policy->rules[i].n_gates; k++) {
			const struct gate_spec *g = &v->policy->rules[i].gates[k];
			if (g->kind == GATE_METRIC && g->key && !strcmp(g->key, metric))
				return g->op == GATE_GT || g->op == GATE_GE ? 1 : g->op == GATE_LT || g->op == GATE_LE ? -1 : 0;
		}
	return 0;
}

static bool as_number(const char *text, double *out)
{
	char *end;
	*out = strtod(text, &end);
	return end != text && !*end;
}

/* Metrics are numbers; sizes and params are where both texts read as such. */
static bool numbers(const struct reg_diff_row *r, double *a, double *b)
{
	*a = r->da;
	*b = r->db;
	return r->numeric || ((!strcmp(r->kind, "size") || !strcmp(r->kind, "param")) && as_number(r->a, a) && as_number(r->b, b));
}

static void delta_cell(const struct compare *c, const struct reg_diff_row *r, char *buf, size_t cap, struct table_cell *out)
{
	char digits[FMT_MAX], share[FMT_MAX];
	bool ascii = ui_glyphs(c->v->ui) == GLYPHS_ASCII;
	double a, b;
	bool numeric = numbers(r, &a, &b);
	double d = b - a;
	out->text = buf;
	out->pen = PEN(ROLE_DIM);
	if (r->same) {
		snprintf(buf, cap, "=");
	} else if (!numeric || !isfinite(d)) {
		snprintf(buf, cap, "%s", !*r->a ? "only right" : !*r->b ? "only left" : "differs");
		out->pen = PEN(ROLE_WARN);
	} else {
		int way = strcmp(r->kind, "metric") ? 0 : direction(c->v, r->key);
		const char *arrow = d > 0 ? (ascii ? "^" : "▴") : (ascii ? "v" : "▾");
		if (strcmp(r->kind, "size"))
			fmt_number(digits, fabs(d), 4);
		else
			fmt_bytes(digits, (int64_t)fabs(d));
		int n = snprintf(buf, cap, "%s %c%s", arrow, d < 0 ? '-' : '+', digits);
		if (a != 0 && n > 0 && (size_t)n < cap)
			snprintf(buf + n, cap - (size_t)n, "  %c%s %%", d / a < 0 ? '-' : '+', fmt_number(share, fabs(100 * d / a), 2));
		out->pen = PEN(way * d > 0 ? ROLE_GOOD : way * d < 0 ? ROLE_BAD : ROLE_TEXT);
	}
}

static const char *value_words(const struct reg_diff_row *r, bool right, char *buf)
{
	const char *text = right ? r->b : r->a;
	double x;
	if (!*text || !as_number(text, &x))
		return text;
	return !strcmp(r->kind, "size") ? fmt_bytes(buf, (int64_t)x) : !strcmp(r->kind, "metric") ? fmt_number(buf, right ? r->db : r->da, 6) : text;
}

static void cell(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	const struct compare *c = data;
	const struct reg_diff_row *r = row_at(c, i), *before = i ? row_at(c, i - 1) : NULL;
	const char *value = "";
	out->pen = PEN(ROLE_TEXT);
	switch (col) {
	case COL_KIND:
		out->text = before && !strcmp(before->kind, r->kind) ? "" : strcmp(r->kind, "environment") ? r->kind : "env";
		out->pen = PEN(ROLE_STRONG);
		break;
	case COL_KEY: out->text = r->key; break;
	case COL_DELTA: delta_cell(c, r, buf, cap, out); break;
	default:
		value = value_words(r, col == COL_B, buf);
		out->text = *value ? value : ui_glyphs(c->v->ui) == GLYPHS_ASCII ? "." : "·";
		out->pen = PEN(r->same || !*value ? ROLE_DIM : ROLE_TEXT);
	}
}

/* ---- rows ---------------------------------------------------------------------------------------------------- */

static void choose_rows(struct compare *c)
{
	const struct reg_diff_row *at = row_at(c, c->table.cursor);
	size_t here = at ? (size_t)(at - c->data->at) : 0, cursor = 0;
	free(c->shown);
	c->shown = mem_array(c->data && c->data->n ? c->data->n : 1, sizeof *c->shown);
	c->n_shown = 0;
	for (size_t i = 0; c->data && i < c->data->n; i++) {
		if (c->only && c->data->at[i].same)
			continue;
		cursor = i <= here ? c->n_shown : cursor;
		c->shown[c->n_shown++] = i;
	}
	c->table.n_rows = c->n_shown;
	table_forget(&c->table);
	table_to(&c->table, cursor);
}

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	diff_free(t->data);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	(void)task;
	return versions_compare(s, t->model_id, t->a, t->b, &t->data, e);
}

static void head_words(char *out, size_t cap, const struct reg_version *r)
{
	snprintf(out, cap, "v%lld %.30s", (long long)r->version, r->stage);
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct compare *c = compare_of(view);
	struct trip *t = arg;
	if (st != ST_CANCELLED)
		c->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	if (st == ST_OK) {
		c->n_shown = 0;                  /* they are rows of the data that goes now */
		diff_free(c->data);
		c->data = t->data;
		t->data = NULL;
		c->model_id = t->model_id;
		head_words(c->head_a, sizeof c->head_a, c->data->a);
		head_words(c->head_b, sizeof c->head_b, c->data->b);
		choose_rows(c);
	}
	trip_drop(t);
}

static void compare_want(struct registry_view *v, bool again)
{
	const struct registry_subject *about = registry_about(v);
	struct trip *t = mem_zalloc(sizeof *t);
	(void)again;
	*t = (struct trip){ .model_id = v->model_id, .a = about->other, .b = about->version };
	ui_task(v->ui, v, &(struct ui_task){ .title = "compare versions", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT(PAGE_compare),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

static enum status read_version(const struct registry_view *v, const char *text, int64_t *out, struct err *e)
{
	const struct reg_model_row *m = models_row(v);
	char *end;
	const char *digits = *text == 'v' ? text + 1 : text;
	*out = strtoll(digits, &end, 10);
	if (*out <= 0 || *end || end == digits)
		return err_set(e, ST_USAGE, "which version? a number is expected: %s", text);
	return m && *out <= m->latest ? ST_OK : err_set(e, ST_NOT_FOUND, "there is no version %s; the newest is v%lld", text, m ? (long long)m->latest : 0LL);
}

/* Marked ones first, then the one under the cursor against the one in Production, or where that is the same against the newest. */
static enum status choose_two(const struct registry_view *v, int64_t *base, int64_t *version, struct err *e)
{
	const struct reg_model_row *m = models_row(v);
	*version = registry_version(v);
	*base = 0;
	if (v->marked[0] && v->marked[1]) {
		*base = v->marked[0] < v->marked[1] ? v->marked[0] : v->marked[1];
		*version = v->marked[0] < v->marked[1] ? v->marked[1] : v->marked[0];
		return ST_OK;
	}
	int64_t mark = v->marked[0] ? v->marked[0] : v->marked[1];
	if (mark && mark != *version) {
		*base = mark;
	} else if (m && m->production && m->production != *version) {
		*base = m->production;
	} else if (m && m->latest && m->latest != *version) {
		*base = *version;
		*version = m->latest;
	}
	return *base && *version ? ST_OK : err_set(e, ST_REFUSED, "there is nothing to compare it with: {registry.mark} marks versions");
}

REGISTRY_CMD(compare)
{
	struct registry_view *v = c->view;
	int64_t base = 0, version = 0;
	if (argc == 1 && registry_page_id(v) == PAGE_compare) {
		registry_leave(v);
		return ST_OK;
	}
	enum status st = argc > 2 ? read_version(v, argv[1], &base, e) : choose_two(v, &base, &version, e);
	if (st != ST_OK && argc == 1) {
		snprintf(e->text, sizeof e->text, "%s", registry_words(v, e->text));
		return st;
	}
	if (argc == 2) {
		version = registry_version(v);
		st = read_version(v, argv[1], &base, e);
	} else if (argc > 2 && st == ST_OK) {
		st = read_version(v, argv[2], &version, e);
	}
	if (st == ST_OK)
		registry_go(v, PAGE_compare, &(struct registry_subject){ .version = version, .other = base });
	return st;
}

REGISTRY_CMD(mark)
{
	struct registry_view *v = c->view;
	int64_t version = registry_version(v);
	(void)argc, (void)argv;
	if (v->marked_of != v->model_id)
		v->marked[0] = v->marked[1] = 0;
	v->marked_of = v->model_id;
	for (int i = 0; i < 2; i++)
		if (v->marked[i] == version) {
			v->marked[i] = 0;
			return err_set(e, ST_OK, "v%lld is not marked any more", (long long)version);
		}
	int at = v->marked[0] ? 1 : 0;
	if (v->marked[0] && v->marked[1]) {
		v->marked[0] = v->marked[1];     /* the older mark goes */
		at = 1;
	}
	v->marked[at] = version;
	struct str words = STR_INIT;
	str_addf(&words, "v%lld is marked; {registry.compare} compares %s", (long long)version, v->marked[0] && v->marked[1] ? "the two" : "it with the one under the cursor");
	err_set(e, ST_OK, "%s", registry_words(v, words.p));
	str_free(&words);
	return ST_OK;
}

bool registry_marked(const struct registry_view *v, int64_t version)
{
	return v->marked_of == v->model_id && version && (v->marked[0] == version || v->marked[1] == version);
}

const char *registry_why_no_compare(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	return registry_page_id(v) == PAGE_compare ? NULL : registry_words(v, "this is about two versions side by side; {registry.compare} shows them");
}

REGISTRY_CMD(compare_only)
{
	struct compare *p = compare_of(c->view);
	(void)argc, (void)argv, (void)e;
	p->only = !p->only;
	choose_rows(p);
	return ST_OK;
}

REGISTRY_CMD(compare_swap)
{
	struct registry_view *v = c->view;
	const struct registry_subject about = *registry_about(v);
	(void)argc, (void)argv, (void)e;
	registry_go(v, PAGE_compare, &(struct registry_subject){ .version = about.other, .other = about.version });
	return ST_OK;
}

/* ---- the page ------------------------------------------------------------------------------------------------------ */

static void *compare_open(struct registry_view *v)
{
	static const struct table_col cols[COLS] = {
		[COL_KIND] = { .title = "", .width = KIND_W, .align = -1, .weight = 255 },
		[COL_KEY] = { .title = "of", .align = -1, .weight = 255 },
		[COL_A] = { .align = -1, .weight = 255 },
		[COL_B] = { .align = -1, .weight = 255 },
		[COL_DELTA] = { .title = "difference", .width = DELTA_W, .align = -1, .weight = 255 },
	};
	struct compare *c = mem_zalloc(sizeof *c);
	c->v = v;
	c->only = true;
	c->cols = mem_array(COLS, sizeof *c->cols);
	memcpy(c->cols, cols, sizeof cols);
	c->cols[COL_A].title = c->head_a;
	c->cols[COL_B].title = c->head_b;
	table_init(&c->table);
	c->table.cols = c->cols;
	c->table.n_cols = COLS;
	c->table.show_marks = false;
	c->table.data = c;
	c->table.cell = cell;
	return c;
}

static void compare_close(void *state)
{
	struct compare *c = state;
	diff_free(c->data);
	free(c->shown);
	free(c->cols);
	free(c->find);
	free(c);
}

static bool current(const struct registry_view *v)
{
	const struct compare *c = compare_of(v);
	const struct registry_subject *about = registry_about(v);
	return c->data && !c->err.code && c->model_id == v->model_id && c->data->a->version == about->other && c->data->b->version == about->version;
}

/* Both values are always there, alike in width; keys get a share of what is left over. */
static void place_columns(struct compare *c, int w)
{
	int left = w - KIND_W - DELTA_W - GAPS, key = left / 4;
	key = key < KEY_LEAST ? KEY_LEAST : key > KEY_MOST ? KEY_MOST : key;
	int value = (left - key) / 2;
	c->cols[COL_KEY].width = key;
	c->cols[COL_A].width = c->cols[COL_B].width = value < VALUE_LEAST ? VALUE_LEAST : value;
}

static void compare_paint(struct registry_view *v, struct paint *p)
{
	struct compare *c = compare_of(v);
	static const char *const alike[] = { "The two versions are alike in everything that is known of them.", "", "{compare.only} shows all of it" };
	const char *words[] = { c->err.code ? c->err.text : "reading two versions" };
	const struct reg_model_row *m = models_row(v);
	const struct registry_subject *about = registry_about(v);
	struct str title = STR_INIT, note = STR_INIT;
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	str_addf(&title, "%s v%lld against v%lld", m ? m->name : "", (long long)about->version, (long long)about->other);
	if (!current(v)) {
		ui_empty(v->ui, &inner, words, 1);
	} else {
		str_addf(&title, " · %zu of %zu differ", c->data->differing, c->data->n);
		str_add(&note, c->only ? "only what differs" : "everything");
		place_columns(c, inner.r.w);
		if (c->n_shown)
			table_paint(&c->table, &inner);
		else
			ui_empty(v->ui, &inner, alike, sizeof alike / sizeof *alike);
	}
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, note.p, p->focus);
	str_free(&title);
	str_free(&note);
}

static void compare_move(struct registry_view *v, enum registry_move m)
{
	struct compare *c = compare_of(v);
	if (m == REG_LEFT)
		registry_focus(v, FOCUS_MODELS);
	else
		table_move(&c->table, registry_rows_of(m, c->table.page, c->table.n_rows));
}

static enum status compare_enter(struct registry_view *v, struct err *e)
{
	const struct compare *c = compare_of(v);
	const struct reg_diff_row *r = row_at(c, c->table.cursor);
	struct str text = STR_INIT;
	if (!r)
		return err_set(e, ST_REFUSED, "there is no row here");
	str_addf(&text, "%s\n%s\n\n%s\n%s\n", c->head_a, *r->a ? r->a : "nothing", c->head_b, *r->b ? r->b : "nothing");
	ui_text(v->ui, r->key, text.p, text.len, true);
	str_free(&text);
	return ST_OK;
}

static bool says(const struct reg_diff_row *r, const char *needle)
{
	size_t n = strlen(needle);
	return text_contains(r->key, strlen(r->key), needle, n) || text_contains(r->a, strlen(r->a), needle, n) || text_contains(r->b, strlen(r->b), needle, n)
		|| text_contains(r->kind, strlen(r->kind), needle, n);
}

static bool compare_find(struct registry_view *v, const char *needle, int dir)
{
	struct compare *c = compare_of(v);
	if (needle) {
		free(c->find);
		c->find = mem_strdup(needle);
	}
	for (size_t k = 1; c->find && k <= c->n_shown; k++) {
		size_t i = (c->table.cursor + (dir > 0 ? k : c->n_shown - k)) % c->n_shown;
		if (says(row_at(c, i), c->find)) {
			table_to(&c->table, i);
			return true;
		}
	}
	return false;
}

static void compare_model(const struct registry_view *v, struct str *out)
{
	const struct compare *c = compare_of(v);
	const struct registry_subject *about = registry_about(v);
	const struct reg_diff_row *r = row_at(c, c->table.cursor);
	str_addf(out, "compare: v%lld against v%lld\n", (long long)about->version, (long long)about->other);
	if (current(v))
		str_addf(out, "rows: %zu of %zu, %zu differ\n", c->n_shown, c->data->n, c->data->differing);
	if (r)
		str_addf(out, "row: %s %s %s | %s\n", r->kind, r->key, r->a, r->b);
}

static const char *compare_hints(const struct registry_view *v)
{
	return compare_of(v)->only ? "compare.only everything; compare.swap swap; registry.open in full; registry.find search; registry.promote promote; cancel back; help help"
		: "compare.only only differences; compare.swap swap; registry.open in full; registry.find search; registry.promote promote; cancel back; help help";
}

static void compare_mouse(struct registry_view *v, const struct event *ev, int x, int y)
{
	struct compare *c = compare_of(v);
	int col;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		table_scroll(&c->table, ev->mouse == MOUSE_WHEEL_UP ? -3 : 3);
	else if (ev->mouse == MOUSE_PRESS && table_hit(&c->table, x, y - 1, &col) >= 0)
		table_to(&c->table, (size_t)table_hit(&c->table, x, y - 1, &col));
}

const struct registry_page page_compare = { .id = "compare", .context = "registry.compare", .open = compare_open, .close = compare_close, .want = compare_want,
	.paint = compare_paint, .model = compare_model, .hints = compare_hints, .move = compare_move, .enter = compare_enter, .mouse = compare_mouse, .find = compare_find };
