/* verbs_help -- runs a row of the shell commands' tables as the command line would, and keeps what it printed. */
#ifndef MLYARD_TESTS_VERBS_HELP_H
#define MLYARD_TESTS_VERBS_HELP_H
#include <jansson.h>

#include "core/base/verb.h"
#include "core/workspace.h"
#include "tests/unit/runs_help.h"

static struct workspace ws;
static char *printed, *told;                     /* by the last command: its result, and what it told people */
static size_t printed_n, told_n;

/* `words` up to NULL follow the command's name. */
static inline enum status run_verb(const struct verb *verbs, size_t n, bool json, const char *name, const char *const words[])
{
	const struct verb *v = NULL;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(verbs[i].name, name))
			v = &verbs[i];
	assert_non_null(v);
	int argc = 0;
	char *argv[16];
	for (; words[argc]; argc++)
		argv[argc] = mem_strdup(words[argc]);
	free(printed);
	free(told);
	struct verb_args *a = NULL;
	struct out o = { .out = open_memstream(&printed, &printed_n), .msg = open_memstream(&told, &told_n), .json = json, .utf8 = true };
	enum status st = verb_parse(v, argc, argv, &a, &why);
	if (st == ST_OK)
		st = v->run(&ws, a, &o, &why);
	verb_args_free(a);
	while (argc)
		free(argv[--argc]);
	fclose(o.out);
	fclose(o.msg);
	return st;
}

/* The JSON document that was printed. */
static inline json_t *document(void)
{
	json_error_t error;
	json_t *j = json_loadb(printed, printed_n, 0, &error);
	if (!j)
		fail_msg("%s in %s", error.text, printed);
	return j;
}

static inline void verbs_ready(void)
{
	workspace_make();
	ws = (struct workspace){ .pool = pool };
}

static inline void verbs_done(void)
{
	workspace_drop();
	free(printed);
	free(told);
	printed = told = NULL;
}
#endif
