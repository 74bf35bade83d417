/* The comparison: which columns, shared out among threads, then verdicts over all of them and the report.
 *
 * Work     a counter hands out pieces: first the parts of data quality, which take longest, then columns in order. Before each comes what there is to do beside the
 *          comparison (verdict.h). A thread has an arena (the report keeps it) and memory for pairs of its own, so that nothing is locked; results depend on nothing
 *          but their column.
 * Files    verdict_column.c (or verdict_sketch.c) makes the numbers of a column, verdict_judge.c (or compat_evidently.c) the verdicts once all are there.
 */
#include "core/drift/verdict.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/drift/quality.h"
#include "core/drift/verdict_impl.h"

enum { MOST_THREADS = 8 };
static const double usual_alpha = 0.05, usual_share = 0.5;

/* ---- which columns ---- */

static bool wanted(const struct drift_options *o, const char *name)
{
	for (size_t i = 0; i < o->n_columns; i++)
		if (strcmp(o->columns[i], name) == 0)
			return true;
	return o->n_columns == 0;
}

static void list_columns(struct compare *c)
{
	size_t room = c->ref->n_cols + c->cur->n_cols;
	c->work = mem_zalloc((room ? room : 1) * sizeof *c->work);
	for (size_t i = 0; i < c->ref->n_cols; i++)
		if (wanted(c->o, c->ref->cols[i].name))
			c->work[c->n++] = (struct column_work){ .ref = &c->ref->cols[i], .cur = frame_find(c->cur, c->ref->cols[i].name) };
	for (size_t i = 0; i < c->cur->n_cols; i++)
		if (wanted(c->o, c->cur->cols[i].name) && !frame_find(c->ref, c->cur->cols[i].name))
			c->work[c->n++] = (struct column_work){ .cur = &c->cur->cols[i] };
	for (size_t i = 0; i < c->n; i++)
		c->work[i].out.position = i;
}

static enum status check_options(const struct compare *c, struct err *e)
{
	const struct drift_options *o = c->o;
	for (size_t i = 0; i < o->n_columns; i++)
		if (!frame_find(c->ref, o->columns[i]) && !frame_find(c->cur, o->columns[i]))
			return err_set(e, ST_USAGE, "neither reference nor current data has a column '%s'", o->columns[i]);
	if (o->time_column) {
		const struct frame_col *t = frame_find(c->ref, o->time_column);
		if (!t || !t->num)
			return err_set(e, ST_USAGE, "the reference has no column '%s' of times or numbers", o->time_column);
	}
	if (o->n_tests > VERDICT_TESTS)
		return err_set(e, ST_USAGE, "at most %d tests at once", VERDICT_TESTS);
	return ST_OK;
}

/* ---- threads ---- */

struct worker { struct compare *c; struct arena *arena; pthread_t thread; };

/* Of sketches: correlations alone, of the sample. Its columns are those of the face, in the same order, so that the pairs' numbers hold for both. */
static void take_part(struct compare *c, int part)
{
	if (!c->sketch_ref)
		quality_part(&c->pairs, part, c->ref, c->cur);
	else if (part == QUALITY_CORRELATIONS && c->sketch_ref->sample && c->sketch_cur->sample)
		quality_part(&c->pairs, part, c->sketch_ref->sample, c->sketch_cur->sample);
}

static bool work_beside(const struct compare *c, bool wait)
{
	const struct drift_beside *b = &c->o->beside;
	return b->work && b->work(b->arg, wait);
}

static void *run_worker(void *arg)
{
	struct worker *k = arg;
	struct compare *c = k->c;
	struct pair_room room = { 0 };
	for (;;) {
		while (work_beside(c, false))          /* the longest pieces of work first */
			continue;
		const size_t at = atomic_fetch_add(&c->next, 1), i = at - QUALITY_PARTS;
		if (at >= c->n + QUALITY_PARTS || task_cancelled(c->o->task))
			break;
		if (at < QUALITY_PARTS) {
			take_part(c, (int)at);
			continue;
		}
		c->work[i].arena = k->arena, c->work[i].room = &room;
		if (c->sketch_ref)
			sketch_column(c, &c->work[i]);
		else
			compare_column(c, &c->work[i]);
		atomic_fetch_add(&c->done, 1);
	}
	while (work_beside(c, true))
		continue;
	pair_room_free(&room);
	return NULL;
}

static size_t thread_count(const struct compare *c)
{
	const long have = c->o->threads > 0 ? c->o->threads : sysconf(_SC_NPROCESSORS_ONLN);
	const size_t most = c->n + (c->o->beside.work != NULL);
	size_t n = have < 2 && c->o->threads <= 0 ? 2 : (size_t)have;
	n = n > MOST_THREADS ? MOST_THREADS : n;
	return n > most ? (most ? most : 1) : n;
}

/* This thread works too, so that nothing is lost where no other can be made. */
static void run_workers(struct compare *c, struct report *r)
{
	size_t n = thread_count(c), made = 1;
	struct worker *k = mem_array(n, sizeof *k);
	r->more = arena_array(r->arena, n, sizeof *r->more);
	for (size_t i = 0; i < n; i++) {
		k[i] = (struct worker){ .c = c, .arena = arena_new() };
		r->more[r->n_more++] = k[i].arena;
	}
	while (made < n && pthread_create(&k[made].thread, NULL, run_worker, &k[made]) == 0)
		made++;
	run_worker(&k[0]);
	for (size_t i = 1; i < made; i++)
		pthread_join(k[i].thread, NULL);
	free(k);
}

/* ---- the report ---- */

/* Drift of what the model is to say, and of what it says, is what people look for first. */
static int rank_of(const struct report_column *c)
{
	return strcmp(c->role, "target") == 0 ? 0 : strcmp(c->role, "prediction") == 0 ? 1 : 2;
}

static int by_severity(const void *a, const void *b)
{
	const struct report_column *x = a, *y = b;
	if (rank_of(x) != rank_of(y))
		return rank_of(x) < rank_of(y) ? -1 : 1;
	if (x->drifted != y->drifted)
		return x->drifted ? -1 : 1;
	return x->severity > y->severity ? -1 : x->severity < y->severity ? 1 : x->position < y->position ? -1 : x->position > y->position;
}

static void take_columns(struct compare *c, struct report *r)
{
	struct report_column *out = arena_array(r->arena, c->n, sizeof *out);
	for (size_t i = 0; i < c->n; i++) {
		struct column_work *w = &c->work[i];
		struct report_test *tests = arena_array(r->arena, w->n_tests, sizeof *tests);
		const char **reasons = arena_array(r->arena, w->n_reasons, sizeof *reasons);
		memcpy(tests, w->tests, w->n_tests * sizeof *tests);
		memcpy(reasons, w->reasons, w->n_reasons * sizeof *reasons);
		w->out.tests = tests, w->out.n_tests = w->n_tests;
		w->out.reasons = reasons, w->out.n_reasons = w->n_reasons;
		out[i] = w->out;
	}
	qsort(out, c->n, sizeof *out, by_severity);
	r->columns = out, r->n_columns = c->n;
}

/* Nothing is known of data without rows, or of columns none of which could be compared: that is not the same as stable. Constant columns are: they stayed as they were. */
static const char *blind(const struct compare *c, const struct report *r)
{
	if (!c->ref->n_rows || !c->cur->n_rows)
		return c->cur->n_rows ? "the reference has no rows: nothing could be compared" : "the current data have no rows: nothing could be compared";
	bool constant = false, lacking = false;
	for (size_t i = 0; i < c->n; i++) {
		const char *status = c->work[i].out.status;
		constant |= strcmp(status, "constant") == 0;
		lacking |= strcmp(status, "too few rows") == 0 || strcmp(status, "no data") == 0;
	}
	return !r->n_compared && lacking && !constant ? "no column has enough values on both sides: nothing could be compared" : NULL;
}

static void sum_up(const struct compare *c, struct report *r)
{
	bool watch = false, ours = false;
	for (size_t i = 0; i < c->n; i++) {
		const struct column_work *w = &c->work[i];
		r->n_compared += c->o->evidently ? w->theirs.judged : strcmp(w->out.status, "compared") == 0 || w->out.drifted;
		r->n_drifted += w->out.drifted;
		watch |= w->out.watch;
		ours |= w->out.other_drifted;
	}
	r->share = r->n_compared ? (double)r->n_drifted / (double)r->n_compared : 0;
	r->other_drifted = ours;
	r->drifted = c->o->evidently ? r->n_compared && r->share >= (c->o->share > 0 ? c->o->share : usual_share) : ours;
	r->verdict = r->drifted ? "drifted" : watch || r->n_drifted || blind(c, r) ? "watch" : "stable";
}

static const char *outcome(const struct report_column *c)
{
	return c->drifted ? "drifted" : c->watch ? "is to be watched" : strcmp(c->status, "compared") == 0 ? "is stable" : c->status;
}

/* In words: what became of target and prediction, and which columns are taken to be what. */
static void note_roles(struct report *r, const char **notes)
{
	struct str others = STR_INIT;
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct report_column *c = &r->columns[i];
		if (rank_of(c) < 2)
			notes[r->n_notes++] = arena_printf(r->arena, "%s %s: column '%s'%s%s", c->role, outcome(c), c->name, c->n_reasons ? ", " : "", c->n_reasons ? c->reasons[0] : "");
		else if (*c->role && strcmp(c->role, "segment") != 0)
			str_addf(&others, "%s%s '%s'%s", others.len ? ", " : "", c->role, c->name, strcmp(c->role, "probability") == 0 ? "" : " (not compared)");
	}
	if (others.len)
		notes[r->n_notes++] = arena_printf(r->arena, "roles of other columns: %s", others.p);
	str_free(&others);
}

static void take_notes(const struct compare *c, struct report *r)
{
	const char **notes = arena_array(r->arena, 128, sizeof *notes);
	const struct frame *sides[2] = { c->ref, c->cur };
	for (size_t i = 0; i < c->o->n_notes && r->n_notes < 60; i++)
		notes[r->n_notes++] = arena_strdup(r->arena, c->o->notes[i]);
	if (blind(c, r))
		notes[r->n_notes++] = blind(c, r);
	note_roles(r, notes);
	for (int i = 0; i < 2; i++)
		for (const char *p = sides[i]->notes.p; p && *p && r->n_notes < 120; ) {
			size_t n = strcspn(p, "\n");
			notes[r->n_notes++] = arena_printf(r->arena, "%s: %.*s", i ? "current" : "reference", (int)n, p);
			p += n + (p[n] == '\n');
		}
	if (c->sketch_ref)
		sketch_notes(c, r, notes);
	if (c->n_chunks)
		notes[r->n_notes++] = arena_printf(r->arena, "floors come from the reference itself: %zu chunks of %zu rows by %s, mean + 3 sd", c->n_chunks, c->n_order / c->n_chunks, c->time_name);
	if (c->o->evidently)
		notes[r->n_notes++] = r->drifted == r->other_drifted ? "mlyard's own rule says the same of the data set"
			: r->drifted ? "mlyard's own rule finds no drift" : "mlyard's own rule finds drift: one column is enough, where Evidently asks for a share of all";
	r->notes = notes;
}

static const char *copy(struct arena *a, const char *s) { return s ? arena_strdup(a, s) : ""; }

/* None was made where nobody is to keep the report. */
static bool is_digest(const unsigned char sum[32])
{
	static const unsigned char none[32];
	return memcmp(sum, none, sizeof none) != 0;
}

static struct report *new_report(const struct compare *c)
{
	struct arena *a = arena_new();
	struct report *r = arena_zalloc(a, sizeof *r);
	r->arena = a, r->ms = clock_wall_ms(), r->alpha = c->alpha;
	r->name = copy(a, c->o->name), r->model = copy(a, c->o->model), r->version = c->o->version;
	r->origin = "", r->mode = c->o->evidently ? "evidently" : "mlyard";
	r->reference = copy(a, c->ref->name), r->current = copy(a, c->cur->name);
	r->n_ref = (double)c->ref->n_rows, r->n_cur = (double)c->cur->n_rows;
	memcpy(r->reference_digest, c->ref->digest, 32), memcpy(r->current_digest, c->cur->digest, 32);
	r->has_digests = is_digest(r->reference_digest) && is_digest(r->current_digest);
	return r;
}

static void finish_report(struct compare *c, struct report *r)
{
	judge_columns(c);
	if (c->sketch_ref && c->sketch_ref->sample && c->sketch_cur->sample)
		r->sample_ref = (double)c->sketch_ref->sample->n_rows, r->sample_cur = (double)c->sketch_cur->sample->n_rows;
	if (c->o->evidently)
		evidently_judge(c);
	if (c->sketch_ref)
		sketch_watch(c);
	take_columns(c, r);
	sum_up(c, r);
	take_notes(c, r);
	quality_fill(r, c->ref, c->cur, &c->pairs);
	if (c->sketch_ref)
		r->duplicates_ref = r->duplicates_cur = NAN;
}

static enum status compare(struct compare *c, struct report **out, struct err *e)
{
	enum status st = check_options(c, e);
	*out = NULL;
	if (st != ST_OK)
		return st;
	list_columns(c);
	if (!c->sketch_ref)
		floors_prepare(c);
	struct report *r = new_report(c);
	run_workers(c, r);
	if (task_cancelled(c->o->task)) {
		st = err_set(e, ST_CANCELLED, "the comparison was stopped");
		report_free(r);
	} else {
		finish_report(c, r);
		*out = r;
	}
	free(c->pairs.changed);
	free(c->order);
	free(c->work);
	return st;
}

enum status drift_compare(const struct frame *ref, const struct frame *cur, const struct drift_options *o, struct report **out, struct err *e)
{
	struct compare c = { .ref = ref, .cur = cur, .o = o, .alpha = o->alpha > 0 ? o->alpha : usual_alpha };
	return compare(&c, out, e);
}

enum status drift_compare_sketches(const struct sketch *ref, const struct sketch *cur, const struct drift_options *o, struct report **out, struct err *e)
{
	struct drift_options mine = *o;
	struct frame x, y;
	*out = NULL;
	if (o->evidently)
		return err_set(e, ST_REFUSED, "Evidently's rules need all rows in memory: raise the budget, or choose columns");
	sketch_face(ref, &x), sketch_face(cur, &y);
	mine.n_tests = 0, mine.time_column = NULL;
	struct compare c = { .ref = &x, .cur = &y, .o = &mine, .asked = o, .alpha = o->alpha > 0 ? o->alpha : usual_alpha, .sketch_ref = ref, .sketch_cur = cur };
	const enum status st = compare(&c, out, e);
	free(x.cols), free(y.cols);
	return st;
}
