/* verdict_sketch -- a column of which both sides are sketches (core/io/sketch.h): counts in bins fixed by the reference, with intervals in which the exact values surely lie.
 *
 * Numbers  Kolmogorov-Smirnov and Wasserstein, the statistic being the middle of its interval. p and effect are those of the lower end, so that a column drifts only where the whole interval
 *          says so; where only its upper end would, the column is to be watched.
 * Rows     from the sample of whole rows come the test of spread, texts (length and words), changed correlations; what is said of all columns together and of the model is made of it elsewhere.
 * Words    counted exactly up to SKETCH_WORDS different ones: then every test of words runs as always. Beyond that the words that the plan has fixed, whose counts are exact, are judged
 *          one by one and all others as one. New categories need the reference to be counted exactly, lost ones the current data or that the plan has fixed them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/drift/divergence.h"
#include "core/drift/verdict_impl.h"

static const double no_chance = 1e-6;

static const struct sketch_col *column(const struct sketch *s, const char *name)
{
	for (size_t i = 0; i < s->n_cols; i++)
		if (!strcmp(s->cols[i].name, name))
			return s->cols[i].absent ? NULL : &s->cols[i];
	return NULL;
}

/* What columns, notes and findings ask of a frame, without its values. */
void sketch_face(const struct sketch *s, struct frame *f)
{
	*f = (struct frame){ .name = s->name, .n_rows = s->n_rows, .notes = s->notes, .cols = mem_array(s->n_cols + s->n_others + 1, sizeof *f->cols) };
	memcpy(f->digest, s->digest, sizeof f->digest);
	for (size_t i = 0; i < s->n_cols; i++) {
		const struct sketch_col *c = &s->cols[i];
		if (!c->absent)
			f->cols[f->n_cols++] = (struct frame_col){ .name = c->name, .type = c->type, .integer = c->integer, .n = c->n, .missing = c->missing, .nan = c->nan, .inf = c->inf,
				.mixed = c->mixed, .mixed_example = c->mixed_example };
	}
	for (size_t i = 0; i < s->n_others; i++)
		f->cols[f->n_cols++] = (struct frame_col){ .name = s->others[i].name, .type = s->others[i].type, .n = s->n_rows };
}

/* ---- what needs whole rows ---- */

static const struct frame_col *sampled(const struct sketch *s, const char *name) { return s->sample ? frame_find(s->sample, name) : NULL; }

static void note_sample(const struct compare *c, struct column_work *w, const char *what)
{
	const struct report r = { .sample_ref = (double)c->sketch_ref->sample->n_rows, .sample_cur = (double)c->sketch_cur->sample->n_rows, .n_ref = (double)c->sketch_ref->n_rows,
		.n_cur = (double)c->sketch_cur->n_rows };
	w->out.note = arena_printf(w->arena, "%s%s%s %s", w->out.note, *w->out.note ? "; " : "", what, report_sample_words(w->arena, &r));
}

static void mark_sampled(struct column_work *w, struct report_test *t)
{
	t->sampled = true;
	t->title = arena_printf(w->arena, "%s (sample)", t->title);
}

/* Numbers of few values are not asked for their spread, as in memory. */
static void spread(const struct compare *c, struct column_work *w)
{
	const struct frame_col *x = sampled(c->sketch_ref, w->out.name), *y = sampled(c->sketch_cur, w->out.name);
	struct pair *p;
	struct err e;
	if (!x || !y || !x->num || !y->num || pair_new_in(w->room, x, y, &p, &e) != ST_OK)
		return;
	if (!column_by_shares(p) && p->ref.n >= VERDICT_FEWEST_ROWS && p->cur.n >= VERDICT_FEWEST_ROWS) {
		work_run(w, "levene", p, false);
		w->partner = w->n_tests - 1;
		mark_sampled(w, &w->tests[w->partner]);
		note_sample(c, w, "spread");
	}
	pair_free(p);
}

/* ---- numbers ---- */

static double middle(struct interval v) { return v.lo + (v.hi - v.lo) / 2; }

static void fill_side(struct column_work *w, const struct sketch_col *c, struct report_side *out)
{
	*out = (struct report_side){ .rows = c ? (double)c->n : 0, .missing = c ? (double)c->missing : 0, .nan = c ? (double)c->nan : 0, .inf = c ? (double)c->inf : 0, .mixed = c ? (double)c->mixed : 0,
		.distinct = NAN, .mean = NAN, .sd = NAN, .min = NAN, .max = NAN, .outliers = NAN, .outside = NAN };
	if (!c || !c->finite)
		return;
	double *q = arena_array(w->arena, REPORT_QUANTILES, sizeof *q);
	for (int i = 0; i < REPORT_QUANTILES; i++)
		q[i] = middle(sketch_quantile(c, (double)i / (REPORT_QUANTILES - 1)));
	q[0] = c->min, q[REPORT_QUANTILES - 1] = c->max;
	out->quantiles = q, out->mean = c->mean, out->min = c->min, out->max = c->max;
	out->sd = c->finite > 1 ? sqrt(c->m2 / (double)(c->finite - 1)) : NAN;
}

static double p_of(const struct sketch_col *x, const struct sketch_col *y, double d, double *null_value)
{
	struct pair p = { .ref.n = x->finite, .cur.n = y->finite, .walk.d_plus = d };
	const struct test_options plain = { 0 };
	struct test_result r;
	drift_test_find("ks")->run(&p, &plain, &r);
	*null_value = r.null_value;
	return r.p;
}

static struct report_test *add(struct column_work *w, const char *id, struct interval v)
{
	const struct drift_test *t = drift_test_find(id);
	struct report_test *out = &w->tests[w->n_tests++];
	*out = (struct report_test){ .name = t->id, .title = t->title, .effect_name = t->effect, .statistic = middle(v), .p_value = NAN, .p_adjusted = NAN, .effect = v.lo, .threshold = t->effect_floor,
		.null_value = NAN, .low = v.lo, .high = v.hi, .why_not = "" };
	return out;
}

static void number_tests(struct column_work *w, const struct sketch_col *x, const struct sketch_col *y)
{
	const struct interval d = sketch_ks(x, y), far = sketch_wasserstein(x, y);
	const double sd = sqrt(x->m2 / (double)x->finite);
	struct report_test *ks = add(w, "ks", d);
	char a[FMT_MAX], b[FMT_MAX];
	ks->p_value = p_of(x, y, d.lo, &ks->null_value), ks->primary = true;
	const double least = p_of(x, y, d.hi, &ks->null_value);
	if (sd > 0)
		add(w, "wasserstein", (struct interval){ far.lo / sd, far.hi / sd });
	if (d.hi > d.lo)
		w->out.note = arena_printf(w->arena, "counted in %zu bins: D is between %s and %s, p between %.2g and %.2g", x->edges->n + 1, fmt_number(a, d.lo, 5), fmt_number(b, d.hi, 5), least,
			ks->p_value);
	w->unsure = least < w->sure_alpha && !(ks->p_value < w->sure_alpha && d.lo >= ks->threshold) && (d.hi >= ks->threshold || (sd > 0 && far.hi / sd >= w->tests[w->n_tests - 1].threshold));
}

/* About as many values of the reference in each, on edges of the sketch: so the counts are exact. */
static void quantile_bins(const struct sketch_col *x, const struct sketch_col *y, struct bins *b)
{
	const size_t want = sturges_bins(0, 1, x->finite, false);
	*b = (struct bins){ .ref = mem_array(2 * (want + 1), sizeof *b->ref), .n_ref = (double)x->finite, .n_cur = (double)y->finite };
	b->cur = b->ref + want + 1;                /* one piece, as bins_free has it */
	double ref = 0;
	for (size_t i = 0; i <= x->edges->n; i++) {
		b->ref[b->n] += (double)x->count[i], b->cur[b->n] += (double)y->count[i];
		ref += (double)x->count[i];
		if (b->n + 1 < want && ref >= b->n_ref * (double)(b->n + 1) / (double)want && i < x->edges->n && b->ref[b->n] > 0)
			b->n++;
	}
	b->n += b->ref[b->n] > 0 || b->cur[b->n] > 0;
}

static void add_distance(struct column_work *w, const char *id, const struct test_result *r)
{
	struct report_test *out = add(w, id, (struct interval){ r->statistic, r->statistic });
	out->p_value = r->p, out->null_value = r->null_value, out->effect = r->effect;
	out->low = out->high = NAN;                /* exact for these bins */
}

static void distances(struct column_work *w, const struct sketch_col *x, const struct sketch_col *y)
{
	struct test_result none = { .p = NAN, .statistic = NAN, .effect = NAN, .null_value = NAN }, js = none, psi = none;
	struct bins b;
	quantile_bins(x, y, &b);
	jensen_shannon_of_bins(&b, true, &js);
	psi_of_bins(&b, &psi);
	add_distance(w, "jensen_shannon", &js), add_distance(w, "psi", &psi);
	bins_free(&b);
}

/* Values up to edge k, counted by adding up. */
static double *up_to_edges(const struct sketch_col *c)
{
	double *sum = mem_array(c->edges->n + 1, sizeof *sum), all = 0;
	for (size_t i = 0; i < c->edges->n; i++)
		sum[i] = all += (double)c->count[i];
	return sum;
}

/* About equal bars between the quartiles' triple reach, on edges of the sketch: so the bars are exact. */
static size_t choose_edges(const struct sketch_col *x, size_t *at)
{
	const struct sketch_edges *g = x->edges;
	const double q1 = middle(sketch_quantile(x, 0.25)), q3 = middle(sketch_quantile(x, 0.75)), reach = 3 * (q3 - q1);
	const double lo = reach > 0 ? fmax(x->min, q1 - reach) : x->min, hi = reach > 0 ? fmin(x->max, q3 + reach) : x->max;
	size_t n = 0;
	for (int i = 0; i <= REPORT_BINS; i++) {
		const double want = lo + (hi - lo) * i / REPORT_BINS;
		size_t k = sketch_bin_of(g, want);
		k = k < g->n ? k : g->n - 1;
		if (!n || k > at[n - 1])
			at[n++] = k;
	}
	return n;
}

static const double *bars(struct arena *a, const struct sketch_col *c, const size_t *at, size_t n, double outside[2])
{
	double *sum = up_to_edges(c), *out = arena_array(a, n, sizeof *out);
	for (size_t i = 0; i < n; i++)
		out[i] = sum[at[i + 1]] - sum[at[i]];
	outside[0] = sum[at[0]], outside[1] = (double)c->finite - sum[at[n]];
	free(sum);
	return out;
}

static void number_picture(struct column_work *w, const struct sketch_col *x, const struct sketch_col *y)
{
	struct report_picture *out = &w->out.picture;
	size_t at[REPORT_BINS + 1], n = x->edges->n >= 2 && x->finite ? choose_edges(x, at) : 0;
	if (n < 2)
		return;
	double *edges = arena_array(w->arena, n, sizeof *edges);
	for (size_t i = 0; i < n; i++)
		edges[i] = x->edges->edge[at[i]];
	out->n = n - 1, out->edges = edges;
	out->ref = bars(w->arena, x, at, n - 1, out->ref_outside);
	if (y)
		out->cur = bars(w->arena, y, at, n - 1, out->cur_outside);
	else
		out->cur = arena_array(w->arena, n, sizeof(double));
}

static const char *number_status(const struct column_work *w, const struct sketch_col *x, const struct sketch_col *y)
{
	if (labels_late(w, x ? x->finite : 0, y ? y->finite : 0))
		return late_labels;
	if (!w->ref || !w->cur)
		return w->ref ? "only in reference" : "only in current";
	if (!x || !y || !x->finite || !y->finite)
		return "no data";
	if (x->type == FRAME_TIME || !strcmp(w->out.role, "timestamp"))
		return "time";
	if (!strcmp(w->out.role, "id"))
		return "id";
	if (x->finite < VERDICT_FEWEST_ROWS || y->finite < VERDICT_FEWEST_ROWS)
		return "too few rows";
	return x->min == x->max && y->min == y->max && x->min == y->min ? "constant" : "compared";
}

static void numbers(const struct compare *c, struct column_work *w, const struct sketch_col *x, const struct sketch_col *y)
{
	struct pair p = { .type = FRAME_NUMBER };
	w->out.status = number_status(w, x, y);
	fill_side(w, x, &w->out.ref), fill_side(w, y, &w->out.cur);
	if (!strcmp(w->out.status, "compared")) {
		number_tests(w, x, y);
		spread(c, w);
		distances(w, x, y);
	}
	if (w->ref && w->cur && (!x || !y))
		w->out.note = "it is not in the sample of the reference, so its values were not counted";
	labels_note(w);
	if (x)
		number_picture(w, x, y);
	if (!x || !y)
		return;
	p.ref.rows = x->n, p.ref.missing = x->missing, p.cur.rows = y->n, p.cur.missing = y->missing;
	work_run(w, "missing", &p, false);
}

/* ---- words ---- */

static int bytewise(const void *a, const void *b)
{
	const struct category *x = a, *y = b;
	const int way = memcmp(x->word.p, y->word.p, x->word.n < y->word.n ? x->word.n : y->word.n);
	return way ? way : (x->word.n > y->word.n) - (x->word.n < y->word.n);
}

static void put_words(struct pair *p, const struct sketch_col *c, bool cur)
{
	for (size_t i = 0; c && i < c->n_words; i++) {
		struct category *k = &p->cats[p->n_cats++];
		*k = (struct category){ .word = { c->words[i].p, c->words[i].n }, .value = NAN };
		*(cur ? &k->cur : &k->ref) = (double)c->words[i].count;
	}
}

/* Both sides' words, each once. */
static void join_words(struct pair *p)
{
	size_t n = 0;
	qsort(p->cats, p->n_cats, sizeof *p->cats, bytewise);
	for (size_t i = 0; i < p->n_cats; i++) {
		if (n && !bytewise(&p->cats[n - 1], &p->cats[i]))
			p->cats[n - 1].ref += p->cats[i].ref, p->cats[n - 1].cur += p->cats[i].cur;
		else
			p->cats[n++] = p->cats[i];
	}
	p->n_cats = n;
	for (size_t i = 0; i < n; i++)
		p->n_new += p->cats[i].ref == 0, p->n_lost += p->cats[i].cur == 0;
}

static void count_rows(struct pair *p, const struct sketch_col *x, const struct sketch_col *y)
{
	p->ref.rows = x ? x->n : 0, p->ref.missing = x ? x->missing : 0, p->cur.rows = y ? y->n : 0, p->cur.missing = y ? y->missing : 0;
	p->n_ref = p->ref.rows - p->ref.missing, p->n_cur = p->cur.rows - p->cur.missing;
}

/* What the categories leave of the rows, as one more. */
static struct category others(const struct pair *p)
{
	static const char name[] = "(all others)";
	struct category rest = { .word = { name, sizeof name - 1 }, .value = NAN, .ref = (double)p->n_ref, .cur = (double)p->n_cur };
	for (size_t i = 0; i < p->n_cats; i++)
		rest.ref -= p->cats[i].ref, rest.cur -= p->cats[i].cur;
	return rest;
}

static struct category close_pair(struct pair *p)
{
	const struct category rest = others(p);
	if (rest.ref > 0 || rest.cur > 0)
		p->cats[p->n_cats++] = rest;
	p->n_new = p->n_lost = 0;
	for (size_t i = 0; i < p->n_cats; i++)
		p->n_new += p->cats[i].ref == 0, p->n_lost += p->cats[i].cur == 0;
	return rest;
}

static bool is_fixed(const struct sketch_col *c, struct frame_word w)
{
	const struct sketch_edges *g = c->edges;
	for (size_t i = 0; i < g->n_fixed; i++)
		if (g->fixed[i].n == w.n && !memcmp(g->fixed[i].p, w.p, w.n))
			return true;
	return false;
}

/* Keeps of the words of both sides those of which `keep` knows both counts well enough. */
static void keep_words(struct pair *p, const struct sketch_col *x, const struct sketch_col *y, bool (*keep)(const struct category *, const struct sketch_col *, const struct sketch_col *))
{
	size_t n = 0;
	put_words(p, x, false), put_words(p, y, true);
	join_words(p);
	for (size_t i = 0; i < p->n_cats; i++)
		if (keep(&p->cats[i], x, y))
			p->cats[n++] = p->cats[i];
	p->n_cats = n;
}

static bool known_exactly(const struct category *k, const struct sketch_col *x, const struct sketch_col *y)
{
	return k->ref + k->cur >= sketch_fixed_total(x, y) && is_fixed(x, k->word);
}

/* Present on both sides, or absent for sure. Counts that are too small make it look as if chance had kept a value from the reference: such a value must be too frequent for that all the same. */
static bool absence_known(const struct category *k, const struct sketch_col *x, const struct sketch_col *y)
{
	const double n = (double)(x->n - x->missing), m = (double)(y->n - y->missing);
	if (k->ref == 0)
		return !x->word_error && (!y->word_error || pow(m / (n + m), k->cur) < no_chance);
	return k->cur > 0 || !y->word_error || known_exactly(k, x, y);
}

static void drop_absent_tests(struct column_work *w)
{
	size_t kept = 0;
	for (size_t i = 0; i < w->n_tests; i++)
		if (!strcmp(w->tests[i].name, "missing") || !report_is_own_check(w->tests[i].name))
			w->tests[kept++] = w->tests[i];
	w->n_tests = kept;
}

static void note_many(struct column_work *w, const struct sketch_col *x, const struct sketch_col *y, size_t fixed, const struct category *rest, const struct pair *p)
{
	char from[FMT_MAX], to[FMT_MAX], most[FMT_MAX];
	const char *what = x->word_error ? arena_printf(w->arena, "; new categories are not judged, since a value that is not listed for the reference may be in up to %s of its rows",
		fmt_count(most, (int64_t)x->word_error)) : "";
	w->out.note = arena_printf(w->arena, "%s%smore than %d different values: the %zu that are surely frequent are counted exactly and judged one by one, all others (%s \xe2\x86\x92 %s %% of the rows) as one; "
		"other counts are too small by at most %llu and %llu rows%s", w->out.note, *w->out.note ? "; " : "", SKETCH_WORDS, fixed, fmt_number(from, 100 * rest->ref / (double)p->n_ref, 3),
		fmt_number(to, 100 * rest->cur / (double)p->n_cur, 3), (unsigned long long)x->word_error, (unsigned long long)y->word_error, what);
}

/* More words than are kept: the fixed ones and the rest. cats: room for both sides' words and one more. */
static void many_words(struct compare *c, struct column_work *w, const struct sketch_col *x, const struct sketch_col *y, struct category *cats)
{
	struct pair p = { .type = FRAME_CATEGORY, .name = w->out.name, .note = arena_strdup(w->arena, ""), .cats = cats };
	struct frame_col ref = { .type = FRAME_CATEGORY };
	count_rows(&p, x, y);
	keep_words(&p, x, y, known_exactly);
	const size_t fixed = p.n_cats;
	const struct category rest = close_pair(&p);
	column_fill(c, w, &p, &ref);
	note_many(w, x, y, fixed, &rest, &p);
	w->out.ref.distinct = w->out.cur.distinct = NAN;
	drop_absent_tests(w);
	p.n_cats = 0;
	keep_words(&p, x, y, absence_known);
	close_pair(&p);
	column_list_absent(w, &p);
	if (!x->word_error)
		work_run(w, "new_categories", &p, false);
	work_run(w, "lost_categories", &p, false);
}

static void words(struct compare *c, struct column_work *w, const struct sketch_col *x, const struct sketch_col *y)
{
	const size_t room = (x ? x->n_words : 0) + (y ? y->n_words : 0);
	const uint64_t error = (x ? x->word_error : 0) + (y ? y->word_error : 0);
	struct pair p = { .type = FRAME_CATEGORY, .name = w->out.name, .note = arena_strdup(w->arena, ""), .cats = mem_array(room + 2, sizeof *p.cats) };
	struct frame_col ref = { .type = FRAME_CATEGORY };
	put_words(&p, x, false), put_words(&p, y, true);
	join_words(&p);
	count_rows(&p, x, y);
	if (!error || !w->ref || !w->cur) {
		column_fill(c, w, &p, &ref);
	} else if (x->edges->n_fixed && p.n_ref && p.n_cur) {
		p.n_cats = 0;
		many_words(c, w, x, y, p.cats);
	} else {
		w->out.status = "too many values";
		w->out.note = arena_printf(w->arena, "more than %d different values: counts are too small by at most %llu and %llu rows; not judged", SKETCH_WORDS, (unsigned long long)x->word_error,
			(unsigned long long)y->word_error);
		fill_side(w, x, &w->out.ref), fill_side(w, y, &w->out.cur);
		picture_fill(w, &p);
		work_run(w, "missing", &p, false);
	}
	free(p.cats);
}

/* ---- texts ---- */

static bool is_text(const struct compare *c, const struct column_work *w)
{
	return w->ref && w->cur && w->ref->type == FRAME_TEXT && sampled(c->sketch_ref, w->ref->name) && sampled(c->sketch_cur, w->cur->name);
}

static void exact_counts(struct report_side *s, const struct sketch_col *c)
{
	s->rows = (double)c->n, s->missing = (double)c->missing, s->nan = (double)c->nan;
}

/* The column of the sample is compared as one in memory is; missing values are those of all rows. */
static void texts(struct compare *c, struct column_work *w, const struct sketch_col *x, const struct sketch_col *y)
{
	const struct frame_col *ref = w->ref, *cur = w->cur;
	struct pair p = { .type = FRAME_CATEGORY, .ref = { .rows = x->n, .missing = x->missing }, .cur = { .rows = y->n, .missing = y->missing } };
	size_t kept = 0;
	w->ref = sampled(c->sketch_ref, ref->name), w->cur = sampled(c->sketch_cur, cur->name);
	compare_column(c, w);
	w->ref = ref, w->cur = cur;
	for (size_t i = 0; i < w->n_tests; i++)
		if (!report_is_own_check(w->tests[i].name)) {
			w->tests[kept] = w->tests[i];
			mark_sampled(w, &w->tests[kept++]);
		}
	w->n_tests = kept;
	exact_counts(&w->out.ref, x), exact_counts(&w->out.cur, y);
	work_run(w, "missing", &p, false);
	note_sample(c, w, "texts are compared");
}

void sketch_column(struct compare *c, struct column_work *w)
{
	const struct frame_col *named = w->ref ? w->ref : w->cur;
	const struct sketch_col *x = column(c->sketch_ref, named->name), *y = column(c->sketch_cur, named->name);
	struct report_column *out = &w->out;
	out->name = arena_strdup(w->arena, named->name), out->type = frame_type_name(named->type);
	out->role = c->o->roles ? roles_of(c->o->roles, named->name) : "";
	out->note = out->differs = "", out->missing_low = out->missing_high = NAN;
	w->fences = (struct fences){ NAN, NAN };
	w->sure_alpha = c->alpha;
	if (is_text(c, w))
		texts(c, w, x, y);
	else if (is_words(named->type))
		words(c, w, x, y);
	else
		numbers(c, w, x, y);
}

/* Where the upper end of an interval would be drift, but the lower is not. */
void sketch_watch(struct compare *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct column_work *w = &c->work[i];
		if (!w->unsure || w->out.drifted || w->out.watch)
			continue;
		w->out.watch = true;
		w->out.severity = fmax(w->out.severity, 0.5);
		work_reason(w, "may have drifted: the sketch is too coarse to tell; %s", w->out.note);
	}
}

static void note_asked(const struct compare *c, struct report *r, const char **notes)
{
	if (c->asked->n_tests)
		notes[r->n_notes++] = "the tests that were chosen need all rows in memory: the tests by type were run instead; raise the budget, or choose columns";
	if (c->asked->time_column)
		notes[r->n_notes++] = arena_printf(r->arena, "floors could not be taken from the time axis %s, which needs all rows in memory: they are those of the tests", c->asked->time_column);
}

struct coarse { const char *name; double error; };

static int by_error(const void *a, const void *b)
{
	const struct coarse *x = a, *y = b;
	return (x->error > y->error) - (x->error < y->error);
}

/* Of each column of numbers the larger error of both sides, least first. */
static size_t rank_errors(const struct compare *c, struct coarse *out, size_t *bins)
{
	size_t n = 0;
	for (size_t i = 0; i < c->sketch_ref->n_cols; i++) {
		const struct sketch_col *x = &c->sketch_ref->cols[i], *y = column(c->sketch_cur, x->name);
		if (!x->count || !x->finite)
			continue;
		out[n++] = (struct coarse){ x->name, fmax(sketch_rank_error(x), y && y->finite ? sketch_rank_error(y) : 0) };
		*bins = x->edges->n + 1 > *bins ? x->edges->n + 1 : *bins;
	}
	qsort(out, n, sizeof *out, by_error);
	return n;
}

void sketch_notes(const struct compare *c, struct report *r, const char **notes)
{
	struct coarse *error = mem_array(c->sketch_ref->n_cols + 1, sizeof *error);
	size_t bins = 0;
	char usual[FMT_MAX], most[FMT_MAX];
	const size_t n = rank_errors(c, error, &bins);
	r->rank_error = n ? error[n - 1].error : 0;
	notes[r->n_notes++] = "the data are larger than the budget, or counted where they lie: means, extremes and missing values are exact; equal rows and outliers are not known";
	if (n)
		notes[r->n_notes++] = arena_printf(r->arena, "numbers were counted in up to %zu bins a column with edges from the reference: the share of values up to a number is known within %s %% in the median column,"
			" %s %% in the worst (%s); Jensen-Shannon and PSI are those of about equally filled bins of the reference", bins, fmt_number(usual, 100 * error[n / 2].error, 3),
			fmt_number(most, 100 * error[n - 1].error, 3), label_of(r->arena, error[n - 1].name, strlen(error[n - 1].name)));
	if (r->sample_ref > 0)
		notes[r->n_notes++] = arena_printf(r->arena, "changes of spread, correlations, texts, all columns together and performance are %s: rows chosen by a seeded hash of their number, the same in every run",
			report_sample_words(r->arena, r));
	else
		notes[r->n_notes++] = "no whole rows were kept: changes of spread, correlations and texts are not known";
	note_asked(c, r, notes);
	free(error);
}
