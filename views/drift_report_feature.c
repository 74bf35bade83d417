/* One feature of a report: its verdict with reasons, a picture, and below it what changed in numbers, the tests, words, who uses it.
 *
 * Room     reasons take at most a sixth of the height. With TALL rows or more, or zoomed, the picture has some 45 % and the figures the rest, beside them a
 *          second picture where that leaves SECOND_FROM columns; in less the picture has all of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/drift_report.h"

enum { TALL = 20, PICTURE_LEAST = 7, PICTURE_MOST = 18, FIGURES_W = 66, SECOND_FROM = 108, NAMES_SHOWN = 12, WORDS_SHOWN = 25 };

/* ---- figures ----------------------------------------------------------------------------------------------- */

static void figure(struct leaf *s, const char *name, double ref, double cur, int digits)
{
	char change[FMT_MAX];
	if (isnan(ref) && isnan(cur))
		return;
	leaf_cell(s, ROLE_DIM, "%s", name);
	leaf_number(s, ROLE_TEXT, ref, digits);
	leaf_number(s, ROLE_TEXT, cur, digits);
	report_change_words(change, ref, cur);
	leaf_cell(s, *change == '0' ? ROLE_DIM : ROLE_TEXT, "%s", change);
}

static void count(struct leaf *s, const char *name, double ref, double cur)
{
	char a[FMT_MAX], b[FMT_MAX], change[FMT_MAX];
	if (isnan(ref) && isnan(cur))
		return;
	leaf_cell(s, ROLE_DIM, "%s", name);
	leaf_cell(s, ROLE_TEXT, "%s", isnan(ref) ? "" : fmt_count(a, (int64_t)ref));
	leaf_cell(s, ROLE_TEXT, "%s", isnan(cur) ? "" : fmt_count(b, (int64_t)cur));
	leaf_cell(s, ROLE_DIM, "%s", report_change_words(change, ref, cur));
}

static void percent(struct leaf *s, enum role role, double v)
{
	if (isnan(v))
		leaf_cell(s, role, "%s", "");
	else
		leaf_cell(s, role, "%.2f %%", v);
}

static void share(struct leaf *s, const char *name, double ref, double ref_rows, double cur, double cur_rows)
{
	double a = 100 * ref / ref_rows, b = 100 * cur / cur_rows, by = b - a;
	if (isnan(a) && isnan(b))
		return;
	leaf_cell(s, ROLE_DIM, "%s", name);
	percent(s, ROLE_TEXT, a);
	percent(s, ROLE_TEXT, b);
	if (isnan(by) || fabs(by) < 0.005)
		leaf_cell(s, ROLE_DIM, "%s", isnan(by) ? "" : "0");
	else
		leaf_cell(s, ROLE_TEXT, "%+.2f", by);
}

static void figures(struct leaf *s, const struct report_column *c)
{
	const struct report_side *r = &c->ref, *n = &c->cur;
	const double *p = r->quantiles, *q = n->quantiles;
	leaf_table(s, "|>reference|>current|>change");
	figure(s, "mean", r->mean, n->mean, 4);
	figure(s, "sd", r->sd, n->sd, 4);
	if (p && q) {
		figure(s, "p10", p[4], q[4], 4);
		figure(s, "median", p[20], q[20], 4);
		figure(s, "p90", p[36], q[36], 4);
	}
	figure(s, "min", r->min, n->min, 4);
	figure(s, "max", r->max, n->max, 4);
	share(s, "missing", r->missing, r->rows, n->missing, n->rows);
	share(s, "outside range", r->outside, r->rows - r->missing, n->outside, n->rows - n->missing);
	share(s, "outliers", r->outliers, r->rows - r->missing, n->outliers, n->rows - n->missing);
	count(s, "distinct", r->distinct, n->distinct);
	if (r->rows > 0 || n->rows > 0)
		count(s, "rows", r->rows, n->rows);
}

static void names(struct leaf *s, const char *what, const struct report_category *list, size_t shown, size_t all, enum role role)
{
	struct str text = STR_INIT;
	char rows[FMT_MAX];
	if (!all)
		return;
	for (size_t i = 0; i < shown && i < NAMES_SHOWN; i++)
		if (isnan(list[i].rows))
			str_addf(&text, "%s%s", i ? ", " : "", list[i].name);
		else
			str_addf(&text, "%s%s in %s %s", i ? ", " : "", list[i].name, fmt_count(rows, (int64_t)list[i].rows), list[i].rows == 1 ? "row" : "rows");
	str_addf(&text, "%s", all > NAMES_SHOWN || all > shown ? ", ..." : "");
	leaf_text(s, role, "%s (%zu): %s", what, all, text.p ? text.p : "");
	str_free(&text);
}

/* ---- tests ---------------------------------------------------------------------------------------------------- */

/* Names as the list of tests has them; those of others as they come. */
static const char *test_title(const struct report_test *t)
{
	return *t->title ? t->title : t->name;
}

/* Of sketched data: the exact statistic lies between. */
static bool bounded(const struct report_test *t)
{
	return !isnan(t->low) && !isnan(t->high) && t->low < t->high;
}

static void test_row(struct leaf *s, const struct report_test *t, bool bounds)
{
	char p[FMT_MAX];
	enum role role = t->drifted ? ROLE_BAD : ROLE_TEXT;
	leaf_cell(s, role, "%s%s", test_title(t), t->primary ? " *" : "");
	leaf_number(s, role, t->effect, 3);
	if (bounds && bounded(t))
		leaf_cell(s, ROLE_DIM, "%.4g to %.4g", t->low, t->high);
	else if (bounds)
		leaf_cell(s, ROLE_DIM, "exact");
	leaf_number(s, ROLE_DIM, t->threshold, 3);
	leaf_cell(s, ROLE_TEXT, "%s", report_p_words(p, t->p_adjusted));
	leaf_number(s, ROLE_DIM, t->effect == t->statistic ? t->null_value : NAN, 2);      /* else it is not on the effect's scale */
	leaf_number(s, ROLE_TEXT, t->statistic, 4);
	leaf_cell(s, ROLE_DIM, "%s", report_p_words(p, t->p_value));
}

static void tests(struct leaf *s, const struct report_column *c)
{
	bool any = false, primary = false, bounds = false;
	for (size_t i = 0; i < c->n_tests; i++) {
		any |= !*c->tests[i].why_not;
		primary |= c->tests[i].primary;
		bounds |= bounded(&c->tests[i]);
	}
	if (any) {
		leaf_head(s, "Tests", "%s", primary ? "* decides" : "");
		leaf_table(s, bounds ? "test|>effect|>surely in|>floor|>adjusted p|>unchanged|>statistic|>p" : "test|>effect|>floor|>adjusted p|>unchanged|>statistic|>p");
	}
	for (size_t i = 0; i < c->n_tests; i++)
		if (!*c->tests[i].why_not)
			test_row(s, &c->tests[i], bounds);
	for (size_t i = 0; i < c->n_tests; i++)
		if (*c->tests[i].why_not)
			leaf_text(s, ROLE_DIM, "%s: %s", test_title(&c->tests[i]), c->tests[i].why_not);
}

static void words(struct leaf *s, const struct report_column *c)
{
	if (!c->n_words)
		return;
	leaf_head(s, "Words", "what tells the sides apart, strongest first");
	leaf_table(s, "word|typical of|>reference|>current");
	for (size_t i = 0; i < c->n_words && i < WORDS_SHOWN; i++) {
		const struct report_word *w = &c->words[i];
		leaf_cell(s, ROLE_TEXT, "%s", w->word);
		leaf_cell(s, ROLE_DIM, "%s", w->weight > 0 ? "current" : "reference");
		percent(s, ROLE_TEXT, 100 * w->ref);
		percent(s, ROLE_TEXT, 100 * w->cur);
	}
}

static void used_by(struct leaf *s, const struct report_page *page, const struct report_column *c)
{
	const struct report_uses *u = &page->uses;
	struct str text = STR_INIT;
	if (!u->column || strcmp(u->column, c->name) || strcmp(u->model, page->shown->model) || !u->n)
		return;
	for (size_t i = 0; i < u->n; i++)
		str_addf(&text, "%sv%lld%s%s", i ? ", " : "", (long long)u->at[i].version, strcmp(u->at[i].stage, "None") ? " " : "", strcmp(u->at[i].stage, "None") ? u->at[i].stage : "");
	leaf_text(s, ROLE_ACCENT, "used by %s %s%s%s", u->model, text.p, u->views.len ? ", in feature view " : "", u->views.len ? u->views.p : "");
	str_free(&text);
}

static struct leaf *feature_leaf(const struct report_page *page, const struct report_column *c)
{
	struct leaf *s = leaf_new();
	figures(s, c);
	names(s, "new", c->gained, c->n_gained, c->all_gained, ROLE_WARN);
	names(s, "lost", c->lost, c->n_lost, c->all_lost, ROLE_WARN);
	used_by(s, page, c);
	tests(s, c);
	if (*c->differs)
		leaf_text(s, ROLE_WARN, "%s", c->differs);
	if (*c->note)
		leaf_text(s, ROLE_DIM, "%s", c->note);
	words(s, c);
	return s;
}

static struct leaf *leaf_of(struct report_page *page, const struct report_column *c)
{
	if (page->leaf_of[TAB_FEATURES] != c) {
		leaf_free(page->leaf[TAB_FEATURES]);
		page->leaf[TAB_FEATURES] = feature_leaf(page, c);
		page->leaf_of[TAB_FEATURES] = c;
	}
	return page->leaf[TAB_FEATURES];
}

/* ---- painting --------------------------------------------------------------------------------------------------- */

static int paint_reasons(const struct report_column *c, const struct paint *p, int most)
{
	int y = 0;
	for (size_t i = 0; i < c->n_reasons && y < most; i++) {
		const char *text = c->reasons[i];
		do {
			size_t n = text_break(text, p->r.w - 2);
			bool cut = y == most - 1 && text[n];
			paint_field(p, 1, 1 + y, p->r.w - 2, -1, PEN(i ? ROLE_TEXT : ROLE_STRONG), text, cut ? strlen(text) : n);
			text += n;
			y++;
		} while (*text && y < most);
	}
	return y;
}

static void paint_rule(const struct report_page *s, const struct report_column *c, struct paint *p)
{
	char title[512], effect[FMT_MAX];
	const struct report_test *t = report_primary(c);
	report_effect_words(effect, c);
	bool named = t && *t->effect_name && !isnan(t->effect) && (!c->drifted || t->drifted);
	snprintf(title, sizeof title, "%s · %s%s%s%s%s", c->name, report_verdict_words(c), *effect ? ": " : "", named ? t->effect_name : "", named ? " " : "", effect);
	const char *picture = c->picture.labels && (s->picture <= PICTURE_BESIDE || !report_has_picture(c, s->picture)) ? "bars" : report_picture_names[s->picture];
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title, p->r.w >= 60 ? picture : NULL, p->focus && s->zoom);
}

/* Beside the figures: the other way to look at it. */
static enum report_picture_mode second_picture(const struct report_page *s)
{
	return s->picture == PICTURE_ECDF ? PICTURE_HISTOGRAM : PICTURE_ECDF;
}

static void paint_below(struct report_page *s, const struct report_column *c, struct paint *p)
{
	struct leaf *leaf = leaf_of(s, c);
	bool second = p->r.w >= SECOND_FROM && p->r.h >= PICTURE_LEAST && report_has_picture(c, second_picture(s)) && !c->picture.labels;
	int w = second ? FIGURES_W : p->r.w;
	struct paint left = paint_sub(p, 0, 0, w, p->r.h);
	size_t lines = leaf_lines(leaf, w), room = p->r.h > 0 ? (size_t)p->r.h : 0;
	size_t most = lines > room ? lines - room : 0;
	s->top[TAB_FEATURES] = s->top[TAB_FEATURES] < most ? s->top[TAB_FEATURES] : most;
	leaf_paint(leaf, &left, s->top[TAB_FEATURES]);
	if (second) {
		int h = p->r.h < PICTURE_MOST ? p->r.h : PICTURE_MOST;
		struct paint right = paint_sub(p, w + 2, 0, p->r.w - w - 3, h);
		report_picture_paint(c, second_picture(s), &right);
	}
}

/* What bars of labels take when each has two rows. */
static int label_rows(const struct report_column *c)
{
	return 2 * (int)(c->picture.n + c->n_gained + 1) + 1;
}

void report_feature_paint(struct drift_view *v, struct paint *p)
{
	struct report_page *s = report_page(v);
	const struct report_column *c = report_chosen(s);
	s->feature_at = p->r;
	if (!c) {
		ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, "", NULL, false);
		return;
	}
	paint_rule(s, c, p);
	int most = p->r.h / 6, y = 1 + paint_reasons(c, p, most < 1 ? 1 : most > 4 ? 4 : most), room = p->r.h - y;
	int picture = room;
	if (room >= TALL || s->zoom) {
		picture = room * 45 / 100;
		if (c->picture.labels && (s->picture <= PICTURE_BESIDE || !report_has_picture(c, s->picture)))
			picture = label_rows(c) < picture ? label_rows(c) : picture;
		picture = picture < PICTURE_LEAST ? PICTURE_LEAST : picture > PICTURE_MOST ? PICTURE_MOST : picture;
	}
	if (!c->picture.n && !report_has_picture(c, s->picture))
		picture = room >= TALL || s->zoom ? 1 : room;
	picture = picture > room ? room : picture;
	s->page_h = room - picture;
	struct paint top = paint_sub(p, 1, y, p->r.w - 2, picture), below = paint_sub(p, 0, y + picture + (picture > 0), p->r.w, room - picture - (picture > 0));
	if (picture)
		report_picture_paint(c, s->picture, &top);
	if (below.r.h > 0)
		paint_below(s, c, &below);
}

void report_feature_scroll(struct report_page *s, enum drift_move m)
{
	const struct report_column *c = report_chosen(s);
	if (!c)
		return;
	long lines = (long)leaf_lines(leaf_of(s, c), s->feature_at.w), to = (long)s->top[TAB_FEATURES] + drift_rows_of(m, s->page_h, (size_t)lines);
	s->top[TAB_FEATURES] = to < 0 ? 0 : (size_t)to;
}
