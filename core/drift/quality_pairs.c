/* quality_pairs -- what needs several columns at once: equal rows, correlations. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/quality.h"
#include "core/drift/special.h"

enum { ROW_BLOCK = 512, MOST_ROWS = 20000, MOST_COLUMNS = 200, FEWEST_ROWS = 30 };
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
static bool standardise(const struct frame_col *c, size_t rows, double *out)
{
	double sum = 0, sum2 = 0;
	for (size_t i = 0; i < rows; i++) {
		out[i] = c->num[(size_t)((double)i * (double)c->n / (double)rows)];
		if (!isfinite(out[i]))
			return false;
		sum += out[i];
	}
	double mean = sum / (double)rows;
	for (size_t i = 0; i < rows; i++) {
		out[i] -= mean;
		sum2 += out[i] * out[i];
	}
	if (!(sum2 > 0) || !isfinite(sum2))
		return false;
	for (size_t i = 0; i < rows; i++)
		out[i] /= sqrt(sum2);
	return true;
}

static double product(const double *x, const double *y, size_t n)
{
	double sum[4] = { 0 };
	size_t i = 0;
	for (; i + 4 <= n; i += 4)
		for (int k = 0; k < 4; k++)
			sum[k] += x[i + k] * y[i + k];
	for (; i < n; i++)
		sum[0] += x[i] * y[i];
	return fmax(-1, fmin(1, sum[0] + sum[1] + sum[2] + sum[3]));
}

/* Fisher's transformation; correlations of 1 have no finite one. */
static double fisher(double r) { return atanh(fmax(-0.999999, fmin(0.999999, r))); }

struct sampled { size_t *column; size_t n, rows[2]; double *values[2]; };

static void sample(struct sampled *s, const struct frame *ref, const struct frame *cur)
{
	s->rows[0] = ref->n_rows < MOST_ROWS ? ref->n_rows : MOST_ROWS, s->rows[1] = cur->n_rows < MOST_ROWS ? cur->n_rows : MOST_ROWS;
	s->column = mem_array(MOST_COLUMNS, sizeof *s->column);
	size_t most = ref->n_cols < MOST_COLUMNS ? ref->n_cols : MOST_COLUMNS;
	for (int k = 0; k < 2; k++)
		s->values[k] = mem_array(most * s->rows[k] + 1, sizeof(double));
	for (size_t i = 0; i < ref->n_cols && s->n < MOST_COLUMNS; i++) {
		const struct frame_col *x = &ref->cols[i], *y = frame_find(cur, x->name);
		if (x->type != FRAME_NUMBER || !y || y->type != FRAME_NUMBER)
			continue;
		if (standardise(x, s->rows[0], s->values[0] + s->n * s->rows[0]) && standardise(y, s->rows[1], s->values[1] + s->n * s->rows[1]))
			s->column[s->n++] = i;
	}
}

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
	double sd = sqrt(1.0 / ((double)s.rows[0] - 3) + 1.0 / ((double)s.rows[1] - 3)), pairs = (double)s.n * ((double)s.n - 1) / 2;
	for (size_t i = 0; i < s.n; i++)
		for (size_t k = i + 1; k < s.n; k++) {
			struct correlation c = { .a = s.column[i], .b = s.column[k] };
			c.ref = product(s.values[0] + i * s.rows[0], s.values[0] + k * s.rows[0], s.rows[0]);
			c.cur = product(s.values[1] + i * s.rows[1], s.values[1] + k * s.rows[1], s.rows[1]);
			c.p = 2 * normal_upper(fabs(fisher(c.cur) - fisher(c.ref)) / sd);
			if (fabs(c.cur - c.ref) >= least_change && c.p * pairs < alpha) {
				MEM_GROW(*out, cap, n + 1);
				(*out)[n++] = c;
			}
		}
	free(s.column), free(s.values[0]), free(s.values[1]);
	if (n)
		qsort(*out, n, sizeof **out, by_change);
	return n;
}
