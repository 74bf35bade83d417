#include "core/io/sketch_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/pair.h"
#include "core/io/frame_build.h"

enum { LEAST_BINS = 256, MOST_CELLS = 8192, SAMPLE = 1 << 20, WORDS_PART = 8, LEAST_ROOM = 32 << 10, ROWS_PART = 16, LEAST_ROWS_ROOM = 64 << 10 };

/* ---- bins ---- */

/* Half of the budget: two sides with a count and a sum a bin, the edges, the grid. */
size_t sketch_bins_for(size_t budget, size_t columns)
{
	size_t bins = SKETCH_BINS;
	while (bins > LEAST_BINS && bins * columns * 44 > budget / 2)
		bins /= 2;
	return bins;
}

size_t sketch_word_room(size_t budget, size_t columns)
{
	const size_t room = (budget ? budget : FRAME_BUDGET) / WORDS_PART / (2 * columns);
	return room > LEAST_ROOM ? room : LEAST_ROOM;
}

size_t sketch_sampled_room(size_t budget, size_t columns) { return WORDS_PART / 2 * sketch_word_room(budget, columns); }

static size_t cell_of(const struct sketch_edges *g, double x)
{
	const double at = (x - g->lo) * g->scale;
	return !(at > 0) ? 0 : at >= (double)(g->cells - 1) ? g->cells - 1 : (size_t)at;
}

/* cell_of never falls when x grows: the bins of a cell's values lie between those of its first and of the next cell's first edge. */
static void make_grid(struct sketch_edges *g)
{
	const double width = g->n ? g->edge[g->n - 1] - g->edge[0] : 0;
	g->cells = g->n < 16 || !isfinite(width) || !(width > 0) ? 1 : g->n < MOST_CELLS ? g->n : MOST_CELLS;
	g->lo = g->n ? g->edge[0] : 0;
	g->scale = g->cells > 1 ? (double)g->cells / width : 0;
	if (!isfinite(g->scale))
		g->cells = 1, g->scale = 0;
	g->grid = mem_array(g->cells + 1, sizeof *g->grid);
	for (size_t i = 0, cell = 0; cell <= g->cells; cell++) {
		while (i < g->n && cell_of(g, g->edge[i]) < cell)
			i++;
		g->grid[cell] = (uint32_t)(cell == g->cells ? g->n : i);
	}
}

size_t sketch_bin_of(const struct sketch_edges *g, double x)
{
	const size_t cell = cell_of(g, x);
	size_t lo = g->grid[cell], hi = g->grid[cell + 1];
	while (lo < hi) {
		const size_t mid = (lo + hi) / 2;
		if (x <= g->edge[mid])
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static void add_edge(struct sketch_edges *g, double v)
{
	if (!g->n || g->edge[g->n - 1] < v)
		g->edge[g->n++] = v;
}

void sketch_edges_make(struct sketch_edges *g, double *s, size_t n, size_t bins)
{
	double *scratch = mem_array(n + 1, sizeof *scratch);
	size_t distinct = n > 0;
	sort_doubles(s, scratch, n);
	free(scratch);
	for (size_t i = 1; i < n; i++)
		distinct += s[i] != s[i - 1];
	const size_t picks = distinct <= bins / 2 ? n : bins / 2;
	g->edge = mem_array(2 * picks + 1, sizeof *g->edge);
	for (size_t k = 0; k < picks; k++) {
		const size_t i = picks == n ? k : (size_t)((double)k * (double)(n - 1) / (double)(picks - 1));
		const bool atom = (i && s[i - 1] == s[i]) || (i + 1 < n && s[i + 1] == s[i]);
		if (atom)
			add_edge(g, nextafter(s[i], -INFINITY));
		add_edge(g, s[i]);
	}
	make_grid(g);
}

static bool is_point(const struct sketch_edges *g, size_t bin)
{
	return bin && bin < g->n && nextafter(g->edge[bin], -INFINITY) <= g->edge[bin - 1];
}

/* One value at most is in the bin: because of its edges, or because all values are whole and only one such lies between. */
static bool is_single(const struct sketch_col *c, size_t bin, bool whole)
{
	const struct sketch_edges *g = c->edges;
	if (is_point(g, bin))
		return true;
	if (!whole || !bin || bin >= g->n || fabs(g->edge[bin - 1]) > 0x1p52 || fabs(g->edge[bin]) > 0x1p52)
		return false;
	return floor(g->edge[bin]) - floor(g->edge[bin - 1]) <= 1;
}

/* ---- adding ---- */

struct sketch *sketch_new(const char *name, const struct sketch_plan *plan)
{
	struct sketch *s = mem_zalloc(sizeof *s);
	s->name = mem_strdup(name);
	str_init(&s->notes);
	s->n_cols = plan->n_cols;
	s->cols = mem_array(plan->n_cols + 1, sizeof *s->cols);
	for (size_t j = 0; j < plan->n_cols; j++) {
		struct sketch_col *c = &s->cols[j];
		const struct sketch_edges *g = &plan->cols[j];
		*c = (struct sketch_col){ .name = mem_strdup(g->name), .type = g->type, .edges = g, .absent = true, .min = INFINITY, .max = -INFINITY };
		if (g->type == FRAME_CATEGORY || g->type == FRAME_TEXT) {
			c->state = sketch_counts_new(plan->room);
			sketch_counts_fix(c->state, g->fixed, g->n_fixed);
		} else {
			c->count = mem_array(g->n + 1, sizeof *c->count);
			c->sum = mem_array(g->n + 1, sizeof *c->sum);
		}
	}
	return s;
}

void sketch_free(struct sketch *s)
{
	if (!s)
		return;
	for (size_t j = 0; j < s->n_cols; j++) {
		free(s->cols[j].name);
		free(s->cols[j].mixed_example);
		free(s->cols[j].count);
		free(s->cols[j].sum);
		free(s->cols[j].words);
		sketch_counts_free(s->cols[j].state);
	}
	for (size_t j = 0; j < s->n_others; j++)
		free(s->others[j].name);
	sketch_rows_free(s->rows);
	frame_free(s->sample);
	free(s->others);
	free(s->cols);
	str_free(&s->notes);
	free(s->name);
	free(s);
}

/* Means and squared deviations of two parts become those of the whole (Chan, Golub and LeVeque 1979). */
static void add_moments(struct sketch_col *c, size_t n, double mean, double m2)
{
	if (!n)
		return;
	const double all = (double)(c->finite + n), d = mean - c->mean;
	c->m2 += m2 + d * d * ((double)c->finite * (double)n / all);
	c->mean += d * ((double)n / all);
	c->finite += n;
}

void sketch_add_numbers(struct sketch_col *c, const double *x, size_t n)
{
	double sum = 0, m2 = 0;
	size_t have = 0;
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(x[i]))
			continue;
		const size_t bin = sketch_bin_of(c->edges, x[i]);
		c->count[bin]++;
		c->sum[bin] += x[i];
		c->min = x[i] < c->min ? x[i] : c->min;
		c->max = x[i] > c->max ? x[i] : c->max;
		sum += x[i];
		have++;
	}
	const double mean = have ? sum / (double)have : 0;
	for (size_t i = 0; i < n; i++)
		m2 += isfinite(x[i]) ? (x[i] - mean) * (x[i] - mean) : 0;
	add_moments(c, have, mean, m2);
}

void sketch_bin_add(struct sketch_col *c, size_t bin, uint64_t count, double sum)
{
	c->count[bin] += count;
	c->sum[bin] += sum;
}

void sketch_moments_add(struct sketch_col *c, size_t n, double mean, double m2, double min, double max)
{
	add_moments(c, n, mean, m2);
	c->min = n && min < c->min ? min : c->min;
	c->max = n && max > c->max ? max : c->max;
}

void sketch_word_add(struct sketch_col *c, const char *p, size_t n, uint64_t times) { sketch_counts_add(c->state, p, n, times); }

void sketch_other_add(struct sketch *s, const char *name, enum frame_type type)
{
	for (size_t i = 0; i < s->n_others; i++)
		if (!strcmp(s->others[i].name, name))
			return;
	MEM_GROW(s->others, s->cap_others, s->n_others + 1);
	s->others[s->n_others++] = (struct sketch_other){ mem_strdup(name), type };
}

void sketch_finish(struct sketch *s)
{
	for (size_t k = 0; k < s->n_cols; k++)
		sketch_words_finish(&s->cols[k]);
	sketch_rows_finish(s);
}

/* ---- by the readers ---- */

static enum status no_sketch(const struct frame_reader *r, const char *path, struct err *e)
{
	return err_set(e, ST_REFUSED, "%.300s: %s cannot be sketched: choose columns, or raise the budget", path, r->title);
}

enum status sketch_plan_new(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e)
{
	static const struct frame_options none;
	const struct frame_reader *r;
	*out = NULL;
	const enum status rc = frame_reader_for(path, o ? o : &none, &r, e);
	return rc != ST_OK ? rc : r->plan ? r->plan(path, o ? o : &none, t, out, e) : no_sketch(r, path, e);
}

enum status sketch_read(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e)
{
	static const struct frame_options none;
	const struct frame_reader *r;
	*out = NULL;
	const enum status rc = frame_reader_for(path, o ? o : &none, &r, e);
	return rc != ST_OK ? rc : r->sketch ? r->sketch(path, o ? o : &none, plan, t, out, e) : no_sketch(r, path, e);
}

static void merge_words(struct sketch_col *a, const struct sketch_col *b)
{
	struct sketch_counts *to = a->state;
	const struct sketch_counts *from = b->state;
	for (size_t i = 0; i < from->dict.n; i++)
		sketch_counts_add(to, from->dict.words[i].p, from->dict.words[i].n, from->count[i]);
	to->error += from->error;
	sketch_words_finish(a);
}

void sketch_merge(struct sketch *a, const struct sketch *b)
{
	a->n_rows += b->n_rows;
	frame_free(a->sample);
	a->sample = NULL;
	for (size_t j = 0; j < b->n_others; j++)
		sketch_other_add(a, b->others[j].name, b->others[j].type);
	for (size_t j = 0; j < a->n_cols; j++) {
		struct sketch_col *x = &a->cols[j];
		const struct sketch_col *y = &b->cols[j];
		x->integer = x->finite && y->finite ? x->integer && y->integer : x->finite ? x->integer : y->integer;
		x->absent = x->absent && y->absent;
		x->n += y->n, x->missing += y->missing, x->nan += y->nan, x->inf += y->inf, x->mixed += y->mixed;
		if (!x->mixed_example && y->mixed_example)
			x->mixed_example = mem_strdup(y->mixed_example);
		if (x->state) {
			merge_words(x, y);
			continue;
		}
		add_moments(x, y->finite, y->mean, y->m2);
		x->min = y->min < x->min ? y->min : x->min;
		x->max = y->max > x->max ? y->max : x->max;
		for (size_t i = 0; i <= x->edges->n; i++)
			x->count[i] += y->count[i], x->sum[i] += y->sum[i];
	}
}

/* ---- from memory ---- */

struct sketch_plan *sketch_plan_of(const struct frame *f, size_t budget)
{
	struct sketch_plan *p = mem_zalloc(sizeof *p);
	p->sampled = f->n_rows;
	for (size_t j = 0; j < f->n_cols; j++) {
		const struct frame_col *c = &f->cols[j];
		const size_t step = c->n / SAMPLE + 1;
		double *sample = mem_array(c->n / step + 2, sizeof *sample);
		size_t n = 0;
		for (size_t i = 0; c->num && i < c->n; i += step)
			if (isfinite(c->num[i]))
				sample[n++] = c->num[i];
		sketch_plan_add(p, c->name, c->type, sample, n, budget, f->n_cols);
		free(sample);
		if (c->code) {
			struct sketch_counts *seen = sketch_counts_new(sketch_sampled_room(budget, f->n_cols));
			sketch_counts_column(seen, c);
			sketch_plan_fix(p, seen);
			sketch_counts_free(seen);
		}
	}
	return p;
}

void sketch_plan_add(struct sketch_plan *p, const char *name, enum frame_type type, double *sample, size_t n, size_t budget, size_t columns)
{
	MEM_GROW(p->cols, p->cap, p->n_cols + 1);
	struct sketch_edges *g = &p->cols[p->n_cols++];
	*g = (struct sketch_edges){ .name = mem_strdup(name), .type = type };
	budget = budget ? budget : FRAME_BUDGET;
	p->sample_room = budget / ROWS_PART > LEAST_ROWS_ROOM ? budget / ROWS_PART : LEAST_ROWS_ROOM;
	p->room = sketch_word_room(budget, columns);
	sketch_edges_make(g, sample, n, sketch_bins_for(budget, columns));
}

void sketch_plan_free(struct sketch_plan *p)
{
	for (size_t j = 0; p && j < p->n_cols; j++) {
		free(p->cols[j].name);
		free(p->cols[j].edge);
		free(p->cols[j].grid);
		free(p->cols[j].fixed);
		free(p->cols[j].fixed_bytes);
	}
	if (p)
		free(p->cols);
	free(p);
}

void sketch_col_add(struct sketch_col *s, const struct frame_col *c)
{
	const size_t had = s->finite;
	s->absent = false;
	s->n += c->n, s->missing += c->missing, s->nan += c->nan, s->inf += c->inf, s->mixed += c->mixed;
	if (!s->mixed_example && c->mixed_example)
		s->mixed_example = mem_strdup(c->mixed_example);
	if (s->state && c->code)
		sketch_counts_column(s->state, c);
	else if (!s->state && c->num)
		sketch_add_numbers(s, c->num, c->n);
	if (s->finite > had)
		s->integer = c->integer && (!had || s->integer);
}

static bool is_in(const struct sketch *s, size_t near, const char *name)
{
	if (near < s->n_cols && !strcmp(s->cols[near].name, name))
		return true;
	for (size_t j = 0; j < s->n_cols; j++)
		if (!strcmp(s->cols[j].name, name))
			return true;
	return false;
}

void sketch_add(struct sketch *s, const struct frame *f)
{
	if (s->rows)
		sketch_rows_begin(s->rows, s->n_rows, f->n_rows);
	for (size_t j = 0; j < s->n_cols; j++) {
		struct sketch_col *to = &s->cols[j];
		const bool there = j < f->n_cols && !strcmp(f->cols[j].name, to->name);
		const struct frame_col *c = there ? &f->cols[j] : frame_find(f, to->name);
		if (c)
			sketch_col_add(to, c);
		else
			to->n += f->n_rows, to->missing += f->n_rows;
		if (c && s->rows)
			sketch_rows_column(s->rows, j, c);
	}
	if (s->rows)
		sketch_rows_end(s->rows);
	for (size_t j = 0; j < f->n_cols; j++)
		if (!is_in(s, j, f->cols[j].name))
			sketch_other_add(s, f->cols[j].name, f->cols[j].type);
	s->n_rows += f->n_rows;
}

struct sketch *sketch_of(const struct frame *f, const struct sketch_plan *plan)
{
	struct sketch *s = sketch_new(f->name, plan);
	memcpy(s->digest, f->digest, sizeof s->digest);
	sketch_add(s, f);
	sketch_finish(s);
	return s;
}

/* ---- what is known ---- */

static bool comparable(const struct sketch_col *a, const struct sketch_col *b)
{
	return a->count && b->count && a->edges == b->edges && a->finite && b->finite;
}

/* Within a bin neither function leaves the values it has at the bin's ends. */
struct interval sketch_ks(const struct sketch_col *a, const struct sketch_col *b)
{
	struct interval d = { 0, 0 };
	double f = 0, g = 0;
	uint64_t nf = 0, ng = 0;
	if (!comparable(a, b))
		return (struct interval){ NAN, NAN };
	for (size_t i = 0; i <= a->edges->n; i++) {
		nf += a->count[i];
		ng += b->count[i];
		const double f1 = (double)nf / (double)a->finite, g1 = (double)ng / (double)b->finite;
		if (!is_single(a, i, a->integer && b->integer))
			d.hi = fmax(d.hi, fmax(f1 - g, g1 - f));
		d.lo = fmax(d.lo, fabs(f1 - g1));
		f = f1;
		g = g1;
	}
	d.hi = fmax(d.hi, d.lo);
	return d;
}

/* The area between F and G in a bin is known with its sign (from the sum of the values), hence the least; where one function is above the other
 * throughout it is the area itself, else at most the bin's width times the greatest possible distance. */
struct interval sketch_wasserstein(const struct sketch_col *a, const struct sketch_col *b)
{
	struct interval w = { 0, 0 };
	double f = 0, g = 0;
	uint64_t nf = 0, ng = 0;
	if (!comparable(a, b))
		return (struct interval){ NAN, NAN };
	const size_t last = a->edges->n;
	double lo = fmin(a->min, b->min);
	for (size_t i = 0; i <= last; i++) {
		const double end = fmax(a->max, b->max), hi = i < last ? fmin(fmax(a->edges->edge[i], lo), end) : end;
		nf += a->count[i];
		ng += b->count[i];
		const double f1 = (double)nf / (double)a->finite, g1 = (double)ng / (double)b->finite, width = hi - lo;
		const double area = (f - g) * width + ((double)a->count[i] * hi - a->sum[i]) / (double)a->finite - ((double)b->count[i] * hi - b->sum[i]) / (double)b->finite;
		w.lo += fabs(area);
		w.hi += f >= g1 || g >= f1 ? fabs(area) : fmax(fabs(area), width * fmax(f1 - g, g1 - f));
		f = f1;
		g = g1;
		lo = hi;
	}
	return w;
}

struct interval sketch_quantile(const struct sketch_col *c, double q)
{
	if (!c->count || !c->finite)
		return (struct interval){ NAN, NAN };
	const double rank = fmax(1, ceil(q * (double)c->finite));
	uint64_t n = 0;
	size_t i = 0;
	for (; i < c->edges->n; i++)
		if ((double)(n += c->count[i]) >= rank)
			break;
	struct interval v = { i ? fmax(c->min, c->edges->edge[i - 1]) : c->min, i < c->edges->n ? fmin(c->max, c->edges->edge[i]) : c->max };
	if (is_single(c, i, c->integer))
		v.lo = v.hi = is_point(c->edges, i) ? v.hi : floor(v.hi);
	return v;
}

double sketch_rank_error(const struct sketch_col *c)
{
	uint64_t most = 0;
	for (size_t i = 0; c->count && i <= c->edges->n; i++)
		if (c->count[i] > most && !is_single(c, i, c->integer))
			most = c->count[i];
	return c->finite ? (double)most / (double)c->finite : 0;
}
