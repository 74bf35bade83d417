/* Reading what is being typed.
 *
 * Method   one pass, no errors: the reader takes an operand; when an operator follows it is a key and
 *          a value comes next, else it is a word. Whatever makes no sense (yet) is left out and noted.
 * Why      the text is parsed again at each key press, so "metrics.loss >" must mean what the list
 *          showed before, not "nothing matches". Hence a bare word that is the beginning of a typed
 *          key (metrics.lo) is not searched for either.
 * Table    operators, key prefixes, attributes and connectives are tables; the checks of a term's value
 *          are one function per kind of field.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/filter_impl.h"
#include "core/runs/number.h"
#include "core/runs/runs.h"

struct reader { const char *p, *end; struct filter *f; struct str note; };
/* What was read between blanks and operators. */
struct atom { struct str text; bool quoted, open; };
enum { NOTE_MAX = 400 };
#define PARENTHESES "parentheses are not understood here: all terms must hold"

static const struct { const char *text; enum filter_op op; } operators[] = {      /* longest first */
	{ "!=", OP_NE }, { "!~", OP_NOT_RE }, { "<=", OP_LE }, { ">=", OP_GE }, { "==", OP_EQ }, { "<>", OP_NE },
	{ "=", OP_EQ }, { "<", OP_LT }, { ">", OP_GT }, { ":", OP_HAS }, { "~", OP_RE },
};
enum { ATTRIBUTE = -1 };
static const struct { const char *prefix; int kind; } prefixes[] = {
	{ "metrics", FF_METRIC }, { "metric", FF_METRIC }, { "params", FF_PARAM }, { "param", FF_PARAM }, { "parameters", FF_PARAM },
	{ "parameter", FF_PARAM }, { "tags", FF_TAG }, { "tag", FF_TAG }, { "attributes", ATTRIBUTE }, { "attribute", ATTRIBUTE },
	{ "attr", ATTRIBUTE }, { "run", ATTRIBUTE },
};
static const struct { const char *name; enum filter_kind kind; } attributes[] = {
	{ "name", FF_NAME }, { "run_name", FF_NAME }, { "id", FF_ID }, { "run_id", FF_ID }, { "state", FF_STATE }, { "status", FF_STATE },
	{ "user", FF_USER }, { "user_id", FF_USER }, { "source", FF_SOURCE }, { "experiment", FF_EXPERIMENT },
	{ "age", FF_AGE }, { "took", FF_TOOK }, { "duration", FF_TOOK },
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static void note(struct reader *r, const char *subject, size_t n, const char *words)
{
	if (r->note.len > NOTE_MAX)
		return;
	if (r->note.len)
		str_add(&r->note, "; ");
	text_clean(&r->note, subject, n > 60 ? 60 : n, 0);
	str_add(&r->note, words);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end && is_blank(*r->p))
		r->p++;
}

/* The operator at p, or -1. */
static int operator_at(const char *p, const char *end)
{
	for (size_t i = 0; i < COUNT(operators); i++) {
		size_t n = strlen(operators[i].text);
		if ((size_t)(end - p) >= n && !memcmp(p, operators[i].text, n))
			return (int)i;
	}
	return -1;
}

static bool word_is(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && !strncasecmp(s, word, n);
}

static void read_quoted(struct reader *r, struct atom *a)
{
	char quote = *r->p++;
	const char *close = memchr(r->p, quote, (size_t)(r->end - r->p));
	a->open = !close;
	str_addn(&a->text, r->p, (size_t)((close ? close : r->end) - r->p));
	r->p = close ? close + 1 : r->end;
}

/* The closing half of what skip_parentheses() took off the front. */
static void drop_parentheses(struct reader *r, struct atom *a)
{
	if (a->quoted || strchr(a->text.p, '('))
		return;
	size_t n = a->text.len;
	while (n && a->text.p[n - 1] == ')')
		n--;
	if (n < a->text.len) {
		str_cut(&a->text, n);
		note(r, "", 0, PARENTHESES);
	}
}

/* A key or word: up to a blank or an operator; parts of it may be quoted (metrics."val loss"). */
static void read_operand(struct reader *r, struct atom *a)
{
	a->quoted = *r->p == '"' || *r->p == '\'' || *r->p == '`';
	while (r->p < r->end && !is_blank(*r->p) && operator_at(r->p, r->end) < 0) {
		bool start = !a->text.len || a->text.p[a->text.len - 1] == '.';
		if (*r->p == '`' || *r->p == '"' || (*r->p == '\'' && start))
			read_quoted(r, a);
		else
			str_addc(&a->text, *r->p++);
	}
	drop_parentheses(r, a);
}

/* A value: quoted, or up to the next blank. */
static void read_value(struct reader *r, struct atom *a)
{
	if (r->p < r->end && (*r->p == '"' || *r->p == '\'')) {
		a->quoted = true;
		read_quoted(r, a);
		return;
	}
	while (r->p < r->end && !is_blank(*r->p))
		str_addc(&a->text, *r->p++);
	drop_parentheses(r, a);
}

/* Kind and key of a field from its written form; false when the key after a prefix is still missing. */
static bool field_resolve(const struct atom *a, enum filter_kind *kind, const char **key)
{
	const char *s = a->text.p, *dot = a->quoted ? NULL : strchr(s, '.');
	int prefix = FF_ANYKEY;
	*key = s;
	for (size_t i = 0; dot && i < COUNT(prefixes); i++)
		if (word_is(s, (size_t)(dot - s), prefixes[i].prefix)) {
			prefix = prefixes[i].kind;
			*key = dot + 1;
		}
	*kind = prefix == ATTRIBUTE ? FF_ANYKEY : (enum filter_kind)prefix;
	if (prefix == ATTRIBUTE || (prefix == FF_ANYKEY && !a->quoted))
		for (size_t i = 0; i < COUNT(attributes); i++)
			if (!strcasecmp(*key, attributes[i].name)) {
				*kind = attributes[i].kind;
				*key = NULL;
				return true;
			}
	if (prefix == ATTRIBUTE && **key)       /* a key that only looks like one: run.speed */
		*key = s;
	return **key != '\0';
}

static size_t field_add(struct filter *f, enum filter_kind kind, const char *key)
{
	for (size_t i = 0; i < f->n_fields; i++) {
		const struct filter_field *o = &f->fields[i];
		if (o->kind == kind && !strcmp(o->key ? o->key : "", key ? key : ""))
			return i;
	}
	f->fields[f->n_fields] = (struct filter_field){ kind, key ? arena_strdup(f->arena, key) : NULL };
	return f->n_fields++;
}

/* The value checks of one kind of field each: false, with a note, when the term cannot be used. */
static bool value_state(struct reader *r, struct filter_term *t)
{
	if (t->op == OP_HAS || t->op == OP_RE || t->op == OP_NOT_RE)
		return true;
	if (t->op != OP_EQ && t->op != OP_NE) {
		note(r, "", 0, "states have no order: use state=failed or state!=failed");
		return false;
	}
	for (int k = RUN_RUNNING; k <= RUN_KILLED; k++) {
		const struct run_status_words *w = run_status_words(k);
		if (!strncasecmp(w->name, t->text, t->n) || !strncasecmp(w->word, t->text, t->n))
			t->states |= (uint8_t)(1u << k);
	}
	if (!t->states)
		note(r, t->text, t->n, " is no state: running, waiting (SCHEDULED), done (FINISHED), failed, killed");
	return t->states != 0;
}

static bool value_span(struct reader *r, struct filter_term *t)
{
	t->is_num = t->op <= OP_GE && number_parse_span(t->text, t->n, &t->num, &t->unit_ms);
	if (!t->is_num)
		note(r, "", 0, "age and took compare with times: age < 3d, took > 2h30m");
	return t->is_num;
}

static bool value_metric(struct reader *r, struct filter_term *t)
{
	if (t->op == OP_HAS && (!strncmp("min", t->text, t->n) || !strncmp("max", t->text, t->n) || !strncmp("last", t->text, t->n))) {
		note(r, t->text, t->n, " needs an operator and a value, like metrics.loss:min < 0.5");
		return false;
	}
	if (t->op > OP_GE || t->metric_num)
		return t->is_num = true;
	note(r, t->text, t->n, " is not a number: metrics compare with numbers");
	return false;
}

/* Texts have an order too, but who means it writes quotes: val_acc > abc is a slip. */
static bool value_any(struct reader *r, struct filter_term *t, bool quoted)
{
	if (quoted || t->is_num || t->op < OP_LT || t->op > OP_GE)
		return true;
	note(r, t->text, t->n, " is not a number: in quotes it is compared as text");
	return false;
}

static bool value_check(struct reader *r, struct filter_term *t, enum filter_kind kind, bool quoted)
{
	switch (kind) {
	case FF_STATE: return value_state(r, t);
	case FF_AGE: case FF_TOOK: return value_span(r, t);
	case FF_METRIC: case FF_METRIC_MIN: case FF_METRIC_MAX: return value_metric(r, t);
	case FF_PARAM: case FF_TAG: case FF_ANYKEY: return value_any(r, t, quoted);
	case FF_NAME: case FF_ID: case FF_USER: case FF_SOURCE: case FF_EXPERIMENT: case FF_WORD: break;
	}
	return true;
}

static bool pattern_compile(struct reader *r, struct filter_term *t)
{
	char why[192];
	if (t->op != OP_RE && t->op != OP_NOT_RE)
		return true;
	t->re = filter_regex_new(t->text, t->n, why, sizeof why);
	if (!t->re) {
		note(r, t->text, t->n, ": ");
		text_clean(&r->note, why, strlen(why), 0);
	}
	return t->re != NULL;
}

static void term_add(struct reader *r, struct filter_term t, enum filter_kind kind, const char *key, const struct atom *value)
{
	struct filter *f = r->f;
	if (f->n_terms == FILTER_MAX_TERMS) {
		note(r, "", 0, "only the first 64 terms are used");
		r->p = r->end;
		return;
	}
	t.text = arena_strndup(f->arena, value->text.p, value->text.len);
	t.n = value->text.len;
	if (value->open)
		note(r, t.text, t.n, ": the quote is still open");
	t.ascii = true;
	for (size_t i = 0; i < t.n; i++)
		t.ascii = t.ascii && (unsigned char)t.text[i] < 0x80;
	t.metric_num = number_parse(t.text, t.n, &t.num);
	t.is_num = t.metric_num && !value->quoted;
	if (!value_check(r, &t, kind, value->quoted) || !pattern_compile(r, &t))
		return;
	t.field = field_add(f, kind, key);
	f->terms[f->n_terms++] = t;
}

/* After "metrics.loss": ":min" or ":max" before another operator says which value is meant. */
static void read_aggregate(struct reader *r, enum filter_kind *kind)
{
	static const struct { const char *text; enum filter_kind kind; } words[] = {
		{ ":min", FF_METRIC_MIN }, { ":max", FF_METRIC_MAX }, { ":last", FF_METRIC },
	};
	for (size_t i = 0; i < COUNT(words) && (*kind == FF_METRIC || *kind == FF_ANYKEY); i++) {
		size_t n = strlen(words[i].text);
		if ((size_t)(r->end - r->p) <= n || memcmp(r->p, words[i].text, n))
			continue;
		const char *q = r->p + n;
		while (q < r->end && is_blank(*q))
			q++;
		if (operator_at(q, r->end) >= 0) {
			r->p = q;
			*kind = words[i].kind;
			return;
		}
	}
}

static void read_comparison(struct reader *r, const struct atom *key, bool negated)
{
	struct filter_term t = { .negated = negated };
	struct atom value = { .text = STR_INIT };
	enum filter_kind kind;
	const char *name;
	bool known = field_resolve(key, &kind, &name);
	if (known)
		read_aggregate(r, &kind);
	int op = operator_at(r->p, r->end);
	t.op = operators[op].op;
	r->p += strlen(operators[op].text);
	skip_blanks(r);
	read_value(r, &value);
	if (!known)
		note(r, key->text.p, key->text.len, key->text.len ? " needs a key after the point" : "an operator needs a key before it");
	else if (!value.text.len && !value.quoted)
		note(r, key->text.p, key->text.len, " needs a value to compare with");
	else if (value.open && t.op != OP_HAS)
		note(r, value.text.p, value.text.len, ": the quote is still open");
	else
		term_add(r, t, kind, name, &value);
	str_free(&value.text);
}

/* "params.opt LIKE 'x%'" is MLflow's way; it is told and stepped over, value and all. */
static bool skip_sql(struct reader *r)
{
	static const char *const sql[] = { "like", "ilike", "in", "is", "not" };
	struct reader ahead = { r->p, r->end, r->f, STR_INIT };       /* what it finds odd is found again when it is read in earnest */
	struct atom a = { .text = STR_INIT };
	bool is_sql = false;
	if (ahead.p < ahead.end)
		read_operand(&ahead, &a);
	for (size_t i = 0; i < COUNT(sql); i++)
		is_sql = is_sql || (!a.quoted && word_is(a.text.p, a.text.len, sql[i]));
	if (is_sql) {
		note(r, a.text.p, a.text.len, " is not understood here: use : (contains), ~ (regular expression), =");
		r->p = ahead.p;
		skip_blanks(r);
		str_clear(&a.text);
		read_value(r, &a);
	}
	str_free(&ahead.note);
	str_free(&a.text);
	return is_sql;
}

/* An operand without an operator: a word to search for, unless it is the beginning of a comparison. */
static void read_word(struct reader *r, const struct atom *a, bool negated)
{
	struct filter_term t = { .op = OP_HAS, .negated = negated };
	const char *dot = strchr(a->text.p, '.');
	bool prefixed = false;
	for (size_t i = 0; dot && !a->quoted && i < COUNT(prefixes); i++)
		prefixed = prefixed || word_is(a->text.p, (size_t)(dot - a->text.p), prefixes[i].prefix);
	if (prefixed) {
		if (!skip_sql(r))
			note(r, a->text.p, a->text.len, " needs an operator and a value, like metrics.loss < 0.5");
	} else if (a->text.len) {
		term_add(r, t, FF_WORD, NULL, a);
	} else if (a->open) {
		note(r, "", 0, "a quote is still open");
	}
}

/* AND is what a blank means; OR and parentheses are left for the query language, aloud. */
static bool read_connective(struct reader *r, const struct atom *a, bool *negated)
{
	if (a->quoted)
		return false;
	if (word_is(a->text.p, a->text.len, "and"))
		return true;
	if (word_is(a->text.p, a->text.len, "not")) {
		*negated = !*negated;
		return true;
	}
	if (word_is(a->text.p, a->text.len, "or")) {
		note(r, a->text.p, a->text.len, " is not understood here: all terms must hold");
		return true;
	}
	return false;
}

static void skip_parentheses(struct reader *r)
{
	bool any = false;
	for (; r->p < r->end && (*r->p == '(' || *r->p == ')' || is_blank(*r->p)); r->p++)
		any = any || !is_blank(*r->p);
	if (any)
		note(r, "", 0, PARENTHESES);
}

static void read_terms(struct reader *r)
{
	bool negated = false;
	for (skip_blanks(r); r->p < r->end; skip_blanks(r)) {
		skip_parentheses(r);
		if (r->end - r->p > 1 && *r->p == '-' && !is_blank(r->p[1])) {
			negated = !negated;
			r->p++;
		}
		if (r->p == r->end)
			break;
		struct atom a = { .text = STR_INIT };
		read_operand(r, &a);
		skip_blanks(r);
		if (r->p < r->end && operator_at(r->p, r->end) >= 0) {
			read_comparison(r, &a, negated);
			negated = false;
		} else if (!read_connective(r, &a, &negated)) {
			read_word(r, &a, negated);
			negated = false;
		}
		str_free(&a.text);
	}
}

struct filter *filter_parse(const char *text, struct err *e)
{
	struct filter *f = mem_zalloc(sizeof *f);
	size_t n = strlen(text);
	struct reader r = { text, text + (n > FILTER_MAX_BYTES ? FILTER_MAX_BYTES : n), f, STR_INIT };
	f->arena = arena_new();
	if (n > FILTER_MAX_BYTES)
		note(&r, "", 0, "only the first 4096 bytes are read");
	read_terms(&r);
	if (r.note.len)
		err_set(e, ST_USAGE, "%s", r.note.p);
	else if (e)
		*e = (struct err){ .code = ST_OK };
	str_free(&r.note);
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_terms; i++)
		filter_regex_free(f->terms[i].re);
	arena_free(f->arena);
	free(f);
}
