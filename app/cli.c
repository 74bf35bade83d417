/* Design
 *
 * Options and words may come in any order. The first word that is no option decides: with what follows it
 * is a command of the table, or it is a path. Either way the rest is parsed by one row: the command's, or
 * that of the interface (verb_open). Commands get an open workspace according to what they need.
 */
#include "app/cli.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "app/help.h"
#include "app/options.h"
#include "app/ui_main.h"
#include "app/verbs.h"
#include "config.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/import.h"
#include "core/workspace.h"

struct line { struct out o; int argc; char **argv; };

static void say(struct out *o, const char *text)
{
	struct str s = STR_INIT;
	text_clean(&s, text, strlen(text), TEXT_LINES);
	fprintf(o->msg, "mlyard: %s\n", s.p);
	str_free(&s);
}

/* ---- finding the command ---- */

static const struct verb_opt *option_named(const struct verb_opt *opts, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(opts[i].name, name) == 0)
			return &opts[i];
	return NULL;
}

/* Does this option word take the next word as its value? */
static bool takes_next(const char *word)
{
	if (strcmp(word, "-w") == 0)
		return true;
	if (strncmp(word, "--", 2) != 0)
		return false;
	const struct verb_opt *o = option_named(verb_open.opts, verb_open.n_opts, word + 2);
	if (!o)
		o = option_named(verb_common_opts, verb_n_common_opts, word + 2);
	return o && o->type != OPT_FLAG;
}

/* Index of the first word that is no option; argc when there is none, or when "--" makes all of them paths. */
static int first_word(int argc, char *const argv[])
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			return argc;
		if (argv[i][0] != '-' || !argv[i][1])
			return i;
		i += takes_next(argv[i]);
	}
	return argc;
}

/* The command, its words taken out of the line; NULL: none, the words are paths. */
static const struct verb *take_verb(struct line *l)
{
	int words, at = first_word(l->argc, l->argv);
	const struct verb *v = verbs_match(l->argc - at, l->argv + at, &words);
	if (v) {
		memmove(l->argv + at, l->argv + at + words, (size_t)(l->argc - at - words) * sizeof *l->argv);
		l->argc -= words;
	}
	return v;
}

static enum status no_such_word(const struct verb_args *a, const char *word, struct err *e)
{
	int argc = verb_argc(a) < 3 ? verb_argc(a) : 3;
	char *argv[3] = { 0 };
	for (int i = 0; i < argc; i++)
		argv[i] = mem_strdup(verb_arg(a, i));
	const struct verb *near = verbs_nearest(argc, argv);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	if (near)
		return err_set(e, ST_USAGE, "'%s' is no command and no path; did you mean 'mlyard %s'?", word, near->name);
	struct str group = STR_INIT;
	verbs_of_group(word, &group);
	if (group.len)
		err_set(e, ST_USAGE, "'%s' needs another word: %s", word, group.p);
	str_free(&group);
	if (e->code)
		return e->code;
	return err_set(e, ST_USAGE, "'%s' is no command and no path; mlyard --help lists the commands", word);
}

static enum status check_paths(const struct verb_args *a, struct err *e)
{
	for (int i = 0; i < verb_argc(a); i++) {
		const char *word = verb_arg(a, i);
		if (access(word, F_OK) == 0)
			continue;
		if (i == 0 && errno == ENOENT && !strpbrk(word, "/."))
			return no_such_word(a, word, e);
		return err_set(e, errno == EACCES ? ST_REFUSED : ST_NOT_FOUND, "%s: %s", word, strerror(errno));
	}
	return ST_OK;
}

/* ---- the interface, or its table of runs without a terminal ---- */

/* All of them, whatever happens; the first failure is what is returned, the others are said. */
static enum status import_sources(struct workspace *ws, struct out *o, struct err *e)
{
	enum status first = ST_OK;
	for (char **s = ws->sources; *s; s++) {
		struct import_report r = { .lines = STR_INIT };
		struct err why = { 0 };
		enum status st = import_path(ws->pool, *s, NULL, &r, first ? &why : e);
		if (st && first)
			say(o, why.text);
		first = first ? first : st;
		if (r.lines.len)
			say(o, r.lines.p);
		import_report_free(&r);
	}
	return first;
}

/* What could be read is printed even when something could not. */
static enum status print_runs(const struct app_options *opts, struct out *o, struct err *e)
{
	const struct verb *list = verbs_find("runs list");
	struct workspace *ws;
	struct verb_args *none;
	enum status st = workspace_open(&opts->workspace, &ws, e);
	if (st)
		return st;
	enum status imported = import_sources(ws, o, e);
	st = verb_parse(list, 0, NULL, &none, NULL);
	if (st == ST_OK)
		st = list->run(ws, none, o, imported ? NULL : e);
	verb_args_free(none);
	workspace_close(ws);
	return imported ? imported : st;
}

static enum status open_interface(const struct verb_args *a, bool demo, struct out *o, int *exit_code, struct err *e)
{
	char **paths = mem_array((size_t)verb_argc(a) + 1, sizeof *paths);
	for (int i = 0; i < verb_argc(a); i++)
		paths[i] = mem_strdup(verb_arg(a, i));
	paths[verb_argc(a)] = NULL;
	struct app_options opts = {
		.workspace = { .file = verb_opt(a, "workspace"), .paths = paths, .read_only = verb_flag(a, "read-only"), .demo = demo },
		.theme = verb_opt(a, "theme"), .keymap = verb_opt(a, "keymap"), .script = verb_opt(a, "script"),
	};
	struct err why = { 0 };
	enum status st = ST_OK;
	if (opts.script || (!o->json && app_can_run_ui(&why))) {
		*exit_code = app_run_ui(&opts);
	} else {
		if (why.text[0])
			say(o, why.text);
		st = print_runs(&opts, o, e);
	}
	for (int i = 0; i < verb_argc(a); i++)
		free(paths[i]);
	free(paths);
	return st;
}

/* ---- running ---- */

static enum status run_verb(const struct verb *v, const struct verb_args *a, struct out *o, struct err *e)
{
	struct workspace_spec spec = { .file = verb_opt(a, "workspace"), .read_only = verb_flag(a, "read-only"), .must_exist = v->needs == VERB_READS };
	struct workspace *ws = NULL;
	if (v->needs == VERB_WRITES && spec.read_only)
		return err_set(e, ST_REFUSED, "%s changes the workspace, and --read-only forbids that", v->name);
	if (v->needs != VERB_NO_WORKSPACE) {
		enum status st = workspace_open(&spec, &ws, e);
		if (st)
			return st;
	}
	if (ws && ws->broken)
		say(o, ws->broken);
	enum status st = ws && v->needs == VERB_WRITES && ws->read_only
		? err_set(e, ST_REFUSED, "%s: the workspace is read-only: %s", v->name, store_pool_why_read_only(ws->pool))
		: v->run(ws, a, o, e);
	workspace_close(ws);
	return st;
}

static enum status run_parsed(const struct verb *v, const struct verb_args *a, struct out *o, int *exit_code, struct err *e)
{
	o->json = verb_flag(a, "json");
	if (verb_flag(a, "version")) {
		fprintf(o->out, "mlyard %s\n", PACKAGE_VERSION);
		return ST_OK;
	}
	if (verb_flag(a, "help")) {
		if (v != &verb_open)
			help_verb(o, v);
		else if (verb_argc(a) != 1 || !help_group(o, verb_arg(a, 0)))
			help_program(o);
		return ST_OK;
	}
	if (v->run)
		return run_verb(v, a, o, e);
	enum status st = check_paths(a, e);
	return st ? st : open_interface(a, v != &verb_open, o, exit_code, e);
}

/* A reader that went away early (head) is no failure of ours. */
static bool reader_is_gone(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };
	return poll(&p, 1, 0) > 0 && p.revents & POLLERR;
}

/* What was printed must have arrived. */
static enum status flush_output(struct out *o, enum status st, struct err *e)
{
	bool arrived = fflush(o->out) == 0 && !ferror(o->out);
	if (arrived)
		return st;
	int why = errno;
	if (reader_is_gone())
		return ST_OK;
	return st ? st : err_set(e, ST_FAILED, "cannot write to standard output: %s", strerror(why));
}

/* A log that cannot be kept stops nothing. */
static void open_log(struct out *o)
{
	struct err e;
	const char *path = getenv("MLYARD_LOG");
	if (path && *path && log_to_file(path, &e) != ST_OK)
		say(o, e.text);
}

int cli_main(int argc, char *argv[])
{
	struct line l = { .argc = argc - 1, .argv = mem_array((size_t)argc + 1, sizeof *argv) };
	struct err e = { 0 };
	struct verb_args *a = NULL;
	int exit_code = 0;
	for (int i = 1; i <= argc; i++)
		l.argv[i - 1] = argv[i];
	out_init(&l.o);
	open_log(&l.o);
	const struct verb *v = take_verb(&l);
	if (!v)
		v = &verb_open;
	enum status st = verb_parse(v, l.argc, l.argv, &a, &e);
	if (st == ST_OK)
		st = run_parsed(v, a, &l.o, &exit_code, &e);
	st = flush_output(&l.o, st, &e);
	if (st)
		say(&l.o, e.text[0] ? e.text : status_name(st));
	verb_args_free(a);
	free(l.argv);
	return st == ST_CANCELLED ? ST_FAILED : st ? (int)st : exit_code;
}
