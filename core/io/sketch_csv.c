/* Delimited text into sketches. The sample is taken at places spread over the file; where one is cut into quotes its first rows may be nonsense, which makes bins a little
 * worse and nothing wrong. Counting then reads the file once: a thread parses a block into arrays of its own and adds them column by column. */
#include <pthread.h>
#include <stdatomic.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/io/csv.h"
#include "core/io/sketch_impl.h"

enum { PLACES = 64, MOST_THREADS = 8, SAMPLE_ROWS = 1 << 18 };

/* Arrays for the rows of one block. */
struct desk { struct csv_worker w; double *num; uint32_t *code; size_t cap, rows; struct counting *all; int index; };
struct counting {
	struct csv_source src; struct csv_layout layout;
	struct sketch *s; size_t *to;          /* columns of the file: column of the sketch, SIZE_MAX: none */
	struct task *task;
	pthread_mutex_t mu, sample, *column;
	struct desk desks[MOST_THREADS]; int n;
	bool done; enum status rc; struct err err;
};

static enum status begin(const char *path, const struct frame_options *o, struct csv_source *src, struct csv_block *b, struct csv_layout *l, struct err *e)
{
	enum status rc = csv_open(path, o, src, e);
	if (rc == ST_OK && !src->size)
		rc = err_set(e, ST_FAILED, "%.300s: empty: no header, no data", path);
	if (rc == ST_OK)
		rc = csv_first(src, b, e);
	if (rc == ST_OK)
		rc = csv_dialect_find(src, b, o, e);
	if (rc == ST_OK)
		rc = csv_next(src, b, e);
	return rc == ST_OK ? csv_layout_find(src, b, o, l, e) : rc;
}

static void set_up(struct desk *d, size_t column, enum frame_type type)
{
	struct csv_out *c = &d->w.out[column];
	c->type = type;
	c->mode = type == FRAME_NUMBER ? CSV_NUMBER : type == FRAME_CATEGORY || type == FRAME_TEXT ? CSV_WORDS : CSV_TYPED;
	if (c->mode == CSV_WORDS)
		dict_init(&c->dict, d->w.arena);
}

static void aim(struct desk *d)
{
	size_t at = 0;
	const size_t need = d->w.block.records + 1;
	if (need > d->cap) {
		free(d->num);
		free(d->code);
		d->cap = need + need / 4;
		d->num = mem_array(d->cap * d->w.n, sizeof *d->num);
		d->code = mem_array(d->cap * d->w.n, sizeof *d->code);
	}
	for (size_t j = 0; j < d->w.n; j++, at += d->cap) {
		d->w.out[j].num = d->num + at;
		d->w.out[j].code = d->code + at;
	}
}

static void desk_free(struct desk *d)
{
	csv_worker_free(&d->w);
	free(d->num);
	free(d->code);
}

static void add_words(struct sketch_counts *to, const struct csv_out *x, size_t rows)
{
	sketch_counts_column(to, &(struct frame_col){ .n = rows, .code = x->code, .words = x->dict.words, .n_words = x->dict.n });
}

/* Words of a block are counted, so that the next one's find an empty dictionary. */
static void forget_words(struct desk *d)
{
	arena_free(d->w.arena);
	d->w.arena = arena_new();
	for (size_t j = 0; j < d->w.n; j++)
		if (d->w.out[j].mode == CSV_WORDS) {
			dict_clear(&d->w.out[j].dict);
			d->w.out[j].dict.arena = d->w.arena;
		}
}

/* ---- the plan ---- */

struct sampling { double **at; size_t *n, *cap; struct sketch_counts **words; size_t rows; };

static void take_sample(struct sampling *s, struct desk *d, size_t from, size_t most)
{
	aim(d);
	const size_t rows = csv_parse(&d->w, from, "sample");
	const size_t step = rows / most + 1;
	for (size_t j = 0; j < d->w.n; j++) {
		if (d->w.out[j].mode == CSV_WORDS)
			add_words(s->words[j], &d->w.out[j], rows);
		if (d->w.out[j].mode == CSV_WORDS || d->w.out[j].mode == CSV_SKIP)
			continue;
		MEM_GROW(s->at[j], s->cap[j], s->n[j] + rows / step + 1);
		for (size_t i = 0; i < rows; i += step)
			if (isfinite(d->w.out[j].num[i]))
				s->at[j][s->n[j]++] = d->w.out[j].num[i];
	}
	s->rows += rows;
	d->w.rc = ST_OK;
	forget_words(d);
}

/* A place in the middle of the file: from the first line end on. */
static void sample_place(struct sampling *s, struct csv_source *src, struct desk *d, size_t place, size_t most)
{
	struct err e;
	src->at = place / CSV_BLOCK * CSV_BLOCK;
	src->blocks = 1;
	str_clear(&src->carry);
	if (src->at >= src->size || csv_next(src, &d->w.block, &e) != ST_OK)
		return;
	const char *first = d->w.block.n ? memchr(d->w.block.bytes, '\n', d->w.block.n) : NULL;
	if (first)
		take_sample(s, d, (size_t)(first + 1 - d->w.block.bytes), most);
}

static void sample_file(struct sampling *s, struct csv_source *src, struct desk *d, size_t data_from, size_t rows)
{
	const size_t blocks = src->size / CSV_BLOCK + 1, places = blocks < PLACES ? blocks : PLACES;
	const size_t most = rows / places + 1;
	const bool wide = src->encoding == CSV_UTF16LE || src->encoding == CSV_UTF16BE;
	src->quiet = true;
	take_sample(s, d, data_from, most);
	for (size_t i = 1; i < places && !wide; i++)
		sample_place(s, src, d, (size_t)((double)src->size * (double)i / (double)places), most);
}

static struct sketch_plan *make_plan(const struct csv_layout *l, const struct frame_options *o, struct csv_source *src, struct desk *d)
{
	struct sketch_plan *p = mem_zalloc(sizeof *p);
	struct sampling s = { mem_array(l->n + 1, sizeof *s.at), mem_array(l->n + 1, sizeof *s.n), mem_array(l->n + 1, sizeof *s.cap), mem_array(l->n + 1, sizeof *s.words), 0 };
	for (size_t j = 0; j < l->n; j++) {
		const enum frame_type *told = frame_told(o, l->names[j]);
		if (frame_wants(o, l->names[j]))
			set_up(d, j, told ? *told : l->words[j] ? FRAME_CATEGORY : l->guess[j]);
		if (d->w.out[j].mode == CSV_WORDS)
			s.words[j] = sketch_counts_new(sketch_sampled_room(o->budget, l->n));
	}
	const size_t fit = sketch_sample_room(o->budget) / sizeof(double) / (l->n + 1);
	sample_file(&s, src, d, l->data_from, fit < SAMPLE_ROWS ? fit : SAMPLE_ROWS);
	p->sampled = s.rows;
	for (size_t j = 0; j < l->n; j++) {
		if (d->w.out[j].mode != CSV_SKIP)
			sketch_plan_add(p, l->names[j], d->w.out[j].type, s.at[j], s.n[j], o->budget, l->n);
		if (s.words[j])
			sketch_plan_fix(p, s.words[j]);
		sketch_counts_free(s.words[j]);
		free(s.at[j]);
	}
	free(s.at);
	free(s.n);
	free(s.cap);
	free(s.words);
	return p;
}

/* Names as a frame has them. */
static enum status name_columns(struct csv_layout *l, const struct frame_options *o, struct str *notes, const char *path, struct err *e)
{
	struct frame *f = frame_new(path);
	f->cols = mem_array(l->n + 1, sizeof *f->cols);
	for (; f->n_cols < l->n; f->n_cols++)
		f->cols[f->n_cols].name = mem_strdup(l->names[f->n_cols]);
	frame_names(f);
	const enum status rc = o ? frame_check_options(f, o, e) : ST_OK;
	for (size_t j = 0; j < l->n; j++) {
		free(l->names[j]);
		l->names[j] = mem_strdup(f->cols[j].name);
	}
	if (notes)
		str_add(notes, f->notes.p);
	frame_free(f);
	return rc;
}

enum status sketch_csv_plan(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e)
{
	static const struct frame_options none;
	struct csv_source src;
	struct csv_layout l = { 0 };
	struct desk d = { .cap = 0 };
	struct csv_block b = { 0 };
	o = o ? o : &none;
	*out = NULL;
	(void)t;                               /* 64 places: soon over */
	enum status rc = begin(path, o, &src, &b, &l, e);
	if (rc == ST_OK)
		rc = name_columns(&l, o, NULL, path, e);
	csv_worker_init(&d.w, &src.dialect, l.n);
	d.w.block = b;
	if (rc == ST_OK)
		*out = make_plan(&l, o, &src, &d);
	desk_free(&d);
	csv_layout_free(&l);
	csv_close(&src);
	return rc;
}

/* ---- counting ---- */

/* Threads begin at different columns, so that they seldom meet. */
static void add_block(struct counting *a, struct desk *d, size_t rows)
{
	const size_t n = d->w.n, from = n * (size_t)d->index / (size_t)a->n;
	for (size_t k = 0; k < n; k++) {
		const size_t j = (from + k) % n;
		struct csv_out *x = &d->w.out[j];
		if (x->mode == CSV_SKIP)
			continue;
		struct sketch_col *c = &a->s->cols[a->to[j]];
		pthread_mutex_lock(&a->column[a->to[j]]);
		if (x->mode == CSV_WORDS)
			add_words(c->state, x, rows);
		else
			sketch_add_numbers(c, x->num, rows);
		pthread_mutex_unlock(&a->column[a->to[j]]);
	}
	d->rows += rows;
}

/* A row's number is that of its block and its place there, whichever thread has it. */
static void sample_block(struct counting *a, struct desk *d, size_t rows)
{
	pthread_mutex_lock(&a->sample);
	sketch_rows_begin(a->s->rows, (uint64_t)d->w.block.index << 32, rows);
	for (size_t j = 0; j < d->w.n; j++) {
		const struct csv_out *x = &d->w.out[j];
		const bool words = x->mode == CSV_WORDS;
		if (x->mode != CSV_SKIP)
			sketch_rows_column(a->s->rows, a->to[j], &(struct frame_col){ .num = words ? NULL : x->num, .code = words ? x->code : NULL, .words = x->dict.words, .n_words = x->dict.n });
	}
	sketch_rows_end(a->s->rows);
	pthread_mutex_unlock(&a->sample);
}

static void count_block(struct counting *a, struct desk *d, size_t from)
{
	aim(d);
	d->w.row0 = d->w.block.index * CSV_BLOCK;      /* grows with the place in the file: of misfits the first is shown */
	const size_t rows = csv_parse(&d->w, from, a->src.path);
	csv_block_digest(&a->src, &d->w.block);
	add_block(a, d, rows);
	sample_block(a, d, rows);
	forget_words(d);
}

static bool claim(struct counting *a, struct desk *d)
{
	struct err e;
	enum status rc = ST_OK;
	if (a->rc != ST_OK || a->done)
		return false;
	rc = task_cancelled(a->task) ? err_set(&e, ST_CANCELLED, "cancelled") : csv_next(&a->src, &d->w.block, &e);
	task_progress(a->task, (int64_t)a->src.at, (int64_t)a->src.size);
	a->done = rc != ST_OK || !d->w.block.n;
	if (rc != ST_OK) {
		a->rc = rc;
		a->err = e;
	}
	return !a->done;
}

static void *work(void *arg)
{
	struct desk *d = arg;
	struct counting *a = d->all;
	pthread_mutex_lock(&a->mu);
	while (claim(a, d)) {
		pthread_mutex_unlock(&a->mu);
		count_block(a, d, 0);
		pthread_mutex_lock(&a->mu);
		if (d->w.rc != ST_OK && a->rc == ST_OK) {
			a->rc = d->w.rc;
			a->err = d->w.err;
		}
	}
	pthread_mutex_unlock(&a->mu);
	return NULL;
}

static void count_all(struct counting *a)
{
	pthread_t thread[MOST_THREADS];
	int started = 1;
	count_block(a, &a->desks[0], a->layout.data_from);
	if (a->desks[0].w.rc != ST_OK) {
		a->rc = a->desks[0].w.rc;
		a->err = a->desks[0].w.err;
	}
	for (; started < a->n; started++)
		if (pthread_create(&thread[started], NULL, work, &a->desks[started]) != 0)
			break;
	work(&a->desks[0]);
	for (int i = 1; i < started; i++)
		pthread_join(thread[i], NULL);
}

static void sum_column(struct sketch_col *c, const struct counting *a, size_t j)
{
	size_t fractional = 0, first = SIZE_MAX;
	for (int i = 0; i < a->n; i++) {
		const struct csv_out *x = &a->desks[i].w.out[j];
		c->missing += x->missing;
		c->nan += x->nan;
		c->inf += x->inf;
		c->mixed += x->misfits;
		fractional += x->fractional;
		if (x->misfit && x->misfit_row < first) {
			free(c->mixed_example);
			c->mixed_example = mem_strdup(x->misfit);
			first = x->misfit_row;
		}
	}
	c->n = a->s->n_rows;
	c->integer = c->type == FRAME_NUMBER && !fractional && c->finite;
}

static void finish(struct counting *a)
{
	struct frame notes = { .name = a->src.path };
	for (int i = 0; i < a->n; i++)
		a->s->n_rows += a->desks[i].rows;
	for (size_t j = 0; j < a->layout.n; j++)
		if (a->to[j] != SIZE_MAX)
			sum_column(&a->s->cols[a->to[j]], a, j);
	sketch_finish(a->s);
	frame_digest_whole(a->s->digest, (const unsigned char (*)[32])a->src.parts, a->src.n_parts);
	str_init(&notes.notes);
	struct csv_worker workers[MOST_THREADS];
	for (int i = 0; i < a->n; i++)
		workers[i] = a->desks[i].w;
	csv_notes(&notes, &a->src, &a->layout, workers, (size_t)a->n);
	str_add(&a->s->notes, notes.notes.p);
	str_free(&notes.notes);
}

/* Which columns of the file are those of the plan; others are passed over. */
static void match(struct counting *a, const struct frame_options *o, const struct sketch_plan *plan)
{
	a->to = mem_array(a->layout.n + 1, sizeof *a->to);
	for (size_t k = 0; k < plan->n_cols; k++)
		a->s->cols[k].absent = true;
	for (size_t j = 0; j < a->layout.n; j++) {
		a->to[j] = SIZE_MAX;
		for (size_t k = 0; k < plan->n_cols && a->to[j] == SIZE_MAX; k++)
			if (!strcmp(plan->cols[k].name, a->layout.names[j])) {
				a->to[j] = k;
				a->s->cols[k].absent = false;
			}
		if (a->to[j] == SIZE_MAX && frame_wants(o, a->layout.names[j]))
			sketch_other_add(a->s, a->layout.names[j], a->layout.words[j] ? FRAME_CATEGORY : a->layout.guess[j]);
	}
}

static void make_desks(struct counting *a, const struct frame_options *o, const struct sketch_plan *plan, struct csv_block *first)
{
	const long have = sysconf(_SC_NPROCESSORS_ONLN), want = o->threads > 0 ? o->threads : have > 0 ? have : 1, parts = (long)(a->src.size / CSV_BLOCK) + 1;
	a->n = (int)(want < parts ? want : parts);
	a->n = a->n < MOST_THREADS ? a->n : MOST_THREADS;
	for (int i = 0; i < a->n; i++) {
		struct desk *d = &a->desks[i];
		d->all = a;
		d->index = i;
		csv_worker_init(&d->w, &a->src.dialect, a->layout.n);
		for (size_t j = 0; j < a->layout.n; j++)
			if (a->to[j] != SIZE_MAX) {
				set_up(d, j, plan->cols[a->to[j]].type);
				d->w.out[j].told = frame_told(o, a->layout.names[j]) != NULL;
			}
	}
	a->desks[0].w.block = *first;
	*first = (struct csv_block){ 0 };
	a->column = mem_array(plan->n_cols + 1, sizeof *a->column);
	for (size_t k = 0; k < plan->n_cols; k++)
		pthread_mutex_init(&a->column[k], NULL);
}

enum status sketch_csv_read(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e)
{
	static const struct frame_options none;
	struct counting *a = mem_zalloc(sizeof *a);
	struct csv_block b = { 0 };
	o = o ? o : &none;
	*out = NULL;
	a->task = t;
	a->s = sketch_new(path, plan);
	a->s->rows = sketch_rows_new(plan);
	pthread_mutex_init(&a->mu, NULL);
	pthread_mutex_init(&a->sample, NULL);
	enum status rc = begin(path, o, &a->src, &b, &a->layout, e);
	if (rc == ST_OK)
		rc = name_columns(&a->layout, NULL, &a->s->notes, path, e);
	if (rc == ST_OK) {
		match(a, o, plan);
		make_desks(a, o, plan, &b);
		count_all(a);
		if ((rc = a->rc) == ST_OK)
			finish(a);
		else
			err_set(e, rc, "%s", a->err.text);
	}
	if (rc == ST_OK) {
		*out = a->s;
		a->s = NULL;
	}
	for (int i = 0; i < a->n; i++)
		desk_free(&a->desks[i]);
	for (size_t k = 0; a->column && k < plan->n_cols; k++)
		pthread_mutex_destroy(&a->column[k]);
	pthread_mutex_destroy(&a->mu);
	pthread_mutex_destroy(&a->sample);
	sketch_free(a->s);
	csv_block_free(&b);
	csv_layout_free(&a->layout);
	csv_close(&a->src);
	free(a->column);
	free(a->to);
	free(a);
	return rc;
}
