/* performance_slices -- where the model got worse: every value of one column is a slice, numbers in quarters of the reference.
 *
 * Score    a row's own: right or wrong, or the size of its error. A slice's value is their mean: accuracy or MAE.
 * Slices   words and booleans of at most MOST_VALUES values, numbers by the reference's quartiles, a slice for missing values; those with at least FEWEST_ROWS rows
 *          on both sides are compared. Columns with a role are left out unless they are named to slice by.
 * Worse    the change is certain at 95 % over all slices compared (Bonferroni) and at least twice the floor of the whole: 0.05 of accuracy, 10 % of MAE.
 * Order    worse ones first, then by the change that is certain, greatest first; MOST_SHOWN are kept.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/drift/pair.h"
#include "core/drift/performance_impl.h"
#include "core/drift/special.h"
#include "core/drift/verdict_impl.h"

enum { MOST_VALUES = 50, FEWEST_ROWS = 30, MOST_COLUMNS_ = 200, MOST_SHOWN = 200, QUARTERS = 4 };
static const double floor_share = 0.05, floor_size = 0.1;

struct sum { double rows, sum, sum2; };
struct slice { const char *column, *value; struct sum ref, cur; double surely, size; };
struct slices { struct arena *a; struct slice *at; size_t n, cap; bool less; };

/* ---- the slice of a row ---- */

struct binned { const struct frame_col *col; double quartile[QUARTERS - 1]; uint32_t *of_word; size_t n; };       /* n: slices without that of missing values */

static size_t slice_of(const struct binned *b, size_t row)
{
	if (b->col->code)
		return b->col->code[row] == FRAME_NO_CODE ? b->n : b->of_word ? b->of_word[b->col->code[row]] : b->col->code[row];
	double v = b->col->num[row];
	if (isnan(v))
		return b->n;
	if (b->col->type == FRAME_BOOLEAN)
		return v != 0;
	return (size_t)(v > b->quartile[0]) + (v > b->quartile[1]) + (v > b->quartile[2]);
}

static void add_rows(const struct binned *b, const struct sliced *s, struct sum *to)
{
	for (size_t i = 0; i < s->n; i++) {
		double v = s->score[i];
		if (isnan(v))
			continue;
		struct sum *x = &to[slice_of(b, s->row[i])];
		x->rows++, x->sum += v, x->sum2 += v * v;
	}
}

static void find_quartiles(const struct report *r, struct binned *b)
{
	const struct report_column *known = report_column(r, b->col->name);
	if (known && known->ref.quantiles) {
		for (int i = 0; i < QUARTERS - 1; i++)
			b->quartile[i] = known->ref.quantiles[(REPORT_QUANTILES - 1) / QUARTERS * (i + 1)];
		return;
	}
	double *v = mem_array(2 * b->col->n + 1, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < b->col->n; i++)
		if (isfinite(b->col->num[i]))
			v[n++] = b->col->num[i] + 0.0;
	sort_doubles(v, v + n, n);
	for (int i = 0; i < QUARTERS - 1; i++)
		b->quartile[i] = n ? quantile_sorted(v, n, (i + 1) / (double)QUARTERS) : 0;
	free(v);
}

/* Words of the current side that the reference does not have go to no slice that is compared: the last but one. */
static uint32_t *map_words(const struct frame_col *ref, const struct frame_col *cur)
{
	uint32_t *of = mem_array(cur->n_words + 1, sizeof *of);
	for (size_t i = 0; i < cur->n_words; i++) {
		size_t k = 0;
		while (k < ref->n_words && !(ref->words[k].n == cur->words[i].n && memcmp(ref->words[k].p, cur->words[i].p, cur->words[i].n) == 0))
			k++;
		of[i] = (uint32_t)k;
	}
	return of;
}

static const char *quarter_words(struct arena *a, const double *q, size_t i)
{
	char low[FMT_MAX], high[FMT_MAX];
	if (i == 0)
		return arena_printf(a, "at most %s", fmt_number(high, q[0], 4));
	if (i == QUARTERS - 1)
		return arena_printf(a, "above %s", fmt_number(low, q[QUARTERS - 2], 4));
	return arena_printf(a, "%s to %s", fmt_number(low, q[i - 1], 4), fmt_number(high, q[i], 4));
}

static const char *slice_words(struct slices *l, const struct binned *b, size_t i)
{
	if (i == b->n)
		return "(missing)";
	if (b->col->code)
		return label_of(l->a, b->col->words[i].p, b->col->words[i].n);
	return b->col->type == FRAME_BOOLEAN ? i ? "true" : "false" : quarter_words(l->a, b->quartile, i);
}

/* ---- columns ---- */

static bool can_slice(const struct frame_col *ref, const struct frame_col *cur)
{
	if (!cur || !ref->code != !cur->code || ref->type == FRAME_TIME || (ref->code && ref->n_words > MOST_VALUES) || (cur->code && cur->n_words > 16 * MOST_VALUES))
		return false;
	return (ref->type == FRAME_BOOLEAN) == (cur->type == FRAME_BOOLEAN);
}

static void slice_column(const struct report *r, struct slices *l, const struct sliced *ref, const struct sliced *cur, const struct frame_col *x, const struct frame_col *y)
{
	struct binned b = { .col = x };
	b.n = x->code ? x->n_words + 1 : x->type == FRAME_BOOLEAN ? 2 : QUARTERS;
	struct sum *sums = mem_zalloc(2 * (b.n + 1) * sizeof *sums);
	if (!x->code && x->type != FRAME_BOOLEAN)
		find_quartiles(r, &b);
	struct binned later = b;
	later.col = y, later.of_word = x->code ? map_words(x, y) : NULL;
	add_rows(&b, ref, sums);
	add_rows(&later, cur, sums + b.n + 1);
	for (size_t i = 0; i <= b.n; i++) {
		struct sum from = sums[i], to = sums[b.n + 1 + i];
		if (from.rows < FEWEST_ROWS || to.rows < FEWEST_ROWS)
			continue;
		MEM_GROW(l->at, l->cap, l->n + 1);
		l->at[l->n++] = (struct slice){ .column = x->name, .value = slice_words(l, &b, i), .ref = from, .cur = to };
	}
	free(later.of_word);
	free(sums);
}

/* ---- judging ---- */

static struct estimate value_of(const struct sum *s, bool less)
{
	if (!less)
		return estimate_share(s->sum, s->rows);
	double mean = s->sum / s->rows, variance = fmax(0, s->sum2 / s->rows - mean * mean);
	return (struct estimate){ .value = mean, .se = sqrt(variance / (s->rows - 1)), .unit = mean, .form = EST_NORMAL };
}

static void judge(struct slices *l, struct report_segment *out)
{
	double z = normal_quantile(1 - 0.025 / (double)l->n);
	for (size_t i = 0; i < l->n; i++) {
		struct slice *s = &l->at[i];
		struct estimate ref = value_of(&s->ref, l->less), cur = value_of(&s->cur, l->less);
		struct harm h = estimate_harm(&ref, &cur, l->less, false, z);
		s->surely = h.surely, s->size = h.size;
		out[i] = (struct report_segment){ .column = s->column, .value = s->value, .rows_ref = s->ref.rows, .rows_cur = s->cur.rows, .ref = ref.value, .cur = cur.value,
			.worse = h.surely > 0 && h.size >= (l->less ? floor_size * ref.value : floor_share) };
	}
}

struct ordered { struct report_segment s; double surely; size_t at; };

static int by_harm(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	if (x->s.worse != y->s.worse)
		return x->s.worse ? -1 : 1;
	return x->surely > y->surely ? -1 : x->surely < y->surely ? 1 : x->at < y->at ? -1 : x->at > y->at;
}

static void put(struct report *r, struct slices *l)
{
	struct report_segment *s = arena_array(r->arena, l->n, sizeof *s);
	struct ordered *o = mem_array(l->n, sizeof *o);
	judge(l, s);
	for (size_t i = 0; i < l->n; i++)
		o[i] = (struct ordered){ s[i], isnan(l->at[i].surely) ? -DBL_MAX : l->at[i].surely, i };
	qsort(o, l->n, sizeof *o, by_harm);
	for (size_t i = 0; i < l->n; i++) {
		s[i] = o[i].s;
		s[i].column = arena_strdup(r->arena, s[i].column);
	}
	r->performance.segments = s, r->performance.n_segments = l->n < MOST_SHOWN ? l->n : MOST_SHOWN;
	if (l->n > MOST_SHOWN)
		measuring_note(r, "performance: %zu slices were compared; the report has the %d that got worst", l->n, MOST_SHOWN);
	free(o);
}

static bool asked(const struct drift_roles *roles, const char *name)
{
	for (size_t i = 0; i < roles->n_segments; i++)
		if (strcmp(roles->segments[i], name) == 0)
			return true;
	return !roles->n_segments && !*roles_of(roles, name);
}

void slices_fill(struct report *r, const struct sliced *ref, const struct sliced *cur, const struct drift_roles *roles, bool less_is_better)
{
	struct slices l = { .a = r->arena, .less = less_is_better };
	size_t taken = 0, left = 0;
	for (size_t i = 0; i < ref->f->n_cols; i++) {
		const struct frame_col *x = &ref->f->cols[i], *y = frame_find(cur->f, x->name);
		if (!asked(roles, x->name) || !can_slice(x, y))
			continue;
		if (taken == MOST_COLUMNS_) {
			left++;
			continue;
		}
		slice_column(r, &l, ref, cur, x, y);
		taken++;
	}
	if (left)
		measuring_note(r, "performance: slices were made of %d columns; %zu more were left out, name those to slice by", MOST_COLUMNS_, left);
	if (l.n)
		put(r, &l);
	free(l.at);
}
