/* export_html -- a report as one HTML file: inline style, inline SVG, no script.
 *
 * Layout   head with the verdict and the numbers that matter; a table of all columns by severity, each with a small picture; a block a column that folds open
 *          (<details>; all are open on paper); performance; all columns together; data quality; the report itself. Sections that have nothing to say are not there.
 * Escapes  every text goes through text_clean and then html_text(), which leaves no < > & " '. Numbers are ours. Tags that html_element closes
 *          may carry a class.
 * Colours  one blue for the reference and one orange for the current data, told apart by shape as well: an area against a line. Light or dark as the reader's system is.
 * Size     about 6 KB a column that is drawn: bars and quantiles, never rows. Beyond the limits of export.h a column is a row of the table, some 200 bytes, so that a
 *          report of 10,000 columns still opens.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/export.h"
#include "core/drift/export_html.h"
#include "core/drift/report_parts.h"

enum { OPEN_COLUMNS = 3 };

void html_text(struct str *out, const char *s)
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

void html_element(struct str *out, const char *tag, const char *text)
{
	str_addf(out, "<%s>", tag);
	html_text(out, text);
	str_addf(out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void html_number(struct str *out, double v, int digits)
{
	char buf[FMT_MAX];
	str_addf(out, "<td class=n>%s</td>", isnan(v) ? "" : fmt_number(buf, v, digits));
}

void html_count(struct str *out, double n)
{
	char buf[FMT_MAX];
	str_addf(out, "<td class=n>%s</td>", isnan(n) ? "" : fmt_count(buf, (int64_t)n));
}

void html_metric(struct str *out, double v)
{
	char buf[FMT_MAX];
	str_addf(out, "<td class=n>%s</td>", isnan(v) ? "" : fmt_metric(buf, v));
}

void html_share(struct str *out, double v)
{
	if (isnan(v))
		str_add(out, "<td></td>");
	else
		str_addf(out, "<td class=n>%.*f%%</td>", v > 0 && v < 0.001 ? 2 : 1, 100 * v);
}

static const char style[] =
	"<style>:root{--r:#3b6fb6;--ra:#a9c4e8;--c:#d9661f;--bg:#fff;--card:#f5f6f8;--fg:#1c1f24;--dim:#667085;--line:#e3e6ec;--bad:#c0392b;--look:#9a6a00;--ok:#3d7a4a}"
	"@media(prefers-color-scheme:dark){:root{--r:#7aa7e8;--ra:#2f5486;--c:#f0a060;--bg:#15181d;--card:#1d2128;--fg:#e6e8ec;--dim:#98a1b0;--line:#2e343e;--bad:#ff8c80;--look:#e6b450;--ok:#8ccf97}}"
	"body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1120px;padding:0 1rem;background:var(--bg);color:var(--fg)}h1{font-size:1.5rem;margin:0}h2{font-size:1.2rem;margin:2.2rem 0 .6rem}"
	"h3{font-size:1rem;margin:1.2rem 0 .3rem}a{color:inherit;text-decoration-color:var(--line)}table{border-collapse:collapse;width:100%}.small{width:auto}td,th{text-align:left;padding:.28rem .7rem .28rem 0;"
	"border-bottom:1px solid var(--line);vertical-align:middle}th{font-weight:500;color:var(--dim);font-size:.85em}caption{text-align:left;color:var(--dim);font-size:.85em;padding:.3rem 0}"
	".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.wrap{word-break:break-all}.dim{color:var(--dim)}.bad{color:var(--bad);font-weight:600}.look{color:var(--look);font-weight:600}.ok{color:var(--ok);font-weight:600}"
	".tiles{display:flex;flex-wrap:wrap;gap:.8rem;margin:1rem 0}.tiles div{background:var(--card);border-radius:8px;padding:.6rem 1rem;min-width:7rem}.tiles b{display:block;font-size:1.35rem;line-height:1.3}"
	"details{border-bottom:1px solid var(--line);padding:.45rem 0}summary{cursor:pointer;font-weight:600}ul{margin:.4rem 0;padding-left:1.2rem}.plots{display:flex;flex-wrap:wrap;gap:1.2rem;margin:.8rem 0;align-items:flex-start}"
	"figure{margin:0}figcaption{color:var(--dim);font-size:.85em}svg{max-width:100%;height:auto}code{white-space:nowrap}svg text{font:11px system-ui,sans-serif;fill:var(--dim)}svg .l{font-size:12px;fill:var(--fg)}.r{fill:var(--ra)}"
	".c{fill:none;stroke:var(--c);stroke-width:1.8}.rl{fill:none;stroke:var(--r);stroke-width:1.8}.cb{fill:var(--c);fill-opacity:.8}.m{stroke:var(--fg);stroke-width:1.6}.a{fill:none;stroke:var(--dim);stroke-width:1}"
	".g{stroke:var(--line);stroke-width:1}.bar{display:block;height:.8em;background:var(--c);border-radius:2px}figure,.plots>*{margin-right:1rem}.small .n,.small th{padding:.28rem .6rem}.key i{display:inline-block;width:1.6em;height:.75em;margin:0 .3em 0 .9em}"
	"@media print{body{margin:0;max-width:none;font-size:12px}details,section>h2,table{break-inside:auto}tr,svg,figure{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto}a{text-decoration:none}}</style>";

/* ---- a column ---- */

static void tests(struct str *out, const struct report_column *c)
{
	if (!c->n_tests)
		return;
	str_add(out, "<table><tr><th>test<th class=n>effect<th class=n>floor<th class=n>adjusted p<th class=n>p<th class=n>statistic<th class=n>without drift<th></tr>");
	for (size_t i = 0; i < c->n_tests; i++) {
		const struct report_test *t = &c->tests[i];
		str_add(out, "<tr>");
		html_element(out, "td", *t->title ? t->title : t->name);
		html_number(out, t->effect, 4), html_number(out, t->threshold, 4), html_number(out, t->p_adjusted, 3), html_number(out, t->p_value, 3), html_number(out, t->statistic, 4);
		html_number(out, t->effect == t->statistic ? t->null_value : NAN, 2);
		str_add(out, t->drifted ? "<td class=bad>drifted" : "<td class=dim>");
		if (!isnan(t->low) && !isnan(t->high) && t->low < t->high) {
			char low[FMT_MAX], high[FMT_MAX];
			str_addf(out, " surely in %s to %s", fmt_number(low, t->low, 4), fmt_number(high, t->high, 4));
		}
		html_text(out, t->drifted ? "" : t->why_not);
		str_add(out, "</tr>");
	}
	str_add(out, "</table>");
}

static void side(struct str *out, const char *name, const struct report_side *s)
{
	const int shown[] = { 4, 10, 20, 30, 36 };
	str_add(out, "<tr>");
	html_element(out, "td", name);
	html_count(out, s->rows), html_share(out, s->missing / s->rows), html_count(out, s->distinct), html_number(out, s->mean, 4), html_number(out, s->sd, 4), html_number(out, s->min, 4);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		html_number(out, s->quantiles ? s->quantiles[shown[i]] : NAN, 4);
	html_number(out, s->max, 4), html_count(out, s->outliers);
	str_add(out, "</tr>");
}

static void sides(struct str *out, const struct report_column *c)
{
	if (!(c->ref.rows > 0) && !(c->cur.rows > 0))
		return;
	str_add(out, "<table><tr><th><th class=n>rows<th class=n>missing<th class=n>distinct<th class=n>mean<th class=n>sd<th class=n>min<th class=n>10%<th class=n>25%<th class=n>median<th class=n>75%<th class=n>90%<th class=n>max<th class=n>outliers</tr>");
	side(out, "reference", &c->ref);
	side(out, "current", &c->cur);
	str_add(out, "</table>");
}

static void categories(struct str *out, const char *title, const struct report_category *list, size_t shown, size_t all)
{
	char buf[FMT_MAX];
	if (!all)
		return;
	str_addf(out, "<p><b>%s</b> (%zu): ", title, all);
	for (size_t i = 0; i < shown; i++) {
		str_add(out, i ? ", " : "");
		html_text(out, list[i].name);
		str_addf(out, " <span class=dim>%s</span>", fmt_count(buf, isnan(list[i].rows) ? 0 : (int64_t)list[i].rows));
	}
	str_add(out, shown < all ? ", ...</p>" : "</p>");
}

static void words(struct str *out, const struct report_column *c)
{
	struct str line = STR_INIT;
	report_words_line(&line, c);
	if (line.len)
		html_element(out, "p", line.p);
	str_free(&line);
}

static void verdict_word(struct str *out, const struct report_column *c)
{
	const char *word = c->drifted ? "\xe2\x96\xb2 drifted" : c->watch ? "\xe2\x97\x8c watch" : strcmp(c->status, "compared") == 0 ? "stable" : c->status;
	str_addf(out, "<span class=%s>", c->drifted ? "bad" : c->watch ? "look" : "dim");
	html_text(out, word);
	str_add(out, "</span>");
}

static void column(struct str *out, const struct report_column *c, size_t i)
{
	str_addf(out, "<details id=c%zu%s><summary>", c->position, i < OPEN_COLUMNS && c->drifted ? " open" : "");
	html_text(out, c->name);
	str_add(out, " ");
	verdict_word(out, c);
	str_add(out, "</summary>");
	if (c->n_reasons)
		str_add(out, "<ul>");
	for (size_t k = 0; k < c->n_reasons; k++)
		html_element(out, "li", c->reasons[k]);
	if (c->n_reasons)
		str_add(out, "</ul>");
	if (*c->differs)
		html_element(out, "p", c->differs);
	if (*c->note)
		html_element(out, "p", c->note);
	html_pictures(out, c);
	categories(out, "new categories", c->gained, c->n_gained, c->all_gained);
	categories(out, "lost categories", c->lost, c->n_lost, c->all_lost);
	sides(out, c);
	tests(out, c);
	words(out, c);
	str_add(out, "</details>\n");
}

/* In one line what the block of a column that is drawn says: the first reason, else the effect and how sure it is. */
static void why(struct str *out, const struct report_column *c, bool drawn)
{
	char effect[FMT_MAX], p[FMT_MAX];
	const struct report_test *t = report_primary(c);
	if (c->n_reasons) {
		html_text(out, c->reasons[0]);
	} else if (!drawn && t && !isnan(t->effect)) {
		str_add(out, "<span class=dim>effect ");
		html_text(out, report_effect_words(effect, c));
		str_addf(out, isnan(t->p_adjusted) ? "</span>" : ", adjusted p %s</span>", fmt_number(p, t->p_adjusted, 2));
	}
}

static void row(struct str *out, const struct report_column *c, bool drawn)
{
	if (drawn)
		str_addf(out, "<tr><td><a href=\"#c%zu\">", c->position);
	else
		str_add(out, "<tr><td>");
	html_text(out, c->name);
	str_add(out, drawn ? "</a></td>" : "</td>");
	html_element(out, "td class=dim", c->role && *c->role ? c->role : c->type);
	str_add(out, "<td>");
	verdict_word(out, c);
	str_add(out, "</td><td>");
	if (drawn)
		html_mini(out, c);
	str_add(out, "</td><td>");
	why(out, c, drawn);
	str_add(out, "</td>");
	html_share(out, c->ref.missing / c->ref.rows);
	html_share(out, c->cur.missing / c->cur.rows);
	str_add(out, "</tr>\n");
}

/* Which columns are drawn; returns how many. */
static size_t choose(const struct report *r, const struct export_options *opt, bool *drawn)
{
	size_t drifted = 0, others = 0;
	for (size_t i = 0; i < r->n_columns; i++)
		if (r->columns[i].drifted && (opt->all_pictures || drifted < EXPORT_DRIFTED))
			drawn[i] = true, drifted++;
	for (size_t i = 0; i < r->n_columns; i++)
		if (!r->columns[i].drifted && (opt->all_pictures || drifted + others < EXPORT_PICTURES))
			drawn[i] = true, others++;
	return drifted + others;
}

/* ---- the page ---- */

static void tile(struct str *out, const char *number, const char *what)
{
	str_addf(out, "<div><b>%s</b><span class=dim>%s</span></div>", number, what);
}

static void tiles(struct str *out, const struct report *r)
{
	char number[FMT_MAX], share[FMT_MAX];
	size_t watch = 0;
	for (size_t i = 0; i < r->n_columns; i++)
		watch += r->columns[i].watch && !r->columns[i].drifted;
	str_add(out, "<div class=tiles>");
	tile(out, fmt_count(number, (int64_t)r->n_drifted), "columns drifted");
	tile(out, fmt_count(number, (int64_t)watch), "to watch");
	tile(out, fmt_count(number, (int64_t)r->n_compared), "compared");
	if (r->n_ref > 0)
		tile(out, fmt_count(number, (int64_t)r->n_ref), "rows of reference");
	if (r->n_cur > 0)
		tile(out, fmt_count(number, (int64_t)r->n_cur), "rows now");
	if (r->rank_error > 0) {
		fmt_number(share, 100 * r->rank_error, 2);
		str_addf(out, "<div><b>%s%%</b><span class=dim>largest error of a rank</span></div>", share);
	}
	if (r->sample_ref > 0)
		tile(out, fmt_count(number, (int64_t)r->sample_ref), "rows of reference kept");
	if (r->sample_cur > 0)
		tile(out, fmt_count(number, (int64_t)r->sample_cur), "rows now kept");
	str_add(out, "</div>");
}

static void head(struct str *out, const struct report *r)
{
	str_add(out, "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>Drift report ");
	html_text(out, r->name);
	str_addf(out, "</title>%s</head><body><h1>Drift report ", style);
	html_text(out, r->name);
	str_addf(out, " <span class=%s>", r->drifted ? "bad" : strcmp(r->verdict, "stable") == 0 ? "ok" : "look");
	html_text(out, r->verdict);
	str_add(out, "</span></h1><div class=dim>");
	html_text(out, r->current);
	str_add(out, " against ");
	html_text(out, r->reference);
	if (*r->model) {
		str_add(out, ", model ");
		html_text(out, r->model);
	}
	str_add(out, "</div>");
	tiles(out, r);
	str_add(out, "<p class=\"key dim\"><i style=\"background:var(--ra);margin-left:0\"></i>reference <i style=\"height:0;border-top:2px solid var(--c);vertical-align:middle\"></i>current</p>");
}

void export_html(struct str *out, const struct report *r, const struct export_options *opt)
{
	bool *drawn = mem_zalloc((r->n_columns + 1) * sizeof *drawn);
	const size_t n_drawn = choose(r, opt, drawn);
	char n[FMT_MAX], all[FMT_MAX];
	head(out, r);
	if (n_drawn < r->n_columns)
		str_addf(out, "<p class=dim>Pictures and details of %s of %s columns: those that drift most, then the next by severity. The others are rows of the table; <code>--all-pictures</code> draws them all.</p>",
			fmt_count(n, (int64_t)n_drawn), fmt_count(all, (int64_t)r->n_columns));
	str_add(out, "<table><tr><th>column<th>type<th>verdict<th><th>why<th class=n>missing<th class=n>now</tr>\n");
	for (size_t i = 0; i < r->n_columns; i++)
		row(out, &r->columns[i], drawn[i]);
	str_add(out, "</table>");
	html_performance(out, &r->performance);
	html_joint(out, r);
	html_quality(out, r);
	str_add(out, "<h2>Columns</h2>\n");
	for (size_t i = 0; i < r->n_columns; i++)
		if (drawn[i])
			column(out, &r->columns[i], i);
	free(drawn);
	html_about(out, r);
	str_add(out, "</body></html>\n");
}
