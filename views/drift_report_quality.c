/* What is found beside drift, and what is known of the report itself. */
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "views/drift_report.h"

/* ---- data quality ------------------------------------------------------------------------------------------- */

static void duplicates(struct leaf *s, const struct report *r)
{
	char a[FMT_MAX], b[FMT_MAX];
	if (!isnan(r->duplicates_ref) && !isnan(r->duplicates_cur))
		leaf_text(s, ROLE_TEXT, "rows that repeat another one: %s in the reference, %s in the current data", fmt_count(a, (int64_t)r->duplicates_ref), fmt_count(b, (int64_t)r->duplicates_cur));
}

static void findings(struct leaf *s, const struct report *r, int level, const char *title, enum role role)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n_findings; i++)
		n += r->findings[i].level == level;
	if (!n)
		return;
	leaf_head(s, title, "%zu", n);
	leaf_table(s, "column|finding|check");
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct report_finding *f = &r->findings[i];
		if (f->level != level)
			continue;
		leaf_cell(s, role, "%s", *f->column ? f->column : "(all)");
		leaf_cell(s, ROLE_TEXT, "%s", f->text);
		leaf_cell(s, ROLE_DIM, "%s", f->check);
	}
}

struct leaf *report_quality_leaf(const struct report *r)
{
	struct leaf *s = leaf_new();
	findings(s, r, 2, "Wrong", ROLE_BAD);
	findings(s, r, 1, "To look at", ROLE_WARN);
	findings(s, r, 0, "To know", ROLE_TEXT);
	if (!r->n_findings)
		leaf_text(s, ROLE_DIM, strcmp(r->mode, "mlyard") == 0 ? "no finding: nothing is missing, repeated, out of range or of mixed types more than it was in the reference"
			: "this report holds no findings about the quality of the data");
	duplicates(s, r);
	return s;
}

/* ---- the report itself ---------------------------------------------------------------------------------------------- */

static void fact(struct leaf *s, const char *name, const char *value)
{
	if (!*value)
		return;
	leaf_cell(s, ROLE_DIM, "%s", name);
	leaf_cell(s, ROLE_TEXT, "%s", value);
}

static void number_fact(struct leaf *s, const char *name, double v, const char *unit)
{
	char text[FMT_MAX + 32], number[FMT_MAX];
	if (isnan(v))
		return;
	snprintf(text, sizeof text, "%s%s", v == floor(v) && fabs(v) < 1e15 ? fmt_count(number, (int64_t)v) : fmt_number(number, v, 4), unit);
	fact(s, name, text);
}

static void side(struct leaf *s, const char *title, const char *name, double rows, const unsigned char *digest)
{
	char hex[65];
	leaf_head(s, title, "%s", "");
	leaf_table(s, "|");
	fact(s, "data", name);
	if (rows > 0)
		number_fact(s, "rows", rows, "");
	if (digest && !sodium_is_zero(digest, 32))
		fact(s, "digest", sodium_bin2hex(hex, sizeof hex, digest, 32));
}

struct leaf *report_about_leaf(const struct report *r)
{
	struct leaf *s = leaf_new();
	char when[FMT_MAX], id[32];
	snprintf(id, sizeof id, "%lld", (long long)r->id);
	leaf_head(s, "Report", "%s", "");
	leaf_table(s, "|");
	fact(s, "id", r->id ? id : "");
	fact(s, "name", r->name);
	fact(s, "verdict", r->verdict);
	fact(s, "made", r->ms > 0 ? fmt_time(when, r->ms) : "");
	fact(s, "rules", r->mode);
	fact(s, "origin", r->origin);
	fact(s, "model", r->model);
	if (r->version > 0)
		number_fact(s, "version", (double)r->version, "");
	side(s, "Reference", r->reference, r->n_ref, r->has_digests ? r->reference_digest : NULL);
	side(s, "Current data", r->current, r->n_cur, r->has_digests ? r->current_digest : NULL);
	leaf_head(s, "Settings", "%s", "");
	leaf_table(s, "|");
	number_fact(s, "alpha", r->alpha, "");
	number_fact(s, "columns compared", (double)r->n_compared, "");
	number_fact(s, "drifted", (double)r->n_drifted, "");
	number_fact(s, "share of drifted columns", r->share, "");
	if (r->rank_error > 0)
		number_fact(s, "largest error of a rank", 100 * r->rank_error, " % of rows, because the data were sketched");
	if (r->sample_ref > 0)
		number_fact(s, "sample of whole rows, reference", r->sample_ref, "");
	if (r->sample_cur > 0)
		number_fact(s, "sample of whole rows, current", r->sample_cur, "");
	if (r->n_notes)
		leaf_head(s, "Notes", "%s", "");
	for (size_t i = 0; i < r->n_notes; i++)
		leaf_text(s, ROLE_TEXT, "%s", r->notes[i]);
	return s;
}
