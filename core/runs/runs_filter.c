/* Asking a filter about every run of a base, a term at a time.
 *
 * A term looks at one field, so it runs down one column; runs that an earlier term dropped are not asked
 * again. Columns of texts are asked once per distinct text. Words are looked for in the texts of the row
 * and in the distinct tag texts.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/runs_impl.h"

struct ask {
	const struct runs_snap *sn;
	const struct filter *f;
	size_t term;
	bool negated;
	uint8_t *keep;
};

static struct filter_value text_value(const char *s, size_t n)
{
	return (struct filter_value){ .present = true, .text = s, .n = n };
}

static struct filter_value ms_value(int64_t ms)
{
	return (struct filter_value){ .present = ms != MS_UNKNOWN, .is_num = true, .num = (double)ms };
}

static struct filter_value attribute_value(const struct runs_base *b, const struct run_row *r, enum filter_kind kind, int64_t now)
{
	const struct runs_experiment *x;
	const char *s = "";
	switch (kind) {
	case FF_NAME: s = r->name; break;
	case FF_ID: s = r->uuid; break;
	case FF_USER: s = r->user; break;
	case FF_SOURCE: s = r->source; break;
	case FF_STATE: s = run_status_name(r->status); break;
	case FF_EXPERIMENT: s = (x = base_experiment(b, r->experiment_id)) ? x->name : ""; break;
	case FF_AGE: return ms_value(r->start_ms == MS_UNKNOWN ? MS_UNKNOWN : now - r->start_ms);
	case FF_TOOK: return ms_value(run_took_ms(r, now));
	case FF_METRIC: case FF_METRIC_MIN: case FF_METRIC_MAX: case FF_PARAM: case FF_TAG: case FF_ANYKEY: case FF_WORD: break;
	}
	return text_value(s, strlen(s));
}

static void ask_attribute(struct ask *a, enum filter_kind kind)
{
	const struct runs_base *b = a->sn->base;
	int64_t now = clock_wall_ms();
	for (size_t i = 0; i < b->n; i++)
		if (a->keep[i]) {
			struct filter_value v = attribute_value(b, &b->rows[i], kind, now);
			a->keep[i] = filter_term_says(a->f, a->term, &v) != a->negated;
		}
}

/* What the term says of each distinct text; verdict[0] is for missing ones. */
static uint8_t *ask_texts(const struct ask *a, const struct runs_texts *tx, bool numbers)
{
	uint8_t *verdict = mem_zalloc(tx->n + 1);
	for (uint32_t k = 1; k <= tx->n; k++) {
		struct filter_value v = { .present = true };
		v.text = texts_get(tx, k, &v.n);
		v.num = tx->num ? tx->num[k - 1] : NAN;
		/* NAN also means "no number"; a text that says NaN in a column of numbers is one. */
		v.is_num = !isnan(v.num) || numbers;
		verdict[k] = filter_term_says(a->f, a->term, &v);
	}
	return verdict;
}

/* The first of up to three columns (metric, param, tag) that has a value decides. */
static void ask_columns(struct ask *a, struct runs_column *const *columns, size_t n)
{
	uint8_t *verdicts[3] = { NULL };
	for (size_t k = 0; k < n; k++)
		if (columns[k]->value)
			verdicts[k] = ask_texts(a, &columns[k]->texts, columns[k]->numeric);
	for (size_t i = 0; i < a->sn->base->n; i++) {
		bool says = false;
		if (!a->keep[i])
			continue;
		for (size_t k = 0; k < n; k++) {
			const struct runs_column *c = columns[k];
			if (c->value && c->value[i]) {
				says = verdicts[k][c->value[i]];
				break;
			}
			if (c->have && c->have[i]) {
				struct filter_value v = { .present = true, .is_num = true, .num = c->num[i] };
				says = filter_term_says(a->f, a->term, &v);
				break;
			}
		}
		a->keep[i] = says != a->negated;
	}
	for (size_t k = 0; k < n; k++)
		free(verdicts[k]);
}

static bool says_text(const struct ask *a, const char *s)
{
	struct filter_value v = text_value(s, strlen(s));
	return filter_term_says(a->f, a->term, &v);
}

static void ask_words(struct ask *a)
{
	const struct runs_base *b = a->sn->base;
	const struct runs_words *w = a->sn->base->words;
	uint8_t *verdict = ask_texts(a, &w->texts, false);
	const char *user = NULL, *source = NULL;          /* shared texts: their pointers repeat */
	bool user_says = false, source_says = false;
	for (size_t i = 0; i < b->n; i++) {
		const struct run_row *r = &b->rows[i];
		if (!a->keep[i])
			continue;
		if (r->user != user)
			user_says = says_text(a, user = r->user);
		if (r->source != source)
			source_says = says_text(a, source = r->source);
		bool says = user_says || source_says || says_text(a, r->name) || says_text(a, r->uuid);
		for (size_t k = w->start[i]; k < w->start[i + 1] && !says; k++)
			says = verdict[w->value[k]];
		a->keep[i] = says != a->negated;
	}
	free(verdict);
}

static const struct { enum filter_kind field; enum col_kind col; const char *word; } keyed[] = {
	{ FF_METRIC, COL_METRIC, "metric" }, { FF_METRIC_MIN, COL_METRIC_MIN, "metric" }, { FF_METRIC_MAX, COL_METRIC_MAX, "metric" },
	{ FF_PARAM, COL_PARAM, "param" }, { FF_TAG, COL_TAG, "tag" },
	{ FF_ANYKEY, COL_METRIC, "metric, param or tag" }, { FF_ANYKEY, COL_PARAM, "" }, { FF_ANYKEY, COL_TAG, "" },
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Columns that answer a field; none: the field is an attribute or a word. */
size_t snap_field_columns(const struct filter_field *field, enum col_kind kinds[3])
{
	size_t n = 0;
	for (size_t i = 0; i < COUNT(keyed); i++)
		if (keyed[i].field == field->kind)
			kinds[n++] = keyed[i].col;
	return n;
}

static void note_unknown(struct str *notes, const struct filter_field *field)
{
	size_t i = 0;
	while (keyed[i].field != field->kind)
		i++;
	str_addf(notes, "%sno run here has the %s \"", notes->len ? "; " : "", keyed[i].word);
	text_clean(notes, field->key, strnlen(field->key, 80), 0);
	str_addc(notes, '"');
}

/* A bare key that is a metric here, against a text: no run can answer, so the term is left out and said. */
static bool is_text_for_metric(const struct ask *a, const struct filter_field *field, struct str *notes)
{
	struct str term = STR_INIT, key = STR_INIT;
	bool odd = !filter_term_suits_metric(a->f, a->term, &term);
	if (odd) {
		text_clean(&key, field->key, strnlen(field->key, 80), 0);
		str_addf(notes, "%s%s: a metric needs a number; a text is params.%s or tags.%s", notes->len ? "; " : "", term.p, key.p, key.p);
	}
	str_free(&term);
	str_free(&key);
	return odd;
}

static bool ask_field(struct ask *a, const struct filter_field *field, struct str *notes)
{
	enum col_kind kinds[3];
	struct runs_column *columns[3];
	size_t n = snap_field_columns(field, kinds), present = 0;
	if (!n) {
		if (field->kind == FF_WORD)
			ask_words(a);
		else
			ask_attribute(a, field->kind);
		return true;
	}
	for (size_t k = 0; k < n; k++) {
		columns[k] = snap_column(a->sn, kinds[k], field->key);
		present += columns[k]->present;
	}
	if (!present)
		note_unknown(notes, field);
	if (field->kind == FF_ANYKEY && columns[0]->present && is_text_for_metric(a, field, notes))
		return false;
	ask_columns(a, columns, n);
	return true;
}

bool snap_filter(const struct runs_snap *sn, const struct filter *f, uint8_t *keep, struct str *notes)
{
	const struct filter_field *fields;
	bool all = true;
	filter_fields(f, &fields);
	memset(keep, 1, sn->base->n);
	for (size_t t = 0; t < filter_terms(f); t++) {
		struct ask a = { sn, f, t, filter_term_negated(f, t), keep };
		all = ask_field(&a, &fields[filter_term_field(f, t)], notes) && all;
	}
	filter_complaints(f, notes);
	return all;
}
