/* A block is walked once, record by record; each field goes straight into its column's array. The common number (decimal_field)
 * is read at once. Everything else finds the field, then asks what it is. */
#include "core/io/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/decimal.h"

void csv_worker_init(struct csv_worker *w, const struct csv_dialect *d, size_t n_fields)
{
	*w = (struct csv_worker){ .dialect = *d, .n = n_fields, .arena = arena_new(), .out = mem_array(n_fields + 1, sizeof *w->out) };
	str_init(&w->scratch);
}

void csv_worker_free(struct csv_worker *w)
{
	for (size_t j = 0; w->out && j < w->n; j++) {
		dict_free(&w->out[j].dict);
		free(w->out[j].misfit);
	}
	free(w->out);
	arena_free(w->arena);
	csv_block_free(&w->block);
	str_free(&w->scratch);
}

static inline bool is_line_end(char c) { return c == '\n' || c == '\r'; }

static const char *plain_end(const struct csv_dialect *d, const char *p, const char *end)
{
	while (p < end && *p != d->delimiter && !is_line_end(*p))
		p++;
	return p;
}

/* From the opening quote. Text that holds doubled quotes, or goes on behind the closing one, is put together in scratch. */
static const char *quoted_field(const struct csv_dialect *d, const char *p, const char *end, struct str *scratch, const char **s, size_t *n, bool *open)
{
	const char *from = ++p, *q;
	str_clear(scratch);
	for (;;) {
		q = p < end ? memchr(p, d->quote, (size_t)(end - p)) : NULL;
		if (!q || q + 1 == end || q[1] != d->quote)
			break;
		str_addn(scratch, from, (size_t)(q + 1 - from));
		p = from = q + 2;
	}
	*open = !q;
	const char *close = q ? q : end, *stop = q ? plain_end(d, q + 1, end) : end;
	if (!scratch->len && (!q || stop == q + 1)) {
		*s = from;
		*n = (size_t)(close - from);
		return stop;
	}
	str_addn(scratch, from, (size_t)(close - from));
	if (q)
		str_addn(scratch, q + 1, (size_t)(stop - q - 1));
	*s = scratch->p;
	*n = scratch->len;
	return stop;
}

const char *csv_field(const struct csv_dialect *d, const char *p, const char *end, struct str *scratch, const char **s, size_t *n, bool *open)
{
	*open = false;
	if (p < end && *p == d->quote)
		return quoted_field(d, p, end, scratch, s, n, open);
	const char *stop = plain_end(d, p, end);
	*s = p;
	*n = (size_t)(stop - p);
	return stop;
}

static uint64_t line_of(const struct csv_worker *w, const char *p)
{
	return w->block.line + csv_lines(w->block.bytes, (size_t)(p - w->block.bytes));
}

static void misfit(struct csv_worker *w, struct csv_out *c, const char *s, size_t n, size_t row)
{
	struct str clean = STR_INIT;
	c->num[row] = NAN;
	c->missing++;
	if (c->misfits++)
		return;
	text_clean(&clean, s, n < 200 ? n : 200, 0);
	c->misfit = str_take(&clean);
	c->misfit_row = w->row0 + row;
}

static void store(struct csv_worker *w, struct csv_out *c, const char *s, size_t n, size_t row)
{
	bool integer;
	double v;
	if (c->mode == CSV_WORDS) {
		const bool missing = frame_is_missing(s, n);
		c->missing += missing;
		c->code[row] = missing ? FRAME_NO_CODE : dict_add(&c->dict, s, n, (uint32_t)(w->row0 + row));
	} else if (frame_fit(c->type, c->told, s, n, w->dialect.decimal, &v, &integer)) {
		c->num[row] = v;
		c->fractional += !integer;
		c->nan += isnan(v);
		c->missing += isnan(v);
		c->inf += isinf(v) != 0;
	} else if (frame_is_missing(s, n)) {
		c->num[row] = NAN;
		c->missing++;
	} else {
		misfit(w, c, s, n, row);
	}
}

static void no_value(struct csv_out *c, size_t row)
{
	c->missing++;
	if (c->mode == CSV_WORDS)
		c->code[row] = FRAME_NO_CODE;
	else if (c->mode != CSV_SKIP)
		c->num[row] = NAN;
}

static const char *any_field(struct csv_worker *w, struct csv_out *c, const char *p, const char *end, size_t row)
{
	const char *s;
	size_t n;
	bool open;
	const char *const stop = csv_field(&w->dialect, p, end, &w->scratch, &s, &n, &open);
	if (open) {
		if (!w->open_quotes++)
			w->open_line = line_of(w, p);
		n -= w->block.added && n;
	}
	if (n > FRAME_MOST_FIELD && w->rc == ST_OK)
		w->rc = err_set(&w->err, ST_REFUSED, "line %llu: a field longer than %d MB", (unsigned long long)line_of(w, p), FRAME_MOST_FIELD >> 20);
	if (c->mode != CSV_SKIP)
		store(w, c, s, n, row);
	return stop;
}

/* The signs are handed over: read from memory they would be read again after every store. */
static inline const char *number_field(struct csv_worker *w, struct csv_out *c, const char *p, const char *end, size_t row, char delimiter, char decimal)
{
	const char *s = p;
	bool integer = true;
	double v;
	if (decimal_field(&s, delimiter, decimal, &v, &integer)) {
		c->num[row] = v;
		c->fractional += !integer;
		return s;
	}
	if (*p == delimiter || is_line_end(*p)) {
		c->num[row] = NAN;
		c->missing++;
		return p;
	}
	return any_field(w, c, p, end, row);
}

/* Fields beyond the columns: dropped; empty ones are not worth a word. */
static const char *extra_fields(struct csv_worker *w, const char *p, const char *end, bool *full)
{
	const char *s;
	size_t n;
	bool open;
	for (;; p++) {
		p = csv_field(&w->dialect, p, end, &w->scratch, &s, &n, &open);
		*full |= n > 0;
		if (p == end || *p != w->dialect.delimiter)
			return p;
	}
}

static const char *record(struct csv_worker *w, const char *p, const char *end, size_t row)
{
	const char *const from = p;
	const char delimiter = w->dialect.delimiter, decimal = w->dialect.decimal;
	struct csv_out *c = w->out, *const stop = c + w->n;
	bool full = false;
	for (;; p++) {
		p = c->mode == CSV_NUMBER ? number_field(w, c, p, end, row, delimiter, decimal) : any_field(w, c, p, end, row);
		c++;
		if (p >= end || *p != delimiter)
			break;
		if (c == stop) {
			p = extra_fields(w, p + 1, end, &full);
			break;
		}
	}
	if (c < stop && !w->short_rows++)
		w->short_line = line_of(w, from);
	for (; c < stop; c++)
		no_value(c, row);
	if (full && !w->long_rows++)
		w->long_line = line_of(w, from);
	return p;
}

/* Counts sequences, good and bad, in a block that holds bytes above 127; a block begins and ends between characters. */
static void check_utf8(struct csv_worker *w)
{
	const char *p = w->block.bytes, *const end = p + w->block.n;
	uint64_t word;
	while (p < end) {
		if (end - p >= 8 && (memcpy(&word, p, 8), !(word & UINT64_C(0x8080808080808080)))) {
			p += 8;
			continue;
		}
		uint32_t cp;
		const size_t n = text_decode(p, (size_t)(end - p), &cp);
		if (n == 1 && cp == 0xFFFD && !w->utf8_bad++)
			w->utf8_line = line_of(w, p);
		w->utf8_good += n > 1;
		p += n;
	}
}

static void check_nuls(struct csv_worker *w)
{
	const char *const p = w->block.bytes, *at = memchr(p, 0, w->block.n);
	if (at && !w->nuls++)
		w->nul_line = line_of(w, at);
}

size_t csv_parse(struct csv_worker *w, size_t from, const char *path)
{
	const char *p = w->block.bytes + from, *const end = w->block.bytes + w->block.n;
	size_t row = 0;
	check_utf8(w);
	check_nuls(w);
	while (p < end && w->rc == ST_OK) {
		if (is_line_end(*p))
			w->blank++;
		else if (row == w->block.records)
			w->rc = err_set(&w->err, ST_FAILED, "line %llu: more records than were counted", (unsigned long long)line_of(w, p));
		else
			p = record(w, p, end, row++);
		p += p < end && *p == '\r' && p + 1 < end && p[1] == '\n' ? 2 : 1;
	}
	if (w->rc != ST_OK)
		err_wrap(&w->err, "%.300s", path);
	return row;
}
