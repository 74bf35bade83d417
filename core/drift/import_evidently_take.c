/* What readers of Evidently's files found, put into the report's own form.
 *
 * Bars     a report's picture has one axis for both sides. Labels are joined; edges that both sides share stay; densities over each side's own range become the
 *          mass of equal bins over the range of both, as if it lay evenly within a bar: a picture of a picture, which is all that such a file holds.
 * Arrays   of Plotly 6 and later may be {"dtype": "f8", "bdata": base64} instead of a list. */
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/import_evidently_impl.h"

enum { MOST_COLUMNS = 16384, MOST_BARS = 10000, MOST_FINDINGS = 100000, COMMON_BARS = 20 };

/* ---- columns ---- */

struct report_column *taking_column(struct taking *t, const char *name)
{
	static const struct report_side unknown = { .distinct = NAN, .mean = NAN, .sd = NAN, .min = NAN, .max = NAN, .outliers = NAN, .outside = NAN };
	const int64_t known = map_find(t->names, name, strlen(name));
	if (known >= 0)
		return &t->columns[known];
	if (t->n == MOST_COLUMNS)
		return NULL;
	map_add(t->names, name, strlen(name), NULL);
	MEM_GROW(t->columns, t->cap, t->n + 1);
	struct report_column *c = &t->columns[t->n];
	*c = (struct report_column){ .name = arena_strdup(t->a, name), .type = "", .status = "described", .position = t->n, .missing_low = NAN, .missing_high = NAN, .note = "", .differs = "",
		.ref = unknown, .cur = unknown };
	t->n++;
	return c;
}

static const struct drift_test *test_called(const char *method)
{
	for (size_t i = 0; i < drift_test_count(); i++) {
		const struct drift_test *x = drift_test_at(i);
		if (x->evidently_id && (strcmp(x->evidently_title, method) == 0 || strcmp(x->evidently_id, method) == 0))
			return x;
	}
	return NULL;
}

void taking_type(struct report_column *c, const char *theirs)
{
	static const struct { const char *theirs, *ours; } types[] = { { "num", "numeric" }, { "cat", "categorical" }, { "text", "text" }, { "datetime", "datetime" } };
	for (size_t i = 0; i < sizeof types / sizeof *types && !*c->type; i++)
		if (strcmp(types[i].theirs, theirs) == 0)
			c->type = types[i].ours;
}

struct report_column *taking_drift(struct taking *t, const char *name, const char *type, const char *method, double threshold, double score)
{
	struct report_column *c = taking_column(t, name);
	if (!c)
		return NULL;
	taking_type(c, type);
	if (c->n_tests)
		return NULL;
	const struct drift_test *known = test_called(method);
	struct report_test *x = arena_zalloc(t->a, sizeof *x);
	const bool p = known && known->kind == TEST_P_VALUE;
	const char *kept = arena_strdup(t->a, method);
	*x = (struct report_test){ .name = known ? known->evidently_id : kept, .title = kept, .effect_name = "", .primary = true, .statistic = p ? NAN : score, .p_value = p ? score : NAN,
		.p_adjusted = NAN, .effect = NAN, .threshold = isnan(threshold) && known ? known->evidently_threshold : threshold, .null_value = NAN, .low = NAN, .high = NAN, .why_not = "" };
	c->tests = x, c->n_tests = 1, c->status = "compared";
	return c;
}

void taking_outcome(struct taking *t, struct report_column *c, bool drifted)
{
	struct report_test *x = arena_alloc(t->a, sizeof *x);
	*x = c->tests[0];
	x->drifted = c->drifted = c->other_drifted = drifted;
	c->severity = drifted ? 1 : 0;
	if (drifted && isnan(x->p_value) && x->threshold > 0 && x->statistic > x->threshold)
		c->severity = fmin(REPORT_MOST_SEVERE, x->statistic / x->threshold);
	c->tests = x;
}

void taking_derive(struct taking *t, struct report_column *c)
{
	const struct report_test *x = c->tests;
	const struct drift_test *known = test_called(x->title);
	if (known && !isnan(x->threshold))
		taking_outcome(t, c, drift_test_evidently_drifted(known, known->kind == TEST_P_VALUE ? x->p_value : x->statistic, x->threshold));
	else
		c->status = "unknown", c->note = "the file holds no test and no method that says whether this score is drift";
}

void taking_dataset(struct taking *t, bool drifted, double share)
{
	t->said = true, t->drifted = drifted;
	if (!isnan(share))
		t->drift_share = share;
}

/* ---- bars ---- */

struct list { double *v; const char **labels; size_t n; bool numbers; };

/* {"dtype": "f8", "bdata": "..."}: little-endian numbers. */
static bool packed_list(struct taking *t, const json_t *v, struct list *out)
{
	const char *type = evidently_word(v, "dtype"), *data = evidently_word(v, "bdata");
	const size_t len = strlen(data), size = strlen(type) == 2 && type[1] > '0' && type[1] <= '8' ? (size_t)(type[1] - '0') : 0;
	if (!size || !len || len > (size_t)MOST_BARS * 12 || (type[0] == 'f' && size < 4) || !strchr("fiu", type[0]) || (size & (size - 1)))
		return false;
	unsigned char *raw = mem_array(len, 1);
	size_t n = 0;
	const bool ok = sodium_base642bin(raw, len, data, len, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 && n % size == 0;
	*out = (struct list){ .v = arena_array(t->a, n / size, sizeof(double)), .n = ok ? n / size : 0, .numbers = true };
	for (size_t i = 0; i < out->n; i++) {
		uint64_t bits = 0;
		for (size_t k = 0; k < size; k++)
			bits |= (uint64_t)raw[i * size + k] << (8 * k);
		float single;
		uint32_t low = (uint32_t)bits;
		memcpy(&single, &low, sizeof single);
		const unsigned unused = (unsigned)(64 - 8 * size);
		if (type[0] == 'f' && size == 8)
			memcpy(&out->v[i], &bits, sizeof bits);
		else
			out->v[i] = type[0] == 'f' ? (double)single : type[0] == 'u' ? (double)bits : (double)((int64_t)(bits << unused) >> unused);
	}
	free(raw);
	return ok;
}

static const char *label_of(struct taking *t, const json_t *v)
{
	if (json_is_string(v))
		return arena_strdup(t->a, json_string_value(v));
	return json_is_boolean(v) ? (json_is_true(v) ? "True" : "False") : json_is_number(v) ? arena_printf(t->a, "%.15g", json_number_value(v)) : "";
}

static bool take_list(struct taking *t, const json_t *v, struct list *out)
{
	*out = (struct list){ 0 };
	if (json_is_object(v))
		return packed_list(t, v, out);
	const size_t n = json_array_size(v);
	if (!n || n > MOST_BARS)
		return false;
	*out = (struct list){ arena_array(t->a, n, sizeof(double)), arena_array(t->a, n, sizeof(char *)), n, true };
	for (size_t i = 0; i < n; i++) {
		const json_t *x = json_array_get(v, i);
		out->v[i] = evidently_number(x), out->labels[i] = label_of(t, x);
		out->numbers &= json_is_number(x);
	}
	return true;
}

static bool ascending(const struct list *x)
{
	for (size_t i = 1; i < x->n; i++)
		if (!(x->v[i] > x->v[i - 1]))
			return false;
	return x->numbers;
}

static void take_heights(struct report_picture *p, const struct list *ref, const struct list *cur)
{
	p->ref = ref->v, p->cur = cur->v;
}

static const char *label_at(struct taking *t, const struct list *x, size_t i) { return x->labels ? x->labels[i] : arena_printf(t->a, "%.15g", x->v[i]); }

static void add_side(struct taking *t, struct map *all, const struct list *x, const struct list *y, double *to)
{
	for (size_t i = 0; i < x->n; i++) {
		const char *word = label_at(t, x, i);
		to[map_add(all, word, strlen(word), NULL)] += isfinite(y->v[i]) ? y->v[i] : 0;
	}
}

static void join_labels(struct taking *t, struct report_column *c, const struct list x[2], const struct list y[2])
{
	struct map *all = map_new();
	double *ref = arena_array(t->a, x[0].n + x[1].n, sizeof *ref), *cur = arena_array(t->a, x[0].n + x[1].n, sizeof *cur);
	add_side(t, all, &x[0], &y[0], ref);
	add_side(t, all, &x[1], &y[1], cur);
	const char **labels = arena_array(t->a, map_count(all), sizeof *labels);
	for (size_t i = 0; i < map_count(all); i++)
		labels[i] = arena_strdup(t->a, map_key(all, i, NULL));
	c->picture = (struct report_picture){ .n = map_count(all), .labels = labels, .ref = ref, .cur = cur };
	map_free(all);
}

/* A bar's share of the mass between lo and hi. */
static void spread(const struct list *x, const struct list *y, const double *edges, size_t n, double *to)
{
	for (size_t i = 0; i < y->n; i++) {
		const double from = x->v[i], width = x->v[i + 1] - from, mass = isfinite(y->v[i]) ? y->v[i] * width : 0;
		for (size_t k = 0; k < n; k++) {
			const double lo = fmax(from, edges[k]), hi = fmin(from + width, edges[k + 1]);
			to[k] += hi > lo ? mass * ((hi - lo) / width) : 0;
		}
	}
}

static void common_axis(struct taking *t, struct report_column *c, const struct list x[2], const struct list y[2])
{
	const double lo = fmin(x[0].v[0], x[1].v[0]), hi = fmax(x[0].v[x[0].n - 1], x[1].v[x[1].n - 1]);
	double *edges = arena_array(t->a, COMMON_BARS + 1, sizeof *edges), *ref = arena_array(t->a, COMMON_BARS, sizeof *ref), *cur = arena_array(t->a, COMMON_BARS, sizeof *cur);
	if (!isfinite(hi - lo))
		return;
	for (size_t i = 0; i <= COMMON_BARS; i++)
		edges[i] = i == COMMON_BARS ? hi : lo + (hi - lo) * (double)i / COMMON_BARS;
	spread(&x[0], &y[0], edges, COMMON_BARS, ref);
	spread(&x[1], &y[1], edges, COMMON_BARS, cur);
	c->picture = (struct report_picture){ .n = COMMON_BARS, .edges = edges, .ref = ref, .cur = cur };
}

static bool same_axis(const struct list *a, const struct list *b)
{
	return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof *a->v) == 0;
}

/* Left edges become edges: the last bar is as wide as the one before it. */
static void close_edges(struct taking *t, struct list *x)
{
	double *v = arena_array(t->a, x->n + 1, sizeof *v);
	memcpy(v, x->v, x->n * sizeof *v);
	v[x->n] = v[x->n - 1] + (v[x->n - 1] - v[x->n - 2]);
	x->v = v, x->n++;
}

/* Categories that one side lacks: the bars are all there are. */
static void take_missing_categories(struct taking *t, struct report_column *c)
{
	const struct report_picture *p = &c->picture;
	struct report_category *gained = arena_array(t->a, p->n, sizeof *gained), *lost = arena_array(t->a, p->n, sizeof *lost);
	c->gained = gained, c->lost = lost;
	for (size_t i = 0; i < p->n; i++) {
		if (p->ref[i] == 0 && p->cur[i] > 0)
			gained[c->n_gained++] = (struct report_category){ p->labels[i], p->cur[i] };
		if (p->cur[i] == 0 && p->ref[i] > 0)
			lost[c->n_lost++] = (struct report_category){ p->labels[i], p->ref[i] };
	}
	c->all_gained = c->n_gained, c->all_lost = c->n_lost;
	c->n_gained = c->n_gained > REPORT_NEW_CATEGORIES ? REPORT_NEW_CATEGORIES : c->n_gained;
	c->n_lost = c->n_lost > REPORT_NEW_CATEGORIES ? REPORT_NEW_CATEGORIES : c->n_lost;
}

void taking_bars(struct taking *t, struct report_column *c, const struct bars *b)
{
	struct list x[2], y[2];
	if (c->picture.n || !take_list(t, b->ref_x, &x[0]) || !take_list(t, b->ref_y, &y[0]) || !take_list(t, b->cur_x, &x[1]) || !take_list(t, b->cur_y, &y[1]))
		return;
	const bool numeric = strcmp(c->type, "categorical") != 0 && ascending(&x[0]) && ascending(&x[1]), edges = numeric && x[0].n == y[0].n + 1 && x[1].n == y[1].n + 1;
	if (edges && b->density) {
		common_axis(t, c, x, y);
	} else if (edges && same_axis(&x[0], &x[1])) {
		c->picture = (struct report_picture){ .n = y[0].n, .edges = x[0].v };
		take_heights(&c->picture, &y[0], &y[1]);
	} else if (x[0].n == y[0].n && x[1].n == y[1].n && numeric && strcmp(c->type, "numeric") == 0 && x[0].n > 1 && same_axis(&x[0], &x[1])) {
		close_edges(t, &x[0]);
		c->picture = (struct report_picture){ .n = y[0].n, .edges = x[0].v };
		take_heights(&c->picture, &y[0], &y[1]);
	} else if (x[0].n == y[0].n && x[1].n == y[1].n) {
		join_labels(t, c, x, y);
		take_missing_categories(t, c);
	}
}

/* ---- tests and metrics ---- */

void taking_finding(struct taking *t, const char *check, const char *column, const char *text, const char *status)
{
	static const struct { const char *status; int level; } levels[] = { { "FAIL", 2 }, { "WARNING", 1 }, { "ERROR", 1 }, { "fail", 2 }, { "warning", 1 }, { "error", 1 } };
	int level = 0;
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		level = strcmp(levels[i].status, status) == 0 ? levels[i].level : level;
	if (t->n_findings == MOST_FINDINGS)
		return;
	struct str plain = STR_INIT;                 /* without the stars that make names bold */
	for (const char *p = text; *p; p++)
		if (p[0] == '*' && p[1] == '*')
			p++;
		else
			str_addc(&plain, *p);
	MEM_GROW(t->findings, t->cap_findings, t->n_findings + 1);
	t->findings[t->n_findings++] = (struct report_finding){ arena_strdup(t->a, check), arena_strdup(t->a, column), arena_strdup(t->a, plain.p ? plain.p : ""), level, NAN, NAN };
	str_free(&plain);
}

bool taking_metric(struct taking *t, const char *name, double ref, double cur)
{
	static const struct { const char *theirs, *old, *name, *title; bool less_is_better; } known[] = {
		{ "Accuracy", "accuracy", "accuracy", "Accuracy", false }, { "Precision", "precision", "precision", "Precision", false }, { "Recall", "recall", "recall", "Recall", false },
		{ "F1Score", "f1", "f1", "F1", false }, { "RocAuc", "roc_auc", "roc_auc", "ROC AUC", false }, { "LogLoss", "log_loss", "log_loss", "Log loss", true },
		{ "TPR", "tpr", "tpr", "True positive rate", false }, { "TNR", "tnr", "tnr", "True negative rate", false }, { "FPR", "fpr", "fpr", "False positive rate", true },
		{ "FNR", "fnr", "fnr", "False negative rate", true }, { "MAE", "mean_abs_error", "mae", "Mean absolute error", true }, { "RMSE", "rmse", "rmse", "Root mean squared error", true },
		{ "R2Score", "r2_score", "r2", "R2", false }, { "MAPE", "mean_abs_perc_error", "mape", "Mean absolute percentage error", true },
		{ "MeanError", "mean_error", "mean_error", "Mean error", true }, { "AbsMaxError", "abs_error_max", "max_error", "Largest absolute error", true },
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(known[i].theirs, name) != 0 && strcmp(known[i].old, name) != 0)
			continue;
		for (size_t k = 0; k < t->n_metrics; k++)
			if (strcmp(t->metrics[k].name, known[i].name) == 0)
				return true;
		MEM_GROW(t->metrics, t->cap_metrics, t->n_metrics + 1);
		t->metrics[t->n_metrics++] = (struct report_metric){ .name = known[i].name, .title = known[i].title, .ref = ref, .cur = cur, .low = NAN, .high = NAN,
			.less_is_better = known[i].less_is_better };
		return true;
	}
	return false;
}

void taking_passed_over(struct taking *t, const char *kind)
{
	if (*kind)
		map_add(t->passed_over, kind, strlen(kind) < 80 ? strlen(kind) : 80, NULL);
}
