#include "app/verbs.h"

#include <limits.h>
#include <string.h>
#include "core/base/text.h"
#include "core/drift/verbs.h"
#include "core/registry/verbs.h"
#include "core/runs/verbs.h"

size_t verbs_count(void)
{
	size_t n = runs_n_verbs + drift_n_verbs + monitor_n_verbs + app_n_verbs;
	for (const struct verb_table *const *t = registry_verbs; *t; t++)
		n += (*t)->n;
	return n;
}

const struct verb *verbs_at(size_t i)
{
	if (i < runs_n_verbs)
		return &runs_verbs[i];
	i -= runs_n_verbs;
	for (const struct verb_table *const *t = registry_verbs; *t; t++) {
		if (i < (*t)->n)
			return &(*t)->at[i];
		i -= (*t)->n;
	}
	if (i < drift_n_verbs)
		return &drift_verbs[i];
	i -= drift_n_verbs;
	if (i < monitor_n_verbs)
		return &monitor_verbs[i];
	return &app_verbs[i - monitor_n_verbs];
}

const struct verb *verbs_find(const char *name)
{
	for (size_t i = 0; i < verbs_count(); i++)
		if (strcmp(verbs_at(i)->name, name) == 0)
			return verbs_at(i);
	return NULL;
}

/* How many words of argv the name takes; 0: it does not match. */
static int words_of(const char *name, int argc, char *const argv[])
{
	int n = 0;
	while (*name) {
		size_t len = strcspn(name, " ");
		if (n == argc || strlen(argv[n]) != len || memcmp(argv[n], name, len) != 0)
			return 0;
		n++;
		name += len + (name[len] == ' ');
	}
	return n;
}

const struct verb *verbs_match(int argc, char *const argv[], int *words)
{
	const struct verb *best = NULL;
	*words = 0;
	for (size_t i = 0; i < verbs_count(); i++) {
		int n = words_of(verbs_at(i)->name, argc, argv);
		if (n > *words) {
			*words = n;
			best = verbs_at(i);
		}
	}
	return best;
}

void verbs_of_group(const char *word, struct str *out)
{
	size_t n = strlen(word);
	for (size_t i = 0; i < verbs_count(); i++)
		if (strncmp(verbs_at(i)->name, word, n) == 0 && verbs_at(i)->name[n] == ' ')
			str_addf(out, "%s%s", out->len ? ", " : "", verbs_at(i)->name);
}

/* The first words of argv, as many as the name has, joined. */
static void join_like(struct str *out, const char *name, int argc, char *const argv[])
{
	str_clear(out);
	for (int i = 0; i < argc && name; i++) {
		if (i)
			str_addc(out, ' ');
		str_add(out, argv[i]);
		name = strchr(name, ' ');
		name = name ? name + 1 : NULL;
	}
}

const struct verb *verbs_nearest(int argc, char *const argv[])
{
	const struct verb *best = NULL;
	int best_distance = INT_MAX;
	struct str typed = STR_INIT;
	for (size_t i = 0; i < verbs_count(); i++) {
		const char *name = verbs_at(i)->name;
		join_like(&typed, name, argc, argv);
		if (text_near(typed.p, name, &best_distance))
			best = verbs_at(i);
	}
	str_free(&typed);
	return best;
}
