/* report_json -- a report as a JSON document. Numbers that are not known are null; infinite ones the words that jsonw writes. */
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "core/drift/report.h"

static void number(struct jsonw *w, double v)
{
	if (isnan(v))
		jsonw_null(w);
	else
		jsonw_num(w, v);
}

static void member(struct jsonw *w, const char *key, double v)
{
	jsonw_key(w, key);
	number(w, v);
}

static void text(struct jsonw *w, const char *key, const char *value)
{
	jsonw_key(w, key);
	jsonw_str(w, value);
}

static void yes_no(struct jsonw *w, const char *key, bool value)
{
	jsonw_key(w, key);
	jsonw_bool(w, value);
}

static void open_member(struct jsonw *w, const char *key, char bracket)
{
	jsonw_key(w, key);
	jsonw_open(w, bracket);
}

static void numbers(struct jsonw *w, const char *key, const double *v, size_t n)
{
	open_member(w, key, '[');
	for (size_t i = 0; i < n; i++)
		number(w, v[i]);
	jsonw_close(w, ']');
}

static void words(struct jsonw *w, const char *key, const char *const *v, size_t n)
{
	open_member(w, key, '[');
	for (size_t i = 0; i < n; i++)
		jsonw_str(w, v[i]);
	jsonw_close(w, ']');
}

static void test(struct jsonw *w, const struct report_test *t)
{
	jsonw_open(w, '{');
	text(w, "name", t->name);
	text(w, "title", t->title);
	member(w, "statistic", t->statistic);
	member(w, "p_value", t->p_value);
	member(w, "p_adjusted", t->p_adjusted);
	member(w, "effect", t->effect);
	text(w, "effect_name", t->effect_name);
	member(w, "threshold", t->threshold);
	member(w, "expected_without_drift", t->null_value);
	yes_no(w, "drifted", t->drifted);
	yes_no(w, "primary", t->primary);
	if (*t->why_not)
		text(w, "why_not", t->why_not);
	jsonw_close(w, '}');
}

static void side(struct jsonw *w, const char *key, const struct report_side *s)
{
	const struct { const char *key; double value; } members[] = { { "rows", s->rows }, { "missing", s->missing }, { "nan", s->nan }, { "inf", s->inf }, { "mixed", s->mixed },
		{ "distinct", s->distinct }, { "mean", s->mean }, { "sd", s->sd }, { "min", s->min }, { "max", s->max }, { "outliers", s->outliers }, { "outside_range", s->outside } };
	open_member(w, key, '{');
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		member(w, members[i].key, members[i].value);
	if (s->quantiles)
		numbers(w, "quantiles", s->quantiles, REPORT_QUANTILES);
	jsonw_close(w, '}');
}

static void categories(struct jsonw *w, const char *key, const struct report_category *c, size_t n)
{
	open_member(w, key, '[');
	for (size_t i = 0; i < n; i++) {
		jsonw_open(w, '{');
		text(w, "name", c[i].name);
		member(w, "rows", c[i].rows);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void picture(struct jsonw *w, const struct report_picture *p)
{
	if (!p->n)
		return;
	open_member(w, "histogram", '{');
	if (p->edges)
		numbers(w, "edges", p->edges, p->n + 1);
	if (p->labels)
		words(w, "labels", p->labels, p->n);
	numbers(w, "ref", p->ref, p->n);
	numbers(w, "cur", p->cur, p->n);
	numbers(w, "ref_outside", p->ref_outside, 2);
	numbers(w, "cur_outside", p->cur_outside, 2);
	jsonw_close(w, '}');
}

static double share(const struct report_side *s) { return s->rows > 0 ? s->missing / s->rows : NAN; }

static void categories_gone(struct jsonw *w, const struct report_column *c)
{
	open_member(w, "new_categories", '[');
	for (size_t i = 0; i < c->n_gained; i++)
		jsonw_str(w, c->gained[i].name);
	jsonw_close(w, ']');
	categories(w, "gained", c->gained, c->n_gained);
	categories(w, "lost", c->lost, c->n_lost);
	member(w, "gained_count", (double)c->all_gained);
	member(w, "lost_count", (double)c->all_lost);
}

static void column(struct jsonw *w, const struct report_column *c)
{
	jsonw_open(w, '{');
	text(w, "name", c->name);
	text(w, "type", c->type);
	text(w, "status", c->status);
	text(w, "role", c->role ? c->role : "");
	member(w, "position", (double)c->position);
	yes_no(w, "drifted", c->drifted);
	yes_no(w, "watch", c->watch);
	yes_no(w, "mlyard_drifted", c->other_drifted);
	member(w, "severity", c->severity);
	words(w, "reasons", c->reasons, c->n_reasons);
	open_member(w, "tests", '[');
	for (size_t i = 0; i < c->n_tests; i++)
		test(w, &c->tests[i]);
	jsonw_close(w, ']');
	member(w, "missing_ref", share(&c->ref));
	member(w, "missing_cur", share(&c->cur));
	const double interval[2] = { c->missing_low, c->missing_high };
	numbers(w, "missing_change_interval", interval, 2);
	categories_gone(w, c);
	side(w, "reference", &c->ref);
	side(w, "current", &c->cur);
	text(w, "note", c->note);
	text(w, "differs", c->differs);
	picture(w, &c->picture);
	jsonw_close(w, '}');
}

static void quality(struct jsonw *w, const struct report *r)
{
	open_member(w, "quality", '{');
	member(w, "duplicates_ref", r->duplicates_ref);
	member(w, "duplicates_cur", r->duplicates_cur);
	open_member(w, "findings", '[');
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct report_finding *f = &r->findings[i];
		jsonw_open(w, '{');
		text(w, "check", f->check);
		text(w, "column", f->column);
		member(w, "level", f->level);
		text(w, "text", f->text);
		member(w, "ref", f->ref);
		member(w, "cur", f->cur);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void dataset(struct jsonw *w, const struct report *r)
{
	open_member(w, "dataset", '{');
	yes_no(w, "drifted", r->drifted);
	member(w, "share", r->share);
	member(w, "n_ref", r->n_ref);
	member(w, "n_cur", r->n_cur);
	text(w, "verdict", r->verdict);
	yes_no(w, "mlyard_drifted", r->other_drifted);
	member(w, "drifted_columns", (double)r->n_drifted);
	member(w, "compared_columns", (double)r->n_compared);
	jsonw_close(w, '}');
}

static void inputs(struct jsonw *w, const struct report *r)
{
	char hex[2][65];
	text(w, "name", r->name);
	text(w, "origin", r->origin);
	text(w, "mode", r->mode);
	jsonw_key(w, "ms");
	jsonw_int(w, r->ms);
	text(w, "reference", r->reference);
	text(w, "current", r->current);
	if (r->has_digests) {
		text(w, "reference_digest", sodium_bin2hex(hex[0], sizeof hex[0], r->reference_digest, 32));
		text(w, "current_digest", sodium_bin2hex(hex[1], sizeof hex[1], r->current_digest, 32));
	}
	text(w, "model", r->model);
	jsonw_key(w, "version");
	jsonw_int(w, r->version);
	member(w, "alpha", r->alpha);
	words(w, "notes", r->notes, r->n_notes);
}

void report_json(struct jsonw *w, const struct report *r)
{
	jsonw_open(w, '{');
	text(w, "format", "mlyard drift report 1");
	dataset(w, r);
	inputs(w, r);
	open_member(w, "columns", '[');
	for (size_t i = 0; i < r->n_columns; i++)
		column(w, &r->columns[i]);
	jsonw_close(w, ']');
	quality(w, r);
	jsonw_close(w, '}');
}
