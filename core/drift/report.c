#include "core/drift/report.h"

#include <string.h>

void report_free(struct report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_more; i++)
		arena_free(r->more[i]);
	arena_free(r->arena);
}

const char *report_sample_words(struct arena *a, const struct report *r)
{
	char n[2][FMT_MAX], of[2][FMT_MAX];
	if (!(r->sample_ref > 0))
		return "";
	return arena_printf(a, "from a sample of %s of %s rows of the reference and %s of %s current ones", fmt_count(n[0], (int64_t)r->sample_ref), fmt_count(of[0], (int64_t)r->n_ref),
		fmt_count(n[1], (int64_t)r->sample_cur), fmt_count(of[1], (int64_t)r->n_cur));
}

const struct report_column *report_column(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->n_columns; i++)
		if (strcmp(r->columns[i].name, name) == 0)
			return &r->columns[i];
	return NULL;
}
