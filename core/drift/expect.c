/* Expectations: the file into structures, and structures against a frame. A column's checks come in the order of its struct; every expectation gives one result, held or not, so
 * that a list of results says what was looked at. Proposals are made in expect_propose.c. */
#include "core/drift/expect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/quality.h"
#include "core/io/yamldoc.h"

/* ---- reading ---- */

struct reading { struct expectations *x; const char *file; struct err *e; };

static enum status wrong(const struct reading *r, const struct yamldoc_node *at, const char *what)
{
	return err_set(r->e, ST_FAILED, "%s:%d:%d: %s", r->file, at->key_at.line ? at->key_at.line : at->at.line, at->key_at.line ? at->key_at.col : at->at.col, what);
}

static bool is_key(const struct yamldoc_node *x, const char *key) { return strcmp(x->key, key) == 0; }

static enum status take_number(const struct reading *r, const struct yamldoc_node *x, double *out)
{
	bool ok = false, whole;
	if (x->kind == YAMLDOC_SCALAR)
		*out = frame_number(x->text, x->n, '.', &ok, &whole);
	return ok && !isnan(*out) ? ST_OK : wrong(r, x, "a number is needed here");
}

static enum status take_bool(const struct reading *r, const struct yamldoc_node *x, bool *out)
{
	*out = x->kind == YAMLDOC_SCALAR && x->n == 4 && memcmp(x->text, "true", 4) == 0;
	return *out || (x->kind == YAMLDOC_SCALAR && x->n == 5 && memcmp(x->text, "false", 5) == 0) ? ST_OK : wrong(r, x, "true or false is needed here");
}

static enum status take_type(const struct reading *r, const struct yamldoc_node *x, const char **out)
{
	for (int t = 0; x->kind == YAMLDOC_SCALAR && t < FRAME_TYPES; t++)
		if (strlen(frame_type_name((enum frame_type)t)) == x->n && memcmp(frame_type_name((enum frame_type)t), x->text, x->n) == 0) {
			*out = frame_type_name((enum frame_type)t);
			return ST_OK;
		}
	return wrong(r, x, "the type is one of numeric, boolean, datetime, categorical, text");
}

static enum status take_values(const struct reading *r, const struct yamldoc_node *x, struct expect_column *c)
{
	size_t n = 0;
	if (x->kind != YAMLDOC_LIST)
		return wrong(r, x, "a list of values is needed here");
	for (const struct yamldoc_node *v = x->child; v; v = v->next)
		n++;
	struct frame_word *w = arena_array(r->x->arena, n, sizeof *w);
	n = 0;
	for (const struct yamldoc_node *v = x->child; v; v = v->next) {
		if (v->kind != YAMLDOC_SCALAR)
			return wrong(r, v, "a value is a text or a number");
		w[n++] = (struct frame_word){ arena_strndup(r->x->arena, v->text, v->n), (uint32_t)v->n };
	}
	c->values = w, c->n_values = n, c->has_values = true;
	return ST_OK;
}

static enum status take_member(const struct reading *r, const struct yamldoc_node *m, struct expect_column *c)
{
	const struct { const char *key; double *to; } numbers[] = { { "missing_at_most", &c->missing_at_most }, { "min", &c->min }, { "max", &c->max }, { "distinct_at_most", &c->distinct_at_most } };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (is_key(m, numbers[i].key))
			return take_number(r, m, numbers[i].to);
	if (is_key(m, "required"))
		return take_bool(r, m, &c->required);
	if (is_key(m, "unique"))
		return take_bool(r, m, &c->unique);
	if (is_key(m, "type"))
		return take_type(r, m, &c->type);
	if (is_key(m, "values"))
		return take_values(r, m, c);
	if (!is_key(m, "name"))
		return wrong(r, m, "a column knows name, type, required, missing_at_most, min, max, values, distinct_at_most and unique");
	if (m->kind != YAMLDOC_SCALAR)
		return wrong(r, m, "the name is a text");
	c->name = arena_strndup(r->x->arena, m->text, m->n);
	return ST_OK;
}

static enum status take_columns(const struct reading *r, const struct yamldoc_node *list)
{
	size_t cap = 0;
	enum status st = list->kind == YAMLDOC_LIST || yamldoc_is_null(list) ? ST_OK : wrong(r, list, "a list of columns is needed here");
	for (const struct yamldoc_node *x = list->child; st == ST_OK && x; x = x->next) {
		MEM_GROW(r->x->columns, cap, r->x->n + 1);
		struct expect_column *c = &r->x->columns[r->x->n++];
		*c = (struct expect_column){ .type = "", .missing_at_most = NAN, .min = NAN, .max = NAN, .distinct_at_most = NAN, .line = x->at.line };
		if (x->kind != YAMLDOC_MAP)
			return wrong(r, x, "a column is a map with a name");
		for (const struct yamldoc_node *m = x->child; st == ST_OK && m; m = m->next)
			st = take_member(r, m, c);
		if (st == ST_OK && !c->name)
			st = wrong(r, x, "the column has no name");
	}
	return st;
}

static enum status take_rows(const struct reading *r, const struct yamldoc_node *x)
{
	enum status st = x->kind == YAMLDOC_MAP ? ST_OK : wrong(r, x, "rows is a map of min and max");
	for (const struct yamldoc_node *m = x->child; st == ST_OK && m; m = m->next)
		st = is_key(m, "min") ? take_number(r, m, &r->x->rows_min) : is_key(m, "max") ? take_number(r, m, &r->x->rows_max) : wrong(r, m, "rows knows min and max");
	return st;
}

static enum status take_all(const struct reading *r, const struct yamldoc_node *root)
{
	enum status st = root->kind == YAMLDOC_MAP ? ST_OK : wrong(r, root, "expectations are a map of rows, duplicates_at_most and columns");
	for (const struct yamldoc_node *m = root->child; st == ST_OK && m; m = m->next)
		st = is_key(m, "columns") ? take_columns(r, m) : is_key(m, "rows") ? take_rows(r, m) : is_key(m, "duplicates_at_most") ? take_number(r, m, &r->x->duplicates_at_most)
			: wrong(r, m, "expectations know rows, duplicates_at_most and columns");
	return st;
}

enum status expect_parse(const char *text, size_t n, const char *name, struct expectations **out, struct err *e)
{
	struct yamldoc *y;
	*out = NULL;
	enum status st = yamldoc_parse(text, n, name, &y, e);
	if (st != ST_OK)
		return st;
	struct expectations *x = mem_zalloc(sizeof *x);
	x->arena = arena_new();
	x->name = arena_strdup(x->arena, name);
	x->rows_min = x->rows_max = x->duplicates_at_most = NAN;
	st = take_all(&(struct reading){ x, name, e }, yamldoc_root(y));
	yamldoc_free(y);
	if (st == ST_OK)
		*out = x;
	else
		expectations_free(x);
	return st;
}

void expectations_free(struct expectations *x)
{
	if (!x)
		return;
	arena_free(x->arena);
	free(x->columns);
	free(x);
}

/* ---- checking ---- */

struct checking { struct expect_results *r; size_t cap; const char *column; int line; };

static void result(struct checking *c, const char *check, bool ok, const char *expected, const char *found)
{
	struct expect_results *r = c->r;
	MEM_GROW(r->at, c->cap, r->n + 1);
	r->at[r->n++] = (struct expect_result){ .column = arena_strdup(r->arena, c->column), .check = check, .ok = ok, .line = c->line, .expected = arena_strdup(r->arena, expected),
		.found = arena_strdup(r->arena, found) };
	r->failed += !ok;
}

/* most: the limit is an upper one. */
static void limit(struct checking *c, const char *check, double value, double bound, bool most)
{
	char expected[FMT_MAX], found[FMT_MAX], word[FMT_MAX + 16];
	if (isnan(bound))
		return;
	snprintf(word, sizeof word, "at %s %s", most ? "most" : "least", fmt_number(expected, bound, 6));
	result(c, check, most ? value <= bound : value >= bound, word, fmt_number(found, value, 6));
}

/* A column without numbers has no range to leave. */
static void check_range(struct checking *c, const struct expect_column *x, const struct frame_col *f)
{
	double lo = INFINITY, hi = -INFINITY;
	if (isnan(x->min) && isnan(x->max))
		return;
	if (!f->num) {
		result(c, "range", false, "numbers", frame_type_name(f->type));
		return;
	}
	for (size_t i = 0; i < f->n; i++)
		if (!isnan(f->num[i]))
			lo = fmin(lo, f->num[i]), hi = fmax(hi, f->num[i]);
	if (lo > hi)
		return;
	limit(c, "min", lo, x->min, false);
	limit(c, "max", hi, x->max, true);
}

static struct map *distinct_of(const struct frame_col *f)
{
	struct map *m = map_new();
	for (size_t i = 0; f->num && i < f->n; i++)
		if (!isnan(f->num[i]))
			map_add(m, &(double){ f->num[i] == 0 ? 0 : f->num[i] }, sizeof(double), NULL);
	return m;
}

static void check_distinct(struct checking *c, const struct expect_column *x, const struct frame_col *f)
{
	char all[FMT_MAX], found[FMT_MAX];
	if (isnan(x->distinct_at_most) && !x->unique)
		return;
	struct map *m = distinct_of(f);
	size_t distinct = f->num ? map_count(m) : f->n_words;
	map_free(m);
	limit(c, "distinct", (double)distinct, x->distinct_at_most, true);
	if (x->unique)
		result(c, "unique", distinct == f->n - f->missing, fmt_count(all, (int64_t)(f->n - f->missing)), fmt_count(found, (int64_t)distinct));
}

static void show_value(struct str *out, const char *p, size_t n)
{
	enum { SHOWN = 60 };
	str_add(out, out->len ? ", '" : "'");
	text_clean(out, p, n < SHOWN ? n : SHOWN, 0);
	str_addc(out, '\'');
}

/* As a file of expectations writes it. */
static const char *value_words(const struct frame_col *f, double v, char buf[FMT_MAX])
{
	if (f->type != FRAME_BOOLEAN)
		return fmt_exact(buf, v);
	snprintf(buf, FMT_MAX, "%s", v != 0 ? "true" : "false");
	return buf;
}

static void check_values(struct checking *c, const struct expect_column *x, const struct frame_col *f)
{
	enum { NAMED = 3 };
	struct str found = STR_INIT, count = STR_INIT;
	size_t others = 0;
	if (!x->has_values)
		return;
	struct map *known = map_new(), *numbers = distinct_of(f);
	for (size_t i = 0; i < x->n_values; i++)
		map_add(known, x->values[i].p, x->values[i].n, NULL);
	for (size_t i = 0; i < (f->num ? map_count(numbers) : f->n_words); i++) {
		char buf[FMT_MAX];
		double v;
		struct frame_word w = f->num ? (struct frame_word){ buf, 0 } : f->words[i];
		if (f->num) {
			memcpy(&v, map_key(numbers, i, NULL), sizeof v);
			w.n = (uint32_t)strlen(value_words(f, v, buf));
		}
		if (map_find(known, w.p, w.n) < 0 && others++ < NAMED)
			show_value(&found, w.p, w.n);
	}
	str_addf(&count, "one of %zu values", x->n_values);
	if (others > NAMED)
		str_addf(&found, " and %zu more", others - NAMED);
	result(c, "values", others == 0, count.p, others ? found.p : "nothing else");
	map_free(known), map_free(numbers);
	str_free(&found), str_free(&count);
}

static void check_column(struct checking *c, const struct expect_column *x, const struct frame *f)
{
	const struct frame_col *col = frame_find(f, x->name);
	c->column = x->name, c->line = x->line;
	if (!col) {
		if (x->required)
			result(c, "required", false, "present", "absent");
		return;
	}
	if (*x->type && col->missing < col->n)
		result(c, "type", strcmp(x->type, frame_type_name(col->type)) == 0, x->type, frame_type_name(col->type));
	limit(c, "missing", col->n ? (double)col->missing / (double)col->n : 0, x->missing_at_most, true);
	check_range(c, x, col);
	check_values(c, x, col);
	check_distinct(c, x, col);
}

void expectations_check(const struct expectations *x, const struct frame *f, struct expect_results **out)
{
	struct expect_results *r = mem_zalloc(sizeof *r);
	struct checking c = { .r = r, .column = "" };
	r->arena = arena_new();
	limit(&c, "rows", (double)f->n_rows, x->rows_min, false);
	limit(&c, "rows", (double)f->n_rows, x->rows_max, true);
	if (!isnan(x->duplicates_at_most))
		limit(&c, "duplicates", f->n_rows ? (double)quality_duplicates(f) / (double)f->n_rows : 0, x->duplicates_at_most, true);
	for (size_t i = 0; i < x->n; i++)
		check_column(&c, &x->columns[i], f);
	*out = r;
}

void expect_results_free(struct expect_results *r)
{
	if (!r)
		return;
	arena_free(r->arena);
	free(r->at);
	free(r);
}
