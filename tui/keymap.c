/* keymap -- bindings in one array in file order; a lookup walks it.
 *
 * Why       a keymap has a few hundred bindings and a key arrives a few times a second:
 *           a walk costs a microsecond and keeps the order that help is printed in.
 * Override  a later binding of the same keys in the same context replaces the earlier one, and
 *           so does one that is a prefix of the other (`g` after `<g g>`): otherwise
 *           one of them could never be reached. Within one file both are reported.
 * Include   `include NAME` reads a built-in keymap first; so vim and emacs only say what differs.
 */
#include "tui/keymap.h"
#include <stdlib.h>
#include <string.h>
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "tui/event.h"
#include "tui/keymap_table.inc"
#include "tui/lines.h"

enum { BINDINGS_MAX = 4096, FILE_MAX = 256 << 10, INCLUDE_DEPTH = 4 };
enum { BUILTINS = sizeof builtin_keymaps / sizeof *builtin_keymaps };

struct entry { struct binding b; int source; char *text; };
struct keymap { struct entry *at; size_t n, cap; int sources, depth; };

struct keymap *keymap_new(void)
{
	return mem_zalloc(sizeof(struct keymap));
}

void keymap_free(struct keymap *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++)
		free(k->at[i].text);
	free(k->at);
	free(k);
}

size_t keymap_count(const struct keymap *k)
{
	return k->n;
}

const struct binding *keymap_at(const struct keymap *k, size_t i)
{
	return &k->at[i].b;
}

size_t keymap_builtin_count(void)
{
	return BUILTINS;
}

const char *keymap_builtin_name(size_t i)
{
	return builtin_keymaps[i].name;
}

/* ---- parsing */

struct word { const char *p; size_t n; };

static bool word_is(struct word w, const char *text)
{
	return strlen(text) == w.n && memcmp(w.p, text, w.n) == 0;
}

static bool is_name(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (!((w.p[i] >= 'a' && w.p[i] <= 'z') || (w.p[i] >= '0' && w.p[i] <= '9') || (i && strchr(".-_", w.p[i]))))
			return false;
	return w.n > 0 && w.n < 64;
}

/* Keys that multiplexers, flow control and job control own. */
static const char *owner_of(uint32_t key, bool suspends)
{
	static const struct { char key; const char *owner; } owned[] = {
		{ 'a', "screen's prefix" }, { 'b', "tmux's prefix" }, { 's', "flow control" }, { 'q', "flow control" }, { 'z', "suspend" },
	};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		if (key == ((uint32_t)owned[i].key | MOD_CTRL) && !(owned[i].key == 'z' && suspends))
			return owned[i].owner;
	return NULL;
}

static bool add_key(struct lines *l, struct word name, struct binding *b)
{
	uint32_t key;
	if (b->n_keys == KEY_SEQ_MAX) {
		lines_problem(l, name.p, "more than %d keys in a sequence", KEY_SEQ_MAX);
		return false;
	}
	if (!key_parse(name.p, name.n, &key)) {
		lines_problem(l, name.p, "unknown key '%.*s'; keys are like a ? Space Enter F5 PgDn C-x M-x S-Up", (int)name.n, name.p);
		return false;
	}
	b->keys[b->n_keys++] = key;
	return true;
}

/* One key, or several between < and >. */
static bool parse_keys(struct lines *l, struct binding *b)
{
	struct word w;
	if (!lines_word(l, &w.p, &w.n)) {
		lines_problem(l, NULL, "keys are missing: context keys command");
		return false;
	}
	if (w.p[0] != '<' || w.n == 1)
		return add_key(l, w, b);
	const char *open = w.p;
	w.p++;
	w.n--;
	for (;;) {
		bool last = w.n && w.p[w.n - 1] == '>' && !(w.n == 1 && b->n_keys == 0);
		if (last)
			w.n--;
		if (w.n && !add_key(l, w, b))
			return false;
		if (last)
			return true;
		if (!lines_word(l, &w.p, &w.n)) {
			lines_problem(l, open, "a sequence is closed with '>': <g g>");
			return false;
		}
	}
}

/* The rest of the line, cut where " # note" begins. */
static void split_note(struct lines *l, struct word *command, struct word *note)
{
	while (l->at < l->stop && (*l->at == ' ' || *l->at == '\t'))
		l->at++;
	const char *p = l->at, *stop = l->stop;
	char quote = 0;
	*note = (struct word){ stop, 0 };
	for (; p < stop; p++) {
		if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = quote ? 0 : *p;
		bool hash = !quote && *p == '#' && (p == l->at || p[-1] == ' ' || p[-1] == '\t') && (p + 1 == stop || p[1] == ' ');
		if (hash)
			break;
	}
	if (p < stop) {
		const char *from = p + 1;
		while (from < stop && *from == ' ')
			from++;
		*note = (struct word){ from, (size_t)(stop - from) };
	}
	while (p > l->at && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	*command = (struct word){ l->at, (size_t)(p - l->at) };
}

static void remove_at(struct keymap *k, size_t i)
{
	free(k->at[i].text);
	k->n--;
	memmove(k->at + i, k->at + i + 1, (k->n - i) * sizeof *k->at);
}

/* Two bindings of a context of which one would hide the other. */
static bool collide(const struct binding *a, const struct binding *b)
{
	int n = a->n_keys < b->n_keys ? a->n_keys : b->n_keys;
	return strcmp(a->context, b->context) == 0 && memcmp(a->keys, b->keys, (size_t)n * sizeof *a->keys) == 0;
}

static void remove_colliding(struct keymap *k, struct lines *l, const char *place, const struct binding *b, int source, bool unbind)
{
	for (size_t i = k->n; i-- > 0;) {
		struct entry *e = &k->at[i];
		if (!collide(&e->b, b) || (unbind && e->b.n_keys != b->n_keys))
			continue;
		if (e->source == source && !unbind)
			lines_problem(l, place, "%s keys as line %d (%s) in context %s; this line wins",
				e->b.n_keys == b->n_keys ? "the same" : "begins with the same", e->b.line, e->b.command, b->context);
		remove_at(k, i);
	}
}

static void add_binding(struct keymap *k, const struct binding *b, struct word context, struct word command, struct word note, int source)
{
	const struct word where = { b->where, strlen(b->where) };
	MEM_GROW(k->at, k->cap, k->n + 1);
	struct entry *e = &k->at[k->n++];
	char *t = mem_alloc(context.n + command.n + note.n + where.n + 4);
	*e = (struct entry){ *b, source, t };
	const struct { struct word w; const char **to; } parts[] = {
		{ context, &e->b.context }, { command, &e->b.command }, { note, &e->b.note }, { where, &e->b.where },
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		*parts[i].to = t;
		memcpy(t, parts[i].w.p, parts[i].w.n);
		t += parts[i].w.n;
		*t++ = 0;
	}
}

static void include(struct keymap *k, struct lines *l)
{
	struct word name;
	if (!lines_word(l, &name.p, &name.n)) {
		lines_problem(l, NULL, "include needs the name of a built-in keymap");
		return;
	}
	for (size_t i = 0; i < BUILTINS; i++)
		if (word_is(name, builtin_keymaps[i].name)) {
			if (k->depth < INCLUDE_DEPTH) {
				k->depth++;
				keymap_parse(k, builtin_keymaps[i].name, (const char *)builtin_keymaps[i].bytes, builtin_keymaps[i].n, l->problems);
				k->depth--;
			} else {
				lines_problem(l, name.p, "keymaps include each other");
			}
			return;
		}
	lines_problem(l, name.p, "no built-in keymap '%.*s'", (int)name.n, name.p);
}

static void parse_line(struct keymap *k, struct lines *l, int source)
{
	struct word context, command, note;
	struct binding b = { .where = l->where, .line = l->number };
	lines_word(l, &context.p, &context.n);
	if (word_is(context, "include")) {
		include(k, l);
		return;
	}
	if (!is_name(context)) {
		lines_problem(l, context.p, "'%.*s' is no context; a line is: context keys command", (int)context.n, context.p);
		return;
	}
	const char *place = l->at;
	if (!parse_keys(l, &b))
		return;
	split_note(l, &command, &note);
	struct word first = { command.p, 0 };
	while (first.n < command.n && first.p[first.n] != ' ' && first.p[first.n] != '\t')
		first.n++;
	if (!is_name(first)) {
		lines_problem(l, command.p, command.n ? "'%.*s' is no command" : "the command is missing%.*s", (int)first.n, first.p);
		return;
	}
	for (int i = 0; i < b.n_keys; i++) {
		const char *owner = owner_of(b.keys[i], word_is(first, "suspend"));
		if (owner && !word_is(first, "none")) {
			lines_problem(l, place, "C-%c stays free: it is %s", (char)b.keys[i], owner);
			return;
		}
	}
	char name[64];
	memcpy(name, context.p, context.n);
	name[context.n] = 0;
	b.context = name;
	bool unbind = word_is(first, "none");
	remove_colliding(k, l, place, &b, source, unbind);
	if (unbind)
		return;
	if (k->n >= BINDINGS_MAX)
		lines_problem(l, place, "more than %d bindings", BINDINGS_MAX);
	else
		add_binding(k, &b, context, command, note, source);
}

void keymap_parse(struct keymap *k, const char *where, const char *text, size_t n, struct str *problems)
{
	struct lines l;
	int source = ++k->sources;
	lines_init(&l, where, text, n, problems);
	while (lines_next(&l))
		parse_line(k, &l, source);
}

static enum status parse_file(struct keymap *k, const char *path, struct str *problems, struct err *e)
{
	struct str text = STR_INIT;
	enum status st = fs_read(path, FILE_MAX, &text, e);
	if (st == ST_OK)
		keymap_parse(k, path, text.p, text.len, problems);
	str_free(&text);
	return st;
}

static enum status load_named(struct keymap *k, const char *name, struct str *problems, struct err *e)
{
	for (size_t i = 0; i < BUILTINS; i++)
		if (strcmp(builtin_keymaps[i].name, name) == 0) {
			keymap_parse(k, name, (const char *)builtin_keymaps[i].bytes, builtin_keymaps[i].n, problems);
			return ST_OK;
		}
	if (strchr(name, '/') || fs_is_file(name))
		return parse_file(k, name, problems, e);
	struct str known = STR_INIT;
	for (size_t i = 0; i < BUILTINS; i++)
		str_addf(&known, "%s%s", i ? ", " : "", builtin_keymaps[i].name);
	enum status st = err_set(e, ST_NOT_FOUND, "no keymap '%s'; there are %s, or name a file", name, known.p);
	str_free(&known);
	return st;
}

enum status keymap_load(struct keymap *k, const char *name, const char *user_file, struct str *problems, struct err *e)
{
	enum status st = load_named(k, name, problems, e);
	if (st == ST_OK && user_file && fs_is_file(user_file))
		st = parse_file(k, user_file, problems, e);
	return st;
}

/* ---- asking */

static bool begins_with(const struct binding *b, const uint32_t *keys, int n)
{
	return b->n_keys >= n && memcmp(b->keys, keys, (size_t)n * sizeof *keys) == 0;
}

static enum keymap_hit lookup_in(const struct keymap *k, const char *context, const uint32_t *keys, int n, const char **command)
{
	enum keymap_hit hit = KEYMAP_NONE;
	for (size_t i = 0; i < k->n; i++) {
		const struct binding *b = &k->at[i].b;
		if (strcmp(b->context, context) != 0 || !begins_with(b, keys, n))
			continue;
		if (b->n_keys == n) {
			*command = b->command;
			return KEYMAP_FOUND;
		}
		hit = KEYMAP_PREFIX;
	}
	return hit;
}

enum keymap_hit keymap_lookup(const struct keymap *k, const char *const *contexts, const uint32_t *keys, int n, const char **command)
{
	if (n < 1 || n > KEY_SEQ_MAX)
		return KEYMAP_NONE;
	for (; *contexts; contexts++) {
		enum keymap_hit hit = lookup_in(k, *contexts, keys, n, command);
		if (hit != KEYMAP_NONE)
			return hit;
	}
	return KEYMAP_NONE;
}

static void keys_text(const struct binding *b, struct str *out)
{
	for (int i = 0; i < b->n_keys; i++) {
		str_add(out, i ? " " : "");
		key_format(out, b->keys[i]);
	}
}

static size_t first_word(const char *s)
{
	return strcspn(s, " \t");
}

/* Also says whether the binding can be reached, since an inner context may use its keys otherwise. */
static bool reaches(const struct keymap *k, const char *const *contexts, const struct binding *b)
{
	const char *command = NULL;
	for (int n = 1; n < b->n_keys; n++)
		if (keymap_lookup(k, contexts, b->keys, n, &command) != KEYMAP_PREFIX)
			return false;
	return keymap_lookup(k, contexts, b->keys, b->n_keys, &command) == KEYMAP_FOUND && strcmp(command, b->command) == 0;
}

static bool in_contexts(const char *const *contexts, const char *context)
{
	for (; *contexts; contexts++)
		if (strcmp(*contexts, context) == 0)
			return true;
	return false;
}

static bool means(const struct binding *b, const char *command, bool exact)
{
	if (exact)
		return strcmp(b->command, command) == 0;
	size_t n = first_word(command);
	return first_word(b->command) == n && memcmp(b->command, command, n) == 0;
}

static bool shortest(const struct keymap *k, const char *const *contexts, const char *command, bool exact, struct str *best)
{
	const struct binding *found = NULL;
	for (size_t i = 0; i < k->n; i++) {
		const struct binding *b = &k->at[i].b;
		if (means(b, command, exact) && in_contexts(contexts, b->context) && (!found || b->n_keys < found->n_keys) && reaches(k, contexts, b))
			found = b;
	}
	if (found)
		keys_text(found, best);
	return found;
}

const char *keymap_key_for(const struct keymap *k, const char *const *contexts, const char *command, struct str *buf)
{
	str_clear(buf);
	if (!shortest(k, contexts, command, true, buf))
		shortest(k, contexts, command, false, buf);
	return buf->p;
}
