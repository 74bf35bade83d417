/* verbs -- the one table of shell commands, joined from the tables of the domains. */
#ifndef MLYARD_APP_VERBS_H
#define MLYARD_APP_VERBS_H
#include <stdbool.h>
#include <stddef.h>
#include "core/base/verb.h"

size_t verbs_count(void);
const struct verb *verbs_at(size_t i);
const struct verb *verbs_find(const char *name);
/* The verb whose words begin argv, the one with most words; *words: how many. NULL: none. */
const struct verb *verbs_match(int argc, char *const argv[], int *words);
/* Appends the verbs that begin with this word and go on ("runs list, runs show"). */
void verbs_of_group(const char *word, struct str *out);
/* The verb that was probably meant, by edit distance; NULL when nothing is near. */
const struct verb *verbs_nearest(int argc, char *const argv[]);

/* `mlyard [OPTION...] [PATH...]`: the interface, described like a verb; its name is "". */
extern const struct verb verb_open;
extern const struct verb app_verbs[];
extern const size_t app_n_verbs;
#endif
