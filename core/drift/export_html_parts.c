/* export_html_parts -- the sections of an HTML report beside its columns: performance, all columns together, data quality, the report itself. */
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/drift/export_html.h"

enum { WEIGHTS_SHOWN = 15, SEGMENTS_SHOWN = 15, CONFUSION_MOST = 20 };

/* ---- performance ---- */

static void interval(struct str *out, double low, double high)
{
	char a[FMT_MAX], b[FMT_MAX];
	if (isnan(low) || isnan(high))
		str_add(out, "<td>");
	else
		str_addf(out, "<td class=\"n dim\">%s to %s", fmt_metric(a, low), fmt_metric(b, high));
}

static void metrics(struct str *out, const struct report_performance *p)
{
	str_add(out, "<table><tr><th>metric<th class=n>reference<th class=n>current<th class=n>change<th class=n>95 % interval<th></tr>");
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct report_metric *m = &p->metrics[i];
		str_add(out, "<tr>");
		html_element(out, "td", m->title);
		html_metric(out, m->ref);
		html_metric(out, m->cur);
		html_number(out, m->cur - m->ref, 3);
		interval(out, m->low, m->high);
		str_addf(out, "<td>%s%s</tr>", m->worse ? "<span class=bad>worse</span>" : "", m->estimated ? " <span class=look>estimated</span>" : "");
	}
	str_add(out, "</table>");
}

/* Cells are shaded by their share of the row. */
static void confusion(struct str *out, const struct report_performance *p, const double *counts, const char *side)
{
	char number[FMT_MAX];
	size_t n = p->n_labels;
	if (!counts || !n || n > CONFUSION_MOST)
		return;
	str_addf(out, "<table class=small><caption>%s: target down, prediction across</caption><tr><th>", side);
	for (size_t k = 0; k < n; k++)
		html_element(out, "th class=n", p->labels[k]);
	str_add(out, "</tr>");
	for (size_t i = 0; i < n; i++) {
		double rows = 0;
		for (size_t k = 0; k < n; k++)
			rows += counts[i * n + k];
		str_add(out, "<tr>");
		html_element(out, "th", p->labels[i]);
		for (size_t k = 0; k < n; k++) {
			double part = rows > 0 ? counts[i * n + k] / rows : 0;
			str_addf(out, "<td class=n style=\"background:rgba(%s,%.2f)\">%s <span class=dim>%.0f%%</span></td>", i == k ? "80,150,230" : "230,120,40", 0.45 * part, fmt_count(number, (int64_t)counts[i * n + k]), 100 * part);
		}
		str_add(out, "</tr>");
	}
	str_add(out, "</table>");
}

static void segments(struct str *out, const struct report_performance *p)
{
	if (!p->n_segments)
		return;
	str_add(out, "<h3>Slices</h3><p class=dim>");
	html_text(out, p->segment_metric);
	str_add(out, ", those that got worst first</p><table><tr><th>slice<th class=n>reference<th class=n>current<th class=n>change<th class=n>rows before<th class=n>rows now<th></tr>");
	for (size_t i = 0; i < p->n_segments && i < SEGMENTS_SHOWN; i++) {
		const struct report_segment *s = &p->segments[i];
		str_add(out, "<tr><td>");
		html_text(out, s->column);
		str_add(out, " = ");
		html_text(out, s->value);
		html_metric(out, s->ref);
		html_metric(out, s->cur);
		html_number(out, s->cur - s->ref, 3);
		html_count(out, s->rows_ref);
		html_count(out, s->rows_cur);
		str_addf(out, "<td>%s</tr>", s->worse ? "<span class=bad>worse</span>" : "");
	}
	str_add(out, "</table>");
	if (p->n_segments > SEGMENTS_SHOWN)
		str_addf(out, "<p class=dim>%zu more</p>", p->n_segments - SEGMENTS_SHOWN);
}

void html_performance(struct str *out, const struct report_performance *p)
{
	if (!p->n_metrics)
		return;
	str_add(out, "<section><h2>Performance</h2>");
	metrics(out, p);
	if (p->sample && *p->sample)
		html_element(out, "p class=dim", p->sample);
	if (*p->assumption) {
		str_add(out, "<p class=look>");
		html_text(out, p->assumption);
		str_add(out, "</p>");
	}
	if (*p->why_not) {
		str_add(out, "<p class=look>");
		html_text(out, p->why_not);
		str_add(out, "</p>");
	}
	str_add(out, "<div class=plots>");
	confusion(out, p, p->confusion_ref, "reference");
	confusion(out, p, p->confusion_cur, "current");
	if (p->n_calibration) {
		str_add(out, "<figure>");
		html_calibration(out, p);
		str_add(out, "<figcaption>observed share over predicted probability</figcaption></figure>");
	}
	str_add(out, "</div>");
	segments(out, p);
	str_add(out, "</section>");
}

/* ---- all columns together ---- */

static void weights(struct str *out, const struct report_joint *j)
{
	double top = 0;
	for (size_t i = 0; i < j->n_weights; i++)
		top = fmax(top, fabs(j->weights[i].weight));
	if (!(top > 0))
		return;
	str_add(out, "<table class=small>");
	for (size_t i = 0; i < j->n_weights && i < WEIGHTS_SHOWN; i++) {
		str_add(out, "<tr>");
		html_element(out, "td", j->weights[i].name);
		html_number(out, j->weights[i].weight, 3);
		str_addf(out, "<td><i class=bar style=\"width:%.0fpx\"></i></tr>", 220 * fabs(j->weights[i].weight) / top);
	}
	str_add(out, "</table>");
}

void html_joint(struct str *out, const struct report *r)
{
	if (!r->n_joint)
		return;
	str_add(out, "<section><h2>All columns together</h2>");
	for (size_t i = 0; i < r->n_joint; i++) {
		const struct report_joint *j = &r->joint[i];
		str_add(out, "<h3>");
		html_text(out, *j->title ? j->title : j->name);
		str_addf(out, " <span class=%s>%s</span></h3>", j->drifted ? "bad" : "dim", *j->why_not ? "not computed" : j->drifted ? "drifted" : "unchanged");
		html_element(out, "p", *j->why_not ? j->why_not : j->text);
		weights(out, j);
	}
	str_add(out, "</section>");
}

/* ---- data quality ---- */

void html_quality(struct str *out, const struct report *r)
{
	static const char *const classes[] = { "dim", "look", "bad" };
	if (!r->n_findings)
		return;
	str_add(out, "<section><h2>Data quality</h2><table><tr><th>check<th>column<th>finding</tr>");
	for (int level = 2; level >= 0; level--)
		for (size_t i = 0; i < r->n_findings; i++) {
			const struct report_finding *f = &r->findings[i];
			if (f->level != level)
				continue;
			str_addf(out, "<tr><td class=%s>", classes[level]);
			html_text(out, f->check);
			html_element(out, "td", f->column);
			html_element(out, "td", f->text);
			str_add(out, "</tr>");
		}
	str_add(out, "</table></section>");
}

/* ---- the report itself ---- */

static void fact(struct str *out, const char *name, const char *value)
{
	if (!*value)
		return;
	str_addf(out, "<tr><td class=dim>%s", name);
	html_element(out, "td class=wrap", value);
	str_add(out, "</tr>");
}

void html_about(struct str *out, const struct report *r)
{
	char hex[2][65], alpha[FMT_MAX], when[FMT_MAX];
	bool known = r->has_digests && !sodium_is_zero(r->reference_digest, 32);
	str_add(out, "<section><h2>About</h2><table class=small>");
	fact(out, "made", r->ms > 0 ? fmt_time_iso(when, r->ms) : "");
	fact(out, "rules", r->mode);
	fact(out, "origin", r->origin);
	fact(out, "alpha", isnan(r->alpha) ? "" : fmt_number(alpha, r->alpha, 3));
	fact(out, "reference", r->reference);
	fact(out, "its digest", known ? sodium_bin2hex(hex[0], sizeof hex[0], r->reference_digest, 32) : "");
	fact(out, "current", r->current);
	fact(out, "its digest", known ? sodium_bin2hex(hex[1], sizeof hex[1], r->current_digest, 32) : "");
	str_add(out, "</table>");
	if (r->n_notes)
		str_add(out, "<ul>");
	for (size_t i = 0; i < r->n_notes; i++)
		html_element(out, "li", r->notes[i]);
	str_add(out, r->n_notes ? "</ul></section>" : "</section>");
}
