/* help -- what --help prints, from the verb table. */
#ifndef MLYARD_APP_HELP_H
#define MLYARD_APP_HELP_H
#include "core/base/verb.h"
void help_program(struct out *o);
/* The commands of a group ("models"); false: there is none of that name, nothing was printed. */
bool help_group(struct out *o, const char *word);
void help_verb(struct out *o, const struct verb *v);
/* "-w, --workspace FILE": an option as people type it. */
void help_option(struct str *out, const struct verb_opt *opt);
#endif
