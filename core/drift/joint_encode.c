/* joint_encode -- columns of two frames as rows of numbers.
 *
 * Numbers     less the reference's median, over half the distance of its 16 % and 84 % quantiles (of at most 1,000 sampled values), cut at CUT of these: one wild value must
 *             not press all others together. Then mean 0 and variance 1 over the sample, so that the penalty treats columns alike. Missing and infinite values
 *             become the mean, and an indicator says so.
 * Categories  one of the MOST_LABELS most frequent values of the sample, or "another", or "missing": one sparse 1 a row.
 * Products    of all pairs of numeric columns and squares, where there are few columns and TIMES as many rows a side as features: a linear classifier sees means only.
 * Layout      dense row by row; sparse indices follow the dense ones.
 */
#include "core/drift/joint_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/drift/classifier.h"
#include "core/drift/pair.h"

enum { MOST_ROWS = 20000, FEWEST_ROWS = 200, CELLS = 1200000, UNBALANCED = 4, MOST_LABELS = 30, CENTRE_ROWS = 1000, PRODUCT_COLUMNS = 20, TIMES = 10 };
static const double cut = 5;

struct sampled { uint32_t *row[2]; size_t n[2]; };

static bool is_number(const struct joint_column *c) { return c->ref->num != NULL; }

/* ---- which rows, which features ---- */

static size_t count_numbers(const struct joint_column *columns, size_t n)
{
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		k += is_number(&columns[i]);
	return k;
}

static size_t rows_for(size_t features)
{
	size_t n = CELLS / (2 * (features ? features : 1));
	return n > MOST_ROWS ? MOST_ROWS : n < FEWEST_ROWS ? FEWEST_ROWS : n;
}

static size_t less(size_t a, size_t b) { return a < b ? a : b; }

static bool wants_products(size_t numbers, size_t smaller)
{
	size_t products = numbers * (numbers + 1) / 2;
	return numbers >= 2 && numbers <= PRODUCT_COLUMNS && less(smaller, rows_for(products + numbers)) >= TIMES * (products + numbers);
}

static void draw(struct sampled *s, const struct joint_column *c, size_t most)
{
	size_t n = c->ref->n, m = c->cur->n, balanced = UNBALANCED * less(n, m);
	for (int k = 0; k < 2; k++) {
		s->row[k] = mem_array(most, sizeof *s->row[k]);
		s->n[k] = sample_rows(k ? m : n, less(most, balanced ? balanced : 1), 11 + (uint64_t)k, s->row[k]);
	}
}

static size_t add_feature(struct joint_rows *r, size_t first, size_t second)
{
	MEM_GROW(r->feature, r->room, r->x.n_columns + 1);
	r->feature[r->x.n_columns] = (struct joint_feature){ (uint32_t)first, (uint32_t)second };
	return r->x.n_columns++;
}

/* ---- numbers ---- */

struct scale { double centre, spread; };

static double farther(double a, double b) { return a > b ? a : b; }

static struct scale scale_of(const double *v, size_t n)
{
	double kept[CENTRE_ROWS], scratch[CENTRE_ROWS], far = 0;
	size_t k = 0, step = n / CENTRE_ROWS + 1;
	for (size_t i = 0; i < n; i += step)
		if (isfinite(v[i]))
			kept[k++] = v[i];
	if (!k)
		return (struct scale){ 0, 0 };
	sort_doubles(kept, scratch, k);
	double centre = quantile_sorted(kept, k, 0.5), spread = quantile_sorted(kept, k, 0.84) / 2 - quantile_sorted(kept, k, 0.16) / 2;
	for (size_t i = 0; i < n; i++)
		if (isfinite(v[i]))
			far = farther(far, fabs(v[i] / 2 - centre / 2) * 2);
	return (struct scale){ centre, spread > 0 ? spread : isfinite(far) ? far / cut : 0 };
}

/* Mean 0 and variance 1 in place, what is NaN becomes 0; false: it does not vary. */
static bool standardise(double *v, size_t n)
{
	double sum = 0, sum2 = 0, k = 0;
	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			sum += v[i], k++;
	double mean = k > 0 ? sum / k : 0;
	for (size_t i = 0; i < n; i++) {
		v[i] = isnan(v[i]) ? 0 : v[i] - mean;
		sum2 += v[i] * v[i];
	}
	double sd = sqrt(sum2 / (double)n);
	for (size_t i = 0; i < n && sd > 1e-9; i++)
		v[i] /= sd;
	return sd > 1e-9;
}

/* Values of the sample, both sides; returns how many are missing. */
static size_t gather(const struct joint_column *c, const struct sampled *s, double *v)
{
	const double *num[2] = { c->ref->num, c->cur->num };
	size_t n = 0, missing = 0;
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < s->n[k]; i++)
			v[n++] = num[k][s->row[k][i]];
	struct scale by = scale_of(v, s->n[0]);
	if (!(by.spread > 0))
		by = scale_of(v, n);
	for (size_t i = 0; i < n; i++) {
		const double at = by.spread > 0 ? (v[i] - by.centre) / by.spread : 0;
		v[i] = isfinite(v[i]) ? (at < -cut ? -cut : at > cut ? cut : at) : NAN;
		missing += isnan(v[i]) ? 1 : 0;
	}
	return missing;
}

struct columns_of_numbers { double **v; size_t n, cap; };

static void keep(struct columns_of_numbers *k, double *v)
{
	MEM_GROW(k->v, k->cap, k->n + 1);
	k->v[k->n++] = v;
}

static void add_products(struct joint_rows *r, struct columns_of_numbers *k, size_t linear)
{
	size_t rows = r->x.n;
	for (size_t i = 0; i < linear; i++)
		for (size_t j = i; j < linear; j++) {
			double *v = mem_array(rows, sizeof *v);
			for (size_t row = 0; row < rows; row++)
				v[row] = k->v[i][row] * k->v[j][row];
			if (standardise(v, rows)) {
				add_feature(r, r->feature[i].first, r->feature[j].first);
				keep(k, v);
			} else {
				free(v);
			}
		}
}

/* Column by column into row by row. */
static void transpose(struct joint_rows *r, struct columns_of_numbers *k)
{
	enum { BLOCK = 64 };
	r->x.n_dense = k->n;
	r->dense = mem_array(r->x.n * k->n + 1, sizeof *r->dense);
	for (size_t from = 0; from < r->x.n; from += BLOCK)
		for (size_t c = 0; c < k->n; c++)
			for (size_t i = from; i < r->x.n && i < from + BLOCK; i++)
				r->dense[i * k->n + c] = k->v[c][i];
	for (size_t c = 0; c < k->n; c++)
		free(k->v[c]);
	free(k->v);
}

/* ---- what is sparse ---- */

struct ones { uint32_t *at; size_t columns, n; };            /* columns slots a row */

static const uint32_t nothing = UINT32_MAX;

static void mark_missing(struct joint_rows *r, struct ones *o, const double *v, size_t column)
{
	size_t missing = 0, feature = 0;
	for (size_t i = 0; i < r->x.n; i++) {
		bool gone = isnan(v[i]);
		if (gone && missing++ == 0)
			feature = add_feature(r, column, column);
		o->at[i * o->columns + o->n] = gone ? (uint32_t)feature : nothing;
	}
	o->n++;
}

struct label { uint32_t code, rows; };

static int by_rows(const void *a, const void *b)
{
	const struct label *x = a, *y = b;
	return x->rows != y->rows ? (x->rows > y->rows ? -1 : 1) : x->code < y->code ? -1 : x->code > y->code;
}

/* Numbers of the sampled words, the same for both sides; missing is `nothing`. */
static size_t number_words(const struct joint_column *c, const struct sampled *s, uint32_t *code)
{
	struct map *m = map_new();
	const struct frame_col *side[2] = { c->ref, c->cur };
	size_t n = 0;
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < s->n[k]; i++) {
			uint32_t w = side[k]->code[s->row[k][i]];
			code[n++] = w == FRAME_NO_CODE ? nothing : (uint32_t)map_add(m, side[k]->words[w].p, side[k]->words[w].n, NULL);
		}
	n = map_count(m);
	map_free(m);
	return n;
}

static void add_labels(struct joint_rows *r, struct ones *o, const struct joint_column *c, const struct sampled *s, size_t column)
{
	uint32_t *code = mem_array(r->x.n, sizeof *code);
	size_t n = number_words(c, s, code), shown = less(n, MOST_LABELS), missing = SIZE_MAX, other = SIZE_MAX;
	struct label *labels = mem_array(n ? n : 1, sizeof *labels);
	uint32_t *feature = mem_array(n ? n : 1, sizeof *feature);
	for (size_t i = 0; i < n; i++)
		labels[i] = (struct label){ (uint32_t)i, 0 }, feature[i] = nothing;
	for (size_t i = 0; i < r->x.n; i++)
		if (code[i] != nothing)
			labels[code[i]].rows++;
	qsort(labels, n, sizeof *labels, by_rows);
	for (size_t i = 0; i < shown; i++)
		feature[labels[i].code] = (uint32_t)add_feature(r, column, column);
	for (size_t i = 0; i < r->x.n; i++) {
		size_t *rest = code[i] == nothing ? &missing : &other;
		if (code[i] != nothing && feature[code[i]] != nothing) {
			o->at[i * o->columns + o->n] = feature[code[i]];
			continue;
		}
		if (*rest == SIZE_MAX)
			*rest = add_feature(r, column, column);
		o->at[i * o->columns + o->n] = (uint32_t)*rest;
	}
	o->n++;
	free(code), free(labels), free(feature);
}

static void compress(struct joint_rows *r, struct ones *o)
{
	size_t n = 0;
	r->start = mem_array(r->x.n + 1, sizeof *r->start);
	r->index = mem_array(r->x.n * o->n + 1, sizeof *r->index);
	for (size_t i = 0; i < r->x.n; i++) {
		r->start[i] = n;
		for (size_t k = 0; k < o->n; k++)
			if (o->at[i * o->columns + k] != nothing)
				r->index[n++] = o->at[i * o->columns + k];
	}
	r->start[r->x.n] = n;
}

/* ---- all ---- */

/* Dense features come first: columns with missing numbers are kept, with NULL for others, until all numbers have their features. */
static void encode_numbers(struct joint_rows *r, const struct joint_column *columns, size_t n, const struct sampled *s, bool products, struct columns_of_numbers *gone)
{
	struct columns_of_numbers k = { 0 };
	for (size_t i = 0; i < n; i++) {
		if (!is_number(&columns[i]))
			continue;
		double *v = mem_array(r->x.n, sizeof *v), *raw = NULL;
		if (gather(&columns[i], s, v)) {
			raw = mem_array(r->x.n, sizeof *raw);
			memcpy(raw, v, r->x.n * sizeof *raw);
		}
		keep(gone, raw);
		if (standardise(v, r->x.n)) {
			add_feature(r, i, i);
			keep(&k, v);
		} else {
			free(v);
		}
	}
	r->n_linear = k.n;
	if (products)
		add_products(r, &k, k.n);
	transpose(r, &k);
}

void joint_encode(const struct joint_column *columns, size_t n, struct joint_rows *out)
{
	struct sampled s;
	struct columns_of_numbers raw = { 0 };
	size_t numbers = count_numbers(columns, n), smaller = less(columns[0].ref->n, columns[0].cur->n), at = 0;
	bool products = wants_products(numbers, smaller);
	*out = (struct joint_rows){ .n_linear = 0 };
	draw(&s, &columns[0], rows_for(n + (products ? numbers * (numbers + 1) / 2 : 0)));
	out->side[0] = s.n[0], out->side[1] = s.n[1], out->x.n = s.n[0] + s.n[1];
	encode_numbers(out, columns, n, &s, products, &raw);
	struct ones ones = { .at = mem_array(out->x.n * n + 1, sizeof *ones.at), .columns = n };
	for (size_t i = 0; i < n; i++) {
		const bool number = is_number(&columns[i]);
		if (number && raw.v[at])
			mark_missing(out, &ones, raw.v[at], i);
		at += number;
		if (!number)
			add_labels(out, &ones, &columns[i], &s, i);
	}
	compress(out, &ones);
	out->positive = mem_array(out->x.n + 1, sizeof *out->positive);
	for (size_t i = 0; i < out->x.n; i++)
		out->positive[i] = i >= s.n[0];
	out->x.dense = out->dense, out->x.start = out->start, out->x.index = out->index, out->x.positive = out->positive;
	for (size_t i = 0; i < raw.n; i++)
		free(raw.v[i]);
	free(raw.v), free(ones.at), free(s.row[0]), free(s.row[1]);
}

void joint_rows_free(struct joint_rows *r)
{
	free(r->feature), free(r->dense), free(r->start), free(r->index), free(r->positive);
	*r = (struct joint_rows){ .n_linear = 0 };
}
