/* Findings, from what the report's columns hold already; only variants look at the data again, and at words, not rows. quality_pairs.c does what needs whole tables. */
#include "core/drift/quality.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { VARIANT_WORDS = 20000, VARIANTS_SHOWN = 3, CORRELATIONS_SHOWN = 20 };
enum { KNOW, LOOK, WRONG };
static const double much_missing = 0.05, more_outliers = 0.01, almost_all = 0.95, times_distinct = 2;

struct list { struct report *r; struct report_finding *at; size_t n, cap; };

static void add(struct list *l, int level, const char *check, const char *column, double ref, double cur, const char *fmt, ...) __attribute__((format(printf, 7, 8)));
static void add(struct list *l, int level, const char *check, const char *column, double ref, double cur, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	text_vcleanf(&s, fmt, ap);
	va_end(ap);
	MEM_GROW(l->at, l->cap, l->n + 1);
	l->at[l->n++] = (struct report_finding){ .check = check, .column = column, .level = level, .ref = ref, .cur = cur, .text = arena_strndup(l->r->arena, s.p, s.len) };
	str_free(&s);
}

static double part(double k, double n) { return n > 0 ? k / n : 0; }

/* ---- one column, from its report ---- */

static void check_missing(struct list *l, const struct report_column *c)
{
	double x = part(c->ref.missing, c->ref.rows), y = part(c->cur.missing, c->cur.rows);
	if (strcmp(c->role, "target") == 0) {
		if (y > 0)
			add(l, KNOW, "missing", c->name, x, y, "%.1f %% of the rows have no label (reference %.1f %%): labels come late", 100 * y, 100 * x);
		return;
	}
	if (c->cur.rows > 0 && c->cur.missing == c->cur.rows)
		add(l, WRONG, "missing", c->name, x, y, "no value at all");
	else if (y >= much_missing)
		add(l, y > 2 * x ? LOOK : KNOW, "missing", c->name, x, y, "%.1f %% missing (reference %.1f %%)", 100 * y, 100 * x);
}

static void check_constant(struct list *l, const struct report_column *c)
{
	if (c->cur.distinct == 1 && c->cur.rows > 1)
		add(l, c->ref.distinct > 1 ? LOOK : KNOW, "constant", c->name, c->ref.distinct, c->cur.distinct, c->ref.distinct > 1 ? "became constant" : "constant, as in the reference");
	const struct report_picture *p = &c->picture;
	for (size_t i = 0; p->labels && i < p->n && c->cur.distinct > 1; i++)
		if (p->cur[i] >= almost_all * c->cur.rows && c->cur.rows > 1)
			add(l, KNOW, "almost constant", c->name, part(p->ref[i], c->ref.rows), part(p->cur[i], c->cur.rows), "'%s' in %.1f %% of the rows", p->labels[i], 100 * part(p->cur[i], c->cur.rows));
}

static void check_values(struct list *l, const struct report_column *c)
{
	char lo[FMT_MAX], hi[FMT_MAX], a[FMT_MAX], b[FMT_MAX];
	double n = c->ref.rows - c->ref.missing, m = c->cur.rows - c->cur.missing, x = part(c->ref.outliers, n), y = part(c->cur.outliers, m);
	if (c->cur.inf > 0)
		add(l, c->ref.inf > 0 ? KNOW : LOOK, "infinite", c->name, c->ref.inf, c->cur.inf, "%.0f infinite values (reference %.0f)", c->cur.inf, c->ref.inf);
	if (isnan(c->ref.min) || isnan(c->cur.min) || strcmp(c->type, "datetime") == 0 || strcmp(c->role, "id") == 0)
		return;                  /* times and numbers of rows go on; that is no finding */
	if (c->cur.outside > 0)
		add(l, part(c->cur.outside, m) >= more_outliers ? LOOK : KNOW, "range", c->name, 0, part(c->cur.outside, m), "%.0f value%s outside the reference's range %s to %s: %s to %s", c->cur.outside,
			c->cur.outside == 1 ? "" : "s", fmt_number(lo, c->ref.min, 6), fmt_number(hi, c->ref.max, 6), fmt_number(a, c->cur.min, 6), fmt_number(b, c->cur.max, 6));
	if (y >= x + more_outliers && y >= 2 * x)
		add(l, LOOK, "outliers", c->name, x, y, "%.1f %% beyond the reference's Tukey fences (reference %.1f %%)", 100 * y, 100 * x);
}

static void check_types(struct list *l, const struct report_column *c, const struct frame_col *ref, const struct frame_col *cur)
{
	if (!ref || !cur) {
		add(l, !ref ? LOOK : strcmp(c->role, "target") == 0 ? KNOW : WRONG, "columns", c->name, ref != NULL, cur != NULL, "only in the %s data", ref ? "reference" : "current");
		return;
	}
	bool empty = cur->missing == cur->n || ref->missing == ref->n;
	if (ref->type != cur->type && !empty)
		add(l, WRONG, "type", c->name, NAN, NAN, "was %s, is %s", frame_type_name(ref->type), frame_type_name(cur->type));
	if (cur->mixed > 0)
		add(l, ref->mixed > 0 ? KNOW : LOOK, "mixed types", c->name, (double)ref->mixed, (double)cur->mixed, "%zu values are not %s, such as '%s'; they count as missing", cur->mixed,
			frame_type_name(cur->type), cur->mixed_example ? cur->mixed_example : "");
}

static void check_categories(struct list *l, const struct report_column *c)
{
	if (c->all_gained)
		add(l, LOOK, "new categories", c->name, 0, (double)c->all_gained, "%zu that the reference lacks, such as '%s'", c->all_gained, c->n_gained ? c->gained[0].name : "");
	if (strcmp(c->type, "categorical") == 0 && c->ref.distinct >= 1 && c->cur.distinct >= times_distinct * c->ref.distinct && c->cur.rows <= times_distinct * c->ref.rows)
		add(l, LOOK, "cardinality", c->name, c->ref.distinct, c->cur.distinct, "%.0f distinct values (reference %.0f)", c->cur.distinct, c->ref.distinct);
}

/* ---- variants ---- */

/* A category without case of ASCII letters and without white space around and doubled inside. */
static void plain_form(struct str *out, struct frame_word w)
{
	bool gap = false;
	str_clear(out);
	for (uint32_t i = 0; i < w.n; i++) {
		unsigned char c = (unsigned char)w.p[i];
		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			gap = out->len > 0;
			continue;
		}
		if (gap)
			str_addc(out, ' ');
		gap = false;
		str_addc(out, c < 0x80 ? (char)tolower(c) : (char)c);
	}
}

static void check_variants(struct list *l, const char *name, const struct frame_col *c)
{
	if (!c || c->type != FRAME_CATEGORY || c->n_words > VARIANT_WORDS)
		return;
	struct map *seen = map_new();
	struct str form = STR_INIT, shown = STR_INIT;
	size_t n = 0;
	for (size_t i = 0; i < c->n_words; i++) {
		bool added;
		plain_form(&form, c->words[i]);
		size_t at = map_add(seen, form.p, form.len, &added);
		if (added) {
			*map_value(seen, at) = (intptr_t)i;
			continue;
		}
		const struct frame_word *first = &c->words[*map_value(seen, at)];
		if (n++ < VARIANTS_SHOWN)
			str_addf(&shown, "%s'%.*s' and '%.*s'", shown.len ? ", " : "", (int)first->n, first->p, (int)c->words[i].n, c->words[i].p);
	}
	if (n)
		add(l, LOOK, "variants", name, NAN, (double)n, "%zu values differ from others in case or white space only: %s", n, shown.p);
	str_free(&form), str_free(&shown);
	map_free(seen);
}

/* ---- the whole ---- */

/* As the data has it, in UTC, to the minute; a day alone where that is all. */
static void moment(char buf[FMT_MAX], double ms)
{
	fmt_time_iso(buf, (int64_t)ms);
	if (strlen(buf) != strlen("2026-11-21T12:05:09.123Z"))      /* a year beyond 9999 */
		return;
	buf[10] = ' ', buf[16] = '\0';
	if (strcmp(buf + 11, "00:00") == 0)
		buf[10] = '\0';
}

static void check_freshness(struct list *l, const struct report_column *c)
{
	char from[FMT_MAX], to[FMT_MAX];
	if (strcmp(c->type, "datetime") != 0 || isnan(c->ref.max) || isnan(c->cur.max))
		return;
	moment(from, c->ref.max), moment(to, c->cur.max);
	if (c->cur.max < c->ref.max)
		add(l, LOOK, "freshness", c->name, c->ref.max, c->cur.max, "newest current row is of %s, older than the reference's newest of %s", to, from);
	else
		add(l, KNOW, "freshness", c->name, c->ref.max, c->cur.max, "newest current row is of %s (reference %s)", to, from);
}

void quality_part(struct quality_pairs *q, int part, const struct frame *ref, const struct frame *cur)
{
	if (part != QUALITY_CORRELATIONS)
		q->duplicates[part] = quality_duplicates(part ? cur : ref);
	else
		q->n_changed = quality_correlations(ref, cur, &q->changed);
}

static void check_duplicates(struct list *l, const struct frame *ref, const struct frame *cur, const struct quality_pairs *q)
{
	struct report *r = l->r;
	r->duplicates_ref = (double)q->duplicates[0], r->duplicates_cur = (double)q->duplicates[1];
	double x = part(r->duplicates_ref, (double)ref->n_rows), y = part(r->duplicates_cur, (double)cur->n_rows);
	if (r->duplicates_cur > 0)
		add(l, y > x + more_outliers ? LOOK : KNOW, "duplicates", "", x, y, "%.0f rows equal an earlier one (%.1f %%; reference %.1f %%)", r->duplicates_cur, 100 * y, 100 * x);
}

static void check_correlations(struct list *l, const struct frame *ref, const struct quality_pairs *q)
{
	const struct correlation *c = q->changed;
	const size_t n = q->n_changed;
	for (size_t i = 0; i < n && i < CORRELATIONS_SHOWN; i++)
		add(l, LOOK, "correlation", arena_strdup(l->r->arena, ref->cols[c[i].a].name), c[i].ref, c[i].cur, "with %s: %.2f \xe2\x86\x92 %.2f", ref->cols[c[i].b].name, c[i].ref, c[i].cur);
	if (n > CORRELATIONS_SHOWN)
		add(l, KNOW, "correlation", "", NAN, (double)n, "%zu pairs of columns changed their correlation; the first %d are listed", n, CORRELATIONS_SHOWN);
}

static int by_level(const void *a, const void *b)
{
	const struct report_finding *x = a, *y = b;
	if (x->level != y->level)
		return y->level - x->level;
	int way = strcmp(x->column, y->column);
	return way ? way : strcmp(x->check, y->check);
}

void quality_fill(struct report *r, const struct frame *ref, const struct frame *cur, const struct quality_pairs *q)
{
	struct list l = { .r = r };
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct report_column *c = &r->columns[i];
		const struct frame_col *x = frame_find(ref, c->name), *y = frame_find(cur, c->name);
		check_types(&l, c, x, y);
		check_freshness(&l, c);
		if (!x || !y)
			continue;
		check_missing(&l, c);
		check_constant(&l, c);
		check_values(&l, c);
		check_categories(&l, c);
		check_variants(&l, c->name, y);
	}
	check_duplicates(&l, ref, cur, q);
	check_correlations(&l, ref, q);
	if (l.n)
		qsort(l.at, l.n, sizeof *l.at, by_level);
	struct report_finding *out = arena_array(r->arena, l.n, sizeof *out);
	if (l.n)
		memcpy(out, l.at, l.n * sizeof *out);
	r->findings = out, r->n_findings = l.n;
	free(l.at);
}
