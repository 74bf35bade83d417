/* export_html -- a report as one HTML file: inline style, inline SVG, no script.
 *
 * Layout   head with the verdict; a table of all columns by severity; a block a column that folds open (<details>), with both histograms over
 *          each other, both distribution functions, the tests and the figures of both sides; data quality; notes.
 * Escapes  every text goes through text_clean and then escape(), which leaves no < > & " '. Numbers are ours.
 * Colours  one blue for the reference and one orange for the current data, told apart by shape as well: filled against outlined.
 * Size     about 8 KB a column: bars and quantiles, never rows.
 */
#include <math.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/drift/export.h"
#include "core/drift/report_parts.h"

enum { PLOT_W = 460, PLOT_H = 150, LABEL_H = 16, LABELS_SHOWN = 20, OPEN_COLUMNS = 3 };

static void escape(struct str *out, const char *s)
{
	struct str clean = STR_INIT;
	text_clean(&clean, s, strlen(s), 0);
	for (size_t i = 0; i < clean.len; i++)
		switch (clean.p[i]) {
		case '<': str_add(out, "&lt;"); break;
		case '>': str_add(out, "&gt;"); break;
		case '&': str_add(out, "&amp;"); break;
		case '"': str_add(out, "&quot;"); break;
		case '\'': str_add(out, "&#39;"); break;
		default: str_addc(out, clean.p[i]);
		}
	str_free(&clean);
}

static void element(struct str *out, const char *tag, const char *text)
{
	str_addf(out, "<%s>", tag);
	escape(out, text);
	str_addf(out, "</%s>", tag);
}

static void cell(struct str *out, double v)
{
	char buf[FMT_MAX];
	str_addf(out, "<td class=n>%s</td>", isnan(v) ? "" : fmt_number(buf, v, 4));
}

static const char style[] =
	"<style>:root{--r:#3b6fb6;--c:#d9762b;--bg:#fff;--fg:#1c1f24;--dim:#667;--line:#dde}@media(prefers-color-scheme:dark){:root{--r:#7aa7e8;--c:#f0a060;--bg:#15181d;--fg:#e6e8ec;--dim:#99a;--line:#333a44}}"
	"body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1080px;padding:0 1rem;background:var(--bg);color:var(--fg)}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
	"table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
	".dim{color:var(--dim)}.bad{color:#c0392b;font-weight:600}.look{color:#b07a00;font-weight:600}details{border-bottom:1px solid var(--line);padding:.4rem 0}summary{cursor:pointer;font-weight:600}"
	".plots{display:flex;flex-wrap:wrap;gap:1rem;margin:.6rem 0}svg text{font:11px system-ui,sans-serif;fill:var(--dim)}.r{fill:var(--r);fill-opacity:.45}.c{fill:none;stroke:var(--c);stroke-width:1.6}"
	".rl{fill:none;stroke:var(--r);stroke-width:1.6}.cb{fill:var(--c);fill-opacity:.75}.rb{fill:var(--r);fill-opacity:.75}.axis{stroke:var(--line)}.key b{font-weight:600}</style>";

/* ---- pictures ---- */

static void svg_open(struct str *out, int h, const char *what, const char *name)
{
	str_addf(out, "<svg role=img width=%d height=%d viewBox=\"0 0 %d %d\"><title>%s of ", PLOT_W, h, PLOT_W, h, what);
	escape(out, name);
	str_add(out, "</title>");
}

static double sum_of(const double *v, size_t n, const double outside[2])
{
	double s = fmax(0, outside[0]) + fmax(0, outside[1]);
	for (size_t i = 0; i < n; i++)
		s += v[i];
	return s > 0 ? s : 1;
}

static void axis_ends(struct str *out, double lo, double hi)
{
	char a[FMT_MAX], b[FMT_MAX];
	str_addf(out, "<line class=axis x1=0 x2=%d y1=%d y2=%d /><text x=0 y=%d>%s</text><text x=%d y=%d text-anchor=end>%s</text>", PLOT_W, PLOT_H, PLOT_H, PLOT_H + 14, fmt_number(a, lo, 4), PLOT_W,
		PLOT_H + 14, fmt_number(b, hi, 4));
}

/* Shares of rows a bar: the reference filled, the current data as a line of steps over it. */
static void histogram(struct str *out, const char *name, const struct report_picture *p)
{
	double n = sum_of(p->ref, p->n, p->ref_outside), m = sum_of(p->cur, p->n, p->cur_outside), top = 0, step = (double)PLOT_W / (double)p->n;
	for (size_t i = 0; i < p->n; i++)
		top = fmax(top, fmax(p->ref[i] / n, p->cur[i] / m));
	top = top > 0 ? top * 1.05 : 1;
	svg_open(out, PLOT_H + 18, "Histograms", name);
	str_add(out, "<g class=r>");
	for (size_t i = 0; i < p->n; i++) {
		double h = p->ref[i] / n / top * PLOT_H;
		str_addf(out, "<rect x=%.1f y=%.1f width=%.1f height=%.1f />", (double)i * step, PLOT_H - h, step, h);
	}
	str_addf(out, "</g><path class=c d=\"M0 %d", PLOT_H);
	for (size_t i = 0; i < p->n; i++)
		str_addf(out, "V%.1fH%.1f", PLOT_H - p->cur[i] / m / top * PLOT_H, (double)(i + 1) * step);
	str_addf(out, "V%d\"/>", PLOT_H);
	axis_ends(out, p->edges[0], p->edges[p->n]);
	str_add(out, "</svg>");
}

static void curve(struct str *out, const char *class, const double *q, double lo, double hi)
{
	str_addf(out, "<path class=%s d=\"", class);
	for (int i = 0; i < REPORT_QUANTILES; i++)
		str_addf(out, "%c%.1f %.1f", i ? 'L' : 'M', (fmin(hi, fmax(lo, q[i])) - lo) / (hi - lo) * PLOT_W, PLOT_H - (double)i / (REPORT_QUANTILES - 1) * (PLOT_H - 2));
	str_add(out, "\"/>");
}

static void distribution(struct str *out, const struct report_column *c)
{
	const double *x = c->ref.quantiles, *y = c->cur.quantiles;
	if (!x || !y)
		return;
	double lo = c->picture.edges ? c->picture.edges[0] : fmin(x[0], y[0]), hi = c->picture.edges ? c->picture.edges[c->picture.n] : fmax(x[REPORT_QUANTILES - 1], y[REPORT_QUANTILES - 1]);
	if (!(hi > lo) || !isfinite(hi - lo))
		return;
	svg_open(out, PLOT_H + 18, "Distribution functions", c->name);
	curve(out, "rl", x, lo, hi);
	curve(out, "c", y, lo, hi);
	axis_ends(out, lo, hi);
	str_add(out, "</svg>");
}

static void label_bars(struct str *out, const char *name, const struct report_picture *p)
{
	size_t shown = p->n < LABELS_SHOWN ? p->n : LABELS_SHOWN;
	double n = sum_of(p->ref, p->n, p->ref_outside), m = sum_of(p->cur, p->n, p->cur_outside), top = 0;
	for (size_t i = 0; i < shown; i++)
		top = fmax(top, fmax(p->ref[i] / n, p->cur[i] / m));
	top = top > 0 ? top : 1;
	svg_open(out, (int)shown * 2 * LABEL_H, "Shares", name);
	for (size_t i = 0; i < shown; i++) {
		int y = (int)i * 2 * LABEL_H;
		struct str label = STR_INIT;
		text_fit(&label, p->labels[i], strlen(p->labels[i]), 20);
		str_addf(out, "<text x=0 y=%d>", y + LABEL_H);
		escape(out, label.p);
		str_addf(out, "</text><rect class=rb x=150 y=%d width=%.1f height=%d /><rect class=cb x=150 y=%d width=%.1f height=%d />", y + 3, p->ref[i] / n / top * 240, LABEL_H - 4, y + LABEL_H - 1,
			p->cur[i] / m / top * 240, LABEL_H - 4);
		str_addf(out, "<text x=%d y=%d text-anchor=end>%.1f %%</text><text x=%d y=%d text-anchor=end>%.1f %%</text>", PLOT_W, y + 13, 100 * p->ref[i] / n, PLOT_W, y + LABEL_H + 10, 100 * p->cur[i] / m);
		str_free(&label);
	}
	str_add(out, "</svg>");
}

static void pictures(struct str *out, const struct report_column *c)
{
	if (!c->picture.n)
		return;
	str_add(out, "<div class=plots>");
	if (c->picture.edges)
		histogram(out, c->name, &c->picture);
	else
		label_bars(out, c->name, &c->picture);
	distribution(out, c);
	str_add(out, "</div>");
}

/* ---- tables ---- */

static void tests(struct str *out, const struct report_column *c)
{
	if (!c->n_tests)
		return;
	str_add(out, "<table><tr><th>test<th class=n>statistic<th class=n>p<th class=n>adjusted p<th class=n>effect<th class=n>threshold<th class=n>without drift<th></tr>");
	for (size_t i = 0; i < c->n_tests; i++) {
		const struct report_test *t = &c->tests[i];
		str_add(out, "<tr>");
		element(out, "td", t->title);
		cell(out, t->statistic), cell(out, t->p_value), cell(out, t->p_adjusted), cell(out, t->effect), cell(out, t->threshold), cell(out, t->null_value);
		str_add(out, t->drifted ? "<td class=bad>drifted</td>" : "<td>");
		escape(out, t->drifted ? "" : t->why_not);
		str_add(out, "</tr>");
	}
	str_add(out, "</table>");
}

static void side(struct str *out, const char *name, const struct report_side *s)
{
	const int quartiles[] = { 10, 20, 30 };
	str_add(out, "<tr>");
	element(out, "td", name);
	cell(out, s->rows), cell(out, s->missing), cell(out, s->distinct), cell(out, s->mean), cell(out, s->sd), cell(out, s->min);
	for (int i = 0; i < 3; i++)
		cell(out, s->quantiles ? s->quantiles[quartiles[i]] : NAN);
	cell(out, s->max), cell(out, s->outliers);
	str_add(out, "</tr>");
}

static void categories(struct str *out, const char *title, const struct report_category *list, size_t shown, size_t all)
{
	char buf[FMT_MAX];
	if (!all)
		return;
	str_addf(out, "<p><b>%s</b> (%zu): ", title, all);
	for (size_t i = 0; i < shown; i++) {
		str_add(out, i ? ", " : "");
		escape(out, list[i].name);
		str_addf(out, " <span class=dim>%s</span>", fmt_count(buf, isnan(list[i].rows) ? 0 : (int64_t)list[i].rows));
	}
	str_add(out, shown < all ? ", ...</p>" : "</p>");
}

static void verdict_word(struct str *out, const struct report_column *c)
{
	const char *word = c->drifted ? "drifted" : c->watch ? "watch" : strcmp(c->status, "compared") == 0 ? "stable" : c->status;
	str_addf(out, "<span class=%s>", c->drifted ? "bad" : c->watch ? "look" : "dim");
	escape(out, word);
	str_add(out, "</span>");
}

static void words(struct str *out, const struct report_column *c)
{
	struct str line = STR_INIT;
	report_words_line(&line, c);
	if (line.len)
		element(out, "p", line.p);
	str_free(&line);
}

static void joint(struct str *out, const struct report *r)
{
	struct str line = STR_INIT;
	str_add(out, r->n_joint ? "<h2>All columns together</h2><ul>" : "");
	for (size_t i = 0; i < r->n_joint; i++) {
		str_clear(&line);
		report_joint_line(&line, &r->joint[i]);
		element(out, "li", line.p);
	}
	str_add(out, r->n_joint ? "</ul>" : "");
	str_free(&line);
}

static void column(struct str *out, const struct report_column *c, size_t i)
{
	str_addf(out, "<details id=c%zu%s><summary>", c->position, i < OPEN_COLUMNS && c->drifted ? " open" : "");
	escape(out, c->name);
	str_add(out, " ");
	verdict_word(out, c);
	str_add(out, "</summary>");
	if (c->n_reasons)
		str_add(out, "<ul>");
	for (size_t k = 0; k < c->n_reasons; k++)
		element(out, "li", c->reasons[k]);
	if (c->n_reasons)
		str_add(out, "</ul>");
	if (*c->differs)
		element(out, "p", c->differs);
	if (*c->note)
		element(out, "p", c->note);
	pictures(out, c);
	tests(out, c);
	str_add(out, "<table><tr><th><th class=n>rows<th class=n>missing<th class=n>distinct<th class=n>mean<th class=n>sd<th class=n>min<th class=n>25 %<th class=n>50 %<th class=n>75 %<th class=n>max<th class=n>outliers</tr>");
	side(out, "reference", &c->ref);
	side(out, "current", &c->cur);
	str_add(out, "</table>");
	categories(out, "new categories", c->gained, c->n_gained, c->all_gained);
	categories(out, "lost categories", c->lost, c->n_lost, c->all_lost);
	words(out, c);
	str_add(out, "</details>\n");
}

static void row(struct str *out, const struct report_column *c)
{
	str_addf(out, "<tr><td><a href=\"#c%zu\">", c->position);
	escape(out, c->name);
	str_add(out, "</a></td>");
	element(out, "td", c->type);
	str_add(out, "<td>");
	verdict_word(out, c);
	str_add(out, "</td><td>");
	escape(out, c->n_reasons ? c->reasons[0] : "");
	str_addf(out, "</td><td class=n>%.1f %%</td><td class=n>%.1f %%</td></tr>", c->ref.rows > 0 ? 100 * c->ref.missing / c->ref.rows : 0, c->cur.rows > 0 ? 100 * c->cur.missing / c->cur.rows : 0);
}

static void head(struct str *out, const struct report *r)
{
	char when[FMT_MAX], n[FMT_MAX], m[FMT_MAX];
	str_add(out, "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>Drift report ");
	escape(out, r->name);
	str_addf(out, "</title>%s</head><body><h1>Drift report ", style);
	escape(out, r->name);
	str_addf(out, "</h1><p class=%s>", r->drifted ? "bad" : "look");
	escape(out, r->verdict);
	str_addf(out, ": %zu of %zu columns drifted</p><p>", r->n_drifted, r->n_compared);
	escape(out, r->current);
	str_addf(out, " (%s rows) against ", fmt_count(n, (int64_t)r->n_cur));
	escape(out, r->reference);
	str_addf(out, " (%s rows)<br><span class=dim>%s, rule: ", fmt_count(m, (int64_t)r->n_ref), fmt_time_iso(when, r->ms));
	escape(out, r->mode);
	if (*r->model) {
		str_add(out, ", model ");
		escape(out, r->model);
	}
	str_add(out, "</span></p><p class=key><b style=\"color:var(--r)\">\xe2\x96\xa0 reference</b> &nbsp; <b style=\"color:var(--c)\">\xe2\x96\xa1 current</b></p>");
}

void export_html(struct str *out, const struct report *r)
{
	head(out, r);
	str_add(out, "<table><tr><th>column<th>type<th>verdict<th>why<th class=n>missing, reference<th class=n>current</tr>");
	for (size_t i = 0; i < r->n_columns; i++)
		row(out, &r->columns[i]);
	str_add(out, "</table><h2>Columns</h2>\n");
	for (size_t i = 0; i < r->n_columns; i++)
		column(out, &r->columns[i], i);
	joint(out, r);
	if (r->n_findings)
		str_add(out, "<h2>Data quality</h2><table>");
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct report_finding *f = &r->findings[i];
		str_addf(out, "<tr class=%s>", f->level == 2 ? "bad" : f->level == 1 ? "look" : "dim");
		element(out, "td", f->check), element(out, "td", f->column), element(out, "td", f->text);
		str_add(out, "</tr>");
	}
	if (r->n_findings)
		str_add(out, "</table>");
	if (r->n_notes)
		str_add(out, "<h2>Notes</h2><ul>");
	for (size_t i = 0; i < r->n_notes; i++)
		element(out, "li", r->notes[i]);
	if (r->n_notes)
		str_add(out, "</ul>");
	str_add(out, "</body></html>\n");
}
