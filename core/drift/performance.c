/* performance -- which task it is and which rows count.
 *
 * Task    by the reference (by the current data where only they have labels): words and booleans are classes; whole numbers of at most FEW values are
 *         classes when the prediction is one of few as well, or a probability; other numbers are a regression. A prediction between 0 and 1 where the target
 *         has two classes is a probability.
 * Rows    those with a label and something predicted, gathered once into arrays side by side (struct sample); those without a label wait for cbpe.c.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/drift/pair.h"
#include "core/drift/performance_impl.h"

enum { FEW = 50 };
static const double usual_threshold = 0.5;

static void rows_make(struct gathered *r, size_t room)
{
	*r = (struct gathered){ .y = mem_array(room + 1, sizeof *r->y), .said = mem_array(room + 1, sizeof *r->said), .row = mem_array(room + 1, sizeof *r->row),
		.p = mem_array(room + 1, sizeof *r->p), .t = mem_array(room + 1, sizeof *r->t), .f = mem_array(room + 1, sizeof *r->f) };
}

static void rows_free(struct gathered *r)
{
	free(r->y), free(r->said), free(r->row);
	free(r->p), free(r->t), free(r->f);
}

/* ---- words ---- */

void measuring_note(struct report *r, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&s, fmt, ap);
	va_end(ap);
	const char **all = arena_array(r->arena, r->n_notes + 1, sizeof *all);
	if (r->n_notes)
		memcpy(all, r->notes, r->n_notes * sizeof *all);
	all[r->n_notes++] = arena_strndup(r->arena, s.p, s.len);
	r->notes = all;
	str_free(&s);
}

static void finding(struct report *r, struct report_finding f)
{
	struct report_finding *all = arena_array(r->arena, r->n_findings + 1, sizeof *all);
	if (r->n_findings)
		memcpy(all, r->findings, r->n_findings * sizeof *all);
	all[r->n_findings++] = f;
	r->findings = all;
}

/* ---- which task ---- */

struct facts { bool numbers, whole, shares; size_t distinct; };      /* distinct: at most FEW + 1 */

static struct facts facts_of(const struct frame_col *c)
{
	double seen[FEW + 1];
	struct facts f = { .numbers = c && c->type == FRAME_NUMBER, .whole = true, .shares = true };
	if (!c || !c->num) {
		f.distinct = c ? c->n_words : 0;
		return f;
	}
	for (size_t i = 0, last = 0; i < c->n; i++) {
		double v = c->num[i];
		if (isnan(v) || (f.distinct && seen[last] == v))
			continue;
		f.whole &= v == floor(v), f.shares &= v >= 0 && v <= 1;
		for (last = 0; last < f.distinct && seen[last] != v; )
			last++;
		if (last == f.distinct && f.distinct <= FEW)
			seen[f.distinct++] = v;
		last = last > FEW ? FEW : last;
		if (f.distinct > FEW && !f.whole && !f.shares)
			break;
	}
	return f;
}

static bool few(const struct facts *f) { return !f->numbers || (f->whole && f->distinct <= FEW); }

static bool has_values(const struct frame_col *c) { return c && c->missing < c->n; }

/* The columns' values decide; what was a prediction may turn out to be a probability. */
static const char *decide(struct measuring *w, const struct measured_side *base)
{
	struct facts target = facts_of(base->target), said = facts_of(base->prediction);
	bool classes = few(&target);
	if (!has_values(base->prediction) && !has_values(base->probability) && !w->roles->n_probabilities)
		return "no column is known to be the prediction or its probability; name one as a role";
	if (classes && base->prediction && said.numbers && !few(&said)) {
		if (said.shares && target.distinct <= 2 && !base->probability) {
			w->ref.probability = w->ref.prediction, w->cur.probability = w->cur.prediction;
			w->ref.prediction = w->cur.prediction = NULL;
			w->problem.task = TASK_BINARY;
			w->out->probability = w->out->prediction, w->out->prediction = "";
			return NULL;
		}
		classes = !target.numbers || base->probability;
		if (!target.numbers)
			return "the prediction is a number where the target is a class, and not a probability of two classes between 0 and 1";
	}
	w->problem.task = classes ? TASK_BINARY : TASK_REGRESSION;
	if (classes)
		return NULL;
	if (!base->prediction)
		return "the target is a number, and no column is known to be its prediction; name one as a role";
	return said.numbers || base->prediction->type == FRAME_BOOLEAN ? NULL : "the target is a number and the prediction is not";
}

/* ---- rows of classes ---- */

static double share_at(struct measured_side *s, size_t i)
{
	if (!s->probability || !s->probability->num)
		return NAN;
	double v = s->probability->num[i];
	if (v < 0 || v > 1) {
		s->beyond++;
		return NAN;
	}
	return v;
}

static void push_class(struct measuring *w, struct gathered *to, size_t row, uint32_t y, uint32_t said, double p)
{
	size_t k = to->n;
	if (said == NO_CLASS && !w->problem.has_said && !isnan(p))
		said = p >= w->threshold ? w->problem.positive : w->other;
	if (said == NO_CLASS && isnan(p))
		return;
	to->y[k] = y, to->said[k] = said, to->p[k] = p, to->row[k] = (uint32_t)row;
	to->n++;
}

static void gather_classes(struct measuring *w, struct measured_side *s, const uint32_t *y, const uint32_t *said)
{
	const bool many = w->problem.task == TASK_MULTICLASS;
	rows_make(&s->have, s->f->n_rows);
	rows_make(&s->open, s->f->n_rows);
	s->each = each_find(&w->classes, w->roles, s->f);
	s->have.each = s->open.each = s->each;
	for (size_t i = 0; i < s->f->n_rows; i++) {
		const uint32_t label = y ? y[i] : NO_CLASS, likely = many && !said ? each_likeliest(s->each, w->classes.n, i) : NO_CLASS, word = said ? said[i] : likely;
		s->labels += label != NO_CLASS;
		push_class(w, label == NO_CLASS ? &s->open : &s->have, i, label, word, s->probability ? share_at(s, i) : each_at(s->each, many ? word : w->problem.positive, i));
	}
}

static uint32_t choose_positive(struct measuring *w, const char **why)
{
	const struct classes *c = &w->classes;
	const char *asked = w->roles->positive;
	if (asked) {
		uint32_t k = classes_find(c, asked);
		if (k == NO_CLASS)
			*why = arena_printf(w->r->arena, "neither target nor prediction has the class '%s' that is to be the positive one", asked);
		return k;
	}
	uint32_t k = classes_find(c, "1");
	for (uint32_t i = 0; k == NO_CLASS && i < c->n; i++)
		if (strcasecmp(c->labels[i], "yes") == 0)
			k = i;
	return k != NO_CLASS ? k : c->n == 1 && classes_find(c, "0") == 0 ? NO_CLASS : c->order[c->n - 1];
}

/* Classes of the base side alone say whether there are two: one that is new in the current data does not change the task. */
static const char *settle_classes(struct measuring *w, size_t n_base)
{
	const char *why = NULL;
	struct problem *p = &w->problem;
	p->task = n_base <= 2 ? TASK_BINARY : TASK_MULTICLASS;
	if (p->task == TASK_BINARY) {
		p->positive = choose_positive(w, &why);
		if (!why && p->positive == NO_CLASS)
			p->positive = classes_add(&w->classes, "1");
		w->other = p->positive == 0 ? 1 : 0;
		if (!why && w->classes.n == 1)
			w->other = classes_add(&w->classes, "other");
		classes_sort(&w->classes);
		w->out->positive = why ? "" : w->classes.labels[p->positive];
	} else if (!p->has_said && !w->roles->n_probabilities) {
		return "with more than two classes a prediction is needed beside the probability";
	}
	p->n_classes = w->classes.n;
	return why;
}

static void usual_class(struct measuring *w, const struct measured_side *base)
{
	double *rows_ = mem_zalloc((w->problem.n_classes + 1) * sizeof *rows_);
	for (size_t i = 0; i < base->have.n; i++)
		rows_[base->have.y[i]]++;
	for (uint32_t k = 0; k < w->problem.n_classes; k++)
		if (rows_[k] > rows_[w->problem.usual])
			w->problem.usual = k;
	free(rows_);
}

static const char *take_classes(struct measuring *w, struct measured_side *base, struct measured_side *later)
{
	static const char too_many[] = "the target or the prediction has more than 65,536 classes";
	uint32_t *y[2] = { NULL, NULL }, *said[2] = { NULL, NULL };
	struct measured_side *s[2] = { base, later };
	size_t n_base = 0;
	const char *why = NULL;
	for (int i = 0; i < 2 && !why; i++) {
		if (s[i]->target && !(y[i] = classes_take(&w->classes, s[i]->target)))
			why = too_many;
		if (!why && s[i]->prediction && !(said[i] = classes_take(&w->classes, s[i]->prediction)))
			why = too_many;
		if (i == 0)
			n_base = w->classes.n;
	}
	if (!why && !n_base)
		why = "neither target nor prediction has a value";
	if (!why) {
		classes_sort(&w->classes);
		w->problem.has_said = base->prediction != NULL;
		why = settle_classes(w, n_base);
	}
	for (int i = 0; i < 2; i++) {
		if (!why)
			gather_classes(w, s[i], y[i], said[i]);
		free(y[i]), free(said[i]);
	}
	if (why)
		return why;
	w->problem.has_p = base->probability ? has_values(base->probability) && base->probability->num : base->each != NULL;
	w->problem.has_said = true;
	usual_class(w, base);
	return NULL;
}

/* ---- rows of numbers ---- */

static void gather_numbers(struct measured_side *s)
{
	rows_make(&s->have, s->f->n_rows);
	if (!s->target || !s->target->num || !s->prediction || !s->prediction->num)
		return;
	for (size_t i = 0; i < s->f->n_rows; i++) {
		double t = s->target->num[i], f = s->prediction->num[i];
		s->labels += isfinite(t);
		if (!isfinite(t) || !isfinite(f))
			continue;
		size_t k = s->have.n++;
		s->have.t[k] = t, s->have.f[k] = f, s->have.row[k] = (uint32_t)i;
	}
}

static void take_numbers(struct measuring *w, struct measured_side *base)
{
	gather_numbers(&w->ref);
	gather_numbers(&w->cur);
	size_t n = base->have.n;
	double *v = mem_array(2 * n + 1, sizeof *v);
	memcpy(v, base->have.t, n * sizeof *v);
	sort_doubles(v, v + n, n);
	w->problem.median = n ? quantile_sorted(v, n, 0.5) : NAN;
	free(v);
}

/* ---- what is odd ---- */

static void say_beyond(struct measuring *w, const struct measured_side *s)
{
	if (!s->beyond)
		return;
	finding(w->r, (struct report_finding){ .check = "probability", .column = w->out->probability, .level = 2, .ref = (double)w->ref.beyond, .cur = (double)w->cur.beyond,
		.text = arena_printf(w->r->arena, "%zu values of the %s data lie outside 0 to 1; their rows have no probability", s->beyond, s->name) });
}

static void say_new_classes(struct measuring *w)
{
	bool *known = mem_zalloc(w->problem.n_classes + 1);
	size_t new_rows = 0;
	uint32_t first = NO_CLASS;
	for (size_t i = 0; i < w->ref.have.n; i++) {
		known[w->ref.have.y[i]] = true;
		if (w->ref.have.said[i] != NO_CLASS)
			known[w->ref.have.said[i]] = true;
	}
	for (size_t i = 0; i < w->cur.have.n; i++)
		if (!known[w->cur.have.y[i]]) {
			first = first == NO_CLASS ? w->cur.have.y[i] : first;
			new_rows++;
		}
	if (new_rows && w->ref.have.n)
		finding(w->r, (struct report_finding){ .check = "new class", .column = w->out->target, .level = 2, .ref = 0, .cur = (double)new_rows,
			.text = arena_printf(w->r->arena, "%zu rows are of classes that the reference does not have, the first is '%s'", new_rows, w->classes.labels[first]) });
	free(known);
}

static void say_labels(struct measuring *w, const struct measured_side *s)
{
	size_t all = s->f->n_rows;
	if (s->have.n && s->have.n < all)
		measuring_note(w->r, "performance: %zu of the %zu rows of the %s data have both a label and a prediction; it is measured on those", s->have.n, all, s->name);
}

static void say_baseline(struct measuring *w)
{
	const struct estimate *x = w->at_cur;
	bool beaten = w->problem.task == TASK_REGRESSION ? x[M_MAE].value >= x[M_BASE_MAE].value : x[M_ACCURACY].value <= x[M_BASE_ACCURACY].value;
	if (beaten && w->problem.task == TASK_REGRESSION)
		measuring_note(w->r, "performance: the mean absolute error is not below that of always predicting %g, the reference's median", w->problem.median);
	else if (beaten)
		measuring_note(w->r, "performance: accuracy is not above that of always predicting '%s', the most frequent class", w->classes.labels[w->problem.usual]);
}

/* ---- slices ---- */

static double *scores_of(const struct measuring *w, const struct gathered *g)
{
	double *v = mem_array(g->n + 1, sizeof *v);
	for (size_t i = 0; i < g->n; i++)
		v[i] = w->problem.task == TASK_REGRESSION ? fabs(g->f[i] - g->t[i]) : g->said[i] == NO_CLASS ? NAN : g->said[i] == g->y[i];
	return v;
}

static void fill_slices(struct measuring *w)
{
	double *x = scores_of(w, &w->ref.have), *y = scores_of(w, &w->cur.have);
	bool numbers = w->problem.task == TASK_REGRESSION;
	w->out->segment_metric = numbers ? "mae" : "accuracy";
	slices_fill(w->r, &(struct sliced){ w->ref.f, w->ref.have.row, x, w->ref.have.n }, &(struct sliced){ w->cur.f, w->cur.have.row, y, w->cur.have.n }, w->roles, numbers);
	free(x);
	free(y);
}

/* ---- without labels ---- */

static const char *calibration_words(const struct cbpe *c)
{
	return c->calibrated ? "The probabilities were calibrated on the reference by isotonic regression." : "The probabilities are taken as they are: calibrating them on the reference made them no better.";
}

static void estimate_open(struct measuring *w)
{
	struct sample ref = gathered_sample(&w->ref.have, 0, w->ref.have.n), cur = gathered_sample(&w->cur.open, 0, w->cur.open.n);
	struct cbpe c;
	cbpe_estimate(&w->problem, &ref, &cur, &c);
	struct chunks spread = measuring_chunks(w, cur.n);
	w->out->assumption = arena_printf(w->r->arena, "Estimated without labels (confidence-based, CBPE) from %zu rows: right as long as a probability means what it meant on the reference. Features may drift; "
		"how they lead to the target may not (concept drift), and that cannot be seen without labels. %s Worse: outside mean and 3 sd of %zu chunks of the reference.",
		cur.n, calibration_words(&c), spread.n);
	measuring_put(w, &c, &spread);
}

static bool can_estimate(const struct measuring *w)
{
	return w->problem.has_p && w->ref.have.n >= PERFORMANCE_FEWEST_CHUNKS * PERFORMANCE_CHUNK_ROWS && w->cur.open.n > 0;
}

static void conclude_open(struct measuring *w)
{
	if (can_estimate(w)) {
		estimate_open(w);
		return;
	}
	struct chunks none = { .n = 0 };
	w->out->why_not = w->problem.task == TASK_REGRESSION ? "the current data have no labels, and the errors of a regression cannot be estimated without them"
		: !w->problem.has_p ? "the current data have no labels, and without a probability nothing can be estimated"
		: !w->cur.open.n ? "the current data have neither labels nor probabilities" : "the current data have no labels, and the reference has too few to calibrate on";
	measuring_put(w, NULL, &none);
}

static void conclude(struct measuring *w)
{
	struct sample ref = gathered_sample(&w->ref.have, 0, w->ref.have.n), cur = gathered_sample(&w->cur.have, 0, w->cur.have.n);
	struct chunks spread = { .n = 0 };
	bool by_time = measuring_order(w);
	measure(&w->problem, &ref, w->at_ref);
	measure(&w->problem, &cur, w->at_cur);
	if (w->problem.task != TASK_REGRESSION)
		measuring_confusion(w), say_new_classes(w);
	if (w->problem.has_p)
		measuring_calibration(w), say_beyond(w, &w->ref), say_beyond(w, &w->cur);
	say_labels(w, &w->ref);
	if (!cur.n) {
		conclude_open(w);
		return;
	}
	if (by_time && ref.n)
		spread = measuring_chunks(w, cur.n);
	if (spread.n)
		measuring_note(w->r, "performance: what %zu chunks of the reference show by themselves (mean and 3 sd) is not called worse", spread.n);
	say_labels(w, &w->cur);
	say_baseline(w);
	measuring_put(w, NULL, &spread);
	fill_slices(w);
}

/* ---- all of it ---- */

static const struct frame_col *column_of(const struct frame *f, const char *name) { return name && *name ? frame_find(f, name) : NULL; }

static void side_init(struct measured_side *s, const struct frame *f, const char *name, const struct drift_roles *roles)
{
	*s = (struct measured_side){ .f = f, .name = name, .target = column_of(f, roles->target), .prediction = column_of(f, roles->prediction), .probability = column_of(f, roles->probability) };
	s->target = has_values(s->target) ? s->target : NULL;
}

static const char *fill(struct measuring *w)
{
	struct measured_side *base = w->ref.target ? &w->ref : &w->cur, *later = base == &w->ref ? &w->cur : &w->ref;
	if (!*w->out->target) {
		if (*w->out->prediction || *w->out->probability)
			measuring_note(w->r, "performance: not measured, because no column is known to be the target; --target COLUMN names it, roles: {target: COLUMN} in a monitor's file");
		return "no column is known to be the target; name one as a role";
	}
	if (!base->target)
		return "neither side has labels";
	const char *why = decide(w, base);
	if (!why && w->problem.task == TASK_REGRESSION)
		take_numbers(w, base);
	else if (!why)
		why = take_classes(w, base, later);
	if (!why && !w->ref.have.n && !w->cur.have.n)
		why = "no row has both a label and a prediction";
	if (!why)
		conclude(w);
	return why;
}

static const char *task_name(enum task_kind t)
{
	static const char *const names[] = { "", "binary", "multiclass", "regression" };
	return names[t];
}

void performance_without_rows(struct report *r, const struct drift_roles *roles, const char *why)
{
	struct report_performance *out = &r->performance;
	*out = (struct report_performance){ .task = "", .positive = "", .assumption = "", .segment_metric = "", .sample = "", .why_not = why, .target = arena_strdup(r->arena, roles->target ? roles->target : "") };
	out->prediction = arena_strdup(r->arena, roles->prediction ? roles->prediction : "");
	out->probability = arena_strdup(r->arena, roles->probability ? roles->probability : "");
}

void performance_fill(struct report *r, const struct frame *ref, const struct frame *cur, const struct drift_roles *roles)
{
	struct report_performance *out = &r->performance;
	struct measuring w = { .r = r, .out = out, .roles = roles, .threshold = roles->threshold > 0 ? roles->threshold : usual_threshold };
	performance_without_rows(r, roles, "");
	side_init(&w.ref, ref, "reference", roles);
	side_init(&w.cur, cur, "current", roles);
	classes_init(&w.classes, r->arena);
	const char *why = fill(&w);
	if (why)
		out->why_not = why;
	else
		out->task = task_name(w.problem.task);
	classes_free(&w.classes);
	free(w.ref.each), free(w.cur.each);
	rows_free(&w.ref.have), rows_free(&w.ref.open);
	rows_free(&w.cur.have), rows_free(&w.cur.open);
}
