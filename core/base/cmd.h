/* cmd -- the command table: every user action is a named command.
 *
 * Why      keys, mouse, palette, menus, the shell and the test scripts are only
 *          ways to send a command line; help, key hints, completion and the
 *          manual are printed from the same rows.
 * Threads  the UI thread.
 */
#ifndef MLYARD_BASE_CMD_H
#define MLYARD_BASE_CMD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"

enum cmd_flag {
	CMD_DANGER = 1,     /* asks first; refused in read-only mode            */
	CMD_WRITE  = 2,     /* changes the workspace; refused in read-only mode */
	CMD_REPEAT = 4,     /* repeats well under a held key                    */
	CMD_HIDDEN = 8,     /* not in the palette (internals of prompts)        */
};
enum { CMD_MAX_ARGS = 16 };

/* What the command acts on. `ui` is the running interface (views/ui.h), `view` the state of the
 * view the row belongs to (NULL for rows that apply everywhere). */
struct cmd_ctx { void *ui; void *view; intptr_t arg; };
/* argv[0] is the command's name. Words for the user go into e also on success ("3 marked"). */
typedef enum status (*cmd_fn)(struct cmd_ctx *c, int argc, char *const argv[], struct err *e);
/* Candidates for argument `index` (1-based) that start with or fuzzily match `word`: one per line appended to out. */
typedef void (*cmd_complete_fn)(struct cmd_ctx *c, int index, const char *word, struct str *out);
/* Why the command cannot be used now, as a short sentence, or NULL when it can. */
typedef const char *(*cmd_why_not_fn)(const struct cmd_ctx *c);

struct cmd {
	const char *name, *args, *help;   /* "runs.sort", "COLUMN[:desc]...", one imperative line without a full stop */
	const char *where;                /* view id, layer id, or NULL: everywhere */
	uint32_t flags;
	int8_t min_args, max_args;        /* without the name; max -1: any number */
	cmd_fn run;
	intptr_t arg;                     /* static argument: one function can serve many rows */
	cmd_complete_fn complete;         /* may be NULL */
	cmd_why_not_fn why_not;           /* may be NULL */
};

struct cmd_reg;
struct cmd_reg *cmd_reg_new(void);
void cmd_reg_free(struct cmd_reg *r);
void cmd_reg_add(struct cmd_reg *r, const struct cmd *rows, size_t n);   /* rows outlive the registry */
size_t cmd_count(const struct cmd_reg *r);
const struct cmd *cmd_at(const struct cmd_reg *r, size_t i);
/* The row of that name usable in `where` (a row of the view wins over one for everywhere). */
const struct cmd *cmd_find(const struct cmd_reg *r, const char *name, const char *where);
/* Splits a command line into words: spaces separate; '...' and "..." quote; \ escapes the next
 * character outside '...'. Words point into *buf, which the caller frees. ST_USAGE on an open
 * quote or more than CMD_MAX_ARGS words. */
enum status cmd_split(const char *line, char **buf, int *argc, char *argv[CMD_MAX_ARGS + 1], struct err *e);
void cmd_rest(struct str *out, int argc, char *const argv[]);   /* appends the arguments after the command, a space between them: for commands that take text */
void cmd_quote(struct str *out, const char *word);       /* appends word so that cmd_split gives it back */
/* Checks the number of arguments of a row and words it for the user. */
enum status cmd_check(const struct cmd *c, int argc, struct err *e);
#endif
