/* quality_pairs -- what needs several columns at once: equal rows, correlations. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/lanes.h"
#include "core/drift/quality.h"
#include "core/drift/special.h"

enum { ROW_BLOCK = 512, MOST_ROWS = 20000, MOST_COLUMNS = 200, FEWEST_ROWS = 30, WIDE = 4 };
static const double least_change = 0.2, alpha = 0.01;

/* ---- equal rows ---- */

/* Finaliser of splitmix64: every bit of the input reaches every bit of the output. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
	return x ^ (x >> 31);
}

/* -0 is 0, and one missing value is as any other. */
static uint64_t bits(double v)
{
	uint64_t u;
	v = v + 0.0;
	memcpy(&u, &v, sizeof u);
	return v == v ? u : UINT64_C(0x7FF8000000000000);
}

/* A multiplication by an odd number and a rotation are one to one, so that rows of equal hash before a column differ after it when their values there differ. */
static void hash_rows(const struct frame_col *c, size_t from, size_t n, uint64_t *row)
{
	for (size_t i = 0; i < n; i++) {
		const uint64_t h = (row[i] ^ (c->num ? bits(c->num[from + i]) : c->code[from + i])) * 0x9E3779B97F4A7C15u;
		row[i] = h << 29 | h >> 35;
	}
}

/* Rows are hashed block by block, so that their hashes stay in the cache over all columns. */
static size_t count_equal(const struct frame *f, uint64_t *seen, size_t room)
{
	uint64_t row[ROW_BLOCK];
	size_t equal = 0;
	for (size_t from = 0; from < f->n_rows; from += ROW_BLOCK) {
		const size_t n = f->n_rows - from < ROW_BLOCK ? f->n_rows - from : ROW_BLOCK;
		for (size_t i = 0; i < n; i++)
			row[i] = 0x9E3779B97F4A7C15u;
		for (size_t j = 0; j < f->n_cols; j++)
			hash_rows(&f->cols[j], from, n, row);
		for (size_t i = 0; i < n; i++) {
			row[i] = mix(row[i]);
			row[i] += !row[i];
			__builtin_prefetch(&seen[row[i] & (room - 1)], 1);
		}
		for (size_t i = 0; i < n; i++) {
			size_t at = (size_t)row[i] & (room - 1);
			while (seen[at] && seen[at] != row[i])
				at = (at + 1) & (room - 1);
			equal += seen[at] == row[i];
			seen[at] = row[i];
		}
	}
	return equal;
}

size_t quality_duplicates(const struct frame *f)
{
	size_t n = f->n_rows, room = 16, equal = 0;
	if (!n || !f->n_cols)
		return 0;
	while (room < 2 * n)
		room *= 2;
	uint64_t *seen = mem_zalloc(room * sizeof *seen);
	mem_advise_huge(seen, room * sizeof *seen);
	equal = count_equal(f, seen, room);
	free(seen);
	return equal;
}

/* ---- correlations ---- */

/* Evenly spaced rows of a column, standardised so that a product of two is their correlation; false: none to speak of. */
static bool standardise(const struct frame_col *c, const uint32_t *row, size_t rows, double *out)
{
	double sum = 0, sum2 = 0;
	for (size_t i = 0; i < rows; i++) {
		out[i] = c->num[row[i]];
		sum += out[i];
	}
	const double mean = sum / (double)rows;
	if (!isfinite(sum))              /* a sum that overflows has no mean to speak of either */
		return false;
	for (size_t i = 0; i < rows; i++) {
		out[i] -= mean;
		sum2 += out[i] * out[i];
	}
	if (!(sum2 > 0) || !isfinite(sum2))
		return false;
	const double length = sqrt(sum2);
	for (size_t i = 0; i < rows; i++)
		out[i] /= length;
	return true;
}

static uint32_t *spaced_rows(size_t rows, size_t n)
{
	uint32_t *row = mem_array(rows, sizeof *row);
	for (size_t i = 0; i < rows; i++)
		row[i] = (uint32_t)((double)i * (double)n / (double)rows);
	return row;
}

/* Fisher's transformation; correlations of 1 have no finite one. */
static double fisher(double r) { return atanh(fmax(-0.999999, fmin(0.999999, r))); }

struct sampled { size_t *column; size_t n, rows[2]; double *values[2], *product[2]; };      /* product: of columns i and k at i * n + k, i < k */

static void sample(struct sampled *s, const struct frame *ref, const struct frame *cur)
{
	s->rows[0] = ref->n_rows < MOST_ROWS ? ref->n_rows : MOST_ROWS, s->rows[1] = cur->n_rows < MOST_ROWS ? cur->n_rows : MOST_ROWS;
	s->column = mem_array(MOST_COLUMNS, sizeof *s->column);
	size_t most = ref->n_cols < MOST_COLUMNS ? ref->n_cols : MOST_COLUMNS;
	uint32_t *row[2] = { spaced_rows(s->rows[0], ref->n_rows), spaced_rows(s->rows[1], cur->n_rows) };
	for (int k = 0; k < 2; k++)
		s->values[k] = mem_array(most * s->rows[k] + 1, sizeof(double));
	for (size_t i = 0; i < ref->n_cols && s->n < MOST_COLUMNS; i++) {
		const struct frame_col *x = &ref->cols[i], *y = frame_find(cur, x->name);
		if (x->type != FRAME_NUMBER || !y || y->type != FRAME_NUMBER)
			continue;
		if (standardise(x, row[0], s->rows[0], s->values[0] + s->n * s->rows[0]) && standardise(y, row[1], s->rows[1], s->values[1] + s->n * s->rows[1]))
			s->column[s->n++] = i;
	}
	free(row[0]), free(row[1]);
}

/* Of column i and the columns from k on, at most WIDE of them; a row of i is loaded once for all. */
static void add_products(const struct sampled *s, int side, size_t i, size_t k, size_t from, size_t to)
{
	const size_t rows = s->rows[side], n = s->n - k < WIDE ? s->n - k : WIDE;
	const double *x = s->values[side] + i * rows, *y = s->values[side] + k * rows;
	double *out = s->product[side] + i * s->n + k;
	if (n < WIDE) {
		for (size_t j = 0; j < n; j++)
			out[j] += lanes_dot(x + from, y + j * rows + from, to - from);
		return;
	}
	lanes p = { 0 }, q = { 0 }, r = { 0 }, t = { 0 };
	size_t at = from;
	for (; at + 2 <= to; at += 2) {
		const lanes v = lanes_at(x + at);
		p += v * lanes_at(y + at), q += v * lanes_at(y + rows + at), r += v * lanes_at(y + 2 * rows + at), t += v * lanes_at(y + 3 * rows + at);
	}
	out[0] += p[0] + p[1], out[1] += q[0] + q[1], out[2] += r[0] + r[1], out[3] += t[0] + t[1];
	for (; at < to; at++)
		for (size_t j = 0; j < WIDE; j++)
			out[j] += x[at] * y[j * rows + at];
}

/* By blocks of rows, which stay in the cache over all pairs. */
static void products_fill(struct sampled *s, int side)
{
	s->product[side] = mem_array(s->n * s->n + 1, sizeof(double));
	for (size_t from = 0; from < s->rows[side]; from += ROW_BLOCK) {
		const size_t to = s->rows[side] - from < ROW_BLOCK ? s->rows[side] : from + ROW_BLOCK;
		for (size_t i = 0; i < s->n; i++)
			for (size_t k = i + 1; k < s->n; k += WIDE)
				add_products(s, side, i, k, from, to);
	}
}

/* Rounding may take it beyond 1. */
static double correlation(const struct sampled *s, int side, size_t i, size_t k) { return fmax(-1, fmin(1, s->product[side][i * s->n + k])); }

static int by_change(const void *a, const void *b)
{
	const struct correlation *x = a, *y = b;
	double p = fabs(x->cur - x->ref), q = fabs(y->cur - y->ref);
	return p > q ? -1 : p < q ? 1 : x->a != y->a ? (x->a < y->a ? -1 : 1) : x->b < y->b ? -1 : x->b > y->b;
}

size_t quality_correlations(const struct frame *ref, const struct frame *cur, struct correlation **out)
{
	struct sampled s = { 0 };
	size_t n = 0, cap = 0;
	*out = NULL;
	if (ref->n_rows < FEWEST_ROWS || cur->n_rows < FEWEST_ROWS)
		return 0;
	sample(&s, ref, cur);
	products_fill(&s, 0), products_fill(&s, 1);
	double sd = sqrt(1.0 / ((double)s.rows[0] - 3) + 1.0 / ((double)s.rows[1] - 3)), pairs = (double)s.n * ((double)s.n - 1) / 2;
	for (size_t i = 0; i < s.n; i++)
		for (size_t k = i + 1; k < s.n; k++) {
			struct correlation c = { .a = s.column[i], .b = s.column[k] };
			c.ref = correlation(&s, 0, i, k);
			c.cur = correlation(&s, 1, i, k);
			if (fabs(c.cur - c.ref) < least_change)
				continue;
			c.p = 2 * normal_upper(fabs(fisher(c.cur) - fisher(c.ref)) / sd);
			if (c.p * pairs < alpha) {
				MEM_GROW(*out, cap, n + 1);
				(*out)[n++] = c;
			}
		}
	free(s.column), free(s.values[0]), free(s.values[1]), free(s.product[0]), free(s.product[1]);
	if (n)
		qsort(*out, n, sizeof **out, by_change);
	return n;
}
