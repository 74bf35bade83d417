/* Parquet into memory: the reader that the table of formats knows.
 *
 * Plan     the footer says how many rows there are: the final arrays are made before anything is read, when they fit the budget. Only the chunks
 *          of the chosen columns are read.
 * Jobs     a list, taken by the threads one after the other: a column of words with all its row groups (so that codes are in the order of first
 *          sight), a column of numbers in one row group, a piece of the digest. Then types are settled column by column.
 * Missing  the values of a page are written next to each other where the page's rows begin and then spread from the end, in place.
 * Words    a value of a dictionary page gets its code when it is first used; entries that no row uses do not become words.
 * Digest   of the whole file when all columns are read; else of the chosen chunks and the footer, for that is what was read. */
#include <math.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/dict.h"
#include "core/io/frame_build.h"
#include "core/io/parquet.h"

enum { MOST_THREADS = 8, PARTS_AT_ONCE = 16, NOTED = 20, UUID_TEXT = 36, HUGE_PAGE = 2 << 20 };
#define EXACT_BELOW 0x1p53

struct column {
	size_t leaf; const struct parquet_kind *kind; const enum frame_type *told; bool words;
	double *num; uint32_t *code; struct dict dict;
	size_t nan, inf, missing, large;               /* of numbers; under the lock */
};
enum what { DIGEST, COLUMN };
struct job { enum what what; size_t col, from, to; };      /* from, to: row groups, or parts of the digest */
struct part { uint64_t at; size_t bytes; };
struct worker { struct parquet_pages pages; struct arena *arena; atomic_size_t held; unsigned char *block; };
struct reading {
	struct parquet_file file; const struct frame_options *o; struct task *task; struct frame *f;
	struct column *cols; size_t n;
	struct part *parts; unsigned char (*sums)[32]; size_t n_parts, cap_parts;
	struct job *jobs; size_t n_jobs, cap_jobs;
	struct worker *workers; int n_workers;
	atomic_size_t next; size_t base, budget;
	pthread_mutex_t mu; uint64_t done, total; enum status rc; struct err err;
	atomic_bool stop;
};
struct hand { struct reading *r; struct worker *w; };

/* One chunk on its way into the arrays of its column. */
struct filling {
	struct reading *r; struct worker *w; struct column *c; const struct parquet_leaf *leaf;
	size_t group, row;
	struct parquet_sink sink; uint32_t *code;
	unsigned char *dict_bytes; struct frame_word *entries; uint32_t *codes; double *values; size_t n_entries; bool in_dictionary;
	size_t nan, inf, missing, large;
};

static void fail(struct reading *r, enum status rc, const struct err *e)
{
	pthread_mutex_lock(&r->mu);
	if (r->rc == ST_OK) {
		r->rc = rc;
		r->err = *e;
	}
	pthread_mutex_unlock(&r->mu);
	atomic_store(&r->stop, true);
}

static char *clean(const char *s)
{
	struct str out = STR_INIT;
	text_clean(&out, s, strnlen(s, 100), 0);
	return str_take(&out);
}

static void fail_page(struct filling *x, const char *why)
{
	struct err e;
	char *name = clean(x->leaf->name);
	const struct parquet_page *g = &x->w->pages.page;
	err_set(&e, ST_FAILED, "%.200s: column \"%s\", row group %zu, page %zu at byte %llu: %s; write the file again", x->r->file.path, name, x->group + 1, g->number,
		(unsigned long long)g->at, why);
	free(name);
	fail(x->r, ST_FAILED, &e);
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
	struct reading *r = x->r;
	size_t held = r->base;
	struct err e;
	if (!x->c->words)
		return true;
	atomic_store(&x->w->held, arena_bytes(x->w->arena) + dict_bytes(&x->c->dict));
	for (int i = 0; i < r->n_workers; i++)
		held += atomic_load(&r->workers[i].held);
	if (held <= r->budget)
		return true;
	fail(r, frame_too_large(&e, r->file.path, held, r->budget), &e);
	return false;
}

static bool going_on(struct reading *r)
{
	struct err e;
	if (task_cancelled(r->task) && !atomic_load(&r->stop))
		fail(r, err_set(&e, ST_CANCELLED, "cancelled"), &e);
	return !atomic_load(&r->stop);
}

static void advance(struct reading *r, uint64_t bytes)
{
	pthread_mutex_lock(&r->mu);
	r->done += bytes;
	task_progress(r->task, (int64_t)r->done, (int64_t)r->total);
	pthread_mutex_unlock(&r->mu);
}

static void fill_chunk(struct filling *x, const struct parquet_chunk *chunk)
{
	struct parquet_pages *p = &x->w->pages;
	parquet_pages_start(p, &x->r->file, x->leaf, chunk, x->r->file.groups[x->group].rows);
	while (going_on(x->r)) {
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

static void read_group(struct reading *r, struct worker *w, struct column *c, size_t group)
{
	const struct parquet_file *f = &r->file;
	struct filling x = { .r = r, .w = w, .c = c, .leaf = &f->leaves[c->leaf], .group = group, .row = f->groups[group].row };
	const struct parquet_chunk *chunk = &f->chunks[group * f->chunk_leaves + f->chunk_of[c->leaf]];
	x.sink = (struct parquet_sink){ .leaf = x.leaf, .kind = c->kind, .arg = &x };
	x.sink.word = c->words ? take_word : take_decimal;
	x.sink.seen = c->words ? take_seen : take_seen_decimal;
	fill_chunk(&x, chunk);
	advance(r, chunk->bytes);
	pthread_mutex_lock(&r->mu);
	c->nan += x.nan;
	c->inf += x.inf;
	c->large += x.large;
	c->missing += x.missing;
	pthread_mutex_unlock(&r->mu);
}

static void read_column(struct reading *r, struct worker *w, const struct job *j)
{
	struct column *c = &r->cols[j->col];
	if (c->words)
		dict_init(&c->dict, w->arena);
	for (size_t g = j->from; g < j->to && going_on(r); g++)
		read_group(r, w, c, g);
}

static void digest_parts(struct reading *r, struct worker *w, const struct job *j)
{
	struct err e;
	if (!w->block)
		w->block = mem_alloc(FRAME_DIGEST_PART);
	for (size_t i = j->from; i < j->to && going_on(r); i++) {
		const struct part *p = &r->parts[i];
		const enum status rc = parquet_pread(&r->file, w->block, p->bytes, p->at, &e);
		if (rc != ST_OK)
			fail(r, rc, &e);
		else
			frame_digest_part(r->sums[i], w->block, p->bytes);
		advance(r, p->bytes);
	}
}

static void *work(void *arg)
{
	const struct hand *h = arg;
	struct reading *r = h->r;
	for (size_t i; going_on(r) && (i = atomic_fetch_add(&r->next, 1)) < r->n_jobs;)
		(r->jobs[i].what == DIGEST ? digest_parts : read_column)(r, h->w, &r->jobs[i]);
	return NULL;
}

static void *settle(void *arg)
{
	const struct hand *h = arg;
	struct reading *r = h->r;
	for (size_t j; (j = atomic_fetch_add(&r->next, 1)) < r->n;) {
		struct column *c = &r->cols[j];
		struct frame_col *to = &r->f->cols[j];
		to->n = r->file.n_rows;
		to->type = c->kind->type;
		to->missing = c->missing + c->nan;
		to->nan = c->nan;
		to->inf = c->inf;
		to->integer = c->kind->integer && to->n > to->missing;
		to->num = c->num;
		to->code = c->code;
		c->num = NULL;
		c->code = NULL;
		if (c->words) {
			to->missing = 0;
			for (size_t i = 0; i < to->n; i++)
				to->missing += to->code[i] == FRAME_NO_CODE;
			to->words = c->dict.words;
			to->n_words = c->dict.n;
			c->dict.words = NULL;
			dict_free(&c->dict);
		}
		frame_settle(to, c->told, 0, h->w->arena);
	}
	return NULL;
}

/* Runs fn on all workers, the first on this thread. */
static void together(struct reading *r, void *(*fn)(void *))
{
	pthread_t thread[MOST_THREADS];
	struct hand hands[MOST_THREADS];
	int started = 1;
	atomic_store(&r->next, 0);
	for (int i = 0; i < r->n_workers; i++)
		hands[i] = (struct hand){ r, &r->workers[i] };
	for (; started < r->n_workers; started++)
		if (pthread_create(&thread[started], NULL, fn, &hands[started]) != 0)
			break;
	fn(&hands[0]);
	for (int i = 1; i < started; i++)
		pthread_join(thread[i], NULL);
}

/* ---- the plan ---- */

static const char *hidden(const struct parquet_file *f, size_t leaf)
{
	for (size_t g = 0; g < f->n_groups; g++)
		if (f->chunks[g * f->chunk_leaves + f->chunk_of[leaf]].hidden)
			return "it is encrypted";
	return NULL;
}

static enum status check_codec(const struct reading *r, size_t leaf, const char *name, struct err *e)
{
	const struct parquet_file *f = &r->file;
	for (size_t g = 0; g < f->n_groups; g++) {
		const unsigned codec = f->chunks[g * f->chunk_leaves + f->chunk_of[leaf]].codec;
		if (parquet_can_unpack(codec))
			continue;
		char *shown = clean(name);
		err_set(e, ST_REFUSED, "%.200s: column \"%s\" is packed with %s, which is not read here; write it with SNAPPY, GZIP or ZSTD, or without", f->path, shown,
			parquet_codec_name(codec));
		free(shown);
		return ST_REFUSED;
	}
	return ST_OK;
}

static enum status refuse_column(struct reading *r, const char *name, const char *why, size_t left_out, struct err *e)
{
	char *shown = clean(name);
	if (r->o->n_columns)
		err_set(e, ST_REFUSED, "%.200s: column \"%s\" cannot be read: %s; write its values as plain columns", r->file.path, shown, why);
	else if (left_out <= NOTED)
		frame_note(r->f, "column \"%s\" is left out: %s; write its values as plain columns", shown, why);
	free(shown);
	return r->o->n_columns ? ST_REFUSED : ST_OK;
}

/* An array of the frame. Huge pages spare most of the time that the first touch of each small one costs. */
static void *make_array(size_t n, size_t size)
{
	const size_t bytes = n * size;
	void *p = bytes >= HUGE_PAGE ? aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE) : NULL;
	if (!p)
		return mem_array(n + 1, size);
	madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

static void take_column(struct reading *r, size_t leaf, struct frame_col *x)
{
	struct column *c = &r->cols[r->n];
	*c = (struct column){ .leaf = leaf, .kind = parquet_kind_of(&r->file.leaves[leaf]), .told = frame_told(r->o, x->name) };
	c->words = c->kind->type == FRAME_TEXT;
	r->base += r->file.n_rows * (c->words ? sizeof *c->code : sizeof *c->num);
	r->f->cols[r->n++] = *x;
}

static enum status choose(struct reading *r, struct err *e)
{
	struct parquet_file *f = &r->file;
	enum status rc = ST_OK;
	size_t left_out = 0;
	for (size_t j = 0; j < f->n_leaves; j++) {
		struct frame_col x = r->f->cols[j];
		const char *why = f->leaves[j].refused ? f->leaves[j].refused : hidden(f, j);
		const bool wanted = rc == ST_OK && frame_wants(r->o, x.name);
		r->f->cols[j] = (struct frame_col){ 0 };
		if (wanted && why)
			rc = refuse_column(r, x.name, why, ++left_out, e);
		else if (wanted)
			rc = check_codec(r, j, x.name, e);
		if (rc == ST_OK && wanted && !why)
			take_column(r, j, &x);
		else
			free(x.name);
	}
	r->f->n_cols = r->n;
	if (left_out > NOTED)
		frame_note(r->f, "%zu more columns are left out", left_out - NOTED);
	if (rc == ST_OK && !r->n)
		rc = err_set(e, ST_REFUSED, "%.200s: no column that can be read here%s; write plain columns", f->path, left_out ? ": lists, maps or other nested values" : "");
	return rc;
}

static enum status plan(struct reading *r, struct err *e)
{
	const struct parquet_file *f = &r->file;
	r->cols = mem_array(f->n_leaves + 1, sizeof *r->cols);
	r->f->cols = mem_array(f->n_leaves + 1, sizeof *r->f->cols);
	memset(r->f->cols, 0, (f->n_leaves + 1) * sizeof *r->f->cols);
	for (size_t j = 0; j < f->n_leaves; j++)
		r->f->cols[r->f->n_cols++].name = mem_strdup(f->leaves[j].name);
	frame_names(r->f);
	enum status rc = frame_check_options(r->f, r->o, e);
	if (rc == ST_OK)
		rc = choose(r, e);
	if (rc == ST_OK && r->base > r->budget)
		rc = frame_too_large(e, f->path, r->base, r->budget);
	r->f->n_rows = f->n_rows;
	for (size_t j = 0; rc == ST_OK && j < r->n; j++) {
		struct column *c = &r->cols[j];
		if (c->words)
			c->code = make_array(f->n_rows, sizeof *c->code);
		else
			c->num = make_array(f->n_rows, sizeof *c->num);
	}
	return rc;
}

static void add_range(struct reading *r, uint64_t at, uint64_t bytes)
{
	for (uint64_t n; bytes; at += n, bytes -= n) {
		n = bytes < FRAME_DIGEST_PART ? bytes : FRAME_DIGEST_PART;
		MEM_GROW(r->parts, r->cap_parts, r->n_parts + 1);
		r->parts[r->n_parts++] = (struct part){ at, (size_t)n };
		r->total += n;
	}
}

static void add_job(struct reading *r, enum what what, size_t col, size_t from, size_t to)
{
	MEM_GROW(r->jobs, r->cap_jobs, r->n_jobs + 1);
	r->jobs[r->n_jobs++] = (struct job){ what, col, from, to };
}

static void plan_digest(struct reading *r)
{
	const struct parquet_file *f = &r->file;
	if (!r->o->n_columns)
		add_range(r, 0, f->size);
	for (size_t g = 0; g < f->n_groups && r->o->n_columns; g++)
		for (size_t j = 0; j < r->n; j++) {
			const struct parquet_chunk *c = &f->chunks[g * f->chunk_leaves + f->chunk_of[r->cols[j].leaf]];
			add_range(r, c->at, c->bytes);
		}
	if (r->o->n_columns)
		add_range(r, f->footer_at, f->size - f->footer_at);
	r->sums = mem_array(r->n_parts + 1, sizeof *r->sums);
	for (size_t i = 0; i < r->n_parts; i += PARTS_AT_ONCE)
		add_job(r, DIGEST, 0, i, i + PARTS_AT_ONCE < r->n_parts ? i + PARTS_AT_ONCE : r->n_parts);
}

/* The longest jobs come first. */
static void plan_jobs(struct reading *r)
{
	const struct parquet_file *f = &r->file;
	for (size_t j = 0; j < r->n; j++) {
		if (r->cols[j].words)
			add_job(r, COLUMN, j, 0, f->n_groups);
		for (size_t g = 0; g < f->n_groups; g++)
			r->total += f->chunks[g * f->chunk_leaves + f->chunk_of[r->cols[j].leaf]].bytes;
	}
	for (size_t g = 0; g < f->n_groups; g++)
		for (size_t j = 0; j < r->n; j++)
			if (!r->cols[j].words)
				add_job(r, COLUMN, j, g, g + 1);
	plan_digest(r);
}

static void make_workers(struct reading *r)
{
	const long have = sysconf(_SC_NPROCESSORS_ONLN);
	const long want = r->o->threads > 0 ? r->o->threads : have > 0 ? have : 1, most = want < MOST_THREADS ? want : MOST_THREADS;
	r->n_workers = r->n_jobs < (size_t)most ? (int)r->n_jobs : (int)most;
	r->n_workers += !r->n_workers;
	r->workers = mem_array((size_t)r->n_workers, sizeof *r->workers);
	for (int i = 0; i < r->n_workers; i++) {
		parquet_pages_init(&r->workers[i].pages);
		r->workers[i].arena = arena_new();
		r->workers[i].block = NULL;
		atomic_init(&r->workers[i].held, 0);
		frame_keep(r->f, r->workers[i].arena);
	}
}

/* ---- the reader ---- */

static void note_large(struct reading *r)
{
	for (size_t j = 0, noted = 0; j < r->n && noted < NOTED; j++) {
		if (!r->cols[j].kind->integer || !r->cols[j].large)
			continue;
		frame_note(r->f, "column \"%s\": whole numbers of 2^53 or more are rounded to 16 digits; rows: %zu", r->f->cols[j].name, r->cols[j].large);
		noted++;
	}
}

static void reading_free(struct reading *r)
{
	for (size_t j = 0; j < r->n; j++) {
		free(r->cols[j].num);
		free(r->cols[j].code);
		dict_free(&r->cols[j].dict);
	}
	for (int i = 0; i < r->n_workers; i++) {
		parquet_pages_free(&r->workers[i].pages);
		free(r->workers[i].block);
	}
	free(r->workers);
	free(r->cols);
	free(r->parts);
	free(r->sums);
	free(r->jobs);
	frame_free(r->f);
	parquet_close(&r->file);
	pthread_mutex_destroy(&r->mu);
}

static enum status parquet_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e)
{
	struct reading r = { .o = o, .task = t, .budget = o->budget ? o->budget : FRAME_BUDGET, .f = frame_new(path) };
	pthread_mutex_init(&r.mu, NULL);
	enum status rc = parquet_open(path, &r.file, e);
	if (rc == ST_OK)
		rc = plan(&r, e);
	if (rc == ST_OK && sodium_init() < 0)      /* it chooses the implementation of the digest that suits the processor */
		rc = err_set(e, ST_FAILED, "libsodium does not start: no source of random numbers");
	if (rc == ST_OK) {
		plan_jobs(&r);
		make_workers(&r);
		together(&r, work);
		rc = r.rc == ST_OK ? ST_OK : err_set(e, r.rc, "%s", r.err.text);
	}
	if (rc == ST_OK) {
		frame_digest_whole(r.f->digest, (const unsigned char (*)[32])r.sums, r.n_parts);
		note_large(&r);
		together(&r, settle);
		*out = r.f;
		r.f = NULL;
	}
	reading_free(&r);
	return rc;
}

static bool parquet_probe(const char *path, const unsigned char *head, size_t n)
{
	(void)path;
	return n >= 4 && (!memcmp(head, "PAR1", 4) || !memcmp(head, "PARE", 4));
}

extern const struct frame_reader frame_reader_parquet;
const struct frame_reader frame_reader_parquet = { .id = "parquet", .title = "Parquet", .probe = parquet_probe, .read = parquet_read };
