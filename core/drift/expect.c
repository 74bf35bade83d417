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
#include "core/io/yamlread.h"

/* ---- reading ---- */

#define TAKE(name) static void name(struct reading *r, const struct yamldoc_node *x, void *into)
#define COUNT(a) (sizeof(a) / sizeof *(a))

static void take_number(struct reading *r, const struct yamldoc_node *x, double *out)
{
	bool ok = false, whole;
	const double v = x->kind == YAMLDOC_SCALAR ? frame_number(x->text, x->n, '.', &ok, &whole) : NAN;
	if (!ok || isnan(v))
		wrong_kind(r, x, "a number");
	else
		*out = v;
}

TAKE(take_missing) { take_number(r, x, &((struct expect_column *)into)->missing_at_most); }
TAKE(take_min) { take_number(r, x, &((struct expect_column *)into)->min); }
TAKE(take_max) { take_number(r, x, &((struct expect_column *)into)->max); }
TAKE(take_distinct) { take_number(r, x, &((struct expect_column *)into)->distinct_at_most); }
TAKE(take_required) { read_bool(r, x, &((struct expect_column *)into)->required); }
TAKE(take_unique) { read_bool(r, x, &((struct expect_column *)into)->unique); }

/* Any text: columns are called as their data call them. */
TAKE(take_name)
{
	if (x->kind == YAMLDOC_SCALAR)
		((struct expect_column *)into)->name = arena_strndup(r->arena, x->text, x->n);
	else
		wrong_kind(r, x, "text");
}

TAKE(take_type)
{
	for (int t = 0; x->kind == YAMLDOC_SCALAR && t < FRAME_TYPES; t++)
		if (!strcmp(frame_type_name((enum frame_type)t), x->text)) {
			((struct expect_column *)into)->type = frame_type_name((enum frame_type)t);
			return;
		}
	wrong_kind(r, x, "one of numeric, boolean, datetime, categorical and text");
}

TAKE(take_values)
{
	struct expect_column *c = into;
	size_t n;
	if (!read_list(r, x, SIZE_MAX, &n))
		return;
	struct frame_word *w = arena_array(r->arena, n, sizeof *w);
	for (const struct yamldoc_node *v = x->child; v; v = v->next) {
		if (v->kind == YAMLDOC_SCALAR)
			w[c->n_values++] = (struct frame_word){ arena_strndup(r->arena, v->text, v->n), (uint32_t)v->n };
		else
			wrong_kind(r, v, "a text or a number");
	}
	c->values = w, c->has_values = true;
}

static const struct field column_fields[] = { { "name", take_name }, { "type", take_type }, { "required", take_required }, { "missing_at_most", take_missing }, { "min", take_min },
	{ "max", take_max }, { "values", take_values }, { "distinct_at_most", take_distinct }, { "unique", take_unique } };

TAKE(take_columns)
{
	struct expectations *all = into;
	size_t n;
	if (yamldoc_is_null(x) || !read_list(r, x, SIZE_MAX, &n))
		return;
	all->columns = arena_array(r->arena, n, sizeof *all->columns);
	for (const struct yamldoc_node *c = x->child; c; c = c->next) {
		struct expect_column *to = &all->columns[all->n++];
		*to = (struct expect_column){ .type = "", .missing_at_most = NAN, .min = NAN, .max = NAN, .distinct_at_most = NAN, .line = c->at.line };
		if (read_map(r, c, "a column", column_fields, COUNT(column_fields), to) && !to->name)
			finding_at(r, c->at, "the column has no name");
	}
}

TAKE(take_rows_min) { take_number(r, x, &((struct expectations *)into)->rows_min); }
TAKE(take_rows_max) { take_number(r, x, &((struct expectations *)into)->rows_max); }
static const struct field rows_fields[] = { { "min", take_rows_min }, { "max", take_rows_max } };

TAKE(take_rows) { read_map(r, x, "the section rows", rows_fields, COUNT(rows_fields), into); }
TAKE(take_duplicates) { take_number(r, x, &((struct expectations *)into)->duplicates_at_most); }
static const struct field file_fields[] = { { "rows", take_rows }, { "duplicates_at_most", take_duplicates }, { "columns", take_columns } };

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
	struct reading r = { .arena = x->arena };
	read_map(&r, yamldoc_root(y), "a file of expectations", file_fields, COUNT(file_fields), x);
	yamldoc_free(y);
	st = findings_report(&r, name, NULL, NULL, e);
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
