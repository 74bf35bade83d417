/* Sketches: exact values lie in the intervals; counts, moments and words agree with tables in memory; merging is adding. */
#include <math.h>

#include "core/drift/pair.h"
#include "core/drift/random.h"
#include "core/io/sketch_impl.h"
#include "tests/unit/frame_help.h"

static struct random dice;

static double uniform(void) { return random_unit(&dice); }

static double normal(void)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += uniform();
	return sum;
}

/* n: normal; i: small integers; s: skewed over 12 decades; c: one value; m: half missing, infinities; w: words; l: long ones, nearly all distinct. */
static char *table(uint64_t from, int rows, double shift)
{
	struct str s = STR_INIT;
	dice.s = from;
	str_add(&s, "n,i,s,c,m,w,l\n");
	for (int r = 0; r < rows; r++) {
		str_addf(&s, "%.6f,%d,%.9g,7,", normal() + shift, (int)(uniform() * 20 + 5 * shift), exp(uniform() * 28 + shift));
		double there = uniform(), value = normal() * 1e-5 + 1e6;
		if (there >= 0.5 && uniform() < 0.01)
			str_add(&s, "inf");
		else if (there >= 0.5)
			str_addf(&s, "%.3f", value);
		str_addf(&s, ",w%d,%d-%d\n", (int)(uniform() * uniform() * 30), r % 10 ? r : 0, r % 10 ? (int)(uniform() * 1e9) : 0);
	}
	return str_take(&s);
}

struct both { struct data_file file[2]; struct frame *f[2]; struct sketch *s[2]; struct sketch_plan *plan; };

static void set_up(struct both *b, int rows, double shift, size_t budget)
{
	const struct frame_options o = { .budget = budget };
	struct err e;
	for (int k = 0; k < 2; k++) {
		char *text = table((uint64_t)k + 1, rows, k * shift);
		data_write(&b->file[k], "x.csv", text, strlen(text));
		free(text);
		assert_int_equal(frame_read(b->file[k].path, NULL, NULL, &b->f[k], &e), ST_OK);
	}
	assert_int_equal(sketch_plan_new(b->file[0].path, &o, NULL, &b->plan, &e), ST_OK);
	for (int k = 0; k < 2; k++)
		assert_int_equal(sketch_read(b->file[k].path, &o, b->plan, NULL, &b->s[k], &e), ST_OK);
}

static void tear_down(struct both *b)
{
	for (int k = 0; k < 2; k++) {
		data_remove(&b->file[k]);
		frame_free(b->f[k]);
		sketch_free(b->s[k]);
	}
	sketch_plan_free(b->plan);
}

static void close_to(double a, double b, double relative)
{
	if (fabs(a - b) > relative * fmax(fabs(a), fabs(b)))
		fail_msg("%.17g, not %.17g", a, b);
}

static void counts_and_moments(void **state)
{
	struct both b;
	(void)state;
	set_up(&b, 60000, 0.3, 0);
	for (int k = 0; k < 2; k++) {
		assert_int_equal(b.s[k]->n_rows, 60000);
		assert_memory_equal(b.s[k]->digest, b.f[k]->digest, 32);
		for (size_t j = 0; j < 5; j++) {
			const struct sketch_col *c = &b.s[k]->cols[j];
			const struct frame_col *x = &b.f[k]->cols[j];
			double sum = 0, m2 = 0;
			size_t n = 0;
			assert_int_equal(c->type, x->type);
			assert_true(c->n == x->n && c->missing == x->missing && c->inf == x->inf && c->integer == x->integer && !c->absent);
			for (size_t i = 0; i < x->n; i++)
				if (isfinite(x->num[i]))
					sum += x->num[i], n++;
			for (size_t i = 0; i < x->n; i++)
				m2 += isfinite(x->num[i]) ? (x->num[i] - sum / (double)n) * (x->num[i] - sum / (double)n) : 0;
			assert_int_equal(c->finite, n);
			close_to(c->mean, sum / (double)n, 1e-10);
			close_to(c->m2, m2, 1e-6);
		}
	}
	tear_down(&b);
}

/* At several budgets: the exact values are inside, and the intervals as narrow as the bins allow. */
static void exact_values_lie_inside(void **state)
{
	static const struct { double shift; size_t budget; double widest; } t[] = { { 0, 0, 2e-3 }, { 0.3, 0, 2e-3 }, { 0.05, 1 << 20, 2e-2 }, { 3, 1 << 18, 2e-2 } };
	(void)state;
	for (size_t k = 0; k < sizeof t / sizeof *t; k++) {
		struct both b;
		set_up(&b, 30000, t[k].shift, t[k].budget);
		for (size_t j = 0; j < 5; j++) {
			const struct sketch_col *x = &b.s[0]->cols[j], *y = &b.s[1]->cols[j];
			struct pair *p;
			struct err e;
			assert_int_equal(pair_new(&b.f[0]->cols[j], &b.f[1]->cols[j], &p, &e), ST_OK);
			const double d = fmax(p->walk.d_plus, p->walk.d_minus), w = p->walk.area;
			const struct interval ks = sketch_ks(x, y), area = sketch_wasserstein(x, y);
			if (!(ks.lo <= d + 1e-12 && d <= ks.hi + 1e-12) || (t[k].shift < 1 && ks.hi - ks.lo > t[k].widest))
				fail_msg("case %zu, column %zu: D %.17g in [%.17g, %.17g]", k, j, d, ks.lo, ks.hi);
			if (!(area.lo <= w * (1 + 1e-9) + 1e-9 && w <= area.hi * (1 + 1e-9) + 1e-9))
				fail_msg("case %zu, column %zu: W %.17g in [%.17g, %.17g]", k, j, w, area.lo, area.hi);
			for (double q = 0; q <= 1; q += 0.125) {
				const double rank = fmax(1, ceil(q * (double)p->ref.n)), v = p->ref.sorted[(size_t)rank - 1];
				const struct interval got = sketch_quantile(x, q);
				assert_true(got.lo <= v && v <= got.hi);
			}
			pair_free(p);
		}
		const struct interval whole = sketch_ks(&b.s[0]->cols[1], &b.s[1]->cols[1]);
		assert_true(t[k].shift > 1 || whole.lo == whole.hi);            /* few distinct values: exact */
		tear_down(&b);
	}
}

static int atoi_of(const char *p, size_t n)
{
	int v = 0;
	for (size_t i = 0; i < n; i++)
		v = 10 * v + p[i] - '0';
	return v;
}

/* Words that the plan has fixed are counted exactly however many others there are, in parts that are added up too. */
static void fixed_words_are_exact(void **state)
{
	enum { OTHERS = 60000, FREQUENT = 20 };
	struct sketch_plan *p = mem_zalloc(sizeof *p);
	struct sketch_counts *seen = sketch_counts_new(0);
	char word[16];
	(void)state;
	for (int i = 0; i < FREQUENT; i++)
		sketch_counts_add(seen, word, (size_t)snprintf(word, sizeof word, "f%d", i), (uint64_t)(2 + i));
	sketch_counts_add(seen, "once", 4, 1);
	sketch_plan_add(p, "w", FRAME_CATEGORY, NULL, 0, 0, 1);
	sketch_plan_fix(p, seen);
	sketch_counts_free(seen);
	assert_int_equal(p->cols[0].n_fixed, FREQUENT);
	assert_memory_equal(p->cols[0].fixed[0].p, "f19", 3);
	struct sketch *part[2];
	for (int k = 0; k < 2; k++) {
		part[k] = sketch_new("x", p);
		for (int i = 0; i < OTHERS; i++) {
			sketch_word_add(&part[k]->cols[0], word, (size_t)snprintf(word, sizeof word, "o%d", i), 1);
			if (i % 1000 == 0)
				sketch_word_add(&part[k]->cols[0], word, (size_t)snprintf(word, sizeof word, "f%d", i / 1000 % (FREQUENT - 1)), 1);
		}
		sketch_finish(part[k]);
	}
	sketch_merge(part[0], part[1]);
	const struct sketch_col *c = &part[0]->cols[0];
	size_t fixed = 0;
	assert_true(c->word_error > 0);
	for (size_t i = 0; i < c->n_words; i++) {
		if (!c->words[i].fixed)
			continue;
		const int which = atoi_of(c->words[i].p + 1, c->words[i].n - 1);
		assert_int_equal(c->words[i].count, 2 * (which < 60 % (FREQUENT - 1) ? 4 : 3));
		fixed++;
	}
	assert_int_equal(fixed, FREQUENT - 1);         /* the last does not occur */
	sketch_free(part[0]), sketch_free(part[1]), sketch_plan_free(p);
}

static void words_have_a_bound(void **state)
{
	struct both b;
	(void)state;
	set_up(&b, 60000, 0, 0);
	const struct sketch_col *w = &b.s[0]->cols[5], *l = &b.s[0]->cols[6];
	assert_int_equal(w->word_error, 0);
	assert_int_equal(w->n_words, b.f[0]->cols[5].n_words);
	uint64_t sum = 0;
	for (size_t i = 0; i < w->n_words; i++) {
		sum += w->words[i].count;
		assert_true(!i || w->words[i - 1].count >= w->words[i].count);
	}
	assert_int_equal(sum, 60000);
	assert_true(l->n_words <= SKETCH_WORDS && l->word_error > 0 && l->word_error <= 60000 / (SKETCH_WORDS + 1) + 1);
	assert_int_equal(l->words[0].n, 3);
	assert_memory_equal(l->words[0].p, "0-0", 3);
	assert_true(l->words[0].count <= 6000 && l->words[0].count + l->word_error >= 6000);
	tear_down(&b);
}

static void merging_is_adding(void **state)
{
	struct both b;
	struct err e;
	(void)state;
	set_up(&b, 20000, 0.2, 0);
	char *first = table(1, 20000, 0), *second = table(2, 20000, 0.2), *all = mem_alloc(strlen(first) + strlen(second) + 1);
	const size_t n = strlen(first);
	memcpy(all, first, n);
	memcpy(all + n, strchr(second, '\n') + 1, strlen(strchr(second, '\n') + 1) + 1);
	struct data_file d;
	struct sketch *whole;
	data_write(&d, "x.csv", all, strlen(all));
	assert_int_equal(sketch_read(d.path, NULL, b.plan, NULL, &whole, &e), ST_OK);
	sketch_merge(b.s[0], b.s[1]);
	assert_int_equal(b.s[0]->n_rows, whole->n_rows);
	for (size_t j = 0; j < 6; j++) {
		const struct sketch_col *x = &b.s[0]->cols[j], *y = &whole->cols[j];
		assert_true(x->missing == y->missing && x->finite == y->finite && x->integer == y->integer);
		close_to(x->mean, y->mean, 1e-12);
		close_to(x->m2, y->m2, 1e-9);
		if (x->count)
			assert_memory_equal(x->count, y->count, (x->edges->n + 1) * sizeof *x->count);
		assert_int_equal(x->n_words, y->n_words);
		for (size_t i = 0; i < x->n_words; i++)
			assert_true(x->words[i].count == y->words[i].count && !memcmp(x->words[i].p, y->words[i].p, x->words[i].n));
	}
	sketch_free(whole);
	data_remove(&d);
	free(first);
	free(second);
	free(all);
	tear_down(&b);
}

static void from_memory_as_from_files(void **state)
{
	struct both b;
	(void)state;
	set_up(&b, 20000, 0.2, 0);
	struct sketch *s = sketch_of(b.f[1], b.plan);
	for (size_t j = 0; j < 5; j++)
		assert_memory_equal(s->cols[j].count, b.s[1]->cols[j].count, (s->cols[j].edges->n + 1) * sizeof(uint64_t));
	sketch_free(s);
	struct sketch_plan *p = sketch_plan_of(b.f[0], 0);
	struct sketch *x = sketch_of(b.f[0], p), *y = sketch_of(b.f[1], p);
	const struct interval d = sketch_ks(&x->cols[0], &y->cols[0]);
	assert_true(d.lo <= d.hi && d.hi - d.lo < 1e-3 && d.lo > 0.05);
	assert_true(sketch_rank_error(&x->cols[0]) < 1e-3);
	assert_true(isnan(sketch_ks(&x->cols[5], &y->cols[5]).lo) && isnan(sketch_quantile(&x->cols[5], 0.5).lo));
	sketch_free(x);
	sketch_free(y);
	sketch_plan_free(p);
	tear_down(&b);
}

/* What is refused as a table in memory is counted, and columns may differ. */
static void larger_than_the_budget(void **state)
{
	const struct frame_options small = { .budget = 1 << 20 };
	struct data_file d, other;
	struct frame *f;
	struct sketch_plan *p;
	struct sketch *s;
	struct err e;
	char *text = table(5, 60000, 0);
	(void)state;
	data_write(&d, "x.csv", text, strlen(text));
	free(text);
	assert_int_equal(frame_read(d.path, &small, NULL, &f, &e), ST_REFUSED);
	assert_non_null(strstr(e.text, "compare by sketches"));
	assert_int_equal(sketch_plan_new(d.path, &small, NULL, &p, &e), ST_OK);
	assert_true(p->cols[0].n < 8192);
	assert_int_equal(sketch_read(d.path, &small, p, NULL, &s, &e), ST_OK);
	assert_int_equal(s->n_rows, 60000);
	sketch_free(s);
	data_write(&other, "y.csv", "x,n\n1,1.5\n2,oops\n3\n", 19);
	assert_int_equal(sketch_read(other.path, &small, p, NULL, &s, &e), ST_OK);
	assert_true(!s->cols[0].absent && s->cols[1].absent && s->n_rows == 3);
	assert_int_equal(s->cols[0].mixed, 1);
	assert_string_equal(s->cols[0].mixed_example, "oops");
	assert_int_equal(s->cols[0].finite, 1);
	assert_non_null(strstr(s->notes.p, "fewer fields"));
	assert_true(isnan(sketch_ks(&s->cols[1], &s->cols[0]).lo));
	sketch_free(s);
	assert_int_equal(sketch_read("/nonexistent", &small, p, NULL, &s, &e), ST_NOT_FOUND);
	assert_int_equal(sketch_plan_new("/nonexistent", &small, NULL, &(struct sketch_plan *){ NULL }, &e), ST_NOT_FOUND);
	sketch_plan_free(p);
	data_remove(&d);
	data_remove(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_words_are_exact), cmocka_unit_test(counts_and_moments), cmocka_unit_test(exact_values_lie_inside), cmocka_unit_test(words_have_a_bound),
		cmocka_unit_test(merging_is_adding), cmocka_unit_test(from_memory_as_from_files), cmocka_unit_test(larger_than_the_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
