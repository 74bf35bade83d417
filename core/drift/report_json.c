/* report_json -- a report as a JSON document. Numbers that are not known are null; infinite ones the words that jsonw writes. */
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "core/drift/report_parts.h"

static void numbers(struct jsonw *w, const char *key, const double *v, size_t n)
{
	put_open(w, key, '[');
	for (size_t i = 0; i < n; i++)
		put_bare(w, v[i]);
	jsonw_close(w, ']');
}

static void words(struct jsonw *w, const char *key, const char *const *v, size_t n)
{
	put_open(w, key, '[');
	for (size_t i = 0; i < n; i++)
		jsonw_str(w, v[i]);
	jsonw_close(w, ']');
}

static void test(struct jsonw *w, const struct report_test *t)
{
	jsonw_open(w, '{');
	put_text(w, "name", t->name);
	put_text(w, "title", t->title);
	put_number(w, "statistic", t->statistic);
	put_number(w, "p_value", t->p_value);
	put_number(w, "p_adjusted", t->p_adjusted);
	put_number(w, "effect", t->effect);
	put_text(w, "effect_name", t->effect_name);
	put_number(w, "threshold", t->threshold);
	put_number(w, "expected_without_drift", t->null_value);
	if (!isnan(t->low))
		put_number(w, "low", t->low), put_number(w, "high", t->high);
	put_yes(w, "drifted", t->drifted);
	put_yes(w, "primary", t->primary);
	if (*t->why_not)
		put_text(w, "why_not", t->why_not);
	jsonw_close(w, '}');
}

static void side(struct jsonw *w, const char *key, const struct report_side *s)
{
	const struct { const char *key; double value; } members[] = { { "rows", s->rows }, { "missing", s->missing }, { "nan", s->nan }, { "inf", s->inf }, { "mixed", s->mixed },
		{ "distinct", s->distinct }, { "mean", s->mean }, { "sd", s->sd }, { "min", s->min }, { "max", s->max }, { "outliers", s->outliers }, { "outside_range", s->outside } };
	put_open(w, key, '{');
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		put_number(w, members[i].key, members[i].value);
	if (s->quantiles)
		numbers(w, "quantiles", s->quantiles, REPORT_QUANTILES);
	jsonw_close(w, '}');
}

static void categories(struct jsonw *w, const char *key, const struct report_category *c, size_t n)
{
	put_open(w, key, '[');
	for (size_t i = 0; i < n; i++) {
		jsonw_open(w, '{');
		put_text(w, "name", c[i].name);
		put_number(w, "rows", c[i].rows);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void picture(struct jsonw *w, const struct report_picture *p)
{
	if (!p->n)
		return;
	put_open(w, "histogram", '{');
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
	put_open(w, "new_categories", '[');
	for (size_t i = 0; i < c->n_gained; i++)
		jsonw_str(w, c->gained[i].name);
	jsonw_close(w, ']');
	categories(w, "gained", c->gained, c->n_gained);
	categories(w, "lost", c->lost, c->n_lost);
	put_number(w, "gained_count", (double)c->all_gained);
	put_number(w, "lost_count", (double)c->all_lost);
}

static void column(struct jsonw *w, const struct report_column *c)
{
	jsonw_open(w, '{');
	put_text(w, "name", c->name);
	put_text(w, "type", c->type);
	put_text(w, "status", c->status);
	put_text(w, "role", c->role ? c->role : "");
	put_number(w, "position", (double)c->position);
	put_yes(w, "drifted", c->drifted);
	put_yes(w, "watch", c->watch);
	put_yes(w, "mlyard_drifted", c->other_drifted);
	put_number(w, "severity", c->severity);
	words(w, "reasons", c->reasons, c->n_reasons);
	put_open(w, "tests", '[');
	for (size_t i = 0; i < c->n_tests; i++)
		test(w, &c->tests[i]);
	jsonw_close(w, ']');
	put_number(w, "missing_ref", share(&c->ref));
	put_number(w, "missing_cur", share(&c->cur));
	const double interval[2] = { c->missing_low, c->missing_high };
	numbers(w, "missing_change_interval", interval, 2);
	categories_gone(w, c);
	side(w, "reference", &c->ref);
	side(w, "current", &c->cur);
	put_text(w, "note", c->note);
	put_text(w, "differs", c->differs);
	picture(w, &c->picture);
	report_words_json(w, c);
	jsonw_close(w, '}');
}

static void quality(struct jsonw *w, const struct report *r)
{
	put_open(w, "quality", '{');
	if (r->rank_error > 0)
		put_number(w, "rank_error", r->rank_error);
	put_number(w, "duplicates_ref", r->duplicates_ref);
	put_number(w, "duplicates_cur", r->duplicates_cur);
	put_open(w, "findings", '[');
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct report_finding *f = &r->findings[i];
		jsonw_open(w, '{');
		put_text(w, "check", f->check);
		put_text(w, "column", f->column);
		put_number(w, "level", f->level);
		put_text(w, "text", f->text);
		put_number(w, "ref", f->ref);
		put_number(w, "cur", f->cur);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void dataset(struct jsonw *w, const struct report *r)
{
	put_open(w, "dataset", '{');
	put_yes(w, "drifted", r->drifted);
	put_number(w, "share", r->share);
	put_number(w, "n_ref", r->n_ref);
	put_number(w, "n_cur", r->n_cur);
	put_text(w, "verdict", r->verdict);
	put_yes(w, "mlyard_drifted", r->other_drifted);
	put_number(w, "drifted_columns", (double)r->n_drifted);
	put_number(w, "compared_columns", (double)r->n_compared);
	jsonw_close(w, '}');
}

static void inputs(struct jsonw *w, const struct report *r)
{
	char hex[2][65];
	put_text(w, "name", r->name);
	put_text(w, "origin", r->origin);
	put_text(w, "mode", r->mode);
	jsonw_key(w, "ms");
	jsonw_int(w, r->ms);
	put_text(w, "reference", r->reference);
	put_text(w, "current", r->current);
	if (r->has_digests) {
		put_text(w, "reference_digest", sodium_bin2hex(hex[0], sizeof hex[0], r->reference_digest, 32));
		put_text(w, "current_digest", sodium_bin2hex(hex[1], sizeof hex[1], r->current_digest, 32));
	}
	put_text(w, "model", r->model);
	jsonw_key(w, "version");
	jsonw_int(w, r->version);
	put_number(w, "alpha", r->alpha);
	words(w, "notes", r->notes, r->n_notes);
}

void report_json(struct jsonw *w, const struct report *r)
{
	jsonw_open(w, '{');
	put_text(w, "format", "mlyard drift report 1");
	dataset(w, r);
	inputs(w, r);
	put_open(w, "columns", '[');
	for (size_t i = 0; i < r->n_columns; i++)
		column(w, &r->columns[i]);
	jsonw_close(w, ']');
	quality(w, r);
	report_joint_json(w, r);
	report_performance_json(w, r);
	jsonw_close(w, '}');
}
