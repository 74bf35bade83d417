#include "core/base/verb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/base/text.h"

const struct verb_opt verb_common_opts[] = {
	{ "json", OPT_FLAG, NULL, "Print one JSON document" },
	{ "help", OPT_FLAG, NULL, "Say how this command is used" },
	{ "workspace", OPT_FILE, "FILE", "Use this workspace instead of the default one" },
	{ "read-only", OPT_FLAG, NULL, "Change nothing" },
};
const size_t verb_n_common_opts = sizeof verb_common_opts / sizeof *verb_common_opts;

struct given { const struct verb_opt *opt; const char *value; int64_t number; };
struct verb_args {
	struct given *given;
	size_t n_given, cap_given;
	const char **words;
	size_t n_words, cap_words;
};

static const struct given *find_given(const struct verb_args *a, const char *name)
{
	for (size_t i = a->n_given; i-- > 0;)    /* the last one wins */
		if (strcmp(a->given[i].opt->name, name) == 0)
			return &a->given[i];
	return NULL;
}

const char *verb_opt(const struct verb_args *a, const char *name)
{
	const struct given *g = find_given(a, name);
	return g ? g->value : NULL;
}

const char *verb_opt_at(const struct verb_args *a, const char *name, int i)
{
	for (size_t k = 0; k < a->n_given; k++)
		if (strcmp(a->given[k].opt->name, name) == 0 && i-- == 0)
			return a->given[k].value;
	return NULL;
}

bool verb_flag(const struct verb_args *a, const char *name)
{
	return find_given(a, name) != NULL;
}

int64_t verb_int(const struct verb_args *a, const char *name, int64_t otherwise)
{
	const struct given *g = find_given(a, name);
	return g ? g->number : otherwise;
}

int verb_argc(const struct verb_args *a)
{
	return (int)a->n_words;
}

const char *verb_arg(const struct verb_args *a, int i)
{
	return i >= 0 && (size_t)i < a->n_words ? a->words[i] : NULL;
}

void verb_args_free(struct verb_args *a)
{
	if (!a)
		return;
	free(a->given);
	free(a->words);
	free(a);
}

static const struct verb_opt *find_in(const struct verb_opt *rows, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
			return &rows[i];
	return NULL;
}

static const struct verb_opt *find_opt(const struct verb *v, const char *name, size_t len)
{
	const struct verb_opt *o = find_in(v->opts, v->n_opts, name, len);
	return o ? o : find_in(verb_common_opts, verb_n_common_opts, name, len);
}

static void best_match(const struct verb_opt *rows, size_t n, const char *name, const char **best, int *score)
{
	for (size_t i = 0; i < n; i++) {
		int s = text_fuzzy(rows[i].name, name);
		if (s > *score) {
			*score = s;
			*best = rows[i].name;
		}
	}
}

static enum status unknown_option(const struct verb *v, const char *word, struct err *e)
{
	const char *best = NULL, *name = word + strspn(word, "-"), *space = *v->name ? " " : "";
	int score = 0;
	best_match(v->opts, v->n_opts, name, &best, &score);
	best_match(verb_common_opts, verb_n_common_opts, name, &best, &score);
	if (best && *name)
		return err_set(e, ST_USAGE, "%s%sunknown option %s; did you mean --%s?", v->name, *v->name ? ": " : "", word, best);
	return err_set(e, ST_USAGE, "%s%sunknown option %s; see mlyard%s%s --help", v->name, *v->name ? ": " : "", word, space, v->name);
}

static enum status parse_int(const struct verb_opt *o, const char *text, int64_t *out, struct err *e)
{
	char *end;
	errno = 0;
	long long v = strtoll(text, &end, 10);
	if (end == text || *end || errno == ERANGE)
		return err_set(e, ST_USAGE, "--%s needs a whole number, not '%s'", o->name, text);
	*out = v;
	return ST_OK;
}

/* One option word. *used: how many of the words it took. */
static enum status take_option(const struct verb *v, struct verb_args *a, int argc, char *const argv[], int *used, struct err *e)
{
	const char *word = argv[0], *eq = NULL;
	const struct verb_opt *o = NULL;
	if (strcmp(word, "-h") == 0)
		o = find_opt(v, "help", 4);
	else if (strcmp(word, "-w") == 0)
		o = find_opt(v, "workspace", 9);
	else if (strncmp(word, "--", 2) == 0) {
		eq = strchr(word, '=');
		o = find_opt(v, word + 2, eq ? (size_t)(eq - word) - 2 : strlen(word + 2));
	}
	if (!o)
		return unknown_option(v, word, e);
	struct given g = { o, eq ? eq + 1 : NULL, 0 };
	*used = 1;
	if (o->type == OPT_FLAG && eq)
		return err_set(e, ST_USAGE, "--%s takes no value", o->name);
	if (o->type != OPT_FLAG && !eq) {
		if (argc < 2)
			return err_set(e, ST_USAGE, "--%s needs a value: --%s %s", o->name, o->name, o->arg);
		g.value = argv[1];
		*used = 2;
	}
	if (o->type == OPT_INT) {
		enum status st = parse_int(o, g.value, &g.number, e);
		if (st)
			return st;
	}
	MEM_GROW(a->given, a->cap_given, a->n_given + 1);
	a->given[a->n_given++] = g;
	return ST_OK;
}

static enum status take_all(const struct verb *v, struct verb_args *a, int argc, char *const argv[], struct err *e)
{
	bool options = true;
	for (int i = 0; i < argc;) {
		int used = 1;
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && argv[i][0] == '-' && argv[i][1]) {
			enum status st = take_option(v, a, argc - i, argv + i, &used, e);
			if (st)
				return st;
		} else {
			MEM_GROW(a->words, a->cap_words, a->n_words + 1);
			a->words[a->n_words++] = argv[i];
		}
		i += used;
	}
	return ST_OK;
}

static enum status check_count(const struct verb *v, const struct verb_args *a, struct err *e)
{
	if (verb_flag(a, "help"))
		return ST_OK;
	const char *args = v->args ? v->args : "";
	if ((long)a->n_words < v->min_args)
		return err_set(e, ST_USAGE, "%s: an argument is missing; usage: mlyard %s %s", v->name, v->name, args);
	if (v->max_args >= 0 && (long)a->n_words > v->max_args)
		return err_set(e, ST_USAGE, "%s: too many arguments ('%s'); usage: mlyard %s%s%s", v->name, a->words[v->max_args], v->name,
			*args ? " " : "", args);
	return ST_OK;
}

enum status verb_parse(const struct verb *v, int argc, char *const argv[], struct verb_args **out, struct err *e)
{
	struct verb_args *a = mem_zalloc(sizeof *a);
	enum status st = take_all(v, a, argc, argv, e);
	if (st == ST_OK)
		st = check_count(v, a, e);
	if (st) {
		verb_args_free(a);
		a = NULL;
	}
	*out = a;
	return st;
}
