/* CSV into memory.
 *
 * Rows     a block's records are counted when it is cut, so that its rows are known before it is parsed and every thread writes into the final
 *          arrays. When those are full, cutting waits until nobody parses, and they grow (the kernel moves their pages, not their bytes).
 *          Empty lines leave gaps, which are closed at the end.
 * Words    each thread has its own dictionaries with the row of first sight; at the end they are merged in that order, so that codes do not depend on
 *          which thread saw what.
 * Types    the sample of the first block guesses: numbers, booleans and times are parsed on the way, the rest are words, which may still become
 *          numbers when all are known. A column that turns out otherwise (more than 5 % do not fit) is read again, as words.
 * Encoding is decided at the end: only names and words are concerned. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/csv.h"
#include "core/io/sketch_impl.h"

enum { MOST_THREADS = 8, SPARE_ROWS = 1024 };

struct column { size_t at; enum csv_mode mode; enum frame_type type; const enum frame_type *told; double *num; uint32_t *code; };      /* at: in the frame */
struct span { size_t row, records, used; int worker; };        /* where a block's rows are */
struct reading {
	struct csv_source src; struct csv_layout layout;
	const struct frame_options *o; struct task *task;
	struct column *cols; size_t n;
	struct csv_worker *workers; int n_workers;
	pthread_mutex_t mu; pthread_cond_t quiet;
	int parsing; bool growing, done;
	size_t rows, cap, budget, row_bytes;
	struct span *spans; size_t n_spans, cap_spans;
	enum status rc; struct err err;
	atomic_size_t next_column;
	struct frame *f;
};
struct hand { struct reading *r; int worker; };

static size_t unit(const struct column *c) { return c->mode == CSV_SKIP ? 0 : c->mode == CSV_WORDS ? sizeof *c->code : sizeof *c->num; }

static void fail(struct reading *r, enum status rc, const struct err *e)
{
	if (r->rc == ST_OK) {
		r->rc = rc;
		r->err = *e;
	}
}

/* ---- room ---- */

static void resize_column(struct column *c, size_t rows)
{
	rows += !rows;
	if (c->mode == CSV_WORDS)
		c->code = mem_realloc(c->code, rows * sizeof *c->code);
	else if (c->mode != CSV_SKIP)
		c->num = mem_realloc(c->num, rows * sizeof *c->num);
}

static void resize(struct reading *r, size_t rows)
{
	for (size_t j = 0; j < r->n; j++)
		resize_column(&r->cols[j], rows);
	r->cap = rows;
}

static size_t word_bytes(const struct csv_worker *w)
{
	size_t sum = arena_bytes(w->arena);
	for (size_t j = 0; j < w->n; j++)
		sum += w->out[j].mode == CSV_WORDS ? dict_bytes(&w->out[j].dict) : 0;
	return sum;
}

/* Under the lock, with nobody parsing: makes room for the rows that were cut, and counts what that needs. */
static void grow(struct reading *r)
{
	const double share = r->src.size ? (double)r->src.at / (double)r->src.size : 1;
	size_t rows = (size_t)((double)r->rows / (share > 0 ? share : 1) * 1.03) + SPARE_ROWS;
	struct err e;
	if (rows < r->rows)
		rows = r->rows;
	const size_t sure = r->rows * r->row_bytes, likely = (size_t)((double)rows * 0.8) * r->row_bytes;
	if (r->rows > FRAME_MOST_ROWS)
		fail(r, err_set(&e, ST_REFUSED, "%.300s: more than %zu rows: compare by sketches", r->src.path, FRAME_MOST_ROWS), &e);
	else if (sure > r->budget || likely > r->budget)
		fail(r, frame_too_large(&e, r->src.path, sure > likely ? sure : likely, r->budget), &e);
	else
		resize(r, rows);
}

/* ---- the threads ---- */

static void wait_and_grow(struct reading *r)
{
	r->growing = true;
	while (r->parsing)
		pthread_cond_wait(&r->quiet, &r->mu);
	grow(r);
	r->growing = false;
	pthread_cond_broadcast(&r->quiet);
}

/* Under the lock: the worker's next block; false: there is none. Block 0 is in the first worker's hands already. */
static bool claim(struct reading *r, struct csv_worker *w, struct span *at)
{
	struct err e;
	while (r->growing)
		pthread_cond_wait(&r->quiet, &r->mu);
	if (r->rc != ST_OK || r->done)
		return false;
	if (task_cancelled(r->task))
		fail(r, err_set(&e, ST_CANCELLED, "cancelled"), &e);
	const enum status rc = csv_next(&r->src, &w->block, &e);
	if (rc != ST_OK)
		fail(r, rc, &e);
	task_progress(r->task, (int64_t)r->src.at, (int64_t)r->src.size);
	if (r->rc != ST_OK || !w->block.n) {
		r->done = true;
		return false;
	}
	*at = (struct span){ r->rows, w->block.records, 0, (int)(w - r->workers) };
	r->rows += at->records;
	if (r->rows > r->cap)
		wait_and_grow(r);
	r->parsing += r->rc == ST_OK;
	return r->rc == ST_OK;
}

static void aim(const struct reading *r, struct csv_worker *w, size_t row)
{
	w->row0 = row;
	for (size_t j = 0; j < r->n; j++) {
		w->out[j].num = r->cols[j].num ? r->cols[j].num + row : NULL;
		w->out[j].code = r->cols[j].code ? r->cols[j].code + row : NULL;
	}
}

static void parse_block(struct reading *r, struct csv_worker *w, struct span *at, size_t from)
{
	aim(r, w, at->row);
	at->used = csv_parse(w, from, r->src.path);
	csv_block_digest(&r->src, &w->block);
}

static void put_span(struct reading *r, struct csv_worker *w, const struct span *at)
{
	const size_t i = w->block.index;
	if (i >= r->n_spans) {
		MEM_GROW(r->spans, r->cap_spans, i + 1);
		memset(r->spans + r->n_spans, 0, (i + 1 - r->n_spans) * sizeof *r->spans);
		r->n_spans = i + 1;
	}
	r->spans[i] = *at;
	if (w->rc != ST_OK)
		fail(r, w->rc, &w->err);
	w->held = word_bytes(w);               /* under the lock: others add it up */
	size_t held = r->rows * r->row_bytes;
	for (int k = 0; k < r->n_workers; k++)
		held += r->workers[k].held;
	if (held > r->budget) {
		struct err e;
		fail(r, frame_too_large(&e, r->src.path, (size_t)((double)held * (double)r->src.size / (double)r->src.at), r->budget), &e);
	}
	r->parsing--;
	pthread_cond_broadcast(&r->quiet);
}

static void *work(void *arg)
{
	const struct hand *h = arg;
	struct reading *r = h->r;
	struct csv_worker *w = &r->workers[h->worker];
	struct span at;
	pthread_mutex_lock(&r->mu);
	while (claim(r, w, &at)) {
		pthread_mutex_unlock(&r->mu);
		parse_block(r, w, &at, 0);
		pthread_mutex_lock(&r->mu);
		put_span(r, w, &at);
	}
	pthread_mutex_unlock(&r->mu);
	return NULL;
}

/* Runs fn on all workers, the first on this thread. */
static void together(struct reading *r, void *(*fn)(void *))
{
	pthread_t thread[MOST_THREADS];
	struct hand hands[MOST_THREADS];
	int started = 1;
	for (int i = 0; i < r->n_workers; i++)
		hands[i] = (struct hand){ r, i };
	for (; started < r->n_workers; started++)
		if (pthread_create(&thread[started], NULL, fn, &hands[started]) != 0)
			break;
	fn(&hands[0]);
	for (int i = 1; i < started; i++)
		pthread_join(thread[i], NULL);
}

static void *first_block(struct reading *r)
{
	struct csv_worker *w = &r->workers[0];
	struct span at = { 0, w->block.records, 0, 0 };
	r->rows = at.records;
	r->parsing = 0;
	grow(r);
	if (r->rc == ST_OK) {
		r->parsing = 1;
		parse_block(r, w, &at, r->layout.data_from);
		put_span(r, w, &at);
	}
	return NULL;
}

/* ---- a pass over the file ---- */

static int threads(const struct frame_options *o, size_t bytes)
{
	const long have = sysconf(_SC_NPROCESSORS_ONLN);
	const long want = o->threads > 0 ? o->threads : have > 0 ? have : 1;
	const long most = want < MOST_THREADS ? want : MOST_THREADS, parts = (long)(bytes / CSV_BLOCK) + 1;
	return (int)(parts < most ? parts : most);
}

static void worker_columns(struct reading *r, struct csv_worker *w)
{
	for (size_t j = 0; j < r->n; j++) {
		struct csv_out *c = &w->out[j];
		c->mode = r->cols[j].mode;
		c->type = r->cols[j].type;
		c->told = r->cols[j].told != NULL;
		if (c->mode == CSV_WORDS)
			dict_init(&c->dict, w->arena);
	}
}

/* Reads all blocks; the first is in `first` already. */
static void pass(struct reading *r, struct csv_block *first)
{
	r->n_workers = threads(r->o, r->src.size);
	r->workers = mem_array((size_t)r->n_workers, sizeof *r->workers);
	r->rows = r->cap = r->n_spans = r->row_bytes = 0;
	r->done = false;
	for (size_t j = 0; j < r->n; j++)
		r->row_bytes += unit(&r->cols[j]);
	for (int i = 0; i < r->n_workers; i++) {
		csv_worker_init(&r->workers[i], &r->src.dialect, r->n);
		worker_columns(r, &r->workers[i]);
	}
	r->workers[0].block = *first;
	*first = (struct csv_block){ 0 };
	first_block(r);
	together(r, work);
}

static void drop_workers(struct reading *r)
{
	for (int i = 0; i < r->n_workers; i++)
		csv_worker_free(&r->workers[i]);
	free(r->workers);
	r->workers = NULL;
	r->n_workers = 0;
}

/* ---- after it ---- */

static void close_gaps(struct reading *r)
{
	size_t to = 0;
	for (size_t i = 0; i < r->n_spans; i++) {
		struct span *s = &r->spans[i];
		for (size_t j = 0; j < r->n && s->row != to; j++) {
			struct column *c = &r->cols[j];
			if (c->num)
				memmove(c->num + to, c->num + s->row, s->used * sizeof *c->num);
			if (c->code)
				memmove(c->code + to, c->code + s->row, s->used * sizeof *c->code);
		}
		s->row = to;
		to += s->used;
	}
	r->rows = to;
	for (size_t j = 0; j < r->n; j++)
		resize_column(&r->cols[j], r->rows);
}

/* All words in order of first sight; to[i][k]: the code of worker i's k-th word. */
static void merge_words(const struct reading *r, size_t j, struct dict *all, uint32_t *to[MOST_THREADS])
{
	size_t next[MOST_THREADS] = { 0 };
	for (;;) {
		int best = -1;
		for (int i = 0; i < r->n_workers; i++) {
			const struct dict *d = &r->workers[i].out[j].dict;
			if (next[i] < d->n && (best < 0 || d->first[next[i]] < r->workers[best].out[j].dict.first[next[best]]))
				best = i;
		}
		if (best < 0)
			return;
		const struct dict *d = &r->workers[best].out[j].dict;
		const size_t k = next[best]++;
		to[best][k] = dict_add(all, d->words[k].p, d->words[k].n, d->first[k]);
	}
}

static void recode(const struct reading *r, size_t j, uint32_t *const to[MOST_THREADS])
{
	for (size_t i = 0; i < r->n_spans; i++) {
		const struct span *s = &r->spans[i];
		uint32_t *code = r->cols[j].code + s->row;
		const uint32_t *map = to[s->worker];
		for (size_t k = 0; k < s->used; k++)
			code[k] = code[k] == FRAME_NO_CODE ? FRAME_NO_CODE : map[code[k]];
	}
}

static void take_words(struct reading *r, size_t j, struct frame_col *c)
{
	struct dict *d = &r->workers[0].out[j].dict, all;
	uint32_t *to[MOST_THREADS] = { 0 };
	if (r->n_workers > 1) {
		dict_init(&all, NULL);
		for (int i = 0; i < r->n_workers; i++)
			to[i] = mem_array(r->workers[i].out[j].dict.n + 1, sizeof *to[i]);
		merge_words(r, j, &all, to);
		recode(r, j, to);
		for (int i = 0; i < r->n_workers; i++)
			free(to[i]);
		dict_free(d);
		*d = all;
	}
	c->code = r->cols[j].code;
	c->words = d->words;
	c->n_words = d->n;
	d->words = NULL;
	r->cols[j].code = NULL;
	frame_settle(c, r->cols[j].told, r->src.dialect.decimal, NULL);
}

static void take_numbers(struct reading *r, size_t j, struct frame_col *c)
{
	size_t fractional = 0, first = SIZE_MAX;
	c->type = r->cols[j].type;
	c->num = r->cols[j].num;
	r->cols[j].num = NULL;
	for (int i = 0; i < r->n_workers; i++) {
		struct csv_out *x = &r->workers[i].out[j];
		c->nan += x->nan;
		c->inf += x->inf;
		c->mixed += x->misfits;
		fractional += x->fractional;
		if (x->misfit && x->misfit_row < first) {
			free(c->mixed_example);
			c->mixed_example = x->misfit;
			first = x->misfit_row;
			x->misfit = NULL;
		}
	}
	c->integer = !fractional && c->type == FRAME_NUMBER && c->n > c->missing;
}

static void *take_columns(void *arg)
{
	struct reading *r = ((struct hand *)arg)->r;
	for (size_t j; (j = atomic_fetch_add(&r->next_column, 1)) < r->n;) {
		if (r->cols[j].mode == CSV_SKIP)
			continue;
		struct frame_col *c = &r->f->cols[r->cols[j].at], fresh = { .name = c->name, .n = r->rows };
		free(c->mixed_example);
		free(c->num);
		*c = fresh;
		for (int i = 0; i < r->n_workers; i++)
			c->missing += r->workers[i].out[j].missing;
		if (r->cols[j].mode == CSV_WORDS)
			take_words(r, j, c);
		else
			take_numbers(r, j, c);
	}
	return NULL;
}

static void finish_pass(struct reading *r)
{
	close_gaps(r);
	atomic_store(&r->next_column, 0);
	together(r, take_columns);
	r->f->n_rows = r->rows;
	for (int i = 0; i < r->n_workers; i++) {
		frame_keep(r->f, r->workers[i].arena);
		r->workers[i].arena = NULL;
	}
}

/* Columns that did not keep what the sample promised are read again, as words. */
static bool deceived(struct reading *r)
{
	bool any = false;
	for (size_t j = 0; j < r->n; j++) {
		struct column *c = &r->cols[j];
		const bool typed = c->mode == CSV_NUMBER || c->mode == CSV_TYPED;
		const struct frame_col *x = typed ? &r->f->cols[c->at] : NULL;
		const bool again = typed && !c->told && (double)x->mixed > 0.05 * (double)(x->n - x->missing + x->mixed);
		c->mode = again ? CSV_WORDS : CSV_SKIP;
		any |= again;
	}
	return any;
}

static void read_again(struct reading *r)
{
	struct csv_block b = { 0 };
	drop_workers(r);
	csv_rewind(&r->src);
	const enum status rc = csv_next(&r->src, &b, &r->err);
	if (rc != ST_OK) {
		r->rc = rc;
		csv_block_free(&b);
		return;
	}
	pass(r, &b);
	if (r->rc == ST_OK)
		finish_pass(r);
}

/* ---- encoding ---- */

static bool has_high(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] > 127)
			return true;
	return false;
}

/* More bytes that are not UTF-8 than sequences that are: it never was. */
static void decide_latin1(struct reading *r)
{
	size_t good = 0, bad = 0;
	for (int i = 0; i < r->n_workers; i++) {
		good += r->workers[i].utf8_good;
		bad += r->workers[i].utf8_bad;
	}
	if (r->src.encoding == CSV_UTF8 && !r->src.encoding_told && bad > good)
		r->src.encoding = CSV_LATIN1;
}

static void latin1(struct frame *f)
{
	struct arena *a = arena_new();
	struct str s = STR_INIT;
	frame_keep(f, a);
	for (size_t j = 0; j < f->n_cols; j++) {
		struct frame_col *c = &f->cols[j];
		str_clear(&s);
		csv_latin1(&s, c->name, strlen(c->name));
		free(c->name);
		c->name = mem_strdup(s.p);
		for (size_t i = 0; i < c->n_words; i++) {
			struct frame_word *w = &c->words[i];
			if (!has_high(w->p, w->n))
				continue;
			str_clear(&s);
			csv_latin1(&s, w->p, w->n);
			*w = (struct frame_word){ arena_strndup(a, s.p, s.len), (uint32_t)s.len };
		}
	}
	str_free(&s);
}

/* ---- the reader ---- */

static enum status plan(struct reading *r, struct err *e)
{
	const struct csv_layout *l = &r->layout;
	r->n = l->n;
	r->cols = mem_array(l->n + 1, sizeof *r->cols);
	r->f->cols = mem_array(l->n + 1, sizeof *r->f->cols);
	for (size_t j = 0; j < l->n; j++)
		r->f->cols[r->f->n_cols++].name = mem_strdup(l->names[j]);
	frame_names(r->f);
	const enum status rc = frame_check_options(r->f, r->o, e);
	if (rc != ST_OK)
		return rc;
	size_t kept = 0;
	for (size_t j = 0; j < l->n; j++) {
		struct column *c = &r->cols[j];
		struct frame_col *x = &r->f->cols[j];
		c->told = frame_told(r->o, x->name);
		c->type = c->told ? *c->told : l->guess[j];
		c->mode = c->type == FRAME_NUMBER ? CSV_NUMBER : CSV_TYPED;
		if (c->told ? c->type == FRAME_CATEGORY || c->type == FRAME_TEXT : l->words[j])
			c->mode = CSV_WORDS;
		free(l->names[j]);
		l->names[j] = mem_strdup(x->name);
		if (frame_wants(r->o, x->name)) {
			c->at = kept;
			r->f->cols[kept++] = *x;
			continue;
		}
		c->mode = CSV_SKIP;
		free(x->name);
	}
	memset(r->f->cols + kept, 0, (r->f->n_cols - kept) * sizeof *r->f->cols);
	r->f->n_cols = kept;
	return ST_OK;
}

static enum status begin(struct reading *r, const char *path, struct csv_block *b, struct err *e)
{
	enum status rc = csv_open(path, r->o, &r->src, e);
	r->src.undigested = r->o->no_digest;
	if (rc == ST_OK && !r->src.size)
		rc = err_set(e, ST_FAILED, "%.300s: empty: no header, no data", path);
	if (rc == ST_OK)
		rc = csv_first(&r->src, b, e);
	if (rc == ST_OK)
		rc = csv_dialect_find(&r->src, b, r->o, e);
	if (rc == ST_OK)
		rc = csv_next(&r->src, b, e);
	if (rc == ST_OK)
		rc = csv_layout_find(&r->src, b, r->o, &r->layout, e);
	return rc == ST_OK ? plan(r, e) : rc;
}

static void read_columns(struct reading *r, struct csv_block *b)
{
	pass(r, b);
	if (r->rc != ST_OK)
		return;
	finish_pass(r);
	if (!r->o->no_digest)
		frame_digest_whole(r->f->digest, (const unsigned char (*)[32])r->src.parts, r->src.n_parts);
	decide_latin1(r);
	csv_notes(r->f, &r->src, &r->layout, r->workers, (size_t)r->n_workers);
	if (deceived(r))
		read_again(r);
	if (r->rc == ST_OK && r->src.encoding == CSV_LATIN1)
		latin1(r->f);
}

static void reading_free(struct reading *r)
{
	for (size_t j = 0; j < r->n; j++) {
		free(r->cols[j].num);
		free(r->cols[j].code);
	}
	drop_workers(r);
	free(r->cols);
	free(r->spans);
	csv_layout_free(&r->layout);
	csv_close(&r->src);
	frame_free(r->f);
	pthread_cond_destroy(&r->quiet);
	pthread_mutex_destroy(&r->mu);
}

static enum status csv_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e)
{
	struct reading r = { .o = o, .task = t, .budget = o->budget ? o->budget : FRAME_BUDGET, .f = frame_new(path) };
	struct csv_block b = { 0 };
	pthread_mutex_init(&r.mu, NULL);
	pthread_cond_init(&r.quiet, NULL);
	enum status rc = begin(&r, path, &b, e);
	if (rc == ST_OK) {
		read_columns(&r, &b);
		rc = r.rc;
		if (rc != ST_OK)
			err_set(e, rc, "%s", r.err.text);
	}
	if (rc == ST_OK) {
		*out = r.f;
		r.f = NULL;
	}
	csv_block_free(&b);
	reading_free(&r);
	return rc;
}

/* Last on the list: text that nobody else took. */
static bool csv_probe(const char *path, const unsigned char *head, size_t n)
{
	(void)path, (void)head, (void)n;
	return true;
}

extern const struct frame_reader frame_reader_csv;
const struct frame_reader frame_reader_csv = { .id = "csv", .title = "Delimited text (CSV, TSV)", .probe = csv_probe, .read = csv_read, .plan = sketch_csv_plan, .sketch = sketch_csv_read };
