/* Sketches of Parquet: of one row group after the other, some columns of it at a time, as many as fit into a part of the budget; each such piece is read as a file of one group would be.
 * The sample is a few groups spread over the file, thinned. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/io/parquet_impl.h"
#include "core/io/sketch_impl.h"

enum { SAMPLED_GROUPS = 8, PIECE = 8 };

/* A piece: columns from..to of the whole, of one group. */
struct piece { struct parquet_reading *whole; const struct frame_options *o; size_t group, from, to; };

static enum status read_piece(const struct piece *p, struct frame **out, struct err *e)
{
	struct parquet_reading *whole = p->whole;
	struct parquet_file *f = &whole->file;
	struct parquet_group group = { 0, f->groups[p->group].rows };
	const char **names = mem_array(p->to - p->from + 1, sizeof *names);
	struct frame_options o = *p->o;
	for (size_t j = p->from; j < p->to; j++)
		names[j - p->from] = whole->f->cols[j].name;
	o.columns = names, o.n_columns = p->to - p->from, o.lax = true;
	struct parquet_reading r = { .o = &o, .task = whole->task, .budget = whole->budget, .f = frame_new(f->path), .lent = true };
	r.file = *f;
	r.file.groups = &group, r.file.n_groups = 1, r.file.n_rows = group.rows, r.file.chunks = f->chunks + p->group * f->chunk_leaves;
	pthread_mutex_init(&r.mu, NULL);
	enum status rc = parquet_columns(&r, e);
	if (rc == ST_OK)
		rc = parquet_arrays(&r, e);
	if (rc == ST_OK)
		rc = parquet_run(&r, true, false, e);
	for (size_t j = 0; j < r.n && rc == ST_OK; j++)
		whole->cols[p->from + j].large += r.cols[j].large;
	if (rc == ST_OK) {
		*out = r.f;
		r.f = NULL;
	}
	parquet_reading_free(&r);
	free(names);
	return rc;
}

/* How many columns of the group from `from` on make a piece. */
static size_t piece_end(const struct parquet_reading *whole, size_t group, size_t from)
{
	const size_t each = whole->file.groups[group].rows * sizeof(double) + 1, fit = whole->budget / PIECE / each;
	return from + (fit < 1 ? 1 : fit) < whole->n ? from + (fit < 1 ? 1 : fit) : whole->n;
}

static enum status begin(struct parquet_reading *r, const char *path, const struct frame_options *o, struct task *t, struct err *e)
{
	*r = (struct parquet_reading){ .o = o, .task = t, .budget = o->budget ? o->budget : FRAME_BUDGET, .f = frame_new(path) };
	pthread_mutex_init(&r->mu, NULL);
	const enum status rc = parquet_open(path, &r->file, e);
	return rc == ST_OK ? parquet_columns(r, e) : rc;
}

/* ---- the plan ---- */

struct sampling { double **at; size_t *n, most; enum frame_type *type; bool *known; struct sketch_counts **words; };      /* most: values of a column from a group */

static void take(struct sampling *s, size_t j, const struct frame_col *c)
{
	const size_t step = c->n / s->most + 1;
	if (!s->known[j] && c->n > c->missing)
		s->type[j] = c->type, s->known[j] = true;
	if (c->code)
		sketch_counts_column(s->words[j], c);
	if (!c->num || c->type != s->type[j])
		return;
	s->at[j] = mem_realloc(s->at[j], (s->n[j] + c->n / step + 2) * sizeof **s->at);
	for (size_t i = 0; i < c->n; i += step)
		if (isfinite(c->num[i]))
			s->at[j][s->n[j]++] = c->num[i];
}

static enum status sample_groups(struct parquet_reading *r, struct sampling *s, struct err *e)
{
	const size_t groups = r->file.n_groups < SAMPLED_GROUPS ? r->file.n_groups : SAMPLED_GROUPS;
	enum status rc = ST_OK;
	s->most = sketch_sample_room(r->budget) / sizeof(double) / (r->n + 1) / (groups + 1) + 1;
	for (size_t k = 0; k < groups; k++)
		for (size_t j = 0, end; j < r->n && rc == ST_OK; j = end) {
			struct frame *f = NULL;
			end = piece_end(r, k * r->file.n_groups / groups, j);
			rc = read_piece(&(struct piece){ r, r->o, k * r->file.n_groups / groups, j, end }, &f, e);
			for (size_t i = 0; i < end - j && rc == ST_OK; i++)
				take(s, j + i, &f->cols[i]);
			frame_free(f);
		}
	return rc;
}

enum status parquet_plan(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e)
{
	struct parquet_reading r;
	*out = NULL;
	enum status rc = begin(&r, path, o, t, e);
	struct sampling s = { mem_array(r.n + 1, sizeof *s.at), mem_array(r.n + 1, sizeof *s.n), 0, mem_array(r.n + 1, sizeof *s.type), mem_array(r.n + 1, sizeof *s.known),
		mem_array(r.n + 1, sizeof *s.words) };
	for (size_t j = 0; j < r.n && rc == ST_OK; j++)
		s.type[j] = r.cols[j].told ? *r.cols[j].told : r.cols[j].kind->type, s.words[j] = sketch_counts_new(sketch_sampled_room(o->budget, r.n));
	if (rc == ST_OK)
		rc = sample_groups(&r, &s, e);
	if (rc == ST_OK)
		*out = mem_zalloc(sizeof **out);
	for (size_t j = 0; j < r.n; j++) {
		if (rc == ST_OK)
			sketch_plan_add(*out, r.f->cols[j].name, s.type[j], s.at[j], s.n[j], o->budget, r.n);
		if (rc == ST_OK && s.words[j]->dict.n)
			sketch_plan_fix(*out, s.words[j]);
		sketch_counts_free(s.words[j]);
		free(s.at[j]);
	}
	free(s.at), free(s.n), free(s.type), free(s.known), free(s.words);
	parquet_reading_free(&r);
	return rc;
}

/* ---- counting ---- */

static struct sketch_col *find(struct sketch *s, const char *name)
{
	for (size_t k = 0; k < s->n_cols; k++)
		if (!strcmp(s->cols[k].name, name))
			return &s->cols[k];
	return NULL;
}

/* The columns of the plan come first, so that pieces hold no others. */
static size_t bring_forward(struct parquet_reading *r, struct sketch *s)
{
	size_t n = 0;
	for (size_t j = 0; j < r->n; j++) {
		const struct frame_col c = r->f->cols[j];
		const struct parquet_column x = r->cols[j];
		if (!find(s, c.name)) {
			sketch_other_add(s, c.name, x.kind->type);
			continue;
		}
		r->f->cols[j] = r->f->cols[n], r->f->cols[n] = c;
		r->cols[j] = r->cols[n], r->cols[n++] = x;
	}
	return n;
}

static enum status count_group(struct parquet_reading *r, const struct frame_options *o, size_t group, struct sketch *s, struct err *e)
{
	enum status rc = ST_OK;
	sketch_rows_begin(s->rows, s->n_rows, r->file.groups[group].rows);
	for (size_t j = 0, end; j < r->n && rc == ST_OK; j = end) {
		struct frame *f = NULL;
		end = piece_end(r, group, j);
		rc = read_piece(&(struct piece){ r, o, group, j, end }, &f, e);
		for (size_t i = 0; rc == ST_OK && i < f->n_cols; i++) {
			struct sketch_col *to = find(s, f->cols[i].name);
			sketch_col_add(to, &f->cols[i]);
			sketch_rows_column(s->rows, (size_t)(to - s->cols), &f->cols[i]);
		}
		frame_free(f);
	}
	sketch_rows_end(s->rows);
	s->n_rows += r->file.groups[group].rows;
	return rc;
}

static enum status count_all(struct parquet_reading *r, const struct frame_options *o, struct sketch *s, struct task *t, struct err *e)
{
	const size_t all = r->n;
	enum status rc = ST_OK;
	r->n = bring_forward(r, s);
	for (size_t j = 0; j < r->n; j++)
		find(s, r->f->cols[j].name)->absent = false;
	for (size_t g = 0; g < r->file.n_groups && rc == ST_OK; g++) {
		rc = task_cancelled(t) ? err_set(e, ST_CANCELLED, "cancelled") : count_group(r, o, g, s, e);
		task_progress(t, (int64_t)s->n_rows, (int64_t)r->file.n_rows);
	}
	if (rc == ST_OK)
		parquet_note_large(r);
	r->n = all;
	return rc == ST_OK ? parquet_run(r, false, true, e) : rc;
}

enum status parquet_sketch(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e)
{
	struct frame_override *guesses = sketch_guesses(plan);
	struct frame_options mine = *o;
	struct parquet_reading r;
	struct sketch *s = sketch_new(path, plan);
	s->rows = sketch_rows_new(plan);
	*out = NULL;
	mine.guesses = guesses, mine.n_guesses = plan->n_cols, mine.lax = true;
	enum status rc = begin(&r, path, &mine, t, e);
	if (rc == ST_OK)
		rc = count_all(&r, &mine, s, t, e);
	if (rc == ST_OK) {
		sketch_finish(s);
		str_add(&s->notes, r.f->notes.p);
		memcpy(s->digest, r.f->digest, sizeof s->digest);
		*out = s;
		s = NULL;
	}
	sketch_free(s);
	parquet_reading_free(&r);
	free(guesses);
	return rc;
}
