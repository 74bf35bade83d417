#include "app/verbs.h"

#include <string.h>
#include "core/registry/verbs.h"
#include "core/runs/verbs.h"

enum { WORD_MAX = 31 };

size_t verbs_count(void)
{
	size_t n = runs_n_verbs + app_n_verbs;
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
	return &app_verbs[i];
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

static int least(int a, int b, int c)
{
	int m = a < b ? a : b;
	return m < c ? m : c;
}

/* Edit distance with swaps of neighbours (optimal string alignment); long words are never near. */
static int distance(const char *a, const char *b)
{
	int d[WORD_MAX + 1][WORD_MAX + 1];
	int n = (int)strlen(a), m = (int)strlen(b);
	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (int i = 0; i <= n; i++) {
		for (int j = 0; j <= m; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			int change = a[i - 1] != b[j - 1];
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[n][m];
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
	int best_distance = WORD_MAX;
	struct str typed = STR_INIT;
	for (size_t i = 0; i < verbs_count(); i++) {
		const char *name = verbs_at(i)->name;
		join_like(&typed, name, argc, argv);
		int d = distance(typed.p, name);
		if (d < best_distance && d <= 1 + (int)strlen(name) / 4) {
			best_distance = d;
			best = verbs_at(i);
		}
	}
	str_free(&typed);
	return best;
}
