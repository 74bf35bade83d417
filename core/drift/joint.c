/* joint -- all columns together: which take part, what is asked of them, what it means for the verdict.
 *
 * The classifier and MMD work on one encoded sample (joint_encode.c); changed correlations are those that the quality checks found. What counts must be
 * certain at a tenth of alpha, as everything else that makes a data set "watch".
 * Pieces   the sample first; then, in any order and by any thread, MMD, the folds, and a fit to all rows for the weights. What they find is put in words at the end.
 */
#include "core/drift/joint.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/drift/classifier.h"
#include "core/drift/joint_impl.h"
#include "core/drift/mmd.h"

enum { MMD_ROWS = 400, MMD_PERMUTATIONS = 499, MMD_ENOUGH = 20, MMD_CELLS = 400 * 400 * 200, WEIGHTS_SHOWN = 10, RESULTS = 3, CERTAIN_PART = 10 };
static const double least_auc = 0.55;

enum piece { ENCODE, MMD, FIRST_FOLD, WEIGHTS = FIRST_FOLD + CLASSIFIER_FOLDS, PIECES };
struct mmd_work { size_t n[2], dims; double mmd2, p; bool ran; };
struct joint {
	struct joint_column *columns; size_t n;
	enum { ALL, FEW, MANY } take;                /* few, many: too few or too many columns, so that no piece is done */
	struct task *task;
	struct joint_rows rows; struct mmd_work mmd; struct crossing *crossing; struct logistic weights;
	pthread_mutex_t mu; pthread_cond_t encoded;
	int next, done, pieces;                      /* under the lock; pieces: 1 until the sample is encoded, which tells their number */
};

/* ---- which columns ---- */

static bool is_taken(const struct frame_col *ref, const struct frame_col *cur, const struct drift_roles *roles)
{
	if (!ref || !cur || !ref->n || !cur->n)
		return false;
	const char *role = roles ? roles_of(roles, ref->name) : "";
	if (*role && strcmp(role, "segment") != 0)
		return false;
	if (ref->num && cur->num)
		return ref->type != FRAME_TIME && cur->type != FRAME_TIME;
	return ref->type == FRAME_CATEGORY && ref->code && cur->code;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct frame_col *const *)a)->name, (*(const struct frame_col *const *)b)->name);
}

static int name_is(const void *key, const void *at) { return strcmp(key, (*(const struct frame_col *const *)at)->name); }

static const struct frame_col **sorted(const struct frame *f)
{
	const struct frame_col **list = mem_array(f->n_cols + 1, sizeof *list);
	for (size_t i = 0; i < f->n_cols; i++)
		list[i] = &f->cols[i];
	qsort(list, f->n_cols, sizeof *list, by_name);
	return list;
}

static const struct frame_col *look_up(const struct frame_col **list, const struct frame *f, const char *name)
{
	const struct frame_col **at = bsearch(name, list, f->n_cols, sizeof *list, name_is);
	return at ? *at : NULL;
}

static int by_place(const void *a, const void *b)
{
	const struct joint_column *x = a, *y = b;
	return x->ref < y->ref ? -1 : x->ref > y->ref;
}

/* A column may be named twice. */
static size_t without_doubles(struct joint_column *c, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (!kept || c[i].ref != c[kept - 1].ref)
			c[kept++] = c[i];
	return kept;
}

/* In the order of the reference. names NULL: all that both sides have. */
static size_t take_columns(const struct frame *ref, const struct frame *cur, const struct joint_plan *plan, struct joint_column *out)
{
	const struct frame_col **in_ref = sorted(ref), **in_cur = sorted(cur);
	const size_t names = plan->names ? plan->n_names : ref->n_cols;
	size_t n = 0;
	for (size_t i = 0; i < names; i++) {
		const char *name = plan->names ? plan->names[i] : ref->cols[i].name;
		const struct frame_col *x = look_up(in_ref, ref, name), *y = look_up(in_cur, cur, name);
		if (is_taken(x, y, plan->roles))
			out[n++] = (struct joint_column){ x, y };
	}
	if (n)
		qsort(out, n, sizeof *out, by_place);
	free(in_ref), free(in_cur);
	return without_doubles(out, n);
}

/* ---- the classifier ---- */

static int by_weight(const void *a, const void *b)
{
	const struct report_weight *x = a, *y = b;
	return x->weight > y->weight ? -1 : x->weight < y->weight ? 1 : strcmp(x->name, y->name);
}

/* Standard deviation of each feature over the sample: dense ones have 1. */
static double *spreads(const struct joint_rows *rows)
{
	double *sd = mem_zalloc((rows->x.n_columns + 1) * sizeof *sd), n = (double)rows->x.n;
	for (size_t k = 0; k < rows->start[rows->x.n]; k++)
		sd[rows->index[k]]++;
	for (size_t i = 0; i < rows->x.n_columns; i++)
		sd[i] = i < rows->x.n_dense ? 1 : sqrt(sd[i] / n * (1 - sd[i] / n));
	return sd;
}

/* How much a column moves the log odds: root of the sum of squares over its features, each in units of its spread. Products stand for themselves. */
static void take_weights(struct report *r, struct report_joint *out, const struct joint_column *columns, size_t n, const struct joint_rows *rows, const struct logistic *m)
{
	size_t products = 0, room = n + rows->x.n_columns;
	struct report_weight *w = arena_array(r->arena, room, sizeof *w);
	double *sd = spreads(rows);
	for (size_t i = 0; i < n; i++)
		w[i].name = arena_strdup(r->arena, columns[i].ref->name);
	for (size_t i = 0; i < rows->x.n_columns; i++) {
		struct joint_feature f = rows->feature[i];
		double size = m->weights[i] * sd[i];
		if (f.first == f.second)
			w[f.first].weight += size * size;
		else
			w[n + products++] = (struct report_weight){ arena_printf(r->arena, "%s \xc3\x97 %s", columns[f.first].ref->name, columns[f.second].ref->name), size * size };
	}
	for (size_t i = 0; i < n + products; i++)
		w[i].weight = sqrt(w[i].weight);
	qsort(w, n + products, sizeof *w, by_weight);
	out->weights = w, out->n_weights = n + products < WEIGHTS_SHOWN ? n + products : WEIGHTS_SHOWN;
	free(sd);
}

static const char *auc_words(struct arena *a, const struct auc *auc, size_t n, size_t m)
{
	const char *how = auc->low > least_auc ? "surely tells apart" : auc->low > 0.5 ? "tells apart a little" : "does not tell apart";
	return arena_printf(a, "a classifier %s %zu rows of the reference and %zu current ones that it was not trained on: AUC %.3f (95 %% interval %.3f to %.3f; 0.5 is chance)",
		how, n, m, auc->value, auc->low, auc->high);
}

static void take_classifier(struct report *r, struct report_joint *out, struct joint *j)
{
	struct auc auc;
	if (!j->crossing) {
		out->why_not = arena_printf(r->arena, "fewer than %d rows on a side", CLASSIFIER_FEWEST_ROWS);
		return;
	}
	crossing_end(j->crossing, &auc);
	j->crossing = NULL;
	out->statistic = auc.value, out->low = auc.low, out->high = auc.high, out->p_value = auc.p;
	out->drifted = auc.p < r->alpha / CERTAIN_PART && auc.value >= least_auc && auc.low > 0.5;
	out->text = auc_words(r->arena, &auc, j->rows.side[0], j->rows.side[1]);
	take_weights(r, out, j->columns, j->n, &j->rows, &j->weights);
}

/* ---- MMD ---- */

/* A side's points: numbers without products, then what is sparse written out. */
static double *points(const struct joint_rows *r, const struct mmd_work *w, int side)
{
	size_t first = side ? r->side[0] : 0;
	double *out = mem_zalloc((w->n[side] * w->dims + 1) * sizeof *out);
	for (size_t i = 0; i < w->n[side]; i++) {
		size_t row = first + i * r->side[side] / w->n[side];
		double *at = out + i * w->dims;
		if (r->n_linear)
			memcpy(at, r->dense + row * r->x.n_dense, r->n_linear * sizeof *at);
		for (size_t k = r->start[row]; k < r->start[row + 1]; k++)
			at[r->n_linear + r->index[k] - r->x.n_dense] = 1;
	}
	return out;
}

static void run_mmd(const struct joint_rows *rows, struct mmd_work *w)
{
	w->dims = rows->n_linear + rows->x.n_columns - rows->x.n_dense;
	size_t most = (size_t)sqrt((double)MMD_CELLS / (double)(w->dims ? w->dims : 1));
	most = most > MMD_ROWS ? MMD_ROWS : most;
	for (int k = 0; k < 2; k++)
		w->n[k] = rows->side[k] < most ? rows->side[k] : most;
	double *x = points(rows, w, 0), *y = points(rows, w, 1);
	w->ran = mmd_points(x, w->n[0], y, w->n[1], w->dims, &(struct mmd_options){ .most = MMD_PERMUTATIONS, .enough = MMD_ENOUGH, .seed = 1 }, &w->mmd2, &w->p);
	free(x), free(y);
}

static void take_mmd(struct report *r, struct report_joint *out, const struct mmd_work *w)
{
	char p[FMT_MAX];
	if (!w->ran) {
		out->why_not = "too few rows";
		return;
	}
	out->statistic = w->mmd2, out->p_value = w->p, out->threshold = NAN;
	out->drifted = w->p < r->alpha / CERTAIN_PART;
	out->text = arena_printf(r->arena, "distance between the distributions of %zu rows of the reference and %zu current ones in %zu dimensions: p %s by at most %d permutations",
		w->n[0], w->n[1], w->dims, fmt_number(p, w->p, 2), MMD_PERMUTATIONS);
}

/* ---- correlations ---- */

static void take_correlations(struct report *r, struct report_joint *out)
{
	struct report_weight *w = arena_array(r->arena, r->n_findings, sizeof *w);
	const struct report_finding *most = NULL;
	size_t n = 0, all = 0;
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct report_finding *f = &r->findings[i];
		if (strcmp(f->check, "correlation") != 0)
			continue;
		if (!*f->column) {
			all = (size_t)f->cur;
			continue;
		}
		double change = fabs(f->cur - f->ref);
		w[n++] = (struct report_weight){ arena_printf(r->arena, "%s %s", f->column, f->text), change };
		if (!most || change > fabs(most->cur - most->ref))
			most = f;
	}
	qsort(w, n, sizeof *w, by_weight);
	out->weights = w, out->n_weights = n < WEIGHTS_SHOWN ? n : WEIGHTS_SHOWN;
	out->drifted = most != NULL;
	out->statistic = most ? fabs(most->cur - most->ref) : NAN;
	all = all > n ? all : n;
	out->text = most ? arena_printf(r->arena, "%zu pair%s of columns changed their correlation, most of all %s %s", all, all == 1 ? "" : "s", most->column, most->text)
		: "no pair of numeric columns changed its correlation by 0.2 or more for certain";
}

/* ---- the verdict ---- */

static void add_note(struct report *r, const char *note)
{
	const char **notes = arena_array(r->arena, r->n_notes + 1, sizeof *notes);
	if (r->n_notes)
		memcpy(notes, r->notes, r->n_notes * sizeof *notes);
	notes[r->n_notes++] = note;
	r->notes = notes;
}

static void judge(struct report *r, const struct report_joint *classifier)
{
	bool any = false;
	for (size_t i = 0; i < r->n_joint; i++)
		any |= r->joint[i].drifted;
	if (strcmp(r->mode, "mlyard") != 0)
		return;
	if (classifier->drifted && classifier->low > least_auc && !r->drifted) {
		r->drifted = r->other_drifted = true;
		r->verdict = "drifted";
		add_note(r, arena_printf(r->arena, "no column drifts by itself, all of them together do: %s", classifier->text));
	} else if (any && strcmp(r->verdict, "stable") == 0) {
		r->verdict = "watch";
		add_note(r, "no column drifts by itself, but they changed together");
	}
}

/* ---- pieces ---- */

/* How many pieces there are. */
static int encode(struct joint *j)
{
	joint_encode(j->columns, j->n, &j->rows);
	j->crossing = crossing_new(&j->rows.x);
	return j->crossing ? PIECES : FIRST_FOLD;
}

static void do_piece(struct joint *j, int k)
{
	int pieces = 0;
	if (k == ENCODE)
		pieces = encode(j);
	else if (k == MMD)
		run_mmd(&j->rows, &j->mmd);
	else if (k == WEIGHTS)
		logistic_fit(&j->rows.x, NULL, 0, &(struct logistic_options){ .tolerance = 1e-3, .rounds = 50 }, &j->weights);
	else
		crossing_fold(j->crossing, (size_t)(k - FIRST_FOLD));
	pthread_mutex_lock(&j->mu);
	j->done++;
	if (pieces)
		j->pieces = pieces;
	pthread_cond_broadcast(&j->encoded);
	pthread_mutex_unlock(&j->mu);
}

bool joint_work(void *joint, bool wait)
{
	struct joint *j = joint;
	int k = -1;
	if (!j)
		return false;
	pthread_mutex_lock(&j->mu);
	while (wait && j->next == 1 && !j->done)
		pthread_cond_wait(&j->encoded, &j->mu);
	if (j->next < j->pieces && !task_cancelled(j->task))
		k = j->next++;
	pthread_mutex_unlock(&j->mu);
	if (k >= 0)
		do_piece(j, k);
	return k >= 0;
}

/* why: nothing can be said of rows; NULL: it can. */
static void name_results(struct report_joint *out, const char *why)
{
	static const struct { const char *name, *title; double threshold; } names[RESULTS] = { { "domain_classifier", "Domain classifier", 0.55 },
		{ "mmd", "Maximum mean discrepancy", NAN }, { "correlations", "Correlations", 0.2 } };
	for (size_t i = 0; i < RESULTS; i++)
		out[i] = (struct report_joint){ .name = names[i].name, .title = names[i].title, .text = "", .statistic = NAN, .low = NAN, .high = NAN, .p_value = NAN,
			.threshold = names[i].threshold, .why_not = i < 2 && why ? why : "" };
}

void joint_without_rows(struct report *r, const char *why)
{
	struct report_joint *out = arena_array(r->arena, RESULTS, sizeof *out);
	name_results(out, why);
	r->joint = out, r->n_joint = 1;
}

void joint_sampled(struct report *r, const char *words)
{
	struct report_joint *out = arena_array(r->arena, r->n_joint, sizeof *out);
	for (size_t i = 0; i < r->n_joint; i++) {
		out[i] = r->joint[i];
		if (*out[i].why_not)
			continue;
		out[i].sampled = true;
		out[i].text = arena_printf(r->arena, "%s; %s", out[i].text, words);
	}
	r->joint = out;
}

struct joint *joint_new(const struct frame *ref, const struct frame *cur, const struct joint_plan *plan)
{
	if (plan->choice == JOINT_NEVER || (plan->choice == JOINT_USUAL && plan->evidently))
		return NULL;
	struct joint *j = mem_zalloc(sizeof *j);
	j->columns = mem_array((plan->names ? plan->n_names : ref->n_cols) + 1, sizeof *j->columns);
	j->n = take_columns(ref, cur, plan, j->columns);
	j->take = j->n < 2 ? FEW : plan->choice == JOINT_USUAL && j->n > JOINT_COLUMNS ? MANY : ALL;
	j->pieces = j->take == ALL;
	j->task = plan->task;
	pthread_mutex_init(&j->mu, NULL);
	pthread_cond_init(&j->encoded, NULL);
	return j;
}

void joint_free(struct joint *j)
{
	struct auc auc;
	if (!j)
		return;
	if (j->crossing)
		crossing_end(j->crossing, &auc);
	logistic_free(&j->weights);
	joint_rows_free(&j->rows);
	pthread_cond_destroy(&j->encoded);
	pthread_mutex_destroy(&j->mu);
	free(j->columns);
	free(j);
}

void joint_finish(struct joint *j, struct report *r)
{
	if (!j)
		return;
	struct report_joint *out = arena_array(r->arena, RESULTS, sizeof *out);
	const char *why = j->take == FEW ? "it needs two columns that can be compared"
		: j->take == MANY ? arena_printf(r->arena, "there are more than %d columns; --joint does it all the same", JOINT_COLUMNS)
		: j->done < j->pieces ? "it was stopped" : NULL;
	name_results(out, why);
	if (!why) {
		take_classifier(r, &out[0], j);
		take_mmd(r, &out[1], &j->mmd);
	}
	take_correlations(r, &out[2]);
	r->joint = out, r->n_joint = RESULTS;
	judge(r, &out[0]);
}

static void *work_on(void *joint)
{
	while (joint_work(joint, true))
		continue;
	return NULL;
}

void joint_fill(struct report *r, const struct frame *ref, const struct frame *cur, const struct drift_roles *roles, enum joint_choice choice, struct task *t)
{
	const char **names = mem_array(r->n_columns + 1, sizeof *names);
	for (size_t i = 0; i < r->n_columns; i++)
		names[i] = r->columns[i].name;
	struct joint *j = joint_new(ref, cur, &(struct joint_plan){ .names = names, .n_names = r->n_columns, .roles = roles, .choice = choice,
		.evidently = strcmp(r->mode, "mlyard") != 0, .task = t });
	pthread_t thread;
	const bool apart = j && pthread_create(&thread, NULL, work_on, j) == 0;
	work_on(j);
	if (apart)
		pthread_join(thread, NULL);
	joint_finish(j, r);
	joint_free(j);
	free(names);
}
