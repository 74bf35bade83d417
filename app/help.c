#include "app/help.h"

#include <string.h>
#include "app/verbs.h"
#include "core/base/text.h"

void help_option(struct str *out, const struct verb_opt *opt)
{
	if (strcmp(opt->name, "help") == 0)
		str_add(out, "-h, ");
	else if (strcmp(opt->name, "workspace") == 0)
		str_add(out, "-w, ");
	str_addf(out, "--%s", opt->name);
	if (opt->arg)
		str_addf(out, " %s", opt->arg);
}

static int option_width(const struct verb_opt *opts, size_t n, int width)
{
	for (size_t i = 0; i < n; i++) {
		struct str s = STR_INIT;
		help_option(&s, &opts[i]);
		if ((int)s.len > width)
			width = (int)s.len;
		str_free(&s);
	}
	return width;
}

static void print_options(struct out *o, const struct verb_opt *opts, size_t n, int width)
{
	for (size_t i = 0; i < n; i++) {
		struct str s = STR_INIT;
		help_option(&s, &opts[i]);
		fprintf(o->out, "  %-*s  %s\n", width, s.p, opts[i].help);
		str_free(&s);
	}
}

static void print_all_options(struct out *o, const struct verb *v)
{
	int width = option_width(v->opts, v->n_opts, option_width(verb_common_opts, verb_n_common_opts, 0));
	fputs("\nOptions\n", o->out);
	print_options(o, v->opts, v->n_opts, width);
	print_options(o, verb_common_opts, verb_n_common_opts, width);
}

static void verb_words(struct str *out, const struct verb *v)
{
	str_add(out, v->name);
	if (v->args && *v->args)
		str_addf(out, " %s", v->args);
}

static bool in_group(const struct verb *v, const char *group)
{
	size_t n = strlen(group);
	return !n || (strncmp(v->name, group, n) == 0 && (v->name[n] == ' ' || !v->name[n]));
}

/* The commands that begin with this word, all of them for "". */
static void print_commands(struct out *o, const char *group)
{
	int width = 0;
	struct str s = STR_INIT;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < verbs_count(); i++) {
			if (!in_group(verbs_at(i), group))
				continue;
			str_clear(&s);
			verb_words(&s, verbs_at(i));
			if (pass)
				fprintf(o->out, "  %-*s  %s\n", width, s.p, verbs_at(i)->help);
			else
				width = (int)s.len > width ? (int)s.len : width;
		}
	}
	str_free(&s);
}

bool help_group(struct out *o, const char *word)
{
	struct str names = STR_INIT;
	verbs_of_group(word, &names);
	bool any = names.len > 0;
	str_free(&names);
	if (any) {
		print_commands(o, word);
		fprintf(o->out, "\nmlyard help COMMAND says more of one.\n");
	}
	return any;
}

void help_program(struct out *o)
{
	fprintf(o->out, "mlyard: a terminal workstation for people who run ML models\n\n"
		"  mlyard [OPTION...] [PATH...]       open what is there: an MLflow database, an mlruns folder, a folder with them\n"
		"  mlyard [OPTION...] COMMAND ...     do one thing and print the result\n\nCommands\n");
	print_commands(o, "");
	print_all_options(o, &verb_open);
	fputs("\nTables on a terminal, tab-separated values in a pipe, one JSON document with --json; reports are text everywhere.\n"
		"Exit status: 0 ok, 1 failed, 2 usage, 3 not found, 4 refused, 5 unreachable, 10 a check did not hold.\n"
		"mlyard help COMMAND says more; the manual is mlyard(1).\n", o->out);
}

void help_verb(struct out *o, const struct verb *v)
{
	struct str s = STR_INIT;
	verb_words(&s, v);
	fprintf(o->out, "mlyard %s\n\n%s.\n", s.p, v->help);
	str_free(&s);
	print_all_options(o, v);
}
