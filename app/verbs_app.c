/* Commands of the program itself. */
#include <string.h>
#include <sys/stat.h>
#include "app/complete.h"
#include "app/doctor.h"
#include "app/help.h"
#include "app/verbs.h"
#include "core/base/fmt.h"
#include "core/base/jsonw.h"
#include "core/workspace.h"
#include "views/ui.h"

static enum status backup_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	const char *dest = verb_arg(a, 0);
	enum status st = store_backup(ws->pool, dest, verb_flag(a, "force"), NULL, e);
	if (st)
		return st;
	struct stat sb = { 0 };
	if (stat(dest, &sb) < 0)
		return err_set(e, ST_FAILED, "%s vanished after it was written", dest);
	char size[FMT_MAX];
	struct str line = STR_INIT;
	if (o->json) {
		struct jsonw w;
		jsonw_init(&w, &line);
		jsonw_open(&w, '{');
		jsonw_put_str(&w, "file", dest);
		jsonw_put_int(&w, "bytes", sb.st_size);
		jsonw_close(&w, '}');
	} else {
		str_addf(&line, "saved %s (%s)", dest, fmt_bytes(size, sb.st_size));
	}
	str_addc(&line, '\n');
	out_text(o, line.p, line.len);
	str_free(&line);
	return ST_OK;
}

static enum status commands_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)ws;
	return ui_commands_print(o, verb_opt(a, "keymap"), e);
}

static enum status completion_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)ws;
	struct str s = STR_INIT;
	enum status st = complete_print(verb_arg(a, 0), &s, e);
	if (st == ST_OK)
		fwrite(s.p, 1, s.len, o->out);
	str_free(&s);
	return st;
}

static enum status help_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)ws;
	if (verb_argc(a) == 0) {
		help_program(o);
		return ST_OK;
	}
	struct str name = STR_INIT;
	for (int i = 0; i < verb_argc(a); i++)
		str_addf(&name, "%s%s", i ? " " : "", verb_arg(a, i));
	const struct verb *v = verbs_find(name.p);
	enum status st = ST_OK;
	if (v)
		help_verb(o, v);
	else if (!help_group(o, name.p))
		st = err_set(e, ST_NOT_FOUND, "no command '%s'; mlyard --help lists them", name.p);
	str_free(&name);
	return st;
}

static const struct verb_opt ui_opts[] = {
	{ "theme", OPT_STRING, "THEME", "Colours: a theme's name or file" },
	{ "keymap", OPT_STRING, "KEYMAP", "Keys: default, vim, emacs, or a file" },
	{ "script", OPT_FILE, "FILE", "Run the interface without a terminal on the commands of this file" },
	{ "version", OPT_FLAG, NULL, "Print the program's version" },
};
static const struct verb_opt doctor_opts[] = { { "quick", OPT_FLAG, NULL, "Check the pages of the file only, not its counts" } };
static const struct verb_opt backup_opts[] = { { "force", OPT_FLAG, NULL, "Replace FILE when it exists" } };

static const struct verb_opt commands_opts[] = { { "keymap", OPT_STRING, "KEYMAP", "Keys of this keymap: default, vim, emacs, or a file" } };

const struct verb verb_open = { "", "[PATH...]", "Open what is there", ui_opts, 4, VERB_NO_WORKSPACE, 0, -1, NULL };
/* demo has no function of its own: the command line opens the interface for it as for a path. */
const struct verb app_verbs[] = {
	{ "demo", "", "Look around in a store of real training runs that comes with the program", ui_opts, 3, VERB_NO_WORKSPACE, 0, 0, NULL },
	{ "doctor", "[PATH...]", "Check file, schema, integrity, libraries, terminal and folders", doctor_opts, 1, VERB_NO_WORKSPACE, 0, -1, doctor_run },
	{ "backup", "FILE", "Save a consistent copy of the workspace, also while it is in use", backup_opts, 1, VERB_READS, 1, 1, backup_run },
	{ "commands", "", "List the commands of the interface with their keys", commands_opts, 1, VERB_NO_WORKSPACE, 0, 0, commands_run },
	{ "completion", "SHELL", "Print the completion script for bash, zsh or fish, or the manual page (man)", NULL, 0, VERB_NO_WORKSPACE, 1, 1, completion_run },
	{ "help", "[COMMAND]", "Say how a command is used", NULL, 0, VERB_NO_WORKSPACE, 0, 3, help_run },
};
const size_t app_n_verbs = sizeof app_verbs / sizeof *app_verbs;
