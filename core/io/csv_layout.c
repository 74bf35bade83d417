/* Delimiter, decimal sign, header and first guess of each column's type, from the first block. */
#include "core/io/csv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { SNIFF_ROWS = 100 };

struct walk { const struct csv_dialect *d; const char *p, *end; struct str scratch; const char *s; size_t n; bool open; };

static bool line_end(const struct walk *w) { return w->p < w->end && (*w->p == '\n' || *w->p == '\r'); }

static void next_line(struct walk *w)
{
	if (w->p < w->end)
		w->p += *w->p == '\r' && w->p + 1 < w->end && w->p[1] == '\n' ? 2 : 1;
}

/* The next field of a record; *more: another follows. */
static void field(struct walk *w, bool *more)
{
	w->p = csv_field(w->d, w->p, w->end, &w->scratch, &w->s, &w->n, &w->open);
	*more = w->p < w->end && *w->p == w->d->delimiter;
	w->p += *more;
}

static bool to_record(struct walk *w)
{
	while (line_end(w))
		next_line(w);
	return w->p < w->end;
}

static size_t record_fields(struct walk *w)
{
	size_t n = 0;
	for (bool more = true; more; n++)
		field(w, &more);
	next_line(w);
	return n;
}

/* How alike the first records are when cut by this delimiter: share of those with as many fields as the first, then how many. */
static double score(const char *p, size_t n, char delimiter, size_t *fields)
{
	const struct csv_dialect d = { delimiter, '"', '.', false };
	struct walk w = { .d = &d, .p = p, .end = p + n, .scratch = STR_INIT };
	size_t rows = 0, alike = 0;
	*fields = 0;
	while (rows < SNIFF_ROWS && to_record(&w)) {
		const size_t k = record_fields(&w);
		if (w.p >= w.end && rows > 1)
			break;                           /* may be cut */
		*fields = rows ? *fields : k;
		alike += k == *fields;
		rows++;
	}
	str_free(&w.scratch);
	return *fields > 1 ? (double)alike / (double)rows : 0;
}

static char find_delimiter(const char *p, size_t n)
{
	static const char tried[] = { ',', ';', '\t', '|' };
	double best = 0;
	size_t most = 0;
	char found = ',';
	for (size_t i = 0; i < sizeof tried; i++) {
		size_t fields;
		const double s = score(p, n, tried[i], &fields);
		if (s > best + 0.05 || (s > best - 0.05 && s > 0 && fields > most)) {
			best = s;
			most = fields;
			found = tried[i];
		}
	}
	return found;
}

/* 1: "12,5"; -1: "12.5"; else 0. */
static int decimal_vote(const char *s, size_t n)
{
	size_t i = n && (*s == '-' || *s == '+'), digits = 0;
	char sign = 0;
	for (; i < n; i++) {
		if (isdigit((unsigned char)s[i]))
			digits++;
		else if (!sign && digits && (s[i] == ',' || s[i] == '.'))
			sign = s[i];
		else
			return 0;
	}
	return !sign || !isdigit((unsigned char)s[n - 1]) ? 0 : sign == ',' ? 1 : -1;
}

static char find_decimal(const struct csv_dialect *d, const char *p, size_t n)
{
	struct walk w = { .d = d, .p = p, .end = p + n, .scratch = STR_INIT };
	size_t commas = 0, points = 0;
	for (size_t rows = 0; rows < CSV_SAMPLE_ROWS && to_record(&w); rows++) {
		for (bool more = true; more;) {
			field(&w, &more);
			const int v = decimal_vote(w.s, w.n);
			commas += v > 0;
			points += v < 0;
		}
		next_line(&w);
	}
	str_free(&w.scratch);
	return commas && !points ? ',' : '.';
}

static enum status add_name(struct csv_layout *l, size_t *cap, const char *s, size_t n, const char *path, struct err *e)
{
	if (l->n == FRAME_MOST_COLUMNS)
		return err_set(e, ST_REFUSED, "%.300s: more than %d columns", path, FRAME_MOST_COLUMNS);
	if (n > FRAME_MOST_FIELD)
		return err_set(e, ST_REFUSED, "%.300s: line 1: a field longer than %d MB", path, FRAME_MOST_FIELD >> 20);
	MEM_GROW(l->names, *cap, l->n + 1);
	l->names[l->n++] = mem_strndup(s, n);
	return ST_OK;
}

static enum status find_names(struct csv_layout *l, struct walk *w, bool no_header, const char *path, struct err *e)
{
	size_t cap = 0, numbers = 0;
	const char *const from = w->p;
	enum status rc = ST_OK;
	for (bool more = true; more && rc == ST_OK;) {
		char made[24];
		bool number, integer;
		field(w, &more);
		frame_number(w->s, w->n, w->d->decimal, &number, &integer);
		numbers += number;
		if (no_header)
			snprintf(made, sizeof made, "c%zu", l->n + 1);
		rc = no_header ? add_name(l, &cap, made, strlen(made), path, e) : add_name(l, &cap, w->s, w->n, path, e);
	}
	l->header_is_data = !no_header && numbers == l->n && numbers;
	next_line(w);
	if (no_header)
		w->p = from;
	return rc;
}

/* Names over all columns but the first, as R writes them. */
static void find_row_names(struct csv_layout *l, struct walk w)
{
	size_t rows = 0, wider = 0;
	for (; rows < SNIFF_ROWS && to_record(&w); rows++) {
		const size_t k = record_fields(&w);
		wider += k == l->n + 1 && w.n;
	}
	str_free(&w.scratch);
	if (!rows || wider != rows || l->n == FRAME_MOST_COLUMNS)
		return;
	l->names = mem_realloc(l->names, (l->n + 1) * sizeof *l->names);
	memmove(l->names + 1, l->names, l->n++ * sizeof *l->names);
	l->names[0] = mem_strdup("");
	l->row_names = true;
}

struct tally { uint32_t values, of[FRAME_TYPES]; };

static void count_field(struct tally *t, const struct walk *w)
{
	static const enum frame_type tried[] = { FRAME_NUMBER, FRAME_BOOLEAN, FRAME_TIME };
	double v;
	bool integer;
	if (frame_is_missing(w->s, w->n))
		return;
	t->values++;
	for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
		t->of[tried[i]] += frame_fit(tried[i], false, w->s, w->n, w->d->decimal, &v, &integer);
}

static void guess_types(struct csv_layout *l, struct walk w)
{
	struct tally *t = mem_array(l->n + 1, sizeof *t);
	for (size_t rows = 0; rows < CSV_SAMPLE_ROWS && to_record(&w); rows++) {
		bool more = true;
		for (size_t j = 0; more; j++) {
			field(&w, &more);
			if (j < l->n)
				count_field(&t[j], &w);
		}
		next_line(&w);
	}
	str_free(&w.scratch);
	l->guess = mem_array(l->n + 1, sizeof *l->guess);
	l->words = mem_array(l->n + 1, sizeof *l->words);
	for (size_t j = 0; j < l->n; j++) {
		const uint32_t need = t[j].values - t[j].values / 20;
		l->guess[j] = t[j].of[FRAME_NUMBER] >= need ? FRAME_NUMBER : t[j].of[FRAME_BOOLEAN] >= need ? FRAME_BOOLEAN : FRAME_TIME;
		l->words[j] = t[j].of[l->guess[j]] < need;
	}
	free(t);
}

static size_t mark_length(const struct csv_block *b)
{
	return b->n >= 3 && !memcmp(b->bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
}

enum status csv_dialect_find(struct csv_source *s, const struct csv_block *b, const struct frame_options *o, struct err *e)
{
	struct csv_dialect *d = &s->dialect;
	const size_t mark = mark_length(b);
	d->decimal = o->decimal;
	d->delimiter = o->delimiter ? o->delimiter : find_delimiter(b->bytes + mark, b->n - mark);
	if (d->delimiter == '"' || d->delimiter == '\n' || d->delimiter == '\r')
		return err_set(e, ST_USAGE, "a quote or a line end cannot be the delimiter");
	if (!d->decimal)
		d->decimal = d->delimiter == ',' ? '.' : find_decimal(d, b->bytes + mark, b->n - mark);
	if (d->decimal == d->delimiter)
		return err_set(e, ST_USAGE, "the delimiter and the decimal sign are both \"%c\"", d->decimal);
	return ST_OK;
}

enum status csv_layout_find(const struct csv_source *s, const struct csv_block *b, const struct frame_options *o, struct csv_layout *l, struct err *e)
{
	struct walk w = { .d = &s->dialect, .p = b->bytes + mark_length(b), .end = b->bytes + b->n, .scratch = STR_INIT };
	*l = (struct csv_layout){ .guessed_decimal = !o->decimal && s->dialect.decimal == ',' };
	if (!to_record(&w))
		return err_set(e, ST_FAILED, "%.300s: empty: no header, no data", s->path);
	enum status rc = find_names(l, &w, o->no_header, s->path, e);
	l->data_from = (size_t)(w.p - b->bytes);
	const struct walk rest = { .d = &s->dialect, .p = w.p, .end = w.end, .scratch = STR_INIT };
	str_free(&w.scratch);
	if (rc == ST_OK && !o->no_header)
		find_row_names(l, rest);
	if (rc == ST_OK)
		guess_types(l, rest);
	return rc;
}

void csv_layout_free(struct csv_layout *l)
{
	for (size_t j = 0; j < l->n; j++)
		free(l->names[j]);
	free(l->names);
	free(l->guess);
	free(l->words);
	*l = (struct csv_layout){ 0 };
}

/* Windows-1252, which is Latin-1 with printable characters where that has controls nobody writes. */
void csv_latin1(struct str *out, const char *p, size_t n)
{
	static const uint16_t high[32] = { 0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
		0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178 };
	for (size_t i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)p[i];
		char utf8[4];
		str_addn(out, utf8, text_encode(c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c, utf8));
	}
}

/* ---- what is told about the file ---- */

static uint64_t least(uint64_t a, uint64_t b) { return !a || (b && b < a) ? b : a; }

static void count_note(struct frame *f, size_t count, uint64_t line, const char *one, const char *many)
{
	if (count)
		frame_note(f, "%zu %s, first on line %llu", count, count == 1 ? one : many, (unsigned long long)line);
}

void csv_notes(struct frame *f, const struct csv_source *s, const struct csv_layout *l, const struct csv_worker *w, size_t n_workers)
{
	struct csv_worker all = { 0 };
	for (size_t i = 0; i < n_workers; i++) {
		all.short_rows += w[i].short_rows; all.short_line = least(all.short_line, w[i].short_line);
		all.long_rows += w[i].long_rows;   all.long_line = least(all.long_line, w[i].long_line);
		all.nuls += w[i].nuls;             all.nul_line = least(all.nul_line, w[i].nul_line);
		all.utf8_bad += w[i].utf8_bad;     all.utf8_line = least(all.utf8_line, w[i].utf8_line);
		all.open_quotes += w[i].open_quotes; all.open_line = least(all.open_line, w[i].open_line);
		all.utf8_good += w[i].utf8_good;
		all.blank += w[i].blank;
	}
	if (s->encoding == CSV_UTF16LE || s->encoding == CSV_UTF16BE)
		frame_note(f, "read as UTF-16, %s byte first", s->encoding == CSV_UTF16LE ? "low" : "high");
	if (all.utf8_bad && s->encoding == CSV_LATIN1)
		frame_note(f, "read as Latin-1 (Windows-1252)%s", s->encoding_told ? "" : ": not UTF-8");
	else if (all.utf8_bad)
		count_note(f, all.utf8_bad, all.utf8_line, "byte that is not UTF-8; kept as it is", "bytes that are not UTF-8; kept as they are");
	if (l->guessed_decimal)
		frame_note(f, "numbers are written with a decimal comma");
	if (l->row_names)
		frame_note(f, "the first column has no name: the rows have one field more than the header");
	if (l->header_is_data)
		frame_note(f, "the first line, read as names, holds only numbers: say that there is no header if there is none");
	count_note(f, all.short_rows, all.short_line, "row has fewer fields than columns; the rest is missing", "rows have fewer fields than columns; the rest is missing");
	count_note(f, all.long_rows, all.long_line, "row has more fields than columns; what is over is dropped", "rows have more fields than columns; what is over is dropped");
	if (all.open_quotes)
		frame_note(f, "line %llu: a quote is never closed; the rest of the file is one field", (unsigned long long)all.open_line);
	if (all.nuls)
		frame_note(f, "NUL bytes, first on line %llu; kept in text", (unsigned long long)all.nul_line);
	if (all.blank)
		frame_note(f, "%zu empty line%s left out", all.blank, all.blank == 1 ? "" : "s");
}
