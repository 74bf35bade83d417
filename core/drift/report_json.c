/* report_json -- a report as a JSON document. Numbers that are not known are null; infinite ones the words that jsonw writes. */
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "core/drift/report_parts.h"

static void numbers(struct jsonw *w, const char *key, const double *v, size_t n)
{
	jsonw_put_open(w, key, '[');
	for (size_t i = 0; i < n; i++)
		jsonw_known(w, v[i]);
	jsonw_close(w, ']');
}

static void test(struct jsonw *w, const struct report_test *t)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", t->name);
	jsonw_put_str(w, "title", t->title);
	jsonw_put_known(w, "statistic", t->statistic);
	jsonw_put_known(w, "p_value", t->p_value);
	jsonw_put_known(w, "p_adjusted", t->p_adjusted);
	jsonw_put_known(w, "effect", t->effect);
	jsonw_put_str(w, "effect_name", t->effect_name);
	jsonw_put_known(w, "threshold", t->threshold);
	jsonw_put_known(w, "expected_without_drift", t->null_value);
	if (!isnan(t->low))
		jsonw_put_known(w, "low", t->low), jsonw_put_known(w, "high", t->high);
	jsonw_put_bool(w, "drifted", t->drifted);
	jsonw_put_bool(w, "primary", t->primary);
	if (t->sampled)
		jsonw_put_bool(w, "sampled", true);
	if (*t->why_not)
		jsonw_put_str(w, "why_not", t->why_not);
	jsonw_close(w, '}');
}

static void side(struct jsonw *w, const char *key, const struct report_side *s)
{
	const struct { const char *key; double value; } members[] = { { "rows", s->rows }, { "missing", s->missing }, { "nan", s->nan }, { "inf", s->inf }, { "mixed", s->mixed },
		{ "distinct", s->distinct }, { "mean", s->mean }, { "sd", s->sd }, { "min", s->min }, { "max", s->max }, { "outliers", s->outliers }, { "outside_range", s->outside } };
	jsonw_put_open(w, key, '{');
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		jsonw_put_known(w, members[i].key, members[i].value);
	if (s->quantiles)
		numbers(w, "quantiles", s->quantiles, REPORT_QUANTILES);
	jsonw_close(w, '}');
}

static void categories(struct jsonw *w, const char *key, const struct report_category *c, size_t n)
{
	jsonw_put_open(w, key, '[');
	for (size_t i = 0; i < n; i++) {
		jsonw_open(w, '{');
		jsonw_put_str(w, "name", c[i].name);
		jsonw_put_known(w, "rows", c[i].rows);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void picture(struct jsonw *w, const struct report_picture *p)
{
	if (!p->n)
		return;
	jsonw_put_open(w, "histogram", '{');
	if (p->edges)
		numbers(w, "edges", p->edges, p->n + 1);
	if (p->labels)
		jsonw_put_strs(w, "labels", p->labels, p->n);
	numbers(w, "ref", p->ref, p->n);
	numbers(w, "cur", p->cur, p->n);
	numbers(w, "ref_outside", p->ref_outside, 2);
	numbers(w, "cur_outside", p->cur_outside, 2);
	jsonw_close(w, '}');
}

static double share(const struct report_side *s) { return s->rows > 0 ? s->missing / s->rows : NAN; }

static void categories_gone(struct jsonw *w, const struct report_column *c)
{
	jsonw_put_open(w, "new_categories", '[');
	for (size_t i = 0; i < c->n_gained; i++)
		jsonw_str(w, c->gained[i].name);
	jsonw_close(w, ']');
	categories(w, "gained", c->gained, c->n_gained);
	categories(w, "lost", c->lost, c->n_lost);
	jsonw_put_known(w, "gained_count", (double)c->all_gained);
	jsonw_put_known(w, "lost_count", (double)c->all_lost);
}

static void column(struct jsonw *w, const struct report_column *c)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", c->name);
	jsonw_put_str(w, "type", c->type);
	jsonw_put_str(w, "status", c->status);
	jsonw_put_str(w, "role", c->role ? c->role : "");
	jsonw_put_known(w, "position", (double)c->position);
	jsonw_put_bool(w, "drifted", c->drifted);
	jsonw_put_bool(w, "watch", c->watch);
	jsonw_put_bool(w, "mlyard_drifted", c->other_drifted);
	jsonw_put_known(w, "severity", c->severity);
	jsonw_put_strs(w, "reasons", c->reasons, c->n_reasons);
	jsonw_put_open(w, "tests", '[');
	for (size_t i = 0; i < c->n_tests; i++)
		test(w, &c->tests[i]);
	jsonw_close(w, ']');
	jsonw_put_known(w, "missing_ref", share(&c->ref));
	jsonw_put_known(w, "missing_cur", share(&c->cur));
	const double interval[2] = { c->missing_low, c->missing_high };
	numbers(w, "missing_change_interval", interval, 2);
	categories_gone(w, c);
	side(w, "reference", &c->ref);
	side(w, "current", &c->cur);
	jsonw_put_str(w, "note", c->note);
	jsonw_put_str(w, "differs", c->differs);
	picture(w, &c->picture);
	report_words_json(w, c);
	jsonw_close(w, '}');
}

static void quality(struct jsonw *w, const struct report *r)
{
	jsonw_put_open(w, "quality", '{');
	if (r->rank_error > 0)
		jsonw_put_known(w, "rank_error", r->rank_error);
	jsonw_put_known(w, "duplicates_ref", r->duplicates_ref);
	jsonw_put_known(w, "duplicates_cur", r->duplicates_cur);
	jsonw_put_open(w, "findings", '[');
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct report_finding *f = &r->findings[i];
		jsonw_open(w, '{');
		jsonw_put_str(w, "check", f->check);
		jsonw_put_str(w, "column", f->column);
		jsonw_put_known(w, "level", f->level);
		jsonw_put_str(w, "text", f->text);
		jsonw_put_known(w, "ref", f->ref);
		jsonw_put_known(w, "cur", f->cur);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void dataset(struct jsonw *w, const struct report *r)
{
	jsonw_put_open(w, "dataset", '{');
	jsonw_put_bool(w, "drifted", r->drifted);
	jsonw_put_known(w, "share", r->share);
	jsonw_put_known(w, "n_ref", r->n_ref);
	jsonw_put_known(w, "n_cur", r->n_cur);
	jsonw_put_str(w, "verdict", r->verdict);
	jsonw_put_bool(w, "mlyard_drifted", r->other_drifted);
	jsonw_put_known(w, "drifted_columns", (double)r->n_drifted);
	jsonw_put_known(w, "compared_columns", (double)r->n_compared);
	if (r->sample_ref > 0)
		jsonw_put_known(w, "sample_ref", r->sample_ref), jsonw_put_known(w, "sample_cur", r->sample_cur);
	jsonw_close(w, '}');
}

static void inputs(struct jsonw *w, const struct report *r)
{
	char hex[2][65];
	jsonw_put_str(w, "name", r->name);
	jsonw_put_str(w, "origin", r->origin);
	jsonw_put_str(w, "mode", r->mode);
	jsonw_put_int(w, "ms", r->ms);
	jsonw_put_str(w, "reference", r->reference);
	jsonw_put_str(w, "current", r->current);
	if (r->has_digests) {
		jsonw_put_str(w, "reference_digest", sodium_bin2hex(hex[0], sizeof hex[0], r->reference_digest, 32));
		jsonw_put_str(w, "current_digest", sodium_bin2hex(hex[1], sizeof hex[1], r->current_digest, 32));
	}
	jsonw_put_str(w, "model", r->model);
	jsonw_put_int(w, "version", r->version);
	jsonw_put_known(w, "alpha", r->alpha);
	jsonw_put_strs(w, "notes", r->notes, r->n_notes);
}

void report_json(struct jsonw *w, const struct report *r)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "format", "mlyard drift report 1");
	dataset(w, r);
	inputs(w, r);
	jsonw_put_open(w, "columns", '[');
	for (size_t i = 0; i < r->n_columns; i++)
		column(w, &r->columns[i]);
	jsonw_close(w, ']');
	quality(w, r);
	report_joint_json(w, r);
	report_performance_json(w, r);
	jsonw_close(w, '}');
}
