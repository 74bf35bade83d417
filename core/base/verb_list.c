/* Lists in options: words between commas, quoted as in CSV where a word holds a comma. */
#include <stdlib.h>
#include <string.h>
#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/base/verb.h"

struct words { const char **at; size_t n, cap; };

/* A word in quotes, "" being a quote mark; *p stands behind the closing one after it. What may follow is a comma, the end, or "=..." of a pair. */
static enum status take_quoted(const char *option, const char **p, struct str *word, struct err *e)
{
	const char *at = *p, *from = at++;
	for (; *at && (*at != '"' || at[1] == '"'); at++) {
		at += *at == '"';
		str_addc(word, *at);
	}
	if (!*at)
		return err_set(e, ST_USAGE, "--%s: the quote of %.80s is not closed", option, from);
	*p = ++at;
	return !*at || *at == ',' || *at == '=' ? ST_OK : err_set(e, ST_USAGE, "--%s: after the closing quote of %.*s comes a comma or the end, not '%.20s'", option, (int)(at - from > 80 ? 80 : at - from), from, at);
}

static enum status take_words(const char *option, const char *list, struct arena *room, struct words *out, struct err *e)
{
	struct str word = STR_INIT;
	enum status st = ST_OK;
	for (const char *p = list; st == ST_OK && *p; p += *p == ',') {
		const bool quoted = *p == '"';
		str_clear(&word);
		if (quoted)
			st = take_quoted(option, &p, &word, e);
		const size_t n = strcspn(p, ",");
		str_addn(&word, p, n);
		p += n;
		if (st != ST_OK || !(word.len || quoted))
			continue;
		MEM_GROW(out->at, out->cap, out->n + 1);
		out->at[out->n++] = arena_strndup(room, word.p, word.len);
	}
	str_free(&word);
	return st;
}

enum status verb_list(const struct verb_args *a, const char *name, struct arena *room, struct verb_list *out, struct err *e)
{
	struct words words = { 0 };
	const char *list;
	enum status st = ST_OK;
	*out = (struct verb_list){ 0 };
	for (int i = 0; st == ST_OK && (list = verb_opt_at(a, name, i)); i++)
		st = take_words(name, list, room, &words, e);
	if (st == ST_OK && !words.n && verb_opt(a, name))
		st = err_set(e, ST_USAGE, "--%s names nothing", name);
	if (st == ST_OK && words.n) {
		const char **kept = arena_array(room, words.n, sizeof *kept);
		memcpy(kept, words.at, words.n * sizeof *kept);
		*out = (struct verb_list){ kept, words.n };
	}
	free(words.at);
	return st;
}
