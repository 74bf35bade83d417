/* Maps are read by tables, values by one function a kind. Findings are gathered in the order in which they are made and told by place, so that tables may read keys in their own
 * order. A finding is text in the arena of what is being made: it quotes the document cleaned and short. */
#include "core/io/yamlread.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/number.h"

enum { QUOTED_MAX = 40 };

/* ---- findings ---- */

void finding_at(struct reading *r, struct yamldoc_place at, const char *fmt, ...)
{
	struct str text = STR_INIT;
	va_list ap;
	if (r->n_findings == YAMLREAD_MOST_FINDINGS)
		return;
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	MEM_GROW(r->findings, r->cap, r->n_findings + 1);
	r->findings[r->n_findings] = (struct finding){ at, r->n_findings, arena_strdup(r->arena, text.p) };
	r->n_findings++;
	str_free(&text);
}

const char *quoted(struct reading *r, const char *text, size_t n)
{
	struct str clean = STR_INIT, cut = STR_INIT;
	text_clean(&clean, text, n < 4 * QUOTED_MAX ? n : 4 * QUOTED_MAX, 0);
	text_fit(&cut, clean.p, clean.len, QUOTED_MAX);
	const char *out = arena_printf(r->arena, "\"%s\"", cut.p);
	str_free(&clean);
	str_free(&cut);
	return out;
}

static const char *shown(struct reading *r, const struct yamldoc_node *x)
{
	static const char *const kinds[] = { [YAMLDOC_MAP] = "a map", [YAMLDOC_LIST] = "a list" };
	if (x->kind != YAMLDOC_SCALAR)
		return kinds[x->kind];
	return yamldoc_is_null(x) ? "nothing" : quoted(r, x->text, x->n);
}

/* Items of a list have no key: they are spoken of as what they are. */
static const char *prefix_of(struct reading *r, const struct yamldoc_node *x)
{
	return x->key_n ? arena_printf(r->arena, "%s: ", quoted(r, x->key, x->key_n)) : "";
}

void wrong_kind(struct reading *r, const struct yamldoc_node *x, const char *needed)
{
	finding_at(r, x->at, "%s%s is needed here, not %s", prefix_of(r, x), needed, shown(r, x));
}

static int by_place(const void *pa, const void *pb)
{
	const struct finding *a = pa, *b = pb;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	if (a->at.col != b->at.col)
		return a->at.col < b->at.col ? -1 : 1;
	return a->nth < b->nth ? -1 : 1;
}

enum status findings_report(struct reading *r, const char *name, const char *command, struct str *findings, struct err *e)
{
	if (r->n_findings)
		qsort(r->findings, r->n_findings, sizeof *r->findings, by_place);
	for (size_t i = 0; i < r->n_findings && findings; i++) {
		const struct finding *f = &r->findings[i];
		str_addf(findings, "%s:%d:%d: %s\n", name, f->at.line, f->at.col, f->text);
	}
	if (r->n_findings == YAMLREAD_MOST_FINDINGS && findings)
		str_addf(findings, "%s: there may be more\n", name);
	if (!r->n_findings)
		return ST_OK;
	const struct finding *first = r->findings;
	struct str more = STR_INIT;
	if (r->n_findings > 1)
		str_addf(&more, " (and %zu more%s%s)", r->n_findings - 1, command ? ": mlyard " : "", command ? command : "");
	err_set(e, ST_FAILED, "%s:%d:%d: %s%s", name, first->at.line, first->at.col, first->text, more.p);
	str_free(&more);
	free(r->findings);
	r->findings = NULL;
	return ST_FAILED;
}

/* ---- words ---- */

bool word_span(const char *text, int64_t *ms)
{
	const double most = 10 * 365 * 86400e3;
	double span, unit;
	size_t n = strlen(text);
	if (!n || !isalpha((unsigned char)text[n - 1]) || !number_parse_span(text, n, &span, &unit) || !(span >= 1 && span <= most))
		return false;
	*ms = (int64_t)span;
	return true;
}

const char *word_nearest(const char *typed, const char *const *words, size_t n)
{
	const char *near = NULL;
	int best = INT_MAX;
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(typed, words[i]) == 0)
			return words[i];
		if (text_near(typed, words[i], &best))
			near = words[i];
	}
	return near;
}

/* ---- values ---- */

const char *read_word(struct reading *r, const struct yamldoc_node *x, size_t most)
{
	if (x->kind != YAMLDOC_SCALAR || yamldoc_is_null(x) || !x->n) {
		wrong_kind(r, x, "text");
		return NULL;
	}
	if (x->n > most) {
		finding_at(r, x->at, "%sat most %zu bytes, not %zu", prefix_of(r, x), most, x->n);
		return NULL;
	}
	if (!text_is_clean(x->text, x->n, 0)) {
		finding_at(r, x->at, "%s%s holds characters that cannot be shown", prefix_of(r, x), quoted(r, x->text, x->n));
		return NULL;
	}
	return arena_strndup(r->arena, x->text, x->n);
}

bool read_bool(struct reading *r, const struct yamldoc_node *x, bool *out)
{
	bool yes = x->kind == YAMLDOC_SCALAR && strcmp(x->text, "true") == 0, no = x->kind == YAMLDOC_SCALAR && strcmp(x->text, "false") == 0;
	if (!yes && !no)
		wrong_kind(r, x, "true or false");
	else
		*out = yes;
	return yes || no;
}

bool read_int(struct reading *r, const struct yamldoc_node *x, int least, int most, int *out)
{
	int64_t v;
	if (!yamldoc_int(x, &v) || v < least || v > most) {
		wrong_kind(r, x, arena_printf(r->arena, "a whole number from %d to %d", least, most));
		return false;
	}
	*out = (int)v;
	return true;
}

bool read_span(struct reading *r, const struct yamldoc_node *x, int64_t *ms)
{
	if (x->kind == YAMLDOC_SCALAR && strlen(x->text) == x->n && word_span(x->text, ms))
		return true;
	wrong_kind(r, x, "a span of time with its unit, like 24h or 7d,");
	return false;
}

bool read_list(struct reading *r, const struct yamldoc_node *x, size_t most, size_t *n)
{
	*n = 0;
	if (x->kind != YAMLDOC_LIST) {
		wrong_kind(r, x, "a list");
		return false;
	}
	for (const struct yamldoc_node *c = x->child; c; c = c->next)
		++*n;
	if (*n > most)
		finding_at(r, x->at, "%sat most %zu items, not %zu", prefix_of(r, x), most, *n);
	return *n <= most;
}

const char **read_words(struct reading *r, const struct yamldoc_node *x, size_t most, size_t *n)
{
	const struct yamldoc_node *item = x->kind == YAMLDOC_SCALAR ? x : x->child;
	size_t count = 1;
	*n = 0;
	if (x->kind != YAMLDOC_SCALAR && !read_list(r, x, most, &count))
		return NULL;
	const char **out = arena_array(r->arena, count, sizeof *out);
	for (; item; item = x->kind == YAMLDOC_SCALAR ? NULL : item->next) {
		const char *word = read_word(r, item, YAMLREAD_WORD_MAX);
		size_t same = 0;
		while (word && same < *n && strcmp(out[same], word) != 0)
			same++;
		if (word && same < *n)
			finding_at(r, item->at, "%s stands here twice", quoted(r, word, strlen(word)));
		else if (word)
			out[(*n)++] = word;
	}
	return out;
}

/* ---- maps ---- */

static void unknown_key(struct reading *r, const struct yamldoc_node *x, const char *what, const struct field *fields, size_t n)
{
	const char **keys = arena_array(r->arena, n, sizeof *keys);
	char *typed = arena_strndup(r->arena, x->key, x->key_n);
	for (size_t i = 0; i < n; i++)
		keys[i] = fields[i].key;
	const char *near = word_nearest(typed, keys, n);
	if (near)
		finding_at(r, x->key_at, "%s has no key %s; did you mean \"%s\"?", what, quoted(r, x->key, x->key_n), near);
	else
		finding_at(r, x->key_at, "%s has no key %s", what, quoted(r, x->key, x->key_n));
}

static bool is_key(const struct yamldoc_node *x, const char *key)
{
	return strlen(key) == x->key_n && memcmp(x->key, key, x->key_n) == 0;
}

bool read_map(struct reading *r, const struct yamldoc_node *map, const char *what, const struct field *fields, size_t n, void *into)
{
	if (map->kind != YAMLDOC_MAP) {
		wrong_kind(r, map, arena_printf(r->arena, "%s, as a map,", what));
		return false;
	}
	const struct yamldoc_node **found = arena_array(r->arena, n, sizeof *found);
	for (const struct yamldoc_node *x = map->child; x; x = x->next) {
		size_t i = 0;
		while (i < n && !is_key(x, fields[i].key))
			i++;
		if (i == n)
			unknown_key(r, x, what, fields, n);
		else if (found[i])
			finding_at(r, x->key_at, "\"%s\" stands already in line %d", fields[i].key, found[i]->key_at.line);
		else
			found[i] = x;
	}
	for (size_t i = 0; i < n; i++)
		if (found[i])
			fields[i].take(r, found[i], into);
	return true;
}
