/* performance_judge -- what is said of each metric: values, intervals, worse or not; confusion and calibration for pictures.
 *
 * Worse    where the difference from the reference is certain (95 % over all metrics that are judged, Bonferroni) and passes the metric's floor; where
 *          the reference has a time axis, also beyond mean and 3 sd of its own chunks. An estimate is judged by the chunks alone, and the floor.
 * Chunks   of the current data's size, at least 6 and at most 20 of them, spread evenly over the reference; none under 30 rows.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/performance_impl.h"
#include "core/drift/special.h"

enum { OPEN_BAND = 3, CONFUSION_LABELS = 30 };
static const double one_sided = 0.025;

enum { TWO = 1, MANY = 2, NUMBERS = 4 };
static const struct metric_row {
	const char *name, *title, *title_many; unsigned tasks; bool less, by_size, judged; double floor; bool relative;
} rows[METRICS] = {
	[M_ACCURACY] = { "accuracy", "Accuracy", "Accuracy", TWO | MANY, false, false, true, 0.02, false },
	[M_PRECISION] = { "precision", "Precision", "Precision (macro)", TWO | MANY, false, false, true, 0.02, false },
	[M_RECALL] = { "recall", "Recall", "Recall (macro)", TWO | MANY, false, false, true, 0.02, false },
	[M_SPECIFICITY] = { "specificity", "Specificity", "", TWO, false, false, true, 0.02, false },
	[M_F1] = { "f1", "F1", "F1 (macro)", TWO | MANY, false, false, true, 0.02, false },
	[M_AUC] = { "roc_auc", "ROC AUC", "ROC AUC (macro, one against the rest)", TWO | MANY, false, false, true, 0.02, false },
	[M_LOG_LOSS] = { "log_loss", "Log loss", "Log loss", TWO | MANY, true, false, true, 0.05, true },
	[M_BRIER] = { "brier", "Brier score", "", TWO, true, false, true, 0.05, true },
	[M_ECE] = { "calibration_error", "Calibration error", "Calibration error", TWO | MANY, true, false, false, 0, false },
	[M_BASE_ACCURACY] = { "baseline_accuracy", "Accuracy of always the usual class", "Accuracy of always the usual class", TWO | MANY, false, false, false, 0, false },
	[M_ME] = { "mean_error", "Mean error", "", NUMBERS, true, true, true, 0.1, true },
	[M_MAE] = { "mae", "MAE", "", NUMBERS, true, false, true, 0.05, true },
	[M_RMSE] = { "rmse", "RMSE", "", NUMBERS, true, false, true, 0.05, true },
	[M_R2] = { "r2", "R\xc2\xb2", "", NUMBERS, false, false, true, 0.02, false },
	[M_MAPE] = { "mape", "MAPE, %", "", NUMBERS, true, false, true, 0.05, true },
	[M_MAX_ERROR] = { "max_error", "Largest error", "", NUMBERS, true, false, false, 0, false },
	[M_BASE_MAE] = { "baseline_mae", "MAE of always the reference's median", "", NUMBERS, true, false, false, 0, false },
};

const char *performance_metric_name(size_t i) { return i < METRICS ? rows[i].name : NULL; }

struct sample gathered_sample(const struct gathered *r, size_t from, size_t n)
{
	return (struct sample){ .n = n, .row = r->row + from, .each = r->each, .y = r->y + from, .said = r->said + from, .p = r->p + from, .t = r->t + from, .f = r->f + from };
}

bool performance_is_judged(const char *metric)
{
	for (size_t i = 0; i < METRICS; i++)
		if (strcmp(rows[i].name, metric) == 0)
			return rows[i].judged;
	return false;
}

/* ---- the reference in order of time, and its chunks ---- */

struct moment { double at; uint32_t i; };

static int by_time(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at ? 1 : x->i < y->i ? -1 : x->i > y->i;
}

static void pick(void *values, size_t size, const struct moment *m, size_t n, void *scratch)
{
	for (size_t i = 0; i < n; i++)
		memcpy((char *)scratch + i * size, (char *)values + m[i].i * size, size);
	memcpy(values, scratch, n * size);
}

/* False: there is no time axis. Rows without a time keep their order at the end. */
bool measuring_order(struct measuring *w)
{
	const struct frame_col *c = w->roles->timestamp && *w->roles->timestamp ? frame_find(w->ref.f, w->roles->timestamp) : NULL;
	struct gathered *r = &w->ref.have;
	bool sorted = true;
	if (!c || !c->num || !r->n)
		return false;
	struct moment *m = mem_array(r->n, sizeof *m);
	for (size_t i = 0; i < r->n; i++) {
		double at = c->num[r->row[i]];
		m[i] = (struct moment){ isnan(at) ? INFINITY : at, (uint32_t)i };
		sorted &= !i || m[i - 1].at <= m[i].at;
	}
	bool moves = isfinite(m[0].at);
	if (!sorted) {
		double *scratch = mem_array(r->n, sizeof *scratch);
		qsort(m, r->n, sizeof *m, by_time);
		pick(r->y, sizeof *r->y, m, r->n, scratch), pick(r->said, sizeof *r->said, m, r->n, scratch), pick(r->row, sizeof *r->row, m, r->n, scratch);
		pick(r->p, sizeof *r->p, m, r->n, scratch), pick(r->t, sizeof *r->t, m, r->n, scratch), pick(r->f, sizeof *r->f, m, r->n, scratch);
		free(scratch);
	}
	free(m);
	return moves;
}

/* Chunks of the current data's size, at least six and at most twenty of them, evenly over the reference. */
struct chunks measuring_chunks(const struct measuring *w, size_t cur_rows)
{
	struct chunks s = { .n = 0 };
	size_t n = w->ref.have.n, rows_ = cur_rows < 1 ? 1 : cur_rows;
	double sum[METRICS] = { 0 }, sum2[METRICS] = { 0 }, used[METRICS] = { 0 };
	if (rows_ > n / PERFORMANCE_FEWEST_CHUNKS)
		rows_ = n / PERFORMANCE_FEWEST_CHUNKS;
	if (rows_ < PERFORMANCE_CHUNK_ROWS)
		return s;
	s.n = n / rows_ > PERFORMANCE_CHUNKS ? PERFORMANCE_CHUNKS : n / rows_, s.rows = rows_;
	for (size_t k = 0; k < s.n; k++) {
		struct estimate at[METRICS];
		struct sample chunk = gathered_sample(&w->ref.have, s.n > 1 ? (n - rows_) * k / (s.n - 1) : 0, rows_);
		measure(&w->problem, &chunk, at);
		for (int i = 0; i < METRICS; i++)
			if (!isnan(at[i].value)) {
				double v = rows[i].by_size ? fabs(at[i].value) : at[i].value;
				sum[i] += v, sum2[i] += v * v, used[i]++;
			}
	}
	for (int i = 0; i < METRICS; i++) {
		s.mean[i] = used[i] >= PERFORMANCE_FEWEST_CHUNKS ? sum[i] / used[i] : NAN;
		s.sd[i] = sqrt(fmax(0, sum2[i] / used[i] - s.mean[i] * s.mean[i]));
	}
	return s;
}

/* Beyond mean and 3 sd of the chunks, on the side that is worse. */
static bool beyond(const struct chunks *s, int i, double cur)
{
	double v = rows[i].by_size ? fabs(cur) : cur;
	return rows[i].less ? v > s->mean[i] + 3 * s->sd[i] : v < s->mean[i] - 3 * s->sd[i];
}

/* ---- metrics into the report ---- */

static unsigned task_bit(enum task_kind t) { return t == TASK_BINARY ? TWO : t == TASK_MULTICLASS ? MANY : NUMBERS; }

static double floor_of(int i, const struct estimate *ref) { return rows[i].relative ? rows[i].floor * ref->unit : rows[i].floor; }

static bool is_worse(const struct measuring *w, int i, double z, const struct chunks *s)
{
	struct harm h = estimate_harm(&w->at_ref[i], &w->at_cur[i], rows[i].less, rows[i].by_size, z);
	if (!rows[i].judged || !(h.surely > 0) || !(h.size >= floor_of(i, &w->at_ref[i])))
		return false;
	return !s->n || isnan(s->mean[i]) || beyond(s, i, w->at_cur[i].value);
}

static double judged_z(const struct measuring *w)
{
	double k = 0;
	for (int i = 0; i < METRICS; i++)
		k += rows[i].judged && !isnan(w->at_ref[i].value) && !isnan(w->at_cur[i].value);
	return normal_quantile(1 - one_sided / (k > 0 ? k : 1));
}

void measuring_put(struct measuring *w, const struct cbpe *open, const struct chunks *s)
{
	struct report_metric *m = arena_array(w->r->arena, METRICS, sizeof *m);
	double z = judged_z(w);
	for (int i = 0; i < METRICS; i++) {
		const struct estimate *ref = &w->at_ref[i], *cur = &w->at_cur[i];
		double value = open ? open->value[i] : cur->value, low = NAN, high = NAN;
		if (!(rows[i].tasks & task_bit(w->problem.task)) || (isnan(ref->value) && isnan(value)))
			continue;
		struct report_metric *x = &m[w->out->n_metrics++];
		estimate_interval(cur, normal_quantile(1 - one_sided), &low, &high);
		*x = (struct report_metric){ .name = rows[i].name, .title = w->problem.task == TASK_MULTICLASS ? rows[i].title_many : rows[i].title, .ref = ref->value, .cur = value, .low = low, .high = high,
			.less_is_better = rows[i].less, .estimated = open && !isnan(value) };
		if (x->estimated) {
			double harm = rows[i].less ? value - ref->value : ref->value - value;
			x->low = fmax(0, value - OPEN_BAND * open->sd[i]), x->high = fmin(1, value + OPEN_BAND * open->sd[i]);
			x->worse = s->n && beyond(s, i, value) && harm >= floor_of(i, ref);
		} else {
			x->worse = is_worse(w, i, z, s);
		}
	}
	w->out->metrics = m;
}

/* ---- confusion ---- */

struct frequent { double rows; uint32_t k; };

static int by_rows(const void *a, const void *b)
{
	const struct frequent *x = a, *y = b;
	return x->rows > y->rows ? -1 : x->rows < y->rows ? 1 : x->k < y->k ? -1 : x->k > y->k;
}

/* Where each class stands: those with most rows in their order, the rest together. */
static size_t choose_labels(struct measuring *w, uint32_t *place)
{
	size_t n = w->problem.n_classes, shown = n <= CONFUSION_LABELS ? n : CONFUSION_LABELS, at = 0;
	struct frequent *f = mem_zalloc((n + 1) * sizeof *f);
	const struct gathered *sides[] = { &w->ref.have, &w->cur.have };
	for (uint32_t k = 0; k < n; k++)
		f[k].k = k, place[k] = (uint32_t)shown;
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < sides[s]->n; i++)
			f[sides[s]->y[i]].rows++;
	qsort(f, n, sizeof *f, by_rows);
	for (size_t i = 0; i < shown; i++)
		place[f[i].k] = 0;
	const char **labels = arena_array(w->r->arena, shown + 1, sizeof *labels);
	for (size_t i = 0; i < n; i++) {
		uint32_t k = w->classes.order[i];
		if (place[k] == 0)
			labels[at] = w->classes.labels[k], place[k] = (uint32_t)at++;
	}
	if (shown < n)
		labels[at++] = "(other)";
	free(f);
	w->out->labels = labels;
	return at;
}

static const double *confusion(struct measuring *w, const struct gathered *r, const uint32_t *place, size_t n)
{
	double *cells = arena_array(w->r->arena, n * n, sizeof *cells);
	for (size_t i = 0; i < r->n; i++)
		if (r->said[i] != NO_CLASS)
			cells[place[r->y[i]] * n + place[r->said[i]]]++;
	return cells;
}

void measuring_confusion(struct measuring *w)
{
	uint32_t *place = mem_array(w->problem.n_classes + 1, sizeof *place);
	size_t n = choose_labels(w, place);
	w->out->n_labels = n;
	w->out->confusion_ref = confusion(w, &w->ref.have, place, n);
	w->out->confusion_cur = w->cur.have.n ? confusion(w, &w->cur.have, place, n) : NULL;
	if (w->problem.n_classes > CONFUSION_LABELS)
		measuring_note(w->r, "the confusion matrix shows the %d classes with most rows; the other %zu are one", CONFUSION_LABELS, w->problem.n_classes - CONFUSION_LABELS);
	free(place);
}

/* ---- calibration ---- */

static struct level *levels_of(const struct measuring *w, const struct gathered *g, size_t *n)
{
	struct ranked r;
	struct sample s = gathered_sample(g, 0, g->n);
	ranked_of(&w->problem, &s, &r);
	struct level *l = ranked_levels(&r, n);
	ranked_free(&r);
	return l;
}

void measuring_calibration(struct measuring *w)
{
	double edges[CALIBRATION_BINS];
	struct calibration_bin ref[CALIBRATION_BINS], cur[CALIBRATION_BINS];
	size_t n, m;
	struct level *l = levels_of(w, &w->ref.have, &n), *k = levels_of(w, &w->cur.have, &m);
	size_t bins = calibration_edges(n ? l : k, n ? n : m, edges);
	calibration_count(l, n, edges, bins, ref);
	calibration_count(k, m, edges, bins, cur);
	struct report_calibration *out = arena_array(w->r->arena, bins, sizeof *out);
	for (size_t i = 0; i < bins; i++)
		out[i] = (struct report_calibration){ .predicted_ref = ref[i].p, .observed_ref = ref[i].rows > 0 ? ref[i].hits / ref[i].rows : NAN, .rows_ref = ref[i].rows,
			.predicted_cur = cur[i].p, .observed_cur = cur[i].rows > 0 ? cur[i].hits / cur[i].rows : NAN, .rows_cur = cur[i].rows };
	w->out->calibration = out, w->out->n_calibration = bins;
	w->at_ref[M_ECE].value = calibration_error(ref, bins);
	w->at_cur[M_ECE].value = calibration_error(cur, bins);
	w->at_cur[M_ECE].form = EST_GIVEN;
	calibration_interval(k, m, edges, bins, &w->at_cur[M_ECE].low, &w->at_cur[M_ECE].high);
	free(l);
	free(k);
}
