/* limits: of a monitor's file, and whether a report passes them. */
#include <math.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/drift/monitor_impl.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define TAKE(name) static void name(struct reading *r, const struct yamldoc_node *x, void *into)

/* ---- reading ---- */

TAKE(take_when)
{
	static const char *const words[] = { [RED_DRIFTED] = "drifted", [RED_WATCH] = "watch", [RED_NEVER] = "never" };
	struct monitor_limits *l = into;
	const char *word = read_word(r, x, YAMLREAD_WORD_MAX);
	for (size_t i = 0; word && i < COUNT(words); i++)
		if (!strcmp(word, words[i])) {
			l->when = (enum red_when)i, l->has_when = true;
			return;
		}
	if (word)
		wrong_kind(r, x, "drifted, watch or never");
}

TAKE(take_share)
{
	monitor_take_number(r, x, 0, 1, &((struct monitor_limits *)into)->share);
}

static size_t count_members(struct reading *r, const struct yamldoc_node *x, const char *needed)
{
	size_t n = 0;
	if (x->kind != YAMLDOC_MAP)
		wrong_kind(r, x, needed);
	for (const struct yamldoc_node *c = x->kind == YAMLDOC_MAP ? x->child : NULL; c; c = c->next)
		n++;
	return n;
}

static bool is_word(const struct yamldoc_node *x, const char *word) { return x->kind == YAMLDOC_SCALAR && !strcmp(x->text, word); }

TAKE(take_column_limits)
{
	struct monitor_limits *l = into;
	size_t n = count_members(r, x, "a map from column to its limit");
	l->columns = arena_array(r->arena, n, sizeof *l->columns);
	for (const struct yamldoc_node *c = n ? x->child : NULL; c; c = c->next) {
		struct monitor_column_limit *to = &l->columns[l->n_columns++];
		to->column = arena_strndup(r->arena, c->key, c->key_n);
		to->drifted = is_word(c, "drifted");
		if (!to->drifted)
			monitor_take_number(r, c, 0, HUGE_VAL, &to->effect);
	}
}

TAKE(take_metric_limits)
{
	struct monitor_limits *l = into;
	size_t n = count_members(r, x, "a map from metric to its limit");
	l->metrics = arena_array(r->arena, n, sizeof *l->metrics);
	for (const struct yamldoc_node *c = n ? x->child : NULL; c; c = c->next) {
		struct monitor_metric_limit *to = &l->metrics[l->n_metrics++];
		to->metric = arena_strndup(r->arena, c->key, c->key_n);
		to->worse = is_word(c, "worse");
		if (!to->worse)
			monitor_take_number(r, c, 0, HUGE_VAL, &to->value);
	}
}

TAKE(take_after) { read_int(r, x, 1, 1000, &((struct monitor_limits *)into)->after); }
TAKE(take_clear) { read_int(r, x, 1, 1000, &((struct monitor_limits *)into)->clear); }

void monitor_take_limits(struct reading *r, const struct yamldoc_node *x, void *into)
{
	static const struct field fields[] = { { "red", take_when }, { "share", take_share }, { "columns", take_column_limits },
		{ "performance", take_metric_limits }, { "after", take_after },
		{ "clear", take_clear } };
	struct monitor_limits *l = &((struct monitor_file *)into)->limits;
	read_map(r, x, "the section of limits", fields, COUNT(fields), l);
	if (!l->has_when && (l->share > 0 || l->n_columns || l->n_metrics))
		l->when = RED_NEVER;                     /* who names limits means those */
}

/* ---- judging ---- */

static void add_why(struct str *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add_why(struct str *why, const char *fmt, ...)
{
	va_list ap;
	if (why->len)
		str_add(why, "; ");
	va_start(ap, fmt);
	str_vaddf(why, fmt, ap);
	va_end(ap);
}

static bool whole_red(const struct monitor_limits *l, const struct report *r, struct str *why)
{
	const bool drifted = !strcmp(r->verdict, "drifted"), watch = !strcmp(r->verdict, "watch");
	bool red = (l->when == RED_DRIFTED && drifted) || (l->when == RED_WATCH && (drifted || watch));
	if (red && drifted)
		add_why(why, "%zu of %zu columns drifted", r->n_drifted, r->n_compared);
	else if (red)
		add_why(why, "the verdict is watch");
	if (l->share > 0 && r->share > l->share) {
		add_why(why, "%.1f %% of the columns drifted, more than %.1f %%", 100 * r->share, 100 * l->share);
		red = true;
	}
	return red;
}

static double effect_of(const struct report_column *c)
{
	for (size_t i = 0; i < c->n_tests; i++)
		if (c->tests[i].primary)
			return isnan(c->tests[i].effect) ? c->tests[i].statistic : c->tests[i].effect;
	return NAN;
}

static bool column_red(const struct monitor_column_limit *l, const struct report *r, struct str *why)
{
	const struct report_column *c = report_column(r, l->column);
	char a[FMT_MAX], b[FMT_MAX];
	if (!c) {
		add_why(why, "the column %s is in neither side", l->column);
		return true;
	}
	if (l->drifted ? c->drifted : effect_of(c) > l->effect) {
		if (l->drifted)
			add_why(why, "%s drifted", l->column);
		else
			add_why(why, "the effect of %s is %s, more than %s", l->column, fmt_number(a, effect_of(c), 3), fmt_number(b, l->effect, 3));
		return true;
	}
	return false;
}

static const struct report_metric *metric_named(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->performance.n_metrics; i++)
		if (!strcmp(r->performance.metrics[i].name, name))
			return &r->performance.metrics[i];
	return NULL;
}

static bool metric_red(const struct monitor_metric_limit *l, const struct report *r, struct str *why)
{
	const struct report_metric *m = metric_named(r, l->metric);
	char a[FMT_MAX], b[FMT_MAX];
	if (!m || isnan(m->cur))
		return false;                            /* labels often come later than the data: not known is not bad */
	if (l->worse ? !m->worse : m->less_is_better ? m->cur <= l->value : m->cur >= l->value)
		return false;
	if (l->worse)
		add_why(why, "%s went from %s to %s", l->metric, fmt_number(a, m->ref, 4), fmt_number(b, m->cur, 4));
	else
		add_why(why, "%s is %s, %s than %s", l->metric, fmt_number(a, m->cur, 4), m->less_is_better ? "more" : "less", fmt_number(b, l->value, 4));
	return true;
}

bool monitor_is_red(const struct monitor_limits *l, const struct report *r, struct str *why)
{
	bool red = whole_red(l, r, why);
	for (size_t i = 0; i < l->n_columns; i++)
		red |= column_red(&l->columns[i], r, why);
	for (size_t i = 0; i < l->n_metrics; i++)
		red |= metric_red(&l->metrics[i], r, why);
	return red;
}
