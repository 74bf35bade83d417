/* A comparison from two names to a report.
 *
 * Reading  a thread a side, each with its share of the budget by the sizes of the files; the side that fails stops the other, and its trouble is the one that is told.
 * Alike    types were decided a side by itself. Columns that are words on one side only are read once more on the current side, as the reference has them.
 * Large    when a side is refused for its size both are sketched (job_sketch.c), since counts must be made over the same edges.
 */
#include "core/drift/job.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/drift/job_impl.h"
#include "core/drift/performance.h"
#include "core/io/frame_build.h"

enum { LEAST_PART = 16 };

/* ---- what is read ---- */

static bool holds(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static void add_name(struct job_run *r, const char *name)
{
	if (name && *name && !holds(r->columns, r->n_columns, name))
		r->columns[r->n_columns++] = name;
}

/* With columns chosen, those and what the job needs beside them. */
static void choose_columns(struct job_run *r)
{
	const struct drift_job *j = r->job;
	const struct drift_roles *o = &j->roles;
	if (!j->compare.n_columns)
		return;
	r->columns = mem_array(j->compare.n_columns + o->n_segments + o->n_probabilities + 8, sizeof *r->columns);
	for (size_t i = 0; i < j->compare.n_columns; i++)
		add_name(r, j->compare.columns[i]);
	for (size_t i = 0; i < o->n_segments; i++)
		add_name(r, o->segments[i]);
	for (size_t i = 0; i < o->n_probabilities; i++)
		add_name(r, o->probabilities[i].column);
	const char *const others[] = { o->target, o->prediction, o->probability, o->timestamp, o->id, j->compare.time_column, j->rows_reference.time_column, j->rows_current.time_column };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		add_name(r, others[i]);
}

/* The types that somebody named, and that of the time column by which rows are chosen: its numbers are times then. */
static void choose_types(struct job_run *r, struct job_side *s)
{
	const struct frame_options *said = &r->job->read_reference;
	const char *axis = s->rows->time_column;
	struct frame_override *types = mem_array(said->n_types + 1, sizeof *types);
	size_t n = said->n_types;
	bool told = false;
	if (n)
		memcpy(types, said->types, n * sizeof *types);
	for (size_t i = 0; axis && i < n; i++)
		told |= !strcmp(types[i].name, axis);
	if (axis && !told)
		types[n++] = (struct frame_override){ axis, FRAME_TIME };
	s->types = types;
	s->o.types = types;
	s->o.n_types = n;
}

static double file_size(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 ? (double)st.st_size : 0;
}

/* The budget is for both sides: each gets of it what its file is of both, a small part at least. */
static void share_budget(struct job_run *r)
{
	const size_t budget = r->job->read_reference.budget ? r->job->read_reference.budget : FRAME_BUDGET;
	const double a = file_size(r->side[0].path), b = file_size(r->side[1].path);
	double part = a > 0 && b > 0 ? a / (a + b) : 0.5;
	part = part < 1.0 / LEAST_PART ? 1.0 / LEAST_PART : part > 1 - 1.0 / LEAST_PART ? 1 - 1.0 / LEAST_PART : part;
	r->side[0].o.budget = (size_t)((double)budget * part);
	r->side[1].o.budget = budget - r->side[0].o.budget;
}

static void prepare(struct job_run *r, const struct drift_job *j, struct task *t)
{
	*r = (struct job_run){ .job = j };
	choose_columns(r);
	r->side[0] = (struct job_side){ .what = "reference", .path = j->reference, .o = j->read_reference, .rows = &j->rows_reference };
	r->side[1] = (struct job_side){ .what = "current", .path = j->current, .o = j->read_current, .rows = &j->rows_current };
	for (int i = 0; i < 2; i++) {
		struct job_side *s = &r->side[i];
		s->part = task_part_new(t);
		s->other = &r->side[!i];
		s->frame = j->kept ? kept_frame(j->kept, i, s->path) : NULL;
		s->kept = s->frame != NULL;
		s->o.lax = true;
		s->o.no_digest = j->no_digest;
		s->o.columns = r->columns;
		s->o.n_columns = r->n_columns;
		choose_types(r, s);
	}
	share_budget(r);
}

static void forget_frames(struct job_run *r)
{
	for (int i = 0; i < 2; i++) {
		if (!r->side[i].kept)
			frame_free(r->side[i].frame);
		r->side[i].frame = NULL;
	}
}

static void job_end(struct job_run *r)
{
	forget_frames(r);
	for (int i = 0; i < 2; i++) {
		task_part_free(r->side[i].part);
		free(r->side[i].types);
	}
	free(r->columns);
}

/* ---- reading ---- */

/* A side that cannot be read stops the other: nothing would come of it. */
static void *read_side(void *arg)
{
	struct job_side *s = arg;
	s->st = s->kept ? ST_OK : frame_read(s->path, &s->o, s->part, &s->frame, &s->err);
	if (s->st != ST_OK)
		task_part_stop(s->other->part);
	return NULL;
}

/* The first trouble that is not the other's. */
static enum status trouble(struct job_run *r, struct err *e)
{
	for (int way = 0; way < 2; way++)
		for (int i = 0; i < 2; i++) {
			const struct job_side *s = &r->side[i];
			if (s->st != ST_OK && (way || s->st != ST_CANCELLED)) {
				*e = s->err;
				return s->st;
			}
		}
	return ST_OK;
}

static enum status read_both(struct job_run *r, struct err *e)
{
	pthread_t thread;
	const bool started = pthread_create(&thread, NULL, read_side, &r->side[0]) == 0;
	if (!started)
		read_side(&r->side[0]);
	read_side(&r->side[1]);
	if (started)
		pthread_join(thread, NULL);
	return trouble(r, e);
}

/* ---- types ---- */

static struct frame_col *column(struct frame *f, const char *name)
{
	const struct frame_col *c = frame_find(f, name);
	return c ? &f->cols[c - f->cols] : NULL;
}

static bool is_words(const struct frame_col *c) { return c->type == FRAME_CATEGORY || c->type == FRAME_TEXT; }

static bool has_values(const struct frame_col *c) { return c->n > c->missing; }

/* The columns that are words on one side and not on the other, as the reference has them. */
static size_t differing(const struct frame *ref, const struct frame *cur, struct frame_override *out, const char **names)
{
	size_t n = 0;
	for (size_t i = 0; i < ref->n_cols; i++) {
		const struct frame_col *x = &ref->cols[i], *y = frame_find(cur, x->name);
		if (!y || !has_values(x) || !has_values(y) || is_words(x) == is_words(y))
			continue;
		names[n] = x->name;
		out[n++] = (struct frame_override){ x->name, x->type };
	}
	return n;
}

/* Swaps the columns of `fresh` in; its words come along. */
static void take_columns(struct frame *cur, struct frame *fresh)
{
	struct frame_memory *m = fresh->arena;
	for (size_t i = 0; i < fresh->n_cols; i++) {
		struct frame_col *to = column(cur, fresh->cols[i].name), old;
		if (!to)
			continue;
		old = *to;
		frame_note(cur, "column \"%s\" by itself would be %s; read as %s, like the reference", to->name, frame_type_name(to->type), frame_type_name(fresh->cols[i].type));
		*to = fresh->cols[i];
		fresh->cols[i] = old;
	}
	for (size_t i = 0; i < m->n; i++)
		frame_keep(cur, m->at[i]);
	m->n = 0;
}

/* Reads the differing columns once more, as the reference has them, so that "007" is no 7. What comes through a pipe cannot be read twice: the pair does what it can. */
static enum status read_alike(struct job_run *r, struct err *e)
{
	const struct frame *ref = r->side[0].frame;
	struct frame *cur = r->side[1].frame, *fresh = NULL;
	struct frame_override *types = mem_array(ref->n_cols + 1, sizeof *types);
	const char **names = mem_array(ref->n_cols + 1, sizeof *names);
	struct frame_options o = r->side[1].o;
	enum status st = ST_OK;
	o.columns = names, o.types = types;
	o.n_columns = o.n_types = differing(ref, cur, types, names);
	if (o.n_columns && file_size(r->side[1].path) > 0) {
		st = frame_read(r->side[1].path, &o, r->side[1].part, &fresh, e);
		if (st == ST_OK && fresh->n_rows == cur->n_rows)
			take_columns(cur, fresh);
		else if (st == ST_OK)
			st = err_set(e, ST_FAILED, "%.300s changed while it was read; read it again when nobody writes it", r->side[1].path);
	}
	for (size_t i = 0; i < ref->n_cols; i++) {
		struct frame_col *y = column(cur, ref->cols[i].name);
		if (y && is_words(y) && is_words(&ref->cols[i]))
			y->type = ref->cols[i].type;
	}
	frame_free(fresh);
	free(names);
	free(types);
	return st;
}

static enum status check_types(const struct job_run *r, struct err *e)
{
	const struct frame_options *o = &r->job->read_reference;
	for (size_t i = 0; i < o->n_types; i++)
		if (!frame_find(r->side[0].frame, o->types[i].name) && !frame_find(r->side[1].frame, o->types[i].name) && frame_wants(&r->side[0].o, o->types[i].name))
			return err_set(e, ST_USAGE, "neither reference nor current data has a column '%s' whose type was named", o->types[i].name);
	return ST_OK;
}

/* ---- rows ---- */

static bool has_range(const struct drift_rows *w) { return w->first || w->count || w->time_column; }

static bool takes(const struct drift_rows *w, const struct frame_col *axis, size_t row)
{
	if (!axis)
		return true;
	const double ms = axis->num[row];
	return (!w->from_ms && !w->to_ms) ? ms == ms : ms >= (double)w->from_ms && (!w->to_ms || ms < (double)w->to_ms);
}

/* By number first, then by time: rows without a time are in no range. */
static enum status take_rows(struct job_side *s, struct err *e)
{
	const struct drift_rows *w = s->rows;
	struct frame *f = s->frame;
	const struct frame_col *axis = w->time_column ? frame_find(f, w->time_column) : NULL;
	if (!has_range(w))
		return ST_OK;
	if (w->time_column && (!axis || !axis->num))
		return err_set(e, ST_USAGE, "%.300s has no column '%s' of times", s->path, w->time_column);
	const size_t end = w->count && w->count < f->n_rows - (w->first < f->n_rows ? w->first : f->n_rows) ? w->first + w->count : f->n_rows;
	uint32_t *rows = mem_array(f->n_rows + 1, sizeof *rows);
	size_t n = 0;
	for (size_t i = w->first; i < end; i++)
		if (takes(w, axis, i))
			rows[n++] = (uint32_t)i;
	if (s->kept)
		s->frame = frame_pick_rows(f, rows, n), s->kept = false;
	else
		frame_take_rows(f, rows, n);
	free(rows);
	return n ? ST_OK : err_set(e, ST_NOT_FOUND, "%.300s has no rows in the range that was chosen", s->path);
}

/* ---- the job ---- */

/* The time axis and the timestamp are one unless both are named. Rules of another tool know only what is named. */
static enum status settle_roles(struct drift_roles *roles, struct drift_options *o, const struct frame *ref, const struct frame *cur, struct arena *a, struct err *e)
{
	if (!roles->timestamp)
		roles->timestamp = o->time_column ? o->time_column : o->evidently ? "" : NULL;
	if (!roles->id && o->evidently)
		roles->id = "";
	enum status st = roles_settle(roles, ref, cur, a, e);
	if (st == ST_OK && !o->time_column && *roles->timestamp && frame_find(ref, roles->timestamp)->num)
		o->time_column = roles->timestamp;
	o->roles = roles;
	return st;
}

/* What is said of both frames: the columns and all of them together at the same time, then what needs labels. */
static enum status compare(struct job_run *r, struct task *t, struct report **out, struct err *e)
{
	const struct frame *ref = r->side[0].frame, *cur = r->side[1].frame;
	struct drift_options o = r->job->compare;
	struct drift_roles roles = r->job->roles;
	struct arena *a = arena_new();
	struct joint *joint = NULL;
	o.task = t;
	enum status st = settle_roles(&roles, &o, ref, cur, a, e);
	if (st == ST_OK) {
		joint = joint_new(ref, cur, &(struct joint_plan){ .names = o.n_columns ? o.columns : NULL, .n_names = o.n_columns, .roles = &roles, .choice = r->job->joint,
			.evidently = o.evidently, .task = t });
		o.beside = (struct drift_beside){ joint_work, joint };
		st = drift_compare(ref, cur, &o, out, e);
	}
	if (st == ST_OK) {
		joint_finish(joint, *out);
		performance_fill(*out, ref, cur, &roles);
	}
	joint_free(joint);
	arena_free(a);
	return st;
}

/* The current side is kept where the next job may want other rows of it. */
static void keep_both(struct job_run *r)
{
	for (int i = 0; i < 2; i++)
		if (r->job->kept && !r->side[i].kept && (!i || has_range(r->side[i].rows))) {
			keep_frame(r->job->kept, i, r->side[i].frame);
			r->side[i].kept = true;
		}
}

static enum status in_memory(struct job_run *r, struct task *t, struct report **out, struct err *e)
{
	enum status st = check_types(r, e);
	if (st == ST_OK && !(r->side[0].kept && r->side[1].kept))
		st = read_alike(r, e);
	if (st == ST_OK)
		keep_both(r);
	for (int i = 0; i < 2 && st == ST_OK; i++)
		st = take_rows(&r->side[i], e);
	return st == ST_OK ? compare(r, t, out, e) : st;
}

/* A side that is refused because it is too large: both are sketched, where their readers can. */
static bool too_large(const struct job_run *r)
{
	bool any = false;
	for (int i = 0; i < 2; i++) {
		const struct frame_reader *reader;
		struct err e;
		if (frame_reader_for(r->side[i].path, &r->side[i].o, &reader, &e) != ST_OK || !reader->sketch)
			return false;
		any |= r->side[i].st == ST_REFUSED;
	}
	return any;
}

enum status drift_job_run(const struct drift_job *j, struct task *t, struct report **out, struct err *e)
{
	struct job_run r;
	enum status st;
	*out = NULL;
	prepare(&r, j, t);
	if (job_pushes(&r)) {
		st = job_sketches(&r, t, out, e);
	} else {
		st = read_both(&r, e);
		if (st == ST_OK) {
			st = in_memory(&r, t, out, e);
		} else if (st == ST_REFUSED && too_large(&r)) {
			forget_frames(&r);
			st = job_sketches(&r, t, out, e);
		}
	}
	job_end(&r);
	return st;
}
