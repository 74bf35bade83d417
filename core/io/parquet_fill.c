/* Pages of Parquet into the arrays of a column.
 *
 * Missing  the values of a page are written next to each other where the page's rows begin and then spread from the end, in place.
 * Words    a value of a dictionary page gets its code when it is first used; entries that no row uses do not become words. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/parquet_impl.h"

enum { UUID_TEXT = 36 };
#define EXACT_BELOW 0x1p53

/* One chunk on its way into the arrays of its column. */
struct filling {
	struct parquet_reading *r; struct parquet_worker *w; struct parquet_column *c; const struct parquet_leaf *leaf;
	size_t group, row;
	struct parquet_sink sink; uint32_t *code;
	unsigned char *dict_bytes; struct frame_word *entries; uint32_t *codes; double *values; size_t n_entries; bool in_dictionary;
	size_t nan, inf, missing, large;
};

void parquet_fail(struct parquet_reading *r, enum status rc, const struct err *e)
{
	pthread_mutex_lock(&r->mu);
	if (r->rc == ST_OK) {
		r->rc = rc;
		r->err = *e;
	}
	pthread_mutex_unlock(&r->mu);
	atomic_store(&r->stop, true);
}

char *parquet_clean(const char *s)
{
	struct str out = STR_INIT;
	text_clean(&out, s, strnlen(s, 100), 0);
	return str_take(&out);
}

static void fail_page(struct filling *x, const char *why)
{
	struct err e;
	char *name = parquet_clean(x->leaf->name);
	const struct parquet_page *g = &x->w->pages.page;
	err_set(&e, ST_FAILED, "%.200s: column \"%s\", row group %zu, page %zu at byte %llu: %s; write the file again", x->r->file.path, name, x->group + 1, g->number,
		(unsigned long long)g->at, why);
	free(name);
	parquet_fail(x->r, ST_FAILED, &e);
}

/* ---- words ---- */

static void uuid_text(char to[UUID_TEXT + 1], const unsigned char *p)
{
	size_t n = 0;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			to[n++] = '-';
		to[n++] = "0123456789abcdef"[p[i] >> 4];
		to[n++] = "0123456789abcdef"[p[i] & 15];
	}
	to[n] = '\0';
}

static uint32_t code_of(struct filling *x, const char *p, size_t n)
{
	char text[UUID_TEXT + 1];
	const size_t row = x->row + (size_t)(x->code - (x->c->code + x->row));
	if (x->leaf->logical == PARQUET_UUID && n == 16) {
		uuid_text(text, (const unsigned char *)p);
		p = text;
		n = UUID_TEXT;
	}
	return frame_is_missing(p, n) ? FRAME_NO_CODE : dict_add(&x->c->dict, p, n, (uint32_t)row);
}

static const char *take_word(void *arg, const char *p, size_t n)
{
	struct filling *x = arg;
	if (n > FRAME_MOST_FIELD)
		return "a value is longer than 16 MiB";
	if (x->in_dictionary)
		x->entries[x->n_entries++] = (struct frame_word){ p, (uint32_t)n };
	else
		*x->code++ = code_of(x, p, n);
	return NULL;
}

enum { UNSEEN = FRAME_NO_CODE - 1 };

static const char *take_seen(void *arg, uint32_t i)
{
	struct filling *x = arg;
	if (x->codes[i] == (uint32_t)UNSEEN)
		x->codes[i] = code_of(x, x->entries[i].p, x->entries[i].n);
	*x->code++ = x->codes[i];
	return NULL;
}

static const char *take_decimal(void *arg, const char *p, size_t n)
{
	struct filling *x = arg;
	const double v = n <= 64 ? parquet_decimal((const unsigned char *)p, n, x->leaf->scale) : NAN;
	if (n > 64)
		return "a decimal has more than 64 bytes";
	if (x->in_dictionary)
		x->values[x->n_entries++] = v;
	else
		*x->sink.num++ = v;
	return NULL;
}

static const char *take_seen_decimal(void *arg, uint32_t i)
{
	struct filling *x = arg;
	*x->sink.num++ = x->values[i];
	return NULL;
}

/* The page's bytes are kept: its words are looked at again when an index names them. */
static const char *take_dictionary(struct filling *x, struct parquet_page *g)
{
	if (x->dict_bytes)
		return "a second dictionary";
	if (!x->leaf->width && g->n > g->n_bytes / 4)
		return "it has fewer bytes than values";
	x->dict_bytes = mem_alloc(g->n_bytes + 1);
	memcpy(x->dict_bytes, g->p, g->n_bytes);
	g->p = x->dict_bytes;
	if (x->c->words) {
		x->entries = mem_array(g->n + 1, sizeof *x->entries);
		x->codes = mem_array(g->n + 1, sizeof *x->codes);
		for (size_t i = 0; i < g->n; i++)
			x->codes[i] = (uint32_t)UNSEEN;
	} else if (!x->c->kind->convert) {
		x->values = mem_array(g->n + 1, sizeof *x->values);
	}
	x->in_dictionary = true;
	const char *why = parquet_dictionary(&x->sink, g);
	x->in_dictionary = false;
	return why;
}

/* ---- pages into columns ---- */

static void spread_numbers(double *num, const struct parquet_page *g)
{
	for (size_t i = g->n, k = g->present; i-- > 0 && k <= i;)
		num[i] = g->levels[i] ? num[--k] : (double)NAN;
}

static void spread_codes(uint32_t *code, const struct parquet_page *g)
{
	for (size_t i = g->n, k = g->present; i-- > 0 && k <= i;)
		code[i] = g->levels[i] ? code[--k] : FRAME_NO_CODE;
}

static void count_numbers(struct filling *x, const double *num, size_t n)
{
	size_t nan = 0, inf = 0, large = 0;
	for (size_t i = 0; i < n; i++) {
		const double a = fabs(num[i]);
		nan += a != a;
		inf += a > 0x1.fffffffffffffp1023;
		large += a >= EXACT_BELOW;
	}
	x->nan += nan;
	x->inf += inf;
	x->large += large;
}

static const char *take_page(struct filling *x, struct parquet_page *g)
{
	const char *why;
	if (g->dictionary)
		return take_dictionary(x, g);
	x->missing += g->n - g->present;
	if (x->c->words) {
		uint32_t *code = x->c->code + x->row;
		x->code = code;
		if (!(why = parquet_values(&x->sink, g)) && g->levels)
			spread_codes(code, g);
	} else {
		double *num = x->c->num + x->row;
		x->sink.num = num;
		if (!(why = parquet_values(&x->sink, g)))
			count_numbers(x, num, g->present);
		if (!why && g->levels)
			spread_numbers(num, g);
	}
	x->row += g->n;
	return why;
}

static bool within_budget(struct filling *x)
{
	struct parquet_reading *r = x->r;
	size_t held = r->base;
	struct err e;
	if (!x->c->words)
		return true;
	atomic_store(&x->w->held, arena_bytes(x->w->arena) + dict_bytes(&x->c->dict));
	for (int i = 0; i < r->n_workers; i++)
		held += atomic_load(&r->workers[i].held);
	if (held <= r->budget)
		return true;
	parquet_fail(r, frame_too_large(&e, r->file.path, held, r->budget), &e);
	return false;
}

bool parquet_going_on(struct parquet_reading *r)
{
	struct err e;
	if (task_cancelled(r->task) && !atomic_load(&r->stop))
		parquet_fail(r, err_set(&e, ST_CANCELLED, "cancelled"), &e);
	return !atomic_load(&r->stop);
}

void parquet_advance(struct parquet_reading *r, uint64_t bytes)
{
	pthread_mutex_lock(&r->mu);
	r->done += bytes;
	if (!r->lent)
		task_progress(r->task, (int64_t)r->done, (int64_t)r->total);
	pthread_mutex_unlock(&r->mu);
}

static void fill_chunk(struct filling *x, const struct parquet_chunk *chunk)
{
	struct parquet_pages *p = &x->w->pages;
	parquet_pages_start(p, &x->r->file, x->leaf, chunk, x->r->file.groups[x->group].rows);
	while (parquet_going_on(x->r)) {
		const char *why = parquet_pages_next(p);
		if (!why && !p->page.dictionary && !p->page.n)
			break;
		if (!why)
			why = take_page(x, &p->page);
		if (why)
			fail_page(x, why);
		else
			within_budget(x);
	}
	free(x->dict_bytes);
	free(x->entries);
	free(x->codes);
	free(x->values);
	free(x->sink.dict);
}

static void read_group(struct parquet_reading *r, struct parquet_worker *w, struct parquet_column *c, size_t group)
{
	const struct parquet_file *f = &r->file;
	struct filling x = { .r = r, .w = w, .c = c, .leaf = &f->leaves[c->leaf], .group = group, .row = f->groups[group].row };
	const struct parquet_chunk *chunk = &f->chunks[group * f->chunk_leaves + f->chunk_of[c->leaf]];
	x.sink = (struct parquet_sink){ .leaf = x.leaf, .kind = c->kind, .arg = &x };
	x.sink.word = c->words ? take_word : take_decimal;
	x.sink.seen = c->words ? take_seen : take_seen_decimal;
	fill_chunk(&x, chunk);
	parquet_advance(r, chunk->bytes);
	pthread_mutex_lock(&r->mu);
	c->nan += x.nan;
	c->inf += x.inf;
	c->large += x.large;
	c->missing += x.missing;
	pthread_mutex_unlock(&r->mu);
}

void parquet_read_column(struct parquet_reading *r, struct parquet_worker *w, const struct parquet_job *j)
{
	struct parquet_column *c = &r->cols[j->col];
	if (c->words)
		dict_init(&c->dict, w->arena);
	for (size_t g = j->from; g < j->to && parquet_going_on(r); g++)
		read_group(r, w, c, g);
}
