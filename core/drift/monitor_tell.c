/* tell: and on_red: of a monitor's file. Each kind of receiver says in a table which keys it has (notify.h); values that are secrets come from elsewhere. */
#include <string.h>

#include "core/drift/notify.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define TAKE(name) void name(struct reading *r, const struct yamldoc_node *x, void *into)
enum { SECRET_PATH = 4000, ARG_LIMIT = 8000, URL_LIMIT = 2000 };

/* ---- secrets ---- */

static TAKE(take_env)
{
	struct monitor_secret *s = into;
	s->env = read_word(r, x, YAMLREAD_WORD_MAX);
	if (s->env && (strspn(s->env, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") != strlen(s->env) || (*s->env >= '0' && *s->env <= '9')))
		finding_at(r, x->at, "a variable of the environment is named with letters, digits and _");
}
static TAKE(take_file) { ((struct monitor_secret *)into)->file = read_word(r, x, SECRET_PATH); }

bool tell_take_secret(struct reading *r, const struct yamldoc_node *x, struct monitor_secret *s, const char *why_not_here)
{
	static const struct field fields[] = { { "from_env", take_env }, { "from_file", take_file } };
	if (x->kind == YAMLDOC_SCALAR) {
		/* Not quoted in any message: it may be the secret. */
		if (why_not_here)
			finding_at(r, x->at, "\"%s\" %s; write it as %s: {from_env: NAME} or {from_file: PATH}", x->key_n ? x->key : "this", why_not_here, x->key_n ? x->key : "a map");
		else
			s->literal = read_word(r, x, URL_LIMIT);
		return s->literal != NULL;
	}
	if (!read_map(r, x, "a value from elsewhere", fields, COUNT(fields), s))
		return false;
	if (!yamldoc_get(x, "from_env") == !yamldoc_get(x, "from_file"))
		finding_at(r, x->at, "a value from elsewhere needs one of from_env and from_file");
	return true;
}

/* ---- what kinds share ---- */

TAKE(tell_take_url)
{
	struct monitor_tell *t = into;
	const char *wrong;
	if (x->kind == YAMLDOC_SCALAR && url_holds_secret(x->text)) {
		tell_take_secret(r, x, &t->url, "holds a secret, and this file is no place for it");
		return;
	}
	if (tell_take_secret(r, x, &t->url, NULL) && t->url.literal && (wrong = url_wrong(t->url.literal, URL_HTTP)))
		finding_at(r, x->at, "\"url\" %s", wrong);
}

static const struct { const char *kind; unsigned bit; } kinds[] = { { "drift", TELL_DRIFT }, { "recovered", TELL_RECOVERED }, { "trouble", TELL_TROUBLE },
	{ "missing", TELL_MISSING }, { "acknowledged", TELL_ACKNOWLEDGED } };

unsigned tell_bit(const char *kind)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (!strcmp(kind, kinds[i].kind))
			return kinds[i].bit;
	return 0;
}

TAKE(tell_take_on)
{
	struct monitor_tell *t = into;
	size_t n;
	const char **list = read_words(r, x, COUNT(kinds), &n);
	t->on = 0;
	for (size_t i = 0; i < n; i++) {
		if (!tell_bit(list[i]))
			finding_at(r, x->at, "%s is no kind of alert; there are drift, recovered, trouble, missing and acknowledged", quoted(r, list[i], strlen(list[i])));
		t->on |= tell_bit(list[i]);
	}
}

TAKE(tell_take_timeout) { read_span(r, x, &((struct monitor_tell *)into)->timeout_ms); }

TAKE(tell_take_argv)
{
	struct monitor_tell *t = into;
	size_t n;
	if (x->kind != YAMLDOC_LIST) {
		wrong_kind(r, x, "a list of the program and its arguments (there is no shell)");
		return;
	}
	if (!read_list(r, x, MONITOR_MOST_ARGS, &n))
		return;
	t->argv = arena_array(r->arena, n + 1, sizeof *t->argv);
	for (const struct yamldoc_node *c = x->child; c; c = c->next) {
		const bool empty = c->kind == YAMLDOC_SCALAR && !c->n && !yamldoc_is_null(c);
		const char *word = empty ? "" : read_word(r, c, ARG_LIMIT);
		if (word)
			t->argv[t->n_argv++] = word;
	}
	if (!n || (t->n_argv && !*t->argv[0]))
		finding_at(r, x->at, "the list begins with the program to start");
}

/* ---- the list ---- */

/* "slack, pagerduty or command" */
static const char *kinds_words(struct reading *r)
{
	const char *said = "";
	for (size_t i = 0; i < notify_count(); i++)
		said = arena_printf(r->arena, "%s%s%s", said, !i ? "" : i + 1 < notify_count() ? ", " : " or ", notify_at(i)->id);
	return said;
}

static void take_one(struct reading *r, const struct yamldoc_node *x, struct monitor_tell *t)
{
	const struct yamldoc_node *inner = x->kind == YAMLDOC_MAP ? x->child : NULL;
	if (!inner || inner->next) {
		finding_at(r, x->at, "a receiver is a map of one key that names its kind: %s", kinds_words(r));
		return;
	}
	const char **words = arena_array(r->arena, notify_count(), sizeof *words);
	for (size_t i = 0; i < notify_count(); i++) {
		words[i] = notify_at(i)->id;
		if (!strcmp(inner->key, notify_at(i)->id))
			t->kind = notify_at(i);
	}
	if (!t->kind) {
		const char *near = word_nearest(inner->key, words, notify_count());
		finding_at(r, inner->key_at, "there is no receiver %s; %s%s%s", quoted(r, inner->key, inner->key_n),
			near ? "did you mean \"" : "its kind is ", near ? near : kinds_words(r), near ? "\"?" : "");
		return;
	}
	t->on = t->kind->acknowledges ? TELL_ALL : TELL_ALL & ~(unsigned)TELL_ACKNOWLEDGED, t->at = inner->key_at;
	if (read_map(r, inner, arena_printf(r->arena, "a receiver of kind %s", t->kind->id), t->kind->fields, t->kind->n_fields, t))
		t->kind->check(r, inner, t);
}

TAKE(monitor_take_tell)
{
	struct monitor_file *f = into;
	size_t n;
	if (!read_list(r, x, MONITOR_MOST_TELL, &n))
		return;
	f->tell = arena_array(r->arena, n, sizeof *f->tell);
	for (const struct yamldoc_node *c = x->child; c; c = c->next)
		take_one(r, c, &f->tell[f->n_tell++]);
}

TAKE(monitor_take_on_red)
{
	static const struct field fields[] = { { "run", tell_take_argv }, { "timeout", tell_take_timeout } };
	struct monitor_file *f = into;
	f->on_red = (struct monitor_tell){ .kind = &notify_command, .on = TELL_DRIFT, .timeout_ms = INT64_C(3600000), .at = x->at };
	f->has_on_red = true;
	if (x->kind == YAMLDOC_LIST)
		tell_take_argv(r, x, &f->on_red);
	else if (read_map(r, x, "the section on_red", fields, COUNT(fields), &f->on_red) && !yamldoc_get(x, "run"))
		finding_at(r, x->at, "on_red needs \"run\": a list of the program and its arguments");
}
