/* Parquet into memory: the reader that the table of formats knows.
 *
 * Plan     the footer says how many rows there are: the final arrays are made before anything is read, when they fit the budget. Only the chunks
 *          of the chosen columns are read.
 * Jobs     a list, taken by the threads one after the other: a column of words with all its row groups (so that codes are in the order of first
 *          sight), a column of numbers in one row group, a piece of the digest. Then types are settled column by column.
 * Digest   of the whole file when all columns are read; else of the chosen chunks and the footer, for that is what was read. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/parquet_impl.h"

enum { MOST_THREADS = 8, PARTS_AT_ONCE = 16, NOTED = 20, HUGE_PAGE = 2 << 20 };

struct hand { struct parquet_reading *r; struct parquet_worker *w; };

static void digest_parts(struct parquet_reading *r, struct parquet_worker *w, const struct parquet_job *j)
{
	struct err e;
	if (!w->block)
		w->block = mem_alloc(FRAME_DIGEST_PART);
	for (size_t i = j->from; i < j->to && parquet_going_on(r); i++) {
		const struct parquet_range *p = &r->parts[i];
		const enum status rc = parquet_pread(&r->file, w->block, p->bytes, p->at, &e);
		if (rc != ST_OK)
			parquet_fail(r, rc, &e);
		else
			frame_digest_part(r->sums[i], w->block, p->bytes);
		parquet_advance(r, p->bytes);
	}
}

static void *work(void *arg)
{
	const struct hand *h = arg;
	struct parquet_reading *r = h->r;
	for (size_t i; parquet_going_on(r) && (i = atomic_fetch_add(&r->next, 1)) < r->n_jobs;)
		(r->jobs[i].what == PARQUET_DIGEST ? digest_parts : parquet_read_column)(r, h->w, &r->jobs[i]);
	return NULL;
}

static void *settle(void *arg)
{
	const struct hand *h = arg;
	struct parquet_reading *r = h->r;
	for (size_t j; (j = atomic_fetch_add(&r->next, 1)) < r->n;) {
		struct parquet_column *c = &r->cols[j];
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
		const enum frame_type *guess = c->told ? NULL : frame_guessed(r->o, to->name);
		if (guess)
			frame_settle_guessed(to, *guess, 0, h->w->arena);
		else
			frame_settle(to, c->told, 0, h->w->arena);
	}
	return NULL;
}

/* Runs fn on all workers, the first on this thread. */
static void together(struct parquet_reading *r, void *(*fn)(void *))
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

static enum status check_codec(const struct parquet_reading *r, size_t leaf, const char *name, struct err *e)
{
	const struct parquet_file *f = &r->file;
	for (size_t g = 0; g < f->n_groups; g++) {
		const unsigned codec = f->chunks[g * f->chunk_leaves + f->chunk_of[leaf]].codec;
		if (parquet_can_unpack(codec))
			continue;
		char *shown = parquet_clean(name);
		err_set(e, ST_REFUSED, "%.200s: column \"%s\" is packed with %s, which is not read here; write it with SNAPPY, GZIP or ZSTD, or without", f->path, shown,
			parquet_codec_name(codec));
		free(shown);
		return ST_REFUSED;
	}
	return ST_OK;
}

static enum status refuse_column(struct parquet_reading *r, const char *name, const char *why, size_t left_out, struct err *e)
{
	char *shown = parquet_clean(name);
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

static void take_column(struct parquet_reading *r, size_t leaf, struct frame_col *x)
{
	struct parquet_column *c = &r->cols[r->n];
	*c = (struct parquet_column){ .leaf = leaf, .kind = parquet_kind_of(&r->file.leaves[leaf]), .told = frame_told(r->o, x->name) };
	c->words = c->kind->type == FRAME_TEXT;
	r->base += r->file.n_rows * (c->words ? sizeof *c->code : sizeof *c->num);
	r->f->cols[r->n++] = *x;
}

static enum status choose(struct parquet_reading *r, struct err *e)
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

enum status parquet_columns(struct parquet_reading *r, struct err *e)
{
	const struct parquet_file *f = &r->file;
	r->cols = mem_array(f->n_leaves + 1, sizeof *r->cols);
	r->f->cols = mem_array(f->n_leaves + 1, sizeof *r->f->cols);
	memset(r->f->cols, 0, (f->n_leaves + 1) * sizeof *r->f->cols);
	for (size_t j = 0; j < f->n_leaves; j++)
		r->f->cols[r->f->n_cols++].name = mem_strdup(f->leaves[j].name);
	frame_names(r->f);
	const enum status rc = frame_check_options(r->f, r->o, e);
	return rc == ST_OK ? choose(r, e) : rc;
}

enum status parquet_arrays(struct parquet_reading *r, struct err *e)
{
	const struct parquet_file *f = &r->file;
	const enum status rc = r->base > r->budget ? frame_too_large(e, f->path, r->base, r->budget) : ST_OK;
	r->f->n_rows = f->n_rows;
	for (size_t j = 0; rc == ST_OK && j < r->n; j++) {
		struct parquet_column *c = &r->cols[j];
		if (c->words)
			c->code = make_array(f->n_rows, sizeof *c->code);
		else
			c->num = make_array(f->n_rows, sizeof *c->num);
	}
	return rc;
}

static void add_range(struct parquet_reading *r, uint64_t at, uint64_t bytes)
{
	for (uint64_t n; bytes; at += n, bytes -= n) {
		n = bytes < FRAME_DIGEST_PART ? bytes : FRAME_DIGEST_PART;
		MEM_GROW(r->parts, r->cap_parts, r->n_parts + 1);
		r->parts[r->n_parts++] = (struct parquet_range){ at, (size_t)n };
		r->total += n;
	}
}

static void add_job(struct parquet_reading *r, enum parquet_what what, size_t col, size_t from, size_t to)
{
	MEM_GROW(r->jobs, r->cap_jobs, r->n_jobs + 1);
	r->jobs[r->n_jobs++] = (struct parquet_job){ what, col, from, to };
}

static void plan_digest(struct parquet_reading *r)
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
		add_job(r, PARQUET_DIGEST, 0, i, i + PARTS_AT_ONCE < r->n_parts ? i + PARTS_AT_ONCE : r->n_parts);
}

/* The longest jobs come first. */
static void plan_columns(struct parquet_reading *r)
{
	const struct parquet_file *f = &r->file;
	for (size_t j = 0; j < r->n; j++) {
		if (r->cols[j].words)
			add_job(r, PARQUET_COLUMN, j, 0, f->n_groups);
		for (size_t g = 0; g < f->n_groups; g++)
			r->total += f->chunks[g * f->chunk_leaves + f->chunk_of[r->cols[j].leaf]].bytes;
	}
	for (size_t g = 0; g < f->n_groups; g++)
		for (size_t j = 0; j < r->n; j++)
			if (!r->cols[j].words)
				add_job(r, PARQUET_COLUMN, j, g, g + 1);
}

static void make_workers(struct parquet_reading *r)
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

void parquet_note_large(struct parquet_reading *r)
{
	for (size_t j = 0, noted = 0; j < r->n && noted < NOTED; j++) {
		if (!r->cols[j].kind->integer || !r->cols[j].large)
			continue;
		frame_note(r->f, "column \"%s\": whole numbers of 2^53 or more are rounded to 16 digits; rows: %zu", r->f->cols[j].name, r->cols[j].large);
		noted++;
	}
}

void parquet_reading_free(struct parquet_reading *r)
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
	if (!r->lent)
		parquet_close(&r->file);
	pthread_mutex_destroy(&r->mu);
}

enum status parquet_run(struct parquet_reading *r, bool table, bool digest, struct err *e)
{
	if (sodium_init() < 0)                     /* it chooses the implementation of the digest that suits the processor */
		return err_set(e, ST_FAILED, "libsodium does not start: no source of random numbers");
	if (table)
		plan_columns(r);
	if (digest)
		plan_digest(r);
	make_workers(r);
	together(r, work);
	if (r->rc != ST_OK)
		return err_set(e, r->rc, "%s", r->err.text);
	if (digest)
		frame_digest_whole(r->f->digest, (const unsigned char (*)[32])r->sums, r->n_parts);
	if (table)
		together(r, settle);
	return ST_OK;
}

static enum status parquet_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e)
{
	struct parquet_reading r = { .o = o, .task = t, .budget = o->budget ? o->budget : FRAME_BUDGET, .f = frame_new(path) };
	pthread_mutex_init(&r.mu, NULL);
	enum status rc = parquet_open(path, &r.file, e);
	if (rc == ST_OK)
		rc = parquet_columns(&r, e);
	if (rc == ST_OK)
		rc = parquet_arrays(&r, e);
	if (rc == ST_OK)
		rc = parquet_run(&r, true, !o->no_digest, e);
	if (rc == ST_OK) {
		parquet_note_large(&r);
		*out = r.f;
		r.f = NULL;
	}
	parquet_reading_free(&r);
	return rc;
}

static bool parquet_probe(const char *path, const unsigned char *head, size_t n)
{
	(void)path;
	return n >= 4 && (!memcmp(head, "PAR1", 4) || !memcmp(head, "PARE", 4));
}

extern const struct frame_reader frame_reader_parquet;
const struct frame_reader frame_reader_parquet = { .id = "parquet", .title = "Parquet", .probe = parquet_probe, .read = parquet_read, .plan = parquet_plan, .sketch = parquet_sketch };
