/* Asking a parsed filter about values. The parser has done the work: a term knows its number, its
 * states, its compiled pattern; here are only comparisons.
 *
 * Words are looked for in every text of every run at each key press, so the common case (needle and
 * haystack both ASCII) has a loop of its own; the rest goes through Unicode case folding.
 */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/runs/filter_impl.h"
#include "core/runs/runs.h"
#include "core/runs/runs_impl.h"

size_t filter_fields(const struct filter *f, const struct filter_field **out)
{
	*out = f->fields;
	return f->n_fields;
}

bool filter_is_empty(const struct filter *f)
{
	return !f->n_terms;
}

size_t filter_terms(const struct filter *f)
{
	return f->n_terms;
}

size_t filter_term_field(const struct filter *f, size_t term)
{
	return f->terms[term].field;
}

bool filter_term_negated(const struct filter *f, size_t term)
{
	return f->terms[term].negated;
}

static bool is_ascii(const char *s, size_t n)
{
	unsigned char any = 0;
	for (size_t i = 0; i < n; i++)
		any |= (unsigned char)s[i];
	return any < 0x80;
}

static char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_ignoring_case(const char *a, const char *b, size_t n)
{
	size_t i = 0;
	while (i < n && ascii_lower(a[i]) == ascii_lower(b[i]))
		i++;
	return i == n;
}

static bool contains(const struct filter_term *t, const char *hay, size_t n)
{
	if (!t->ascii || !is_ascii(hay, n))
		return text_contains(hay, n, t->text, t->n);
	if (!t->n)
		return true;
	char low = ascii_lower(t->text[0]);
	bool letter = low >= 'a' && low <= 'z';
	for (size_t i = 0; i + t->n <= n; i++)
		if ((letter ? hay[i] | 0x20 : hay[i]) == low && same_ignoring_case(hay + i, t->text, t->n))
			return true;
	return false;
}

static bool holds_number(const struct filter_term *t, double v)
{
	double x = t->num;
	if (t->unit_ms > 0 && (t->op == OP_EQ || t->op == OP_NE))
		return (floor(v / t->unit_ms) == floor(x / t->unit_ms)) == (t->op == OP_EQ);
	switch (t->op) {
	case OP_EQ: return v == x || (isnan(v) && isnan(x));
	case OP_NE: return !(v == x || (isnan(v) && isnan(x)));
	case OP_LT: return v < x;
	case OP_LE: return v <= x;
	case OP_GT: return v > x;
	case OP_GE: return v >= x;
	case OP_HAS: case OP_RE: case OP_NOT_RE: break;
	}
	return false;
}

static bool holds_text(const struct filter_term *t, const char *s, size_t n)
{
	bool same = n == t->n && !memcmp(s, t->text, n);
	switch (t->op) {
	case OP_EQ: return same;
	case OP_NE: return !same;
	case OP_LT: return runs_text_order(s, n, t->text, t->n) < 0;
	case OP_LE: return runs_text_order(s, n, t->text, t->n) <= 0;
	case OP_GT: return runs_text_order(s, n, t->text, t->n) > 0;
	case OP_GE: return runs_text_order(s, n, t->text, t->n) >= 0;
	case OP_HAS: return contains(t, s, n);
	case OP_RE: return filter_regex_match(t->re, s, n);
	case OP_NOT_RE: return !filter_regex_match(t->re, s, n);
	}
	return false;
}

static bool holds_state(const struct filter_term *t, const struct filter_value *v)
{
	ptrdiff_t state = run_status_named(v->text) - run_status_words(0);
	return (t->states >> state & 1) == (t->op == OP_EQ);
}

/* A part of a state or a pattern may speak of either of its words. */
static bool holds_state_text(const struct filter_term *t, const char *name, size_t n)
{
	const char *word = run_status_named(name)->word;
	bool by_name = holds_text(t, name, n), by_word = holds_text(t, word, strlen(word));
	return t->op == OP_NOT_RE ? by_name && by_word : by_name || by_word;
}

bool filter_term_suits_metric(const struct filter *f, size_t term, struct str *typed)
{
	static const char *const ops[] = { [OP_EQ] = "=", [OP_NE] = "!=", [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">", [OP_GE] = ">=" };
	const struct filter_term *t = &f->terms[term];
	const char *key = f->fields[t->field].key;
	if (t->op > OP_GE || t->metric_num)
		return true;
	text_clean(typed, key, strnlen(key, 80), 0);
	str_addf(typed, " %s \"", ops[t->op]);
	text_clean(typed, t->text, t->n > 60 ? 60 : t->n, 0);
	str_addc(typed, '"');
	return false;
}

bool filter_term_says(const struct filter *f, size_t term, const struct filter_value *v)
{
	const struct filter_term *t = &f->terms[term];
	if (!v->present)
		return false;
	if (t->states)
		return holds_state(t, v);
	if (f->fields[t->field].kind == FF_STATE)
		return holds_state_text(t, v->text, v->n);
	if (v->is_num && (t->is_num || (!v->text && t->metric_num)) && t->op <= OP_GE)
		return holds_number(t, v->num);
	if (v->text)                            /* "None" is not greater than 6 */
		return !(t->is_num && t->op >= OP_LT && t->op <= OP_GE) && holds_text(t, v->text, v->n);
	char number[FMT_MAX];
	fmt_exact(number, v->num);
	return holds_text(t, number, strlen(number));
}

bool filter_match(const struct filter *f, const struct filter_value *slots)
{
	for (size_t i = 0; i < f->n_terms; i++)
		if (filter_term_says(f, i, &slots[f->terms[i].field]) == f->terms[i].negated)
			return false;
	return true;
}

void filter_complaints(const struct filter *f, struct str *out)
{
	for (size_t i = 0; i < f->n_terms; i++)
		if (f->terms[i].re && filter_regex_gave_up(f->terms[i].re)) {
			str_add(out, out->len ? "; \"" : "\"");
			text_clean(out, f->terms[i].text, f->terms[i].n, 0);
			str_add(out, "\" takes too long on some texts: simplify the pattern");
		}
}
