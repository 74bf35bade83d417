/* export_text -- reports as Markdown and as CSV. */
#include <math.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/drift/export.h"
#include "core/drift/report_parts.h"

/* ---- Markdown ---- */

/* Clean, on one line, with nothing that Markdown or a table takes for its own. */
static void md(struct str *out, const char *s)
{
	struct str clean = STR_INIT;
	text_clean(&clean, s, strlen(s), 0);
	for (size_t i = 0; i < clean.len; i++) {
		if (clean.p[i] == '<') {
			str_add(out, "&lt;");
			continue;
		}
		if (strchr("\\`*_[]>|#&", clean.p[i]))
			str_addc(out, '\\');
		str_addc(out, clean.p[i]);
	}
	str_free(&clean);
}

static void md_number(struct str *out, double v, int digits)
{
	char buf[FMT_MAX];
	str_add(out, isnan(v) ? "" : fmt_number(buf, v, digits));
}

static void md_verdict(struct str *out, const struct report_column *c)
{
	if (c->drifted)
		str_add(out, "**drifted**");
	else
		md(out, c->watch ? "watch" : strcmp(c->status, "compared") == 0 ? "stable" : c->status);
}

static void md_row(struct str *out, const struct report_column *c)
{
	str_add(out, "| ");
	md(out, c->name);
	str_add(out, " | ");
	md(out, c->type);
	str_add(out, " | ");
	md_verdict(out, c);
	str_add(out, " | ");
	for (size_t i = 0; i < c->n_reasons; i++) {
		str_add(out, i ? "; " : "");
		md(out, c->reasons[i]);
	}
	if (*c->differs) {
		str_add(out, c->n_reasons ? "; other rule: " : "other rule: ");
		md(out, c->differs);
	}
	str_addf(out, " | %.1f %% \xe2\x86\x92 %.1f %% |\n", c->ref.rows > 0 ? 100 * c->ref.missing / c->ref.rows : 0, c->cur.rows > 0 ? 100 * c->cur.missing / c->cur.rows : 0);
}

static void md_tests(struct str *out, const struct report_column *c)
{
	if (!c->n_tests)
		return;
	str_add(out, "\n### ");
	md(out, c->name);
	str_add(out, "\n\n| test | statistic | p | adjusted p | effect | threshold | without drift |\n|---|---:|---:|---:|---:|---:|---:|\n");
	for (size_t i = 0; i < c->n_tests; i++) {
		const struct report_test *t = &c->tests[i];
		const double cells[] = { t->statistic, t->p_value, t->p_adjusted, t->effect, t->threshold, t->null_value };
		str_add(out, "| ");
		md(out, t->title);
		str_add(out, t->drifted ? " (drifted) |" : " |");
		for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
			str_addc(out, ' ');
			md_number(out, cells[k], 4);
			str_add(out, " |");
		}
		str_addc(out, '\n');
	}
}

static void md_joint(struct str *out, const struct report *r)
{
	struct str line = STR_INIT;
	str_add(out, r->n_joint ? "\n## All columns together\n\n" : "");
	for (size_t i = 0; i < r->n_joint; i++) {
		str_clear(&line);
		report_joint_line(&line, &r->joint[i]);
		str_add(out, "- ");
		md(out, line.p);
		str_addc(out, '\n');
	}
	str_free(&line);
}

static void md_words(struct str *out, const struct report_column *c)
{
	struct str line = STR_INIT;
	report_words_line(&line, c);
	if (line.len) {
		str_addc(out, '\n');
		md(out, line.p);
		str_addc(out, '\n');
	}
	str_free(&line);
}

static void md_performance(struct str *out, const struct report_performance *p)
{
	if (!p->n_metrics)
		return;
	str_add(out, "\n## Performance\n\n| metric | reference | current | from | to | |\n|---|---:|---:|---:|---:|---|\n");
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct report_metric *m = &p->metrics[i];
		const double cells[] = { m->ref, m->cur, m->low, m->high };
		str_add(out, "| ");
		md(out, m->title);
		str_add(out, " |");
		for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
			str_addc(out, ' ');
			md_number(out, cells[k], 4);
			str_add(out, " |");
		}
		str_add(out, m->worse ? " **worse**" : "");
		str_add(out, m->estimated ? " estimated |\n" : " |\n");
	}
	for (size_t i = 0; i < p->n_segments && p->segments[i].worse; i++) {
		char from[FMT_MAX], to[FMT_MAX];
		str_add(out, i ? "- worse where " : "\n- worse where ");
		md(out, p->segments[i].column);
		str_add(out, " is ");
		md(out, p->segments[i].value);
		str_addf(out, ": %s %s \xe2\x86\x92 %s\n", p->segment_metric, fmt_metric(from, p->segments[i].ref), fmt_metric(to, p->segments[i].cur));
	}
	const char *const words[] = { p->sample ? p->sample : "", p->assumption, p->why_not };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (*words[i]) {
			str_addc(out, '\n');
			md(out, words[i]);
			str_addc(out, '\n');
		}
}

void export_markdown(struct str *out, const struct report *r)
{
	char when[FMT_MAX], n[FMT_MAX], m[FMT_MAX];
	str_add(out, "# Drift report");
	if (*r->name) {
		str_add(out, ": ");
		md(out, r->name);
	}
	str_add(out, "\n\n**");
	md(out, r->verdict);
	str_addf(out, "**: %zu of %zu columns drifted. %s rows against %s rows of reference.\n\n", r->n_drifted, r->n_compared, fmt_count(n, (int64_t)r->n_cur),
		fmt_count(m, (int64_t)r->n_ref));
	str_add(out, "Current: ");
	md(out, r->current);
	str_add(out, "  \nReference: ");
	md(out, r->reference);
	str_addf(out, "  \nMade: %s, rule: ", fmt_time_iso(when, r->ms));
	md(out, r->mode);
	str_add(out, "\n\n| column | type | verdict | why | missing |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < r->n_columns; i++)
		md_row(out, &r->columns[i]);
	md_joint(out, r);
	md_performance(out, &r->performance);
	if (r->n_findings)
		str_add(out, "\n## Data quality\n\n");
	for (size_t i = 0; i < r->n_findings; i++) {
		str_add(out, "- ");
		md(out, r->findings[i].check);
		str_add(out, *r->findings[i].column ? ", " : "");
		md(out, r->findings[i].column);
		str_add(out, ": ");
		md(out, r->findings[i].text);
		str_addc(out, '\n');
	}
	str_add(out, "\n## Tests\n");
	for (size_t i = 0; i < r->n_columns; i++) {
		md_tests(out, &r->columns[i]);
		md_words(out, &r->columns[i]);
	}
	for (size_t i = 0; i < r->n_notes; i++) {
		str_add(out, i ? "- " : "\n## Notes\n\n- ");
		md(out, r->notes[i]);
		str_addc(out, '\n');
	}
}

/* ---- CSV: a row a test ---- */

/* Quoted where needed; what a spreadsheet would run as a formula gets a quote mark before it. */
static void field(struct str *out, const char *s)
{
	bool quote = strpbrk(s, ",\"\r\n") != NULL;
	if (quote)
		str_addc(out, '"');
	if (*s && strchr("=+-@\t\r", *s))
		str_addc(out, '\'');
	for (; *s; s++) {
		if (*s == '"')
			str_addc(out, '"');
		str_addc(out, *s);
	}
	if (quote)
		str_addc(out, '"');
}

static void csv_number(struct str *out, double v)
{
	char buf[FMT_MAX];
	str_addc(out, ',');
	str_add(out, isnan(v) ? "" : fmt_exact(buf, v));
}

static void csv_column(struct str *out, const struct report_column *c)
{
	const char *const words[] = { c->name, c->type, c->status };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		field(out, words[i]);
		str_addc(out, ',');
	}
	str_add(out, c->drifted ? "true," : "false,");
	struct str reasons = STR_INIT;
	for (size_t i = 0; i < c->n_reasons; i++)
		str_addf(&reasons, "%s%s", i ? "; " : "", c->reasons[i]);
	field(out, reasons.p);
	str_free(&reasons);
	csv_number(out, c->severity);
	csv_number(out, c->ref.rows), csv_number(out, c->cur.rows), csv_number(out, c->ref.missing), csv_number(out, c->cur.missing);
}

void export_csv(struct str *out, const struct report *r)
{
	str_add(out, "column,type,status,column_drifted,reasons,severity,rows_ref,rows_cur,missing_ref,missing_cur,"
		"test,statistic,p_value,p_adjusted,effect,threshold,expected_without_drift,test_drifted\n");
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct report_column *c = &r->columns[i];
		for (size_t k = 0; k < c->n_tests; k++) {
			const struct report_test *t = &c->tests[k];
			csv_column(out, c);
			str_addc(out, ',');
			field(out, t->name);
			csv_number(out, t->statistic), csv_number(out, t->p_value), csv_number(out, t->p_adjusted), csv_number(out, t->effect), csv_number(out, t->threshold);
			csv_number(out, t->null_value);
			str_addf(out, ",%s\n", t->drifted ? "true" : "false");
		}
		if (!c->n_tests) {
			csv_column(out, c);
			str_add(out, ",,,,,,,,\n");
		}
	}
}
