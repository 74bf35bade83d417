/* Evidently's files: which dialect, and what is made of what its reader found.
 *
 * Python writes NaN and Infinity, which JSON has not: they are made strings first, outside of strings only. Dialects are asked by what only they have. Columns are found by name while
 * reading; shares, order and the verdict of the data set are worked out at the end, when all is there.
 */
#include "core/drift/import_evidently.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/drift/import_evidently_impl.h"

/* By what only they have; the first that fits reads. */
static const struct dialect *const dialects[] = {
#define X(id) &evidently_##id,
#include "core/drift/dialect_table.inc"
#undef X
};
enum { SHOWN_KINDS = 12 };

/* ---- JSON as Python writes it ---- */

/* Strings are passed over. */
void evidently_plain(const char *p, size_t n, struct str *out)
{
	static const struct { const char *from, *to; } words[] = { { "NaN", "null" }, { "-Infinity", "\"-Infinity\"" }, { "Infinity", "\"Infinity\"" } };
	bool string = false;
	str_reserve(out, n);
	for (size_t i = 0; i < n; i++) {
		bool found = false;
		for (size_t k = 0; !string && k < 3 && !found; k++) {
			size_t len = strlen(words[k].from);
			if (n - i >= len && memcmp(p + i, words[k].from, len) == 0) {
				str_add(out, words[k].to);
				i += len - 1;
				found = true;
			}
		}
		if (found)
			continue;
		str_addc(out, p[i]);
		if (string && p[i] == '\\' && i + 1 < n)
			str_addc(out, p[++i]);
		else if (p[i] == '"')
			string = !string;
	}
}

double evidently_number(const json_t *v)
{
	const char *word = json_string_value(v);
	return word && strcmp(word, "Infinity") == 0 ? INFINITY : word && strcmp(word, "-Infinity") == 0 ? -INFINITY : json_is_number(v) ? json_number_value(v) : NAN;
}

double evidently_at(const json_t *o, const char *key) { return evidently_number(json_object_get(o, key)); }

const char *evidently_word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

/* ---- the report ---- */

static int by_drift(const void *a, const void *b)
{
	const struct report_column *x = a, *y = b;
	return x->drifted != y->drifted ? (x->drifted ? -1 : 1) : x->position < y->position ? -1 : x->position > y->position;
}

static int by_level(const void *a, const void *b)
{
	const struct report_finding *x = a, *y = b;
	return x->level != y->level ? y->level - x->level : x->ref < y->ref ? -1 : x->ref > y->ref;
}

static void finish_columns(struct taking *t, struct report *r)
{
	struct report_column *c = arena_array(t->a, t->n, sizeof *c);
	if (t->n) {
		memcpy(c, t->columns, t->n * sizeof *c);
		qsort(c, t->n, sizeof *c, by_drift);
	}
	r->columns = c, r->n_columns = t->n;
	for (size_t i = 0; i < t->n; i++) {
		c[i].ref.rows = c[i].ref.rows > 0 ? c[i].ref.rows : r->n_ref;
		c[i].cur.rows = c[i].cur.rows > 0 ? c[i].cur.rows : r->n_cur;
		r->n_drifted += c[i].drifted;
		r->n_compared += strcmp(c[i].status, "compared") == 0;
	}
	r->share = r->n_compared ? (double)r->n_drifted / (double)r->n_compared : 0;
}

static bool finish_findings(struct taking *t, struct report *r)
{
	struct report_finding *f = arena_array(t->a, t->n_findings, sizeof *f);
	bool wrong = false;
	for (size_t i = 0; i < t->n_findings; i++) {
		f[i] = t->findings[i];
		f[i].ref = (double)i;                    /* keeps the order of the file within a level */
		wrong |= f[i].level == 2;
	}
	if (t->n_findings)
		qsort(f, t->n_findings, sizeof *f, by_level);
	for (size_t i = 0; i < t->n_findings; i++)
		f[i].ref = f[i].cur = NAN;
	r->findings = f, r->n_findings = t->n_findings;
	return wrong;
}

static void finish_performance(struct taking *t, struct report *r)
{
	struct report_metric *m = arena_array(t->a, t->n_metrics, sizeof *m);
	if (t->n_metrics)
		memcpy(m, t->metrics, t->n_metrics * sizeof *m);
	r->performance.metrics = m, r->performance.n_metrics = t->n_metrics;
	r->performance.task = r->performance.target = r->performance.prediction = r->performance.probability = r->performance.positive = "";
	r->performance.assumption = r->performance.segment_metric = r->performance.why_not = r->performance.sample = "";
}

static const char *kinds_passed_over(struct taking *t)
{
	struct str s = STR_INIT;
	size_t n = map_count(t->passed_over);
	for (size_t i = 0; i < n && i < SHOWN_KINDS; i++)
		str_addf(&s, "%s%.80s", i ? ", " : "", map_key(t->passed_over, i, NULL));
	const char *note = arena_printf(t->a, "left out, as a report has no place for them: %s%s", s.p, n > SHOWN_KINDS ? " and others" : "");
	str_free(&s);
	return note;
}

static void finish_notes(struct taking *t, struct report *r)
{
	const char **notes = arena_array(t->a, 2, sizeof *notes);
	if (*t->stamp)
		notes[r->n_notes++] = arena_printf(t->a, "Evidently made it at %s", t->stamp);
	if (map_count(t->passed_over))
		notes[r->n_notes++] = kinds_passed_over(t);
	r->notes = notes;
}

static void finish(struct taking *t, const char *name)
{
	struct report *r = t->r;
	finish_columns(t, r);
	const bool wrong = finish_findings(t, r);
	finish_performance(t, r);
	finish_notes(t, r);
	r->drifted = r->other_drifted = t->said ? t->drifted : r->n_compared && r->share >= 0.5;
	r->verdict = r->drifted ? "drifted" : r->n_drifted || wrong ? "watch" : "stable";
	r->name = t->name, r->origin = "evidently", r->mode = "evidently", r->model = "";
	r->reference = "", r->current = arena_strdup(t->a, name);
	r->ms = clock_wall_ms(), r->alpha = NAN, r->duplicates_ref = r->duplicates_cur = NAN;
}

/* ---- the file ---- */

static json_t *parse(const char *bytes, size_t n, const char *name, struct err *e)
{
	struct str s = STR_INIT;
	json_error_t bad;
	json_t *page = evidently_page(bytes, n);
	if (page)
		return page;
	evidently_plain(bytes, n, &s);
	json_t *o = json_loadb(s.p, s.len, 0, &bad);
	str_free(&s);
	if (!o)
		err_set(e, ST_FAILED, "%s:%d: no JSON: %s", name, bad.line, bad.text);
	return o;
}

static enum status take(struct taking *t, const json_t *o, const char *name, struct err *e)
{
	for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
		if (dialects[i]->sniff(o)) {
			t->name = arena_strdup(t->a, evidently_word(o, "name")), t->stamp = arena_strdup(t->a, evidently_word(o, "timestamp"));
			dialects[i]->read(t, o);
			return t->n || t->n_findings || t->n_metrics ? ST_OK :
				err_set(e, ST_NOT_FOUND, "%s: %s of Evidently without drift, tests or metrics that a report here could show", name, dialects[i]->what);
		}
	return err_set(e, ST_FAILED, "%s: neither a drift report of this program nor a report, test suite, snapshot, profile or page of Evidently", name);
}

enum status import_evidently(const char *bytes, size_t n, const char *name, struct report **out, struct err *e)
{
	*out = NULL;
	json_t *o = parse(bytes, n, name, e);
	if (!o)
		return ST_FAILED;
	struct taking t = { .a = arena_new(), .names = map_new(), .passed_over = map_new(), .drift_share = NAN };
	t.r = arena_zalloc(t.a, sizeof *t.r);
	t.r->arena = t.a;
	enum status st = take(&t, o, name, e);
	if (st == ST_OK) {
		finish(&t, name);
		*out = t.r;
	} else {
		arena_free(t.a);
	}
	map_free(t.names), map_free(t.passed_over);
	free(t.columns), free(t.findings), free(t.metrics);
	json_decref(o);
	return st;
}
