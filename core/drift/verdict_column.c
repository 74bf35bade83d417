/* verdict_column -- one column: which tests, their numbers, both sides in figures. No verdict yet. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/special.h"
#include "core/drift/verdict_impl.h"

enum { LABEL_BYTES = 120, FEW_VALUES = 10, EXPECTED_ROWS = 5, MANY_ROWS = 25, EXACT_CATEGORIES = 10 };
#define UNLIKELY 0.1

bool is_words(enum frame_type t) { return t == FRAME_CATEGORY || t == FRAME_TEXT; }

const char *label_of(struct arena *a, const char *p, size_t n)
{
	struct str s = STR_INIT;
	text_clean(&s, p, n < LABEL_BYTES ? n : LABEL_BYTES, 0);
	char *out = arena_strndup(a, s.p, s.len);
	str_free(&s);
	return out;
}

void work_reason(struct column_work *w, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;
	if (w->n_reasons == MOST_REASONS)
		return;
	va_start(ap, fmt);
	str_vaddf(&s, fmt, ap);
	va_end(ap);
	w->reasons[w->n_reasons++] = arena_strndup(w->arena, s.p, s.len);
	str_free(&s);
}

const struct drift_test *work_test(const struct column_work *w, size_t i) { return drift_test_find(w->tests[i].name); }

/* ---- sides ---- */

static double count_rows(const struct frame_col *c) { return c ? (double)c->n : 0; }

static void fill_numbers(struct column_work *w, const struct side *s, struct report_side *out)
{
	out->distinct = (double)s->distinct;
	if (!s->n)
		return;
	out->mean = s->mean, out->sd = side_sd(s, 1), out->min = s->min, out->max = s->max;
	double *q = arena_array(w->arena, REPORT_QUANTILES, sizeof *q);
	for (int i = 0; i < REPORT_QUANTILES; i++)
		q[i] = quantile_sorted(s->sorted, s->n, (double)i / (REPORT_QUANTILES - 1));
	out->quantiles = q;
}

static void fill_outside(const struct side *s, const struct side *ref, struct fences f, struct report_side *out)
{
	if (!s->n || !ref->n)
		return;
	if (!isnan(f.low))
		out->outliers = (double)count_below(s->sorted, s->n, f.low) + (double)(s->n - count_to(s->sorted, s->n, f.high));
	out->outside = (double)count_below(s->sorted, s->n, ref->min) + (double)(s->n - count_to(s->sorted, s->n, ref->max));
}

static void empty_side(struct report_side *s, const struct frame_col *c, const struct side *from)
{
	*s = (struct report_side){ .rows = count_rows(c), .missing = (double)from->missing, .nan = (double)from->nan, .inf = (double)from->inf, .mixed = c ? (double)c->mixed : 0,
		.distinct = NAN, .mean = NAN, .sd = NAN, .min = NAN, .max = NAN, .outliers = NAN, .outside = NAN };
}

static void fill_sides(struct column_work *w, const struct pair *p)
{
	struct report_column *c = &w->out;
	empty_side(&c->ref, w->ref, &p->ref), empty_side(&c->cur, w->cur, &p->cur);
	if (is_words(p->type)) {
		c->ref.distinct = c->cur.distinct = 0;
		for (size_t i = 0; i < p->n_cats; i++)
			c->ref.distinct += p->cats[i].ref > 0, c->cur.distinct += p->cats[i].cur > 0;
		return;
	}
	fill_numbers(w, &p->ref, &c->ref), fill_numbers(w, &p->cur, &c->cur);
	if (p->ref.n) {
		double q1 = quantile_sorted(p->ref.sorted, p->ref.n, 0.25), q3 = quantile_sorted(p->ref.sorted, p->ref.n, 0.75);
		if (q3 > q1)             /* else every other value would lie beyond */
			w->fences = (struct fences){ q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1) };
	}
	fill_outside(&p->ref, &p->ref, w->fences, &c->ref), fill_outside(&p->cur, &p->ref, w->fences, &c->cur);
}

static int by_rows(const void *a, const void *b)
{
	const struct category *x = *(const struct category *const *)a, *y = *(const struct category *const *)b;
	double p = x->ref + x->cur, q = y->ref + y->cur;
	return p > q ? -1 : p < q ? 1 : x < y ? -1 : x > y;
}

static const struct report_category *absent(struct column_work *w, const struct pair *p, bool gained, size_t *n, size_t *all)
{
	const struct category **list = mem_array(p->n_cats ? p->n_cats : 1, sizeof *list);
	*all = 0;
	for (size_t i = 0; i < p->n_cats; i++)
		if ((gained ? p->cats[i].ref : p->cats[i].cur) == 0)
			list[(*all)++] = &p->cats[i];
	qsort(list, *all, sizeof *list, by_rows);
	*n = *all < REPORT_NEW_CATEGORIES ? *all : REPORT_NEW_CATEGORIES;
	struct report_category *out = arena_array(w->arena, *n, sizeof *out);
	for (size_t i = 0; i < *n; i++) {
		out[i].name = label_of(w->arena, list[i]->word.p, list[i]->word.n);
		out[i].rows = gained ? list[i]->cur : list[i]->ref;
	}
	free(list);
	return out;
}

void column_list_absent(struct column_work *w, const struct pair *p)
{
	struct report_column *out = &w->out;
	out->gained = absent(w, p, true, &out->n_gained, &out->all_gained);
	out->lost = absent(w, p, false, &out->n_lost, &out->all_lost);
}

/* ---- tests ---- */

static int by_total(const void *a, const void *b)
{
	const struct category *x = a, *y = b;
	const double p = x->ref + x->cur, q = y->ref + y->cur;
	return p > q ? -1 : p < q;
}

/* The chi-square distribution holds where at least five rows are expected in every cell (Cochran 1954): rarer categories are put together, and with them the next rarest until that holds for
 * all of them. NULL: none are rare. To be freed. */
static struct category *pool_rare(const struct pair *p, size_t *n)
{
	const double least = (double)(p->n_ref < p->n_cur ? p->n_ref : p->n_cur) / (double)(p->n_ref + p->n_cur);
	struct category *out = mem_array(p->n_cats + 1, sizeof *out), rest = { .value = NAN };
	size_t kept = p->n_cats;
	memcpy(out, p->cats, kept * sizeof *out);
	qsort(out, kept, sizeof *out, by_total);
	for (; kept > 1; kept--) {
		const double here = (out[kept - 1].ref + out[kept - 1].cur) * least, together = (rest.ref + rest.cur) * least;
		if (here >= EXPECTED_ROWS && (together == 0 || together >= EXPECTED_ROWS))
			break;
		rest.ref += out[kept - 1].ref, rest.cur += out[kept - 1].cur;
	}
	*n = kept + 1;
	if (kept < p->n_cats) {
		out[kept] = rest;
		return out;
	}
	free(out);
	return NULL;
}

/* The chi-square distribution's tail is too thin by a factor of two or three where a cell expects few rows, and verdicts over many columns live in that tail. There p is at least that of
 * Fisher's exact tests of each category against the rest, corrected for their number (Bonferroni); of two categories, that is Fisher's test. */
static double exact_p(const struct pair *p, double chi)
{
	const double n = (double)p->n_ref, m = (double)p->n_cur, side = fmin(n, m) / (n + m);
	double least = INFINITY, best = 1;
	for (size_t i = 0; i < p->n_cats; i++)
		least = fmin(least, (p->cats[i].ref + p->cats[i].cur) * side);
	if (p->n_cats < 2 || p->n_cats > EXACT_CATEGORIES || least >= MANY_ROWS || !(chi < UNLIKELY))
		return chi;
	for (size_t i = 0; i < p->n_cats; i++)
		best = fmin(best, hypergeometric_two_sided(p->cats[i].ref, n - p->cats[i].ref, p->cats[i].cur, m - p->cats[i].cur));
	return fmax(chi, fmin(1, best * (p->n_cats == 2 ? 1 : (double)p->n_cats)));
}

static void run_pooled(const struct drift_test *t, const struct pair *p, struct test_result *r)
{
	struct pair pooled = *p;
	const bool chi = strcmp(t->id, "chi_square") == 0 && p->n_cats >= 2 && p->n_ref && p->n_cur;
	struct category *cats = chi ? pool_rare(p, &pooled.n_cats) : NULL;
	if (cats)
		pooled.cats = cats;
	else
		pooled.n_cats = p->n_cats;
	drift_test_run(t, &pooled, NULL, r);
	if (chi)
		r->p = exact_p(&pooled, r->p);
	free(cats);
}

static void run_test(struct column_work *w, const struct drift_test *t, const struct pair *p, bool primary)
{
	struct test_result r;
	run_pooled(t, p, &r);
	w->tests[w->n_tests++] = (struct report_test){ .low = NAN, .high = NAN, .name = t->id, .title = t->title, .effect_name = t->effect ? t->effect : "", .primary = primary, .statistic = r.statistic,
		.p_value = r.p, .p_adjusted = NAN, .effect = r.effect, .threshold = t->effect_floor, .null_value = r.null_value, .why_not = r.why_not ? r.why_not : "" };
	if (strcmp(t->id, "missing") == 0)
		w->out.missing_low = r.extra[0], w->out.missing_high = r.extra[1];
	if (strcmp(t->id, "levene") == 0)
		w->spread_p = fmax(r.p, r.extra[2]);
}

void work_run(struct column_work *w, const char *id, const struct pair *p, bool primary)
{
	const struct drift_test *t = drift_test_find(id);
	for (size_t i = 0; i < w->n_tests; i++)
		if (strcmp(w->tests[i].name, id) == 0)
			return;
	if (t)
		run_test(w, t, p, primary);
}

/* Few values are compared by their shares; rank tests lose their power in ties. */
bool column_by_shares(const struct pair *p)
{
	return is_words(p->type) || (p->n_cats > 0 && p->n_cats <= FEW_VALUES);
}

static bool is_for(const struct drift_test *t, const struct pair *p)
{
	return t->types & (is_words(p->type) ? FOR_WORDS : FOR_NUMBERS) || (column_by_shares(p) && (t->types & FOR_WORDS));
}

/* Tests asked for: the first with a p decides; where none has one, the default test does. */
static void run_chosen(struct column_work *w, const struct drift_options *o, const struct pair *p)
{
	bool have = false;
	for (size_t i = 0; i < o->n_tests; i++) {
		if (!is_for(o->tests[i], p))
			continue;
		run_test(w, o->tests[i], p, false);
		struct report_test *last = &w->tests[w->n_tests - 1];
		if (!have && o->tests[i]->kind == TEST_P_VALUE && !isnan(last->p_value))
			have = last->primary = true;
	}
	if (!have) {
		work_run(w, column_by_shares(p) ? "chi_square" : "ks", p, true);
		w->tests[w->n_tests - 1].primary = true;
	}
}

static void run_tests(struct column_work *w, const struct drift_options *o, const struct pair *p)
{
	if (o->n_tests) {
		run_chosen(w, o, p);
		return;
	}
	work_run(w, column_by_shares(p) ? "chi_square" : "ks", p, true);
	if (!column_by_shares(p)) {
		work_run(w, "wasserstein", p, false);
		if (!w->text_length) {
			work_run(w, "levene", p, false);
			w->partner = w->n_tests - 1;
		}
	}
	work_run(w, "jensen_shannon", p, false);
	work_run(w, "psi", p, false);
}

static void run_own_checks(struct column_work *w, const struct pair *p)
{
	work_run(w, "missing", p, false);
	if (!is_words(p->type) || p->n_ref == 0 || p->n_cur == 0)
		return;
	work_run(w, "new_categories", p, false);
	work_run(w, "lost_categories", p, false);
}

/* ---- the column ---- */

const char late_labels[] = "no labels yet";

bool labels_late(const struct column_work *w, size_t n_ref, size_t n_cur)
{
	return strcmp(w->out.role, "target") == 0 && w->ref && n_ref && !n_cur;
}

/* Where some rows of the current data have no label yet, the others are compared. */
void labels_note(struct column_work *w)
{
	const struct report_side *s = &w->out.cur;
	char have[FMT_MAX], all[FMT_MAX];
	if (strcmp(w->out.role, "target") != 0 || !(s->missing > 0) || s->missing == s->rows)
		return;
	w->out.note = arena_printf(w->arena, "%s%scompared on the %s of %s current rows that have a label", w->out.note, *w->out.note ? "; " : "", fmt_count(have, (int64_t)(s->rows - s->missing)),
		fmt_count(all, (int64_t)s->rows));
}

static const char *status_of(const struct column_work *w, const struct pair *p)
{
	if (labels_late(w, p->n_ref, p->n_cur))
		return late_labels;
	if (!w->ref || !w->cur)
		return w->ref ? "only in reference" : "only in current";
	if (p->n_ref == 0 || p->n_cur == 0)
		return "no data";
	if (w->ref->type == FRAME_TIME || strcmp(w->out.role, "timestamp") == 0)
		return "time";
	if (strcmp(w->out.role, "id") == 0)
		return "id";
	if (p->n_ref < VERDICT_FEWEST_ROWS || p->n_cur < VERDICT_FEWEST_ROWS)
		return "too few rows";
	if (!w->text_length && (is_words(p->type) ? p->n_cats == 1 : p->walk.distinct == 1))
		return "constant";
	return "compared";
}

/* Characters of each text, as a column of numbers; missing stays missing. */
static double *lengths(const struct frame_col *c, struct frame_col *out)
{
	double *by_code = mem_array(c->n_words ? c->n_words : 1, sizeof *by_code), *v = mem_array(c->n ? c->n : 1, sizeof *v);
	for (size_t i = 0; i < c->n_words; i++) {
		size_t n = 0;
		for (size_t k = 0; k < c->words[i].n; k++)
			n += ((unsigned char)c->words[i].p[k] & 0xC0) != 0x80;
		by_code[i] = (double)n;
	}
	for (size_t i = 0; i < c->n; i++)
		v[i] = c->code[i] == FRAME_NO_CODE ? NAN : by_code[c->code[i]];
	free(by_code);
	*out = (struct frame_col){ .name = c->name, .type = FRAME_NUMBER, .n = c->n, .missing = c->missing, .num = v };
	return v;
}

static enum status make_pair(struct column_work *w, struct pair **p, struct frame_col *ref, struct err *e)
{
	struct frame_col cur;
	*ref = w->ref ? *w->ref : (struct frame_col){ 0 };
	w->text_length = w->ref && w->cur && w->ref->type == FRAME_TEXT && is_words(w->cur->type);
	if (!w->text_length)
		return pair_new_in(w->room, w->ref, w->cur, p, e);
	double *y = lengths(w->cur, &cur);
	lengths(w->ref, ref);
	enum status st = pair_new_in(w->room, ref, &cur, p, e);
	free(y);
	return st;
}

void column_fill(struct compare *c, struct column_work *w, const struct pair *p, const struct frame_col *ref)
{
	struct report_column *out = &w->out;
	if (w->ref && w->cur && !w->text_length && is_words(p->type) != is_words(w->ref->type))
		out->type = frame_type_name(p->type);          /* a reference without values does not decide */
	out->status = status_of(w, p);
	out->note = !w->text_length ? arena_strdup(w->arena, p->note) : c->o->n_tests ? "texts are compared by their length in characters"
		: "texts are compared by their length in characters and by their words";
	fill_sides(w, p);
	labels_note(w);
	const bool compared = strcmp(out->status, "compared") == 0, content = w->text_length && compared && !c->o->n_tests;
	if (is_words(p->type) && w->ref && w->cur)
		column_list_absent(w, p);
	if (compared) {
		run_tests(w, c->o, p);
		if (p->type != FRAME_CATEGORY && !w->text_length && p->ref.distinct == 1)
			work_reason(w, "was constant in the reference");
	}
	if (w->ref && w->cur && w->ref->n && w->cur->n && strcmp(out->status, "id") != 0)
		run_own_checks(w, p);
	picture_fill(w, p);
	if (content)
		text_compare(w);
	if (c->o->evidently)
		evidently_column(c, w, p);
	floors_calibrate(c, w, ref);
	if (content)
		text_tests(w);
}

void compare_column(struct compare *c, struct column_work *w)
{
	const struct frame_col *named = w->ref ? w->ref : w->cur;
	struct report_column *out = &w->out;
	struct frame_col ref;
	struct pair *p = NULL;
	struct err e = { 0 };
	out->name = arena_strdup(w->arena, named->name), out->type = frame_type_name(named->type);
	out->role = c->o->roles ? roles_of(c->o->roles, named->name) : "";
	out->note = out->differs = "", out->missing_low = out->missing_high = NAN;
	w->fences = (struct fences){ NAN, NAN };
	if (make_pair(w, &p, &ref, &e) == ST_OK) {
		column_fill(c, w, p, &ref);
	} else {
		static const struct side nothing;
		out->status = "failed";
		out->note = arena_strdup(w->arena, e.text);
		empty_side(&out->ref, w->ref, &nothing), empty_side(&out->cur, w->cur, &nothing);
	}
	pair_free(p);
	if (w->text_length)
		free(ref.num);
}
