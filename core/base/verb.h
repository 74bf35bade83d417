/* verb -- the program's shell commands ("runs list"): rows with options, parsed and documented from one table.
 *
 * Scripts get what the panes get. A verb prints through struct out: aligned tables on a
 * terminal, tab-separated in a pipe, one JSON document with --json. The man page, --help and the
 * completions for bash, zsh and fish are generated from these rows.
 */
#ifndef MLYARD_BASE_VERB_H
#define MLYARD_BASE_VERB_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "core/base/status.h"
#include "core/base/str.h"

enum verb_opt_type { OPT_FLAG, OPT_STRING, OPT_INT, OPT_FILE };
struct verb_opt { const char *name; enum verb_opt_type type; const char *arg, *help; };   /* "limit", OPT_INT, "N", "..." */

/* Where a verb prints. `out` gets the result, messages for people go to `msg` (standard error). */
struct out {
	FILE *out, *msg;
	bool tty, json, utf8;     /* tty: `out` is a terminal; utf8: its locale is UTF-8 */
	bool style;               /* the terminal knows bold and dim (not TERM=dumb) */
	bool uncut;               /* a cell that is wider than its column sticks out */
	int width;                /* columns when tty, else 0 */
};
/* Standard output and error, as this process has them. */
void out_init(struct out *o);
/* The same place for a text of several parts that people read also in a pager or a log: laid out as on a terminal everywhere; where there is none,
 * for 80 columns, without styles, and nothing is cut. */
struct out out_page(const struct out *o);

struct verb_args;             /* parsed options and words */
const char *verb_opt(const struct verb_args *a, const char *name);             /* NULL: not given */
const char *verb_opt_at(const struct verb_args *a, const char *name, int i);   /* the i-th value of an option that may be given several times; NULL beyond */
/* All words of an option that takes a list: split at commas, over all the times it was given. CSV quotes hold a comma within a word ("a,b",c; "" is
 * a quote mark), also before the sign of a pair ("a,b"=c). Empty words count only in quotes. Nothing given: n is 0; given without a word: ST_USAGE. In the arena. */
struct arena;
struct verb_list { const char *const *at; size_t n; };
enum status verb_list(const struct verb_args *a, const char *name, struct arena *room, struct verb_list *out, struct err *e);
bool verb_flag(const struct verb_args *a, const char *name);
int64_t verb_int(const struct verb_args *a, const char *name, int64_t otherwise);   /* parsed and checked already */
int verb_argc(const struct verb_args *a);
const char *verb_arg(const struct verb_args *a, int i);

/* `env` is the program's environment for verbs (core/workspace.h), NULL before a workspace is needed. */
struct workspace;
typedef enum status (*verb_fn)(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum verb_needs { VERB_NO_WORKSPACE, VERB_READS, VERB_WRITES };
struct verb {
	const char *name, *args, *help;      /* "runs list", "RUN KEY", one imperative line */
	const struct verb_opt *opts; size_t n_opts;   /* besides verb_common_opts */
	enum verb_needs needs;
	int8_t min_args, max_args;           /* max -1: any */
	verb_fn run;
};
/* Understood by every verb: json, help (-h), workspace (-w), read-only; ask with verb_flag and verb_opt. */
extern const struct verb_opt verb_common_opts[];
extern const size_t verb_n_common_opts;
/* Words after the verb's name. "--" ends the options; --name VALUE and --name=VALUE are one. */
enum status verb_parse(const struct verb *v, int argc, char *const argv[], struct verb_args **out, struct err *e);
void verb_args_free(struct verb_args *a);

/* A table for people or for scripts. Cells are cleaned on output; in a pipe, tabs and newlines in a
 * cell become spaces, nothing is cut and numbers keep every digit given. */
struct out_table;
enum out_align { OUT_LEFT, OUT_RIGHT };
struct out_table *out_table_new(struct out *o);
void out_table_column(struct out_table *t, const char *title, enum out_align align);
void out_table_cell(struct out_table *t, const char *text);      /* row-major; NULL: missing, a dim dot on a terminal */
void out_table_cellf(struct out_table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void out_table_end(struct out_table *t);                         /* prints and frees */
/* Cleaned when tty, raw bytes else. */
void out_text(struct out *o, const char *s, size_t n);
#endif
